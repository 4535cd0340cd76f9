//! Where a submission stands (填报状态): draft, submitted, returned or approved.

use crate::diag::Lang;

/// Where a submission stands (状态).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Handed in only to be kept: 草稿.
    Draft,
    /// 已报送
    Submitted,
    /// Returned, with a reason: 已退回.
    Returned,
    /// 已通过
    Approved,
}

impl State {
    /// As the tables have it.
    pub fn as_str(self) -> &'static str {
        match self {
            State::Draft => "draft",
            State::Submitted => "submitted",
            State::Returned => "returned",
            State::Approved => "approved",
        }
    }

    /// As the tables have it, back.
    pub fn find(name: &str) -> Option<State> {
        [State::Draft, State::Submitted, State::Returned, State::Approved].into_iter().find(|state| state.as_str() == name)
    }

    /// In words.
    pub fn word(self, lang: Lang) -> &'static str {
        match self {
            State::Draft => lang.pick("草稿", "draft"),
            State::Submitted => lang.pick("已报送", "submitted"),
            State::Returned => lang.pick("已退回", "returned"),
            State::Approved => lang.pick("已通过", "approved"),
        }
    }
}
