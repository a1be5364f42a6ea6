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
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
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
        command.stdin(slave.try_clone().unwrap()).stdout(slave.try_clone().unwrap()).stderr(slave);
        let child = command.spawn().expect("`setsid` is part of every Debian");
        Self { master, child, seen: Seen::new(columns, rows), transcript: String::new() }
    }

    /// Gives the terminal another size; what was seen is gone.
    pub fn resize(&mut self, columns: u16, rows: u16) {
        tcsetwinsize(&self.master, size(columns, rows)).unwrap();
        self.seen = Seen { alternate: self.seen.alternate, ..Seen::new(columns, rows) };
    }

    /// Types.
    pub fn type_keys(&mut self, keys: &str) {
        self.master.write_all(keys.as_bytes()).unwrap();
    }

    /// The rows as they are seen, without spaces at their ends.
    pub fn rows(&self) -> Vec<String> {
        self.seen.grid.iter().map(|row| row.iter().collect::<String>().trim_end().to_owned()).collect()
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

    /// Waits for the end, and tells the exit status.
    pub fn end(mut self) -> (Option<i32>, String) {
        let start = Instant::now();
        while self.read() {
            assert!(start.elapsed() < PATIENCE, "no end after\n{}", self.text());
        }
        (self.child.wait().unwrap().code(), self.transcript.replace('\r', ""))
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

/// As much of a terminal as the programs use. Stops at what it does not know.
struct Seen {
    grid: Vec<Vec<char>>,
    column: usize,
    row: usize,
    sequence: Option<String>,
    /// Bytes of a character that are not all there.
    character: Vec<u8>,
    alternate: bool,
    /// The main screen and the place of its cursor while the alternate one is shown.
    main: (Vec<Vec<char>>, usize, usize),
}

impl Seen {
    fn new(columns: u16, rows: u16) -> Self {
        let grid = vec![vec![' '; columns.into()]; rows.into()];
        let main = (grid.clone(), 0, 0);
        Self { grid, column: 0, row: 0, sequence: None, character: Vec::new(), alternate: false, main }
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
            0x80.. => {
                self.character.push(byte);
                // The half block is the only one that is drawn with.
                if self.character.len() == 3 {
                    assert_eq!(std::mem::take(&mut self.character), "\u{2580}".as_bytes());
                    self.put('\u{2580}');
                }
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
            *cell = character;
        }
        self.column += 1;
    }

    fn line_feed(&mut self) {
        if self.row + 1 < self.grid.len() {
            self.row += 1;
        } else {
            let empty = vec![' '; self.grid[0].len()];
            self.grid.remove(0);
            self.grid.push(empty);
        }
    }

    fn obey(&mut self, sequence: &str) {
        let clear = |grid: &mut Vec<Vec<char>>| grid.iter_mut().for_each(|row| row.fill(' '));
        match sequence {
            "?1049h" => {
                self.alternate = true;
                self.main = (self.grid.clone(), self.column, self.row);
            }
            "?1049l" => {
                self.alternate = false;
                (self.grid, self.column, self.row) = self.main.clone();
            }
            "2J" => clear(&mut self.grid),
            // Shown or not, a cursor writes; and nobody is fast enough to see half a screen.
            "?25h" | "?25l" | "?2026h" | "?2026l" => {}
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
