//! What platforms tell us, in one vocabulary. Platform types stop in `connector/`.

use super::{Millis, Text};
use serde::{Deserialize, Serialize};

/// A past-tense fact from outside, about one group or one direct conversation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// The connector it came through: its name in steward.yaml.
    pub connector: Text,
    /// What identifies it among that connector's events, however often it is sent. `None` where the
    /// platform gives nothing: then only the fold's own rules (a join of a present member) drop it.
    pub id: Option<Text>,
    /// When it happened by the platform's clock; `None` means on arrival.
    pub happened_at: Option<Millis>,
    /// The group, by the platform's id; `None` in a direct conversation.
    pub group: Option<Place>,
    /// The member it is about (who joined, who wrote, who was removed).
    pub member: Option<Person>,
    pub what: Happening,
}

/// A group as a platform names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    pub id: Text,
    /// Its display name, where the payload has it.
    pub name: Option<Text>,
}

/// A person as a platform names them. Absent fields change nothing that is known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    pub id: Text,
    pub name: Option<Text>,
    /// The name in this group (QQ card), where there is one.
    pub nick: Option<Text>,
    pub role: Option<Role>,
    pub is_bot: bool,
}

/// A member's standing in one group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Role {
    #[default]
    Member,
    /// May moderate: a platform's administrator or moderator.
    Staff,
    Owner,
}

impl Role {
    /// The word that rules compare with.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::Staff => "staff",
            Self::Owner => "owner",
        }
    }
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Happening {
    /// `member` entered the group.
    MemberJoined {
        inviter: Option<Person>,
        /// Where they came from: an invite link's name, `invite`, `approve`; free text.
        source: Option<Text>,
    },
    /// `member` is no longer in the group.
    MemberLeft {
        /// Who removed them; `None` when they left by themselves or nobody is named.
        by: Option<Person>,
        /// True when they may not come back (ban).
        banned: bool,
    },
    /// `member` asks to enter.
    JoinRequested {
        /// What the platform wants back with the decision.
        handle: Text,
        /// What the applicant wrote, or empty.
        answer: Text,
        inviter: Option<Person>,
    },
    /// `member` wrote something, in the group or directly to us.
    MessagePosted(Message),
    /// `member` put a reaction on a message, or took it back.
    ReactionChanged {
        message: Text,
        emoji: Text,
        removed: bool,
    },
    /// `member` pressed a button or voted: an answer to something we asked. `choices` empty means
    /// taken back.
    ChoiceMade { message: Text, choices: Vec<Text> },
    /// Somebody reported `member`, or their message.
    MemberReported {
        reporter: Person,
        message: Option<Text>,
        reason: Text,
    },
    /// A message is gone.
    MessageDeleted { message: Text },
    /// `member`'s role or nick is now as in `member`.
    MemberChanged,
    /// `member` may not speak until then (`Some`), or may again (`None`).
    MuteChanged { until: Option<Millis> },
    /// `member` refuses direct messages from us (`false`) or accepts them again (`true`).
    ReachabilityChanged { reachable: bool },
    /// We were put into the group, or it was opened by us.
    BotJoined,
    /// We are no longer in the group.
    BotLeft { closed: bool },
    /// Our own standing in the group.
    BotRole { role: Role },
    /// The group exists (opened by somebody on the platform).
    GroupCreated { creator: Option<Person> },
    /// The group's name is now as in `group`.
    GroupRenamed,
    /// The platform gave the group a new id; both mean the same group from now on.
    GroupMoved { new_id: Text },
    /// Who is in the group, read from the platform: facts only, it never starts a rule.
    RosterRead { people: Vec<RosterEntry> },
}

impl Happening {
    /// The word for it in `event.kind`, traces and metrics.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::MemberJoined { .. } => "join",
            Self::MemberLeft { .. } => "leave",
            Self::JoinRequested { .. } => "join_request",
            Self::MessagePosted(_) => "message",
            Self::ReactionChanged { .. } => "reaction",
            Self::ChoiceMade { .. } => "choice",
            Self::MemberReported { .. } => "report",
            Self::MessageDeleted { .. } => "message_deleted",
            Self::MemberChanged => "member_changed",
            Self::MuteChanged { .. } => "mute_changed",
            Self::ReachabilityChanged { .. } => "reachability",
            Self::BotJoined => "bot_joined",
            Self::BotLeft { .. } => "bot_left",
            Self::BotRole { .. } => "bot_role",
            Self::GroupCreated { .. } => "group_created",
            Self::GroupRenamed => "group_renamed",
            Self::GroupMoved { .. } => "group_moved",
            Self::RosterRead { .. } => "roster",
        }
    }
}

/// A message that somebody posted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// The platform's id, for replies, reactions and deletion.
    pub id: Text,
    /// Its readable text; mentions as `@name`.
    pub text: Text,
    pub content: Content,
    /// Platform ids of the people mentioned.
    pub mentions: Vec<Text>,
    /// True when we ourselves are mentioned.
    pub mentions_bot: bool,
    /// True when everyone is mentioned.
    pub mentions_all: bool,
    /// Addresses in the text, as the platform marks them, or found in it.
    pub links: Vec<Text>,
    /// Names or addresses of attached files.
    pub files: Vec<Text>,
    /// The message it answers.
    pub reply_to: Option<Text>,
    /// The thread or topic it stands in.
    pub thread: Option<Text>,
    /// True for a later version of a message that was posted before.
    pub edited: bool,
}

/// What a message mainly is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Content {
    #[default]
    Text,
    Image,
    File,
    Voice,
    Video,
    Sticker,
    Location,
    /// A card, a forwarded bundle, a poll: something we do not read further.
    Other,
}

impl Content {
    /// The word that `message: {content: …}` compares with.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Image => "image",
            Self::File => "file",
            Self::Voice => "voice",
            Self::Video => "video",
            Self::Sticker => "sticker",
            Self::Location => "location",
            Self::Other => "other",
        }
    }
}

/// One member as a platform's list shows them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RosterEntry {
    pub person: Person,
    pub joined_at: Option<Millis>,
    pub last_active: Option<Millis>,
}
