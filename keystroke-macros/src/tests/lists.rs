//! The entries of `toolset!`.

use super::{errors, holds, tokens};

#[test]
fn an_entry_is_an_action_and_at_most_one_scope() {
    let table: &[(&str, &[&str])] = &[
        ("", &[]),
        ("Search", &[]),
        ("Search,", &[]),
        ("a::Search, Post.scope(User), ::b::r#Read.scope(a::Project)", &[]),
        ("search", &["list `Search`, made by `#[action(slug = \"search\")]` on the function `search`"]),
        ("a::web_search.scope(User)", &["list `WebSearch`, made by"]),
        ("&Search", &["remove `&`: list the action itself, `Search`"]),
        ("Search Post", &["expected `,` before `Post`"]),
        ("Search.scope(User) Post", &["expected `,` before `Post`"]),
        ("Search; Post", &["write `,` in place of `;`"]),
        ("Search,, Post", &["expected an action before `,`"]),
        ("Search.scope(User).scope(User)", &["at most one `.scope(…)`"]),
        ("Search.run(a, b)", &["without calling it"]),
        ("search()", &["an entry is an action"]),
        ("[Search]", &["an entry is an action"]),
        ("\"search\"", &["an entry is an action"]),
        ("Search +", &["an entry is an action"]),
        ("search, 3", &["list `Search`", "an entry is an action"]),
        ("/// Doc.\nSearch, #[cfg(a)] #[allow(b)] Post.scope(User),", &[]),
        ("#[cfg(a)] search", &["list `Search`"]),
        ("#[test] Search", &["unknown attribute `test` on an entry"]),
        ("#[cfg_attr(a, cfg(b))] Search", &["unknown attribute `cfg_attr`"]),
        ("Search, #[cfg(a)]", &["expected an action after this"]),
        ("Search, #[cfg(a)], Post", &["expected an action before `,`"]),
        ("..tools()?, Search", &[]),
        ("Search, ..a::tools()?, ..if b { c } else { d }, ..self.tools.clone(),", &[]),
        ("#[cfg(a)] ..tools", &[]),
        ("..", &["write a toolset after `..`"]),
        ("..=tools", &["write a toolset after `..`"]),
        ("..tools() Search", &["expected `,` before `Search`"]),
        ("..tools()? Search", &["expected `,` before `Search`"]),
        ("..tools Search", &["expected `,` before `Search`"]),
        ("if a { Search } else { Post }", &["`Toolset::builder().add_if(condition, Search)`"]),
        ("Read, if a { Search }, Post", &["`Toolset::builder().add_if(condition, Search)`"]),
        ("match a { b => Search, _ => Post }", &["an entry is an action"]),
    ];
    holds(table, |list| errors(crate::toolset::toolset(tokens(&format!("(::keystroke) {list}")))));
}

#[test]
fn each_slug_is_compared_once_with_those_before_it_and_sound_entries_stay_beside_an_error() {
    let expansion = crate::toolset::toolset(tokens("(::keystroke) A, b, C.scope(User), D")).to_string();
    assert_eq!(expansion.matches("slug_of").count(), 3);
    assert_eq!(expansion.matches("must_share_no_slug").count(), 2);
    assert_eq!(expansion.matches(". add").count(), 3);
    assert_eq!(expansion.matches(". merge").count(), 0);
    assert!(expansion.contains("use :: keystroke :: __private"));
}

#[test]
fn a_conditional_entry_keeps_its_place_among_the_slugs() {
    let expand = |list: &str| crate::toolset::toolset(tokens(&format!("(::keystroke) {list}"))).to_string();
    let expansion = expand("A, #[cfg(a)] #[cfg(b)] B, C");
    assert!(expansion.contains("# [cfg (not (all (a , b)))] \"\""), "{expansion}");
    assert_eq!(expansion.matches("# [cfg (a)] # [cfg (b)]").count(), 3, "its slug, its check, its entry");
    let expansion = expand("A, ..b(), C");
    assert_eq!((expansion.matches(". add").count(), expansion.matches(". merge").count()), (2, 1));
    assert_eq!(expansion.matches("slug_of").count(), 2);
}
