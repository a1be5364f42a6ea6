//! The embedded network held against dcrd: its chain, block by block, and the verdicts on the cases of
//! `tests/agreement`.

use std::env;

use dcrcold::chain::ChainSource;
use dcrcold::chain::dcrd::value::{Hex, Text};
use dcrcold::chain::dcrd::{NONE, RpcError};
use dcrcold::chain::sim::{Settings, Sim};
use dcrcold_core::amount::Height;
use dcrcold_core::hash::BlockHash;
use dcrcold_signer::block::{Block, BlockHeader};
use dcrcold_signer::tx::Transaction;
use serde_json::Value;
use tempfile::TempDir;

use crate::cases::record::{CaseRecord, ChainRecord, Group, Record, Verdict};
use crate::cases::show::{self, Answer, Network};
use crate::cases::world::World;
use crate::node::Node;
use crate::simnet::Simnet;

/// What stands first in each file.
const ABOUT: &str = "Recorded from dcrd on simnet with --rejectnonstd: transactions in the order sent, each after those in \
    `before`; blocks by their ids. The code in tests/agreement makes them, and the chain from its seed.";

/// The code of dcrd's errors for a transaction that it has already.
const DUPLICATE: i64 = -40;

/// Judges as dcrd does; what it accepts of blocks is taken away again.
impl Network for Node {
    fn send(&mut self, tx: &Transaction) -> Answer {
        match self.try_call::<_, String>("sendrawtransaction", [Hex(tx.encode())]) {
            Ok(_) => Answer::ACCEPTED,
            Err(RpcError::Refused { code, message, .. }) => {
                let verdict = if code == DUPLICATE { Verdict::Known } else { Verdict::Refused };
                Answer { verdict, words: Some(message) }
            }
            Err(error) => panic!("dcrd: {error}"),
        }
    }

    fn submit(&mut self, block: &Block) -> Answer {
        let words = submit(self, block);
        if words.is_some() {
            return Answer { verdict: Verdict::Refused, words };
        }
        self.call::<_, ()>("invalidateblock", [Text(block.id())]);
        Answer::ACCEPTED
    }
}

/// Hands a block to dcrd; gives its words when it refuses.
fn submit(node: &mut Node, block: &Block) -> Option<String> {
    node.call("submitblock", [Hex(block.encode())])
}

/// Hands dcrd the blocks above `height`.
fn feed(node: &mut Node, sim: &mut Sim, height: Height) {
    let headers = sim.headers_after(&[]).unwrap();
    for header in headers.iter().filter(|header| header.height > height) {
        let block = sim.block(&header.id()).unwrap();
        assert_eq!(submit(node, &block), None, "height {}", header.height);
    }
}

/// A node of its own, with nothing but the genesis block.
fn strict() -> (TempDir, Node) {
    let folder = tempfile::Builder::new().prefix("dcrcold-real-").tempdir().unwrap();
    let node = Node::start_strict(&folder.path().join("dcrd"));
    (folder, node)
}

/// Both sources say the same about the tip and what follows.
fn assert_same(node: &Node, sim: &mut Sim) {
    let mut source = node.source();
    assert_eq!(source.tip().unwrap(), ChainSource::tip(sim).unwrap());
    assert_eq!(source.price().unwrap(), sim.price().unwrap());
}

pub fn dcrd_accepts_the_embedded_chain(_: &mut Simnet) {
    let (_folder, mut node) = strict();
    let mut sim = Sim::in_memory(Settings::new(9));
    let mut fed = Height(0);
    // Long enough for tickets to expire, and for headers to carry the version of the votes.
    for stop in [100, 143, 144, 150, 255, 256, 300, 369, 500, 501, 502, 503, 504, 640] {
        sim.mine_to(Height(stop)).unwrap();
        feed(&mut node, &mut sim, fed);
        assert_same(&node, &mut sim);
        fed = Height(stop);
    }
    // Two more of the same height, a reorganisation over the block that disapproves, and one without.
    let fork = sim.mine_disapproving().unwrap().height;
    sim.mine(2).unwrap();
    feed(&mut node, &mut sim, fed);
    assert_same(&node, &mut sim);
    for depth in [4, 1, 16] {
        let before = ChainSource::tip(&mut sim).unwrap().height;
        sim.reorganise(depth).unwrap();
        feed(&mut node, &mut sim, Height(before.0 - depth));
        assert_same(&node, &mut sim);
    }
    assert!(fork < ChainSource::tip(&mut sim).unwrap().height);
    filters_agree(&node, &mut sim);
}

fn filters_agree(node: &Node, sim: &mut Sim) {
    let blocks: Vec<BlockHash> = sim.headers_after(&[]).unwrap().iter().map(BlockHeader::id).collect();
    let mut source = node.source();
    for blocks in blocks.chunks(100) {
        assert_eq!(source.filters(blocks).unwrap(), sim.filters(blocks).unwrap());
    }
    println!("  {} blocks and their filters agree", blocks.len());
}

pub fn dcrd_gives_the_recorded_verdicts(_: &mut Simnet) {
    let (_folder, mut node) = strict();
    let mut world = World::new();
    feed(&mut node, &mut world.sim, Height(0));
    let chain = ChainRecord::of(&world);
    for (group, cases) in show::transactions(&mut world) {
        let said = show::show(&mut node, &cases);
        conclude(&mut node, group, &chain, said, || show::show(&mut world.sim, &cases));
    }
    let mut world = World::new();
    let cases = show::blocks(&mut world);
    let said = show::show_blocks(&mut node, &cases);
    conclude(&mut node, Group::Blocks, &chain, said, || show::show_blocks(&mut world.sim, &cases));
}

/// Compares what dcrd said with what is recorded, or records it together with the rules of the embedded network.
fn conclude(
    node: &mut Node,
    group: Group,
    chain: &ChainRecord,
    mut said: Vec<CaseRecord>,
    rules: impl FnOnce() -> Vec<CaseRecord>,
) {
    if env::var_os("DCRCOLD_RECORD").is_none_or(|value| value != "1") {
        return show::compare(group, chain, &said, false);
    }
    for (case, judged) in said.iter_mut().zip(rules()) {
        case.rule = judged.reason;
    }
    let about = format!("{ABOUT} Group: {group}.");
    group.store(&Record { about, dcrd: version(node), chain: chain.clone(), cases: said });
}

fn version(node: &mut Node) -> String {
    let versions: Value = node.call("version", NONE);
    versions["dcrd"]["versionstring"].as_str().unwrap().to_owned()
}
