//! A wallet that has nothing but a peer: the node's own, which bans whoever sends it one malformed message.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use dcrcold::chain::ChainSource;
use dcrcold::chain::spv::{Settings, Spv, Timeouts};
use dcrcold::wallet::{Receive, SystemClock, Ticket, TicketState, Wallet};
use dcrcold_core::amount::Amount;
use dcrcold_core::hash::TxId;
use dcrcold_core::net::Network;
use dcrcold_signer::address::Address;
use dcrcold_signer::block::BlockHeader;

use crate::cold::User;
use crate::order::order;
use crate::simnet::{Simnet, TICKETS_PER_BLOCK};

/// The seed of the account; another one than those of other tests on the same chain.
const SEED: &str = "5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b";
/// Tickets that are bought.
const TICKETS: u32 = 4;
/// Blocks that a purchase wants before the price changes.
const ROOM: u32 = 4;
/// Blocks that are mined while the wallet follows, if all tickets were called by then.
const BLOCKS: u32 = 200;
/// Blocks after which a ticket was called or has expired.
const MOST_BLOCKS: u32 = 384 + 40;
/// Live tickets below which the mining wallet buys too.
const POOL: u32 = 200;

fn connect(simnet: &Simnet, headers: Option<PathBuf>) -> Spv {
    let peers = vec![SocketAddr::from(([127, 0, 0, 1], simnet.node.peer_port))];
    let timeouts = Timeouts { retry: Duration::from_millis(200), ..Timeouts::default() };
    Spv::start(Settings { headers, timeouts, ..Settings::new(Network::Simnet, peers) }).unwrap()
}

fn must_be_content(spv: &Spv) {
    let lost: Vec<_> = spv.lost().map(ToString::to_string).collect();
    assert!(lost.is_empty(), "{lost:?}");
}

pub fn peers_tell_what_the_node_tells(simnet: &mut Simnet) {
    let (mut spv, mut node) = (connect(simnet, None), simnet.node.source());
    let tip = spv.tip().unwrap();
    assert_eq!(tip, node.tip().unwrap());
    let headers = spv.headers_after(&[]).unwrap();
    assert_eq!(headers, node.headers_after(&[]).unwrap());
    let ids: Vec<_> = headers.iter().map(BlockHeader::id).collect();
    assert_eq!(spv.filters(&ids).unwrap(), node.filters(&ids).unwrap());
    for id in ids.iter().step_by(9) {
        assert_eq!(spv.block(id).unwrap(), node.block(id).unwrap());
    }
    let mut prices = 0;
    for _ in 0..9 {
        let (ours, theirs) = (spv.price().unwrap(), node.price().unwrap());
        assert_eq!((ours.tip, ours.current, ours.next), (theirs.tip, theirs.current, theirs.next));
        assert_eq!(ours.blocks_left, theirs.blocks_left);
        if theirs.blocks_left < 8 {
            let estimate =
                |price: dcrcold::chain::PriceWindow| (price.estimate.min, price.estimate.expected, price.estimate.max);
            assert_eq!(estimate(ours), estimate(theirs));
        }
        prices += 1;
        simnet.mine(1);
        let next = spv.wait_for_tip(&ours.tip.hash, Duration::from_secs(20)).unwrap().unwrap();
        assert_eq!(next.height.0, ours.tip.height.0 + 1);
    }
    println!("headers and filters compared: {} cases, prices: {prices}", ids.len());
    must_be_content(&spv);
}

/// A wallet on a peer, and a second one of the same account on the node's RPC server.
struct Run<'a> {
    simnet: &'a mut Simnet,
    user: User,
    spv: Spv,
    direct: Wallet,
    comparisons: u32,
}

impl Run<'_> {
    fn mine(&mut self) {
        let pool = self.simnet.tip_header().pool_size;
        self.simnet.mine_with_tickets(if pool < POOL { TICKETS_PER_BLOCK } else { 0 });
    }

    /// Syncs both wallets and sees that they know the same.
    fn compare(&mut self) {
        self.user.wallet.sync(&mut self.spv, &SystemClock, &mut |_| ()).unwrap();
        self.direct.sync(&mut self.user.source, &SystemClock, &mut |_| ()).unwrap();
        let mined = |wallet: &Wallet| {
            let mut coins = wallet.coins().unwrap();
            coins.retain(|coin| coin.height.is_some());
            coins.iter_mut().for_each(|coin| coin.locked_by = None);
            coins.sort_by_key(|coin| coin.outpoint);
            let mut tickets: Vec<Ticket> = wallet.tickets().unwrap();
            tickets.sort_by_key(|ticket| ticket.id);
            (wallet.height().unwrap(), coins, tickets)
        };
        assert_eq!(mined(&self.user.wallet), mined(&self.direct));
        self.comparisons += 1;
    }

    /// Buys tickets with a coin that was paid before; everything goes through the peer.
    fn buy(&mut self) -> Vec<TxId> {
        let price = loop {
            let price = self.spv.price().unwrap();
            if price.blocks_left > ROOM {
                break price;
            }
            self.mine();
        };
        let (_, address) = self.user.wallet.receive(Receive::New, &SystemClock).unwrap();
        self.simnet.follow();
        self.simnet.await_votes();
        let funds = u64::from(TICKETS) * (price.next.atoms() + 2_000_000) + 1_000_000;
        self.simnet.pay(&Address::to_string(&address), Amount::from_atoms(funds).unwrap());
        self.mine();
        self.compare();
        let price = self.spv.price().unwrap();
        let prepared = self.user.wallet.prepare(&order(TICKETS), &price, &SystemClock).unwrap();
        let answer = self.user.sign(&prepared.request, &prepared.id);
        let id = self.user.wallet.accept(&answer, &SystemClock).unwrap();
        self.user.wallet.send(&id, &mut self.spv, &SystemClock).unwrap();
        // The split first; then the tickets, which wait for it.
        self.mine();
        self.mine();
        self.compare();
        prepared.tickets
    }

    fn states(&self) -> Vec<TicketState> {
        let height = self.user.wallet.height().unwrap();
        self.user.wallet.tickets().unwrap().iter().map(|ticket| ticket.state(Network::Simnet, height)).collect()
    }
}

pub fn a_wallet_lives_on_a_peer_alone(simnet: &mut Simnet) {
    let user = User::of_seed(&simnet.path().join("peer-user"), &simnet.node, SEED);
    let export = user.wallet.export().clone();
    let direct =
        Wallet::create(&simnet.path().join("direct.db"), Network::Simnet, &export, None, &SystemClock).unwrap();
    let headers = simnet.path().join("headers");
    let spv = connect(simnet, Some(headers.clone()));
    let mut run = Run { simnet, user, spv, direct, comparisons: 0 };
    run.compare();
    let tickets = run.buy();
    assert_eq!(tickets.len(), TICKETS as usize);
    for ticket in &tickets {
        assert!(run.user.wallet.block_of(ticket).unwrap().is_some(), "ticket {ticket} is not mined");
        let (wif, block, hex) = run.user.hand_over(ticket);
        let _: () = run.simnet.wallet.call("importprivkey", (wif, "imported", false));
        let _: () = run.simnet.wallet.call("addtransaction", (block, hex));
    }
    let mut mined = 0;
    let ended =
        |state: &TicketState| !matches!(state, TicketState::Immature | TicketState::Live | TicketState::Unmined);
    while mined < BLOCKS || (mined < MOST_BLOCKS && !run.states().iter().all(ended)) {
        run.mine();
        mined += 1;
        if mined == 60 {
            run.compare();
            run.simnet.reorganise(3);
            run.compare();
        }
        if mined == 120 {
            // The program begins anew with what it has on disk.
            must_be_content(&run.spv);
            run.spv = connect(run.simnet, Some(headers.clone()));
        }
        if mined % 20 == 0 {
            run.compare();
        }
    }
    run.compare();
    let states = run.states();
    println!("blocks mined: {mined}, comparisons: {}, tickets: {states:?}", run.comparisons);
    assert!(states.iter().all(ended), "{states:?}");
    must_be_content(&run.spv);
}
