//! One mistake is one error, at the token at fault, in the words of its `.stderr`.

use std::time::Instant;

use crate::harness::{Expected, Fixture, Said, fixtures, normalised, said_by_the_compiler};

#[test]
fn one_mistake_is_one_error_at_the_token_at_fault() {
    let (mut fail, mut pass) = (fixtures("fail"), fixtures("pass"));
    assert!(fail.len() > 100 && pass.len() > 1, "the fixtures were not found");
    if let Ok(only) = std::env::var("KEYSTROKE_UI_ONLY") {
        fail.retain(|fixture| fixture.name.contains(&only));
        pass.retain(|fixture| fixture.name.contains(&only));
    }
    let start = Instant::now();
    let said = said_by_the_compiler(fail.iter().chain(&pass));
    eprintln!("{} fixtures in {:.1} s", fail.len() + pass.len(), start.elapsed().as_secs_f32());

    let none = Vec::new();
    let said_of = |fixture: &Fixture| said.get(&fixture.name).unwrap_or(&none);
    let mut wrong: Vec<String> = Vec::new();
    for fixture in &fail {
        wrong.extend(counted(fixture, said_of(fixture)));
        wrong.extend(shown(fixture, said_of(fixture)));
    }
    for fixture in &pass {
        wrong.extend(
            said_of(fixture).iter().map(|said| format!("{} must compile:\n{}", fixture.name, said.rendered)),
        );
    }
    assert!(wrong.is_empty(), "{}\n{} findings", wrong.join("\n\n"), wrong.len());
}

/// What is wrong with the number of errors, or where they point.
fn counted(fixture: &Fixture, said: &[Said]) -> Option<String> {
    let (level, text) = match fixture.expected() {
        Some(Expected::Error(text)) => ("error", text),
        Some(Expected::Warning(text)) => ("warning", text),
        None => return Some(format!("{}: the first line must be `//! primary: …`", fixture.name)),
    };
    let found: Vec<&Said> = said.iter().filter(|said| said.level == "error" || said.level == level).collect();
    match found.as_slice() {
        [one] if one.primary == text => None,
        [one] => {
            Some(format!("{} points at `{}`, not at `{text}`:\n{}", fixture.name, one.primary, one.rendered))
        }
        all => {
            let all: String = all.iter().map(|said| said.rendered.as_str()).collect();
            Some(format!("{} must give one {level}, but gives {}:\n{all}", fixture.name, found.len()))
        }
    }
}

/// The difference between what is said and the `.stderr` file, which blessing rewrites.
fn shown(fixture: &Fixture, said: &[Said]) -> Option<String> {
    let now = normalised(said);
    let file = fixture.path.with_extension("stderr");
    if std::env::var_os("KEYSTROKE_UI").is_some_and(|value| value == "bless") {
        std::fs::write(&file, now).expect("a fixture's folder");
        return None;
    }
    let before = std::fs::read_to_string(&file).unwrap_or_default();
    (before != now)
        .then(|| format!("{}: the messages differ\n--- before\n{before}--- now\n{now}", fixture.name))
}
