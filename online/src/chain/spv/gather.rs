//! Questions that any peer may answer, handed out to all peers at once.

use std::collections::{HashMap, HashSet, VecDeque};
use std::time::{Duration, Instant};

use super::error::SpvError;
use super::peer::{Awaited, News, PeerError, PeerId};
use super::pool::Pool;
use super::report::Report;
use super::wire::Message;

/// The longest wait without a look at the clock.
const TICK: Duration = Duration::from_millis(500);

/// Something to ask a peer.
#[derive(Clone, Debug)]
pub(super) struct Question {
    /// What is sent.
    pub(super) message: Message,
    /// What is waited for.
    pub(super) awaited: Awaited,
}

/// What an answer is worth.
pub(super) enum Verdict<T> {
    /// It is right.
    Right(T),
    /// The peer does not have it.
    Missing,
    /// The peer is not to be asked anything any more.
    Wrong(PeerError),
}

/// Asks each question until a peer answers it right; the answers come in the order of the questions.
///
/// # Errors
/// [`SpvError::Missing`] when every peer says that it does not have one of them, [`SpvError::NoneLeft`] and
/// [`SpvError::NoProgress`] when there is nobody to ask.
pub(super) fn gather<T>(
    pool: &mut Pool,
    questions: &[Question],
    mut judge: impl FnMut(usize, Message) -> Verdict<T>,
) -> Result<Vec<T>, SpvError> {
    pool.drain();
    let mut round = Round::new(questions);
    let answers = ask_all(pool, &mut round, &mut judge);
    // They may answer yet, and must not be asked anything else before.
    round.asked.keys().for_each(|id| pool.leave(*id));
    answers
}

fn ask_all<T>(
    pool: &mut Pool,
    round: &mut Round<'_>,
    judge: &mut impl FnMut(usize, Message) -> Verdict<T>,
) -> Result<Vec<T>, SpvError> {
    let questions = round.questions;
    let mut answers: Vec<Option<T>> = questions.iter().map(|_| None).collect();
    let mut left = questions.len();
    let mut until = Instant::now() + pool.timeouts().patience;
    while left > 0 {
        pool.await_peer()?;
        round.hand_out(pool);
        round.check_missing(pool)?;
        if Instant::now() >= until {
            return Err(pool.no_progress());
        }
        let report = pool.wait(round.next_deadline().min(until));
        round.forget_lost(pool);
        let Some(report) = report else { continue };
        let News::Answer(message) = report.news else { continue };
        let Some(asked) = round.asked.remove(&report.from) else { continue };
        match judge(asked.question, message) {
            Verdict::Right(answer) => {
                answers[asked.question] = Some(answer);
                pool.praise(report.from);
                left -= 1;
                until = Instant::now() + pool.timeouts().patience;
            }
            Verdict::Missing => {
                round.missing.insert((report.from, asked.question));
                round.open.push_back(asked.question);
            }
            Verdict::Wrong(error) => {
                round.open.push_front(asked.question);
                pool.give_up(report.from, error);
            }
        }
    }
    Ok(answers.into_iter().flatten().collect())
}

/// Asks every peer that is ready the same question; returns the answers of those that answer in time.
///
/// # Errors
/// [`SpvError`] when there is nobody to ask.
pub(super) fn ask_each(pool: &mut Pool, question: &Question) -> Result<Vec<Message>, SpvError> {
    pool.drain();
    pool.await_peer()?;
    let (until, mut answers) = (Instant::now() + pool.timeouts().answer, Vec::new());
    let mut asked: HashSet<_> = pool.ready().into_iter().collect();
    asked.retain(|id| pool.ask(*id, &question.message, question.awaited));
    while !asked.is_empty() && Instant::now() < until {
        if let Some(Report { from, news: News::Answer(message) }) = pool.wait(until)
            && asked.remove(&from)
        {
            answers.push(message);
        }
        asked.retain(|id| pool.has(*id));
    }
    let (command, after) = (question.message.command(), pool.timeouts().answer);
    asked.into_iter().for_each(|id| pool.give_up(id, PeerError::Stalled { question: command, after }));
    Ok(answers)
}

/// A question that a peer was asked.
struct Asked {
    question: usize,
    deadline: Instant,
}

/// Who was asked what.
struct Round<'a> {
    questions: &'a [Question],
    open: VecDeque<usize>,
    asked: HashMap<PeerId, Asked>,
    missing: HashSet<(PeerId, usize)>,
}

impl<'a> Round<'a> {
    fn new(questions: &'a [Question]) -> Self {
        let open = (0..questions.len()).collect();
        Self { questions, open, asked: HashMap::new(), missing: HashSet::new() }
    }

    /// Asks every peer that is not busy.
    fn hand_out(&mut self, pool: &mut Pool) {
        for id in pool.ready() {
            if self.asked.contains_key(&id) {
                continue;
            }
            let may = |question: &usize| !self.missing.contains(&(id, *question));
            let Some(place) = self.open.iter().position(may) else { continue };
            let Some(number) = self.open.remove(place) else { continue };
            let question = &self.questions[number];
            if pool.ask(id, &question.message, question.awaited) {
                let deadline = Instant::now() + pool.timeouts().answer;
                self.asked.insert(id, Asked { question: number, deadline });
            } else {
                self.open.push_front(number);
            }
        }
    }

    /// Gives up peers that do not answer in time, and asks others what those were asked that are gone.
    fn forget_lost(&mut self, pool: &mut Pool) {
        let now = Instant::now();
        let late: Vec<_> = self.asked.iter().filter(|(_, asked)| asked.deadline <= now).map(|(id, _)| *id).collect();
        for id in late {
            let question = self.asked.get(&id).map(|asked| self.questions[asked.question].message.command());
            let after = pool.timeouts().answer;
            question.into_iter().for_each(|question| pool.give_up(id, PeerError::Stalled { question, after }));
        }
        let Self { asked, open, .. } = self;
        asked.retain(|id, asked| {
            let there = pool.has(*id);
            if !there {
                open.push_front(asked.question);
            }
            there
        });
    }

    /// Fails when a question is left that every peer says it cannot answer.
    fn check_missing(&self, pool: &Pool) -> Result<(), SpvError> {
        let ready = pool.ready();
        let nobody =
            |question: &usize| !ready.is_empty() && ready.iter().all(|id| self.missing.contains(&(*id, *question)));
        if self.open.iter().any(nobody) { Err(SpvError::Missing) } else { Ok(()) }
    }

    fn next_deadline(&self) -> Instant {
        let deadline = self.asked.values().map(|asked| asked.deadline).min();
        let tick = Instant::now() + TICK;
        deadline.map_or(tick, |deadline| deadline.min(tick))
    }
}
