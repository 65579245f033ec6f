//! Every bound has a name and a reason.

use super::{Millis, time};

/// Bytes of one inbound webhook body. Platforms send far less; Matrix events are at most 64 KiB and
/// a transaction holds up to 100 of them, of which text is a small part.
pub const PAYLOAD_BYTES_MAX: usize = 1024 * 1024;
/// Nesting of JSON that we read. Real payloads stay below 20.
pub const PAYLOAD_DEPTH_MAX: usize = 64;
/// Events waiting for the writer; past it a webhook gets 503.
pub const QUEUE_EVENTS_MAX: usize = 16_384;
/// Bytes of events waiting for the writer; past it a webhook gets 503.
pub const QUEUE_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Inputs appended with one sync: large enough that a sync costs little per input, small enough
/// that the first of a group does not wait long for its answer.
pub const GROUP_INPUTS_MAX: usize = 1_024;
/// Deadlines that one tick fires, so that no input grows without bound; the rest follows in the
/// next tick.
pub const DEADLINES_PER_TICK_MAX: usize = 256;
/// Steps one input may advance in one run before it continues in a follow-up tick: a loop over a
/// thousand members must not hold up others.
pub const STEPS_PER_INPUT_MAX: usize = 1_000;
/// Effects one input may decide; what exceeds it continues in a follow-up tick.
pub const EFFECTS_PER_INPUT_MAX: usize = 512;
/// Nesting of `call`, `each`, `choose` and blocks.
pub const FRAMES_MAX: usize = 32;
/// Open runs of one rule unless it sets `max`.
pub const RUNS_PER_KEY_MAX: usize = 100;
/// Characters of a member's or group's name that are kept.
pub const NAME_CHARS_MAX: usize = 128;
/// Characters of a message that rules see; the rest is cut. Telegram allows 4,096, QQ about 4,500.
pub const TEXT_CHARS_MAX: usize = 8_192;
/// Deduplication ids kept per connector; the oldest go first.
pub const DEDUPLICATION_IDS_MAX: usize = 1_000_000;
/// How long a duplicate of that connector kind is recognised.
pub const fn deduplication_ms(kind: super::Kind) -> Millis {
    match kind {
        // Message ids are reused after a restart of the implementation (platforms/onebot.md §1).
        super::Kind::OneBot11 => 10 * time::MINUTE,
        // Telegram repeats an update for up to 24 h (platforms/telegram.md §1).
        super::Kind::Telegram => 25 * time::HOUR,
        super::Kind::Matrix | super::Kind::Webhook | super::Kind::Sandbox => 7 * time::DAY,
    }
}
/// A roster that would lose more than one in this many members is shown, not applied.
pub const ROSTER_LOSS_DIVISOR: usize = 5;
/// Deaf times that are remembered per connector; older ones no longer matter to any silence.
pub const DEAF_TIMES_MAX: usize = 64;
/// A deaf time longer than this makes guarded steps wait [`SETTLE_MS`].
pub const DEAF_NOTICE_MS: Millis = time::MINUTE;
/// How long guarded steps wait after a deaf time, so that late events can still save someone.
pub const SETTLE_MS: Millis = 10 * time::MINUTE;
/// An event this old, from inside a deaf time, updates facts but starts no rule.
pub const LATE_EVENT_MS: Millis = 15 * time::MINUTE;
/// Ended runs that lists still show, per community.
pub const ENDED_RUNS_MAX: usize = 1_000;
/// Answers one open list takes unless it says `at_most`.
pub const ANSWERS_MAX: usize = 10_000;
/// Events that `collect` keeps for its list; further ones count for its time only.
pub const COLLECTED_MAX: usize = 200;
/// Items in one stored list or set.
pub const DATA_ITEMS_MAX: usize = 1_000;
/// Items one `each` goes through.
pub const EACH_ITEMS_MAX: usize = 10_000;
/// Signals that the steps of one input may send.
pub const SIGNALS_PER_INPUT_MAX: usize = 64;
/// Decided approvals that lists still show.
pub const DECIDED_APPROVALS_MAX: usize = 100;
/// Messages of ours per group whose ids are remembered.
pub const OWN_MESSAGES_MAX: usize = 50;
/// Mass mentions per group and period unless the playbook says otherwise.
pub const EVERYONE_BUDGET: (u32, super::Span) = (2, super::Span::days(7));
/// Bytes of one stored row; larger values are cut into chunks (sled 0.34 writes values past about
/// 7.7 KB as files of their own, which it never syncs).
pub const ROW_BYTES_MAX: usize = 4 * 1024;
/// Bytes of one group in the journal: sixteen payloads of the largest kind. It is written with one
/// call and held in memory, so it must not grow with the load.
pub const GROUP_BYTES_MAX: usize = 16 * PAYLOAD_BYTES_MAX;
/// Bytes of a row's key, and of a community's name in front of it: sled rewrites the keys of a page
/// together, so long ones would make pages large.
pub const ROW_KEY_BYTES_MAX: usize = 512;
/// Changes that go into sled in one batch; with 4,096 its memory grew to 1.6 GB.
pub const BATCH_ROWS_MAX: usize = 512;
/// Events in one body of the generic webhook: half the queue, so that a body always fits once the
/// queue has drained.
pub const PAYLOAD_EVENTS_MAX: usize = QUEUE_EVENTS_MAX / 2;
/// Bytes of one text that an expression or a script makes.
pub const TEXT_BYTES_MAX: usize = 64 * 1024;
/// Items of one list that an expression makes.
pub const LIST_ITEMS_MAX: usize = 100_000;
/// Bytes of one regular expression as written.
pub const PATTERN_BYTES_MAX: usize = 1024;
/// Bytes of one compiled regular expression: compiling is what costs (83 ms at the crate's own
/// 10 MB, 1.5 ms at this).
pub const REGEX_BYTES_MAX: usize = 256 * 1024;
/// Bytes of a regular expression's lazy automaton.
pub const REGEX_CACHE_BYTES_MAX: usize = 1024 * 1024;
/// Bytes of a text that patterns look at.
pub const HAYSTACK_BYTES_MAX: usize = 8 * 1024;
/// Operations of one script call. A count, so that the verdict is the same on every machine
/// (4.5 to 7 ms).
pub const SCRIPT_OPERATIONS_MAX: u64 = 200_000;
/// Bytes and items that our own functions look at in one script call: Rhai counts a call as one
/// operation, however much it reads.
pub const SCRIPT_WORK_MAX: u64 = 20_000_000;
/// Different patterns one script call compiles (1.5 ms each at worst).
pub const SCRIPT_PATTERNS_MAX: usize = 16;
/// Items of one array and fields of one map in a script.
pub const SCRIPT_ITEMS_MAX: usize = 1_000;
/// Values in everything that a script gives back.
pub const SCRIPT_VALUES_MAX: usize = 20_000;
/// Nesting of what a script gives back.
pub const SCRIPT_DEPTH_MAX: usize = 32;
/// Bytes of one script.
pub const SCRIPT_BYTES_MAX: usize = 256 * 1024;
/// Bytes that one script call prints into the trace.
pub const SCRIPT_PRINT_BYTES_MAX: usize = 4 * 1024;
