//! How commands end that go on until somebody ends them.

use std::io;
use std::os::raw::c_int;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use dcrcold_signer::cli::{Failure, FailureKind};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

/// How often to look whether to end.
const POLL: Duration = Duration::from_millis(100);

/// Whether SIGTERM or SIGINT told this program to end.
pub(crate) struct Ending(Arc<AtomicBool>);

impl Ending {
    /// From now on a signal ends nothing by itself: whatever is under way is finished, however many come.
    pub(crate) fn by_signals() -> Result<Self, Failure> {
        Self::new(|_, _| Ok(()))
    }

    /// The same for the first signal; a second one does not wait for what is under way.
    pub(crate) fn by_first_signal() -> Result<Self, Failure> {
        Self::new(|signal, told| flag::register_conditional_default(signal, told).map(drop))
    }

    /// `first` is what a signal does before it is noted.
    fn new(first: impl Fn(c_int, Arc<AtomicBool>) -> io::Result<()>) -> Result<Self, Failure> {
        let told = Arc::new(AtomicBool::new(false));
        for signal in [SIGTERM, SIGINT] {
            first(signal, Arc::clone(&told)).and_then(|()| flag::register(signal, Arc::clone(&told))).map_err(
                |error| Failure::new(FailureKind::Failed, format!("cannot wait for signal {signal}: {error}")),
            )?;
        }
        Ok(Self(told))
    }

    /// What is true once a signal came.
    pub(crate) fn flag(&self) -> &AtomicBool {
        &self.0
    }

    /// Whether a signal came.
    pub(crate) fn is_told(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Sleeps, unless it is told to end.
    pub(crate) fn sleep(&self, pause: Duration) {
        let until = Instant::now() + pause;
        while !self.is_told() {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            thread::sleep(POLL.min(left));
        }
    }
}
