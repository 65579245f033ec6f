//! A use file: a template with its inputs filled in.

use super::context::{Input, nearest};
use super::file::{Sheet, format};
use super::surroundings::Surroundings;
use crate::model::Text;
use crate::playbook::codes::Code;
use crate::playbook::diagnostic::Diagnostic;
use crate::playbook::grammar::{files, names};
use crate::playbook::shape::{Fields, Report};
use crate::playbook::source::{SourceFile, Spot};
use std::collections::BTreeMap;

/// What a use file says.
pub(super) struct Use<'a> {
    pub(super) file: &'a SourceFile,
    pub(super) root: Fields<'a>,
    /// The playbook that it uses.
    pub(super) of: Text,
    of_spot: Spot,
    /// Its own id.
    pub(super) id: Text,
    pub(super) spot: Spot,
}

/// Reads the keys of a use file.
pub(super) fn read<'a>(
    report: &mut Report<'_>,
    file: &'a SourceFile,
    root: Fields<'a>,
) -> Option<Use<'a>> {
    format(report, root);
    report.known(root, &names(files::USE), &[]);
    let of = report.need(root, "use", "")?;
    let id = report.id(of)?;
    let own = match root.get("as") {
        Some(field) => (report.id(field)?, field.spot()),
        None => (id.clone(), of.spot()),
    };
    Some(Use {
        file,
        root,
        of: id,
        of_spot: of.spot(),
        id: own.0,
        spot: own.1,
    })
}

impl<'a> Use<'a> {
    /// Says that there is no such playbook.
    pub(super) fn unknown<'k>(&self, known: impl Iterator<Item = &'k str>) -> Diagnostic {
        let message = format!("unknown playbook `{}`", self.of);
        Diagnostic::error(Code::UnknownPlaybook, self.of_spot, message)
            .label("no playbook has this id")
            .did_you_mean(nearest(&self.of, known))
    }

    /// The inputs of the template with the values given here. What is missing or wrong is told, and
    /// stands as its default.
    pub(super) fn inputs(
        &self,
        report: &mut Report<'_>,
        sheet: &'a Sheet<'a>,
        around: &Surroundings<'_>,
    ) -> BTreeMap<Text, Input<'a>> {
        let with = self.root.get("with");
        let map = with.and_then(|field| report.map(field, "a map of inputs to values"));
        let given: Vec<_> = map.iter().flat_map(Fields::iter).collect();
        for field in &given {
            let Some(key) = field.key else { continue };
            if !sheet.asked.iter().any(|asked| asked.name == key.text) {
                let message = format!("playbook `{}` has no input `{}`", self.of, key.text);
                let problem =
                    Diagnostic::error(Code::UnknownInput, key.spot, message).label("no such input");
                let names = sheet.asked.iter().map(|asked| &*asked.name);
                report.push(problem.did_you_mean(nearest(&key.text, names)));
            }
        }
        let mut inputs = BTreeMap::new();
        for asked in &sheet.asked {
            let own = given
                .iter()
                .find(|field| field.key.is_some_and(|key| key.text == asked.name));
            let value = own.and_then(|field| {
                let value = asked.value(report, field.node, around)?;
                Some(asked.filled(field.node, value))
            });
            if own.is_none() && asked.default.is_none() {
                let spot = with
                    .and_then(|field| field.key)
                    .map_or(self.of_spot, |key| key.spot);
                let name = &asked.name;
                report.push(
                    Diagnostic::error(
                        Code::MissingInput,
                        spot,
                        format!("input `{name}` is missing"),
                    )
                    .label(format!("no `{name}` here"))
                    .other(asked.spot, "asked for here, and it has no default"),
                );
            }
            // Problems of the default were told with the template.
            let mut quiet = Report::new(sheet.file);
            let input = value.unwrap_or_else(|| asked.by_default(&mut quiet, around));
            inputs.insert(asked.name.clone(), input);
        }
        inputs
    }
}
