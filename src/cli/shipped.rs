//! The playbooks and scripts that come with the binary: used where there is no `./playbooks`, so that
//! an empty directory is enough to try things. A test holds the list to the two folders.

/// (path, text) of every shipped playbook and script.
pub(super) const FILES: &[(&str, &str)] = &[
    (
        "playbooks/checkin-streak.yaml",
        include_str!("../../playbooks/checkin-streak.yaml"),
    ),
    (
        "playbooks/group-of-the-week.yaml",
        include_str!("../../playbooks/group-of-the-week.yaml"),
    ),
    (
        "playbooks/keyword-answers.yaml",
        include_str!("../../playbooks/keyword-answers.yaml"),
    ),
    (
        "playbooks/lucky-packets.yaml",
        include_str!("../../playbooks/lucky-packets.yaml"),
    ),
    (
        "playbooks/migrate-dead-group.yaml",
        include_str!("../../playbooks/migrate-dead-group.yaml"),
    ),
    (
        "playbooks/morning-report.yaml",
        include_str!("../../playbooks/morning-report.yaml"),
    ),
    (
        "playbooks/newcomer-care.yaml",
        include_str!("../../playbooks/newcomer-care.yaml"),
    ),
    (
        "playbooks/quiet-members.yaml",
        include_str!("../../playbooks/quiet-members.yaml"),
    ),
    (
        "playbooks/sign-up-list.yaml",
        include_str!("../../playbooks/sign-up-list.yaml"),
    ),
    (
        "scripts/checkin.rhai",
        include_str!("../../scripts/checkin.rhai"),
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn every_file_of_the_folders_is_shipped() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut there: Vec<String> = Vec::new();
        for folder in ["playbooks", "scripts"] {
            for entry in std::fs::read_dir(root.join(folder)).into_iter().flatten() {
                let name = entry.unwrap().file_name().into_string().unwrap();
                if [".yaml", ".rhai"].iter().any(|end| name.ends_with(end)) {
                    there.push(format!("{folder}/{name}"));
                }
            }
        }
        there.sort();
        let mut shipped: Vec<&str> = FILES.iter().map(|(path, _)| *path).collect();
        shipped.sort_unstable();
        assert_eq!(shipped, there);
    }
}
