//! The program that is told of requests.

use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

use super::news::Due;

/// How often to look whether the program has ended.
const POLL: Duration = Duration::from_millis(20);

/// A program that tells a person, and how long it may take.
///
/// It is started as it is named, with no shell in between: the facts are in its environment and, as JSON, on its
/// standard input, so that nothing that comes from the chain is ever read as a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hook {
    /// The program.
    pub program: PathBuf,
    /// How long it may take.
    pub patience: Duration,
}

/// Why a person was not told.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HookError {
    /// The program cannot be started, or not be waited for.
    #[error("cannot run {}: {source}", program.display())]
    Start {
        /// The program.
        program: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// It says that it failed.
    #[error("{} ended with {status}", program.display())]
    Failed {
        /// The program.
        program: PathBuf,
        /// How it ended.
        status: ExitStatus,
    },
    /// It took too long, and was ended.
    #[error("{} took longer than {} s and was ended", program.display(), patience.as_secs())]
    TooSlow {
        /// The program.
        program: PathBuf,
        /// How long it could take.
        patience: Duration,
    },
}

impl Hook {
    /// Runs the program for a request that waits for a signature.
    ///
    /// # Errors
    /// [`HookError`].
    pub fn tell(&self, due: &Due) -> Result<(), HookError> {
        let start = |source| HookError::Start { program: self.program.clone(), source };
        let mut command = Command::new(&self.program);
        command.envs(due.variables()).stdin(Stdio::piped()).stdout(Stdio::null());
        // All that it starts is ended with it.
        command.process_group(0);
        let mut child = command.spawn().map_err(start)?;
        if let Some(mut stdin) = child.stdin.take() {
            let facts = due.json();
            // Who does not read must not be waited for, and who closes it does not want to know.
            thread::spawn(move || drop(stdin.write_all(facts.as_bytes())));
        }
        match self.wait(&mut child).map_err(start)? {
            Some(status) if status.success() => Ok(()),
            Some(status) => Err(HookError::Failed { program: self.program.clone(), status }),
            None => Err(HookError::TooSlow { program: self.program.clone(), patience: self.patience }),
        }
    }

    /// How the program ended; none when it had to be ended.
    fn wait(&self, child: &mut Child) -> std::io::Result<Option<ExitStatus>> {
        let until = Instant::now() + self.patience;
        loop {
            if let Some(status) = child.try_wait()? {
                return Ok(Some(status));
            }
            if Instant::now() >= until {
                end(child)?;
                return Ok(None);
            }
            thread::sleep(POLL);
        }
    }
}

/// Ends a program and whatever it started.
fn end(child: &mut Child) -> std::io::Result<()> {
    if let Some(group) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
        // Nobody is left in the group when it ended just now.
        let _ = kill_process_group(group, Signal::KILL);
    }
    child.wait().map(drop)
}
