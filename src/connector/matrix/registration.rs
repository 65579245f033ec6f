//! The registration file that the operator gives to the homeserver (platforms/matrix.md §1).

use super::{Matrix, PREFIX};
use secrecy::ExposeSecret;
use serde_json::Value;

impl Matrix {
    /// The file's text; `url` is the full address of this connector's hook as the homeserver reaches
    /// it. It holds both tokens: write it for its owner alone.
    ///
    /// No namespace covers rooms: the homeserver then sends events only of rooms that the bot is
    /// joined to.
    pub fn registration_file(&self, url: &str) -> String {
        let server = regex::escape(&self.server);
        let us = regex::escape(&self.user);
        format!(
            "id: {id}\nurl: {url}\nas_token: {as_token}\nhs_token: {hs_token}\n\
             sender_localpart: {localpart}\nrate_limited: false\nreceive_ephemeral: false\n\
             namespaces:\n  users:\n    - {{ exclusive: true, regex: {us} }}\n    \
             - {{ exclusive: true, regex: {users} }}\n  aliases:\n    \
             - {{ exclusive: true, regex: {aliases} }}\n  rooms: []\n",
            id = quoted(&self.registration_id()),
            url = quoted(url.trim_end_matches('/')),
            as_token = quoted(self.as_token.expose_secret()),
            hs_token = quoted(self.hs_token.expose_secret()),
            localpart = quoted(&self.localpart),
            us = quoted(&us),
            users = quoted(&format!("@{PREFIX}.*:{server}")),
            aliases = quoted(&format!("#{PREFIX}.*:{server}")),
        )
    }

    /// The id the homeserver knows us by.
    pub(super) fn registration_id(&self) -> String {
        format!("steward-{}", self.name)
    }
}

/// A JSON string is a YAML string.
fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}
