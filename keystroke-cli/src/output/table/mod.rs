//! Tables and lists of facts that fit the terminal.

use std::io::{self, IsTerminal as _};

use comfy_table::{ColumnConstraint, ContentArrangement, Table};

use super::text;

/// The width of a terminal that does not tell it.
const WIDTH: u16 = 80;
/// Columns up to this width are not broken over lines: ids and keys are there to be copied.
const WHOLE: u16 = 40;
/// The least width of every other column.
const ROOM: u16 = 4;
/// The gap between two columns.
const GAP: u16 = 2;

/// How wide a table may be: as wide as its terminal. Elsewhere there is no limit, because programs look for whole ids and
/// slugs in a line.
fn width() -> Option<u16> {
    let stdout = io::stdout();
    if !stdout.is_terminal() {
        return None;
    }
    #[cfg(unix)]
    let columns = rustix::termios::tcgetwinsize(&stdout).map_or(0, |size| size.ws_col);
    #[cfg(not(unix))]
    let columns = 0;
    Some(if columns == 0 { WIDTH } else { columns })
}

/// A table without rules that fits the terminal; its first `whole` columns are not broken if there is room. Cells are passed
/// as they are stored.
pub(crate) fn table<const N: usize>(
    header: [&str; N],
    whole: usize,
    rows: impl IntoIterator<Item = [String; N]>,
) -> String {
    table_in(width(), header, whole, rows)
}

fn table_in<const N: usize>(
    width: Option<u16>,
    header: [&str; N],
    whole: usize,
    rows: impl IntoIterator<Item = [String; N]>,
) -> String {
    let mut table = Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    match width {
        Some(width) => table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width),
        None => table.set_content_arrangement(ContentArrangement::Disabled),
    };
    table.set_header(header);
    for row in rows {
        table.add_row(row.map(|cell| text::line(&cell).into_owned()));
    }
    let widths = table.column_max_content_widths();
    // The least that all columns take, as long as none is kept whole.
    let mut taken: u16 = widths.iter().map(|width| GAP + (*width).min(ROOM)).sum();
    for (index, (column, content)) in table.column_iter_mut().zip(widths).enumerate() {
        let more = content.saturating_sub(ROOM);
        if let Some(width) = width
            && index < whole
            && content <= WHOLE
            && taken + more <= width
        {
            column.set_constraint(ColumnConstraint::ContentWidth);
            taken += more;
        }
        column.set_padding((0, if index + 1 == N { 0 } else { GAP }));
    }
    let mut lines = String::new();
    for line in table.lines() {
        lines.push_str(line.trim_end());
        lines.push('\n');
    }
    lines
}

/// Names and what they are, one a line.
pub(crate) fn facts(rows: &[(&str, String)]) -> String {
    let width = rows.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    rows.iter().map(|(name, value)| format!("{name:width$}  {}\n", text::line(value))).collect()
}

#[cfg(test)]
mod tests;
