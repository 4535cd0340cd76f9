//! `heng run`: not there yet.

use super::{TROUBLE, Terminal};
use clap::ArgMatches;

/// Says that it is not there yet.
pub(super) fn run(_matches: &ArgMatches, terminal: &mut Terminal) -> u8 {
    terminal.say("`heng run` 尚未完成", "`heng run` is not there yet");
    TROUBLE
}
