//! What evaluation asks of whoever knows the world.

use super::print::Language;
use super::schema::{GroupField, MemberField, Query, Root};
use crate::model::{GroupNo, MemberNo, Millis, Value};
use jiff::tz::TimeZone;

/// The facts of one evaluation. Every answer must be the same when the same input is replayed;
/// what is not known is [`Value::Nothing`].
pub trait Facts {
    /// The recorded instant.
    fn now(&self) -> Millis;

    /// The zone of calendar days and dates.
    fn zone(&self) -> &TimeZone;

    /// The language in which typed values print.
    fn language(&self) -> Language;

    /// A name in scope: `member`, `group`, a result, a loop name, `joiners`, `mentions`.
    fn name(&self, name: &str) -> Value;

    /// A field of `event`, `community`, `run`, `inputs` or `vars`.
    fn field(&self, root: Root, name: &str) -> Value;

    /// All fields of a root as one record, for handing it to a script.
    fn whole(&self, root: Root) -> Value;

    /// A property of a member.
    fn member(&self, who: MemberNo, field: MemberField) -> Value;

    /// A property of a group.
    fn group(&self, which: GroupNo, field: GroupField) -> Value;

    /// Values of declared data.
    fn data(&self, name: &str, access: DataAccess<'_>) -> Value;

    /// A question with its arguments as in the table of functions; a method's subject comes first.
    /// Arguments that were left out are not there; a window is a span, a time or one of the words.
    fn ask(&self, query: Query, args: &[Value]) -> Value;

    /// The value of `module::function(args)`, from [`super::Module::call`]. A failure is empty and
    /// told through [`Facts::note`].
    fn script(&self, module: &str, function: &str, args: &[Value]) -> Value;

    /// The next draw of this step's own chance, seeded with hash(store salt, run, step, call).
    fn draw(&self) -> u64;

    /// Something that the trace should show: an overflow, a value of an unexpected type.
    fn note(&self, note: &str);
}

/// Which values of declared data are meant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum DataAccess<'a> {
    /// `x`: the value of whom this run is about.
    Scope,
    /// `x.of(a)`, `x.of(a, b)`: the value of a member, group or key.
    Of(&'a [Value]),
    /// `x[key]`.
    Key(&'a Value),
    /// `x.rows`: every value, as records `member`, `group` or `key`, and `value`.
    Rows,
    /// `x.count`: how many values there are.
    Count,
    /// `x.marked_today()`, `x.marked_today(member)` of a streak → bool.
    MarkedToday(Option<&'a Value>),
}
