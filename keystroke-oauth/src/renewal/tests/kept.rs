//! The bytes of a renewal.

use super::*;

fn long_code() -> Verdict<()> {
    let code = ErrorCode::new("abcdefghijklmnopqrst_abcdefghijklmnopqrst_abcdefghijklmnopqrst_x");
    assert!(code.as_str().len() > 60);
    Verdict::Dead { code, confirm_after: None }
}

#[test]
fn what_is_kept_is_what_was_there() {
    let grace = RefreshTokens::Grace(Duration::from_millis(1_500));
    let idle = Some(Duration::from_secs(DAY));
    let mut kept = Vec::new();
    for tokens in [
        RefreshTokens::None,
        RefreshTokens::Stable,
        RefreshTokens::Rotates,
        RefreshTokens::RevokesFamily,
        grace,
    ] {
        let terms = Terms { tokens, idle, ..rotates() };
        let never = Terms { is_renewable: false, ..terms };
        kept.push(Renewal::issued(&terms, Expiry::At(at(HOUR)), at(0), 0x1234_5678));
        kept.push(Renewal::issued(&never, Expiry::Unstated, at(0), NONE));
    }
    for verdict in [transient(), unknown(), client(), dead(), unsure_dead(), long_code(), asked_to_wait(9)] {
        let odd = at(10) + Duration::from_nanos(123_456_789);
        kept.push(living(HOUR).after(&verdict, 0, odd, 0x1234_5678).expect("no answer").0.refused());
    }
    let odd = at(10) + Duration::from_nanos(123_456_789);
    kept.push(Renewal::issued(&rotates(), Expiry::At(odd), odd, MOST));
    for renewal in kept {
        let bytes = renewal.encode();
        assert!(bytes.len() <= LONGEST_RENEWAL);
        assert_eq!(Renewal::decode(&bytes), Ok(renewal));
    }
}

#[test]
fn other_bytes_are_no_renewal() {
    let good = String::from_utf8(living(HOUR).refused().encode()).expect("JSON");
    let changed = |from: &str, to: &str| {
        let changed = good.replacen(from, to, 1);
        assert_ne!(changed, good, "{from}");
        changed
    };
    for bytes in [
        String::new(),
        "{}".to_owned(),
        "null".to_owned(),
        changed("\"v\":1", "\"v\":2"),
        changed("\"v\":1", "\"w\":1"),
        changed("\"rotates\"", "\"rotate\""),
        changed("\"refused\":1", "\"refused\":2"),
        changed("\"refused\":1", "\"refused\":true"),
        changed("\"failures\":0", "\"failures\":4294967296"),
        changed("\"failures\":0", "\"failures\":-1"),
        changed("\"issued_at\":", "\"issued\":"),
        changed("\"lend_until\":", "\"lend_until\":\"\",\"x\":"),
        changed("{", "{\"last\":\"dead\","),
        changed("{", "{\"last\":\"answer\",\"last_at\":1,"),
        format!("{good}{}", " ".repeat(LONGEST_RENEWAL)),
    ] {
        assert!(Renewal::decode(bytes.as_bytes()).is_err(), "{bytes}");
    }
    // A bound that is missing is none; one that can't be read must not become none.
    assert!(Renewal::decode(changed("\"lend_until\":18", "\"lend_until\":-18").as_bytes()).is_err());
}

#[test]
fn no_time_and_no_chance_is_too_large() {
    let last = SystemTime::UNIX_EPOCH + Duration::from_secs(u64::MAX / 4_000_000_000 * 1_000_000_000);
    for now in [SystemTime::UNIX_EPOCH, SystemTime::UNIX_EPOCH - Duration::from_secs(1), last] {
        for end in [SystemTime::UNIX_EPOCH, last] {
            let idle = Some(Duration::MAX);
            let renewal = Renewal::issued(&Terms { idle, ..rotates() }, Expiry::At(end), now, MOST);
            for verdict in [transient(), dead(), unsure_dead(), asked_to_wait(u64::MAX)] {
                let next = renewal.after(&verdict, usize::MAX, now, MOST).expect("no answer").0;
                next.need(last, Occasion::Call);
                assert_eq!(Renewal::decode(&next.encode()), Ok(next));
            }
        }
    }
}
