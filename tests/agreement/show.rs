//! Shows the cases to a network and hands over each verdict.

use dcrcold::chain::sim::{Rule, Sim, SimError};
use dcrcold_signer::block::Block;
use dcrcold_signer::tx::Transaction;

use super::case::{BlockCases, Cases};
use super::record::{CaseRecord, ChainRecord, Group, Shown, Verdict};
use super::world::World;
use super::{blocks, splits, tickets, votes};

/// A verdict with the words that came with it.
pub struct Answer {
    pub verdict: Verdict,
    pub words: Option<String>,
}

impl Answer {
    pub const ACCEPTED: Self = Self { verdict: Verdict::Accepted, words: None };
}

/// Something that judges transactions and blocks.
pub trait Network {
    fn send(&mut self, tx: &Transaction) -> Answer;

    /// Judges a block that follows the tip; when it is accepted, it is taken away again.
    fn submit(&mut self, block: &Block) -> Answer;
}

impl Network for Sim {
    fn send(&mut self, tx: &Transaction) -> Answer {
        answer(self.accept(tx).map(drop))
    }

    fn submit(&mut self, block: &Block) -> Answer {
        let answer = answer(Self::submit(self, block.clone()));
        if answer.verdict == Verdict::Accepted {
            self.undo(1).unwrap();
        }
        answer
    }
}

/// The verdict of the embedded network; its words are the name of the rule.
fn answer(result: Result<(), SimError>) -> Answer {
    let Err(error) = result else { return Answer::ACCEPTED };
    let SimError::Violation(violation) = error else { panic!("{error}") };
    let verdict = match violation.rule {
        Rule::Duplicate | Rule::AlreadyExists => Verdict::Known,
        _ => Verdict::Refused,
    };
    Answer { verdict, words: Some(violation.rule.to_string()) }
}

/// The transactions, group by group; they share one mempool, in this order.
pub fn transactions(world: &mut World) -> [(Group, Cases); 3] {
    [
        (Group::Splits, splits::cases(world)),
        (Group::Tickets, tickets::cases(world)),
        (Group::Votes, votes::cases(world)),
    ]
}

/// The blocks, each after the tip of the world that they are made in.
pub fn blocks(world: &mut World) -> BlockCases {
    blocks::cases(world)
}

/// Shows the cases of a group, in order.
pub fn show(network: &mut impl Network, cases: &Cases) -> Vec<CaseRecord> {
    let show = |case: &super::case::Case| {
        for tx in &case.before {
            let answer = network.send(tx);
            assert_ne!(answer.verdict, Verdict::Refused, "{}: {:?}", case.name, answer.words);
        }
        let answer = network.send(&case.tx);
        record(case.name, Shown::transaction(&case.before, &case.tx), answer)
    };
    cases.0.iter().map(show).collect()
}

/// Shows blocks, in order.
pub fn show_blocks(network: &mut impl Network, cases: &BlockCases) -> Vec<CaseRecord> {
    let show = |case: &super::case::BlockCase| {
        let shown = Shown::Block { block: case.block.id().to_string() };
        record(case.name, shown, network.submit(&case.block))
    };
    cases.0.iter().map(show).collect()
}

fn record(name: &str, shown: Shown, answer: Answer) -> CaseRecord {
    CaseRecord { name: name.to_owned(), shown, verdict: answer.verdict, reason: answer.words, rule: None }
}

/// Compares what a network said with what is recorded; `chain` is what it was shown on.
pub fn compare(group: Group, chain: &ChainRecord, said: &[CaseRecord], rules: bool) {
    let recorded = group.load();
    assert_eq!(recorded.chain, *chain, "{group}: the chain is not the one recorded");
    for case in said {
        let name = &case.name;
        let known = recorded.cases.iter().find(|known| known.name == *name);
        let known = known.unwrap_or_else(|| panic!("{group}: {name} was never shown to dcrd"));
        assert_eq!(known.shown, case.shown, "{group}: {name} is not what was shown to dcrd");
        assert_eq!(known.verdict, case.verdict, "{group}: {name}: {:?}; dcrd: {:?}", case.reason, known.reason);
        assert!(!rules || known.rule == case.reason, "{group}: {name}: {:?}, not {:?}", case.reason, known.rule);
    }
    let unknown = recorded.cases.iter().find(|known| !said.iter().any(|case| case.name == known.name));
    assert!(unknown.is_none(), "{group}: {} is recorded and made no more", unknown.unwrap().name);
    assert_eq!(recorded.cases.len(), said.len(), "{group}: a name occurs twice");
    println!("{group}.json: {} cases", said.len());
}
