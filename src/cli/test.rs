//! `heng test`: not there yet.

use super::{TROUBLE, Terminal};
use clap::ArgMatches;

/// Says that it is not there yet.
pub(super) fn test(_matches: &ArgMatches, terminal: &mut Terminal) -> u8 {
    terminal.say("`heng test` 尚未完成", "`heng test` is not there yet");
    TROUBLE
}
