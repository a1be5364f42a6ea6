//! Light clients, each in a process of its own, on the same chain from the same peer.

use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::time::Duration;

use dcrcold::chain::ChainSource;
use dcrcold::chain::dcrd::{NONE, value::Hex};
use dcrcold::chain::sim::Sim;
use dcrcold::chain::spv::{Settings, Spv};
use dcrcold_core::amount::Height;
use dcrcold_core::net::Network;

use crate::contender::{self, Figures};
use crate::daemon::find;
use crate::fault::Fault;
use crate::node::Node;
use crate::server::Server;
use crate::{RUNS, matching, network, synced};

/// The argument that makes this program the light client: the address of its peer follows, `ADDRESS/HEIGHT`.
pub(crate) const CHILD: &str = "--light-client";

/// Measures over the peer of this repository, and over dcrd and beside dcrwallet where they are at hand.
pub(crate) fn over_peers(blocks: Height) {
    let mut sim = network::network(&network::account(), blocks);
    matching::measure(&mut sim, blocks);
    let mut node = find("dcrd").map(|_| fed(&mut sim));
    let server = Server::of(sim, Fault::None);
    for run in 1..=RUNS {
        report("dcrcold from the peer of the tests", run, blocks, &dcrcold(server.address, blocks));
        let Some((_folder, node)) = &mut node else { continue };
        let address = SocketAddr::from(([127, 0, 0, 1], node.peer_port));
        let counted = |node: &mut Node, who: &str, client: fn(SocketAddr, Height) -> Figures| {
            let before = Traffic::of(node);
            report(who, run, blocks, &client(address, blocks));
            Traffic::of(node).report_since(&before);
        };
        counted(node, "dcrcold from dcrd", dcrcold);
        if find("dcrwallet").is_some() {
            counted(node, "dcrwallet from dcrd", contender::dcrwallet);
        }
    }
    if node.is_none() {
        println!("not measured: dcrd and dcrwallet, which are not in DECRED_BIN");
    }
}

fn report(who: &str, run: u32, blocks: Height, figures: &Figures) {
    let seconds = figures.time.as_secs_f64();
    let speed = f64::from(blocks.0) / seconds;
    println!(
        "{who}, run {run}: {blocks} blocks in {seconds:.2} s, {speed:.0} blocks/s, {} KiB at the peak",
        figures.peak
    );
}

/// Bytes that a node has exchanged with its peers.
struct Traffic {
    sent: u64,
    received: u64,
}

impl Traffic {
    fn of(node: &mut Node) -> Self {
        let totals: serde_json::Value = node.call("getnettotals", NONE);
        let bytes = |name: &str| totals[name].as_u64().expect("a node counts its bytes");
        Self { sent: bytes("totalbytessent"), received: bytes("totalbytesrecv") }
    }

    fn report_since(&self, before: &Self) {
        let (sent, received) = (self.sent - before.sent, self.received - before.received);
        println!("    {sent} bytes from the node, {received} to it");
    }
}

/// A node with the same chain.
fn fed(sim: &mut Sim) -> (tempfile::TempDir, Node) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut node = Node::start_strict(&folder.path().join("dcrd"));
    let mut at = Vec::new();
    loop {
        let headers = sim.headers_after(&at).expect("the network has headers");
        let Some(last) = headers.last() else { return (folder, node) };
        at = vec![last.id()];
        for header in &headers {
            let block = sim.block(&header.id()).expect("the network has its blocks");
            let words: Option<String> = node.call("submitblock", [Hex(block.encode())]);
            assert_eq!(words, None, "dcrd takes block {}", header.height);
        }
    }
}

/// This program again, as a light client.
fn dcrcold(peer: SocketAddr, blocks: Height) -> Figures {
    let program = std::env::current_exe().expect("this program has a name");
    let output = Command::new(program)
        .args([CHILD, &format!("{peer}/{blocks}")])
        .stderr(Stdio::inherit())
        .output()
        .expect("this program starts again");
    assert!(output.status.success(), "the light client failed");
    let text = String::from_utf8(output.stdout).expect("figures are text");
    let [micros, peak] = text.split_whitespace().map(|word| word.parse().expect("a number")).collect::<Vec<u64>>()[..]
    else {
        panic!("two figures: {text}")
    };
    Figures { time: Duration::from_micros(micros), peak }
}

/// Syncs from the peer; prints microseconds and KiB.
pub(crate) fn sync_in_this_process(argument: &str) {
    let (peer, blocks) = argument.split_once('/').expect("ADDRESS/HEIGHT");
    let peers = vec![peer.parse::<SocketAddr>().expect("an address")];
    let blocks = Height(blocks.parse().expect("a height"));
    let folder = tempfile::tempdir().expect("a temporary folder");
    let headers = Some(folder.path().join("headers"));
    let settings = Settings { headers, ..Settings::new(Network::Simnet, peers) };
    let mut spv = Spv::start(settings).expect("a new file of headers");
    let time = synced::sync(&mut spv, &folder.path().join("wallet.db"), blocks);
    println!("{} {}", time.as_micros(), synced::memory("self", "VmHWM:"));
}
