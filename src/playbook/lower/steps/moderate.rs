//! `admit decline remove ban mute unmute unban delete_message`: a person's standing in a group.

use super::reader::Reader;
use crate::playbook::rule::{Act, Moderation};

pub(super) fn decline(reader: &mut Reader<'_, '_, '_>) -> Act {
    Act::Decline {
        reason: reader.reason(),
    }
}

pub(super) fn moderate(reader: &mut Reader<'_, '_, '_>) -> Option<Act> {
    let verb = match reader.step.name {
        "remove" => Moderation::Remove,
        "ban" => Moderation::Ban,
        "unban" => Moderation::Unban,
        "unmute" => Moderation::Unmute,
        _ => {
            let forever = reader.get("for").and_then(|field| field.as_text()) == Some("forever");
            Moderation::Mute(if forever {
                None
            } else {
                Some(reader.need("for")?)
            })
        }
    };
    Some(Act::Moderate {
        verb,
        about: reader.about(),
        reason: reader.reason(),
    })
}

pub(super) fn delete_message(reader: &mut Reader<'_, '_, '_>) -> Act {
    Act::DeleteMessage {
        message: reader.value("message"),
        group: reader.value("group"),
    }
}
