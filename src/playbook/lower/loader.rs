//! Reading the files of one load: which of them are playbooks and which are uses, whose id is
//! whose, and what is left out.

use super::file::{self, Over, Sheet};
use super::set::{Set, data_of};
use super::surroundings::Surroundings;
use super::usefile::{self, Use};
use crate::model::Text;
use crate::playbook::codes::Code;
use crate::playbook::diagnostic::{Diagnostic, has_errors};
use crate::playbook::rule::Playbook;
use crate::playbook::shape::{Field, Report};
use crate::playbook::source::{FileId, SourceFile, Sources, Spot};
use crate::playbook::yaml::{self, Node};
use crate::script::{Finding, Scripts};
use std::collections::{BTreeMap, BTreeSet};

/// A file that was read as YAML.
pub(super) struct Parsed<'a> {
    file: &'a SourceFile,
    tree: Option<Node>,
    problems: Vec<Diagnostic>,
}

/// What a file is.
enum Document<'a> {
    Playbook(Sheet<'a>),
    Use(Use<'a>),
}

/// What was found so far.
#[derive(Default)]
pub(super) struct Loader {
    pub(super) diagnostics: Vec<Diagnostic>,
    pub(super) broken: BTreeSet<Text>,
}

impl<'a> Parsed<'a> {
    pub(super) fn read(file: &'a SourceFile) -> Self {
        let (tree, problems) = yaml::parse(file);
        Self {
            file,
            tree,
            problems,
        }
    }

    fn document(&'a self, report: &mut Report<'_>) -> Option<Document<'a>> {
        let tree = self.tree.as_ref()?;
        let root = report.map(Field::item(tree), "keys such as `playbook:` and `rules:`")?;
        if root.get("test").is_some() {
            return None;
        }
        if root.get("use").is_some() {
            return usefile::read(report, self.file, root).map(Document::Use);
        }
        file::sheet(report, self.file, root).map(Document::Playbook)
    }
}

impl Loader {
    /// Keeps problems, each once; a file with an error is left out.
    fn keep(&mut self, path: &Text, problems: Vec<Diagnostic>) -> bool {
        let bad = has_errors(&problems);
        for problem in problems {
            // A template is read again for each use of it.
            if !self.diagnostics.contains(&problem) {
                self.diagnostics.push(problem);
            }
        }
        if bad {
            self.broken.insert(path.clone());
        }
        !bad
    }

    /// Compiles the scripts. A script's name is its file's, without the ending.
    pub(super) fn scripts<'a>(
        &mut self,
        sources: &'a Sources,
        ids: &[FileId],
    ) -> (Scripts, BTreeMap<Text, &'a SourceFile>) {
        let mut files: BTreeMap<Text, &SourceFile> = BTreeMap::new();
        for file in ids.iter().filter_map(|id| sources.get(*id)) {
            let name = module_name(&file.path);
            if let Some(first) = files.get(name) {
                let spot = Spot::new(file.id, 0, 0);
                let message = format!("two scripts are called `{name}`");
                let problem = Diagnostic::error(Code::DuplicateId, spot, message)
                    .because(format!("the other one is `{}`", first.path));
                self.keep(&file.path, vec![problem]);
                continue;
            }
            files.insert(name.into(), file);
        }
        let texts = files.iter();
        let texts = texts.map(|(name, file)| (name.clone(), file.text.clone()));
        let (engine, findings) = Scripts::compile(&texts.collect());
        for (name, finding) in findings {
            if let Some(file) = files.get(&name) {
                self.keep(&file.path, vec![in_script(file, finding)]);
            }
        }
        (engine, files)
    }

    /// Lowers every playbook and every use.
    pub(super) fn playbooks<'a>(
        &mut self,
        parsed: &'a [Parsed<'a>],
        around: &'a Surroundings<'a>,
        engine: &'a Scripts,
        script_files: BTreeMap<Text, &'a SourceFile>,
    ) -> Vec<Playbook> {
        let mut sheets = Vec::new();
        let mut uses = Vec::new();
        for one in parsed {
            self.keep(&one.file.path, one.problems.clone());
            let mut report = Report::new(one.file);
            match one.document(&mut report) {
                Some(Document::Playbook(sheet)) => sheets.push(sheet),
                Some(Document::Use(own)) => uses.push(own),
                None => {}
            }
            self.keep(&one.file.path, report.problems);
        }
        self.duplicates(&mut sheets, &mut uses);
        let mut homes: BTreeMap<Text, Option<&Node>> = BTreeMap::new();
        for own in &uses {
            let home = sheets.iter().find(|sheet| sheet.id == own.of);
            homes.insert(own.id.clone(), home.and_then(data_of));
        }
        for sheet in &sheets {
            homes.insert(sheet.id.clone(), data_of(sheet));
        }
        let set = Set {
            around,
            scripts: engine,
            script_files,
            homes,
        };
        let mut playbooks = Vec::new();
        for sheet in &sheets {
            playbooks.extend(self.own(&set, sheet));
        }
        for own in &uses {
            playbooks.extend(self.used(&set, &sheets, own));
        }
        playbooks.sort_by(|one, other| one.file.cmp(&other.file));
        playbooks
    }

    /// Ids are unique over all playbooks and uses. A playbook that is only a template leaves its
    /// id to one use of it.
    fn duplicates(&mut self, sheets: &mut Vec<Sheet<'_>>, uses: &mut Vec<Use<'_>>) {
        let mut first: BTreeMap<Text, Spot> = BTreeMap::new();
        sheets.retain(|sheet| {
            let old = first.get(&sheet.id).copied();
            first.entry(sheet.id.clone()).or_insert(sheet.spot);
            old.is_none_or(|old| {
                self.keep(&sheet.file.path, vec![twice(&sheet.id, sheet.spot, old)])
            })
        });
        for sheet in sheets.iter().filter(|sheet| is_template(sheet)) {
            first.remove(&sheet.id);
        }
        uses.retain(|own| {
            let old = first.get(&own.id).copied();
            first.entry(own.id.clone()).or_insert(own.spot);
            old.is_none_or(|old| self.keep(&own.file.path, vec![twice(&own.id, own.spot, old)]))
        });
    }

    /// A playbook by itself. One whose inputs lack values is only checked.
    fn own<'a>(&mut self, set: &Set<'a>, sheet: &'a Sheet<'a>) -> Option<Playbook> {
        let mut report = Report::new(sheet.file);
        let inputs = sheet.asked.iter();
        let inputs = inputs.map(|asked| {
            let input = asked.by_default(&mut report, set.around);
            (asked.name.clone(), input)
        });
        let inputs = inputs.collect();
        let unused = unused(sheet);
        report.problems.extend(unused);
        let (playbook, problems) = file::playbook(set, sheet, sheet.id.clone(), inputs, None);
        report.problems.extend(problems);
        self.keep(&sheet.file.path, report.problems);
        let good = !self.broken.contains(&sheet.file.path);
        (good && !is_template(sheet)).then_some(playbook)
    }

    /// A use of a playbook.
    fn used<'a>(
        &mut self,
        set: &Set<'a>,
        sheets: &'a [Sheet<'a>],
        own: &Use<'a>,
    ) -> Option<Playbook> {
        let path = &own.file.path;
        let Some(sheet) = sheets.iter().find(|sheet| sheet.id == own.of) else {
            // A file that could not be read may be the one that is meant.
            if self.broken.iter().any(|broken| broken.ends_with(".yaml")) {
                self.broken.insert(path.clone());
            } else {
                let known = sheets.iter().map(|sheet| &*sheet.id);
                self.keep(path, vec![own.unknown(known)]);
            }
            return None;
        };
        let mut report = Report::new(own.file);
        let inputs = own.inputs(&mut report, sheet, set.around);
        let filled = self.keep(path, report.problems);
        if self.broken.contains(&sheet.file.path) || !filled {
            self.broken.insert(path.clone());
            return None;
        }
        let over = Over {
            file: own.file,
            root: own.root,
        };
        let (playbook, problems) = file::playbook(set, sheet, own.id.clone(), inputs, Some(over));
        self.keep(path, problems);
        (!self.broken.contains(path)).then_some(playbook)
    }
}

fn twice(id: &str, spot: Spot, first: Spot) -> Diagnostic {
    let message = format!("two playbooks have the id `{id}`");
    Diagnostic::error(Code::DuplicateId, spot, message)
        .label("again here")
        .other(first, "first here")
        .help("give a use an id of its own with `as`")
}

/// True for a playbook that runs only when a use fills it in.
fn is_template(sheet: &Sheet<'_>) -> bool {
    sheet.asked.iter().any(|asked| asked.default.is_none())
}

/// Inputs that nothing reads.
fn unused(sheet: &Sheet<'_>) -> Vec<Diagnostic> {
    let text = &sheet.file.text;
    let read = |name: &str| {
        let wanted = format!("inputs.{name}");
        text.match_indices(&wanted).any(|(at, found)| {
            let after = text.get(at + found.len()..).unwrap_or_default();
            !after.starts_with(|c: char| c.is_alphanumeric() || c == '_')
        })
    };
    let whole = text.contains("with: inputs") || text.contains("inputs[");
    let unused = sheet
        .asked
        .iter()
        .filter(|asked| !whole && !read(&asked.name));
    unused
        .map(|asked| {
            let message = format!("nothing uses input `{}`", asked.name);
            Diagnostic::warning(Code::UnusedInput, asked.spot, message).label("never read")
        })
        .collect()
}

/// `scripts/checkin.rhai` → `checkin`.
fn module_name(path: &str) -> &str {
    let file = path.rsplit('/').next().unwrap_or(path);
    file.strip_suffix(".rhai").unwrap_or(file)
}

/// What the lint found in a script, at its place.
fn in_script(file: &SourceFile, finding: Finding) -> Diagnostic {
    let spot = |range: &std::ops::Range<usize>| {
        let end = file.floor(range.end);
        Spot::new(file.id, file.floor(range.start).min(end), end)
    };
    super::context::diagnostic(finding, &spot)
}
