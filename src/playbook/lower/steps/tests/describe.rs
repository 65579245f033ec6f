//! Steps in a few words: literals as they are, expressions by their type.
#![expect(
    clippy::too_many_lines,
    clippy::wildcard_enum_match_arm,
    clippy::needless_pass_by_value,
    reason = "one flat match that prints steps for tests"
)]

use crate::model::Value;
use crate::playbook::rule::{
    About, Act, Block, Field, Line, OnError, Otherwise, Step, Trigger, WaitFor,
};
use crate::script::{Expr, Template};

/// A block and those in it, each step in a line.
pub(in crate::playbook::lower) fn block(blocks: &[Block], number: u32, indent: &str) -> String {
    let mut lines = String::new();
    for step in &blocks.get(number as usize).unwrap().steps {
        lines += &self::step(blocks, step, indent);
    }
    lines
}

fn step(blocks: &[Block], step: &Step, indent: &str) -> String {
    let mut line = format!("{indent}{} {}", step.path, step.name);
    let mut inner = String::new();
    let deeper = format!("{indent}  ");
    let mut below = |word: &str, number: u32| {
        inner += &format!(
            "{deeper}{word}:\n{}",
            block(blocks, number, &format!("{deeper}  "))
        );
    };
    for part in act(&step.act, &mut below) {
        line += &format!(" {part}");
    }
    if !step.condition.is_empty() {
        line += &format!(" if={}", step.condition.len());
    }
    if let Some(name) = &step.result_as {
        line += &format!(" as={name}");
    }
    if let Some(retry) = step.retry {
        line += &format!(" retry={}x{}", retry.times, retry.every);
    }
    if step.on_error == OnError::Continue {
        line += " on_error=continue";
    }
    if let Some(once) = &step.once {
        line += &format!(" once={}", template(once));
    }
    if let Some(state) = step.state {
        line += &format!(" state={state:?}");
    }
    if let OnError::Do(number) = step.on_error {
        below("on_error", number);
    }
    if let Some(number) = step.otherwise {
        below("else", number);
    }
    format!("{line}\n{inner}")
}

fn act(act: &Act, below: &mut dyn FnMut(&str, u32)) -> Vec<String> {
    let mut parts = Parts::default();
    match act {
        Act::Post(post) => {
            parts.all("to", &post.to);
            parts.push("text", field(&post.text));
            parts.maybe("file", post.file.as_ref());
            parts.flag("pin", post.pin);
            parts.flag("everyone", post.everyone);
        }
        Act::Welcome { to, text, gather } => {
            parts.all("to", to);
            parts.push("text", field(text));
            parts.maybe("gather", gather.as_ref());
        }
        Act::React { emoji, message } => {
            parts.push("emoji", field(emoji));
            parts.maybe("message", message.as_ref());
        }
        Act::Ask(ask) => ask_parts(&mut parts, ask, below),
        Act::Approve(ask) | Act::Task(ask) => {
            parts.push("by", format!("{:?}", ask.by));
            parts.maybe("to", ask.to.as_ref());
            parts.all("except", &ask.except);
            parts.push("text", field(&ask.text));
            parts.maybe("within", ask.within.as_ref());
            parts.otherwise("on_no", ask.on_no, below);
            parts.otherwise("on_timeout", ask.on_timeout, below);
        }
        Act::Wait(wait) => {
            match &wait.until {
                WaitFor::Span(span) => parts.push("span", field(span)),
                WaitFor::Time(time) => parts.push("time", field(time)),
                WaitFor::TimeOfDay(at) => parts.push("at_ms", at.to_string()),
                WaitFor::Event {
                    triggers,
                    timeout,
                    on_timeout,
                } => {
                    parts.triggers("for", triggers);
                    parts.maybe("timeout", timeout.as_ref());
                    parts.otherwise("on_timeout", *on_timeout, below);
                }
            }
            parts.triggers("stop_when", &wait.stop_when);
            parts.push("late", format!("{:?}", wait.late));
        }
        Act::Block(number) => below("do", *number),
        Act::Choose(ways) => {
            for (condition, number) in ways {
                below(
                    if condition.is_some() {
                        "if"
                    } else {
                        "otherwise"
                    },
                    *number,
                );
            }
        }
        Act::Each {
            name,
            list,
            filter,
            most,
            pace,
            block,
        } => {
            parts.push("each", format!("{name} in {}", expr(list)));
            parts.flag("where", filter.is_some());
            parts.maybe("n", most.as_ref());
            if let Some(pace) = pace {
                parts.push("pace", pace.to_string());
            }
            below("do", *block);
        }
        Act::Let(_)
        | Act::Filter { .. }
        | Act::Label { .. }
        | Act::Data(_)
        | Act::Reward { .. }
        | Act::Charge { .. }
        | Act::Admit
        | Act::Decline { .. }
        | Act::Moderate { .. }
        | Act::DeleteMessage { .. }
        | Act::Invite { .. }
        | Act::CreateGroup { .. }
        | Act::CloseGroup { .. }
        | Act::Call { .. }
        | Act::RunScript { .. }
        | Act::Signal { .. }
        | Act::Webhook { .. }
        | Act::Stop { .. } => plain(&mut parts, act, below),
    }
    parts.0
}

fn plain(parts: &mut Parts, act: &Act, below: &mut dyn FnMut(&str, u32)) {
    match act {
        Act::Let(names) => parts.named(names),
        Act::Filter {
            name,
            list,
            filter,
            sort_by,
            descending,
            first,
        } => {
            parts.push("each", format!("{name} in {}", expr(list)));
            parts.flag("where", filter.is_some());
            parts.flag("sort_by", sort_by.is_some());
            parts.flag("descending", *descending);
            parts.maybe("first", first.as_ref());
        }
        Act::Label {
            about,
            add,
            drop,
            expires,
        } => {
            parts.about(about);
            parts.all("add", add);
            parts.all("drop", drop);
            parts.maybe("expires", expires.as_ref());
        }
        Act::Data(change) => {
            parts.push("name", format!("{} {:?}", change.name, change.verb));
            parts.maybe("value", change.value.as_ref());
            parts.maybe("of", change.of.as_ref());
            parts.maybe("key", change.key.as_ref());
            parts.maybe("count", change.count.as_ref());
            parts.otherwise("on_empty", change.on_empty, below);
        }
        Act::Reward {
            about,
            points,
            badge,
            role,
            reason,
            once,
        } => {
            parts.about(about);
            if let Some(points) = points {
                parts.push("points", field(&points.base));
                if let Some((min, max, weight)) = &points.random {
                    parts.push("random", format!("{}..{}", field(min), field(max)));
                    parts.maybe("weight", weight.as_ref());
                }
            }
            parts.maybe("badge", badge.as_ref());
            parts.maybe("role", role.as_ref());
            parts.push("reason", field(reason));
            parts.flag("once", once.is_some());
        }
        Act::Charge {
            about,
            points,
            reason,
            once,
        } => {
            parts.about(about);
            parts.push("points", field(points));
            parts.push("reason", field(reason));
            parts.flag("once", once.is_some());
        }
        Act::Decline { reason } | Act::Stop { reason } => parts.push("reason", field(reason)),
        Act::Moderate {
            verb,
            about,
            reason,
        } => {
            use crate::playbook::rule::Moderation::{Ban, Mute, Remove, Unban, Unmute};
            match verb {
                Mute(Some(span)) => parts.push("for", field(span)),
                Mute(None) => parts.push("for", "ever".to_owned()),
                Remove | Ban | Unban | Unmute => {}
            }
            parts.about(about);
            parts.push("reason", field(reason));
        }
        Act::DeleteMessage { message, group } => {
            parts.maybe("message", message.as_ref());
            parts.maybe("group", group.as_ref());
        }
        Act::Invite { member, to, text } => {
            parts.maybe("member", member.as_ref());
            parts.maybe("to", to.as_ref());
            parts.maybe("text", text.as_ref());
        }
        Act::CreateGroup { name, like, on } => {
            parts.push("name", field(name));
            parts.maybe("like", like.as_ref());
            parts.maybe("on", on.as_ref());
        }
        Act::CloseGroup { group, reason } => {
            parts.maybe("group", group.as_ref());
            parts.push("reason", field(reason));
        }
        Act::Call { flow, with } => {
            parts.push("flow", flow.as_ref().to_owned());
            parts.named(with);
        }
        Act::RunScript {
            module,
            function,
            with,
        } => parts.push("run", format!("{module}::{function}({})", field(with))),
        Act::Signal { name, data, about } => {
            parts.push("name", name.as_ref().to_owned());
            parts.push("data", field(data));
            parts.about(about);
        }
        Act::Webhook { endpoint, data } => {
            parts.push("endpoint", endpoint.as_ref().to_owned());
            parts.push("data", field(data));
        }
        Act::Admit => {}
        other => parts.push("other", format!("{other:?}")),
    }
}

fn ask_parts(
    parts: &mut Parts,
    ask: &crate::playbook::rule::AskStep,
    below: &mut dyn FnMut(&str, u32),
) {
    parts.all("to", &ask.to);
    parts.push("text", field(&ask.text));
    parts.all("choices", &ask.choices);
    parts.flag("pin", ask.pin);
    parts.words("keyword", &ask.keyword);
    parts.words("cancel", &ask.cancel);
    if !ask.content.is_empty() {
        parts.push("kind", format!("{:?}", ask.content));
    }
    if !ask.from.is_empty() {
        parts.push("from", format!("{:?}", ask.from));
    }
    parts.maybe("for", ask.open_for.as_ref());
    parts.maybe("until", ask.until.as_ref());
    parts.maybe("at_most", ask.at_most.as_ref());
    parts.push("full", format!("{:?}", ask.full));
    parts.flag("once_per_member", ask.once_per_member);
    parts.push("again", format!("{:?}", ask.again));
    parts.flag("filter", ask.filter.is_some());
    if let Some(text) = &ask.refused {
        parts.push("refused", template(text));
    }
    parts.push("show", format!("{:?}", ask.show));
    parts.triggers("stop_when", &ask.stop_when);
    if let Some(number) = ask.on_answer {
        below("on_answer", number);
    }
}

#[derive(Default)]
struct Parts(Vec<String>);

impl Parts {
    fn push(&mut self, name: &str, value: String) {
        self.0.push(format!("{name}={value}"));
    }

    fn maybe(&mut self, name: &str, value: Option<&Field>) {
        if let Some(value) = value {
            self.push(name, field(value));
        }
    }

    fn all(&mut self, name: &str, values: &[Field]) {
        if !values.is_empty() {
            self.push(name, fields(values));
        }
    }

    fn words(&mut self, name: &str, words: &[crate::model::Text]) {
        if !words.is_empty() {
            self.push(name, words.join("|"));
        }
    }

    fn flag(&mut self, name: &str, flag: bool) {
        if flag {
            self.0.push(name.to_owned());
        }
    }

    fn named(&mut self, values: &[(crate::model::Text, Field)]) {
        for (name, value) in values {
            self.push(name, field(value));
        }
    }

    fn about(&mut self, about: &About) {
        self.maybe("member", about.member.as_ref());
        self.maybe("group", about.group.as_ref());
    }

    fn triggers(&mut self, name: &str, triggers: &[Trigger]) {
        let words: Vec<String> = triggers
            .iter()
            .map(|trigger| {
                let whole = format!("{trigger:?}");
                let end = whole.find([' ', '(']).unwrap_or(whole.len());
                whole.get(..end).unwrap_or_default().to_owned()
            })
            .collect();
        if !words.is_empty() {
            self.push(name, words.join("|"));
        }
    }

    fn otherwise(&mut self, name: &str, way: Otherwise, below: &mut dyn FnMut(&str, u32)) {
        match way {
            Otherwise::Stop => {}
            Otherwise::Continue => self.push(name, "continue".to_owned()),
            Otherwise::Do(number) => below(name, number),
        }
    }
}

fn fields(values: &[Field]) -> String {
    let values: Vec<String> = values.iter().map(field).collect();
    format!("[{}]", values.join(", "))
}

fn field(value: &Field) -> String {
    match value {
        Field::Is(value) => literal(value),
        Field::Expr(value) => expr(value),
        Field::Text(text) => template(text),
        Field::Lines(lines) => {
            let lines = lines.iter().map(|line| match line {
                Line::Plain(text) => template(text),
                Line::If(_, text) => format!("if {}", template(text)),
                Line::Each { name, line, .. } => format!("each {name} {}", template(line)),
            });
            lines.collect::<Vec<_>>().join("/")
        }
        Field::List(items) => fields(items),
        Field::Record(items) => {
            let items = items
                .iter()
                .map(|(name, value)| format!("{name}: {}", field(value)));
            format!("{{{}}}", items.collect::<Vec<_>>().join(", "))
        }
    }
}

fn literal(value: &Value) -> String {
    match value {
        Value::Text(text) => format!("'{text}'"),
        Value::Int(number) => number.to_string(),
        Value::Span(span) => span.to_string(),
        Value::Bool(flag) => flag.to_string(),
        Value::Nothing => "()".to_owned(),
        other => format!("{other:?}"),
    }
}

fn expr(value: &Expr) -> String {
    match value.as_name() {
        Some(name) => name.to_owned(),
        None => format!("<{}>", value.ty()),
    }
}

fn template(text: &Template) -> String {
    match text.as_plain() {
        Some(plain) => format!("\"{plain}\""),
        None => "\"${…}\"".to_owned(),
    }
}
