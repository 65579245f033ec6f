//! What a platform lets a bot do. Playbooks are checked against it before they run, and steps
//! that have a second way (an invite link, a task for a person) choose by it.

use serde::{Deserialize, Serialize};

/// The kinds of connectors there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// QQ through OneBot v11 (NapCat and its kin).
    OneBot11,
    Telegram,
    /// An application service of a Matrix homeserver.
    Matrix,
    /// The generic one: Standard Webhooks both ways.
    Webhook,
    /// A platform inside the daemon, for trying things.
    Sandbox,
}

impl Kind {
    /// All kinds, in the order of the documentation.
    pub const ALL: [Self; 5] = [
        Self::OneBot11,
        Self::Telegram,
        Self::Matrix,
        Self::Webhook,
        Self::Sandbox,
    ];

    /// The word in steward.yaml.
    pub const fn word(self) -> &'static str {
        match self {
            Self::OneBot11 => "onebot11",
            Self::Telegram => "telegram",
            Self::Matrix => "matrix",
            Self::Webhook => "webhook",
            Self::Sandbox => "sandbox",
        }
    }

    /// The kind of that word.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// What a bot can do there, by the platform's own documents.
    pub const fn abilities(self) -> Abilities {
        let all = Abilities::ALL;
        match self {
            // platforms/onebot.md §3: no action opens a group, invites or makes a link; reactions
            // are no standard action.
            Self::OneBot11 => Abilities {
                react: false,
                invite: false,
                invite_link: false,
                create_group: false,
                unban: false,
                choices: false,
                ..all
            },
            // platforms/telegram.md §2: bots cannot open groups nor add people; links they can make.
            Self::Telegram => Abilities {
                invite: false,
                create_group: false,
                roster: false,
                ..all
            },
            // platforms/matrix.md §3. Everything a bot does is an event in a room.
            Self::Matrix => Abilities {
                invite_link: false,
                choices: false,
                ..all
            },
            // The receiver decides; nothing is refused beforehand.
            Self::Webhook => Abilities {
                roster: false,
                ..all
            },
            Self::Sandbox => all,
        }
    }
}

/// What a bot can do on a platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Abilities {
    pub dm: bool,
    pub react: bool,
    pub pin: bool,
    pub mention_everyone: bool,
    pub choices: bool,
    pub delete_message: bool,
    pub mute: bool,
    pub remove: bool,
    pub ban: bool,
    pub unban: bool,
    pub invite: bool,
    pub invite_link: bool,
    pub create_group: bool,
    pub close_group: bool,
    pub admit: bool,
    /// The list of members can be read.
    pub roster: bool,
    /// Every message reaches the bot, so silence can be told. Where not, `remove` after
    /// `inactivity` is refused at load.
    pub hears_everything: bool,
}

impl Abilities {
    /// Everything.
    pub const ALL: Self = Self {
        dm: true,
        react: true,
        pin: true,
        mention_everyone: true,
        choices: true,
        delete_message: true,
        mute: true,
        remove: true,
        ban: true,
        unban: true,
        invite: true,
        invite_link: true,
        create_group: true,
        close_group: true,
        admit: true,
        roster: true,
        hears_everything: true,
    };

    /// Whether the step of that name can be carried out. `None` for steps that need no platform.
    pub fn can(self, step: &str) -> Option<bool> {
        Some(match step {
            "send" | "reply" | "welcome" | "announce" | "ask" => true,
            "dm" => self.dm,
            "react" => self.react,
            "pin" => self.pin,
            "delete_message" => self.delete_message,
            "mute" | "unmute" => self.mute,
            "remove" => self.remove,
            "ban" => self.ban,
            "unban" => self.unban,
            "invite" => self.invite,
            "invite_link" => self.invite_link,
            "create_group" => self.create_group,
            "close_group" => self.close_group,
            "admit" | "decline" => self.admit,
            _ => return None,
        })
    }
}
