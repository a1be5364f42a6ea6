//! A scan told in lines on standard error.

use std::io::{self, Write};
use std::time::{Duration, Instant};

use super::worker::{Look, Worker};
use super::{Arrived, Input, Run, line};
use crate::cli::{Failure, printable};
use crate::screens::told;

/// How often progress is told.
const PERIOD: Duration = Duration::from_secs(1);

pub(super) fn run(mut run: Run, input: Input) -> Result<Arrived, Failure> {
    let worker = Worker::start(input)?;
    let mut telling = Telling { last: Instant::now(), text: String::new() };
    loop {
        let texts = match worker.look(PERIOD) {
            Some(Look::Picture(_, texts)) => {
                run.pictures += 1;
                texts.into_iter().map(String::into_bytes).collect()
            }
            Some(Look::Line(line)) => vec![line],
            Some(Look::Broken(why)) => {
                tell(&format!("warning: {why}"));
                run.broken = Some(why);
                Vec::new()
            }
            Some(Look::End) => return Err(run.ended()),
            None => Vec::new(),
        };
        for text in texts {
            if let Some(transfer) = run.take(&text)? {
                note(&mut run);
                tell(&told(run.session.counts()));
                tell(&line(&transfer));
                return Ok(run.arrived(transfer));
            }
        }
        note(&mut run);
        telling.progress(&run);
    }
}

/// Tells what the person should know now, if there is anything.
fn note(run: &mut Run) {
    if let Some(note) = run.note().filter(|note| !note.is_empty()) {
        tell(&note);
    }
}

/// What was told last, and when.
struct Telling {
    last: Instant,
    text: String,
}

impl Telling {
    /// Tells how far it is, once in a while and when something changed.
    fn progress(&mut self, run: &Run) {
        let (Some(progress), true) = (run.session.progress(), self.last.elapsed() >= PERIOD) else { return };
        let text = format!("{} of {}; {}", progress.symbols, progress.needed, told(run.session.counts()));
        if text != self.text {
            tell(&text);
            self.text = text;
        }
        self.last = Instant::now();
    }
}

/// Whether anybody listens does not matter.
fn tell(text: &str) {
    let _ = writeln!(io::stderr(), "{}", printable(text));
}
