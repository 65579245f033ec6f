//! Diagnostics as people read them (in the layout of rustc) and as editors do (JSON).

#[cfg(test)]
mod tests;

use super::diagnostic::{Diagnostic, Label, Severity};
use super::source::{FileId, SourceFile, Sources, Spot};
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Patch, Renderer, Snippet};
use serde_json::{Value, json};

/// Problems drawn in one run; more would scroll the first one, usually the cause, off the screen.
pub const DRAWN_MAX: usize = 20;

/// Draws problems sorted by file and place, with a line for those beyond [`DRAWN_MAX`]. Errors are
/// kept before warnings and notes when not all can be shown. Ends with a line break unless empty.
pub fn draw(diagnostics: &[Diagnostic], sources: &Sources, color: bool) -> String {
    let renderer = if color {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    let shown = chosen(diagnostics, sources);
    let mut blocks: Vec<String> = shown
        .iter()
        .map(|diagnostic| renderer.render(&groups(diagnostic, sources)) + "\n")
        .collect();
    let more = diagnostics.len().saturating_sub(shown.len());
    if more > 0 {
        blocks.push(format!("… and {more} more\n"));
    }
    blocks.join("\n")
}

/// All problems in the same order as a JSON array, for editors. Lines and columns count from 1,
/// columns in characters; ends are exclusive.
pub fn to_json(diagnostics: &[Diagnostic], sources: &Sources) -> Value {
    sorted(diagnostics, sources)
        .into_iter()
        .map(|diagnostic| {
            let mut object = place(diagnostic.spot, sources);
            object["code"] = json!(diagnostic.code.id());
            object["severity"] = json!(diagnostic.severity.word());
            object["message"] = json!(diagnostic.message);
            object["label"] = json!(diagnostic.label);
            object["labels"] = diagnostic
                .others
                .iter()
                .map(|label| with(place(label.spot, sources), "message", &label.text))
                .collect();
            object["notes"] = json!(diagnostic.notes);
            object["help"] = json!(diagnostic.help.as_ref().map(|help| &help.text));
            let edit = diagnostic.help.as_ref().and_then(|help| help.edit.as_ref());
            object["fix"] = edit.map_or(Value::Null, |edit| {
                with(place(edit.spot, sources), "replacement", &edit.replacement)
            });
            object
        })
        .collect()
}

fn with(mut object: Value, key: &str, text: &str) -> Value {
    object[key] = json!(text);
    object
}

fn place(spot: Spot, sources: &Sources) -> Value {
    let Some(file) = sources.get(spot.file) else {
        return json!({});
    };
    let start = file.line_column(spot.start);
    let end = file.line_column(spot.end);
    json!({
        "file": &*file.path,
        "line": start.line,
        "column": start.column,
        "end_line": end.line,
        "end_column": end.column,
    })
}

fn sorted<'a>(diagnostics: &'a [Diagnostic], sources: &Sources) -> Vec<&'a Diagnostic> {
    let mut all: Vec<&Diagnostic> = diagnostics.iter().collect();
    all.sort_by_cached_key(|diagnostic| {
        let path = sources
            .get(diagnostic.spot.file)
            .map(|file| file.path.clone());
        (path, diagnostic.spot.start, diagnostic.severity)
    });
    all
}

fn chosen<'a>(diagnostics: &'a [Diagnostic], sources: &Sources) -> Vec<&'a Diagnostic> {
    let errors = diagnostics.iter().filter(|one| one.is_error()).count();
    let mut room_for_errors = DRAWN_MAX;
    let mut room_for_others = DRAWN_MAX.saturating_sub(errors);
    let mut all = sorted(diagnostics, sources);
    all.retain(|diagnostic| {
        let room = if diagnostic.is_error() {
            &mut room_for_errors
        } else {
            &mut room_for_others
        };
        let shown = *room > 0;
        *room = room.saturating_sub(1);
        shown
    });
    all
}

fn groups<'a>(diagnostic: &'a Diagnostic, sources: &'a Sources) -> Vec<Group<'a>> {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let title = level
        .primary_title(diagnostic.message.as_str())
        .id(diagnostic.code.id());
    let mut first = Group::with_title(title).elements(snippets(diagnostic, sources));
    for note in &diagnostic.notes {
        first = first.element(Level::NOTE.message(note.as_str()));
    }
    let mut groups = vec![first];
    if let Some(help) = &diagnostic.help {
        let mut group = Group::with_title(Level::HELP.secondary_title(help.text.as_str()));
        if let Some(edit) = &help.edit
            && let Some(file) = sources.get(edit.spot.file)
        {
            let spot = fitted(file, edit.spot);
            let patch = Patch::new(spot.start..spot.end, edit.replacement.as_str());
            group = group.element(Snippet::source(&*file.text).path(&*file.path).patch(patch));
        }
        groups.push(group);
    }
    groups
}

/// One snippet per file: that of the problem itself, then those of its other places.
fn snippets<'a>(
    diagnostic: &'a Diagnostic,
    sources: &'a Sources,
) -> Vec<annotate_snippets::Element<'a>> {
    let mut files: Vec<FileId> = vec![diagnostic.spot.file];
    for label in &diagnostic.others {
        if !files.contains(&label.spot.file) {
            files.push(label.spot.file);
        }
    }
    let files = files.into_iter().filter_map(|id| sources.get(id));
    files.map(|file| snippet(diagnostic, file)).collect()
}

fn snippet<'a>(diagnostic: &'a Diagnostic, file: &'a SourceFile) -> annotate_snippets::Element<'a> {
    if file.text.is_empty() {
        return Origin::path(&*file.path).into();
    }
    let mut snippet = Snippet::source(&*file.text).path(&*file.path);
    if diagnostic.spot.file == file.id {
        let spot = fitted(file, diagnostic.spot);
        let caret = AnnotationKind::Primary.span(spot.start..spot.end);
        snippet = snippet.annotation(caret.label(said(&diagnostic.label)));
    }
    for Label { spot, text } in &diagnostic.others {
        if spot.file == file.id {
            let spot = fitted(file, *spot);
            let line = AnnotationKind::Context.span(spot.start..spot.end);
            snippet = snippet.annotation(line.label(said(text)));
        }
    }
    snippet.into()
}

fn said(label: &str) -> Option<&str> {
    (!label.is_empty()).then_some(label)
}

/// A spot that lies within the text, on character boundaries and within one line: a caret under
/// many lines says less than one under the first.
fn fitted(file: &SourceFile, spot: Spot) -> Spot {
    let start = file.floor(spot.start);
    let end = file.floor(spot.end).max(start).min(file.line_end(start));
    spot.at(start, end.max(start))
}
