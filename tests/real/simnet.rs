//! A simnet of one node and one wallet that mines, buys tickets and votes.

use std::path::Path;
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use dcrcold::chain::dcrd::NONE;
use dcrcold::chain::dcrd::reply::BestBlock;
use dcrcold::chain::dcrd::value::{Dcr, Hex, Text};
use dcrcold::chain::work::{Target, work_hash};
use dcrcold_core::amount::Amount;
use dcrcold_core::hash::{BlockHash, TxId};
use dcrcold_signer::block::{BlockHeader, HEADER_SIZE};
use dcrcold_signer::stake::vote::Vote;
use dcrcold_signer::tx::Transaction;
use serde::Deserialize;
use serde_json::Value;
use tempfile::TempDir;

use crate::node::Node;
use crate::wallet::Wallet;

/// The seed that owns the coins of simnet's first block, under the legacy coin type.
const MINER_SEED: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// The first height at which the wallet buys tickets while the chain is brought up.
const FIRST_PURCHASE: u32 = 100;

/// The first block that needs votes.
const FIRST_VOTES: u32 = 144;

/// The height at which a simnet is handed to the tests: tickets vote and are bought in every block.
const READY: u32 = 160;

/// Tickets bought per block before voting begins, enough to last.
const TICKETS_AT_FIRST: u32 = 8;

/// Tickets that vote in a block. Each block must bring as many, or dcrd stops before the pool runs dry.
pub const TICKETS_PER_BLOCK: u32 = 5;

/// The bytes that dcrd hands out and takes back as work: a header, filled up to whole blocks of the hash.
const WORK_SIZE: usize = 192;

/// How often the wallet may fail to buy tickets.
const PURCHASE_ATTEMPTS: u32 = 5;

/// How long to wait for all votes before a block with fewer will do.
const VOTE_PATIENCE: Duration = Duration::from_secs(10);

#[derive(Deserialize)]
struct Work {
    data: Hex,
}

/// The running network.
pub struct Simnet {
    pub wallet: Wallet,
    pub node: Node,
    pub folder: TempDir,
}

impl Simnet {
    /// Starts a network and mines until tickets vote.
    pub fn start() -> Self {
        let folder = tempfile::Builder::new().prefix("dcrcold-real-").tempdir().unwrap();
        let mut node = Node::start(&folder.path().join("dcrd"));
        // The wallet must find the coins of the first block when it first looks.
        mine_on(&mut node, 0);
        let wallet = Wallet::start(&folder.path().join("wallet"), &node, MINER_SEED, &["disablecointypeupgrades=1"]);
        let mut simnet = Self { wallet, node, folder };
        while simnet.height() < READY {
            let tickets = match simnet.height() {
                0..FIRST_PURCHASE => 0,
                FIRST_PURCHASE..FIRST_VOTES => TICKETS_AT_FIRST,
                _ => TICKETS_PER_BLOCK,
            };
            simnet.mine_with_tickets(tickets);
        }
        simnet
    }

    /// A folder of the network's own.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn height(&mut self) -> u32 {
        self.node.call("getblockcount", NONE)
    }

    pub fn tip(&mut self) -> BestBlock {
        self.node.call("getbestblock", NONE)
    }

    /// Mines blocks, each with as many new tickets as it uses up.
    pub fn mine(&mut self, blocks: u32) {
        (0..blocks).for_each(|_| self.mine_with_tickets(TICKETS_PER_BLOCK));
    }

    /// Lets the wallet buy tickets and mines a block.
    pub fn mine_with_tickets(&mut self, tickets: u32) {
        self.follow();
        let voters = if self.height() + 1 < FIRST_VOTES { 0 } else { TICKETS_PER_BLOCK };
        // The wallet may hang for ever when it votes and buys at the same time.
        await_votes(&mut self.node, voters);
        if tickets > 0 {
            self.buy(tickets);
        }
        mine_on(&mut self.node, voters);
    }

    /// Lets the wallet buy tickets. It spends a coin twice now and then, when it has not yet heard of its own spending.
    fn buy(&mut self, tickets: u32) {
        for _ in 0..PURCHASE_ATTEMPTS {
            match self.wallet.try_call::<_, Vec<Text<TxId>>>("purchaseticket", ("default", 1, tickets)) {
                Ok(_) => return,
                Err(error) => println!("the mining wallet buys no tickets: {error}"),
            }
            thread::sleep(Duration::from_millis(100));
        }
        panic!("the mining wallet bought no tickets in {PURCHASE_ATTEMPTS} attempts");
    }

    /// Waits until the mining wallet has seen the newest block.
    pub fn follow(&mut self) {
        let tip = self.tip();
        self.wallet.follow(&tip);
    }

    /// Waits until all votes on the newest block are in the mempool.
    pub fn await_votes(&mut self) {
        await_votes(&mut self.node, TICKETS_PER_BLOCK);
    }

    /// The votes on a block that wait in the mempool.
    pub fn votes_on(&mut self, block: BlockHash) -> Vec<Vote> {
        let ids: Vec<Text<TxId>> = self.node.call("getrawmempool", (false, "votes"));
        let read = |id| {
            let raw: Hex = self.node.call("getrawtransaction", [id]);
            Vote::read(&Transaction::decode(&raw.0).unwrap()).unwrap()
        };
        let mut votes: Vec<_> = ids.into_iter().map(read).collect();
        votes.retain(|vote| vote.ballot.block == block);
        votes
    }

    /// The header of the newest block.
    pub fn tip_header(&mut self) -> BlockHeader {
        let tip = self.tip();
        header(&mut self.node, tip.hash.0)
    }

    /// Pays an address from the mining wallet.
    pub fn pay(&mut self, address: &str, amount: Amount) -> TxId {
        let id: Text<TxId> = self.wallet.call("sendtoaddress", (address, Dcr(amount)));
        id.0
    }

    /// Replaces the newest `depth` blocks, two or more, by one block more.
    pub fn reorganise(&mut self, depth: u32) {
        let old = self.height();
        // dcrd builds nothing on a block whose child was found invalid, but a sibling, and changes over to that as
        // soon as it has votes.
        let second: Text<BlockHash> = self.node.call("getblockhash", [old + 2 - depth]);
        let _: () = self.node.call("invalidateblock", [second]);
        let sibling = fresh_work(&mut self.node);
        assert_eq!(sibling.height.0, old + 1 - depth);
        solve(&mut self.node, sibling);
        for _ in 0..depth {
            mine_on(&mut self.node, TICKETS_PER_BLOCK);
        }
    }

    /// Restarts the node with an index of all transactions, which vspd wants and the wallet does without.
    pub fn index_transactions(&mut self) {
        self.node.stop();
        self.node.configure("txindex=1");
        self.node.resume();
        self.reconnect();
    }

    /// Waits until the wallet has found a node that was restarted.
    pub fn reconnect(&mut self) {
        self.wallet.wait("the restarted node", |wallet| {
            let info: Value = wallet.call("walletinfo", NONE);
            (info["daemonconnected"] == true).then_some(())
        });
    }
}

/// Mines one block with the given number of votes, or with fewer that suffice when they do not come.
///
/// The test does the work itself, because dcrd's own miner stamps blocks with the current time, and a simnet wants a
/// second between two blocks.
fn mine_on(node: &mut Node, voters: u32) -> BlockHash {
    await_votes(node, voters);
    let header = fresh_work(node);
    solve(node, header)
}

/// Waits until dcrd builds on the newest block with the given number of votes, or long enough for fewer to do.
fn await_votes(node: &mut Node, voters: u32) {
    let begin = Instant::now();
    loop {
        let header = work(node);
        let tip: BestBlock = node.call("getbestblock", NONE);
        let found = u32::from(header.voters);
        let enough = found == voters || (begin.elapsed() > VOTE_PATIENCE && found * 2 > voters);
        // Until votes on a new block arrive, dcrd hands out work on top of the old one.
        if enough && header.previous == tip.hash.0 {
            return;
        }
        assert!(begin.elapsed() < 4 * VOTE_PATIENCE, "block {}: {found} votes, expected {voters}", header.height);
        thread::sleep(Duration::from_millis(2));
        let _: () = node.call("regentemplate", NONE);
    }
}

/// A template made after all that the node has heard of.
fn fresh_work(node: &mut Node) -> BlockHeader {
    let old = work(node);
    let _: () = node.call("regentemplate", NONE);
    let begin = Instant::now();
    loop {
        let new = work(node);
        // A coinbase has a random part, so that no two templates are the same.
        if new.merkle_root != old.merkle_root || begin.elapsed() > Duration::from_secs(2) {
            return new;
        }
        thread::sleep(Duration::from_millis(2));
    }
}

fn work(node: &mut Node) -> BlockHeader {
    let work: Work = node.call("getwork", NONE);
    BlockHeader::decode(&work.data.0[..HEADER_SIZE]).unwrap()
}

fn header(node: &mut Node, hash: BlockHash) -> BlockHeader {
    let header: Hex = node.call("getblockheader", (Text(hash), false));
    BlockHeader::decode(&header.0).unwrap()
}

/// Finds a nonce and hands the block in, stamped a second after its parent.
fn solve(node: &mut Node, mut header: BlockHeader) -> BlockHash {
    let parent = self::header(node, header.previous);
    header.timestamp = if parent.height.0 == 0 { an_hour_ago() } else { parent.timestamp + 1 };
    let target = Target::from_compact(header.bits).unwrap();
    while !target.is_met_by(&work_hash(&header.encode())) {
        header.nonce += 1;
    }
    let mut data = header.encode().to_vec();
    data.resize(WORK_SIZE, 0);
    let accepted: bool = node.call("getwork", [Hex(data)]);
    assert!(accepted, "dcrd refuses block {}", header.height);
    header.id()
}

/// Leaves room for the stamps of an hour's blocks before they lie in the future.
fn an_hour_ago() -> u32 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    u32::try_from(now.as_secs() - 3600).unwrap()
}
