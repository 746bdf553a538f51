//! Messages put together while compiling: a const panic takes only one text. Types stand in them as their author wrote them.

/// A text of at most 512 bytes; what does not fit is cut.
pub(super) struct Text {
    bytes: [u8; 512],
    len: usize,
}

impl Text {
    pub(super) const fn new() -> Self {
        Self { bytes: [0; 512], len: 0 }
    }

    #[expect(
        clippy::indexing_slicing,
        reason = "both indexes are below their lengths, and `get_mut` is not const"
    )]
    pub(super) const fn push(mut self, text: &str) -> Self {
        let text = text.as_bytes();
        let mut at = 0;
        while at < text.len() && self.len < self.bytes.len() {
            self.bytes[self.len] = text[at];
            self.len += 1;
            at += 1;
        }
        self
    }

    pub(super) const fn as_str(&self) -> &str {
        match std::str::from_utf8(self.bytes.split_at(self.len).0) {
            Ok(text) => text,
            // Only a message cut inside a character ends here.
            Err(_) => "a message too long to show",
        }
    }
}

/// `==` for texts in constants.
pub(super) const fn same(a: &str, b: &str) -> bool {
    let (mut a, mut b) = (a.as_bytes(), b.as_bytes());
    while let ([x, rest_a @ ..], [y, rest_b @ ..]) = (a, b) {
        if *x != *y {
            return false;
        }
        (a, b) = (rest_a, rest_b);
    }
    a.is_empty() && b.is_empty()
}

/// `T` of a type that is written `State<T>`. Of an alias it is "T": what is in its brackets may be another type.
pub(super) const fn argument(ty: &str) -> &str {
    match split(ty) {
        Some((b"State" | [.., b':', b'S', b't', b'a', b't', b'e'], argument)) => argument,
        _ => "T",
    }
}

/// The state in a type that is written `Option<State<T>>` or `Arc<State<T>>`; of an alias, `State<T>`.
pub(super) const fn state_within(ty: &str) -> &str {
    match split(ty) {
        Some((_, state)) if !same(argument(state), "T") => state,
        _ => "State<T>",
    }
}

/// What stands before the brackets of a type, and what stands in them.
const fn split(ty: &str) -> Option<(&[u8], &str)> {
    let (ty, mut at) = (ty.as_bytes(), 0);
    loop {
        match ty.split_at(at) {
            (path, [b'<', argument @ .., b'>']) => {
                return match std::str::from_utf8(argument) {
                    Ok(argument) => Some((path, argument)),
                    Err(_) => None,
                };
            }
            (_, []) => return None,
            _ => at += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_type_of_state_is_read_only_where_it_is_written() {
        for (ty, expected) in [
            ("State<Client>", "Client"),
            ("keystroke::State<Arc<Client>>", "Arc<Client>"),
            ("State<Result<u8, String>>", "Result<u8, String>"),
            // Aliases: `type Shared<T> = State<Arc<T>>` is state of an `Arc`.
            ("Shared<Client>", "T"),
            ("AppState<Client>", "T"),
            ("state::Shared<State<Client>>", "T"),
            ("Http", "T"),
            ("", "T"),
        ] {
            assert_eq!(argument(ty), expected, "{ty}");
        }
        for (ty, expected) in [
            ("Option<State<Client>>", "State<Client>"),
            ("std::sync::Arc<keystroke::State<Client>>", "keystroke::State<Client>"),
            ("Option<Shared<Client>>", "State<T>"),
            ("Maybe<Client>", "State<T>"),
            ("Http", "State<T>"),
        ] {
            assert_eq!(state_within(ty), expected, "{ty}");
        }
    }

    #[test]
    fn texts_are_put_together_and_cut() {
        assert_eq!(Text::new().push("a").push("bc").as_str(), "abc");
        assert_eq!(Text::new().push(&"x".repeat(600)).as_str().len(), 512);
        assert!(same("", "") && same("ab", "ab"));
        assert!(!same("a", "ab") && !same("ab", "a") && !same("a", "b"));
    }
}
