//! Everything in a JSON value that could show a secret, a slice at a time: strings, map keys, numbers, and lists of bytes.
//!
//! It recurses over nothing, so it does not matter how deep the value is.

use std::collections::HashMap;

use serde_json::map::{IntoIter, IterMut};
use serde_json::{Map, Value};
use smallvec::SmallVec;

use super::scan::ListScan;
use super::{Redactor, SHORTEST, SLICE};

/// What a value costs to look at beside its text, in bytes of text.
const VISIT: usize = 32;
/// The same of an item of a list that may be bytes.
const ITEM: usize = 4;
/// A map with more keys is rebuilt, so that they need not all be looked at in one go; and a longer list is not
/// looked through beforehand.
const FEW: usize = 64;

/// A value on its way out.
pub(super) struct Walk<'v> {
    levels: SmallVec<[Level<'v>; 4]>,
    job: Option<Job<'v>>,
}

/// What is left of a list or a map.
enum Level<'v> {
    One(Option<&'v mut Value>),
    Items(std::slice::IterMut<'v, Value>),
    Fields(IterMut<'v>),
    /// A map whose keys are looked at as it is put together again.
    Keys {
        rest: IntoIter,
        map: &'v mut Map<String, Value>,
        names: Names,
    },
}

/// What is being looked at.
enum Job<'v> {
    Text(&'v mut String),
    Key(String, Value),
    List(&'v mut Vec<Value>, usize, Box<ListScan>),
}

impl<'v> Walk<'v> {
    pub(super) fn over(value: &'v mut Value) -> Self {
        Self { levels: smallvec::smallvec![Level::One(Some(value))], job: None }
    }

    /// Looks at the next slice. Whether that was the last one.
    pub(super) fn go_on(&mut self, redactor: &mut Redactor) -> bool {
        let mut left = SLICE;
        while left > 0 {
            let cost = match self.job.take() {
                Some(job) => self.work(job, redactor),
                None => match self.next(redactor) {
                    Some(cost) => cost,
                    None => return true,
                },
            };
            left = left.saturating_sub(cost);
        }
        false
    }

    /// Goes to the next value; `None` if there is none. Comes to what that cost.
    fn next(&mut self, redactor: &mut Redactor) -> Option<usize> {
        let value = match self.levels.last_mut()? {
            Level::One(value) => value.take(),
            Level::Items(items) => items.next(),
            Level::Fields(fields) => fields.next().map(|(_, value)| value),
            Level::Keys { rest, .. } => match rest.next() {
                Some((key, value)) => {
                    redactor.scan.begin(key.as_bytes());
                    self.job = Some(Job::Key(key, value));
                    return Some(VISIT);
                }
                None => return self.renamed(),
            },
        };
        let Some(value) = value else {
            self.levels.pop();
            return Some(1);
        };
        Some(VISIT + self.enter(value, redactor))
    }

    /// All keys of the map were looked at; now for what they lead to.
    fn renamed(&mut self) -> Option<usize> {
        if let Some(Level::Keys { map, .. }) = self.levels.pop() {
            self.levels.push(Level::Fields(map.iter_mut()));
        }
        Some(VISIT)
    }

    fn enter(&mut self, value: &'v mut Value, redactor: &mut Redactor) -> usize {
        if let Value::Number(number) = &*value {
            if let Some(mark) = redactor.number(number) {
                *value = Value::String(mark);
            }
            return 0;
        }
        match value {
            Value::String(text) if text.len() >= SHORTEST => {
                redactor.scan.begin(text.as_bytes());
                self.job = Some(Job::Text(text));
            }
            Value::Array(items) => {
                let may_be_bytes = items.len() > FEW || items.iter().any(|item| byte(item).is_some());
                if items.len() >= SHORTEST && may_be_bytes {
                    self.job = Some(Job::List(items, 0, Box::default()));
                } else {
                    self.levels.push(Level::Items(items.iter_mut()));
                }
            }
            Value::Object(map) => return self.enter_map(map, redactor),
            _ => {}
        }
        0
    }

    fn enter_map(&mut self, map: &'v mut Map<String, Value>, redactor: &mut Redactor) -> usize {
        let mut cost = 0;
        let mut are_clean = |map: &Map<String, Value>| {
            map.keys().filter(|key| key.len() >= SHORTEST).all(|key| {
                cost += VISIT + key.len();
                key.len() < SLICE && redactor.cleaned(key).is_none()
            })
        };
        if map.len() <= FEW && are_clean(map) {
            self.levels.push(Level::Fields(map.iter_mut()));
        } else {
            self.levels.push(Level::Keys {
                rest: std::mem::take(map).into_iter(),
                map,
                names: Names::default(),
            });
        }
        cost
    }

    /// Goes on with a job; comes to what that cost.
    fn work(&mut self, job: Job<'v>, redactor: &mut Redactor) -> usize {
        match job {
            Job::Text(text) => {
                let (is_done, cost) = redactor.scan_on(text);
                if !is_done {
                    self.job = Some(Job::Text(text));
                } else if let Some(clean) = redactor.scan.end(text) {
                    *text = clean;
                }
                cost
            }
            Job::Key(key, value) => {
                let (is_done, cost) = redactor.scan_on(&key);
                if !is_done {
                    self.job = Some(Job::Key(key, value));
                } else if let Some(Level::Keys { map, names, .. }) = self.levels.last_mut() {
                    let clean = redactor.scan.end(&key).unwrap_or(key);
                    map.insert(names.free(map, clean), value);
                }
                cost
            }
            Job::List(items, from, mut scan) => {
                let mut search = redactor.search();
                let to = items.len().min(from + SLICE / ITEM);
                for (item, index) in items.get(from..to).unwrap_or_default().iter().zip(from..) {
                    scan.push(byte(item), index, &search);
                }
                if to < items.len() {
                    self.job = Some(Job::List(items, to, scan));
                } else {
                    scan.end(&search);
                    scan.clean(items, &mut search);
                    self.levels.push(Level::Items(items.iter_mut()));
                }
                (to - from) * ITEM
            }
        }
    }
}

/// A number that is a byte; a signed one too, as some languages have them.
fn byte(item: &Value) -> Option<u8> {
    let number = item.as_i64()?;
    u8::try_from(number).or_else(|_| i8::try_from(number).map(i8::cast_unsigned)).ok()
}

/// Map keys that came out the same get a number behind them: nothing of a result is lost.
#[derive(Default)]
struct Names(HashMap<String, usize>);

impl Names {
    fn free(&mut self, map: &Map<String, Value>, key: String) -> String {
        if !map.contains_key(&key) {
            return key;
        }
        // Counted on from where it was, so that many keys cost no more than one pass.
        let next = self.0.entry(key.clone()).or_insert(2);
        loop {
            let numbered = format!("{key} ({next})");
            *next += 1;
            if !map.contains_key(&numbered) {
                return numbered;
            }
        }
    }
}
