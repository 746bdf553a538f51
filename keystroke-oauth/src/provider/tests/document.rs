//! `docs/oauth.md` names every field, and its examples are files.

use std::collections::BTreeSet;

use crate::provider::Provider;
use crate::provider::form::read;
use crate::provider::model::ProviderFile;

const DOCUMENT: &str = include_str!("../../../../docs/oauth.md");

#[test]
fn each_field_is_told_and_no_other() {
    let all = format!(
        "{}[[oddities]]\nsays = \"x\"\nsource = \"x\"\nverified = \"x\"\n[assertion]\n[variables.NAME]\nabout = \"x\"\n\
         [account]\nfrom = \"answer\"\nid = [\"/id\"]\n[facts.NAME]\nfrom = {{ callback = \"x\" }}\n",
        super::SHORT
    )
    .replace("NAME", "name");
    let mut fields = BTreeSet::new();
    // The check ends nothing here: only what may be written is asked.
    let read = read::<ProviderFile>(&all, |_, reader| {
        fields.extend(reader.known().map(|field| field.replace(".name", ".NAME")));
        Vec::new()
    });
    assert!(read.is_ok(), "{read:?}");
    // Of a table, its fields are told.
    let tables: BTreeSet<String> =
        fields.iter().filter_map(|field| field.rsplit_once('.')).map(|(table, _)| table.to_owned()).collect();
    fields.retain(|field| !tables.contains(field) && !["variables", "facts"].contains(&field.as_str()));
    assert!(fields.len() > 70, "{fields:?}");

    let (_, table) = DOCUMENT.split_once("| field | what it says | without it |").unwrap();
    let first = table.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` |"));
    let told: BTreeSet<String> =
        first.flat_map(|(fields, _)| fields.split("`, `")).map(str::to_owned).collect();
    assert_eq!(told, fields);
}

#[test]
fn its_examples_are_files() {
    let blocks: Vec<&str> =
        DOCUMENT.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    let (whole, part) = (blocks[0], blocks[1]);
    assert!(Provider::parse("acme", whole).is_ok());
    let endpoints = whole.find("[endpoints]").unwrap()..whole.find("[token]").unwrap();
    let mut with_part = whole.to_owned();
    with_part.replace_range(endpoints, part);
    let provider = Provider::parse("acme", &with_part);
    assert_eq!(provider.map(|provider| provider.variables().len()).ok(), Some(1), "{with_part}");
}
