//! The types that scripts see beside numbers, texts, arrays and maps. Members are an own type:
//! maps of 14 properties reach the limits of scripts at 72 members, this at 1,001.

use super::{Answer, convert, fault, host};
use crate::model::{GroupNo, MemberNo, Millis, RichText, Span, Value, time};
use crate::script::facts::Facts;
use crate::script::print;
use crate::script::schema::{GroupField, MemberField};
use rhai::{Dynamic, Engine, NativeCallContext};

/// A member; properties as in expressions.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Member(pub(crate) MemberNo);

/// A group; properties as in expressions.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Group(pub(crate) GroupNo);

/// A time.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Instant(pub(crate) Millis);

/// A duration.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Length(pub(crate) Span);

/// Text with mentions in it.
#[derive(Clone)]
pub(crate) struct Mentions(pub(crate) RichText);

pub(super) fn register(engine: &mut Engine) {
    engine
        .register_type_with_name::<Member>("Member")
        .register_type_with_name::<Group>("Group")
        .register_type_with_name::<Instant>("Time")
        .register_type_with_name::<Length>("Duration")
        .register_type_with_name::<Mentions>("RichText");
    for field in MemberField::ALL {
        let get = |context: NativeCallContext<'_>, who: &mut Member| -> Answer<Dynamic> {
            let host = host(&context)?;
            Ok(convert::to_dynamic(&host.facts().member(who.0, *field)))
        };
        engine.register_get(field.field().name, get);
    }
    for field in GroupField::ALL {
        let get = |context: NativeCallContext<'_>, which: &mut Group| -> Answer<Dynamic> {
            let host = host(&context)?;
            Ok(convert::to_dynamic(&host.facts().group(which.0, *field)))
        };
        engine.register_get(field.field().name, get);
    }
    people(engine);
    times(engine);
    printing(engine);
}

fn people(engine: &mut Engine) {
    engine
        .register_fn("==", |one: Member, other: Member| one == other)
        .register_fn("!=", |one: Member, other: Member| one != other)
        .register_fn("==", |one: Group, other: Group| one == other)
        .register_fn("!=", |one: Group, other: Group| one != other);
}

fn times(engine: &mut Engine) {
    engine
        .register_fn("==", |one: Instant, other: Instant| one == other)
        .register_fn("!=", |one: Instant, other: Instant| one != other)
        .register_fn("<", |one: Instant, other: Instant| one < other)
        .register_fn("<=", |one: Instant, other: Instant| one <= other)
        .register_fn(">", |one: Instant, other: Instant| one > other)
        .register_fn(">=", |one: Instant, other: Instant| one >= other)
        .register_fn("-", |one: Instant, other: Instant| {
            Length(Span::exact(one.0.saturating_sub(other.0)))
        });
    engine.register_get("days", |span: &mut Length| span.0.nominal_ms() / time::DAY);
    // A duration compares with a duration and with its text: `now() - m.last_active > "7d"`.
    macro_rules! compare {
        ($($sign:literal $operator:tt),*) => {$(
            engine
                .register_fn($sign, |one: Length, other: Length| {
                    one.0.nominal_ms() $operator other.0.nominal_ms()
                })
                .register_fn($sign, |one: Length, other: &str| -> Answer<bool> {
                    Ok(one.0.nominal_ms() $operator length(other)?.nominal_ms())
                });
        )*};
    }
    compare!("==" ==, "!=" !=, "<" <, "<=" <=, ">" >, ">=" >=);
}

/// A duration as text.
pub(super) fn length(text: &str) -> Answer<Span> {
    Span::parse(text).ok_or_else(|| fault(format!("`{text}` is no duration")))
}

fn printing(engine: &mut Engine) {
    fn shown(facts: &dyn Facts, value: &Value) -> String {
        print::to_text(value, facts).to_string()
    }
    macro_rules! shows {
        ($($kind:ty => $value:path),*) => {$(
            for name in ["to_string", "to_debug", "print", "debug"] {
                let show = |context: NativeCallContext<'_>, it: &mut $kind| -> Answer<String> {
                    let host = host(&context)?;
                    Ok(shown(host.facts(), &$value(it.0.clone())))
                };
                engine.register_fn(name, show);
            }
            engine.register_fn("+", |context: NativeCallContext<'_>, text: &str, it: $kind| -> Answer<String> {
                let host = host(&context)?;
                Ok(format!("{text}{}", shown(host.facts(), &$value(it.0))))
            });
        )*};
    }
    shows!(
        Member => Value::Member,
        Group => Value::Group,
        Instant => Value::Time,
        Length => Value::Span,
        Mentions => Value::Rich
    );
}
