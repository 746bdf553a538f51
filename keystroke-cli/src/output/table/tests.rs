use super::*;

/// Columns on a screen, for the characters that this test uses.
fn width(text: &str) -> usize {
    text.chars().map(|c| if c >= '\u{1100}' { 2 } else { 1 }).sum()
}

/// Texts of so many columns: of one word, of several, and of wide letters.
fn texts(columns: usize) -> [String; 3] {
    let words = "three or four words ".repeat(columns / 20 + 1);
    [
        "x".repeat(columns),
        words.chars().take(columns).collect::<String>().trim().to_owned(),
        "漢".repeat(columns / 2),
    ]
}

#[test]
fn a_table_fits_its_terminal_whatever_is_in_it() {
    const HEADER: [&str; 5] = ["FIRST", "SECOND", "THIRD", "A FOURTH", "LAST"];
    const WIDTHS: [usize; 6] = [0, 4, 20, 40, 57, 140];
    for whole in 1..=3 {
        for first in WIDTHS {
            for second in WIDTHS {
                for last in WIDTHS {
                    for form in 0..3 {
                        let cell = |columns| texts(columns)[form].clone();
                        let cells = [cell(first), cell(second), cell(second), cell(last), cell(first)];
                        let columns = [60, 80, 200][whole - 1];
                        let table = table_in(Some(columns), HEADER, whole, [cells.clone()]);
                        for line in table.lines() {
                            assert!(
                                width(line) <= usize::from(columns),
                                "{whole} {first} {second} {last}: {}\n{table}",
                                width(line)
                            );
                        }
                        // Nothing is left out.
                        let letters = |text: &str| text.chars().filter(|c| !c.is_whitespace()).count();
                        let cells = cells.iter().map(String::as_str);
                        let all: usize = HEADER.into_iter().chain(cells).map(letters).sum();
                        assert_eq!(letters(&table), all, "{table}");
                    }
                }
            }
        }
    }
}

#[test]
fn an_id_is_not_broken_where_there_is_room() {
    let id = "a-key-of-a-usual-length-7k2m4q9d3x5z".to_owned();
    let row = [id.clone(), "project research".to_owned(), "A label with many words in it ✓".to_owned()];
    let table = table_in(Some(80), ["ID", "SCOPE", "LABEL"], 1, [row]);
    assert!(table.contains(&id), "{table}");
}

#[test]
fn without_a_terminal_a_row_is_one_line() {
    let long = "many words in it ".repeat(40);
    let row = [long.clone(), long.clone(), "x".repeat(300)];
    let table = table_in(None, ["FIRST", "SECOND", "THIRD"], 1, [row]);
    assert_eq!(table.lines().count(), 2, "{table}");
    assert!(table.contains(&format!("{long} ")) && table.contains(&"x".repeat(300)), "{table}");
}
