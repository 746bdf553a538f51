//! Crates that must compile, and without a word, clippy's included: a renamed dependency, no serde, actions of another
//! crate, no prelude, strict lints.

use std::fs;
use std::path::Path;
use std::process::Command;

#[test]
fn crates_that_use_it_in_every_way_compile_without_a_word() {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR"));
    // The fixtures' target folder: what both depend on is built once.
    let target = repository.join("target/tests/ui");
    let project = target.join("crates");
    copy_folder(&repository.join("tests/crates"), &project, repository);
    // The same versions, so that nothing is downloaded.
    fs::copy(repository.join("Cargo.lock"), project.join("Cargo.lock")).expect("a lock file");

    let check = Command::new(env!("CARGO"))
        .args(["clippy", "--workspace", "--offline", "--quiet", "--keep-going"])
        .env("CARGO_TARGET_DIR", &target)
        .env("CARGO_INCREMENTAL", "0")
        .env_remove("RUSTFLAGS")
        .current_dir(&project)
        .output()
        .expect("cargo runs");
    let said = String::from_utf8_lossy(&check.stderr);
    assert!(check.status.success() && said.trim().is_empty(), "{said}");
}

fn copy_folder(from: &Path, to: &Path, repository: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if from.is_dir() {
            copy_folder(&from, &to, repository);
            continue;
        }
        let mut text = fs::read_to_string(&from).expect("a text");
        if entry.file_name() == "Cargo.toml" {
            for above in ["\"../..\"", "\"../../..\""] {
                text = text.replace(above, &format!("{:?}", repository.display().to_string()));
            }
        }
        // Unchanged files stay, so that a second run has nothing to do.
        if fs::read_to_string(&to).ok().as_deref() != Some(&text) {
            fs::write(to, text).expect("a file");
        }
    }
}
