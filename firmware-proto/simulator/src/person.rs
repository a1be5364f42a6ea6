//! The person in front of a simulated device, as a script says.

use std::str::FromStr;
use std::thread;
use std::time::Duration;

use dcrcold_core::apdu::{Fault, Prompt, Turn, User};

/// How a person deals with one thing that is asked: an account, an address, a voter, or a request with all its pages.
///
/// Pages are counted from 1 as they are shown, and again when they are shown again; the last question counts as one.
/// Where nothing is said, the answer is yes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    turns: Vec<(u32, Turn)>,
    waits: Vec<(u32, Duration)>,
}

impl Answer {
    /// Yes to everything.
    #[must_use]
    pub fn approve() -> Self {
        Self::default()
    }

    /// Yes until page `page`, and no there.
    #[must_use]
    pub fn decline_at(page: u32) -> Self {
        Self::approve().turn(page, Turn::Decline)
    }

    /// Does something else than yes at a page.
    #[must_use]
    pub fn turn(mut self, page: u32, turn: Turn) -> Self {
        self.turns.push((page, turn));
        self
    }

    /// Takes time at a page.
    #[must_use]
    pub fn wait(mut self, page: u32, time: Duration) -> Self {
        self.waits.push((page, time));
        self
    }
}

/// What a person does, one [`Answer`] after the other; the last one holds for all that comes after it.
///
/// As text, a line each, `#` before remarks. Parts of a line are separated by commas:
///
/// ```text
/// approve
/// decline at 3                       # no at page 3, yes before
/// back at 2, wait 500 ms at 4        # page 2 leads back to page 1; then all the way to yes, with a pause
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    first: Vec<Answer>,
    last: Answer,
}

impl Script {
    /// Yes to everything, for ever.
    #[must_use]
    pub const fn approve() -> Self {
        Self { first: Vec::new(), last: Answer { turns: Vec::new(), waits: Vec::new() } }
    }

    /// These answers, the last one again and again; yes when there are none.
    #[must_use]
    pub fn of(answers: impl IntoIterator<Item = Answer>) -> Self {
        let mut first: Vec<_> = answers.into_iter().collect();
        let last = first.pop().unwrap_or_default();
        Self { first, last }
    }
}

/// A line of a script that says nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line} of the script: {found:?} is none of `approve`, `decline at N`, `back at N`, `wait N ms at N`")]
pub struct ScriptError {
    /// Its number from 1.
    pub line: usize,
    /// What stands there.
    pub found: String,
}

impl FromStr for Script {
    type Err = ScriptError;

    fn from_str(text: &str) -> Result<Self, ScriptError> {
        let lines = text.lines().zip(1..).map(|(line, number)| (line.split('#').next().unwrap_or_default(), number));
        let lines = lines.filter(|(line, _)| !line.trim().is_empty());
        let answers: Result<Vec<_>, _> = lines.map(|(line, number)| read_answer(line, number)).collect();
        Ok(Self::of(answers?))
    }
}

fn read_answer(line: &str, number: usize) -> Result<Answer, ScriptError> {
    line.split(',').try_fold(Answer::approve(), |answer, part| {
        let words: Vec<_> = part.split_whitespace().collect();
        read_part(answer, &words).ok_or_else(|| ScriptError { line: number, found: part.trim().to_owned() })
    })
}

fn read_part(answer: Answer, words: &[&str]) -> Option<Answer> {
    let page = |text: &str| text.parse().ok().filter(|number| *number > 0);
    Some(match words {
        ["approve"] => answer,
        ["decline"] => answer.turn(1, Turn::Decline),
        ["decline", "at", at] => answer.turn(page(at)?, Turn::Decline),
        ["back", "at", at] => answer.turn(page(at)?, Turn::Back),
        ["wait", time, "ms", "at", at] => answer.wait(page(at)?, Duration::from_millis(time.parse().ok()?)),
        _ => return None,
    })
}

/// A person that does what a script says, and remembers what was shown.
#[derive(Debug)]
pub struct Person {
    script: Script,
    /// The answer at work, and how many pages it has seen.
    current: Option<(Answer, u32)>,
    shown: Vec<String>,
}

impl Person {
    /// A person with a script.
    #[must_use]
    pub fn new(mut script: Script) -> Self {
        script.first.reverse();
        Self { script, current: None, shown: Vec::new() }
    }

    /// A person that approves everything.
    #[must_use]
    pub fn approving() -> Self {
        Self::new(Script::approve())
    }

    /// Every prompt that was shown, in order: what it is, then its text.
    #[must_use]
    pub fn shown(&self) -> &[String] {
        &self.shown
    }

    /// Forgets what was shown.
    pub fn forget(&mut self) {
        self.shown.clear();
    }

    fn next_answer(&mut self) -> Answer {
        self.script.first.pop().unwrap_or_else(|| self.script.last.clone())
    }
}

impl User for Person {
    fn ask(&mut self, prompt: &Prompt<'_>) -> Result<Turn, Fault> {
        self.shown.push(describe(prompt));
        let (answer, seen) = match self.current.take() {
            Some(current) => current,
            None => (self.next_answer(), 0),
        };
        let page = seen + 1;
        if let Some((_, time)) = answer.waits.iter().find(|(at, _)| *at == page) {
            thread::sleep(*time);
        }
        let turn = answer.turns.iter().find(|(at, _)| *at == page).map_or(Turn::Next, |(_, turn)| *turn);
        let last = matches!(turn, Turn::Next) && !matches!(prompt, Prompt::Page { .. });
        if !last && turn != Turn::Decline {
            self.current = Some((answer, page));
        }
        Ok(turn)
    }
}

fn describe(prompt: &Prompt<'_>) -> String {
    match prompt {
        Prompt::Page { page, number, count } => format!("page {} of {count}: {page}", number + 1),
        Prompt::Approve { words } => format!("approve: {}", words.join(" ")),
        Prompt::Account(of) => format!("account: {} {}", of.network, of.account),
        Prompt::Address { address, of, path } => format!("address: {address} {} {}/{path}", of.network, of.account),
        Prompt::Voter { name, fingerprint, of } => format!("voter: {name} {fingerprint} {} {}", of.network, of.account),
    }
}
