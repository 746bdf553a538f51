//! An example is a project to start from: its folder, copied out of the repository with nothing but the path to
//! `keystroke` changed, compiles.

#![allow(clippy::expect_used, clippy::panic, reason = "a test stops at the first surprise")]

use std::fs;
use std::path::Path;
use std::process::Command;

#[test]
fn each_example_compiles_when_it_is_copied_out() {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR"));
    // Out of the repository, so that its workspace is not found; checked beside it, where build scripts have run already.
    let outside = tempfile::tempdir().expect("a folder");
    let built = repository.join("target");
    let mut count = 0;
    for example in fs::read_dir(repository.join("examples")).expect("the examples") {
        let example = example.expect("an example").path();
        if !example.join("Cargo.toml").exists() {
            continue;
        }
        count += 1;
        let copy = outside.path().join(example.file_name().expect("a name"));
        copy_folder(&example, &copy);
        let manifest = fs::read_to_string(copy.join("Cargo.toml")).expect("a manifest");
        assert!(!manifest.contains("workspace"), "{} needs the repository's workspace", example.display());
        let manifest = manifest.replace("\"../..\"", &format!("{:?}", repository.display().to_string()));
        fs::write(copy.join("Cargo.toml"), manifest).expect("a manifest");
        // The same versions, so that nothing is downloaded.
        fs::copy(repository.join("Cargo.lock"), copy.join("Cargo.lock")).expect("a lock file");

        let build = Command::new(env!("CARGO"))
            .args(["check", "--offline", "--quiet"])
            .env("CARGO_TARGET_DIR", &built)
            .env("CARGO_PROFILE_DEV_DEBUG", "line-tables-only")
            .current_dir(&copy)
            .output()
            .expect("cargo runs");
        let said = String::from_utf8_lossy(&build.stderr);
        assert!(build.status.success() && !said.contains("warning"), "{}:\n{said}", example.display());
    }
    assert!(count >= 2, "the examples were not found");
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let to = to.join(entry.file_name());
        if entry.file_type().expect("a type").is_dir() {
            copy_folder(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).expect("a file");
        }
    }
}
