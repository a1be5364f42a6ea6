//! What becomes of headers that are here when peers or the disk let us down.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use dcrcold::chain::sim::Sim;
use dcrcold::chain::spv::headers::Headers;
use dcrcold::chain::spv::{Settings, Spv};
use dcrcold::chain::work::Work;
use dcrcold::chain::{ChainSource, MOST_HEADERS};
use dcrcold_core::amount::Height;
use dcrcold_core::net::Network;
use dcrcold_signer::block::BlockHeader;

use crate::all_headers::all_headers;
use crate::chain::TestChain;
use crate::fault::Fault;
use crate::network::{Net, settings};
use crate::server::Server;

/// A question that needs old headers.
type Ask<'a> = &'a dyn Fn(&mut Spv);

const NOW: i64 = dcrcold::chain::sim::Settings::START as i64 + 100_000_000;

#[test]
fn headers_are_kept_when_one_peer_says_that_there_are_no_more() {
    let (net, mut sim) = Net::new(91);
    sim.mine(60).unwrap();
    let all = all_headers(&mut sim);
    let least_work = Some(all.iter().fold(Work::ZERO, |sum, header| sum.plus(Work::of(header.bits))));
    let (liar, honest) = (net.peer(Fault::NoMoreHeaders), net.peer(Fault::None));
    // Either may be asked first.
    for run in 0..12 {
        let path = net.path(&format!("headers-{run}"));
        // Who told the first half broke off.
        Headers::open(&path, Network::Simnet).unwrap().add(&all[..30], NOW).unwrap();
        let mut spv = Spv::start(Settings { headers: Some(path), least_work, ..settings(&[&liar, &honest]) }).unwrap();
        assert_eq!(ChainSource::tip(&mut spv).unwrap(), Sim::tip(&mut sim).unwrap());
        assert!(honest.locators().iter().all(|count| *count > 1), "it was asked from the genesis block on");
    }
}

#[test]
fn a_slow_peer_is_not_asked_for_all_headers() {
    let mut chain = TestChain::new();
    chain.mine_empty(u32::try_from(2 * MOST_HEADERS).unwrap() + 10);
    let (tip, chain) = (chain.tip().unwrap(), Arc::new(Mutex::new(chain)));
    let peer = |fault| Server::of_headers(Arc::<Mutex<TestChain>>::clone(&chain), fault);
    let (slow, honest) = (peer(Fault::SlowHeaders), peer(Fault::None));
    let (mut met, mut runs) = (false, 0);
    // Chance asks it first every other time.
    while !met {
        runs += 1;
        assert!(runs < 20, "it was never asked first");
        let mut settings = settings(&[&slow, &honest]);
        settings.timeouts.answer = Duration::from_secs(2);
        let mut spv = Spv::start(settings).unwrap();
        assert_eq!(spv.tip().unwrap(), tip);
        let asked = slow.locators();
        // Once at the beginning or never, and once whether it knows more.
        met = asked.contains(&1);
        assert!(asked.len() <= 2, "{asked:?}");
        assert!(spv.lost().next().is_none(), "being slow is no offence");
    }
}

#[test]
fn a_file_that_turns_out_to_be_damaged_is_filled_anew() {
    let (net, mut sim) = Net::new(93);
    // More than is looked at when the file is opened.
    sim.mine(1100).unwrap();
    let all = all_headers(&mut sim);
    let ids: Vec<_> = all[40..60].iter().map(BlockHeader::id).collect();
    let (peer, path) = (net.peer(Fault::None), net.path("headers"));
    let start = || Spv::start(Settings { headers: Some(path.clone()), ..settings(&[&peer]) }).unwrap();
    ChainSource::tip(&mut start()).unwrap();
    let asks: [(&str, Ask<'_>); 2] = [
        ("headers", &|spv| assert_eq!(spv.headers_after(&[]).unwrap(), all)),
        ("filters", &|spv| assert_eq!(spv.filters(&ids).unwrap().len(), ids.len())),
    ];
    for (what, ask) in asks {
        let db = rusqlite::Connection::open(&path).unwrap();
        db.execute("UPDATE header SET bytes = zeroblob(180) WHERE height = 50", []).unwrap();
        drop(db);
        let mut spv = start();
        assert_eq!(ChainSource::tip(&mut spv).unwrap(), Sim::tip(&mut sim).unwrap(), "{what}");
        ask(&mut spv);
        drop(spv);
        let again = Headers::open(&path, Network::Simnet).unwrap();
        assert_eq!(again.headers(Height(1), u32::MAX).unwrap(), all, "{what}");
    }
}
