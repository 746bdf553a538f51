//! O7: a holder that fell silent.

use super::*;

use Holder::{Dead, Lives, Unreachable};
use RefreshTokens::{Grace, RevokesFamily, Rotates, Stable};
use Takeover::{Refreshing, Retry, Wait};

/// The token is good before 3,570 s. The exchange was claimed and, where it says so, sent at `began`; its lease lasts 30 s.
#[test]
fn an_exchange_is_taken_over_where_nothing_can_be_lost() {
    let ten = Grace(Duration::from_secs(600));
    let none = RefreshTokens::None;
    for (line, (tokens, holder, began, is_sent, fell_silent, now, expected)) in [
        // Nothing was sent: nothing was lost. But a living holder may be about to.
        (RevokesFamily, Dead, 3_000, false, 0, 3_000, Retry),
        (RevokesFamily, Unreachable, 3_000, false, 0, 3_000, Retry),
        (RevokesFamily, Lives, 3_000, false, 0, 3_029, Wait),
        (RevokesFamily, Lives, 3_000, false, 0, 3_030, Wait),
        (RevokesFamily, Lives, 3_560, false, 0, 3_589, Wait),
        (RevokesFamily, Lives, 3_560, false, 0, 3_590, Refreshing),
        (Stable, Lives, 3_560, false, 0, 3_590, Refreshing),
        // It was sent, and its holder is dead: once.
        (RevokesFamily, Dead, 3_000, true, 0, 3_001, Retry),
        (Rotates, Dead, 3_000, true, 0, 3_001, Retry),
        (Rotates, Dead, 3_000, true, 1, 3_001, Wait),
        (Rotates, Dead, 3_560, true, 1, 3_590, Refreshing),
        (Rotates, Dead, 3_000, true, 1, 3_599, Refreshing),
        (Rotates, Dead, 3_000, true, 1, 3_600, Retry),
        (Stable, Dead, 3_000, true, 9, 3_001, Retry),
        // Its holder lives: never, whatever the time, but where the token goes on working.
        (Rotates, Lives, 3_000, true, 0, 3_030, Wait),
        (Rotates, Lives, 3_560, true, 0, 3_589, Wait),
        (Rotates, Lives, 3_560, true, 0, 3_590, Refreshing),
        (Rotates, Lives, 3_000, true, 0, 90_000, Refreshing),
        (RevokesFamily, Lives, 3_000, true, 0, 90_000, Refreshing),
        (Stable, Lives, 3_000, true, 0, 3_029, Wait),
        (Stable, Lives, 3_000, true, 0, 3_030, Retry),
        (none, Lives, 3_000, true, 0, 3_030, Retry),
        (ten, Lives, 3_000, true, 0, 3_029, Wait),
        (ten, Lives, 3_000, true, 0, 3_030, Retry),
        (ten, Lives, 3_000, true, 0, 3_599, Retry),
        (ten, Lives, 3_000, true, 0, 3_600, Refreshing),
        // Its server can't be reached: after 10 minutes.
        (Rotates, Unreachable, 3_000, true, 0, 3_001, Wait),
        (Rotates, Unreachable, 3_000, true, 0, 3_599, Refreshing),
        (Rotates, Unreachable, 3_000, true, 0, 3_600, Retry),
        (Stable, Unreachable, 3_000, true, 0, 3_029, Wait),
        (Stable, Unreachable, 3_000, true, 0, 3_030, Retry),
        (ten, Unreachable, 3_000, true, 0, 3_030, Retry),
    ]
    .into_iter()
    .enumerate()
    {
        let terms = Terms { tokens, ..rotates() };
        let renewal = Renewal::issued(&terms, Expiry::At(at(HOUR)), at(0), NONE);
        let sent_at = is_sent.then_some(at(began));
        let exchange = Exchange { holder, lease_end: at(began + 30), sent_at, fell_silent };
        assert_eq!(renewal.takeover(&exchange, at(now)), expected, "row {line}");
    }
}

#[test]
fn a_clock_that_was_set_back_gives_no_grace() {
    let terms = Terms { tokens: Grace(Duration::from_secs(600)), ..rotates() };
    let renewal = Renewal::issued(&terms, Expiry::At(at(HOUR)), at(0), NONE);
    let exchange = Exchange { holder: Lives, lease_end: at(100), sent_at: Some(at(3_000)), fell_silent: 0 };
    assert_eq!(renewal.takeover(&exchange, at(200)), Wait);
}
