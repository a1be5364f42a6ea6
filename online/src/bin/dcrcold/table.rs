//! Tables: padded text, numbers to the right. On a terminal that is too narrow for one, sentences in the last column are
//! wrapped; where that does not help, what stands there without a heading goes below its row, and else each row becomes a
//! list, since nobody should read an amount or id in two halves.

use std::io::stdout;

use anstream::{AutoStream, ColorChoice};
use anstyle::Style;
use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, Table, presets};

use crate::screen;

/// The fewest columns of a terminal that are worth wrapping sentences into.
const LEAST_SENTENCE: usize = 16;
/// Columns between two cells.
const GAP: u16 = 2;

/// Where a column's text stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Align {
    /// At the left edge.
    Left,
    /// At the right edge.
    Right,
}

/// How rows are laid out.
#[derive(Debug, PartialEq, Eq)]
enum Laid {
    /// In columns, the first line with their headings.
    Columns(Vec<String>),
    /// As a list for each.
    Lists(Vec<String>),
}

/// Lays rows out under their headings, as the terminal has room; without a terminal there is room for everything.
pub(crate) fn table<const N: usize>(headings: [(&str, Align); N], rows: &[[String; N]]) -> Vec<String> {
    longest_that_fits(headings, &[rows])
}

/// Does so with rows in several forms, the longest first and the one for narrow terminals last.
pub(crate) fn longest_that_fits<const N: usize>(headings: [(&str, Align); N], forms: &[&[[String; N]]]) -> Vec<String> {
    match lay_out(headings, forms, screen::columns()) {
        Laid::Columns(mut lines) if AutoStream::choice(&stdout()) != ColorChoice::Never => {
            let bold = Style::new().bold();
            lines[0] = format!("{bold}{}{bold:#}", lines[0]);
            lines
        }
        Laid::Columns(lines) | Laid::Lists(lines) => lines,
    }
}

fn lay_out<const N: usize>(headings: [(&str, Align); N], forms: &[&[[String; N]]], width: Option<usize>) -> Laid {
    let Some((rows, longer)) = forms.split_last() else { return Laid::Lists(Vec::new()) };
    let fits = |lines: &Vec<String>| width.is_none_or(|width| widest(lines) <= width);
    if let Some(lines) = longer.iter().map(|rows| columns(headings, rows, None)).find(fits) {
        return Laid::Columns(lines);
    }
    let whole = columns(headings, rows, None);
    let Some(width) = width.filter(|_| !fits(&whole)) else { return Laid::Columns(whole) };
    let last = |row: &[String; N]| row[N - 1].chars().count();
    let others = widest(&whole).saturating_sub(rows.iter().map(last).max().unwrap_or_default());
    if rows.iter().any(|row| row[N - 1].contains(' ')) && others + LEAST_SENTENCE <= width {
        return Laid::Columns(columns(headings, rows, Some(width)));
    }
    if let Some(lines) = noted(headings, rows, width) {
        return Laid::Columns(lines);
    }
    Laid::Lists(lists(headings, rows))
}

/// Columns without the last one, whose cells stand below their rows, if it has no heading and there is room for the others.
fn noted<const N: usize>(headings: [(&str, Align); N], rows: &[[String; N]], width: usize) -> Option<Vec<String>> {
    let without = |row: &[String; N]| {
        let mut row = row.clone();
        row[N - 1].clear();
        row
    };
    let short = columns(headings, &rows.iter().map(without).collect::<Vec<_>>(), None);
    if !headings[N - 1].0.is_empty() || widest(&short) > width {
        return None;
    }
    let (heading, short) = short.split_first()?;
    let mut lines = vec![heading.clone()];
    for (short, row) in short.iter().zip(rows) {
        let note = format!("  {}", row[N - 1]);
        lines.extend([short.clone(), note].into_iter().filter(|line| !line.trim().is_empty()));
    }
    Some(lines)
}

fn widest(lines: &[String]) -> usize {
    lines.iter().map(|line| line.chars().count()).max().unwrap_or_default()
}

/// Columns, the last of which is wrapped to a width.
fn columns<const N: usize>(headings: [(&str, Align); N], rows: &[[String; N]], width: Option<usize>) -> Vec<String> {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(headings.map(|(heading, _)| heading)).add_rows(rows);
    for (number, (_, align)) in headings.into_iter().enumerate() {
        let Some(column) = table.column_mut(number) else { continue };
        let is_last = number + 1 == N;
        column.set_padding((0, if is_last { 0 } else { GAP }));
        column.set_cell_alignment(if align == Align::Left { CellAlignment::Left } else { CellAlignment::Right });
        if !is_last {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
    }
    if let Some(width) = width {
        table.set_content_arrangement(ContentArrangement::Dynamic).set_width(u16::try_from(width).unwrap_or(u16::MAX));
    }
    table.lines().map(|line| line.trim_end().to_owned()).collect()
}

/// A list for each row, with an empty line in between.
fn lists<const N: usize>(headings: [(&str, Align); N], rows: &[[String; N]]) -> Vec<String> {
    let width = headings.iter().map(|(heading, _)| heading.chars().count()).max().unwrap_or_default();
    let mut lines = Vec::new();
    for (number, row) in rows.iter().enumerate() {
        if number > 0 {
            lines.push(String::new());
        }
        let cells = headings.iter().zip(row).filter(|(_, cell)| !cell.is_empty());
        lines.extend(cells.map(|((heading, _), cell)| format!("{heading:<width$}  {cell}")));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::{Align, Laid, lay_out};

    const HEADINGS: [(&str, Align); 3] = [("name", Align::Left), ("n", Align::Right), ("", Align::Left)];

    fn rows() -> [[String; 3]; 2] {
        [["a".into(), "1".into(), "all of it at once".into()], ["long".into(), "1000".into(), String::new()]]
    }

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let expected = ["name     n", "a        1  all of it at once", "long  1000"];
        let expected = Laid::Columns(expected.map(Into::into).into());
        assert_eq!(lay_out(HEADINGS, &[&rows()], None), expected);
        assert_eq!(lay_out(HEADINGS, &[&rows()], Some(29)), expected);
    }

    #[test]
    fn sentences_are_wrapped_and_numbers_never() {
        let expected = ["name     n", "a        1  all of it at", "            once", "long  1000"];
        assert_eq!(lay_out(HEADINGS, &[&rows()], Some(28)), Laid::Columns(expected.map(Into::into).into()));
        let expected = ["name  a", "n     1", "      all of it at once", "", "name  long", "n     1000"];
        assert_eq!(lay_out(HEADINGS, &[&rows()], Some(9)), Laid::Lists(expected.map(Into::into).into()));
        let named = HEADINGS.map(|(heading, align)| (if heading.is_empty() { "why" } else { heading }, align));
        assert!(matches!(lay_out(named, &[&rows()], Some(27)), Laid::Lists(_)));
    }

    #[test]
    fn what_has_no_heading_goes_below_its_row() {
        let expected = ["name     n", "a        1", "  all of it at once", "long  1000"];
        let expected = Laid::Columns(expected.map(Into::into).into());
        for width in [27, 19, 10] {
            assert_eq!(lay_out(HEADINGS, &[&rows()], Some(width)), expected, "{width}");
        }
    }

    #[test]
    fn the_longest_form_that_fits_is_taken() {
        let long = rows().map(|[name, number, text]| [format!("{name}{name}"), number, text]);
        let forms: [&[_]; 2] = [&long, &rows()];
        assert_eq!(lay_out(HEADINGS, &forms, None), lay_out(HEADINGS, &[&long], None));
        assert_eq!(lay_out(HEADINGS, &forms, Some(33)), lay_out(HEADINGS, &[&long], None));
        assert_eq!(lay_out(HEADINGS, &forms, Some(32)), lay_out(HEADINGS, &[&rows()], None));
        assert_eq!(lay_out(HEADINGS, &forms, Some(27)), lay_out(HEADINGS, &[&rows()], Some(27)));
    }
}
