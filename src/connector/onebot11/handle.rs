//! What `set_group_add_request` wants back with a decision, as the text that a `JoinRequested`
//! carries: `<sub_type>:<flag>`.

use crate::model::Text;

/// A request to enter a group, as QQ names it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Handle<'a> {
    /// `add` or `invite`.
    pub(super) sub_type: &'a str,
    /// Opaque; it can hold any character.
    pub(super) flag: &'a str,
}

impl<'a> Handle<'a> {
    pub(super) fn to_text(&self) -> Text {
        format!("{}:{}", self.sub_type, self.flag).into()
    }

    /// `None` for a text that is no handle of ours.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        let (sub_type, flag) = text.split_once(':')?;
        (matches!(sub_type, "add" | "invite") && !flag.is_empty())
            .then_some(Self { sub_type, flag })
    }
}
