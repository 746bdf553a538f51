//! O6: what a verdict does.

use super::*;

#[test]
fn a_cooldown_doubles_to_a_minute_and_leaves_its_later_half_to_chance() {
    let mut least = living(HOUR);
    let mut most = living(HOUR);
    let mut now = at(0);
    for (least_wait, most_wait) in
        [(1_000, 1_000), (1_000, 2_000), (2_000, 4_000), (4_000, 8_000), (8_000, 16_000), (16_000, 32_000)]
            .into_iter()
            .chain([(30_000, 60_000); 40])
    {
        now += Duration::from_secs(HOUR);
        least = least.after(&transient(), 0, now, NONE).expect("no answer").0;
        most = most.after(&transient(), 0, now, MOST).expect("no answer").0;
        assert_eq!(least.cooldown_until(), Some(now + Duration::from_millis(least_wait)));
        let until = most.cooldown_until().expect("there is one");
        let below = (now + Duration::from_millis(most_wait)).duration_since(until).expect("not later");
        assert!(below <= Duration::from_millis(1), "{most_wait}: {below:?}");
    }
}

#[test]
fn retry_after_is_kept_where_it_is_longer_and_believed_for_a_day() {
    for (asked, wait) in [(0, 1), (1, 1), (90, 90), (DAY, DAY), (400 * DAY, DAY)] {
        let renewal = after(&living(HOUR), &asked_to_wait(asked), 0);
        assert_eq!(renewal.cooldown_until(), Some(at(wait)), "{asked}");
        assert_eq!(renewal.need(at(wait), Occasion::Asked), Need::Refresh, "{asked}");
    }
}

#[test]
fn each_verdict_changes_what_it_may() {
    for (verdict, expected) in [
        (transient(), Effect::TryLater),
        (unknown(), Effect::TryLater),
        (client(), Effect::ClientRejected),
        (unsure_dead(), Effect::Unconfirmed),
        (dead(), Effect::NeedsReconnect { refuses_from: Some(at(3_570)) }),
    ] {
        let before = living(HOUR);
        let (next, effect) = before.after(&verdict, 0, at(2_700), NONE).expect("no answer");
        assert_eq!(effect, expected);
        let last = next.last_verdict().expect("it is kept");
        assert_eq!((last.name.as_str(), last.at), (verdict.name(), at(2_700)));
        // The token is lent as before, to its bound and no further.
        let (refresh_at, lend_until) = (before.refresh_at(), before.lend_until());
        assert_eq!((next.refresh_at(), next.lend_until()), (refresh_at, lend_until));
        assert_eq!(next.need(at(2_700), Occasion::Call), Need::Lend);
        let is_dead = verdict.name() == "dead" && expected != Effect::Unconfirmed;
        assert_eq!(next.needs_reconnect_since().is_some(), is_dead);
        let at_the_bound = if is_dead { Need::NeedsReconnect } else { Need::Refresh };
        assert_eq!(next.need(at(3_570), Occasion::Call), at_the_bound);
    }
    let answer: Verdict<()> = Verdict::Answer(());
    assert_eq!(living(HOUR).after(&answer, 0, at(1), NONE), None);
}

#[test]
fn the_operator_hears_of_the_third_unknown_in_a_row() {
    let told = Effect::TellUnknown;
    let not = Effect::TryLater;
    for (name, verdicts, expected) in [
        ("third", vec![unknown(), unknown(), unknown()], vec![not, not, told]),
        ("once", vec![unknown(), unknown(), unknown(), unknown()], vec![not, not, told, not]),
        ("not in a row", vec![unknown(), unknown(), transient(), unknown()], vec![not; 4]),
    ] {
        let mut renewal = living(HOUR);
        for (index, verdict) in verdicts.iter().enumerate() {
            let (next, effect) = renewal.after(verdict, 0, at(100 * index as u64), NONE).expect("no answer");
            assert_eq!(effect, expected[index], "{name} {index}");
            renewal = next;
        }
    }
}

#[test]
fn a_provider_that_lies_in_outages_has_to_say_dead_again_a_minute_later() {
    let first = after(&living(HOUR), &unsure_dead(), 100);
    // Before that nothing it could say would count.
    assert_eq!(first.cooldown_until(), Some(at(160)));
    assert_eq!(effect(&first, &unsure_dead(), 0, 159), Effect::Unconfirmed);
    let dead = Effect::NeedsReconnect { refuses_from: Some(at(3_570)) };
    assert_eq!(effect(&first, &unsure_dead(), 0, 160), dead);
    // An outage between the two changes nothing.
    let between = after(&first, &transient(), 165);
    assert_eq!(effect(&between, &unsure_dead(), 0, 170), dead);
    // Nor does a second one that came too early count as the first.
    let early = after(&first, &unsure_dead(), 130);
    assert_eq!(effect(&early, &unsure_dead(), 0, 160), dead);
    // A clock that was set back in between has measured nothing.
    let set_back = after(&first, &unsure_dead(), 20);
    assert_eq!(effect(&set_back, &unsure_dead(), 0, 79), Effect::Unconfirmed);
    assert_eq!(effect(&set_back, &unsure_dead(), 0, 80), dead);
}

#[test]
fn five_dead_of_one_client_are_held() {
    let dies = Effect::NeedsReconnect { refuses_from: Some(at(3_570)) };
    for (others, expected) in
        [(0, dies), (3, dies), (4, Effect::HoldClient), (usize::MAX, Effect::HoldClient)]
    {
        assert_eq!(effect(&living(HOUR), &dead(), others, 100), expected, "{others}");
    }
    let held = living(HOUR).after(&dead(), 4, at(HOUR), NONE).expect("no answer").0;
    assert_eq!(held.needs_reconnect_since(), None);
    assert_eq!(held.need(at(HOUR), Occasion::Call), Need::CoolingDown(at(HOUR + 1)));
    assert_eq!(held.need(at(HOUR + 1), Occasion::Call), Need::Refresh);
    // Those that died before it are tried again too.
    let before = after(&living(HOUR), &dead(), HOUR);
    assert_eq!(before.hold(at(HOUR + 10), NONE).need(at(HOUR + 11), Occasion::Call), Need::Refresh);
    assert_eq!(living(HOUR).hold(at(10), NONE), living(HOUR));
}

#[test]
fn a_dead_verdict_counts_with_others_for_ten_minutes() {
    assert!(!living(HOUR).died_lately(at(0)));
    for verdict in [dead(), unsure_dead()] {
        let renewal = after(&living(HOUR), &verdict, 1_000);
        for (seconds, counts) in [(999, true), (1_000, true), (1_600, true), (1_601, false)] {
            assert_eq!(renewal.died_lately(at(seconds)), counts, "{seconds}");
        }
        assert!(renewal.hold(at(1_000), NONE).died_lately(at(1_600)));
    }
}

#[test]
fn a_dead_refresh_token_stays_for_a_week() {
    assert_eq!(living(HOUR).wipe_at(), None);
    assert_eq!(after(&living(HOUR), &unsure_dead(), 5).wipe_at(), None);
    assert_eq!(after(&living(HOUR), &dead(), 5).wipe_at(), Some(at(7 * DAY + 5)));
}
