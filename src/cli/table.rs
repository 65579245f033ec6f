//! Aligned columns, where a Chinese character is two wide.

use unicode_width::UnicodeWidthStr;

/// Rows under a header.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Table {
    header: Vec<&'static str>,
    rows: Vec<Vec<String>>,
}

/// Between columns.
const GAP: usize = 2;

impl Table {
    pub(super) fn new(header: &[&'static str]) -> Self {
        Self {
            header: header.to_vec(),
            rows: Vec::new(),
        }
    }

    pub(super) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        let cells = cells.into_iter().map(|cell| clean(&cell));
        self.rows.push(cells.collect());
    }

    /// The lines, the header first, without blanks at their ends.
    pub(super) fn lines(&self) -> Vec<String> {
        let header: Vec<String> = self.header.iter().map(|cell| (*cell).to_owned()).collect();
        let all = || std::iter::once(&header).chain(&self.rows);
        let widths: Vec<usize> = (0..header.len())
            .map(|column| {
                let cells = all().filter_map(|row| row.get(column));
                cells.map(|cell| cell.width()).max().unwrap_or(0)
            })
            .collect();
        all().map(|row| line(row, &widths)).collect()
    }
}

fn line(row: &[String], widths: &[usize]) -> String {
    let mut line = String::new();
    for (cell, width) in row.iter().zip(widths) {
        line.push_str(cell);
        let blanks = width.saturating_sub(cell.width()).saturating_add(GAP);
        line.extend(std::iter::repeat_n(' ', blanks));
    }
    line.trim_end().to_owned()
}

/// A member can put anything into a name: no control characters reach the terminal.
fn clean(cell: &str) -> String {
    let letters = cell.chars().map(|c| if c.is_control() { ' ' } else { c });
    letters.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_by_what_is_seen() {
        let mut table = Table::new(&["KEY", "NAME", "POINTS"]);
        table.row(["qq/1".to_owned(), "小林".to_owned(), "5".to_owned()]);
        table.row(["tg/100".to_owned(), "ann".to_owned(), String::new()]);
        assert_eq!(
            table.lines(),
            ["KEY     NAME  POINTS", "qq/1    小林  5", "tg/100  ann"]
        );
    }

    #[test]
    fn nothing_in_a_cell_moves_the_cursor() {
        let mut table = Table::new(&["NAME"]);
        table.row(["a\u{1b}[2J\nb".to_owned()]);
        assert_eq!(table.lines(), ["NAME", "a [2J b"]);
    }
}
