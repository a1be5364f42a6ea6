//! Signals that end a program, told to whoever holds the terminal, so that it can be put in order first.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};
use signal_hook::flag;

static FLAGS: OnceLock<Flags> = OnceLock::new();

struct Flags {
    /// Nobody holds the terminal: a signal does what it does by default.
    idle: Arc<AtomicBool>,
    /// A signal came.
    ended: Arc<AtomicBool>,
}

/// Has ending signals noted instead of obeyed.
pub(super) fn hold() -> io::Result<()> {
    if FLAGS.get().is_none() {
        let flags = Flags { idle: Arc::default(), ended: Arc::default() };
        for signal in [SIGHUP, SIGINT, SIGQUIT, SIGTERM] {
            flag::register_conditional_default(signal, Arc::clone(&flags.idle))?;
            flag::register(signal, Arc::clone(&flags.ended))?;
        }
        // One thread only: nobody was faster.
        let _ = FLAGS.set(flags);
    }
    set_idle(false);
    Ok(())
}

/// Has signals obeyed again.
pub(super) fn release() {
    set_idle(true);
}

/// Whether a signal came that ends the program.
pub(super) fn ended() -> bool {
    FLAGS.get().is_some_and(|flags| flags.ended.load(Ordering::Relaxed))
}

fn set_idle(idle: bool) {
    if let Some(flags) = FLAGS.get() {
        flags.idle.store(idle, Ordering::Relaxed);
    }
}
