//! The playbooks and scripts that come with the binary: used where there is no `./playbooks`, so that
//! an empty directory is enough to try things. (`embedded` below lists every file of the two folders;
//! a test holds it to them.)

macro_rules! embedded {
    ($($path:literal,)*) => {
        &[$(($path, include_str!(concat!("../../", $path))),)*]
    };
}

/// (path, text) of every shipped playbook and script.
pub(super) const FILES: &[(&str, &str)] = embedded! {
    "playbooks/checkin-streak.yaml",
    "playbooks/group-of-the-week.yaml",
    "playbooks/keyword-answers.yaml",
    "playbooks/lucky-packets.yaml",
    "playbooks/migrate-dead-group.yaml",
    "playbooks/morning-post.yaml",
    "playbooks/morning-report.yaml",
    "playbooks/newcomer-care.yaml",
    "playbooks/quiet-members.yaml",
    "playbooks/sign-up-list.yaml",
    "scripts/checkin.rhai",
};

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
