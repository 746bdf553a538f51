//! The program as a real process: what it does with its output, and when it sends nothing.

use std::process::{Command, Stdio};

fn program() -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_slack"));
    program.env_remove("SLACK_BASE_URL").env_remove("LINEAR_BASE_URL");
    program
}

#[test]
fn a_reader_that_has_gone_is_no_failure() {
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let child = program().stdout(writer).stderr(Stdio::piped()).spawn().expect("it starts");
    let ended = child.wait_with_output().expect("it ends");
    let errors = String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success() && errors.is_empty(), "{errors}");
}

#[test]
fn without_a_base_url_and_with_an_empty_one_nothing_is_sent() {
    let shown = |mut program: Command| {
        let ended = program.output().expect("it runs");
        assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
        String::from_utf8(ended.stdout).expect("text")
    };
    let unset = shown(program());
    assert!(unset.contains("SLACK_BASE_URL is not set, so nothing is sent"), "{unset}");
    let mut program = program();
    program.env("SLACK_BASE_URL", "").env("LINEAR_BASE_URL", "");
    assert_eq!(shown(program), unset);
}
