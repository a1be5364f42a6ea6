//! What is under way, on the terminal of standard error if there is one: bars where the end is known, and a line where
//! something is waited for. Whoever reads JSON gets neither.

use std::fmt::{self, Display};
use std::io::{IsTerminal, Write, stderr};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressFinish, ProgressState, ProgressStyle};

/// What is over within this time is not worth a line.
const MOMENT: Duration = Duration::from_secs(1);
/// How often a line changes.
const TICK: Duration = Duration::from_millis(250);
/// What turns while something is waited for.
const TURNS: [char; 4] = ['|', '/', '-', '\\'];

/// Everything that is drawn, so that nothing is drawn over something else.
static BARS: LazyLock<MultiProgress> = LazyLock::new(MultiProgress::new);
static FOR_SCRIPTS: AtomicBool = AtomicBool::new(false);

/// Draws nothing from now on.
pub(crate) fn draw_nothing() {
    FOR_SCRIPTS.store(true, Ordering::Relaxed);
}

fn is_drawn() -> bool {
    !FOR_SCRIPTS.load(Ordering::Relaxed) && stderr().is_terminal()
}

/// Writes a line to standard error, above what is drawn. Whether anybody listens does not matter.
pub(crate) fn tell(line: impl Display) {
    let write = || drop(writeln!(stderr(), "{line}"));
    if is_drawn() { BARS.suspend(write) } else { write() }
}

/// A bar for something that is counted.
pub(crate) fn bar() -> ProgressBar {
    if !is_drawn() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{msg:<8} {wide_bar} {pos}/{len}").expect("the template is constant");
    BARS.add(ProgressBar::new(0).with_style(style).with_finish(ProgressFinish::AndClear))
}

/// A line whose words change.
pub(crate) fn line() -> ProgressBar {
    if !is_drawn() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{spinner} {msg}").expect("the template is constant");
    BARS.add(ProgressBar::new_spinner().with_style(style).with_finish(ProgressFinish::AndClear))
}

/// A line that says what is waited for, once that takes longer than a moment, until it is dropped.
pub(crate) struct Waiting(ProgressBar);

/// Says what is waited for, in a few words.
pub(crate) fn waiting(what: impl Display) -> Waiting {
    if !is_drawn() {
        return Waiting(ProgressBar::hidden());
    }
    let what = what.to_string();
    let line = move |state: &ProgressState, to: &mut dyn fmt::Write| {
        let since = state.elapsed();
        if since >= MOMENT {
            let turn = since.as_millis() / TICK.as_millis() % TURNS.len() as u128;
            let turn = TURNS[usize::try_from(turn).unwrap_or_default()];
            // A line that cannot be written is not missed.
            let _ = write!(to, "{turn} {what}, {} s", since.as_secs());
        }
    };
    let style = ProgressStyle::with_template("{line}").expect("the template is constant").with_key("line", line);
    let bar = BARS.add(ProgressBar::new_spinner().with_style(style).with_finish(ProgressFinish::AndClear));
    bar.enable_steady_tick(TICK);
    Waiting(bar)
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
