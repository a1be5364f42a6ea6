//! Lines that are too long for a terminal, broken between words.

use std::io::IsTerminal;
use std::os::fd::AsFd;

use rustix::termios::tcgetwinsize;

/// How many columns the terminal behind a stream has; none for files and pipes, whose lines are as long as they are.
pub fn columns(stream: &(impl AsFd + IsTerminal)) -> Option<usize> {
    let size = stream.is_terminal().then(|| tcgetwinsize(stream).ok())??;
    Some(usize::from(size.ws_col)).filter(|columns| *columns > 0)
}

/// Breaks a line between words; what follows stands below what it belongs to. What is to be copied stays whole: an id that
/// is longer than a line, a command in backquotes that is not, and a line with colours.
#[must_use]
pub fn wrapped(line: &str, columns: usize) -> Vec<String> {
    let width = |text: &str| text.chars().count();
    if width(line) <= columns || line.contains('\x1b') {
        return vec![line.to_owned()];
    }
    let (indent, text) = (" ".repeat(indent(line, columns)), line.trim_start());
    let mut lines = Vec::new();
    let mut current = line[..line.len() - text.len()].to_owned();
    for word in words(text, columns - indent.len()) {
        if width(&current) + width(word.trim_end()) > columns && !current.trim().is_empty() {
            let fits = width(&indent) + width(word.trim_end()) <= columns;
            lines.push(std::mem::replace(&mut current, if fits { indent.clone() } else { String::new() }));
        }
        current.push_str(word);
    }
    lines.push(current);
    lines.iter().map(|line| line.trim_end().to_owned()).collect()
}

/// The words of a text, each with the space behind it. Those between backquotes are one, where a line has room for it.
fn words(text: &str, room: usize) -> Vec<&str> {
    let mut words = Vec::new();
    let (mut start, mut quoted) = (0, None);
    for (at, character) in text.char_indices() {
        match (character, quoted) {
            ('`', None) => quoted = Some(at),
            ('`', Some(_)) => quoted = None,
            (' ', None) => {
                words.push(&text[start..=at]);
                start = at + 1;
            }
            (' ', Some(from)) if text[from..].split('`').nth(1).is_none_or(|it| it.chars().count() + 3 > room) => {
                words.push(&text[start..=at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    words.push(&text[start..]);
    words
}

/// Where the text begins that stands behind a name and two spaces, or else a step to the right.
fn indent(line: &str, columns: usize) -> usize {
    let start = line.len() - line.trim_start().len();
    let gap = line[start..].find("  ").map(|gap| start + gap);
    let behind = gap.map(|gap| line[..gap].chars().count() + line[gap..].len() - line[gap..].trim_start().len());
    match behind {
        Some(column) if column <= columns / 2 => column,
        None if start > 2 && start <= columns / 2 => start,
        _ => (start + 2).min(columns / 2),
    }
}

#[cfg(test)]
mod tests {
    use super::wrapped;

    #[test]
    fn lines_break_between_words_and_go_on_below_their_text() {
        let line = "answer       before block 246, about noon";
        assert_eq!(wrapped(line, 41), [line]);
        assert_eq!(wrapped(line, 40), ["answer       before block 246, about", "             noon"]);
        assert_eq!(
            wrapped("             as much again and more", 28),
            ["             as much again", "             and more"]
        );
        assert_eq!(wrapped("a sentence of words", 12), ["a sentence", "  of words"]);
    }

    #[test]
    fn a_command_stays_whole_where_a_line_has_room() {
        let hint = "hint: make it with `dcrcold-signer new` or `restore`, or so";
        assert_eq!(wrapped(hint, 30), ["hint: make it with", "  `dcrcold-signer new` or", "  `restore`, or so"]);
        assert_eq!(wrapped(hint, 20), ["hint: make it with", "  `dcrcold-signer", "  new` or `restore`,", "  or so"]);
        assert_eq!(wrapped("one ` two three", 10), ["one ` two", "  three"]);
    }

    #[test]
    fn what_has_no_spaces_stays_whole() {
        let id = "1".repeat(64);
        assert_eq!(wrapped(&id, 40), [id.as_str()]);
        assert_eq!(wrapped(&format!("id           {id}"), 40), ["id", &id]);
        assert_eq!(wrapped(&format!("request {id} waits"), 40), ["request", &id, "  waits"]);
        let bold = format!("\x1b[1m{}\x1b[0m", "head ".repeat(9));
        assert_eq!(wrapped(&bold, 40), [bold]);
    }
}
