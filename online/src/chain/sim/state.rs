//! The network at a moment: its chain, what waits, and its own wallet. Everything that happens to it is an [`Event`].

use std::collections::HashSet;

use blake256::blake256;
use dcrcold_core::amount::{Amount, Height};
use dcrcold_core::hash::TxId;
use dcrcold_signer::block::{Block, BlockHeader};
use dcrcold_signer::tx::Transaction;

use super::Settings;
use super::chain::{Chain, Signatures};
use super::journal::Event;
use super::mempool::Mempool;
use super::params::{MAJORITY, SIMNET};
use super::stakers::Stakers;
use super::template::{self, Miner};
use super::violation::{Rule, Violation};

/// What separates the salts of blocks from all other hashes of the seed.
const SALT_LABEL: &[u8] = b"dcrcold embedded network, block";
/// How many headers the miner tries for one whose lottery calls enough of the network's own tickets.
const LOTTERY_TRIES: u32 = 1000;

/// What the network's own miner and voters are told.
#[derive(Clone, Copy)]
pub(super) struct Orders<'a> {
    /// Whether the voters approve the block before.
    pub(super) approve: bool,
    /// The script that the coinbase pays, if not the wallet's own.
    pub(super) coinbase: Option<&'a [u8]>,
}

impl Orders<'_> {
    /// What is done unless told otherwise.
    pub(super) const USUAL: Self = Self { approve: true, coinbase: None };
}

/// The network.
pub(super) struct State {
    settings: Settings,
    pub(super) chain: Chain,
    pub(super) mempool: Mempool,
    pub(super) stakers: Stakers,
    /// Blocks that ever became the tip, so that no two have the same coinbase.
    blocks: u64,
}

impl State {
    /// The network with nothing but the genesis block.
    pub(super) fn new(settings: Settings) -> Self {
        let stakers = Stakers::new(settings.seed);
        let chain = Chain::new(stakers.scripts());
        Self { settings, chain, mempool: Mempool::default(), stakers, blocks: 0 }
    }

    /// Lets something happen that was checked when it happened first.
    pub(super) fn replay(&mut self, event: &Event) -> Result<(), Violation> {
        match event {
            Event::Block(bytes) => {
                let block = Block::decode(bytes).map_err(|error| Rule::MissingParent.broken(error.to_string()))?;
                self.connect(block, Signatures::Trusted)
            }
            Event::Sent(bytes) => {
                let tx = Transaction::decode(bytes).map_err(|error| Rule::Invalid.broken(error.to_string()))?;
                self.mempool.accept(&self.chain, &tx, Signatures::Trusted).map(drop)
            }
            Event::Undone(height) => {
                self.undo(*height);
                Ok(())
            }
        }
    }

    /// Checks a transaction and lets it wait.
    pub(super) fn send(&mut self, tx: &Transaction) -> Result<(TxId, Event), Violation> {
        let id = self.mempool.accept(&self.chain, tx, Signatures::Verified)?;
        Ok((id, Event::Sent(tx.encode())))
    }

    /// Checks a block and makes it the tip.
    pub(super) fn submit(&mut self, block: Block) -> Result<Event, Violation> {
        let event = Event::Block(block.encode());
        self.connect(block, Signatures::Verified)?;
        Ok(event)
    }

    /// Mines the next block.
    pub(super) fn mine(&mut self, orders: Orders<'_>) -> Result<Event, Violation> {
        let block = self.next_block(orders)?;
        self.submit(block)
    }

    /// The next block as the network's own miner makes it, with the votes and tickets of the network's own wallet.
    pub(super) fn next_block(&mut self, orders: Orders<'_>) -> Result<Block, Violation> {
        let sent = self.stakers.act(&self.chain, &mut self.mempool, orders.approve);
        let block = self.template(orders.coinbase).and_then(|block| self.solve(block));
        // Whoever reads the journal never saw these. Those that are mined come with the block.
        self.mempool.forget(&sent);
        block
    }

    /// Writes anew what the header of `block` commits to, and solves it.
    pub(super) fn remake(&self, mut block: Block) -> Result<Block, Violation> {
        let spent = self.chain.spent_by(&block);
        template::seal(&mut block, &spent)?;
        self.solve(block)
    }

    /// Sends coins of the network's own wallet.
    pub(super) fn pay(&mut self, script: &[u8], amount: Amount) -> Result<(TxId, Event), Violation> {
        let tx = self.stakers.pay(&self.chain, &self.mempool, script, amount)?;
        self.send(&tx)
    }

    /// Undoes all blocks above `height`; their transactions wait again.
    pub(super) fn undo(&mut self, height: Height) -> Event {
        while self.chain.headers().tip().header.height > height {
            let Some(block) = self.chain.disconnect() else { break };
            if let Some(parent) = self.chain.disapproved_by(&block) {
                // They stand again.
                self.mempool.mined(&self.chain, &parent.transactions);
            }
            self.mempool.returned(&self.chain, &block.transactions);
            self.mempool.returned(&self.chain, &block.stake_transactions);
        }
        Event::Undone(height)
    }

    /// The next block, complete but for its work.
    fn template(&self, coinbase: Option<&[u8]>) -> Result<Block, Violation> {
        let count = self.blocks.to_le_bytes();
        let salt = blake256(&[SALT_LABEL, &self.settings.seed.to_le_bytes(), &count].concat());
        let salt = salt.first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes));
        let tip = &self.chain.headers().tip().header;
        // As fast as the target allows, so that the target never changes.
        let time = if tip.height.0 == 0 { self.settings.start } else { tip.timestamp + SIMNET.target_block_seconds };
        let own = self.stakers.coinbase_script();
        template::build(&self.chain, &self.mempool, &Miner { script: coinbase.unwrap_or(&own), time, salt })
    }

    fn solve(&self, mut block: Block) -> Result<Block, Violation> {
        let calls = self.next_lottery(block.header.height);
        let mut tries = 0;
        let solved = template::solve(&mut block.header, |header| {
            tries += 1;
            tries > LOTTERY_TRIES || calls(header)
        });
        Rule::HighHash.require(solved, || "no nonce meets the target".into())?;
        Ok(block)
    }

    /// Says of a header at `height` whether its lottery would call enough of the network's own tickets: a block that too
    /// few tickets vote on can have no successor, and nobody else is sure to vote.
    fn next_lottery(&self, height: Height) -> impl Fn(&BlockHeader) -> bool + use<> {
        let mut pool = self.chain.pool().clone();
        pool.advance(height, &self.chain.draw().winners, &self.chain.maturing(height));
        let ours = |id: &TxId| self.chain.ticket(id).is_some_and(|ticket| self.stakers.votes_with(&ticket));
        let own: HashSet<TxId> = pool.ids().iter().filter(|id| ours(id)).copied().collect();
        move |header| {
            let winners = pool.draw(header).winners;
            winners.is_empty() || winners.iter().filter(|id| own.contains(id)).count() >= MAJORITY.into()
        }
    }

    fn connect(&mut self, block: Block, signatures: Signatures) -> Result<(), Violation> {
        let id = block.id();
        self.chain.connect(block, signatures)?;
        self.blocks += 1;
        let Self { chain, mempool, .. } = self;
        if let Some(block) = chain.block(&id) {
            mempool.mined(chain, block.transactions.iter().chain(&block.stake_transactions));
            if let Some(parent) = chain.disapproved_by(block) {
                mempool.returned(chain, &parent.transactions);
            }
        }
        Ok(())
    }
}
