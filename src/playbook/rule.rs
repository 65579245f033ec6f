//! What a rulebook means, once every name is resolved: the only thing the engine reads. Everything
//! here was checked at load, so nothing here can fail for a typo.

pub use super::scalars::Rate;
use crate::model::{Content, Hash, Millis, PostKind, Record, Role, Span, Text, Value};
use crate::script::{Expr, Scripts, Template};
use std::collections::BTreeMap;

/// All enabled rules, compiled, replaced as a whole.
#[derive(Debug, Default)]
pub struct Rulebook {
    /// Of all texts it was made from.
    pub hash: Hash,
    /// In file order.
    pub playbooks: Vec<Playbook>,
    /// Functions that expressions, `run` steps and whole-rule scripts call; `None` without scripts.
    pub scripts: Option<Scripts>,
}

impl Rulebook {
    /// The playbook instance of that id.
    pub fn playbook(&self, id: &str) -> Option<&Playbook> {
        self.playbooks.iter().find(|playbook| &*playbook.id == id)
    }
}

/// A playbook, or one use of a template, with its inputs filled in.
#[derive(Debug)]
pub struct Playbook {
    /// The instance: `as` of a use file, else the playbook's id. State hangs on it.
    pub id: Text,
    /// File it stands in, for messages.
    pub file: Text,
    pub about: Text,
    pub scope: Scope,
    /// IANA name; `None` means the group's, the community's, the daemon's.
    pub timezone: Option<Text>,
    pub inputs: Record,
    pub vars: BTreeMap<Text, Field>,
    pub data: BTreeMap<Text, DataDef>,
    /// By step name.
    pub limits: BTreeMap<Text, Rate>,
    pub state: State,
    pub rules: Vec<Rule>,
    /// Step lists of all rules and flows; a cursor is a block's number and a step's.
    pub blocks: Vec<Block>,
    pub flows: BTreeMap<Text, Flow>,
}

/// Where a playbook applies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    All,
    Tag(Text),
    Groups(Vec<Text>),
}

/// Whether effects go out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Live,
    Shadow,
    Paused,
}

/// Declared stored state.
#[derive(Clone, Debug, PartialEq)]
pub struct DataDef {
    pub kind: DataKind,
    pub per_member: bool,
    pub per_group: bool,
    /// Kept per key of the playbook's own (`x["key"]`).
    pub per_key: bool,
    /// Counters: each addition counts that long.
    pub decay: Option<Span>,
    /// Streaks: when a day begins, after midnight.
    pub day_starts_ms: Millis,
    /// What a value is before anything was stored.
    pub starts_as: Value,
    /// Another playbook whose data of that name is read; it cannot be written.
    pub from: Option<Text>,
}

/// What a stored value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DataKind {
    Counter,
    Streak,
    Text,
    Number,
    List,
    Set,
    Record,
}

/// Steps that can be called by name.
#[derive(Debug)]
pub struct Flow {
    /// Names it takes.
    pub with: Vec<Text>,
    pub block: u32,
}

/// A rule.
#[derive(Debug)]
pub struct Rule {
    pub id: Text,
    /// `playbook/rule`: its name in traces, lists and keys.
    pub name: Text,
    pub title: Option<Template>,
    /// Line in the playbook's file.
    pub line: u32,
    pub state: State,
    pub triggers: Vec<Trigger>,
    /// All must hold.
    pub condition: Vec<Expr>,
    pub per: Per,
    pub mode: Mode,
    /// Live runs per key with `queued` and `parallel`.
    pub max: u32,
    pub cooldown: Option<Cooldown>,
    pub missed: Missed,
    pub backlog: Backlog,
    pub stop_when: Vec<Trigger>,
    pub once: Option<Template>,
    /// `late: run`: also events from a deaf time start it.
    pub runs_late: bool,
    pub body: u32,
    /// `do` is a script's `decide(ctx)` instead of steps.
    pub script: Option<Text>,
}

/// Whose run it is.
#[derive(Debug)]
pub enum Per {
    Member,
    Group,
    Community,
    Event,
    Key(Expr),
}

/// What happens when a run of the same key lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    Single,
    Restart,
    Queued,
    Parallel,
}

/// What keeps a rule from running too often.
#[derive(Debug)]
pub struct Cooldown {
    pub kind: Throttling,
    /// Whose cooldown; default is the rule's `per`.
    pub per: Option<Per>,
}

/// The three forms of `cooldown`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Throttling {
    /// At most once in that time.
    Every(Span),
    /// Act once at the end, with `events`.
    Collect(Span),
    /// Only when it matched so often within that time.
    AtLeast(u32, Span),
}

/// What to do about planned times that passed while the daemon was down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Missed {
    pub run: MissedRun,
    pub within: Span,
}

/// Which missed times run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MissedRun {
    Latest,
    None,
    All,
}

/// What to do about those already silent when the rule first loads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backlog {
    Skip,
    Spread(Span),
    Now,
}

/// What makes a rule consider running.
#[derive(Clone, Debug)]
pub enum Trigger {
    /// `via`: sources that count; empty means any.
    Join {
        via: Vec<Text>,
    },
    /// `via`: `self`, `removed`, `banned`; empty means any.
    Leave {
        via: Vec<Text>,
    },
    JoinRequest,
    Message(MessageFilter),
    Keyword(Keyword),
    Command(CommandFilter),
    /// `any`: emoji that count, empty means any. `on_ours`: on messages of the bot only.
    Reaction {
        any: Vec<Text>,
        on_ours: bool,
        place: Where,
    },
    Schedule(Schedule),
    /// A member's silence in a group.
    MemberInactive(Span),
    /// A whole group's silence.
    GroupInactive(Span),
    /// So long after the member joined.
    SinceJoin(Span),
    /// So long after the group was opened.
    SinceGroupCreated(Span),
    Signal {
        name: Text,
    },
}

/// Where a message counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Where {
    #[default]
    Group,
    Dm,
    Anywhere,
}

/// Which messages count.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MessageFilter {
    /// Roles that count; empty means anyone.
    pub from: Vec<Role>,
    /// Kinds that count; empty means any.
    pub content: Vec<Content>,
    /// `Some(true)`: it mentions someone. `mentions: bot` sets `mentions_bot`.
    pub mentions: Option<bool>,
    pub mentions_bot: bool,
    /// `Some(true)`: it holds a link.
    pub links: Option<bool>,
    pub place: Where,
}

/// Which words start the rule. Words are as written; the engine normalises both sides.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Keyword {
    /// One of these must be there; empty together with `all` is refused at load.
    pub any: Vec<Text>,
    pub all: Vec<Text>,
    /// None of these may be there.
    pub none: Vec<Text>,
    pub matching: Matching,
    /// Fold look-alikes, separators and pinyin as well.
    pub evasion: bool,
    pub place: Where,
    pub from: Vec<Role>,
}

/// How a keyword must stand in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Matching {
    #[default]
    Word,
    Anywhere,
    Begins,
    Exact,
    Regex,
}

/// Which commands start the rule.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CommandFilter {
    /// Names without the slash, normalised like keywords.
    pub names: Vec<Text>,
    /// Names for the words after it, in order; the last takes the rest.
    pub args: Vec<Text>,
    pub by: By,
    pub place: Where,
}

/// Who may give a command, or decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum By {
    #[default]
    Anyone,
    Staff,
    Owner,
}

/// Planned times.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Schedule {
    /// At a time of day (milliseconds after midnight), on the weekdays set (Monday first).
    Daily { at_ms: Vec<Millis>, days: [bool; 7] },
    /// A cron pattern, checked at load.
    Cron(Text),
    /// Elapsed time, from when the rule was first loaded.
    Every(Span),
}

/// A list of steps.
#[derive(Debug, Default)]
pub struct Block {
    pub steps: Vec<Step>,
}

/// One step.
#[derive(Debug)]
pub struct Step {
    /// Where it stands: `do/2/do/0` below the rule, or below `flows/NAME`.
    pub path: Text,
    pub line: u32,
    /// Its name in the playbook: `send`, `remove`, ….
    pub name: Text,
    pub condition: Vec<Expr>,
    /// Runs when the condition does not hold.
    pub otherwise: Option<u32>,
    pub result_as: Option<Text>,
    pub retry: Option<Retry>,
    pub on_error: OnError,
    pub once: Option<Template>,
    /// Whether its effects go out, where that is not as for its rule; a step cannot be live in a
    /// shadow rule.
    pub state: Option<State>,
    pub act: Act,
}

/// Further attempts of a step, after delivery's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    pub times: u32,
    pub every: Span,
}

/// What a failed step does to its run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum OnError {
    #[default]
    Stop,
    Continue,
    /// These steps, with `error` in scope; then the run goes on.
    Do(u32),
}

/// A field's value, before it is worked out.
#[derive(Clone, Debug)]
pub enum Field {
    /// A literal, or an input filled in at load.
    Is(Value),
    Expr(Expr),
    /// Text with `${…}`.
    Text(Template),
    /// A list of lines: text, `{if, line}`, `{each, where, line, empty}`.
    Lines(Vec<Line>),
    /// A list, or a mapping's values, of fields.
    List(Vec<Field>),
    Record(Vec<(Text, Field)>),
}

/// One line of a text that is written as a list.
#[derive(Clone, Debug)]
pub enum Line {
    Plain(Template),
    If(Expr, Template),
    Each {
        name: Text,
        list: Expr,
        filter: Option<Expr>,
        line: Template,
        empty: Option<Template>,
    },
}

/// Whom a step is about: `member` and `group`, default the run's.
#[derive(Clone, Debug, Default)]
pub struct About {
    pub member: Option<Field>,
    pub group: Option<Field>,
}

/// What a step does.
#[derive(Debug)]
pub enum Act {
    /// `send`, `reply`, `dm`, `announce`.
    Post(PostStep),
    Welcome {
        to: Vec<Field>,
        text: Field,
        gather: Option<Field>,
    },
    React {
        emoji: Field,
        message: Option<Field>,
    },
    Ask(Box<AskStep>),
    Approve(ApproveStep),
    Task(ApproveStep),
    Let(Vec<(Text, Field)>),
    /// Result: the items that pass.
    Filter {
        name: Text,
        list: Expr,
        filter: Option<Expr>,
        sort_by: Option<Expr>,
        descending: bool,
        first: Option<Field>,
    },
    Wait(WaitStep),
    Label {
        about: About,
        add: Vec<Field>,
        drop: Vec<Field>,
        expires: Option<Field>,
    },
    Data(DataStep),
    Reward {
        about: About,
        points: Option<Box<Points>>,
        badge: Option<Field>,
        role: Option<Field>,
        reason: Field,
        once: Option<Template>,
    },
    Charge {
        about: About,
        points: Field,
        reason: Field,
        once: Option<Template>,
    },
    Admit,
    Decline {
        reason: Field,
    },
    Moderate {
        verb: Moderation,
        about: About,
        reason: Field,
    },
    DeleteMessage {
        message: Option<Field>,
        group: Option<Field>,
    },
    /// `to`: the group they are brought into. `text` goes with a link where the platform cannot.
    Invite {
        member: Option<Field>,
        to: Option<Field>,
        text: Option<Field>,
    },
    /// Result: the group. `like` copies tags and settings.
    CreateGroup {
        name: Field,
        like: Option<Field>,
        on: Option<Field>,
    },
    CloseGroup {
        group: Option<Field>,
        reason: Field,
    },
    /// The first whose condition holds; `None` is `else`.
    Choose(Vec<(Option<Expr>, u32)>),
    Each {
        name: Text,
        list: Expr,
        filter: Option<Expr>,
        most: Option<Field>,
        pace: Option<Rate>,
        block: u32,
    },
    Block(u32),
    Call {
        flow: Text,
        with: Vec<(Text, Field)>,
    },
    RunScript {
        module: Text,
        function: Text,
        with: Field,
    },
    Signal {
        name: Text,
        data: Field,
        about: About,
    },
    Webhook {
        endpoint: Text,
        data: Field,
    },
    /// `decide(ctx)` of a script; the block holds one [`Act::Effect`], done for each effect value.
    Decide {
        module: Text,
        block: u32,
    },
    /// The effect value at hand.
    Effect,
    Stop {
        reason: Field,
    },
}

/// A message to send.
#[derive(Debug)]
pub struct PostStep {
    pub kind: PostKind,
    /// Groups or members; empty means the run's group (`dm`: its member, `reply`: where it was said).
    pub to: Vec<Field>,
    pub text: Field,
    pub file: Option<Field>,
    pub pin: bool,
    pub everyone: bool,
}

/// An open list, or a question to one person.
#[derive(Debug)]
pub struct AskStep {
    pub to: Vec<Field>,
    pub text: Field,
    pub choices: Vec<Field>,
    pub pin: bool,
    /// What counts as an answer; empty with no choices: a reply (in a DM any message).
    pub keyword: Vec<Text>,
    pub content: Vec<Content>,
    pub from: Vec<Role>,
    pub open_for: Option<Field>,
    /// An instant; a span is a time of day, counted from midnight: the next one.
    pub until: Option<Field>,
    pub at_most: Option<Field>,
    pub full: Full,
    /// `once_per: member`: one answer each.
    pub once_per_member: bool,
    pub again: Again,
    /// A word that takes one's answer back.
    pub cancel: Vec<Text>,
    pub filter: Option<Expr>,
    /// Said to whoever was not let in.
    pub refused: Option<Template>,
    pub show: Show,
    pub stop_when: Vec<Trigger>,
    pub on_answer: Option<u32>,
}

/// What a full list does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Full {
    #[default]
    Close,
    Refuse,
    Wait,
}

/// What a second answer of the same person does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Again {
    #[default]
    Replace,
    Refuse,
    Add,
}

/// When the list is shown to all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Show {
    #[default]
    Never,
    End,
    /// At most once in that time, when it changed.
    Every(Span),
}

/// A question to staff, or a to-do for a person.
#[derive(Debug)]
pub struct ApproveStep {
    pub by: By,
    /// For whom: a member, or the staff group.
    pub to: Option<Field>,
    pub except: Vec<Field>,
    pub text: Field,
    pub within: Option<Field>,
    pub on_no: Otherwise,
    pub on_timeout: Otherwise,
}

/// How a run goes on after a no, or after time ran out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Otherwise {
    #[default]
    Stop,
    Continue,
    Do(u32),
}

/// A pause.
#[derive(Debug)]
pub struct WaitStep {
    pub until: WaitFor,
    pub stop_when: Vec<Trigger>,
    pub late: Late,
}

/// What ends a pause.
#[derive(Debug)]
pub enum WaitFor {
    Span(Field),
    /// An instant, or a time of day (milliseconds after midnight): the next one.
    Time(Field),
    TimeOfDay(Millis),
    Event {
        triggers: Vec<Trigger>,
        timeout: Option<Field>,
        on_timeout: Otherwise,
    },
}

/// What a pause does that ended while the daemon was down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Late {
    #[default]
    Run,
    Skip,
    Stop,
}

/// A change of declared data.
#[derive(Debug)]
pub struct DataStep {
    pub verb: DataVerb,
    pub name: Text,
    /// `set`, `add`, `drop`: the value; `mark`: which day (`today`, `yesterday`, a time).
    pub value: Option<Field>,
    /// Whose value: a member or a group.
    pub of: Option<Field>,
    pub key: Option<Field>,
    /// `take`: how many, default one.
    pub count: Option<Field>,
    /// `take`: what happens when nothing is left.
    pub on_empty: Otherwise,
}

/// The steps that change data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DataVerb {
    Set,
    Add,
    Drop,
    Take,
    Mark,
    Reset,
}

/// How many points.
#[derive(Debug)]
pub struct Points {
    pub base: Field,
    /// (least, most, weight): drawn between them; a weight over 1 makes high ones rarer.
    pub random: Option<(Field, Field, Option<Field>)>,
}

/// Steps about a person's standing in a group.
#[derive(Debug)]
pub enum Moderation {
    Remove,
    Ban,
    Unban,
    /// For how long; `None` is `forever`.
    Mute(Option<Field>),
    Unmute,
}
