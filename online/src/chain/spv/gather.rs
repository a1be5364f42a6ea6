//! Questions that any peer may answer, handed out to all peers at once.

use std::collections::{HashMap, HashSet, VecDeque};
use std::time::{Duration, Instant};

use dcrcold_core::amount::Height;

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
    /// The height of the last block that it is about: nodes without that block may not answer at all.
    pub(super) height: Height,
}

/// An answer, and whose it is.
#[derive(Clone, Debug)]
pub(super) struct Answer<T> {
    pub(super) from: PeerId,
    pub(super) what: T,
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
    let answers = run(pool, Round::new(questions, 0), &mut judge)?;
    Ok(answers.into_iter().flatten().map(|answer| answer.what).collect())
}

/// Asks each question of two peers, as far as there are two; the opinions come in the order of the questions, the second
/// ones after all first ones.
///
/// # Errors
/// As [`gather`].
pub(super) fn gather_twice<T>(
    pool: &mut Pool,
    questions: &[Question],
    mut judge: impl FnMut(usize, Message) -> Verdict<T>,
) -> Result<Vec<Option<Answer<T>>>, SpvError> {
    let count = questions.len();
    let twice: Vec<_> = questions.iter().chain(questions).cloned().collect();
    run(pool, Round::new(&twice, count), &mut |number, message| judge(number % count, message))
}

fn run<T>(
    pool: &mut Pool,
    mut round: Round<'_>,
    judge: &mut impl FnMut(usize, Message) -> Verdict<T>,
) -> Result<Vec<Option<Answer<T>>>, SpvError> {
    pool.drain();
    let answers = ask_all(pool, &mut round, judge);
    // They may answer yet, and must not be asked anything else before.
    round.asked.keys().for_each(|id| pool.leave(*id));
    answers
}

fn ask_all<T>(
    pool: &mut Pool,
    round: &mut Round<'_>,
    judge: &mut impl FnMut(usize, Message) -> Verdict<T>,
) -> Result<Vec<Option<Answer<T>>>, SpvError> {
    let mut answers: Vec<Option<Answer<T>>> = round.questions.iter().map(|_| None).collect();
    let mut until = Instant::now() + pool.timeouts().patience;
    while round.is_open() {
        pool.await_peer()?;
        round.hand_out(pool);
        round.check_missing(pool)?;
        if !round.is_open() {
            break;
        }
        if Instant::now() >= until {
            return Err(pool.no_progress());
        }
        let report = pool.wait(round.next_deadline().min(until));
        round.forget_lost(pool);
        let Some(report) = report else { continue };
        let News::Answer(message) = report.news else { continue };
        let Some(asked) = round.asked.remove(&report.from) else { continue };
        let verdict = judge(asked.question, message);
        if let Some(what) = round.settle(pool, report.from, asked.question, verdict) {
            answers[asked.question] = Some(Answer { from: report.from, what });
            until = Instant::now() + pool.timeouts().patience;
        }
    }
    Ok(answers)
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
    /// How many questions at the end repeat those before, for a second opinion: all, or none.
    second: usize,
    open: VecDeque<usize>,
    asked: HashMap<PeerId, Asked>,
    /// Who is not to be asked what.
    missing: HashSet<(PeerId, usize)>,
}

impl<'a> Round<'a> {
    fn new(questions: &'a [Question], second: usize) -> Self {
        let open = (0..questions.len()).collect();
        Self { questions, second, open, asked: HashMap::new(), missing: HashSet::new() }
    }

    /// Whether an answer is missing.
    fn is_open(&self) -> bool {
        !(self.open.is_empty() && self.asked.is_empty())
    }

    /// Draws the consequences of a verdict, for the peer and the question; what was right is the caller's to keep.
    fn settle<T>(&mut self, pool: &mut Pool, from: PeerId, question: usize, verdict: Verdict<T>) -> Option<T> {
        match verdict {
            Verdict::Right(answer) => {
                pool.praise(from);
                self.keep_apart(from, question);
                return Some(answer);
            }
            Verdict::Missing => {
                self.missing.insert((from, question));
                self.open.push_back(question);
            }
            Verdict::Wrong(error) => {
                self.open.push_front(question);
                pool.give_up(from, error);
            }
        }
        None
    }

    /// Sees that a second opinion comes from somebody else.
    fn keep_apart(&mut self, from: PeerId, question: usize) {
        let first = self.questions.len() - self.second;
        if self.second > 0 {
            let other = if question < first { question + first } else { question - first };
            self.missing.insert((from, other));
        }
    }

    /// Asks every peer that is not busy.
    fn hand_out(&mut self, pool: &mut Pool) {
        let ready = pool.ready();
        for id in &ready {
            if !self.asked.contains_key(id) {
                self.ask(pool, *id, &ready);
            }
        }
    }

    /// Asks a peer the first open question that it may be asked: not what others of those that are `ready` are more likely
    /// to have.
    fn ask(&mut self, pool: &mut Pool, id: PeerId, ready: &[PeerId]) {
        let may = |number: &usize| {
            let may_ask = |id: &PeerId| !self.missing.contains(&(*id, *number));
            let has = |id: &PeerId| pool.reaches(*id, self.questions[*number].height);
            may_ask(&id) && (has(&id) || !ready.iter().any(|other| may_ask(other) && has(other)))
        };
        let Some(place) = self.open.iter().position(may) else { return };
        let Some(number) = self.open.remove(place) else { return };
        let question = &self.questions[number];
        if pool.ask(id, &question.message, question.awaited) {
            let deadline = Instant::now() + pool.timeouts().answer;
            self.asked.insert(id, Asked { question: number, deadline });
        } else {
            self.open.push_front(number);
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

    /// Fails when a question is left that every peer says it cannot answer. A second opinion is done without then.
    fn check_missing(&mut self, pool: &Pool) -> Result<(), SpvError> {
        let ready = pool.ready();
        if ready.is_empty() {
            return Ok(());
        }
        let Self { questions, second, open, missing, .. } = self;
        let nobody = |question: usize| ready.iter().all(|id| missing.contains(&(*id, question)));
        let first = questions.len() - *second;
        open.retain(|question| *question < first || !nobody(*question));
        if open.iter().any(|question| nobody(*question)) { Err(SpvError::Missing) } else { Ok(()) }
    }

    fn next_deadline(&self) -> Instant {
        let deadline = self.asked.values().map(|asked| asked.deadline).min();
        let tick = Instant::now() + TICK;
        deadline.map_or(tick, |deadline| deadline.min(tick))
    }
}
