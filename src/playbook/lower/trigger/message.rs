//! Triggers about what somebody said: messages, keywords, commands.

use super::Body;
use crate::model::{Content, Role, Text, limits};
use crate::playbook::codes::Code;
use crate::playbook::diagnostic::Diagnostic;
use crate::playbook::grammar;
use crate::playbook::lower::context::{Lowering, nearest};
use crate::playbook::rule::{By, CommandFilter, Keyword, Matching, MessageFilter, Where};
use crate::playbook::shape::{Field, not_yet};
use crate::playbook::source::Spot;

impl Lowering<'_> {
    pub(super) fn leave_via(&mut self, body: Body<'_>) -> Vec<Text> {
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

    pub(super) fn place(&mut self, body: Body<'_>) -> Where {
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
    pub(in crate::playbook::lower) fn roles(&mut self, field: Field<'_>) -> Vec<Role> {
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
    pub(in crate::playbook::lower) fn contents(&mut self, field: Field<'_>) -> Vec<Content> {
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

    pub(super) fn message(&mut self, body: Body<'_>) -> MessageFilter {
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

    pub(super) fn keyword(&mut self, body: Body<'_>) -> Option<Keyword> {
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

    pub(super) fn command(&mut self, body: Body<'_>) -> Option<CommandFilter> {
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
