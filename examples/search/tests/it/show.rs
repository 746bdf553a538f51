//! What the program shows with nothing set up, as a real process.

use crate::support::{documents, ended, program};
use serde_json::Value;

#[test]
fn the_default_run_shows_each_part() {
    let documents = documents();
    let mut program = program();
    program.arg("pinned scope").arg("--corpus").arg(documents.path());
    let (code, shown, errors) = ended(program.output().expect("it runs"));
    assert_eq!((code, errors.as_str()), (Some(0), ""), "{shown}");
    let parts = [
        "EXA_BASE_URL is not set",
        "Starting a stand-in for Exa and Firecrawl at http://127.0.0.1:",
        "1. `Search.run(&run, input)`",
        "trace: exa: R4 project: ",
        "The stand-in was sent the project's key.",
        "[1] pub struct Pinned",
        "corpus:code%20one.rs#L1",
        "A pinned scope.",
        "2. `Search.run(&run, input).scope(Organization)`",
        "trace: exa, pinned to organization: R3 organization: ",
        "The stand-in was sent the organization's key.",
        "3. `ReadPage.run(&run, …)`",
        "trace: firecrawl: R4 project: none; R5 organization: none → absent, optional",
        "The stand-in was sent no key, and gave 4 lines.",
        "4. The same search for another organization",
        "trace: exa: R4 project: none; R5 organization: none → error `missing`",
        "error `missing`:",
        "This action needs the `exa` credential",
        "fix: run `keystroke credentials set exa --set api_key=@stdin",
    ];
    let mut rest = shown.as_str();
    for part in parts {
        let Some(at) = rest.find(part) else {
            panic!("`{part}` is not shown, or not in its place, in:\n{shown}")
        };
        rest = &rest[at..];
    }
}

#[test]
fn without_a_folder_it_searches_the_repository_around_this_one() {
    let repository = tempfile::tempdir().expect("a folder");
    let inside = repository.path().join("src/deep");
    std::fs::create_dir_all(&inside).expect("folders");
    std::fs::write(repository.path().join("Cargo.lock"), "").expect("a file");
    std::fs::write(repository.path().join("notes.md"), "# Quokka\nA quokka.").expect("a file");
    let mut program = program();
    program.arg("quokka").current_dir(inside);
    let (code, shown, errors) = ended(program.output().expect("it runs"));
    assert_eq!(code, Some(0), "{errors}");
    assert!(shown.contains("corpus:notes.md#L1"), "{shown}");
}

#[test]
fn json_output_is_one_document_with_all_parts() {
    let documents = documents();
    let mut program = program();
    program.args(["pinned scope", "--json", "--limit", "1", "--corpus"]).arg(documents.path());
    let (code, shown, errors) = ended(program.output().expect("it runs"));
    assert_eq!(code, Some(0), "{errors}");
    assert!(errors.contains("Starting a stand-in for Exa and Firecrawl"), "{errors}");
    let document: Value = serde_json::from_str(&shown).expect("JSON alone");
    assert_eq!(document["by_default"]["key_seen"], "the project's key");
    assert_eq!(document["by_default"]["call"]["results"].as_array().map(Vec::len), Some(1));
    assert_eq!(document["by_default"]["call"]["results"][0]["url"], "corpus:code%20one.rs#L1");
    assert_eq!(document["by_default"]["call"]["trace"][0]["chosen"]["rule"], "R4");
    assert_eq!(document["pinned"]["key_seen"], "the organization's key");
    assert_eq!(document["pinned"]["call"]["trace"][0]["pin"], "organization");
    assert_eq!(document["without"]["key_seen"], Value::Null);
    assert_eq!(document["without"]["markdown"], "/// A pinned scope.\npub struct Pinned;\n\nfn other() {}\n");
    assert_eq!(document["missing"]["errors"][0]["code"], "missing");
}

#[test]
fn any_words_can_be_searched_for() {
    let documents = documents();
    for (query, found) in [("\"", false), ("pinned\" OR", true), ("", false), ("-- ;", false)] {
        let mut program = program();
        program.arg("--corpus").arg(documents.path()).arg("--").arg(query);
        let (code, shown, errors) = ended(program.output().expect("it runs"));
        assert_eq!(code, Some(0), "{query:?}: {errors}");
        assert_eq!(shown.contains("Nothing was found."), !found, "{query:?}: {shown}");
    }
}

#[test]
fn wrong_arguments_end_with_2_and_the_usage() {
    let cases: [&[&str]; 6] = [
        &[],
        &["a", "b"],
        &["a", "--limit", "0"],
        &["a", "--limit", "many"],
        &["a", "--unknown"],
        &["a", "--serve-stand-in"],
    ];
    for arguments in cases {
        let (code, shown, errors) = ended(program().args(arguments).output().expect("it runs"));
        assert_eq!((code, shown.as_str()), (Some(2), ""), "{arguments:?}");
        assert!(errors.contains("error:") && errors.contains("--help"), "{arguments:?}: {errors}");
    }
}

#[test]
fn a_folder_that_is_not_there_ends_with_1_and_the_fix() {
    for arguments in
        [&["a", "--corpus", "no/such/folder"][..], &["--serve-stand-in", "--corpus", "no/such/folder"]]
    {
        let (code, _, errors) = ended(program().args(arguments).output().expect("it runs"));
        assert_eq!(code, Some(1), "{arguments:?}");
        assert!(
            errors.contains("no/such/folder") && errors.contains("To fix it, give an existing folder"),
            "{errors}"
        );
    }
}

#[test]
fn a_reader_that_stops_reading_is_no_error() {
    let documents = documents();
    let mut program = program();
    program.arg("pinned").arg("--corpus").arg(documents.path());
    program.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let mut process = program.spawn().expect("it starts");
    drop(process.stdout.take());
    let (code, _, errors) = ended(process.wait_with_output().expect("it ends"));
    assert_eq!((code, errors.as_str()), (Some(0), ""));
}
