//! The name that was probably meant.

/// How similar a mistyped name must be to the one that was meant, from 0 to 1.
const ALIKE: f64 = 0.6;

/// The nearest of `names`, if it is near enough to be meant.
pub(crate) fn nearest<'a>(typed: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let plain = |text: &str| text.to_lowercase().replace(['_', '-'], "");
    let typed = plain(typed);
    names
        .into_iter()
        .map(|name| (strsim::normalized_damerau_levenshtein(&typed, &plain(name)), name))
        .filter(|(alike, _)| *alike >= ALIKE)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, name)| name)
}
