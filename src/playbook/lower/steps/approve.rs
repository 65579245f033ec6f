//! `approve` and `task`: what waits for a person.

use super::reader::Reader;
use crate::playbook::rule::{Act, ApproveStep, By};

pub(super) fn approve(reader: &mut Reader<'_, '_, '_>) -> Option<Act> {
    let by = match reader.word("by") {
        Some("owner") => By::Owner,
        Some("anyone") => By::Anyone,
        Some(_) | None => By::Staff,
    };
    let text = reader.need("text");
    Some(Act::Approve(ApproveStep {
        by,
        to: reader.value("to"),
        except: reader.many("except"),
        within: reader.value("within"),
        on_no: reader.otherwise("on_no"),
        on_timeout: reader.otherwise("on_timeout"),
        text: text?,
    }))
}

pub(super) fn task(reader: &mut Reader<'_, '_, '_>) -> Option<Act> {
    let whom = reader.get("for");
    let (by, to) = match whom.and_then(|field| field.as_text()) {
        Some("staff") | None => (By::Staff, None),
        Some("owner") => (By::Owner, None),
        // Whoever has the task tells when it is done, or staff does.
        Some(_) => (By::Staff, reader.value("for")),
    };
    if let Some(field) = whom.filter(|field| field.as_text().is_none()) {
        let wanted = "`staff`, `owner` or a member";
        reader.lowering.report.wrong_shape(field, wanted);
        reader.good = false;
    }
    let text = reader.need("text");
    Some(Act::Task(ApproveStep {
        by,
        to,
        except: Vec::new(),
        within: reader.value("within"),
        on_no: reader.otherwise("on_no"),
        on_timeout: reader.otherwise("on_timeout"),
        text: text?,
    }))
}
