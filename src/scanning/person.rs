//! A scan on the whole terminal: the picture, how much is there, keys, and what it is in the end.

use std::time::{Duration, Instant};

use super::typing::{Line, pressed};
use super::worker::{Look, Worker};
use super::{Arrived, Input, Run};
use crate::cli::{Failure, FailureKind};
use crate::receive::Scanned;
use crate::screens::{Eye, Scanning, show_scanned};
use crate::terminal::{Event, Key, Screen};
use crate::transfer::Container;

/// How often the screen is drawn at most.
const PERIOD: Duration = Duration::from_millis(60);
/// A key that comes within it belongs to the one before: nobody draws between the characters of a hand scanner.
const TOGETHER: Duration = Duration::from_millis(2);

pub(super) fn run(run: Run, input: Input) -> Result<Arrived, Failure> {
    let typed = input.is_typed();
    let eye = if typed { Eye::Keyboard } else { Eye::Pictures };
    let worker = if typed { None } else { Some(Worker::start(input)?) };
    let scanning = Scanning::new(run.scan.title, eye);
    let mut screen = Screen::open()?;
    let mut scan = OnScreen { run, scanning, worker, line: Line::new() };
    let transfer = loop {
        if let Some(transfer) = scan.turn_over(&mut screen)? {
            break transfer;
        }
    };
    // No picture is looked at any more.
    drop(scan.worker);
    confirm(&mut screen, scan.run, transfer)
}

struct OnScreen {
    run: Run,
    scanning: Scanning,
    /// Nothing when a person types.
    worker: Option<Worker>,
    line: Line,
}

impl OnScreen {
    /// Draws, answers keys, and takes what the thread found meanwhile.
    fn turn_over(&mut self, screen: &mut Screen) -> Result<Option<Container>, Failure> {
        let session = &self.run.session;
        self.scanning.advance(session.progress(), session.counts(), session.other());
        self.scanning.typed(self.line.bytes().len());
        if let Some(note) = self.run.note() {
            self.scanning.note(note);
        }
        screen.draw(|grid| self.scanning.show(grid))?;
        let end = Instant::now() + PERIOD;
        if let Some(transfer) = self.keys(screen, end)? {
            return Ok(Some(transfer));
        }
        // Who has nothing but the keyboard writes a line in peace, and `q` may be a part of it.
        if self.worker.is_some() {
            let now = Instant::now();
            if self.line.is_key("qQ", now) {
                return Err(self.run.stopped());
            }
            self.line.forget(now);
        }
        while let Some(look) = self.worker.as_ref().and_then(|worker| worker.look(Duration::ZERO)) {
            if let Some(transfer) = self.take(look)? {
                return Ok(Some(transfer));
            }
            if Instant::now() > end + PERIOD {
                break;
            }
        }
        Ok(None)
    }

    fn take(&mut self, look: Look) -> Result<Option<Container>, Failure> {
        let texts = match look {
            Look::Picture(preview, texts) => {
                self.scanning.see(preview);
                self.run.pictures += 1;
                texts.into_iter().map(String::into_bytes).collect()
            }
            Look::Line(line) => vec![line],
            Look::Broken(why) => {
                self.scanning.fail(why.to_string());
                self.run.broken = Some(why);
                Vec::new()
            }
            Look::End => return Err(self.run.ended()),
        };
        for text in texts {
            if let Some(transfer) = self.run.take(&text)? {
                return Ok(Some(transfer));
            }
        }
        Ok(None)
    }

    /// Answers keys until a time; those that come together are answered together.
    fn keys(&mut self, screen: &mut Screen, end: Instant) -> Result<Option<Container>, Failure> {
        let mut until = end;
        while let Some(Event::Key(key)) = screen.event_until(until)? {
            if let Some(transfer) = self.press(key)? {
                return Ok(Some(transfer));
            }
            until = end.min(Instant::now() + TOGETHER);
            if Instant::now() >= end {
                break;
            }
        }
        Ok(None)
    }

    fn press(&mut self, key: Key) -> Result<Option<Container>, Failure> {
        match key {
            Key::Escape | Key::Control('c' | 'd') => return Err(self.run.stopped()),
            // Some hand scanners end a code with Tab.
            Key::Enter | Key::Tab if !self.line.bytes().is_empty() => {
                let taken = self.run.take(self.line.bytes());
                self.line.clear();
                return taken;
            }
            Key::Tab => return self.run.turn(),
            Key::Backspace => self.line.back(),
            Key::Char(character) => self.line.add(character),
            _ => {}
        }
        Ok(None)
    }
}

/// Shows what was scanned. A person who does not expect it drops it here.
fn confirm(screen: &mut Screen, mut run: Run, transfer: Container) -> Result<Arrived, Failure> {
    let title = run.scan.title;
    let scanned = Scanned::of(&transfer);
    // What was typed before was not meant for it.
    screen.forget_typed()?;
    loop {
        screen.draw(|grid| {
            show_scanned(grid, title, &scanned);
            None
        })?;
        match pressed(screen)? {
            Some(Key::Enter | Key::Char(' ')) => return Ok(run.arrived(transfer)),
            Some(Key::Escape | Key::Char('q' | 'Q') | Key::Control('c' | 'd')) => {
                run.session.forget();
                let message = format!("dropped: {scanned}");
                return Err(Failure::new(FailureKind::Declined, message));
            }
            _ => {}
        }
    }
}
