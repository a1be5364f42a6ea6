//! A terminal for a program: a pseudo-terminal, and what a person would see on it.
#![allow(dead_code, unreachable_pub, reason = "every test takes its own part of this module")]

use std::ffi::OsStr;
use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcgetattr, tcsetwinsize};

/// How long something is waited for before a test gives up.
const PATIENCE: Duration = Duration::from_secs(60);

/// A program at a terminal.
pub struct Terminal {
    master: File,
    child: Child,
    seen: Seen,
    /// Everything that the program wrote.
    pub transcript: String,
}

impl Terminal {
    /// Starts a program in a folder, at a terminal of so many columns and rows that is called `name` in `TERM`.
    pub fn start(program: &str, args: &[&str], folder: &Path, (columns, rows): (u16, u16), name: &str) -> Self {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let path = ptsname(&master, Vec::new()).unwrap();
        let path: &OsStr = std::os::unix::ffi::OsStrExt::from_bytes(path.as_bytes());
        let slave = File::options().read(true).write(true).open(path).unwrap();
        let master = File::from(master);
        tcsetwinsize(&master, size(columns, rows)).unwrap();
        // A session of its own, with this terminal: that is what /dev/tty is then.
        let mut command = Command::new("setsid");
        command.args(["--ctty", "--wait", program]).args(args).current_dir(folder).env("TERM", name);
        // Failures are told without colours between their words, and codes are black on white all the same.
        command.env_remove("COLORTERM").env("NO_COLOR", "1");
        command.stdin(slave.try_clone().unwrap()).stdout(slave.try_clone().unwrap()).stderr(slave);
        let child = command.spawn().expect("`setsid` is part of every Debian");
        Self { master, child, seen: Seen::new(columns, rows), transcript: String::new() }
    }

    /// Gives the terminal another size; what was seen is gone, and what comes is for the size before until it is cleared.
    pub fn resize(&mut self, columns: u16, rows: u16) {
        tcsetwinsize(&self.master, size(columns, rows)).unwrap();
        self.seen = Seen { alternate: self.seen.alternate, stale: true, ..Seen::new(columns, rows) };
    }

    /// Reads what comes within a moment.
    pub fn look(&mut self) {
        assert!(self.read(), "the program has ended:\n{}", self.text());
    }

    /// Types.
    pub fn type_keys(&mut self, keys: &str) {
        self.master.write_all(keys.as_bytes()).unwrap();
    }

    /// Types bytes of any kind, as fast as the program takes them.
    pub fn paste(&mut self, bytes: &[u8]) {
        for piece in bytes.chunks(256) {
            self.master.write_all(piece).unwrap();
            if !self.read() {
                return;
            }
        }
    }

    /// Whether the program ends before something is there.
    pub fn ends_before(&mut self, what: &str, is_there: impl Fn(&Self) -> bool) -> bool {
        let start = Instant::now();
        while !is_there(self) {
            assert!(start.elapsed() < PATIENCE, "neither an end nor {what} in\n{}", self.text());
            if !self.read() {
                return true;
            }
        }
        false
    }

    /// The rows as they are seen, without spaces at their ends.
    pub fn rows(&self) -> Vec<String> {
        let text = |row: &Vec<Cell>| row.iter().map(|cell| cell.symbol).collect::<String>().trim_end().to_owned();
        self.seen.grid.iter().map(text).collect()
    }

    /// The cells as they are seen, row by row.
    pub fn cells(&self) -> &[Vec<Cell>] {
        &self.seen.grid
    }

    /// Everything that is seen.
    pub fn text(&self) -> String {
        self.rows().join("\n")
    }

    /// Waits until something is seen.
    pub fn wait_for(&mut self, text: &str) {
        self.wait(&format!("{text:?}"), |seen| seen.text().contains(text));
    }

    /// Waits until what is seen is as it should be.
    pub fn wait(&mut self, what: &str, is_there: impl Fn(&Self) -> bool) {
        let start = Instant::now();
        while !is_there(self) {
            assert!(self.read() && start.elapsed() < PATIENCE, "no {what} in\n{}", self.text());
        }
    }

    /// Waits for the end, and tells the exit status and what was written, failures without their colours.
    pub fn end(mut self) -> (Option<i32>, String) {
        let start = Instant::now();
        while self.read() {
            assert!(start.elapsed() < PATIENCE, "no end after\n{}", self.text());
        }
        let plain = |text: String, word: &str| text.replace(&format!("\x1b[1m\x1b[{word}\x1b[0m"), &word[2..]);
        let transcript = ["31merror:", "36mhint:"].into_iter().fold(self.transcript.replace('\r', ""), plain);
        (self.child.wait().unwrap().code(), transcript)
    }

    /// The process id of the program.
    pub fn process(&self) -> u32 {
        // `setsid` starts the program itself when it is no leader of a group, else in a child.
        let children = format!("/proc/{0}/task/{0}/children", self.child.id());
        let children = std::fs::read_to_string(children).unwrap_or_default();
        children.split_whitespace().next().map_or(self.child.id(), |child| child.parse().unwrap())
    }

    /// Whether what is typed is shown and read line by line, as it was at the start.
    pub fn in_order(&self) -> bool {
        use rustix::termios::LocalModes;
        tcgetattr(&self.master).unwrap().local_modes.contains(LocalModes::ICANON | LocalModes::ECHO | LocalModes::ISIG)
    }

    /// Whether a screen is there as a whole, and not half of the next one.
    pub fn at_rest(&self) -> bool {
        !self.seen.changing && !self.seen.stale
    }

    /// Whether the alternate screen is shown.
    pub fn alternate(&self) -> bool {
        self.seen.alternate
    }

    /// Reads what comes within a moment; false when the program has closed its side.
    fn read(&mut self) -> bool {
        let moment = Timespec { tv_sec: 0, tv_nsec: 20_000_000 };
        if poll(&mut [PollFd::new(&self.master, PollFlags::IN)], Some(&moment)).unwrap() == 0 {
            return true;
        }
        let mut bytes = [0; 4096];
        // The end is an error here, once nobody has the other side open.
        let count = self.master.read(&mut bytes).unwrap_or(0);
        bytes[..count].iter().for_each(|byte| self.seen.take(*byte));
        self.transcript.push_str(&String::from_utf8_lossy(&bytes[..count]));
        count > 0
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn size(columns: u16, rows: u16) -> Winsize {
    Winsize { ws_col: columns, ws_row: rows, ws_xpixel: 0, ws_ypixel: 0 }
}

/// A colour, as far as anybody tells one from another here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paint {
    /// What the theme says, or a colour with a name.
    Themed,
    /// Black whatever the theme says.
    Black,
    /// White whatever the theme says.
    White,
}

/// What stands in one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cell {
    /// The character.
    pub symbol: char,
    /// Its colour.
    pub ink: Paint,
    /// The colour behind it.
    pub ground: Paint,
}

const EMPTY: Cell = Cell { symbol: ' ', ink: Paint::Themed, ground: Paint::Themed };

/// As much of a terminal as the programs use. Stops at what it does not know.
struct Seen {
    grid: Vec<Vec<Cell>>,
    column: usize,
    row: usize,
    /// The style of what is written next.
    style: Cell,
    sequence: Option<String>,
    /// The first bytes of a character of more than one.
    started: Vec<u8>,
    alternate: bool,
    /// Between the two sequences that have a screen change at once.
    changing: bool,
    /// What is there was drawn for another size.
    stale: bool,
    /// The main screen and the place of its cursor while the alternate one is shown.
    main: (Vec<Vec<Cell>>, usize, usize),
}

impl Seen {
    fn new(columns: u16, rows: u16) -> Self {
        let grid = vec![vec![EMPTY; columns.into()]; rows.into()];
        let (main, started) = ((grid.clone(), 0, 0), Vec::new());
        let (style, sequence) = (EMPTY, None);
        Self {
            grid,
            column: 0,
            row: 0,
            style,
            sequence,
            started,
            alternate: false,
            changing: false,
            stale: false,
            main,
        }
    }

    fn take(&mut self, byte: u8) {
        let character = char::from(byte);
        if let Some(mut sequence) = self.sequence.take() {
            sequence.push(character);
            if sequence.len() == 1 || !('@'..='~').contains(&character) {
                self.sequence = Some(sequence);
            } else {
                self.obey(&sequence[1..]);
            }
            return;
        }
        match byte {
            0x1b => self.sequence = Some(String::new()),
            b'\r' => self.column = 0,
            b'\n' => self.line_feed(),
            0x07 => {}
            0x08 => self.column = self.column.saturating_sub(1),
            0x20..=0x7e => self.put(character),
            0x80..=0xff => {
                self.started.push(byte);
                let whole = str::from_utf8(&self.started).ok().and_then(|text| text.chars().next());
                if let Some(character) = whole {
                    self.started.clear();
                    self.put(character);
                }
                assert!(self.started.len() < 4, "bytes that are no text on a terminal");
            }
            _ => panic!("byte {byte:#04x} on a terminal"),
        }
    }

    fn put(&mut self, character: char) {
        if self.column == self.grid[0].len() {
            self.column = 0;
            self.line_feed();
        }
        // A program that still draws for the size before is not seen yet.
        if let Some(cell) = self.grid.get_mut(self.row).and_then(|row| row.get_mut(self.column)) {
            *cell = Cell { symbol: character, ..self.style };
        }
        self.column += 1;
    }

    fn line_feed(&mut self) {
        if self.row + 1 < self.grid.len() {
            self.row += 1;
        } else {
            let empty = vec![EMPTY; self.grid[0].len()];
            self.grid.remove(0);
            self.grid.push(empty);
        }
    }

    fn obey(&mut self, sequence: &str) {
        let clear = |grid: &mut Vec<Vec<Cell>>| grid.iter_mut().for_each(|row| row.fill(EMPTY));
        match sequence {
            "?1049h" => {
                self.alternate = true;
                self.main = (self.grid.clone(), self.column, self.row);
            }
            "?1049l" => {
                self.alternate = false;
                (self.grid, self.column, self.row) = self.main.clone();
            }
            "2J" => {
                clear(&mut self.grid);
                self.stale = false;
            }
            "2K" => self.grid[self.row].fill(EMPTY),
            up if up.ends_with('A') => self.row -= up.trim_end_matches('A').parse::<usize>().unwrap().min(self.row),
            "?25h" | "?25l" => {}
            "?2026h" => self.changing = true,
            "?2026l" => self.changing = false,
            // Other styles, bold for example, are not told apart.
            "m" | "0m" => self.style = EMPTY,
            "38;5;16m" | "38;2;0;0;0m" => self.style.ink = Paint::Black,
            "38;5;231m" | "38;2;255;255;255m" => self.style.ink = Paint::White,
            "48;5;16m" | "48;2;0;0;0m" => self.style.ground = Paint::Black,
            "48;5;231m" | "48;2;255;255;255m" => self.style.ground = Paint::White,
            style if style.ends_with('m') => {}
            place if place.ends_with('H') => {
                let (row, column) = place.trim_end_matches('H').split_once(';').unwrap();
                let (row, column): (usize, usize) = (row.parse().unwrap(), column.parse().unwrap());
                (self.row, self.column) =
                    ((row - 1).min(self.grid.len() - 1), (column - 1).min(self.grid[0].len() - 1));
            }
            other => panic!("sequence {other:?} on a terminal"),
        }
    }
}
