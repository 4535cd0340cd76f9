//! `heng why`: not there yet.

use super::{TROUBLE, Terminal};
use clap::ArgMatches;

/// Says that it is not there yet.
pub(super) fn why(_matches: &ArgMatches, terminal: &mut Terminal) -> u8 {
    terminal.say("`heng why` 尚未完成", "`heng why` is not there yet");
    TROUBLE
}
