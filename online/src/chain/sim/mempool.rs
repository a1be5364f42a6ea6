//! Transactions that wait to be mined, and the rules by which they come and go.
//!
//! A ticket that spends an unmined transaction waits in the stage: it is known and cannot be mined yet.
//! Source: dcrd `internal/mempool/mempool.go`.

use std::collections::{BTreeMap, HashMap};

use dcrcold_core::amount::Height;
use dcrcold_core::hash::TxId;
use dcrcold_signer::stake::vote::{TICKET_INPUT, Vote};
use dcrcold_signer::tx::{OutPoint, Transaction, TxKind};

use super::chain::{Chain, Signatures};
use super::coins::{Coin, Origin, View, coins_of};
use super::params::REVOCATION_VERSION;
use super::params::{
    MAX_TX_SIGOPS, MAX_VOTE_AGE, MAX_VOTES_OF_TICKET, SEQUENCE_UNLOCKED, SIMNET, TICKET_AGE, TREASURY_VERSION, VOTE_AGE,
};
use super::spend::{self, Claims};
use super::violation::{Rule, Violation};
use super::{policy, sanity, script};

/// A transaction that waits.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// The transaction as it was sent.
    pub(super) tx: Transaction,
    /// Its id.
    pub(super) id: TxId,
    /// What it is.
    pub(super) kind: TxKind,
    /// The tip when it came.
    entered: Height,
    /// Whether it waits for a transaction to be mined first.
    staged: bool,
}

/// All transactions that wait, in the order in which they came.
#[derive(Debug, Default)]
pub(super) struct Mempool {
    entries: BTreeMap<u64, Entry>,
    numbers: HashMap<TxId, u64>,
    spent: HashMap<OutPoint, TxId>,
    next_number: u64,
}

/// The coins as the mempool sees them: those of the chain, and the outputs of what waits.
struct WithUnmined<'a> {
    chain: &'a Chain,
    mempool: &'a Mempool,
}

impl View for WithUnmined<'_> {
    fn coin(&self, outpoint: &OutPoint) -> Option<Coin> {
        self.chain.coins().coin(outpoint).or_else(|| {
            let entry = self.mempool.get(&outpoint.id)?;
            let origin = Origin::unmined(&entry.tx);
            coins_of(&entry.tx, entry.kind, origin).find(|(found, _)| found == outpoint).map(|(_, coin)| coin)
        })
    }
}

impl Mempool {
    /// A transaction that waits, mined next or staged.
    pub(super) fn get(&self, id: &TxId) -> Option<&Entry> {
        self.entries.get(self.numbers.get(id)?)
    }

    /// Those that may be mined next, in the order in which they came.
    pub(super) fn minable(&self) -> impl Iterator<Item = &Entry> {
        self.entries.values().filter(|entry| !entry.staged)
    }

    /// How many tickets may be mined next.
    pub(super) fn tickets(&self) -> u32 {
        let tickets = self.minable().filter(|entry| entry.kind == TxKind::Ticket).count();
        u32::try_from(tickets).unwrap_or(u32::MAX)
    }

    /// Forgets transactions that will not be sent after all.
    pub(super) fn forget(&mut self, ids: &[TxId]) {
        for id in ids {
            self.remove_with_spenders(id);
        }
    }

    /// Whether a transaction that waits spends this output.
    pub(super) fn spends(&self, outpoint: &OutPoint) -> bool {
        self.spent.contains_key(outpoint)
    }

    /// Checks `tx` against chain and mempool and takes it in.
    pub(super) fn accept(
        &mut self,
        chain: &Chain,
        tx: &Transaction,
        signatures: Signatures,
    ) -> Result<TxId, Violation> {
        let (id, kind) = (tx.id(), tx.kind());
        Rule::Duplicate.require(self.get(&id).is_none(), || format!("transaction {id} waits already"))?;
        sanity::check(tx, kind)?;
        self.check_kind(chain, tx, kind)?;
        policy::check_standard(tx, kind, chain.headers().next_height(), chain.headers().median_time())?;
        check_price(chain, tx, kind)?;
        self.check_double_spend(chain, tx, kind)?;
        let view = WithUnmined { chain, mempool: self };
        check_presence(tx, kind, &view)?;
        check_sequence(tx, kind)?;
        let fee = spend::check(tx, kind, chain.next_place(), &view, Claims::Ignored)?;
        let operations = script::signature_operations(tx, kind);
        Rule::NonStandard.require(operations <= MAX_TX_SIGOPS, || {
            format!("transaction has {operations} signature operations, at most {MAX_TX_SIGOPS} are relayed")
        })?;
        let size = tx.encode().len();
        policy::check_fee(kind, size, fee)?;
        if signatures == Signatures::Verified {
            script::check(tx, kind, &view)?;
        }
        let staged = kind == TxKind::Ticket && self.waits_for_another(tx);
        let entered = chain.headers().tip().header.height;
        self.insert(Entry { tx: tx.clone(), id, kind, entered, staged });
        if kind == TxKind::Regular {
            self.stage_spenders(&id);
        }
        Ok(id)
    }

    /// Forgets what was mined with the new tip, what contradicts it, and what is too old by now. Called after the block
    /// was connected.
    pub(super) fn mined<'t>(&mut self, chain: &Chain, transactions: impl IntoIterator<Item = &'t Transaction>) {
        for tx in transactions {
            self.remove(&tx.id());
            for input in &tx.inputs {
                if let Some(other) = self.spent.get(&input.previous).copied() {
                    self.remove_with_spenders(&other);
                }
            }
        }
        self.unstage();
        self.prune(chain);
    }

    /// Takes transactions that are no longer of the chain back in, as far as they are still valid.
    pub(super) fn returned(&mut self, chain: &Chain, transactions: &[Transaction]) {
        for tx in transactions.iter().filter(|tx| !matches!(tx.kind(), TxKind::Coinbase | TxKind::TreasuryBase)) {
            if self.accept(chain, tx, Signatures::Trusted).is_err() && self.get(&tx.id()).is_none() {
                self.remove_spenders(&tx.id());
            }
        }
    }

    fn check_kind(&self, chain: &Chain, tx: &Transaction, kind: TxKind) -> Result<(), Violation> {
        let height = chain.headers().next_height();
        match kind {
            TxKind::TreasuryBase => return Err(Rule::Treasurybase.broken("a treasury base is only valid in a block")),
            // Before the treasury a coinbase had this form; now it is a payment of nothing.
            TxKind::Coinbase if tx.version != TREASURY_VERSION => {
                return Err(Rule::BadTxInput.broken("input 0 spends nothing"));
            }
            TxKind::Coinbase => return Err(Rule::Coinbase.broken("a coinbase is only valid in a block")),
            _ => {}
        }
        Rule::Expired.require(!sanity::is_expired(tx, height), || {
            format!("transaction expired at height {}, the next block has height {height}", tx.expiry)
        })?;
        let first = match kind {
            TxKind::Vote => SIMNET.stake_validation_height,
            TxKind::Revocation => SIMNET.stake_validation_height + 1,
            _ => 0,
        };
        Rule::Invalid.require(height.0 >= first, || format!("a {kind:?} is not valid before height {first}"))
    }

    /// Checks that nothing that waits spends the same. A ticket may vote on several blocks, once on each.
    fn check_double_spend(&self, chain: &Chain, tx: &Transaction, kind: TxKind) -> Result<(), Violation> {
        match kind {
            TxKind::Vote => self.check_other_votes(chain, tx),
            TxKind::Revocation => {
                let ticket = tx.inputs.first().map(|input| input.previous);
                let revoked = self.entries.values().any(|entry| {
                    entry.kind == TxKind::Revocation && entry.tx.inputs.first().map(|input| input.previous) == ticket
                });
                Rule::DuplicateRevocation.require(!revoked, || "another revocation of the ticket waits".into())
            }
            _ => match tx.inputs.iter().find_map(|input| self.spent.get(&input.previous)) {
                Some(other) => {
                    Err(Rule::MempoolDoubleSpend.broken(format!("transaction {other} spends the same coins")))
                }
                None => Ok(()),
            },
        }
    }

    fn check_other_votes(&self, chain: &Chain, tx: &Transaction) -> Result<(), Violation> {
        let vote = Vote::read(tx).map_err(|error| Rule::Invalid.broken(error.to_string()))?;
        let of_ticket =
            self.entries.values().filter(|entry| entry.kind == TxKind::Vote).filter(|entry| {
                entry.tx.inputs.get(TICKET_INPUT).is_some_and(|input| input.previous.id == vote.ticket)
            });
        let mut others = 0;
        for other in of_ticket {
            let same = Vote::read(&other.tx).is_ok_and(|other| other.ballot.block == vote.ballot.block);
            Rule::AlreadyVoted
                .require(!same, || format!("vote {} is by the same ticket on the same block", other.id))?;
            others += 1;
        }
        Rule::TooManyVotes
            .require(others < MAX_VOTES_OF_TICKET, || format!("{others} votes of ticket {} wait", vote.ticket))?;
        let next = chain.headers().next_height();
        let (height, oldest) = (vote.ballot.height, next.0.saturating_sub(MAX_VOTE_AGE));
        Rule::OldVote.require(height.0 >= oldest, || format!("vote is on height {height}, at least {oldest} is needed"))
    }

    fn waits_for_another(&self, tx: &Transaction) -> bool {
        tx.inputs.iter().any(|input| self.get(&input.previous.id).is_some_and(|entry| !entry.staged))
    }

    /// Moves the tickets that spend `id` back to the stage.
    fn stage_spenders(&mut self, id: &TxId) {
        for entry in self.entries.values_mut() {
            if entry.kind == TxKind::Ticket && entry.tx.inputs.iter().any(|input| input.previous.id == *id) {
                entry.staged = true;
            }
        }
    }

    /// Lets the tickets leave the stage that no longer wait for anything.
    fn unstage(&mut self) {
        let ready: Vec<u64> = self
            .entries
            .iter()
            .filter(|(_, entry)| entry.staged && !self.waits_for_another(&entry.tx))
            .map(|(number, _)| *number)
            .collect();
        for number in ready {
            if let Some(entry) = self.entries.get_mut(&number) {
                entry.staged = false;
            }
        }
    }

    /// Forgets tickets that are too cheap or too old, old votes, revocations, and whatever expired.
    fn prune(&mut self, chain: &Chain) {
        let (price, next) = (chain.headers().next_price(), chain.headers().next_height());
        let stale = |entry: &Entry| {
            let age = next.above(entry.entered).unwrap_or_default().saturating_sub(1);
            let cheap = || entry.tx.outputs.first().is_some_and(|output| output.value < price.into());
            let pruned = match entry.kind {
                TxKind::Ticket => age > TICKET_AGE || cheap(),
                TxKind::Vote => age > VOTE_AGE,
                TxKind::Revocation => true,
                _ => false,
            };
            pruned || sanity::is_expired(&entry.tx, next)
        };
        let stale: Vec<TxId> = self.entries.values().filter(|entry| stale(entry)).map(|entry| entry.id).collect();
        for id in &stale {
            self.remove_with_spenders(id);
        }
    }

    fn insert(&mut self, entry: Entry) {
        self.spent.extend(
            entry
                .tx
                .inputs
                .iter()
                .filter(|input| input.previous != OutPoint::NONE)
                .map(|input| (input.previous, entry.id)),
        );
        self.numbers.insert(entry.id, self.next_number);
        self.entries.insert(self.next_number, entry);
        self.next_number += 1;
    }

    fn remove(&mut self, id: &TxId) -> Option<Entry> {
        let entry = self.entries.remove(&self.numbers.remove(id)?)?;
        for input in &entry.tx.inputs {
            if self.spent.get(&input.previous) == Some(id) {
                self.spent.remove(&input.previous);
            }
        }
        Some(entry)
    }

    fn remove_with_spenders(&mut self, id: &TxId) {
        if self.remove(id).is_some() {
            self.remove_spenders(id);
        }
    }

    fn remove_spenders(&mut self, id: &TxId) {
        let spenders: Vec<TxId> = self
            .entries
            .values()
            .filter(|entry| entry.tx.inputs.iter().any(|input| input.previous.id == *id))
            .map(|entry| entry.id)
            .collect();
        for spender in &spenders {
            self.remove_with_spenders(spender);
        }
    }
}

fn check_price(chain: &Chain, tx: &Transaction, kind: TxKind) -> Result<(), Violation> {
    let price = chain.headers().next_price();
    let paid = tx.outputs.first().map(|output| output.value).unwrap_or_default();
    Rule::InsufficientFee.require(kind != TxKind::Ticket || paid >= price.into(), || {
        format!("ticket pays {} atoms, the price of the next block is {price}", paid.0)
    })
}

/// Checks that the transaction is not mined already and that nothing it spends is unknown.
fn check_presence(tx: &Transaction, kind: TxKind, view: &WithUnmined<'_>) -> Result<(), Violation> {
    let origin = Origin::unmined(tx);
    let mined = coins_of(tx, kind, origin).any(|(outpoint, _)| view.chain.coins().coin(&outpoint).is_some());
    Rule::AlreadyExists.require(!mined, || "transaction is in a block already".into())?;
    let skipped = usize::from(kind == TxKind::Vote);
    match tx.inputs.iter().skip(skipped).find(|input| view.coin(&input.previous).is_none()) {
        Some(input) => Err(Rule::Orphan.broken(format!("output {} is unknown or spent", input.previous))),
        None => Ok(()),
    }
}

/// Refuses inputs that are locked relative to what they spend, which this network does not count.
fn check_sequence(tx: &Transaction, kind: TxKind) -> Result<(), Violation> {
    let locked = tx.inputs.iter().any(|input| input.sequence & SEQUENCE_UNLOCKED == 0);
    let counts = tx.version >= REVOCATION_VERSION && kind != TxKind::Vote;
    Rule::Unsupported.require(!(locked && counts), || "sequence locks are not counted on this network".into())
}
