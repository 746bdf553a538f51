//! Suggestions for a misspelt word.

/// The nearest of `known` to a word, if it is near enough to be meant.
pub(crate) fn nearest<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    let word = &word.to_lowercase();
    let mut begun = known.iter().filter(|known| word.len() > 1 && known.starts_with(word.as_str()));
    if let (Some(only), None) = (begun.next(), begun.next()) {
        return Some(only);
    }
    let most = (word.chars().count() / 3).max(1);
    known
        .iter()
        .map(|candidate| (distance(word, candidate), *candidate))
        .filter(|(distance, _)| *distance <= most)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Edits between two words: insertions, removals, replacements, and swaps of neighbours.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows: Vec<Vec<usize>> = vec![(0..=b.len()).collect()];
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let get = |row: Option<&Vec<usize>>, at: usize| {
                row.and_then(|row| row.get(at)).copied().unwrap_or(usize::MAX / 2)
            };
            let above = rows.last();
            let mut best =
                (get(above, j) + usize::from(x != y)).min(get(above, j + 1) + 1).min(get(Some(&row), j) + 1);
            if i > 0 && j > 0 && a.get(i - 1) == Some(y) && b.get(j - 1) == Some(x) {
                best = best.min(get(rows.get(i - 1), j - 1) + 1);
            }
            row.push(best);
        }
        rows.push(row);
    }
    rows.last().and_then(|row| row.last()).copied().unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_found_and_far_ones_are_not() {
        let keys = ["slug", "name", "scope"];
        assert_eq!(nearest("slgu", &keys), Some("slug"));
        assert_eq!(nearest("scop", &keys), Some("scope"));
        assert_eq!(nearest("SLUG", &keys), Some("slug"));
        assert_eq!(nearest("sc", &keys), Some("scope"));
        assert_eq!(nearest("s", &keys), None);
        assert_eq!(nearest("description", &keys), None);
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
