//! The name that was probably meant: a field that is declared as `apikey` and stored as `api_key`.

/// The nearest of `names` to a word, if a slip may have turned one into the other.
pub(super) fn nearest<'a>(word: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let plain = |text: &str| text.to_lowercase().replace(['_', '-'], "");
    let word = plain(word);
    let most = word.chars().count() / 3;
    names
        .map(|name| (distance(&word, &plain(name)), name))
        .filter(|(distance, _)| *distance <= most)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// Edits between two words: insertions, removals and replacements.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut left = i + 1;
        let mut row = vec![left];
        for (y, pair) in b.iter().zip(above.windows(2)) {
            let [corner, over] = *pair else { continue };
            left = (corner + usize::from(x != *y)).min(over + 1).min(left + 1);
            row.push(left);
        }
        above = row;
    }
    above.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn only_what_a_slip_explains_is_near() {
        let names = ["api_key", "region", "id"];
        for (word, meant) in [
            ("apikey", Some("api_key")),
            ("apiKey", Some("api_key")),
            ("api_kye", Some("api_key")),
            ("regoin", Some("region")),
            ("ip", None),
            ("token", None),
            ("", None),
        ] {
            assert_eq!(nearest(word, names.into_iter()), meant, "{word}");
        }
    }
}
