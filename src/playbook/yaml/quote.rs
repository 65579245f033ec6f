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
