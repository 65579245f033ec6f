//! The playbooks and scripts that come with the binary: used where there is no `./playbooks`, so that
//! an empty directory is enough to try things.

/// The text of a file of this repository, with its path.
macro_rules! file {
    ($path:literal) => {
        ($path, include_str!(concat!("../../", $path)))
    };
}

/// (path, text) of every shipped playbook and script.
pub(super) const FILES: &[(&str, &str)] = &[
    file!("playbooks/checkin-streak.yaml"),
    file!("playbooks/group-of-the-week.yaml"),
    file!("playbooks/keyword-answers.yaml"),
    file!("playbooks/lucky-packets.yaml"),
    file!("playbooks/migrate-dead-group.yaml"),
    file!("playbooks/morning-post.yaml"),
    file!("playbooks/morning-report.yaml"),
    file!("playbooks/newcomer-care.yaml"),
    file!("playbooks/quiet-members.yaml"),
    file!("playbooks/sign-up-list.yaml"),
    file!("scripts/checkin.rhai"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::loader::texts_at;
    use std::path::Path;

    #[test]
    fn every_file_of_the_folders_is_shipped() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let folders = ["playbooks", "scripts"].map(|name| root.join(name));
        let folders: Vec<_> = folders
            .into_iter()
            .filter(|folder| folder.is_dir())
            .collect();
        let there: Vec<String> = texts_at(&folders).unwrap().into_values().collect();
        let mut there: Vec<&str> = there.iter().map(String::as_str).collect();
        let mut shipped: Vec<&str> = FILES.iter().map(|(_, text)| *text).collect();
        there.sort_unstable();
        shipped.sort_unstable();
        assert!(shipped == there, "`FILES` and the folders differ");
    }
}
