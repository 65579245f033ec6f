//! Time for scripts: the recorded instant, never a clock.

use super::types::length;
use super::{Answer, Instant, Length, add, fault, host};
use crate::model::{Span, time};
use crate::script::functions;
use rhai::{Map, Module, NativeCallContext};

pub(super) fn module() -> Module {
    let mut module = Module::new();
    add!(
        module,
        "now",
        |context: NativeCallContext<'_>| -> Answer<Instant> {
            Ok(Instant(host(&context)?.facts().now()))
        }
    );
    add!(module, "date", |context: NativeCallContext<'_>,
                          at: Instant|
     -> Answer<Map> {
        let host = host(&context)?;
        let local = time::zoned(at.0, host.facts().zone());
        let parts: [(&str, i64); 6] = [
            ("year", local.year().into()),
            ("month", local.month().into()),
            ("day", local.day().into()),
            ("weekday", local.weekday().to_monday_one_offset().into()),
            ("hour", local.hour().into()),
            ("minute", local.minute().into()),
        ];
        Ok(parts
            .into_iter()
            .map(|(name, part)| (name.into(), part.into()))
            .collect())
    });
    add!(module, "add", |context: NativeCallContext<'_>,
                         at: Instant,
                         span: &str|
     -> Answer<Instant> {
        let host = host(&context)?;
        Ok(Instant(length(span)?.after(at.0, host.facts().zone())))
    });
    add!(module, "add", |context: NativeCallContext<'_>,
                         at: Instant,
                         span: Length|
     -> Answer<Instant> {
        let host = host(&context)?;
        Ok(Instant(span.0.after(at.0, host.facts().zone())))
    });
    add!(module, "between", |from: Instant, to: Instant| {
        Length(Span::exact(to.0.saturating_sub(from.0)))
    });
    add!(module, "format_date", |context: NativeCallContext<'_>,
                                 at: Instant,
                                 pattern: &str|
     -> Answer<String> {
        let host = host(&context)?;
        host.spend(pattern.len())?;
        functions::format_date(at.0, functions::cut(pattern, 256), host.facts())
            .ok_or_else(|| fault(format!("`{pattern}` is no pattern for dates")))
    });
    module
}
