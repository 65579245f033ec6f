//! The command line.

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Runs chat communities by rules: webhooks come in, playbooks decide, actions go out.
#[derive(Clone, Debug, Parser)]
#[command(name = "steward", version, disable_help_subcommand = true)]
pub struct Cli {
    /// The configuration [default: ./steward.yaml if it is there]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Print JSON for machines
    #[arg(long, global = true)]
    pub json: bool,
    /// When to print in color
    #[arg(long, global = true, value_enum, default_value_t, value_name = "WHEN")]
    pub color: Color,
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// When to print in color.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set
    #[default]
    Auto,
    Always,
    Never,
}

/// What there is to do.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Run the daemon (this is what `steward` alone does)
    Run(Run),
    /// Check the configuration, playbooks and scripts, and show what is wrong
    Check(Check),
    /// Post one event by hand, for trying things
    Send(Send),
    /// List runs, or end one
    Runs(Runs),
    /// List what is still to be sent, and decide what is stuck
    Outbox(Outbox),
    /// List what waits for a person, and answer it
    Approvals(Approvals),
    /// List members, or change one by hand
    Members(Members),
    /// List groups
    Groups(Groups),
    /// Stop sending at once, into one group or everywhere; rules keep deciding
    Freeze(Place),
    /// Send again
    Thaw(Place),
    /// Set up what a platform needs once: Telegram's webhook, Matrix's registration
    Connect {
        /// The connector's name in steward.yaml
        name: String,
        /// Matrix: write the registration file for the homeserver here
        #[arg(long, value_name = "FILE")]
        file: Option<PathBuf>,
    },
    /// Fold the journal again and compare with the stored world (while no daemon runs)
    Verify,
    /// Print the JSON schema of the playbook language, for editors
    Schema,
    /// Explain a diagnostic
    Explain {
        /// Such as S0104
        code: String,
    },
}

impl Default for Command {
    fn default() -> Self {
        Self::Run(Run::default())
    }
}

/// Options of `run`.
#[derive(Clone, Copy, Debug, Default, Args)]
pub struct Run {
    /// Log JSON lines even on a terminal
    #[arg(long)]
    pub log_json: bool,
    /// Go on from what another version of the rules' engine left behind
    #[arg(long)]
    pub fold_tail: bool,
}

/// Options of `check`.
#[derive(Clone, Debug, Default, Args)]
pub struct Check {
    /// Playbooks or folders of them [default: those that steward.yaml names]
    pub paths: Vec<PathBuf>,
}

/// Options of `send`.
#[derive(Clone, Debug, Args)]
pub struct Send {
    /// What happened: `join`, `leave`, `join_request`, `message`, `reaction`, `report`, `group_created`
    #[arg(required_unless_present = "event")]
    pub kind: Option<String>,
    /// The connector it shall have come through
    #[arg(long, default_value = "sandbox", value_name = "NAME")]
    pub connector: String,
    /// The group, by the platform's id
    #[arg(long, value_name = "ID")]
    pub group: Option<String>,
    /// The member, by the platform's id
    #[arg(long, value_name = "ID")]
    pub member: Option<String>,
    /// The member's name
    #[arg(long)]
    pub name: Option<String>,
    /// The message's text
    #[arg(long)]
    pub text: Option<String>,
    /// The event's id: the same id twice is one event
    #[arg(long)]
    pub id: Option<String>,
    /// When it happened, such as 2026-11-21T08:30:00Z
    #[arg(long)]
    pub at: Option<String>,
    /// A file with the whole event as JSON instead, or `-` for standard input
    #[arg(long, value_name = "FILE", conflicts_with_all = ["kind", "group", "member", "name", "text", "id", "at"])]
    pub event: Option<PathBuf>,
}

/// Which part of a list.
#[derive(Clone, Debug, Default, Args)]
pub struct Part {
    /// Only this community
    #[arg(long, global = true, value_name = "ID")]
    pub community: Option<String>,
    /// Which page
    #[arg(long, default_value_t = 1, value_name = "NUMBER")]
    pub page: usize,
    /// How many on a page
    #[arg(long, default_value_t = 100, value_name = "NUMBER")]
    pub limit: usize,
}

/// Options of `runs`.
#[derive(Clone, Debug, Args)]
pub struct Runs {
    #[command(flatten)]
    pub part: Part,
    /// Only those: live, done, stopped, interrupted, replaced, failed, cancelled
    #[arg(long)]
    pub state: Option<String>,
    /// Only of this playbook, or playbook/rule
    #[arg(long)]
    pub rule: Option<String>,
    #[command(subcommand)]
    pub order: Option<RunOrder>,
}

/// What to do with a run.
#[derive(Clone, Debug, Subcommand)]
pub enum RunOrder {
    /// End a run
    Cancel { id: String },
}

/// Options of `outbox`.
#[derive(Clone, Debug, Args)]
pub struct Outbox {
    #[command(flatten)]
    pub part: Part,
    /// Only those: open, sending, parked, frozen
    #[arg(long)]
    pub stage: Option<String>,
    #[command(subcommand)]
    pub order: Option<OutboxOrder>,
}

/// What to do with an effect.
#[derive(Clone, Debug, Subcommand)]
pub enum OutboxOrder {
    /// Try a parked one again
    Retry { id: String },
    /// Give one up
    Drop { id: String },
}

/// Options of `approvals`.
#[derive(Clone, Debug, Args)]
pub struct Approvals {
    #[command(flatten)]
    pub part: Part,
    #[command(subcommand)]
    pub order: Option<ApprovalOrder>,
}

/// How to answer an approval.
#[derive(Clone, Debug, Subcommand)]
pub enum ApprovalOrder {
    /// Say yes, or that a task is done
    Yes {
        number: u64,
        /// A word about why
        #[arg(long, default_value = "")]
        note: String,
    },
    /// Say no
    No {
        number: u64,
        /// A word about why
        #[arg(long, default_value = "")]
        note: String,
    },
}

/// Options of `members`.
#[derive(Clone, Debug, Args)]
pub struct Members {
    #[command(flatten)]
    pub part: Part,
    /// Only who has this in name, nick, key or a label
    #[arg(long, value_name = "TEXT")]
    pub find: Option<String>,
    /// Only of this group
    #[arg(long, value_name = "ID")]
    pub group: Option<String>,
    #[command(subcommand)]
    pub order: Option<MemberOrder>,
}

/// What to do with a member.
#[derive(Clone, Debug, Subcommand)]
pub enum MemberOrder {
    /// Show one member whole
    Show {
        /// connector/id
        key: String,
    },
    /// Change labels
    Label {
        /// connector/id
        key: String,
        #[arg(long, value_name = "LABEL")]
        add: Vec<String>,
        #[arg(long, value_name = "LABEL")]
        drop: Vec<String>,
    },
    /// Give points, or take them when negative
    Points {
        /// connector/id
        key: String,
        #[arg(allow_negative_numbers = true)]
        points: i64,
        /// Stands in the ledger
        #[arg(long)]
        reason: String,
    },
}

/// Options of `groups`.
#[derive(Clone, Debug, Args)]
pub struct Groups {
    #[command(flatten)]
    pub part: Part,
    /// List groups that no community claims instead
    #[arg(long)]
    pub unclaimed: bool,
}

/// One group, or everything.
#[derive(Clone, Debug, Args)]
pub struct Place {
    /// The group's id; without it the whole community
    pub group: Option<String>,
    /// Which community, when there are several
    #[arg(long, value_name = "ID")]
    pub community: Option<String>,
}
