//! How hard a secret is to guess, as password meters estimate it. A value of few bits can be found out by anybody who can have
//! an action repeat texts: redaction's mark answers each guess (SEMANTICS S3).

/// A secret of fewer bits is worth a warning when it is stored. One message of a megabyte holds a million (2^20) guesses,
/// and a client sends a thousand (2^10) of them a minute: below that, guessing ends within two years (2^20 minutes).
pub const GUESSABLE_BITS: f64 = 50.0;

/// What people write in place of a secret, or begin one with: worth one choice among some thousands each.
const WORDS: [&str; 20] = [
    "password", "passwort", "passwd", "changeme", "default", "welcome", "letmein", "dragon", "monkey",
    "secret", "admin", "master", "login", "hello", "token", "guest", "test", "root", "demo", "key",
];
/// Rows of a keyboard, which fingers follow as they follow the alphabet.
const ROWS: [&str; 4] = ["qwertyuiop", "qwertzuiop", "asdfghjkl", "zxcvbnm"];
/// What a known word is worth, in bits.
const WORD: f64 = 10.0;
/// What a character is worth that goes on as the one before it did.
const STEP: f64 = 1.0;

/// Estimates how many bits a guesser has to get right: characters times the bits of their classes, less for what
/// repeats, counts up or down, follows a keyboard, or is a word that everybody tries first. An upper bound: a name or a
/// date has fewer.
///
/// ```
/// use keystroke_core::{GUESSABLE_BITS, secret_bits};
///
/// assert!(secret_bits("48151623") < GUESSABLE_BITS); // eight digits
/// assert!(secret_bits("correct-horse-1") > secret_bits("aaaaaaaaaaaaaaa"));
/// assert!(secret_bits("sk-7Qm2vX9dLp4Rt8Wz") > GUESSABLE_BITS);
/// ```
pub fn secret_bits(secret: &str) -> f64 {
    let characters: Vec<char> = secret.chars().collect();
    let each = pool(&characters).log2();
    let unit = unit(&characters);
    let repeats = characters.len() / unit.len().max(1);
    let lower: Vec<char> = unit.iter().map(char::to_ascii_lowercase).collect();
    let (mut bits, mut at) = (0.0, 0);
    while let Some(rest) = lower.get(at..).filter(|rest| !rest.is_empty()) {
        let before = at.checked_sub(1).and_then(|before| lower.get(before));
        let word = WORDS.into_iter().find(|word| starts_with(rest, word));
        match (word, before, rest.first()) {
            (Some(word), _, _) => {
                bits += WORD.min(each * chars(word));
                at += word.len();
                continue;
            }
            (None, Some(before), Some(this)) if follows(*before, *this) => bits += STEP.min(each),
            _ => bits += each,
        }
        at += 1;
    }
    // How often it is repeated has to be guessed as well.
    bits + f64::from(u32::try_from(repeats).unwrap_or(u32::MAX).max(1)).log2()
}

fn starts_with(characters: &[char], word: &str) -> bool {
    word.len() <= characters.len() && word.chars().zip(characters).all(|(a, b)| a == *b)
}

fn chars(word: &str) -> f64 {
    f64::from(u32::try_from(word.len()).unwrap_or(u32::MAX))
}

/// Whether a character is of a class.
type Class = fn(&char) -> bool;

/// How many characters there are of the classes that a text uses.
fn pool(characters: &[char]) -> f64 {
    let classes: [(Class, f64); 5] = [
        (char::is_ascii_lowercase, 26.0),
        (char::is_ascii_uppercase, 26.0),
        (char::is_ascii_digit, 10.0),
        (|c| c.is_ascii() && !c.is_ascii_alphanumeric(), 33.0),
        (|c| !c.is_ascii(), 100.0),
    ];
    // Hexadecimal is its own alphabet: its letters come from six, not from 26.
    let hex = |upper: bool| {
        let of_case = |c: &char| if upper { !c.is_ascii_lowercase() } else { !c.is_ascii_uppercase() };
        characters.iter().all(|c| c.is_ascii_hexdigit() && of_case(c))
    };
    if characters.iter().any(char::is_ascii_digit) && (hex(true) || hex(false)) {
        return if characters.iter().all(char::is_ascii_digit) { 10.0 } else { 16.0 };
    }
    let used = classes.into_iter().filter(|(is_of, _)| characters.iter().any(is_of));
    used.map(|(_, count)| count).sum::<f64>().max(1.0)
}

/// The shortest beginning that, repeated, is the whole.
fn unit(characters: &[char]) -> &[char] {
    // Nobody types a secret by repeating more than this, and the search is quadratic.
    const LONGEST: usize = 256;
    let repeats = |length: &usize| {
        characters.len().is_multiple_of(*length)
            && characters.chunks(*length).all(|chunk| Some(chunk) == characters.get(..*length))
    };
    let length = (1..=(characters.len() / 2).min(LONGEST)).find(repeats);
    length.and_then(|length| characters.get(..length)).unwrap_or(characters)
}

/// Whether a character goes on from the one before: the same, the next or the one before it in its alphabet or on its row.
fn follows(before: char, this: char) -> bool {
    let of_one_class = (before.is_ascii_digit() && this.is_ascii_digit())
        || (before.is_ascii_alphabetic() && this.is_ascii_alphabetic());
    let on_row = |row: &str| {
        let at = |wanted: char| row.chars().position(|c| c == wanted);
        matches!((at(before), at(this)), (Some(a), Some(b)) if a.abs_diff(b) == 1)
    };
    before == this
        || (of_one_class && u32::from(before).abs_diff(u32::from(this)) == 1)
        || ROWS.into_iter().any(on_row)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_guessed_first_has_few_bits_and_what_is_drawn_has_many() {
        for few in [
            "",
            "1",
            "12345678",
            "48151623",
            "000000000000",
            "31415926535",
            "password",
            "password123",
            "Password1!",
            "changeme123",
            "qwertyuiop",
            "abcdefghijklmnop",
            "zzzzzzzzzzzzzzzzzzzz",
            "abcabcabcabcabcabcabc",
            "letmein2026",
            "9876543210987654",
            "secretsecretsecret",
            "adminadmin",
        ] {
            assert!(secret_bits(few) < GUESSABLE_BITS, "{few}: {}", secret_bits(few));
        }
        for many in [
            "7391846205173958",
            "sk-7Qm2vX9dLp4Rt8Wz",
            "f3a9c04be1d7285609af",
            "xkcd staple battery 9",
            "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
            "ключ-от-всех-дверей",
        ] {
            assert!(secret_bits(many) > GUESSABLE_BITS, "{many}: {}", secret_bits(many));
        }
    }

    #[test]
    fn eight_digits_have_the_bits_of_eight_digits() {
        assert!((secret_bits("85274196") - 8.0 * 10_f64.log2()).abs() < 0.001);
    }

    #[test]
    fn a_long_text_takes_no_long_time_and_its_bits_are_a_number() {
        let long = "a1".repeat(32 * 1024) + "b";
        assert!(secret_bits(&long).is_finite());
    }
}
