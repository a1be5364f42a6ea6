//! Throws of a die, or a line of text, typed on the screen.

use dcrcold_signer::cli::{Failure, given_up};
use dcrcold_signer::seed::{Added, AddedKind, LONGEST_SYMBOLS};
use dcrcold_signer::swap;
use dcrcold_signer::terminal::{Event, Key, Screen};
use ratatui_core::buffer::Buffer;
use ratatui_core::layout::Position;
use ratatui_core::style::{Modifier, Style};
use zeroize::Zeroizing;

use super::seed::{bottom, line};

/// Throws stand in groups of five.
const GROUP: usize = 5;

/// Has a person add to the randomness of the system.
pub(crate) fn type_in(screen: &mut Screen, kind: AddedKind) -> Result<Added, Failure> {
    let mut symbols = swap::text(LONGEST_SYMBOLS);
    let mut refused = false;
    loop {
        screen.draw(|grid| Some(draw(grid, kind, &symbols, refused)))?;
        refused = false;
        match screen.event()? {
            Event::Key(Key::Control('c')) => return Err(given_up()),
            Event::Key(Key::Enter) if !symbols.is_empty() => return Ok(Added::parse(kind, &symbols)?),
            Event::Key(Key::Backspace) => drop(symbols.pop()),
            Event::Key(Key::Char(symbol)) if kind.takes(symbol) => {
                if symbols.len() + symbol.len_utf8() <= LONGEST_SYMBOLS {
                    symbols.push(symbol);
                }
            }
            Event::Key(Key::Char(' ')) => {}
            Event::Key(Key::Char(_)) => refused = true,
            Event::Key(_) | Event::Resized => {}
        }
    }
}

fn draw(grid: &mut Buffer, kind: AddedKind, symbols: &str, refused: bool) -> Position {
    let bold = Style::new().add_modifier(Modifier::BOLD);
    let (title, what) = match kind {
        AddedKind::Dice => ("Throw a die of six faces and type what it shows, 1 to 6", "throws"),
        AddedKind::Text => ("Type what nobody can guess", "characters"),
    };
    line(grid, 0, title, bold);
    let (count, full) = (symbols.chars().count(), kind.full());
    let bits = kind.bits(count);
    let state = match (refused, count >= full) {
        (true, _) => "That is no throw of a die: 1 to 6".to_owned(),
        (false, false) => format!("{count} {what}, about {bits} bits; {full} are as good as a whole seed"),
        (false, true) => format!("{count} {what}: as good as a whole seed by themselves"),
    };
    let height = grid.area.height;
    line(grid, height.saturating_sub(4), &state, if refused { bold } else { Style::new() });
    line(grid, height.saturating_sub(3), "They are mixed with the randomness of this machine.", Style::new());
    bottom(grid, "Enter: that is all   Backspace: back   Ctrl-C: give up");
    put(grid, kind, symbols)
}

/// The last lines of what was typed; the answer is where the cursor stands.
fn put(grid: &mut Buffer, kind: AddedKind, symbols: &str) -> Position {
    let rows = usize::from(grid.area.height.saturating_sub(7)).max(1);
    let group = if kind == AddedKind::Dice { GROUP } else { usize::MAX };
    let per_row = usize::from(grid.area.width.saturating_sub(4)) / (GROUP + 1) * GROUP;
    let count = symbols.chars().count();
    let above = (count / per_row + 1).saturating_sub(rows) * per_row;
    let place = |at: usize| {
        let (row, column) = (at / per_row, at % per_row);
        let [row, column] = [row, column + column / group].map(|it| u16::try_from(it).unwrap_or_default());
        Position::new(2 + column, 2 + row)
    };
    for (at, symbol) in symbols.chars().skip(above).enumerate() {
        let mut bytes = Zeroizing::new([0; 4]);
        let at = place(at);
        grid.set_stringn(at.x, at.y, &*symbol.encode_utf8(&mut *bytes), 1, Style::new());
    }
    place(count - above)
}
