//! Packages that tests run: each set is installed from a lock file, by its own package manager, on first use and into cargo's
//! `target` folder.

use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A folder with the files, and what `install` made of them. Made once for each content of the files, by whichever
/// test comes first; another waits for it.
pub fn installed(name: &str, files: &[(&str, &str)], install: impl FnOnce(&Path)) -> PathBuf {
    let mut hasher = DefaultHasher::new();
    files.hash(&mut hasher);
    let all = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let folder = all.join(format!("{name}-{:016x}", hasher.finish()));
    let lock = File::create(all.join(format!("{name}.lock"))).expect("a lock file");
    lock.lock().expect("the lock");
    let complete = folder.join("complete");
    if !complete.exists() {
        // What another version of the files left, and what was begun and not ended.
        for entry in fs::read_dir(all).expect("the folder").flatten() {
            let is_ours =
                entry.file_name().to_str().is_some_and(|found| found.starts_with(&format!("{name}-")));
            if is_ours {
                fs::remove_dir_all(entry.path()).expect("what is old goes");
            }
        }
        fs::create_dir_all(&folder).expect("a folder");
        for (name, content) in files {
            fs::write(folder.join(name), content).expect("a copy");
        }
        install(&folder);
        File::create(complete).expect("a mark");
    }
    folder
}

/// Installs what `package-lock.json` says.
pub fn npm_ci(folder: &Path) {
    run(Command::new("npm").current_dir(folder).args([
        "ci",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--no-update-notifier",
        "--loglevel=error",
    ]));
}

/// Makes a Python in `venv/bin`, with what `requirements.txt` says.
pub fn pip_install(folder: &Path) {
    run(Command::new("python3").args(["-m", "venv"]).arg(folder.join("venv")));
    run(Command::new(folder.join("venv/bin/python"))
        .arg("-m")
        .arg("pip")
        .args([
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--no-input",
            "--require-hashes",
            "--no-deps",
            "--only-binary",
            ":all:",
            "--requirement",
        ])
        .arg(folder.join("requirements.txt")));
}

fn run(command: &mut Command) {
    let program = Path::new(command.get_program()).display().to_string();
    let output = command.output().unwrap_or_else(|error| panic!("{}: {error}", missing(program)));
    assert!(
        output.status.success(),
        "{command:?} failed:\n{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
}

/// What a machine lacks on which a program does not start.
pub fn missing(program: impl std::fmt::Display) -> String {
    format!(
        "`{program}` can't be started. These tests run programs of others, so they need Node 20 or later with npm, and \
         Python 3.11 or later with venv"
    )
}
