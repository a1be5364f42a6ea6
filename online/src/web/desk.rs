//! What the page may have done, and the one thread that does it: the command line's own code, one thing after the other.

use std::collections::VecDeque;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use dcrcold_core::hash::TransferId;
use dcrcold_signer::cli::{Failure, FailureKind};
use dcrcold_signer::transfer::Container;
use serde::Serialize;
use serde_json::Value;

/// Work that is remembered: a page asks several times a second for what it began.
const KEPT: usize = 16;

/// What the command line does for the page; answers are what its `--json` prints, where it has such a command.
pub trait Desk {
    /// Which wallet this is, and what its network's blocks and windows are.
    ///
    /// # Errors
    /// As the command line fails; so for all others.
    fn wallet(&mut self) -> Result<Value, Failure>;

    /// The requests, as `dcrcold cancel` lists them.
    ///
    /// # Errors
    /// As above.
    fn requests(&mut self) -> Result<Value, Failure>;

    /// The bytes of a request.
    ///
    /// # Errors
    /// As above.
    fn request(&mut self, id: &TransferId) -> Result<Vec<u8>, Failure>;

    /// The tickets, as `dcrcold tickets`.
    ///
    /// # Errors
    /// As above.
    fn tickets(&mut self) -> Result<Value, Failure>;

    /// Price, window and what the tickets came to, as `dcrcold stakeinfo`.
    ///
    /// # Errors
    /// As above.
    fn stake(&mut self) -> Result<Value, Failure>;

    /// Verifies every signature of an answer, keeps and sends nothing, and says what it answers.
    ///
    /// # Errors
    /// As above.
    fn check(&mut self, answer: &Container) -> Result<Value, Failure>;

    /// Brings the wallet up to the tip, as `dcrcold sync`.
    ///
    /// # Errors
    /// As above.
    fn sync(&mut self, progress: &mut dyn FnMut(Step)) -> Result<Value, Failure>;

    /// Sends what an answer completes, as `dcrcold submit`; with `when_price_fits` it is kept until then, as a standing order.
    ///
    /// # Errors
    /// As above.
    fn submit(
        &mut self,
        answer: &Container,
        when_price_fits: bool,
        progress: &mut dyn FnMut(Step),
    ) -> Result<Value, Failure>;
}

/// How far work that takes long has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    /// What is being gone through.
    pub what: &'static str,
    /// Where it is.
    pub at: u32,
    /// Where it ends.
    pub end: u32,
}

/// Work that takes long. Its number tells it from the same work begun by another page.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Job {
    number: u32,
    name: &'static str,
    #[serde(flatten)]
    state: State,
}

/// How far it is.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "state", rename_all = "lowercase")]
enum State {
    Running { step: Option<Step> },
    Done { result: Value },
    Failed { error: String, hints: Vec<String> },
}

/// The work that was begun last, the last one behind. Only that one may be running.
#[derive(Default)]
struct Jobs(VecDeque<Job>);

impl Jobs {
    /// What runs.
    fn running(&self) -> Option<&'static str> {
        self.0.back().filter(|job| matches!(job.state, State::Running { .. })).map(|job| job.name)
    }

    fn begin(&mut self, name: &'static str) -> Job {
        let number = self.0.back().map_or(1, |last| last.number.wrapping_add(1));
        let job = Job { number, name, state: State::Running { step: None } };
        if self.0.len() == KEPT {
            self.0.pop_front();
        }
        self.0.push_back(job.clone());
        job
    }

    /// Says how far the last one is.
    fn tell(&mut self, state: State) {
        if let Some(job) = self.0.back_mut() {
            job.state = state;
        }
    }
}

type Task = Box<dyn FnOnce(&mut dyn Desk) + Send>;

/// The way from the page to the desk.
pub(super) struct Queue {
    tasks: Mutex<Sender<Task>>,
    jobs: Arc<Mutex<Jobs>>,
}

/// The desk's end of the way.
pub(super) struct Tasks(Receiver<Task>);

pub(super) fn queue() -> (Queue, Tasks) {
    let (tasks, received) = mpsc::channel();
    (Queue { tasks: Mutex::new(tasks), jobs: Arc::default() }, Tasks(received))
}

impl Queue {
    /// Has the desk answer a question, which waits for those before it.
    pub(super) fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&mut dyn Desk) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Failure> {
        self.running().map_or_else(|| self.put(question), |name| Err(busy(name)))
    }

    /// Asks what can as well be asked later: nothing while the desk is at work that takes long.
    pub(super) fn ask_if_free<T: Send + 'static>(
        &self,
        question: impl FnOnce(&mut dyn Desk) -> Result<T, Failure> + Send + 'static,
    ) -> Option<Result<T, Failure>> {
        self.running().is_none().then(|| self.put(question))
    }

    fn running(&self) -> Option<&'static str> {
        lock(&self.jobs).running()
    }

    fn put<T: Send + 'static>(
        &self,
        question: impl FnOnce(&mut dyn Desk) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Failure> {
        let (reply, answer) = mpsc::channel();
        self.send(Box::new(move |desk| {
            let _ = reply.send(question(desk));
        }))?;
        answer.recv().unwrap_or_else(|_| Err(ended()))
    }

    /// Has the desk begin something that takes long, unless it is at something of that kind; says what was begun.
    pub(super) fn begin(
        &self,
        name: &'static str,
        work: impl FnOnce(&mut dyn Desk, &mut dyn FnMut(Step)) -> Result<Value, Failure> + Send + 'static,
    ) -> Result<Job, Failure> {
        let mut jobs = lock(&self.jobs);
        if let Some(name) = jobs.running() {
            return Err(busy(name));
        }
        let shared = Arc::clone(&self.jobs);
        self.send(Box::new(move |desk| {
            let mut tell = |step| lock(&shared).tell(State::Running { step: Some(step) });
            let state = match work(desk, &mut tell) {
                Ok(result) => State::Done { result },
                Err(failure) => State::Failed { error: failure.to_string(), hints: failure.hints().to_vec() },
            };
            lock(&shared).tell(state);
        }))?;
        Ok(jobs.begin(name))
    }

    /// The work that was begun last, if any was.
    pub(super) fn last(&self) -> Option<Job> {
        lock(&self.jobs).0.back().cloned()
    }

    /// The work with this number, if it is not long ago.
    pub(super) fn job(&self, number: u32) -> Option<Job> {
        lock(&self.jobs).0.iter().find(|job| job.number == number).cloned()
    }

    fn send(&self, task: Task) -> Result<(), Failure> {
        lock(&self.tasks).send(task).map_err(|_| ended())
    }
}

impl Tasks {
    /// Does what is asked for until nothing is, for as long as `patience` says.
    pub(super) fn work(&self, desk: &mut dyn Desk, patience: impl Fn() -> Option<Duration>) {
        while let Some(wait) = patience() {
            match self.0.recv_timeout(wait) {
                Ok(task) => task(desk),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }
}

/// When somebody with the link asked for something last.
pub(super) struct Activity(Mutex<Instant>);

impl Activity {
    pub(super) fn new() -> Self {
        Self(Mutex::new(Instant::now()))
    }

    pub(super) fn note(&self) {
        *lock(&self.0) = Instant::now();
    }

    pub(super) fn silent_for(&self) -> Duration {
        lock(&self.0).elapsed()
    }
}

/// What another thread left half done is plain values that are replaced whole.
pub(super) fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

fn busy(name: &str) -> Failure {
    Failure::new(FailureKind::Failed, format!("{name} is at work")).hint("wait until it is done")
}

fn ended() -> Failure {
    Failure::new(FailureKind::Failed, "dcrcold web is ending")
}
