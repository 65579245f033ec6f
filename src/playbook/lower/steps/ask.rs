//! `ask`: an open list with everything under `collect`.

use super::lower_block;
use super::reader::Reader;
use crate::model::{Content, Role, limits};
use crate::playbook::codes::Code;
use crate::playbook::diagnostic::Diagnostic;
use crate::playbook::grammar::{self, Kind};
use crate::playbook::rule::{self, Act, Again, AskStep, Full, Show};
use crate::playbook::shape::Field;
use crate::script::{Template, Type};

pub(super) fn ask(reader: &mut Reader<'_, '_, '_>) -> Act {
    let text = reader.need("text");
    let mut ask = AskStep {
        to: reader.many("to"),
        text: text.unwrap_or_else(|| rule::Field::Text(Template::plain(""))),
        choices: reader.many("choices"),
        pin: reader.flag("pin"),
        ..plain()
    };
    if let Some(field) = reader.get("collect") {
        let kinds = collect_kinds(reader.step);
        reader.inside(&field, kinds, |reader| collect(reader, &mut ask));
    }
    Act::Ask(Box::new(ask))
}

/// The keys of `collect`.
fn collect_kinds(step: &'static grammar::Step) -> &'static [grammar::Field] {
    match grammar::field(step.fields, "collect").map(|field| field.kind) {
        Some(Kind::Map(kinds)) => kinds,
        Some(_) | None => &[],
    }
}

/// An open list that says nothing and takes what replies to it.
fn plain() -> AskStep {
    AskStep {
        to: Vec::new(),
        text: rule::Field::Text(Template::plain("")),
        choices: Vec::new(),
        pin: false,
        keyword: Vec::new(),
        content: Vec::new(),
        from: Vec::new(),
        open_for: None,
        until: None,
        at_most: None,
        full: Full::Close,
        once_per_member: false,
        again: Again::Replace,
        cancel: Vec::new(),
        filter: None,
        refused: None,
        show: Show::Never,
        stop_when: Vec::new(),
        on_answer: None,
    }
}

fn collect(reader: &mut Reader<'_, '_, '_>, ask: &mut AskStep) {
    if let Some(field) = reader.get("keyword") {
        ask.keyword = reader.words(&field);
    }
    if let Some(field) = reader.get("cancel") {
        ask.cancel = reader.words(&field);
    }
    ask.content = reader.each_word("kind").filter_map(content).collect();
    ask.from = roles(reader);
    ask.open_for = reader.value("for");
    ask.until = reader.value("until");
    if let (Some(_), Some(until)) = (reader.get("for"), reader.get("until")) {
        let spot = until.key.map_or(until.spot(), |key| key.spot);
        let problem =
            Diagnostic::error(Code::KeysTogether, spot, "`for` and `until` stand together");
        reader.wrong(problem.label("only one of them can say when it closes"));
    }
    ask.at_most = at_most(reader);
    ask.full = match reader.word("full") {
        Some("refuse") => Full::Refuse,
        Some("wait") => Full::Wait,
        Some(_) | None => Full::Close,
    };
    ask.once_per_member = reader.word("once_per").is_some();
    ask.again = match reader.word("again") {
        Some("refuse") => Again::Refuse,
        Some("add") => Again::Add,
        Some(_) | None => Again::Replace,
    };
    ask.show = show(reader);
    if let Some(field) = reader.get("stop_when") {
        ask.stop_when = reader.triggers(&field);
    }
    answering(reader, ask);
}

/// What is read with the answer in scope.
fn answering(reader: &mut Reader<'_, '_, '_>, ask: &mut AskStep) {
    let outer = reader.lowering.names.clone();
    reader.lowering.add_name("member", Type::Member);
    let answer = Type::from(grammar::ANSWER);
    reader.lowering.add_name("answer", answer);
    ask.filter = reader.condition("if");
    ask.refused = reader.key("refused");
    if let Some(field) = reader.get("on_answer") {
        let path = format!("{}/on_answer", reader.path);
        ask.on_answer = Some(lower_block(reader.lowering, &field, &path));
    }
    reader.lowering.names = outer;
}

fn content(word: &str) -> Option<Content> {
    Some(match word {
        "text" => Content::Text,
        "image" => Content::Image,
        "file" => Content::File,
        "voice" => Content::Voice,
        "video" => Content::Video,
        "sticker" => Content::Sticker,
        "location" => Content::Location,
        "other" => Content::Other,
        _ => return None,
    })
}

/// Who may answer; empty means anyone.
fn roles(reader: &mut Reader<'_, '_, '_>) -> Vec<Role> {
    let mut roles = Vec::new();
    for word in reader.each_word("from") {
        match word {
            "owner" => roles.push(Role::Owner),
            // Owners count as staff.
            "staff" => roles.extend([Role::Staff, Role::Owner]),
            "member" => roles.push(Role::Member),
            _ => return Vec::new(),
        }
    }
    roles.sort();
    roles.dedup();
    roles
}

fn at_most(reader: &mut Reader<'_, '_, '_>) -> Option<rule::Field> {
    let places = reader.value("at_most")?;
    let max = i64::try_from(limits::ANSWERS_MAX).unwrap_or(i64::MAX);
    if let rule::Field::Is(value) = &places
        && !value.as_int().is_some_and(|n| (1..=max).contains(&n))
    {
        let spot = reader.get("at_most").map(|field: Field<'_>| field.spot());
        let spot = spot.unwrap_or(reader.name.spot());
        let problem = Diagnostic::error(Code::OutOfRange, spot, "`at_most` is out of range");
        reader.wrong(problem.label(format!("a whole number from 1 to {max}")));
    }
    Some(places)
}

fn show(reader: &mut Reader<'_, '_, '_>) -> Show {
    let Some(field) = reader.get("show") else {
        return Show::Never;
    };
    match field.as_text() {
        Some("never") => Show::Never,
        Some("end") => Show::End,
        Some(text) if !text.starts_with(|c: char| c.is_ascii_digit()) && !text.contains('.') => {
            reader.lowering.report.choice(field, &["never", "end"]);
            reader.good = false;
            Show::Never
        }
        Some(_) | None => reader.span("show").map_or(Show::Never, Show::Every),
    }
}
