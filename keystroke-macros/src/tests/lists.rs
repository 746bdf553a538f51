//! The entries of `toolset!`.

use super::{errors, holds, tokens};

#[test]
fn an_entry_is_an_action_and_at_most_one_scope() {
    let table: &[(&str, &[&str])] = &[
        ("", &[]),
        ("Search", &[]),
        ("Search,", &[]),
        ("a::Search, Post.scope(User), ::b::r#Read.scope(a::Project)", &[]),
        ("search", &["`search` is a function; list the action `Search`"]),
        ("a::web_search.scope(User)", &["list the action `WebSearch`"]),
        ("&Search", &["remove `&`: list the action itself, `Search`"]),
        ("Search Post", &["expected `,` before `Post`"]),
        ("Search.scope(User) Post", &["expected `,` before `Post`"]),
        ("Search; Post", &["write `,` in place of `;`"]),
        ("Search,, Post", &["expected an action before `,`"]),
        ("Search.scope(User).scope(User)", &["at most one `.scope(…)`"]),
        ("Search.run(a, b)", &["not called here"]),
        ("search()", &["an entry is an action"]),
        ("[Search]", &["an entry is an action"]),
        ("\"search\"", &["an entry is an action"]),
        ("Search +", &["an entry is an action"]),
        ("search, 3", &["is a function", "an entry is an action"]),
    ];
    holds(table, |list| errors(crate::toolset::toolset(tokens(&format!("(::keystroke) {list}")))));
}

#[test]
fn each_slug_is_compared_once_with_those_before_it_and_sound_entries_stay_beside_an_error() {
    let expansion = crate::toolset::toolset(tokens("(::keystroke) A, b, C.scope(User), D")).to_string();
    assert_eq!(expansion.matches("slug_of").count(), 3);
    assert_eq!(expansion.matches("must_share_no_slug").count(), 2);
    assert_eq!(expansion.matches(". add").count(), 3);
    assert!(expansion.contains("use :: keystroke :: __private"));
}
