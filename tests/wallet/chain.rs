//! A chain that a test makes up block by block: real headers and filters, and whatever transactions it likes.
#![allow(dead_code, unreachable_pub, reason = "several tests include this, each takes its own part")]

use std::collections::HashMap;
use std::time::Duration;

use dcrcold::chain::filter::entries::block_filter;
use dcrcold::chain::genesis::genesis_hash;
use dcrcold::chain::work::{Target, WorkRules, work_hash};
use dcrcold::chain::{BlockId, ChainError, ChainSource, MOST_HEADERS, PriceEstimate, PriceWindow};
use dcrcold_core::amount::{Amount, Height, Size};
use dcrcold_core::hash::{BlockHash, Hash160, TreeHash, TxId};
use dcrcold_core::net::Network;
use dcrcold_core::script::{Commitment, Payee, Payment, StakeTag};
use dcrcold_signer::block::commitment::filter_hash;
use dcrcold_signer::block::{Block, BlockHeader, merkle, tree_root};
use dcrcold_signer::stake::revocation::automatic_revocation;
use dcrcold_signer::stake::subsidy::vote_subsidy;
use dcrcold_signer::stake::ticket::Ticket;
use dcrcold_signer::stake::vote::{Ballot, VoteBits, unsigned_vote};
use dcrcold_signer::tx::{OutPoint, RawValue, Transaction, Tree, TxIn, TxKind, TxOut};

/// Time of the simnet genesis block.
pub const GENESIS_TIME: u32 = 1_401_292_357;
/// Who owns whatever is not the wallet's.
pub const STRANGER: Hash160 = Hash160::from_bytes([0x5a; 20]);

/// What of a source fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fault {
    /// Nothing.
    #[default]
    None,
    /// Every call after this many.
    CallsAfter(u32),
    /// After this many calls, the last two blocks are replaced by three others.
    ReplacedAfter(u32),
    /// The filters are one too few.
    FilterMissing,
    /// A filter is another one.
    FilterForged,
    /// The filter of the block at a height is another one.
    FilterForgedAt(u32),
    /// Another block is sent.
    OtherBlock,
    /// A block is sent without one of its transactions.
    BlockCut,
}

pub struct TestChain {
    blocks: Vec<(Block, Vec<u8>)>,
    /// Where each block is, by its hash.
    places: HashMap<BlockHash, usize>,
    outputs: HashMap<OutPoint, TxOut>,
    /// Counted up so that no two transactions are the same.
    salt: u32,
    pub fault: Fault,
    pub network: Network,
    /// The price that the source claims.
    pub price: Amount,
    /// The least and the highest price of the next window, in atoms; none means the same price.
    pub outlook: Option<(u64, u64)>,
    /// What was sent and not mined yet.
    pub mempool: Vec<Transaction>,
    /// How many transactions are taken before all further ones are refused.
    pub takes: usize,
    /// Whether nobody shows what is sent.
    pub unseen: bool,
    /// What was sent meanwhile.
    pub lost: Vec<Transaction>,
    calls: u32,
    /// How many filters were handed out.
    pub filters_given: usize,
}

pub fn amount(atoms: u64) -> Amount {
    Amount::from_atoms(atoms).unwrap()
}

/// A script that pays a key hash.
pub fn pay_to(hash: Hash160) -> Vec<u8> {
    Payment::to_key(hash).script().as_bytes().to_vec()
}

impl TestChain {
    pub fn new() -> Self {
        Self {
            blocks: Vec::new(),
            places: HashMap::new(),
            outputs: HashMap::new(),
            salt: 0,
            fault: Fault::None,
            network: Network::Simnet,
            price: Network::Simnet.params().minimum_stake_difficulty,
            mempool: Vec::new(),
            outlook: None,
            takes: usize::MAX,
            unseen: false,
            lost: Vec::new(),
            calls: 0,
            filters_given: 0,
        }
    }

    /// Starts counting calls for [`Fault::CallsAfter`].
    pub fn cut_after(&mut self, calls: u32) {
        (self.fault, self.calls) = (Fault::CallsAfter(calls), 0);
    }

    pub fn height(&self) -> u32 {
        u32::try_from(self.blocks.len()).unwrap()
    }

    pub fn header(&self, height: u32) -> &BlockHeader {
        &self.blocks[height as usize - 1].0.header
    }

    pub fn block_at(&self, height: u32) -> &Block {
        &self.blocks[height as usize - 1].0
    }

    pub fn tip_hash(&self) -> BlockHash {
        self.blocks.last().map_or_else(|| genesis_hash(Network::Simnet), |(block, _)| block.id())
    }

    /// Mines empty blocks.
    pub fn mine_empty(&mut self, count: u32) {
        for _ in 0..count {
            self.mine(vec![], vec![]);
        }
    }

    /// Mines what was sent: splits in one block, tickets in the next.
    pub fn mine_mempool(&mut self) {
        let (stake, regular): (Vec<_>, Vec<_>) = self.mempool.drain(..).partition(|tx| tx.kind() == TxKind::Ticket);
        self.mine(regular, vec![]);
        self.mine(vec![], stake);
    }

    /// Mines a block that approves of its parent.
    pub fn mine(&mut self, regular: Vec<Transaction>, stake: Vec<Transaction>) {
        self.mine_judging(regular, stake, 1);
    }

    /// Mines a block with these vote bits.
    pub fn mine_judging(&mut self, mut regular: Vec<Transaction>, stake: Vec<Transaction>, vote_bits: u16) {
        regular.insert(0, self.coinbase());
        for (tree, transactions) in [(Tree::Regular, &regular), (Tree::Stake, &stake)] {
            for tx in transactions {
                let id = tx.id();
                for (index, output) in (0..).zip(&tx.outputs) {
                    self.outputs.insert(OutPoint { id, index, tree }, output.clone());
                }
            }
        }
        let merkle_root = merkle::combined_root(&tree_root(&regular), &tree_root(&stake));
        let header = self.header_over(merkle_root, vote_bits);
        let mut block = Block { header, transactions: regular, stake_transactions: stake };
        let filter = block_filter(&block, |outpoint| self.outputs.get(outpoint)).unwrap();
        block.header.stake_root = filter_hash(&filter);
        let target = Target::from_compact(block.header.bits).unwrap();
        while !target.is_met_by(&work_hash(&block.header.encode())) {
            block.header.nonce += 1;
        }
        self.places.insert(block.id(), self.blocks.len());
        self.blocks.push((block, filter));
    }

    fn header_over(&self, merkle_root: TreeHash, vote_bits: u16) -> BlockHeader {
        let height = self.height() + 1;
        let params = Network::Simnet.params();
        BlockHeader {
            version: 10,
            previous: self.tip_hash(),
            merkle_root,
            stake_root: TreeHash::from_bytes([0; 32]),
            vote_bits,
            final_state: [0; 6],
            voters: if height >= params.stake_validation_height { 5 } else { 0 },
            fresh_stake: 0,
            revocations: 0,
            pool_size: 0,
            bits: WorkRules::of(Network::Simnet).start,
            sbits: params.minimum_stake_difficulty.into(),
            height: Height(height),
            size: Size(0),
            timestamp: GENESIS_TIME + height,
            nonce: 0,
            extra_data: [0; 32],
            stake_version: 0,
        }
    }

    /// Forgets the last blocks, so that another branch can grow.
    pub fn rewind(&mut self, count: u32) {
        self.blocks.truncate(self.blocks.len() - count as usize);
        let left = self.blocks.len();
        self.places.retain(|_, place| *place < left);
    }

    fn coinbase(&mut self) -> Transaction {
        let input = TxIn::unsigned(OutPoint::NONE, RawValue(0));
        let marker = [&[0x6a, 4][..], &self.next_salt().to_le_bytes()].concat();
        self.tx(vec![input], vec![TxOut::new(Amount::ZERO, &marker), TxOut::new(amount(1), &pay_to(STRANGER))])
    }

    fn tx(&self, inputs: Vec<TxIn>, outputs: Vec<TxOut>) -> Transaction {
        Transaction { version: 1, inputs, outputs, lock_time: 0, expiry: 0 }
    }

    fn next_salt(&mut self) -> u32 {
        self.salt += 1;
        self.salt
    }

    /// A coin of a stranger that nothing has spent.
    fn strange_coin(&mut self) -> OutPoint {
        let mut id = [0xee; 32];
        id[..4].copy_from_slice(&self.next_salt().to_le_bytes());
        let outpoint = OutPoint { id: TxId::from_bytes(id), index: 0, tree: Tree::Regular };
        self.outputs.insert(outpoint, TxOut::new(amount(1), &pay_to(STRANGER)));
        outpoint
    }

    /// A coinbase of its own that pays; only for the position of the coinbase in a block of its own kind.
    pub fn coinbase_to(&mut self, hash: Hash160, atoms: u64) -> Transaction {
        let input = TxIn::unsigned(OutPoint::NONE, RawValue(0));
        let marker = [&[0x6a, 4][..], &self.next_salt().to_le_bytes()].concat();
        self.tx(vec![input], vec![TxOut::new(Amount::ZERO, &marker), TxOut::new(amount(atoms), &pay_to(hash))])
    }

    /// The treasury pays.
    pub fn treasury_spend(&mut self, hash: Hash160, atoms: u64) -> Transaction {
        let signature_script = [&[64][..], &[1; 64], &[33, 2], &[1; 32], &[0xc2]].concat();
        let input = TxIn { signature_script, ..TxIn::unsigned(OutPoint::NONE, RawValue(0)) };
        let marker = [&[0x6a, 32][..], &[0; 28], &self.next_salt().to_le_bytes()].concat();
        let payout = Payment { tag: Some(StakeTag::Treasury), payee: Payee::KeyHash(hash) }.script();
        let outputs = vec![TxOut::new(Amount::ZERO, &marker), TxOut::new(amount(atoms), payout.as_bytes())];
        Transaction { version: 3, expiry: 1000, ..self.tx(vec![input], outputs) }
    }

    /// A stranger pays these.
    pub fn payment(&mut self, outputs: &[(Hash160, u64)]) -> Transaction {
        let coin = self.strange_coin();
        self.spend(&[coin], outputs)
    }

    /// Spends these outpoints.
    pub fn spend(&mut self, coins: &[OutPoint], outputs: &[(Hash160, u64)]) -> Transaction {
        let inputs = coins.iter().map(|coin| TxIn::unsigned(*coin, RawValue::UNKNOWN)).collect();
        let outputs = outputs.iter().map(|(hash, atoms)| TxOut::new(amount(*atoms), &pay_to(*hash))).collect();
        self.tx(inputs, outputs)
    }

    /// A ticket with one input whose reward goes to `reward`; a stranger votes.
    pub fn ticket(&mut self, coin: OutPoint, price: u64, reward: Hash160) -> Transaction {
        let tagged = |tag, hash| Payment { tag: Some(tag), payee: Payee::KeyHash(hash) }.script();
        let committed = amount(price + 2980);
        let commitment = Commitment { payee: Payee::KeyHash(reward), amount: committed, limits: 0x4e00 };
        let outputs = vec![
            TxOut::new(amount(price), tagged(StakeTag::Submission, STRANGER).as_bytes()),
            TxOut::new(Amount::ZERO, commitment.script().as_bytes()),
            TxOut::new(Amount::ZERO, tagged(StakeTag::Change, Hash160::ZERO).as_bytes()),
        ];
        self.tx(vec![TxIn::unsigned(coin, RawValue::UNKNOWN)], outputs)
    }

    /// As [`Self::ticket`], paid by a stranger.
    pub fn strangers_ticket(&mut self, price: u64, reward: Hash160) -> Transaction {
        let coin = self.strange_coin();
        self.ticket(coin, price, reward)
    }

    /// The vote of a ticket on the tip.
    pub fn vote(&self, ticket: &Transaction) -> Transaction {
        let ticket = Ticket::read(ticket).unwrap();
        let height = Height(self.height());
        let ballot = Ballot { block: self.tip_hash(), height, bits: VoteBits::new(1, 12), treasury: vec![] };
        unsigned_vote(&ticket, &ballot, vote_subsidy(Network::Simnet, height)).unwrap()
    }

    /// The revocation of a ticket in the next block.
    pub fn revocation(&self, ticket: &Transaction) -> Transaction {
        automatic_revocation(&Ticket::read(ticket).unwrap(), self.header(self.height())).unwrap()
    }

    fn call(&mut self) -> Result<(), ChainError> {
        self.calls += 1;
        match self.fault {
            Fault::CallsAfter(most) if self.calls > most => Err(ChainError::Unavailable("cut off".into())),
            Fault::ReplacedAfter(calls) if self.calls > calls => {
                self.fault = Fault::None;
                self.rewind(2);
                self.mine_empty(3);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Starts counting calls for [`Fault::ReplacedAfter`].
    pub fn replace_after(&mut self, calls: u32) {
        (self.fault, self.calls) = (Fault::ReplacedAfter(calls), 0);
    }

    pub fn filter(&self, height: u32) -> &[u8] {
        &self.blocks[height as usize - 1].1
    }

    /// The filter that is handed out; that of the genesis block is empty.
    fn filter_of(&self, hash: &BlockHash) -> Result<Vec<u8>, ChainError> {
        if *hash == genesis_hash(Network::Simnet) {
            return Ok(Vec::new());
        }
        let (block, filter) = self.find(hash)?;
        let forged = self.fault == Fault::FilterForgedAt(block.header.height.0);
        Ok(if forged { Vec::new() } else { filter.clone() })
    }

    fn find(&self, hash: &BlockHash) -> Result<&(Block, Vec<u8>), ChainError> {
        let place = self.places.get(hash).ok_or(ChainError::UnknownBlock { hash: *hash })?;
        Ok(&self.blocks[*place])
    }
}

impl ChainSource for TestChain {
    fn network(&self) -> Network {
        self.network
    }

    fn tip(&mut self) -> Result<BlockId, ChainError> {
        self.call()?;
        Ok(BlockId { hash: self.tip_hash(), height: Height(self.height()) })
    }

    fn headers_after(&mut self, locators: &[BlockHash]) -> Result<Vec<BlockHeader>, ChainError> {
        self.call()?;
        let first = locators.iter().find_map(|hash| self.places.get(hash)).map_or(0, |place| place + 1);
        Ok(self.blocks[first..].iter().take(MOST_HEADERS).map(|(block, _)| block.header.clone()).collect())
    }

    fn filters(&mut self, blocks: &[BlockHash]) -> Result<Vec<Vec<u8>>, ChainError> {
        self.call()?;
        let filters = blocks.iter().map(|hash| self.filter_of(hash));
        let mut filters: Vec<Vec<u8>> = filters.collect::<Result<_, ChainError>>()?;
        self.filters_given += filters.len();
        match self.fault {
            Fault::FilterMissing => drop(filters.pop()),
            Fault::FilterForged => filters[0] = Vec::new(),
            _ => {}
        }
        Ok(filters)
    }

    fn block(&mut self, hash: &BlockHash) -> Result<Block, ChainError> {
        self.call()?;
        let mut block = self.find(hash)?.0.clone();
        match self.fault {
            Fault::OtherBlock => block = self.blocks[0].0.clone(),
            Fault::BlockCut => drop(block.transactions.pop()),
            _ => {}
        }
        Ok(block)
    }

    fn send(&mut self, tx: &Transaction) -> Result<TxId, ChainError> {
        self.call()?;
        if self.mempool.iter().any(|known| known.id() == tx.id()) {
            return Err(ChainError::AlreadyKnown);
        }
        if self.unseen {
            self.lost.push(tx.clone());
            return Err(ChainError::Unseen { of: 3 });
        }
        if self.takes == 0 {
            return Err(ChainError::Rejected { reason: "the test refuses".into() });
        }
        self.takes -= 1;
        self.mempool.push(tx.clone());
        Ok(tx.id())
    }

    fn in_mempool(&mut self, ids: &[TxId]) -> Result<Vec<bool>, ChainError> {
        self.call()?;
        Ok(ids.iter().map(|id| self.mempool.iter().any(|tx| tx.id() == *id)).collect())
    }

    fn price(&mut self) -> Result<PriceWindow, ChainError> {
        let tip = self.tip()?;
        let price = self.price;
        let (min, max) = self.outlook.map_or((price, price), |(min, max)| (amount(min), amount(max)));
        let estimate = PriceEstimate { min, expected: min, max };
        Ok(PriceWindow { tip, current: price, next: price, blocks_left: 1, estimate })
    }

    fn wait_for_tip(&mut self, after: &BlockHash, _timeout: Duration) -> Result<Option<BlockId>, ChainError> {
        let tip = self.tip()?;
        Ok((tip.hash != *after).then_some(tip))
    }
}
