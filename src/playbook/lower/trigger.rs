//! `when`, `stop_when` and `wait: { for: … }`: triggers in their short and long forms.

use super::context::{Lowering, nearest};
use crate::model::{Content, Millis, Role, Text, limits};
use crate::playbook::codes::Code;
use crate::playbook::diagnostic::Diagnostic;
use crate::playbook::grammar::{self, LATER_TRIGGERS, TRIGGERS, Trigger as Row};
use crate::playbook::rule::{
    By, CommandFilter, Keyword, Matching, MessageFilter, Schedule, Trigger, Where,
};
use crate::playbook::shape::{Field, Fields, not_yet};
use crate::playbook::source::Spot;
use crate::playbook::yaml::NodeKind;
use croner::parser::{CronParser, Seconds, Year};

/// What stands after a trigger's name.
#[derive(Clone, Copy)]
struct Body<'n> {
    row: &'static Row,
    fields: Fields<'n>,
    /// A scalar or list in place of the mapping: it is the row's short field.
    short: Option<Field<'n>>,
    /// Where messages count unless it says so.
    place: Where,
}

impl<'n> Body<'n> {
    fn get(&self, key: &str) -> Option<Field<'n>> {
        let short = self.short.filter(|_| self.row.short == Some(key));
        short.or_else(|| self.fields.get(key))
    }
}

impl Lowering<'_> {
    /// Triggers that end or wake something: messages count wherever they are written, so that an
    /// answer in a direct conversation is a sign of life.
    pub(super) fn triggers(&mut self, field: &Field<'_>) -> Vec<Trigger> {
        self.trigger_list(field, Where::Anywhere)
    }

    /// Triggers that start a rule.
    pub(super) fn when(&mut self, field: &Field<'_>) -> Vec<Trigger> {
        self.trigger_list(field, Where::Group)
    }

    fn trigger_list(&mut self, field: &Field<'_>, place: Where) -> Vec<Trigger> {
        let wanted = "a trigger or a list of triggers";
        let items = self.report.one_or_more(*field, wanted);
        items
            .into_iter()
            .filter_map(|item| self.trigger(item, place))
            .collect()
    }

    fn trigger(&mut self, item: Field<'_>, place: Where) -> Option<Trigger> {
        if let Some(name) = item.as_text() {
            let row = self.row(item.spot(), name)?;
            let fields = Fields {
                spot: item.spot(),
                entries: &[],
            };
            return self.lower_trigger(Body {
                row,
                fields,
                short: None,
                place,
            });
        }
        let map = self
            .report
            .map(item, "a trigger such as `join` or `keyword: { any: [hi] }`")?;
        let mut rows = map.iter().filter(|field| {
            let name = field.key.map_or("", |key| &*key.text);
            !name.starts_with("x-")
        });
        let Some(first) = rows.next() else {
            self.report.wrong_shape(item, "a trigger");
            return None;
        };
        if let Some(second) = rows.next() {
            let spot = second.key.map_or(second.spot(), |key| key.spot);
            self.report.push(
                Diagnostic::error(Code::TwoSteps, spot, "two triggers in one mapping")
                    .label("put it into an item of its own")
                    .help("write a list: `when: [join, message]`"),
            );
            return None;
        }
        self.long_trigger(first, place)
    }

    fn long_trigger(&mut self, field: Field<'_>, place: Where) -> Option<Trigger> {
        let key = field.key?;
        let row = self.row(key.spot, &key.text)?;
        let mut body = Body {
            row,
            fields: Fields {
                spot: key.spot,
                entries: &[],
            },
            short: None,
            place,
        };
        match &field.node.kind {
            NodeKind::Map(_) if row.short != Some("any") || !is_words(&field) => {
                body.fields = self.report.map(field, "a map")?;
                let known = grammar::names(row.fields);
                self.report.known(body.fields, &known, &[]);
            }
            NodeKind::Scalar(_) | NodeKind::List(_) | NodeKind::Map(_) if row.short.is_some() => {
                body.short = Some(field);
            }
            NodeKind::Scalar(_)
            | NodeKind::List(_)
            | NodeKind::Map(_)
            | NodeKind::Empty
            | NodeKind::Broken => {
                let names = grammar::names(row.fields).join("`, `");
                self.report
                    .wrong_shape(field, &format!("a map with `{names}`"));
                return None;
            }
        }
        self.lower_trigger(body)
    }

    fn row(&mut self, spot: Spot, name: &str) -> Option<&'static Row> {
        if let Some(row) = Row::named(name) {
            return Some(row);
        }
        if LATER_TRIGGERS.contains(&name) {
            self.report.push(not_yet(spot, name));
            return None;
        }
        let names = || TRIGGERS.iter().map(|row| row.name);
        let problem = Diagnostic::error(
            Code::UnknownTrigger,
            spot,
            format!("unknown trigger `{name}`"),
        )
        .label("no trigger has this name");
        let near = nearest(name, names());
        self.report.push(if near.is_some() {
            problem.did_you_mean(near)
        } else {
            problem.because(format!(
                "triggers: {}",
                names().collect::<Vec<_>>().join(", ")
            ))
        });
        None
    }

    fn lower_trigger(&mut self, body: Body<'_>) -> Option<Trigger> {
        Some(match body.row.name {
            "join" => Trigger::Join {
                via: self.optional_words(body, "via"),
            },
            "leave" => Trigger::Leave {
                via: self.leave_via(body),
            },
            "join_request" => Trigger::JoinRequest,
            "message" => Trigger::Message(self.message(body)),
            "keyword" => Trigger::Keyword(self.keyword(body)?),
            "command" => Trigger::Command(self.command(body)?),
            "reaction" => {
                let on = body.get("on");
                let on = on.and_then(|field| self.report.choice(field, &["ours", "any"]));
                Trigger::Reaction {
                    any: self.optional_words(body, "any"),
                    on_ours: on == Some("ours"),
                    place: self.place(body),
                }
            }
            "schedule" => Trigger::Schedule(self.schedule(body)?),
            "inactivity" => self.inactivity(body)?,
            "offset" => self.offset(body)?,
            "signal" => {
                let name = self.needed(body, "name")?;
                let name = self.resolved(name)?;
                Trigger::Signal {
                    name: self.report.id(name)?,
                }
            }
            other => {
                self.report.push(not_yet(body.fields.spot, other));
                return None;
            }
        })
    }

    fn needed<'n>(&mut self, body: Body<'n>, key: &str) -> Option<Field<'n>> {
        match body.get(key) {
            Some(field) => Some(field),
            None => self.report.need(body.fields, key, ""),
        }
    }

    fn optional_words(&mut self, body: Body<'_>, key: &str) -> Vec<Text> {
        body.get(key)
            .map(|field| self.words(&field))
            .unwrap_or_default()
    }

    fn leave_via(&mut self, body: Body<'_>) -> Vec<Text> {
        let Some(field) = body.get("via") else {
            return Vec::new();
        };
        let fields = self
            .report
            .one_or_more(field, "`self`, `removed` or `banned`");
        fields
            .into_iter()
            .filter_map(|field| self.report.choice(field, &["self", "removed", "banned"]))
            .map(Into::into)
            .collect()
    }

    fn place(&mut self, body: Body<'_>) -> Where {
        let field = body.get("in");
        let word = field.and_then(|field| self.report.choice(field, grammar::PLACES));
        match word {
            Some("group") => Where::Group,
            Some("dm") => Where::Dm,
            Some("anywhere") => Where::Anywhere,
            Some(_) | None => body.place,
        }
    }

    fn from(&mut self, body: Body<'_>) -> Vec<Role> {
        let Some(field) = body.get("from") else {
            return Vec::new();
        };
        self.roles(field)
    }

    /// `from`: roles that count; `anyone` is no restriction.
    pub(super) fn roles(&mut self, field: Field<'_>) -> Vec<Role> {
        let mut roles = Vec::new();
        for field in self.report.one_or_more(field, "a role or a list of roles") {
            match self.report.choice(field, grammar::ROLES) {
                Some("owner") => roles.push(Role::Owner),
                Some("staff") => roles.push(Role::Staff),
                Some("member") => roles.push(Role::Member),
                Some(_) => return Vec::new(),
                None => {}
            }
        }
        roles
    }

    /// Kinds of messages.
    pub(super) fn contents(&mut self, field: Field<'_>) -> Vec<Content> {
        const ALL: [Content; 8] = [
            Content::Text,
            Content::Image,
            Content::File,
            Content::Voice,
            Content::Video,
            Content::Sticker,
            Content::Location,
            Content::Other,
        ];
        let fields = self.report.one_or_more(field, "a kind or a list of kinds");
        fields
            .into_iter()
            .filter_map(|field| {
                let word = self.report.choice(field, grammar::CONTENTS)?;
                ALL.into_iter().find(|content| content.word() == word)
            })
            .collect()
    }

    fn message(&mut self, body: Body<'_>) -> MessageFilter {
        let mentions = body.get("mentions");
        let bot = mentions.is_some_and(|field| field.as_text() == Some("bot"));
        let mentions = mentions.filter(|_| !bot);
        MessageFilter {
            from: self.from(body),
            content: body
                .get("content")
                .map(|field| self.contents(field))
                .unwrap_or_default(),
            mentions: mentions.and_then(|field| self.report.yes_or_no(field)),
            mentions_bot: bot,
            links: body
                .get("links")
                .and_then(|field| self.report.yes_or_no(field)),
            place: self.place(body),
        }
    }

    fn keyword(&mut self, body: Body<'_>) -> Option<Keyword> {
        let matching = body.get("match");
        let matching = matching.and_then(|field| self.report.choice(field, grammar::MATCHES));
        let matching = match matching {
            Some("anywhere") => Matching::Anywhere,
            Some("begins") => Matching::Begins,
            Some("exact") => Matching::Exact,
            Some("regex") => Matching::Regex,
            Some(_) | None => Matching::Word,
        };
        let evasion = body.get("evasion");
        let evasion = evasion.and_then(|field| self.report.yes_or_no(field));
        let keyword = Keyword {
            any: self.optional_words(body, "any"),
            all: self.optional_words(body, "all"),
            none: self.optional_words(body, "none"),
            matching,
            evasion: evasion.unwrap_or_default(),
            place: self.place(body),
            from: self.from(body),
        };
        if body.get("any").is_none() && body.get("all").is_none() {
            self.report
                .need(body.fields, "any", "which words? `any: [hello]`");
            return None;
        }
        for key in ["any", "all", "none"] {
            if let Some(field) = body.get(key) {
                self.check_words(field, &keyword, key);
            }
        }
        Some(keyword)
    }

    /// Patterns must compile; words of scripts without spaces are found anywhere.
    fn check_words(&mut self, field: Field<'_>, keyword: &Keyword, key: &str) {
        let words = match key {
            "any" => &keyword.any,
            "all" => &keyword.all,
            _ => &keyword.none,
        };
        match keyword.matching {
            Matching::Regex => {
                for word in words {
                    self.check_pattern(field, word);
                }
            }
            Matching::Word => {
                if let Some(word) = words.iter().find(|word| word.chars().any(without_spaces)) {
                    let spot = spot_of(field, word);
                    let message = format!("`{word}` is found anywhere in a text");
                    self.report.push(
                        Diagnostic::note(Code::MatchesAnywhere, spot, message)
                            .label("no spaces stand between words in this script")
                            .help("write `match: exact` for messages that say nothing else"),
                    );
                }
            }
            Matching::Anywhere | Matching::Begins | Matching::Exact => {}
        }
        if words.iter().any(|word| word.trim().is_empty()) {
            let message = "an empty keyword would be found in every text";
            self.report
                .push(Diagnostic::error(Code::EmptyValue, field.spot(), message));
        }
    }

    fn check_pattern(&mut self, field: Field<'_>, pattern: &str) {
        let compiled = regex::RegexBuilder::new(pattern)
            .size_limit(limits::REGEX_BYTES_MAX)
            .dfa_size_limit(limits::REGEX_CACHE_BYTES_MAX)
            .build();
        let reason = match compiled {
            Ok(_) if pattern.len() <= limits::PATTERN_BYTES_MAX => return,
            Ok(_) | Err(regex::Error::CompiledTooBig(_)) => "the pattern is too large".to_owned(),
            Err(error) => {
                let text = error.to_string();
                let last = text.lines().last().unwrap_or_default();
                last.trim_start_matches("error: ").to_owned()
            }
        };
        let message = format!("`{pattern}` is not a pattern");
        let spot = spot_of(field, pattern);
        self.report
            .push(Diagnostic::error(Code::BadPattern, spot, message).label(reason));
    }

    fn command(&mut self, body: Body<'_>) -> Option<CommandFilter> {
        let name = self.needed(body, "name")?;
        let mut names = Vec::new();
        for word in self.words(&name) {
            let bare = word.trim_start_matches('/');
            if bare.is_empty() || bare.contains(char::is_whitespace) {
                let message = format!("`{word}` cannot be the name of a command");
                let problem = Diagnostic::error(Code::NotAnId, spot_of(name, &word), message);
                self.report.push(problem.label("one word"));
            } else {
                names.push(bare.into());
            }
        }
        let by = body.get("by").and_then(|field| self.by(field));
        Some(CommandFilter {
            names,
            args: self.command_args(body),
            by: by.unwrap_or_default(),
            place: self.place(body),
        })
    }

    fn command_args(&mut self, body: Body<'_>) -> Vec<Text> {
        let Some(field) = body.get("args") else {
            return Vec::new();
        };
        let mut names = Vec::new();
        for item in self.report.one_or_more(field, "a name or a list of names") {
            if item.node.entries().is_some() {
                // `args: { days: number }`: typed arguments are kept for a later version.
                self.report.push(not_yet(item.spot(), "args with types"));
            } else if let Some(name) = self.new_name(&item) {
                names.push(name);
            }
        }
        names
    }

    /// Who may: other roles than the three are kept for a later version.
    fn by(&mut self, field: Field<'_>) -> Option<By> {
        let text = self.report.text(field, "`owner`, `staff` or `anyone`")?;
        match text {
            "anyone" => Some(By::Anyone),
            "staff" => Some(By::Staff),
            "owner" => Some(By::Owner),
            role => {
                if nearest(role, grammar::BY.iter().copied()).is_some() {
                    self.report.choice(field, grammar::BY);
                } else {
                    self.report.push(not_yet(field.spot(), role));
                }
                None
            }
        }
    }

    fn inactivity(&mut self, body: Body<'_>) -> Option<Trigger> {
        self.exactly_one(body, &["member", "group"])?;
        if let Some(field) = body.get("member") {
            return self.span(&field).map(Trigger::MemberInactive);
        }
        let field = body.get("group")?;
        self.span(&field).map(Trigger::GroupInactive)
    }

    fn offset(&mut self, body: Body<'_>) -> Option<Trigger> {
        let after = self.needed(body, "after");
        let after = after.and_then(|field| self.span(&field));
        let since = self.needed(body, "since");
        let since = since.and_then(|field| self.report.choice(field, &["join", "group_created"]));
        let after = after?;
        Some(match since? {
            "join" => Trigger::SinceJoin(after),
            _ => Trigger::SinceGroupCreated(after),
        })
    }

    fn schedule(&mut self, body: Body<'_>) -> Option<Schedule> {
        self.exactly_one(body, &["at", "cron", "every"])?;
        if let (Some(days), None) = (body.get("days"), body.get("at")) {
            let spot = days.key.map_or(days.spot(), |key| key.spot);
            let message = "`days` goes with `at` only";
            self.report
                .push(Diagnostic::error(Code::KeysTogether, spot, message));
            return None;
        }
        if let Some(field) = body.get("every") {
            return self.span(&field).map(Schedule::Every);
        }
        if let Some(field) = body.get("cron") {
            return self.cron(field).map(Schedule::Cron);
        }
        let at_ms = self.times(body.get("at")?);
        let days = body.get("days").map(|field| self.days(field));
        (!at_ms.is_empty()).then_some(Schedule::Daily {
            at_ms,
            days: days.unwrap_or([true; 7]),
        })
    }

    fn times(&mut self, field: Field<'_>) -> Vec<Millis> {
        let fields = self
            .report
            .one_or_more(field, "a time of day such as `08:30`");
        let mut times: Vec<Millis> = fields
            .into_iter()
            .filter_map(|field| {
                let field = self.resolved(field)?;
                self.report.time_of_day(field)
            })
            .collect();
        times.sort_unstable();
        times.dedup();
        times
    }

    fn days(&mut self, field: Field<'_>) -> [bool; 7] {
        let mut days = [false; 7];
        for item in self.report.one_or_more(field, "a day or a list of days") {
            let Some(item) = self.resolved(item) else {
                continue;
            };
            let Some(word) = self.report.choice(item, grammar::DAYS) else {
                continue;
            };
            let range = match word {
                "weekdays" => 0..5,
                "weekends" => 5..7,
                "daily" => 0..7,
                name => {
                    let place = grammar::DAYS.iter().position(|day| *day == name);
                    let day = place.unwrap_or_default() % 7;
                    day..day + 1
                }
            };
            for day in days.get_mut(range).into_iter().flatten() {
                *day = true;
            }
        }
        days
    }

    fn cron(&mut self, field: Field<'_>) -> Option<Text> {
        let field = self.resolved(field)?;
        let text = self
            .report
            .text(field, "a cron pattern such as `30 8 * * MON-FRI`")?;
        let parser = CronParser::builder()
            .seconds(Seconds::Disallowed)
            .year(Year::Disallowed)
            .build();
        if parser.parse(text).is_ok() {
            return Some(text.into());
        }
        let fields = text.split_whitespace().count();
        let label = if fields == 5 {
            "one of its fields is out of range or misspelt".to_owned()
        } else {
            format!("this has {fields} fields, a pattern has five")
        };
        let message = format!("`{text}` is not a cron pattern");
        self.report.push(
            Diagnostic::error(Code::BadCron, field.spot(), message)
                .label(label)
                .because("minute, hour, day of month, month, day of week"),
        );
        None
    }

    /// Exactly one of these keys must be there.
    fn exactly_one(&mut self, body: Body<'_>, keys: &[&str]) -> Option<()> {
        let there: Vec<Field<'_>> = keys.iter().filter_map(|key| body.get(key)).collect();
        let names = keys.join("` or `");
        match there.as_slice() {
            [_] => Some(()),
            [] => {
                let message = format!("`{}` needs `{names}`", body.row.name);
                let spot = body.fields.spot;
                self.report
                    .push(Diagnostic::error(Code::MissingKey, spot, message));
                None
            }
            [first, second, ..] => {
                let spot = |field: &Field<'_>| field.key.map_or(field.spot(), |key| key.spot);
                let message = format!(
                    "{} and {} cannot stand together",
                    first.name(),
                    second.name()
                );
                self.report.push(
                    Diagnostic::error(Code::KeysTogether, spot(second), message)
                        .label(format!("only one of `{names}`"))
                        .other(spot(first), "this says it already"),
                );
                None
            }
        }
    }
}

/// True for `{ from: file }` in the place of words.
fn is_words(field: &Field<'_>) -> bool {
    let path = field.node.get("from").and_then(|node| node.text());
    let alone = field
        .node
        .entries()
        .is_some_and(|entries| entries.len() == 1);
    alone && path.is_some_and(|path| path.contains(['.', '/']))
}

/// Where a word of a list is written; the list itself where it comes from elsewhere.
fn spot_of(field: Field<'_>, word: &str) -> Spot {
    let items = field.node.items().unwrap_or_default();
    let item = items.iter().find(|item| item.text() == Some(word));
    item.map_or(field.spot(), |item| item.spot)
}

/// Scripts whose words stand without spaces between them: Chinese, Japanese, Thai.
fn without_spaces(c: char) -> bool {
    matches!(c,
        '\u{0e00}'..='\u{0e7f}'
        | '\u{3040}'..='\u{30ff}'
        | '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{3ffff}')
}
