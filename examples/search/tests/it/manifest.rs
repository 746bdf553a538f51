//! `search manifest` prints what the actions ask for.

use crate::support::{ended, program};
use keystroke::Manifest;

#[test]
fn the_program_prints_its_manifest_and_nothing_else() {
    let (code, json, errors) = ended(program().arg("manifest").output().expect("the program starts"));
    assert_eq!((code, errors.as_str()), (Some(0), ""));
    let manifest = Manifest::from_json(json.as_bytes()).expect("a manifest");
    assert_eq!(
        (manifest.application.name.as_str(), manifest.application.version.as_str()),
        ("search", "0.1.0")
    );
    let needs: Vec<_> = manifest
        .actions
        .iter()
        .flat_map(|action| {
            action
                .requires
                .iter()
                .map(|needs| (action.slug.as_str(), needs.credential.as_str(), needs.optional))
        })
        .collect();
    assert_eq!(needs, [("search", "exa", false), ("read-page", "firecrawl", true)]);
    let exa = manifest.credential("exa").expect("it is listed");
    assert!(exa.description.starts_with("Exa web search.") && exa.fields[0].secret && exa.fields[0].required);
}
