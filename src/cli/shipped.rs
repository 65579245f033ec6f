//! The playbooks and scripts that come with the binary: used where there is no `./playbooks`, so that
//! an empty directory is enough to try things. (`embedded` below lists every file of the two folders;
//! a test holds it to them.)

/// (path, text) of every shipped playbook and script.
pub(super) const FILES: &[(&str, &str)] = &[];

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
