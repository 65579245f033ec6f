//! `invite create_group close_group`: whole groups.

use super::reader::Reader;
use crate::model::Value;
use crate::playbook::rule::{Act, Field};

pub(super) fn invite(reader: &mut Reader<'_, '_, '_>) -> Option<Act> {
    Some(Act::Invite {
        member: reader.value("member"),
        to: Some(reader.need("to")?),
        text: reader.value("text"),
    })
}

pub(super) fn create_group(reader: &mut Reader<'_, '_, '_>) -> Option<Act> {
    let name = reader.need("name");
    let like = reader.value("like");
    let on = reader.id("on").map(|id| Field::Is(Value::Text(id)));
    Some(Act::CreateGroup {
        name: name?,
        like,
        on,
    })
}

pub(super) fn close_group(reader: &mut Reader<'_, '_, '_>) -> Act {
    Act::CloseGroup {
        group: reader.value("group"),
        reason: reader.reason(),
    }
}
