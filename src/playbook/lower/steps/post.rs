//! `welcome announce send reply dm react`.

use super::reader::Reader;
use crate::model::PostKind;
use crate::playbook::codes::Code;
use crate::playbook::diagnostic::Diagnostic;
use crate::playbook::rule::{Act, Field, PostStep};
use crate::script::{Template, Type};

pub(super) fn welcome(reader: &mut Reader<'_, '_, '_>) -> Option<Act> {
    let to = reader.value("to");
    let gather = reader.value("gather");
    let text = reader.lowering.scoped(|lowering| {
        lowering.add_name("joiners", Type::list(Type::Member));
        lowering.add_name("mentions", Type::Text);
        let field = reader.name;
        let field = match field.node.entries() {
            Some(_) => super::reader::entry(&field, "text")?,
            None => field,
        };
        lowering.text(&field)
    });
    reader.good &= text.is_some();
    Some(Act::Welcome {
        to: to.into_iter().collect(),
        text: text?,
        gather,
    })
}

pub(super) fn post(reader: &mut Reader<'_, '_, '_>) -> Act {
    let kind = match reader.step.name {
        "announce" => PostKind::Announce,
        "reply" => PostKind::Reply,
        "dm" => PostKind::Dm,
        _ => PostKind::Send,
    };
    let text = reader.value("text");
    let file = reader.value("file");
    if text.is_none() && file.is_none() && reader.good {
        let spot = reader.name.key.map_or(reader.name.spot(), |key| key.spot);
        let problem = Diagnostic::error(Code::MissingKey, spot, "`text` is missing");
        reader.wrong(problem.label("no `text` here, and no `file`"));
    }
    Act::Post(PostStep {
        kind,
        to: reader.many("to"),
        text: text.unwrap_or_else(|| Field::Text(Template::plain(""))),
        file,
        pin: reader.flag("pin"),
        everyone: reader.flag("everyone"),
    })
}

pub(super) fn react(reader: &mut Reader<'_, '_, '_>) -> Option<Act> {
    let emoji = reader.need("text");
    let message = reader.value("to");
    Some(Act::React {
        emoji: emoji?,
        message,
    })
}
