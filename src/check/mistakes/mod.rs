//! What the checks tell (检查所说): one function a mistake, facts in, words out.

pub(super) mod forms;
pub(super) mod layers;
pub(super) mod names;
pub(super) mod points;
pub(super) mod reach;
pub(super) mod slow;
pub(super) mod types;
