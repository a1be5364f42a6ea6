//! The last screen: the check words are typed, or not.

use ratatui_core::buffer::Buffer;
use ratatui_core::layout::Position;
use ratatui_core::style::{Color, Modifier, Style};

use super::layout::{ABOVE, LABEL, ROOMY, VALUE, pieces};
use super::pager::{footer, heading, title};
use super::sheet::Tone;

/// How often the words may be mistyped.
const TRIES: u32 = 3;
/// The longest text that is taken.
const LONGEST: usize = 64;

/// What came of Enter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing yet.
    Open,
    /// These are the words.
    Approved([String; 4]),
    /// They were mistyped too often.
    Declined,
}

/// Asks for the check words.
pub struct Approval {
    title: &'static str,
    id: String,
    words: [&'static str; 4],
    typed: String,
    wrong: u32,
}

impl Approval {
    /// Asks for the check words of something with an id; `title` stands in the bar at the top.
    #[must_use]
    pub fn new(title: &'static str, id: String, words: [&'static str; 4]) -> Self {
        Self { title, id, words, typed: String::with_capacity(LONGEST), wrong: 0 }
    }

    /// Takes a typed character. Words are letters, with spaces between them.
    pub fn put(&mut self, character: char) {
        if (character.is_ascii_alphabetic() || character == ' ') && self.typed.len() < LONGEST {
            self.typed.push(character);
        }
    }

    /// Takes the last character back.
    pub fn erase(&mut self) {
        self.typed.pop();
    }

    /// Compares what was typed. An empty line is neither right nor wrong: Enter is the key that turned the pages.
    pub fn enter(&mut self) -> Verdict {
        let typed = std::mem::take(&mut self.typed);
        self.enter_line(&typed)
    }

    /// Compares a line that was typed and seen as it is: all of it counts, whatever characters it has.
    pub fn enter_line(&mut self, line: &str) -> Verdict {
        let typed: Vec<_> = line.split_whitespace().map(str::to_owned).collect();
        if typed.is_empty() {
            return Verdict::Open;
        }
        match <[String; 4]>::try_from(typed) {
            Ok(words) if words.iter().zip(self.words).all(|(a, b)| a.eq_ignore_ascii_case(b)) => {
                Verdict::Approved(words)
            }
            _ => {
                self.wrong += 1;
                if self.wrong < TRIES { Verdict::Open } else { Verdict::Declined }
            }
        }
    }

    /// Draws the screen and says where the cursor stands.
    pub fn show(&self, grid: &mut Buffer) -> Position {
        title(grid, self.title, "check words");
        heading(grid, "approve with the check words", Tone::Plain, false);
        let roomy = grid.area.height >= ROOMY;
        let (plain, bold) = (Style::new(), Style::new().add_modifier(Modifier::BOLD));
        let mut y = if roomy { ABOVE } else { ABOVE - 1 };
        for (label, value) in [("Id", &self.id), ("Check words, as on the other machine", &self.words.join(" "))] {
            y = lines(grid, LABEL, y, label, plain);
            y = lines(grid, VALUE, y, value, bold) + u16::from(roomy);
        }
        y = lines(grid, LABEL, y, "Type the four words, then Enter:", plain);
        grid.set_string(LABEL, y, ">", plain);
        let end = lines(grid, VALUE, y, &self.typed, bold);
        if self.wrong > 0 && self.typed.is_empty() {
            let tries = if TRIES - self.wrong == 1 { "one try" } else { "two tries" };
            lines(grid, VALUE, end, &format!("Wrong: other words, {tries} left"), bold.fg(Color::Red));
        }
        footer(grid, &["Enter: approve", "Up: back", "Esc: decline"]);
        self.cursor(grid.area.width - VALUE, end)
    }

    /// The place behind the last character, above row `end`.
    fn cursor(&self, room: u16, end: u16) -> Position {
        let last = pieces(&self.typed, room, room).last().map_or(0, |piece| piece.len());
        match u16::try_from(last) {
            Ok(last) if last < room => Position::new(VALUE + last, end - 1),
            _ => Position::new(VALUE, end),
        }
    }
}

/// Writes a text in as many rows as it takes, and says which row comes next.
pub(super) fn lines(grid: &mut Buffer, column: u16, mut y: u16, text: &str, style: Style) -> u16 {
    let room = grid.area.width - column;
    for piece in pieces(text, room, room) {
        grid.set_string(column, y, piece, style);
        y += 1;
    }
    y
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORDS: [&str; 4] = ["aardvark", "adroitness", "absurd", "adviser"];

    fn typed(text: &str) -> Approval {
        let mut approval = Approval::new("test", "00".repeat(32), WORDS);
        text.chars().for_each(|character| approval.put(character));
        approval
    }

    #[test]
    fn only_the_four_words_approve() {
        let right = WORDS.join(" ");
        for text in [&right, &right.to_uppercase(), &format!("  {} ", WORDS.join("   "))] {
            assert!(matches!(typed(text).enter(), Verdict::Approved(_)), "{text}");
        }
        let mut cases = 0;
        for text in ["aardvark", "y", "yes", "aardvark adroitness absurd", "adviser absurd adroitness aardvark"]
            .map(str::to_owned)
            .into_iter()
            .chain([format!("{right} {right}"), right.replace(' ', ""), right.replace("absurd", "accrue")])
        {
            assert_eq!(typed(&text).enter(), Verdict::Open, "{text}");
            cases += 1;
        }
        println!("words that do not approve: {cases} cases");
        assert_eq!(cases, 8);
    }

    #[test]
    fn a_line_counts_whole() {
        let right = WORDS.join(" ");
        let line = |text: &str| Approval::new("test", "00".repeat(32), WORDS).enter_line(text);
        assert!(matches!(line(&format!(" {}  ", right.to_uppercase())), Verdict::Approved(_)));
        let far = format!("{right}{}no", " ".repeat(LONGEST));
        let cases = [&far, &format!("{right}."), &format!("1{right}"), &right.replace('a', "\u{430}"), "\u{1b}[A"];
        assert!(cases.into_iter().all(|text| line(text) == Verdict::Open));
    }

    #[test]
    fn three_wrong_lines_decline_and_empty_ones_do_nothing() {
        let mut approval = typed("");
        let line = |approval: &mut Approval, text: &str| {
            text.chars().for_each(|character| approval.put(character));
            approval.enter()
        };
        for _ in 0..100 {
            assert_eq!(approval.enter(), Verdict::Open);
        }
        assert_eq!(line(&mut approval, "one"), Verdict::Open);
        assert_eq!(line(&mut approval, "two"), Verdict::Open);
        assert_eq!(line(&mut approval, ""), Verdict::Open);
        assert_eq!(line(&mut approval, "three"), Verdict::Declined);
    }

    #[test]
    fn what_is_typed_is_bounded_and_can_be_taken_back() {
        let mut approval = typed(&"a".repeat(1000));
        assert_eq!(approval.typed.len(), LONGEST);
        for _ in 0..1000 {
            approval.erase();
        }
        WORDS.join(" ").chars().for_each(|character| approval.put(character));
        approval.put('\u{202e}');
        assert!(matches!(approval.enter(), Verdict::Approved(_)));
    }
}
