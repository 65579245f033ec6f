//! "Did you mean …?": the nearest name among those valid at a place, or what people call it
//! elsewhere.

/// What people write for our words, from other tools and from plain English. Several rows may
/// share a word: the first whose right side is valid at the place wins.
const SYNONYMS: &[(&str, &str)] = &[
    ("action", "do"),
    ("actions", "do"),
    ("steps", "do"),
    ("then", "do"),
    ("on", "when"),
    ("trigger", "when"),
    ("triggers", "when"),
    ("event", "when"),
    ("condition", "if"),
    ("conditions", "if"),
    ("where", "if"),
    ("filter", "if"),
    ("if", "where"),
    ("name", "rule"),
    ("name", "playbook"),
    ("id", "rule"),
    ("id", "playbook"),
    ("version", "steward"),
    ("description", "about"),
    ("desc", "about"),
    ("summary", "about"),
    ("group", "groups"),
    ("channels", "groups"),
    ("rooms", "groups"),
    ("tz", "timezone"),
    ("time_zone", "timezone"),
    ("zone", "timezone"),
    ("parameters", "inputs"),
    ("params", "inputs"),
    ("variables", "vars"),
    ("constants", "vars"),
    ("kick", "remove"),
    ("expel", "remove"),
    ("silence", "mute"),
    ("unsilence", "unmute"),
    ("block", "ban"),
    ("delay", "wait"),
    ("sleep", "wait"),
    ("pause", "wait"),
    ("message", "send"),
    ("say", "send"),
    ("post", "send"),
    ("broadcast", "announce"),
    ("greet", "welcome"),
    ("whisper", "dm"),
    ("pm", "dm"),
    ("private", "dm"),
    ("answer", "reply"),
    ("respond", "reply"),
    ("poll", "ask"),
    ("vote", "ask"),
    ("tag", "label"),
    ("add_label", "label"),
    ("give", "reward"),
    ("points", "reward"),
    ("award", "reward"),
    ("deduct", "charge"),
    ("accept", "admit"),
    ("reject", "decline"),
    ("deny", "decline"),
    ("delete", "delete_message"),
    ("recall", "delete_message"),
    ("move", "migrate"),
    ("transfer", "migrate"),
    ("switch", "choose"),
    ("case", "choose"),
    ("for", "each"),
    ("foreach", "each"),
    ("loop", "each"),
    ("script", "run"),
    ("exec", "run"),
    ("emit", "signal"),
    ("http", "webhook"),
    ("request", "webhook"),
    ("end", "stop"),
    ("exit", "stop"),
    ("return", "stop"),
    ("confirm", "approve"),
    ("joined", "join"),
    ("member_joined", "join"),
    ("new_member", "join"),
    ("left", "leave"),
    ("quit", "leave"),
    ("cron", "schedule"),
    ("timer", "schedule"),
    ("time", "schedule"),
    ("idle", "inactivity"),
    ("inactive", "inactivity"),
    ("silent", "inactivity"),
    ("word", "keyword"),
    ("words", "keyword"),
    ("keywords", "keyword"),
    ("content", "text"),
    ("message", "text"),
    ("body", "text"),
    ("msg", "text"),
    ("target", "to"),
    ("channel", "to"),
    ("chat", "to"),
    ("group", "to"),
    ("user", "member"),
    ("who", "member"),
    ("duration", "for"),
    ("timeout", "within"),
    ("store", "as"),
    ("result", "as"),
    ("output", "as"),
    ("register", "as"),
    ("debounce", "cooldown"),
    ("throttle", "cooldown"),
    ("port", "listen"),
    ("address", "listen"),
    ("bind", "listen"),
    ("data_dir", "data"),
    ("base_url", "public_url"),
    ("platforms", "connectors"),
    ("servers", "communities"),
    ("type", "kind"),
    ("url", "api"),
    ("access_token", "token"),
    ("token", "access_token"),
    ("external", "at"),
    ("ref", "at"),
    ("ratelimit", "rate"),
    ("rate_limit", "rate"),
    ("admins", "staff"),
    ("moderators", "staff"),
];

/// The valid name that was probably meant, if one is near enough: a known synonym, else the
/// smallest Damerau–Levenshtein distance up to max(1, length / 3), the first of equals.
pub fn suggest<'a>(wrong: &str, valid: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let valid: Vec<&str> = valid.into_iter().collect();
    let wrong = wrong.to_lowercase().replace('-', "_");
    let synonym = SYNONYMS
        .iter()
        .filter(|(theirs, _)| *theirs == wrong)
        .find_map(|(_, ours)| valid.iter().copied().find(|name| name == ours));
    let bound = (wrong.chars().count() / 3).max(1);
    let distance = |name: &str| {
        let name = name.to_lowercase().replace('-', "_");
        strsim::damerau_levenshtein(&wrong, &name)
    };
    synonym.or_else(|| {
        let near = valid.into_iter().map(|name| (distance(name), name));
        // A name of which nothing is left as written is not near.
        let near =
            near.filter(|(distance, name)| *distance <= bound && *distance < name.chars().count());
        near.min_by_key(|(distance, _)| *distance)
            .map(|(_, name)| name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEPS: [&str; 6] = ["send", "remove", "wait", "do", "label", "announce"];

    #[test]
    fn slips_of_the_finger_are_near() {
        assert_eq!(suggest("sned", STEPS), Some("send"));
        assert_eq!(suggest("anounce", STEPS), Some("announce"));
        assert_eq!(suggest("Send", STEPS), Some("send"));
        assert_eq!(suggest("zzzz", STEPS), None);
        assert_eq!(suggest("od", ["do"]), Some("do"));
        assert_eq!(suggest("quiet_after", ["quiet-after"]), Some("quiet-after"));
        assert_eq!(suggest("", STEPS), None);
    }

    #[test]
    fn words_of_other_tools_lead_to_ours_where_they_are_valid() {
        assert_eq!(suggest("kick", STEPS), Some("remove"));
        assert_eq!(suggest("delay", STEPS), Some("wait"));
        assert_eq!(suggest("action", STEPS), Some("do"));
        assert_eq!(suggest("trigger", ["when", "if"]), Some("when"));
        assert_eq!(suggest("message", ["text", "to"]), Some("text"));
        assert_eq!(suggest("message", STEPS), Some("send"));
        assert_eq!(suggest("kick", ["text"]), None);
    }
}
