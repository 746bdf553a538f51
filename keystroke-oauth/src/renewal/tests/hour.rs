//! Hours of calls, by a clock that the test moves: what the rules come to together (SEMANTICS O4, O6).

use super::*;

/// How long the provider takes to answer.
const ANSWER: Duration = Duration::from_millis(700);
/// How long each process lets pass between two calls.
const PACE: Duration = Duration::from_millis(10);

/// Random bits, the same ones each time.
struct Chance(u32);

impl Chance {
    fn next(&mut self) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0
    }
}

/// The row that all processes share, and a provider that answers.
struct Row {
    renewal: Renewal,
    life: Duration,
    chance: Chance,
    /// When the exchange that is under way was sent.
    sent: Option<SystemTime>,
    exchanges: Vec<SystemTime>,
    calls: u32,
    waited: u32,
}

impl Row {
    fn new(life: u64) -> Self {
        let renewal = living(life);
        let life = Duration::from_secs(life);
        let chance = Chance(0x9e37_79b9);
        Self { renewal, life, chance, sent: None, exchanges: Vec::new(), calls: 0, waited: 0 }
    }

    fn call(&mut self, now: SystemTime) {
        if let Some(sent) = self.sent.filter(|sent| *sent + ANSWER <= now) {
            let expiry = Expiry::At(sent + self.life);
            let kept = Renewal::issued(&rotates(), expiry, sent, self.chance.next()).encode();
            self.renewal = Renewal::decode(&kept).expect("it was encoded");
            self.sent = None;
        }
        self.calls += 1;
        let need = self.renewal.need(now, Occasion::Call);
        let is_lent = matches!(need, Need::Lend | Need::LendAndRefresh);
        assert!(!is_lent || Some(now) < self.renewal.lend_until(), "lent past its bound");
        if !is_lent {
            self.waited += 1;
        }
        if matches!(need, Need::LendAndRefresh | Need::Refresh) && self.sent.is_none() {
            self.sent = Some(now);
            self.exchanges.push(now);
        }
    }

    /// Calls of three processes, each at its pace.
    fn calls(&mut self, from: SystemTime, lasting: Duration) {
        let mut now = from;
        while now < from + lasting {
            for process in 0..3 {
                self.call(now + Duration::from_millis(3 * process));
            }
            now += PACE;
        }
    }
}

#[test]
fn no_call_waits_in_an_hour_and_each_period_has_one_exchange() {
    for (life, least, most) in [(60, 24_000, 30_000), (HOUR, 2_520_000, 2_700_000)] {
        let mut row = Row::new(life);
        row.calls(at(0), Duration::from_secs(HOUR));
        assert_eq!((row.calls, row.waited), (3 * 360_000, 0), "{life}");
        let mut before = at(0);
        for exchange in &row.exchanges {
            let period = exchange.duration_since(before).expect("in order").as_millis();
            assert!((least..=most + PACE.as_millis()).contains(&period), "{life}: {period}");
            before = *exchange;
        }
        let fewest = 3_600_000 / (most + PACE.as_millis());
        let highest = 3_600_000 / least;
        assert!(
            (fewest..=highest).contains(&(row.exchanges.len() as u128)),
            "{life}: {}",
            row.exchanges.len()
        );
    }
}

#[test]
fn after_idle_days_calls_wait_once_for_one_exchange() {
    let mut row = Row::new(HOUR);
    row.calls(at(0), Duration::from_secs(10));
    let back = at(3 * DAY);
    row.call(back);
    assert_eq!((row.waited, row.exchanges.as_slice()), (1, [back].as_slice()));
    // Nobody who comes when the answer is there waits.
    row.calls(back + ANSWER, Duration::from_secs(600));
    assert_eq!((row.waited, row.exchanges.len()), (1, 1));
}

#[test]
fn an_hour_without_the_provider_costs_at_most_130_exchanges() {
    for outage in [transient(), unknown(), client()] {
        for chance in [Some(NONE), Some(MOST), None] {
            let mut random = Chance(0x1234_5678);
            let mut renewal = living(HOUR);
            let mut exchanges = 0;
            for call in 0..360_000 {
                let now = at(HOUR) + PACE * call;
                match renewal.need(now, Occasion::Call) {
                    Need::Refresh => {
                        exchanges += 1;
                        let random = chance.unwrap_or_else(|| random.next());
                        renewal = renewal.after(&outage, 0, now, random).expect("no answer").0;
                    }
                    Need::CoolingDown(until) => assert!(until > now),
                    need => panic!("{need:?} of a token that has ended"),
                }
            }
            assert!((60..=130).contains(&exchanges), "{exchanges}");
        }
    }
}

#[test]
fn a_clock_that_jumps_costs_one_exchange() {
    for (name, jump) in [("ahead", at(40 * DAY)), ("back", at(0) - Duration::from_secs(DAY))] {
        let mut row = Row::new(HOUR);
        row.calls(at(60), Duration::from_secs(10));
        row.call(jump);
        row.calls(jump + ANSWER, Duration::from_secs(600));
        assert_eq!(row.exchanges, [jump], "{name}");
        // Where the provider does not answer, the cooldown holds by the clock as it is.
        let mut renewal = after(&living(HOUR), &asked_to_wait(DAY), 60);
        let mut exchanges = 0;
        for call in 0..6_000 {
            let now = jump + PACE * call;
            if matches!(renewal.need(now, Occasion::Call), Need::Refresh | Need::LendAndRefresh) {
                exchanges += 1;
                renewal = renewal.after(&asked_to_wait(90), 0, now, NONE).expect("no answer").0;
            }
        }
        assert_eq!(exchanges, 1, "{name}");
    }
}
