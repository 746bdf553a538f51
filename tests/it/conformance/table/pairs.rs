//! The generated cases: factors, their levels, and rows of them in which every pair of levels stands.

use std::collections::{BTreeMap, BTreeSet};

use super::{Case, ClearTo as _, NOW, assignment, direct, fields_of, instance, short};
use crate::model::{Container, Instance};

/// The factors and their levels.
pub const FACTORS: [(&str, &[&str]); 19] = [
    (
        "selection",
        &[
            "none",
            "run: project's",
            "run: organization's",
            "run: another key",
            "call: organization's",
            "call: user's",
            "call: gone",
            "call: another project's",
            "call: another user's",
            "call: another organization's",
            "call: another key's",
            "call: a key that is not used",
            "run: organization's, call: project's",
        ],
    ),
    (
        "assignment",
        &[
            "none",
            "project's",
            "organization's",
            "user's",
            "gone",
            "another project's",
            "another user's",
            "another key's",
            "of another consumer",
            "of another action",
            "in another project",
            "in another organization",
        ],
    ),
    ("pin", &["none", "organization", "project", "user"]),
    ("pinned by", &["parameter", "action"]),
    ("optional", &["none", "exa", "slack", "exa and slack"]),
    ("origin", &["direct", "cli", "prompt", "workflow", "schedule", "webhook", "poll", "gateway"]),
    ("user", &["none", "ada"]),
    ("consumer", &["direct", "workflow", "agent", "poll"]),
    ("project holds", COUNTS),
    ("organization holds", COUNTS),
    ("user holds", COUNTS),
    ("project marks", MARKS),
    ("organization marks", MARKS),
    ("user marks", MARKS),
    ("project status", STATUSES),
    ("organization status", STATUSES),
    ("user status", STATUSES),
    ("action", &["api_key", "oauth_managed", "keystroke", "both"]),
    (
        "validity",
        &[
            "fine",
            "expires later",
            "expires now",
            "expired",
            "a field missing",
            "a field wrong",
            "granted less",
            "another kind",
        ],
    ),
];
const COUNTS: &[&str] = &["0", "1", "2"];
const MARKS: &[&str] = &["none", "first", "second", "both"];
const STATUSES: &[&str] = &["active", "first revoked", "second revoked", "all revoked", "first to reconnect"];

/// What can't be written: a background run with a user (SEMANTICS P4).
fn impossible(row: &[Option<usize>]) -> bool {
    let level = |name: &str| {
        let at = FACTORS.iter().position(|(factor, _)| *factor == name)?;
        row[at].map(|level| FACTORS[at].1[level])
    };
    let background = matches!(level("origin"), Some("schedule" | "webhook" | "poll" | "gateway"));
    background && level("user") == Some("ada")
}

/// A factor's number and its level's.
type Level = (usize, usize);

/// Every pair of levels that some case must have.
pub fn pairs() -> BTreeSet<(Level, Level)> {
    let mut pairs = BTreeSet::new();
    for a in 0..FACTORS.len() {
        for b in a + 1..FACTORS.len() {
            for x in 0..FACTORS[a].1.len() {
                for y in 0..FACTORS[b].1.len() {
                    let mut row = vec![None; FACTORS.len()];
                    row[a] = Some(x);
                    row[b] = Some(y);
                    if !impossible(&row) {
                        pairs.insert(((a, x), (b, y)));
                    }
                }
            }
        }
    }
    pairs
}

/// Rows that cover all pairs: each begins with a pair that is still open and takes, factor by factor, the level that
/// closes the most of those that are left.
fn rows() -> Vec<Vec<usize>> {
    let mut open = pairs();
    let mut rows = Vec::new();
    while let Some(&((a, x), (b, y))) = open.iter().next() {
        let mut row = vec![None; FACTORS.len()];
        row[a] = Some(x);
        row[b] = Some(y);
        for factor in 0..FACTORS.len() {
            if row[factor].is_some() {
                continue;
            }
            let levels = FACTORS[factor].1.len();
            let mut best = None;
            // From another level on in each row, so that ties do not all go to the first.
            for level in (0..levels).map(|level| (level + rows.len()) % levels) {
                row[factor] = Some(level);
                if impossible(&row) {
                    continue;
                }
                let closes = row
                    .iter()
                    .enumerate()
                    .filter_map(|(other, chosen)| Some((other, (*chosen)?)))
                    .filter(|other| {
                        let this = (factor, level);
                        open.contains(&(*other, this)) || open.contains(&(this, *other))
                    })
                    .count();
                if best.is_none_or(|(most, _)| closes > most) {
                    best = Some((closes, level));
                }
            }
            row[factor] = best.map(|(_, level)| level);
        }
        let row: Vec<usize> = row.into_iter().map(|level| level.expect("every factor has a level")).collect();
        for a in 0..row.len() {
            for b in a + 1..row.len() {
                open.remove(&((a, row[a]), (b, row[b])));
            }
        }
        rows.push(row);
    }
    rows
}

pub(super) fn pairwise() -> Vec<Case> {
    rows().iter().enumerate().map(|(number, row)| from_row(number + 1, row)).collect()
}

fn from_row(number: usize, row: &[usize]) -> Case {
    let levels: BTreeMap<&str, &str> =
        FACTORS.iter().zip(row).map(|((factor, levels), level)| (*factor, levels[*level])).collect();
    let mut case = short(&format!("pairs {number}"), &[])
        .needs(levels["action"], Some(levels["pin"]).filter(|pin| *pin != "none"));
    if levels["pin"] != "none" {
        case = case.pinned_by(levels["pinned by"]);
    }
    case = case.optional(&levels["optional"].split(" and ").collect::<Vec<_>>());
    if levels["user"] == "ada" {
        case = case.user();
    }
    case = case.origin(levels["origin"]);
    case.0.asked.consumer = match levels["consumer"] {
        "direct" => direct(),
        kind => Container { kind: kind.to_owned(), slug: "digest".to_owned() },
    };
    for (scope, owner) in
        [("project", "project:research"), ("organization", "organization"), ("user", "user:ada")]
    {
        case.0.world.instances.extend(held(scope, owner, &levels));
    }
    case = match levels["selection"] {
        "none" => case,
        "run: project's" => case.run("exa", "p1"),
        "run: organization's" => case.run("exa", "o1"),
        "run: another key" => case.run("github", "o1"),
        "call: organization's" => case.call("exa", "o1"),
        "call: user's" => case.call("exa", "u1"),
        "call: gone" => case.call("exa", "gone"),
        "call: another project's" => case.call("exa", "x-other-project"),
        "call: another user's" => case.call("exa", "x-other-user"),
        "call: another organization's" => case.call("exa", "x-other-organization"),
        "call: another key's" => case.call("exa", "x-other-key"),
        "call: a key that is not used" => case.call("github", "o1"),
        _ => case.run("exa", "o1").call("exa", "p1"),
    };
    let mut bound = assignment("");
    bound.consumer = case.0.asked.consumer.clone();
    bound.id = match levels["assignment"] {
        "project's" => "p1",
        "user's" => "u1",
        "gone" => "gone",
        "another project's" => "x-other-project",
        "another user's" => "x-other-user",
        "another key's" => "x-other-key",
        _ => "o1",
    }
    .to_owned();
    match levels["assignment"] {
        "of another consumer" => {
            bound.consumer = Container { kind: "workflow".to_owned(), slug: "another".to_owned() };
        }
        "of another action" => "other".clone_into(&mut bound.action),
        "in another project" => "ops".clone_into(&mut bound.project),
        "in another organization" => "globex".clone_into(&mut bound.organization),
        _ => {}
    }
    if levels["assignment"] != "none" {
        case = case.bound(bound);
    }
    case.0.factors =
        levels.iter().map(|(factor, level)| ((*factor).to_owned(), (*level).to_owned())).collect();
    case.case()
}

/// The instances of one scope.
fn held(scope: &str, owner: &str, levels: &BTreeMap<&str, &str>) -> Vec<Instance> {
    let level = |of: &str| levels[format!("{scope} {of}").as_str()];
    let kind = match levels["action"] {
        "both" => "api_key",
        kind => kind,
    };
    let count: usize = level("holds").parse().expect("a number");
    let mut instances = Vec::new();
    for number in 1..=count {
        let this = if number == 1 { "first" } else { "second" };
        let id = format!("{}{number}", &scope[..1]);
        let mut one = instance(&id, owner);
        one.fields = fields_of(&id, kind);
        kind.clone_into(&mut one.kind);
        one.default = level("marks") == this || level("marks") == "both";
        let status = level("status");
        if status == "all revoked" || status == format!("{this} revoked") {
            "revoked".clone_into(&mut one.status);
        }
        if status == format!("{this} to reconnect") {
            "needs_reconnect".clone_into(&mut one.status);
        }
        match levels["validity"] {
            "fine" => {}
            "expires later" => one.expires_at = Some(NOW + 1),
            "expires now" => one.expires_at = Some(NOW),
            "expired" => one.expires_at = Some(NOW - 1),
            "a field missing" => one.fields.clear_to("token"),
            "a field wrong" => {
                one.fields.insert("port".to_owned(), "no number".to_owned());
            }
            "granted less" => one.granted = vec!["read".to_owned()],
            _ => {
                let other = if kind == "keystroke" { "api_key" } else { "keystroke" };
                other.clone_into(&mut one.kind);
            }
        }
        instances.push(one);
    }
    instances
}
