//! Everything that is read together: the files of one load, and what they may know of one another.

use super::file::Sheet;
use super::surroundings::Surroundings;
use crate::model::Text;
use crate::playbook::source::SourceFile;
use crate::playbook::yaml::Node;
use crate::script::Scripts;
use std::collections::BTreeMap;

/// What lowering one playbook may know of the others.
pub(super) struct Set<'a> {
    pub(super) around: &'a Surroundings<'a>,
    pub(super) scripts: &'a Scripts,
    /// Texts of scripts by name, also of those with errors.
    pub(super) script_files: BTreeMap<Text, &'a SourceFile>,
    /// `data` of every playbook and use by id; `None` where it declares none.
    pub(super) homes: BTreeMap<Text, Option<&'a Node>>,
}

/// The `data` of a playbook.
pub(super) fn data_of<'a>(sheet: &Sheet<'a>) -> Option<&'a Node> {
    sheet.root.get("data").map(|field| field.node)
}
