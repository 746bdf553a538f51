//! O4, O8 and O9: when a token is lent, and when the next one is asked for.

use super::*;
use crate::grant::GrantVersion;

#[test]
fn bounds_follow_from_the_life_of_the_token() {
    // Life, earliest and latest begin of the refresh, bound of lending: in milliseconds.
    for (life, earliest, latest, lend_until) in [
        (0, 0, 0, 0),
        (1_000, 400, 500, 900),
        (60_000, 24_000, 30_000, 54_000),
        (300_000, 120_000, 150_000, 270_000),
        (301_000, 120_400, 150_500, 271_000),
        (1_800_000, 720_000, 900_000, 1_770_000),
        (3_600_000, 2_520_000, 2_700_000, 3_570_000),
        (86_400_000, 85_320_000, 85_500_000, 86_370_000),
    ] {
        let issued = |random| Renewal::issued(&rotates(), Expiry::At(at_millis(life)), at(0), random);
        assert_eq!(issued(NONE).lend_until(), Some(at_millis(lend_until)), "{life}");
        assert_eq!(issued(NONE).refresh_at(), Some(at_millis(latest)), "{life}");
        let by_chance = issued(MOST).refresh_at().expect("there is one");
        let above = by_chance.duration_since(at_millis(earliest)).expect("not earlier");
        assert!(above <= Duration::from_millis(1), "{life}: {above:?}");
    }
}

#[test]
fn an_early_refresh_needs_an_end_a_way_and_an_old_token_that_survives_it() {
    let end = Expiry::At(at(HOUR));
    let kills = Terms { kills_access_token: true, ..rotates() };
    let never = Terms { is_renewable: false, ..rotates() };
    for (name, terms, expiry, refreshes, bound) in [
        ("plain", rotates(), end, true, true),
        ("kills", kills, end, false, true),
        ("never", never, end, false, true),
        ("no end", rotates(), Expiry::Unstated, false, false),
        ("unreadable end", rotates(), Expiry::Unreadable, false, false),
    ] {
        let renewal = Renewal::issued(&terms, expiry, at(0), NONE);
        assert_eq!(renewal.refresh_at().is_some(), refreshes, "{name}");
        assert_eq!(renewal.lend_until().is_some(), bound, "{name}");
    }
}

#[test]
fn a_call_gets_what_its_time_allows() {
    let kills = Terms { kills_access_token: true, ..rotates() };
    let never = Terms { is_renewable: false, ..rotates() };
    let of = |terms: &Terms, expiry| Renewal::issued(terms, expiry, at(0), NONE);
    let hour = Expiry::At(at(HOUR));
    for (name, renewal, seconds, need) in [
        ("fresh", living(HOUR), 1, Need::Lend),
        ("before the refresh", living(HOUR), 2_699, Need::Lend),
        ("at the refresh", living(HOUR), 2_700, Need::LendAndRefresh),
        ("before the bound", living(HOUR), 3_569, Need::LendAndRefresh),
        ("at the bound", living(HOUR), 3_570, Need::Refresh),
        ("idle days", living(HOUR), 3 * DAY, Need::Refresh),
        ("kills: before the bound", of(&kills, hour), 3_569, Need::Lend),
        ("kills: at the bound", of(&kills, hour), 3_570, Need::Refresh),
        ("never: before the bound", of(&never, hour), 3_569, Need::Lend),
        ("never: at the bound", of(&never, hour), 3_570, Need::NotRenewable),
        ("no end", of(&rotates(), Expiry::Unstated), 1_000 * DAY, Need::Lend),
        ("no life: at once", living(0), 0, Need::CoolingDown(at(1))),
        ("no life: later", living(0), 1, Need::Refresh),
    ] {
        assert_eq!(renewal.need(at(seconds), Occasion::Call), need, "{name}");
    }
}

#[test]
fn a_look_for_what_is_due_starts_what_is_due_and_no_more() {
    let endless = Renewal::issued(&rotates(), Expiry::Unstated, at(0), NONE);
    for (name, renewal, seconds, need) in [
        ("before", living(HOUR), 2_699, Need::Lend),
        ("due", living(HOUR), 2_700, Need::Refresh),
        ("due, cooling down", after(&living(HOUR), &transient(), 2_700), 2_700, Need::Lend),
        (
            "past the bound, cooling down",
            after(&living(HOUR), &transient(), 3_600),
            3_600,
            Need::CoolingDown(at(3_601)),
        ),
        ("no end", endless, DAY, Need::Lend),
    ] {
        assert_eq!(renewal.need(at(seconds), Occasion::Early), need, "{name}");
    }
}

#[test]
fn a_refused_token_is_exchanged_once_and_not_when_it_is_fresh() {
    let endless = Renewal::issued(&rotates(), Expiry::Unstated, at(0), NONE);
    let same = Occasion::Refused { lent: GrantVersion(3), current: GrantVersion(3) };
    let older = Occasion::Refused { lent: GrantVersion(2), current: GrantVersion(3) };
    let gone = after(&endless, &dead(), 100);
    for (name, renewal, seconds, occasion, need) in [
        ("fresh", endless.clone(), 59, same, Need::Refused),
        ("old enough", endless.clone(), 60, same, Need::Refresh),
        ("a second time", endless.refused(), 60, same, Need::Refused),
        ("a newer one is there", endless.clone(), 60, older, Need::Lend),
        ("a newer one has ended", living(HOUR), HOUR, older, Need::Refresh),
        ("this one has ended, though refused", living(HOUR).refused(), HOUR, same, Need::Refresh),
        ("cooling down", after(&endless, &transient(), 100), 100, same, Need::CoolingDown(at(101))),
        ("dead", gone.clone(), 200, same, Need::NeedsReconnect),
        ("dead and refused", gone.refused(), 200, same, Need::NeedsReconnect),
        ("dead, a call", gone.clone(), 200, Occasion::Call, Need::Lend),
        ("dead and refused, a call", gone.refused(), 200, Occasion::Call, Need::NeedsReconnect),
        ("refused, a call", endless.refused(), 200, Occasion::Call, Need::Lend),
    ] {
        assert_eq!(renewal.need(at(seconds), occasion), need, "{name}");
    }
}

#[test]
fn an_unused_grant_is_kept_alive_at_half_its_idle_limit() {
    let idle = Some(Duration::from_secs(10 * DAY));
    let limited = Terms { idle, ..rotates() };
    let machine = Terms { tokens: RefreshTokens::None, ..limited };
    let never = Terms { is_renewable: false, ..limited };
    for (name, terms, day, need) in [
        ("early", limited, 4, Need::Lend),
        ("half", limited, 5, Need::Refresh),
        ("past it", limited, 11, Need::Refresh),
        ("no limit", rotates(), 1_000, Need::Lend),
        ("a machine asks again", machine, 11, Need::Lend),
        ("not renewable", never, 11, Need::Lend),
    ] {
        let renewal = Renewal::issued(&terms, Expiry::Unstated, at(0), NONE);
        assert_eq!(renewal.need(at(day * DAY), Occasion::KeepAlive), need, "{name}");
    }
}

#[test]
fn an_operator_gets_an_exchange_where_one_may_be_made() {
    let never = Terms { is_renewable: false, ..rotates() };
    for (name, renewal, seconds, need) in [
        ("fresh", living(HOUR), 1, Need::Refresh),
        ("just issued", living(HOUR), 0, Need::CoolingDown(at(1))),
        ("cooling down", after(&living(HOUR), &asked_to_wait(90), 10), 99, Need::CoolingDown(at(100))),
        ("cooled down", after(&living(HOUR), &asked_to_wait(90), 10), 100, Need::Refresh),
        ("dead", after(&living(HOUR), &dead(), 10), 20, Need::NeedsReconnect),
        ("never", Renewal::issued(&never, Expiry::Unstated, at(0), NONE), 20, Need::NotRenewable),
    ] {
        assert_eq!(renewal.need(at(seconds), Occasion::Asked), need, "{name}");
    }
}
