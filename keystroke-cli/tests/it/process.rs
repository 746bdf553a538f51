//! The program as a process: what it forbids the system, and what a limit of the system does to it.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::support::{Done, Home, PROGRAM};

/// Runs the program where no file may have more than so many blocks of 512 bytes (of 1,024 in some shells).
fn limited(home: &Home, blocks: u32, arguments: &[&str]) -> Done {
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("ulimit -f {blocks} && exec \"$0\" \"$@\""), PROGRAM]).args(arguments);
    shell
        .env_clear()
        .env("HOME", home.path())
        .env("KEYSTROKE_HOME", home.vault())
        .env("VALUE", "v".repeat(60_000));
    shell.current_dir(home.work()).stdin(Stdio::null());
    Done::new(format!("{blocks}: {arguments:?}"), shell.output().unwrap())
}

/// Without a handler the system ends the process with a signal: then it has no exit code.
#[test]
fn a_file_that_may_not_grow_is_an_error_and_no_end() {
    let set = ["credentials", "set", "exa", "--add", "--set", "api_key=@env:VALUE", "--json"];
    let commands: [&[&str]; 5] = [
        &set,
        &["vault", "init", "--json"],
        &["vault", "rotate-key", "--json"],
        &["tokens", "create", "--json"],
        &["vault", "backup", "copy", "--json"],
    ];
    let mut refused = 0;
    for blocks in [0, 1, 8, 20, 64, 100, 200] {
        for command in commands {
            let home = if command[1] == "init" { Home::new() } else { Home::with_exa().0 };
            let done = limited(&home, blocks, command);
            if done.code != Some(0) {
                assert_eq!(done.code, Some(1), "{}: {}{}", done.line, done.out, done.err);
                let told: serde_json::Value = serde_json::from_str(&done.err).unwrap();
                let (code, fix) = (&told["error"]["code"], &told["error"]["fix"]);
                if command[0] == "tokens" {
                    assert_eq!(code, "tokens_io", "{}: {told}", done.line);
                } else {
                    assert_eq!(code, "file_too_large", "{}: {told}", done.line);
                    assert!(fix.as_str().unwrap().contains("`ulimit -f unlimited`"), "{told}");
                }
                refused += 1;
            }
            // Nothing was broken by it, and the same works where there is room.
            let again: Vec<&str> = command.iter().copied().filter(|word| *word != "--json").collect();
            let again = home.run(&again).env("VALUE", "a-long-secret").done();
            assert!(again.code == Some(0) || done.code == Some(0), "{}: {}", done.line, again.err);
            home.run(&["vault", "verify"]).ok();
        }
    }
    assert!(refused > 10, "{refused}");
}

/// What holds secrets leaves no copy of its memory on a disk.
#[test]
#[cfg(target_os = "linux")]
fn no_memory_is_dumped() {
    use std::os::unix::process::ExitStatusExt as _;
    let unlimited = "ulimit -S -c \"$(ulimit -H -c)\"";
    let (home, _) = Home::with_exa();
    // Not SIGQUIT: what a shell has started in the background ignores that, and so do its children.
    let control = Command::new("sh")
        .args(["-c", &format!("{unlimited}; kill -ABRT $$")])
        .current_dir(home.work())
        .status()
        .unwrap();

    let mut child = Command::new("sh")
        .args(["-c", &format!("{unlimited}; exec \"$0\" \"$@\""), PROGRAM])
        .args(["credentials", "set", "slack", "--set", "token=@stdin"])
        .env_clear()
        .env("KEYSTROKE_HOME", home.vault())
        .current_dir(home.work())
        .stdin(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // One byte more than a pipe holds: when all is written, the program has begun to read, and waits for the end.
    child.stdin.as_mut().unwrap().write_all(&[b'x'; 64 * 1024 + 1]).unwrap();
    let limits = fs::read_to_string(format!("/proc/{}/limits", child.id())).unwrap();
    assert!(limits.contains("Max core file size        0 "), "{limits}");
    assert!(Command::new("kill").args(["-ABRT", &child.id().to_string()]).status().unwrap().success());
    let ended = child.wait().unwrap();
    assert_eq!(ended.signal(), Some(6));
    // Where this machine dumps at all.
    assert!(!ended.core_dumped(), "the control was dumped: {}", control.core_dumped());
}

/// So none can inherit `KEYSTROKE_VAULT_KEY`. What is to be started one day goes by `VaultOptions::hide_key_from`.
#[test]
fn the_program_starts_no_other_program() {
    fn look(folder: &Path) -> usize {
        let mut files = 0;
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                files += look(&path);
                continue;
            }
            let code = fs::read_to_string(&path).unwrap();
            assert!(!code.contains("process::Command") && !code.contains(".spawn()"), "{}", path.display());
            files += 1;
        }
        files
    }
    assert!(look(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src")) > 30);
}
