//! Cuts an expression into tokens with their places. It decides nothing about grammar.

use crate::model::Span;
use crate::script::finding::Finding;
use std::ops::Range;

/// One token: where it stands and what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) span: Range<usize>,
    pub(crate) kind: Kind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A name or a word such as `and`.
    Name(String),
    Number(String),
    /// A text literal, with its escapes resolved.
    Text(String),
    Symbol(&'static str),
}

impl Token {
    pub(crate) fn is_symbol(&self, symbol: &str) -> bool {
        matches!(&self.kind, Kind::Symbol(known) if *known == symbol)
    }

    pub(crate) fn is_word(&self, word: &str) -> bool {
        matches!(&self.kind, Kind::Name(name) if name == word)
    }
}

/// Longest first, so that `??` is not read as two `?`.
const SYMBOLS: &[&str] = &[
    "..=", "??", "?.", "?[", "==", "!=", "<=", ">=", "&&", "||", "**", "::", "#{", "..", "+", "-",
    "*", "/", "%", "<", ">", "=", "!", "(", ")", "[", "]", "{", "}", ",", ".", ":", ";", "&", "|",
    "^", "?", "#", "@", "$", "~", "\\",
];

/// What input methods produce, and what was meant.
const FULL_WIDTH: &[(char, &str)] = &[
    ('“', "\""),
    ('”', "\""),
    ('‘', "'"),
    ('’', "'"),
    ('（', "("),
    ('）', ")"),
    ('，', ","),
    ('＝', "="),
    ('＞', ">"),
    ('＜', "<"),
    ('！', "not "),
    ('：', ":"),
    ('。', "."),
    ('＋', "+"),
    ('－', "-"),
    ('＊', "*"),
    ('／', "/"),
    ('、', ","),
];

struct Lexer<'a> {
    text: &'a str,
    /// Byte offset of `text` in the whole expression.
    base: usize,
    at: usize,
    tokens: Vec<Token>,
    depth: usize,
}

/// The tokens of `text`, or the first thing that is none.
pub(crate) fn tokens(text: &str) -> Result<Vec<Token>, Box<Finding>> {
    lex(text, 0, 0)
}

fn lex(text: &str, base: usize, depth: usize) -> Result<Vec<Token>, Box<Finding>> {
    let mut lexer = Lexer {
        text,
        base,
        at: 0,
        tokens: Vec::new(),
        depth,
    };
    while let Some(next) = lexer.peek() {
        lexer.token(next)?;
    }
    Ok(lexer.tokens)
}

impl Lexer<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn span(&self, from: usize) -> Range<usize> {
        self.base + from..self.base + self.at
    }

    fn push(&mut self, from: usize, kind: Kind) {
        let span = self.span(from);
        self.tokens.push(Token { span, kind });
    }

    fn take_while(&mut self, keep: impl Fn(char) -> bool) -> String {
        let rest = self.rest();
        let end = rest.find(|c| !keep(c)).unwrap_or(rest.len());
        let taken = rest.get(..end).unwrap_or("").to_owned();
        self.at += end;
        taken
    }

    fn token(&mut self, next: char) -> Result<(), Box<Finding>> {
        let from = self.at;
        if next.is_whitespace() {
            self.at += next.len_utf8();
        } else if next.is_alphabetic() || next == '_' {
            let name = self.take_while(|c| c.is_alphanumeric() || c == '_');
            self.push(from, Kind::Name(name));
        } else if next.is_ascii_digit() {
            return self.number(from);
        } else if next == '"' || next == '\'' {
            let text = self.quoted(next)?;
            self.push(from, Kind::Text(text));
        } else if next == '`' {
            self.interpolated()?;
        } else {
            return self.symbol(next);
        }
        Ok(())
    }

    fn number(&mut self, from: usize) -> Result<(), Box<Finding>> {
        let mut digits = self.take_while(|c| c.is_ascii_digit() || c == '_');
        let mut after = self.rest().chars();
        let point = after.next() == Some('.');
        if point && after.next().is_some_and(|c| c.is_ascii_digit()) {
            self.at += 1;
            digits.push('.');
            digits.push_str(&self.take_while(|c| c.is_ascii_digit() || c == '_'));
        }
        let unit = self.take_while(|c| c.is_alphanumeric() || c == '_');
        if unit.is_empty() {
            self.push(from, Kind::Number(digits));
            return Ok(());
        }
        let span = self.span(from);
        let written = format!("{digits}{unit}");
        let finding = Finding::new("S0408", span.clone(), format!("`{written}` is no number"));
        Err(Box::new(if Span::parse(&written).is_some() {
            let text = format!("\"{written}\"");
            finding.help("write a duration as text").fix(span, text)
        } else {
            finding
        }))
    }

    fn symbol(&mut self, next: char) -> Result<(), Box<Finding>> {
        let from = self.at;
        if let Some(symbol) = SYMBOLS
            .iter()
            .find(|known| self.rest().starts_with(**known))
        {
            self.at += symbol.len();
            if *symbol == "(" {
                let rest = self.rest();
                let inner = rest.trim_start();
                if inner.starts_with(')') {
                    self.at += rest.len() - inner.len() + 1;
                    self.push(from, Kind::Symbol("()"));
                    return Ok(());
                }
            }
            self.push(from, Kind::Symbol(symbol));
            return Ok(());
        }
        self.at += next.len_utf8();
        let span = self.span(from);
        if let Some(finding) = self.wide_quotes(from, next) {
            return Err(Box::new(finding));
        }
        let meant = FULL_WIDTH.iter().find(|(wide, _)| *wide == next);
        Err(Box::new(match meant {
            Some((wide, plain)) => Finding::new(
                "S0408",
                span.clone(),
                format!("`{wide}` is a full-width sign"),
            )
            .label("not read here")
            .help(format!("write `{}`", plain.trim()))
            .fix(span, *plain),
            None => Finding::new(
                "S0408",
                span,
                format!("`{}` means nothing in an expression", next.escape_default()),
            )
            .label("not read here"),
        }))
    }

    /// A whole text in full-width quotes.
    fn wide_quotes(&self, from: usize, open: char) -> Option<Finding> {
        let close = match open {
            '“' | '”' => '”',
            '‘' | '’' => '’',
            _ => return None,
        };
        let rest = self.rest();
        let inside = rest.get(..rest.find(close)?)?;
        if inside.contains(['"', '\\']) {
            return None;
        }
        let end = self.base + self.at + inside.len() + close.len_utf8();
        let span = self.base + from..end;
        let finding = Finding::new("S0408", span.clone(), "these are full-width quotes");
        Some(
            finding
                .label("not read as a text")
                .help("write plain quotes")
                .fix(span, format!("\"{inside}\"")),
        )
    }

    /// A text in double or single quotes; the opening quote is next.
    fn quoted(&mut self, quote: char) -> Result<String, Box<Finding>> {
        let from = self.at;
        self.at += quote.len_utf8();
        let mut text = String::new();
        while let Some(next) = self.peek() {
            if next == quote {
                self.at += next.len_utf8();
                return Ok(text);
            }
            text.push(self.character(next)?);
        }
        Err(unclosed(self.span(from)))
    }

    /// One character of a text literal.
    fn character(&mut self, next: char) -> Result<char, Box<Finding>> {
        let from = self.at;
        self.at += next.len_utf8();
        if next != '\\' {
            return Ok(next);
        }
        let escaped = self.peek();
        self.at += escaped.map_or(0, char::len_utf8);
        match escaped {
            Some('n') => Ok('\n'),
            Some('t') => Ok('\t'),
            Some('r') => Ok('\r'),
            Some(plain @ ('\\' | '"' | '\'' | '`' | '$')) => Ok(plain),
            Some('u') => self.unicode(from),
            Some(_) | None => Err(Box::new(
                Finding::new("S0408", self.span(from), "unknown escape in a text")
                    .label("known are \\n \\t \\r \\\\ \\\" \\' \\uXXXX")
                    .note("write `\\\\` for a backslash itself, also in patterns: `\"\\\\d+\"`"),
            )),
        }
    }

    fn unicode(&mut self, from: usize) -> Result<char, Box<Finding>> {
        let code = self.rest().get(..4).map(str::to_owned);
        let found = code
            .as_deref()
            .and_then(|code| u32::from_str_radix(code, 16).ok())
            .and_then(char::from_u32);
        if let Some(found) = found {
            self.at += 4;
            return Ok(found);
        }
        Err(Box::new(Finding::new(
            "S0408",
            self.span(from),
            "`\\u` wants four hexadecimal digits",
        )))
    }

    /// `` `a ${b} c` `` becomes the tokens of `("a " + (b) + " c")`.
    fn interpolated(&mut self) -> Result<(), Box<Finding>> {
        let from = self.at;
        self.at += 1;
        self.push(from, Kind::Symbol("("));
        let mut text = String::new();
        let mut piece = self.at;
        loop {
            let Some(next) = self.peek() else {
                return Err(unclosed(self.span(from)));
            };
            if next == '`' {
                self.push(piece, Kind::Text(text));
                let end = self.at;
                self.at += 1;
                self.push(end, Kind::Symbol(")"));
                return Ok(());
            }
            if self.rest().starts_with("${") {
                self.push(piece, Kind::Text(std::mem::take(&mut text)));
                self.hole()?;
                piece = self.at;
            } else {
                text.push(self.character(next)?);
            }
        }
    }

    /// `${…}` inside backticks; `${` is next.
    fn hole(&mut self) -> Result<(), Box<Finding>> {
        let from = self.at;
        let length = hole_length(self.rest());
        let inside = length.and_then(|length| self.rest().get(2..length - 1));
        let (Some(length), Some(inside), true) = (length, inside, self.depth < 8) else {
            return Err(unclosed(self.span(from)));
        };
        let inner = lex(inside, self.base + from + 2, self.depth + 1)?;
        self.at += 2;
        self.push(from, Kind::Symbol("+"));
        self.push(from, Kind::Symbol("("));
        self.tokens.extend(inner);
        self.at = from + length;
        self.push(self.at - 1, Kind::Symbol(")"));
        self.push(self.at - 1, Kind::Symbol("+"));
        Ok(())
    }
}

fn unclosed(span: Range<usize>) -> Box<Finding> {
    let finding = Finding::new("S0408", span, "a text is not closed");
    Box::new(finding.label("begins here and never ends"))
}

/// Bytes of the `${…}` that `text` begins with, braces and quotes inside it respected.
pub(crate) fn hole_length(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    let mut quote: Option<char> = None;
    let mut escaped = false;
    for (at, next) in text.char_indices().skip(1) {
        if escaped {
            escaped = false;
            continue;
        }
        match (quote, next) {
            (Some(_), '\\') => escaped = true,
            (Some(open), _) if open == next => quote = None,
            (None, '"' | '\'' | '`') => quote = Some(next),
            (None, '{') => depth += 1,
            (None, '}') => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            (Some(_) | None, _) => {}
        }
    }
    None
}
