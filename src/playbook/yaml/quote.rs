//! Texts as they must be written so that YAML reads them as they are.

/// The text in quotes: double ones, or single ones where the text itself holds double quotes or
/// backslashes.
pub fn in_quotes(text: &str) -> String {
    if text.contains(['"', '\\']) {
        format!("'{}'", text.replace('\'', "''"))
    } else {
        format!("\"{text}\"")
    }
}

/// The text without quotes where YAML needs none, else in quotes.
pub fn plain_or_quoted(text: &str) -> String {
    let safe = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '/' | '.' | '+');
    let plain = text.starts_with(char::is_alphanumeric) && text.chars().all(safe);
    if plain {
        text.to_owned()
    } else {
        in_quotes(text)
    }
}
