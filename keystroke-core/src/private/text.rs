//! Messages put together while compiling: a const panic takes only one text.

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_put_together_and_cut() {
        assert_eq!(Text::new().push("a").push("bc").as_str(), "abc");
        assert_eq!(Text::new().push(&"x".repeat(600)).as_str().len(), 512);
        assert!(same("", "") && same("ab", "ab"));
        assert!(!same("a", "ab") && !same("ab", "a") && !same("a", "b"));
    }
}
