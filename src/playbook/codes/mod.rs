//! All codes of diagnostics, each with a page for `steward explain`. Codes are stable: a code is
//! never given another meaning.

mod names;
mod safety;
mod scripts;
mod shape;
mod types;
mod yaml;

use super::suggest::suggest;
use std::fmt;

/// What a page says.
#[derive(Debug)]
pub struct Page {
    /// One clause.
    pub title: &'static str,
    /// What happened and why it is a problem, in whole sentences.
    pub about: &'static str,
    /// How it looks; empty where no text is to blame.
    pub wrong: &'static str,
    /// How it is put right.
    pub right: &'static str,
}

macro_rules! codes {
    ($($id:ident $name:ident => $page:path;)*) => {
        /// The code of a diagnostic, named by what it says.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Code {
            $(
                #[doc = concat!("`", stringify!($id), "`")]
                $name,
            )*
        }

        impl Code {
            /// Every code, in order.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// As it is shown: `S0104`.
            pub const fn id(self) -> &'static str {
                match self {
                    $(Self::$name => stringify!($id),)*
                }
            }

            /// Its page.
            pub const fn page(self) -> &'static Page {
                match self {
                    $(Self::$name => &$page,)*
                }
            }
        }
    };
}

codes! {
    S0101 Unreadable => yaml::UNREADABLE;
    S0102 TooBig => yaml::TOO_BIG;
    S0103 DuplicateKey => yaml::DUPLICATE_KEY;
    S0104 ReadAsComment => yaml::READ_AS_COMMENT;
    S0105 BangForNot => yaml::BANG_FOR_NOT;
    S0106 ReservedCharacter => yaml::RESERVED_CHARACTER;
    S0107 BracesWithoutDollar => yaml::BRACES_WITHOUT_DOLLAR;
    S0108 SecondKeyOnLine => yaml::SECOND_KEY_ON_LINE;
    S0109 ReadAsAlias => yaml::READ_AS_ALIAS;
    S0110 ReadAsTag => yaml::READ_AS_TAG;
    S0111 TextAfterQuote => yaml::TEXT_AFTER_QUOTE;
    S0112 NoSpaceAfterColon => yaml::NO_SPACE_AFTER_COLON;
    S0113 FullWidthColon => yaml::FULL_WIDTH_COLON;
    S0114 StrangeSpace => yaml::STRANGE_SPACE;
    S0115 PlaceholderInBraces => yaml::PLACEHOLDER_IN_BRACES;
    S0116 CommaInBraces => yaml::COMMA_IN_BRACES;
    S0117 Anchor => yaml::ANCHOR;
    S0118 SecondDocument => yaml::SECOND_DOCUMENT;
    S0119 KeyNotText => yaml::KEY_NOT_TEXT;
    S0120 Unclosed => yaml::UNCLOSED;
    S0121 Indentation => yaml::INDENTATION;
    S0122 EmptyFile => yaml::EMPTY_FILE;

    S0201 UnknownKey => shape::UNKNOWN_KEY;
    S0202 MissingKey => shape::MISSING_KEY;
    S0203 UnknownStep => shape::UNKNOWN_STEP;
    S0204 UnknownTrigger => shape::UNKNOWN_TRIGGER;
    S0205 WrongShape => shape::WRONG_SHAPE;
    S0206 TwoSteps => shape::TWO_STEPS;
    S0207 NewerFormat => shape::NEWER_FORMAT;
    S0208 DuplicateId => shape::DUPLICATE_ID;
    S0209 NotAnId => shape::NOT_AN_ID;
    S0210 EmptyValue => shape::EMPTY_VALUE;
    S0211 KeysTogether => shape::KEYS_TOGETHER;
    S0299 NotYet => shape::NOT_YET;

    S0301 UnknownName => names::UNKNOWN_NAME;
    S0302 UnknownProperty => names::UNKNOWN_PROPERTY;
    S0303 UnknownFunction => names::UNKNOWN_FUNCTION;
    S0304 UnknownGroup => names::UNKNOWN_GROUP;
    S0305 UnknownScript => names::UNKNOWN_SCRIPT;
    S0306 NameCollision => names::NAME_COLLISION;
    S0307 UnknownFlow => names::UNKNOWN_FLOW;
    S0308 UnknownPlaybook => names::UNKNOWN_PLAYBOOK;
    S0309 UnknownData => names::UNKNOWN_DATA;
    S0310 UnknownEndpoint => names::UNKNOWN_ENDPOINT;
    S0311 UnknownConnector => names::UNKNOWN_CONNECTOR;
    S0312 UnsetVariable => names::UNSET_VARIABLE;
    S0313 UnreadableSecret => names::UNREADABLE_SECRET;
    S0314 ReservedName => names::RESERVED_NAME;
    S0315 UnknownWords => names::UNKNOWN_WORDS;

    S0401 WrongType => types::WRONG_TYPE;
    S0402 ComparesTypes => types::COMPARES_TYPES;
    S0403 PossiblyEmpty => types::POSSIBLY_EMPTY;
    S0404 BadDuration => types::BAD_DURATION;
    S0405 BadRate => types::BAD_RATE;
    S0406 BadChoice => types::BAD_CHOICE;
    S0407 OutOfRange => types::OUT_OF_RANGE;
    S0408 ExpressionSyntax => types::EXPRESSION_SYNTAX;
    S0409 BadAddress => types::BAD_ADDRESS;
    S0410 BadPattern => types::BAD_PATTERN;

    S0501 MissingLimit => safety::MISSING_LIMIT;
    S0502 PlatformCannot => safety::PLATFORM_CANNOT;
    S0503 SilenceUnknown => safety::SILENCE_UNKNOWN;
    S0504 StartsInShadow => safety::STARTS_IN_SHADOW;
    S0505 MatchesAnywhere => safety::MATCHES_ANYWHERE;

    S0601 UnknownZone => types::UNKNOWN_ZONE;
    S0602 BadTimeOfDay => types::BAD_TIME_OF_DAY;
    S0603 BadCron => types::BAD_CRON;
    S0604 BadDate => types::BAD_DATE;

    S0701 ScriptSyntax => scripts::SCRIPT_SYNTAX;
    S0702 UnknownCall => scripts::UNKNOWN_CALL;
    S0703 ScriptFailed => scripts::SCRIPT_FAILED;
    S0704 ForbiddenInScript => scripts::FORBIDDEN;

    S0801 MissingInput => scripts::MISSING_INPUT;
    S0802 UnknownInput => scripts::UNKNOWN_INPUT;
    S0803 WrongInputType => scripts::WRONG_INPUT_TYPE;
    S0804 UnusedInput => scripts::UNUSED_INPUT;

    S0901 UnexpectedEffect => scripts::UNEXPECTED_EFFECT;
    S0902 MissingEffect => scripts::MISSING_EFFECT;
    S0903 WrongState => scripts::WRONG_STATE;
    S0904 UnknownTestStep => scripts::UNKNOWN_TEST_STEP;
    S0905 NoSuchMember => scripts::NO_SUCH_MEMBER;
    S0906 TimeGoesBack => scripts::TIME_GOES_BACK;
}

impl Code {
    /// The code that is written so, in any case: `S0104`, `s0104`.
    pub fn parse(text: &str) -> Option<Self> {
        let all = Self::ALL.iter().copied();
        all.into_iter()
            .find(|code| code.id().eq_ignore_ascii_case(text.trim()))
    }

    /// The page as plain text, for a terminal.
    pub fn explain(self) -> String {
        let page = self.page();
        let mut lines = vec![format!("{self}: {}", page.title), String::new()];
        lines.push(page.about.to_owned());
        for (head, example) in [("Wrong:", page.wrong), ("Right:", page.right)] {
            if !example.is_empty() {
                lines.extend([String::new(), head.to_owned()]);
                lines.extend(example.lines().map(|line| format!("    {line}")));
            }
        }
        lines.join("\n") + "\n"
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

/// The page for `steward explain CODE`, or what to say when there is no such code.
pub fn explain(code: &str) -> Result<String, String> {
    if let Some(code) = Code::parse(code) {
        return Ok(code.explain());
    }
    let upper = code.to_uppercase();
    let near = suggest(&upper, Code::ALL.iter().map(|code| code.id()));
    Err(match near {
        Some(near) => format!("no code `{code}`; did you mean `{near}`?"),
        None => format!("no code `{code}`; codes look like `S0104`"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_its_own_number_in_order_and_a_whole_page() {
        for pair in Code::ALL.windows(2) {
            assert!(pair[0].id() < pair[1].id(), "{} {}", pair[0], pair[1]);
        }
        for code in Code::ALL {
            let page = code.page();
            assert!(page.about.ends_with('.'), "{code}");
            assert!(!page.title.ends_with('.'), "{code}");
            assert!(!page.right.is_empty(), "{code}");
            assert_eq!(Code::parse(&code.id().to_lowercase()), Some(*code));
        }
    }

    #[test]
    fn an_unknown_code_is_answered_with_the_nearest() {
        assert!(explain("s0104").unwrap().starts_with("S0104: "));
        assert!(
            explain("S014")
                .unwrap_err()
                .contains("did you mean `S0104`?")
        );
        assert!(explain("x").unwrap_err().contains("codes look like"));
    }
}
