//! The embedded network as a VSP's node, and the VSP's wallet that votes on it.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard};

use dcrcold::chain::ChainSource;
use dcrcold::chain::sim::{Rule, Sim, SimError};
use dcrcold_core::amount::Amount;
use dcrcold_core::hash::{BlockHash, SIGHASH_ALL, TxId};
use dcrcold_core::net::Network;
use dcrcold_core::script::{Payment, StakeTag};
use dcrcold_signer::stake::subsidy::vote_subsidy;
use dcrcold_signer::stake::ticket::Ticket;
use dcrcold_signer::stake::vote::{Ballot, TICKET_INPUT, VoteBits, unsigned_vote};
use dcrcold_signer::tx::{Transaction, Tree, signature_hash, signature_script};
use dcrcold_signer::wif::Wif;

use super::http::TestVsp;
use super::node::{Node, Rejected};

/// Bits of the vote that say yes to the first agenda.
const YES: u16 = 0b100;

/// What the node read of the blocks.
struct Seen {
    /// The blocks read, in order.
    blocks: Vec<BlockHash>,
    mined: HashMap<TxId, (Transaction, u32)>,
    ended: HashSet<TxId>,
}

/// One network for a VSP and the test.
#[derive(Clone)]
pub struct SimNode {
    sim: Arc<Mutex<Sim>>,
    seen: Arc<Mutex<Seen>>,
}

impl SimNode {
    pub fn new(sim: Sim) -> Self {
        let seen = Seen { blocks: Vec::new(), mined: HashMap::new(), ended: HashSet::new() };
        Self { sim: Arc::new(Mutex::new(sim)), seen: Arc::new(Mutex::new(seen)) }
    }

    pub fn sim(&self) -> MutexGuard<'_, Sim> {
        self.sim.lock().unwrap()
    }

    /// Reads what is new, or everything when blocks were replaced.
    fn look(&self) -> MutexGuard<'_, Seen> {
        let (mut sim, mut seen) = (self.sim(), self.seen.lock().unwrap());
        let headers = sim.headers_after(&[]).unwrap();
        let ids: Vec<_> = headers.iter().map(dcrcold_signer::block::BlockHeader::id).collect();
        if !ids.starts_with(&seen.blocks) {
            *seen = Seen { blocks: Vec::new(), mined: HashMap::new(), ended: HashSet::new() };
        }
        for id in &ids[seen.blocks.len()..] {
            let block = sim.block(id).unwrap();
            let height = block.header.height.0;
            for tx in block.transactions.iter().chain(&block.stake_transactions) {
                let spent = tx.inputs.iter().filter(|input| input.previous.tree == Tree::Stake);
                seen.ended.extend(spent.filter(|input| input.previous.index == 0).map(|input| input.previous.id));
                seen.mined.insert(tx.id(), (tx.clone(), height));
            }
            seen.blocks.push(*id);
        }
        seen
    }

    /// Lets VSPs vote with the tickets that are called, mines a block, and tells the VSPs.
    pub fn mine(&self, blocks: u32, vsps: &[&TestVsp]) -> u32 {
        let mut votes = 0;
        for _ in 0..blocks {
            let winners = self.sim().winners().unwrap();
            for ticket in &winners.tickets {
                for vsp in vsps {
                    let Some((tx, key, yes)) = vsp.rules(|rules| self.votable(rules, ticket)) else { continue };
                    let vote = vote(&tx, &key, yes, winners.block);
                    match self.sim().accept(&vote) {
                        Ok(_) => votes += 1,
                        // Another VSP has voted with it.
                        Err(SimError::Violation(violation)) if violation.rule != Rule::Orphan => {}
                        Err(other) => panic!("{other}"),
                    }
                }
            }
            self.sim().mine(1).unwrap();
            vsps.iter().for_each(|vsp| vsp.rules(super::rules::Rules::new_block));
        }
        votes
    }

    /// A ticket whose fee is confirmed, its voting key, and whether it votes yes.
    fn votable(&self, rules: &super::rules::Rules, ticket: &TxId) -> Option<(Transaction, Wif, bool)> {
        let row = rules.rows.get(ticket).filter(|row| row.state == "confirmed")?;
        let key = Wif::parse(row.voting_key.as_ref()?, Network::Simnet).unwrap();
        let (tx, _) = self.look().mined.get(ticket)?.clone();
        Some((tx, key, row.choices.values().any(|choice| choice == "yes")))
    }
}

fn vote(ticket: &Transaction, key: &Wif, yes: bool, block: dcrcold::chain::BlockId) -> Transaction {
    let ticket = Ticket::read(ticket).unwrap();
    let bits = VoteBits::new(VoteBits::APPROVE | if yes { YES } else { 0 }, 12);
    let ballot = Ballot { block: block.hash, height: block.height, bits, treasury: Vec::new() };
    let subsidy = vote_subsidy(Network::Simnet, block.height);
    let mut vote = unsigned_vote(&ticket, &ballot, subsidy).unwrap();
    let script = Payment { tag: Some(StakeTag::Submission), payee: ticket.voting }.script();
    let digest = signature_hash(&vote, TICKET_INPUT, script.as_bytes(), SIGHASH_ALL).unwrap();
    let key = key.ecdsa_key().unwrap();
    vote.inputs[TICKET_INPUT].signature_script = signature_script(&key.sign(&digest), &key.public_key());
    vote
}

impl Node for SimNode {
    fn depth(&mut self, id: &TxId) -> Option<u32> {
        let seen = self.look();
        let tip = u32::try_from(seen.blocks.len()).unwrap();
        let mined = seen.mined.get(id).map(|(_, height)| tip + 1 - height);
        drop(seen);
        mined.or_else(|| self.sim().waiting(id).unwrap().map(|_| 0))
    }

    fn transaction(&mut self, id: &TxId) -> Option<Transaction> {
        let mined = self.look().mined.get(id).map(|(tx, _)| tx.clone());
        mined.or_else(|| self.sim().waiting(id).unwrap())
    }

    fn can_vote(&mut self, ticket: &TxId) -> bool {
        self.depth(ticket).is_some() && !self.look().ended.contains(ticket)
    }

    fn send(&mut self, tx: &Transaction) -> Result<(), Rejected> {
        if self.depth(&tx.id()).is_some() {
            return Ok(());
        }
        match self.sim().accept(tx) {
            Ok(_) => Ok(()),
            Err(SimError::Violation(violation)) if violation.rule == Rule::Orphan => Err(Rejected::UnknownOutputs),
            Err(_) => Err(Rejected::Invalid),
        }
    }

    fn price(&mut self) -> Amount {
        ChainSource::price(&mut *self.sim()).unwrap().current
    }

    fn height(&mut self) -> u32 {
        self.sim().tip().unwrap().height.0
    }
}
