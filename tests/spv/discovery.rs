//! Peers that are found: by seeders, honest and lying ones, by other peers, and in the book of an earlier run.

use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use dcrcold::chain::sim::Sim;
use dcrcold::chain::spv::{Discovery, SeederError, Settings, Spv, SpvError};
use dcrcold::chain::{ChainError, ChainSource};
use dcrcold_signer::block::BlockHeader;

use crate::fault::Fault;
use crate::network::{Net, settings, settings_of};
use crate::seeder::{Seeder, named};
use crate::server::Server;

/// A peer in the network 127.NUMBER.0.0/16.
pub(crate) fn peer_in(net: &Net, number: u8, fault: Fault) -> Server {
    net.peer_at(Ipv4Addr::new(127, number, 0, 1), fault)
}

fn find(seeders: &[&Seeder], book: Option<PathBuf>) -> Spv {
    let seeders = seeders.iter().map(|seeder| seeder.url()).collect();
    Spv::start(Settings { discovery: Some(Discovery { seeders, book }), ..settings_of(Vec::new()) }).unwrap()
}

/// Follows the chain until something is so.
fn until(spv: &mut Spv, is_so: impl Fn() -> bool) {
    let end = Instant::now() + Duration::from_secs(20);
    while !is_so() {
        assert!(Instant::now() < end, "{:?}", spv.lost().map(ToString::to_string).collect::<Vec<_>>());
        ChainSource::tip(spv).unwrap();
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn all_filters(spv: &mut Spv) -> usize {
    let ids: Vec<_> = spv.headers_after(&[]).unwrap().iter().map(BlockHeader::id).collect();
    spv.filters(&ids).unwrap().len()
}

#[test]
fn seeders_tell_of_a_peer_and_peers_of_others() {
    let (net, mut sim) = Net::new(51);
    sim.mine(30).unwrap();
    let peers = [1, 2, 3].map(|number| peer_in(&net, number, Fault::None));
    peers[0].tell_of(&[peers[1].address, "10.1.1.1:18555".parse().unwrap(), "127.9.0.1:0".parse().unwrap()]);
    peers[1].tell_of(&[peers[2].address]);
    let seeder = Seeder::of(&[peers[0].address]);
    let mut spv = find(&[&seeder], Some(net.path("peers")));
    assert_eq!(ChainSource::tip(&mut spv).unwrap(), Sim::tip(&mut sim).unwrap());
    until(&mut spv, || peers.iter().all(|peer| peer.connections() == 1));
    until(&mut spv, || peers[1].told() == 1);
    assert_eq!(all_filters(&mut spv), 30);
    assert_eq!(seeder.requests(), 1);
    assert!(spv.lost().next().is_none(), "{:?}", spv.lost().collect::<Vec<_>>());
    drop(spv);
    // The book of that run suffices.
    let gone = Seeder::start(503, Vec::new());
    let mut again = find(&[&gone], Some(net.path("peers")));
    assert_eq!(ChainSource::tip(&mut again).unwrap(), Sim::tip(&mut sim).unwrap());
    until(&mut again, || peers.iter().all(|peer| peer.connections() == 2));
}

#[test]
fn eight_peers_are_connected_to_and_none_of_the_same_network() {
    let (net, mut sim) = Net::new(52);
    sim.mine(5).unwrap();
    let neighbours: Vec<_> = (1..=4).map(|last| net.peer_at(Ipv4Addr::new(127, 20, 0, last), Fault::None)).collect();
    let others: Vec<_> = (30..39).map(|number| peer_in(&net, number, Fault::None)).collect();
    let all: Vec<_> = neighbours.iter().chain(&others).map(|peer| peer.address).collect();
    let mut spv = find(&[&Seeder::of(&all)], None);
    let connected = |peers: &[Server]| peers.iter().filter(|peer| peer.connections() > 0).count();
    until(&mut spv, || connected(&neighbours) + connected(&others) == 8);
    std::thread::sleep(Duration::from_millis(300));
    ChainSource::tip(&mut spv).unwrap();
    assert!(connected(&neighbours) <= 1);
    assert_eq!(connected(&neighbours) + connected(&others), 8);
    assert!(neighbours.iter().chain(&others).all(|peer| peer.connections() <= 1));
}

type Lie = (&'static str, u16, Vec<u8>, fn(&SeederError) -> bool);

fn lies() -> Vec<Lie> {
    let (good, many) = (named("127.99.0.1:1"), named("192.168.1.1:9108").repeat(16));
    let half = good[..20].to_owned();
    vec![
        ("garbage", 200, b"<html>no seeder here</html>".to_vec(), |e| matches!(e, SeederError::Malformed(_))),
        ("no text", 200, vec![0xff; 100], |e| matches!(e, SeederError::Malformed(_))),
        ("half an object", 200, (good + &half).into_bytes(), |e| matches!(e, SeederError::Malformed(_))),
        ("oversized", 200, vec![b' '; 5000], |e| matches!(e, SeederError::TooLong)),
        ("oversized object", 200, [b"{\"host\":\"".to_vec(), vec![b'1'; 1 << 20]].concat(), |e| {
            matches!(e, SeederError::TooLong)
        }),
        ("private addresses", 200, many.into_bytes(), |e| matches!(e, SeederError::NoneOfUse { named: 16 })),
        ("host names", 200, named("localhost:18555").into_bytes(), |e| {
            matches!(e, SeederError::NoneOfUse { named: 1 })
        }),
        ("nobody", 200, Vec::new(), |e| matches!(e, SeederError::NoneOfUse { named: 0 })),
        ("an error", 500, named("127.99.0.1:1").into_bytes(), |e| matches!(e, SeederError::Status { status: 500 })),
        ("elsewhere", 302, Vec::new(), |e| matches!(e, SeederError::Status { status: 302 })),
    ]
}

#[test]
fn a_lying_seeder_is_named_and_does_no_harm_beside_an_honest_one() {
    let (net, mut sim) = Net::new(53);
    sim.mine(5).unwrap();
    let peer = peer_in(&net, 40, Fault::None);
    let honest = Seeder::of(&[peer.address]);
    let lies = lies();
    for (what, status, body, is_named) in &lies {
        let liar = Seeder::start(*status, body.clone());
        let error = ChainSource::tip(&mut find(&[&liar], None)).unwrap_err();
        let ChainError::Unavailable(source) = &error else { panic!("{what}: {error}") };
        match source.downcast_ref() {
            Some(SpvError::NoneFound { lost }) => {
                assert!(
                    lost.len() == 1 && lost[0].seeder == liar.url() && is_named(&lost[0].error),
                    "{what}: {source}"
                );
            }
            _ => panic!("{what}: {source}"),
        }
        let mut spv = find(&[&liar, &honest], None);
        assert_eq!(ChainSource::tip(&mut spv).unwrap(), Sim::tip(&mut sim).unwrap(), "{what}");
    }
    println!("lies of seeders: {} cases", lies.len());
    assert_eq!(lies.len(), 10);
}

#[test]
fn a_seeder_that_names_one_network_gets_one_place() {
    let (net, mut sim) = Net::new(54);
    sim.mine(20).unwrap();
    // The one that is connected to keeps the honest peer from nothing.
    let crowd: Vec<_> = (1..=6).map(|last| net.peer_at(Ipv4Addr::new(127, 50, 0, last), Fault::EmptyFilter)).collect();
    let liar = Seeder::of(&crowd.iter().map(|peer| peer.address).collect::<Vec<_>>());
    let peer = peer_in(&net, 51, Fault::None);
    let honest = Seeder::of(&[peer.address]);
    let mut spv = find(&[&liar, &honest], None);
    until(&mut spv, || peer.connections() == 1);
    let connections = || crowd.iter().map(Server::connections).sum::<usize>();
    until(&mut spv, || connections() == 1);
    assert_eq!(all_filters(&mut spv), 20);
}

#[test]
fn a_ban_outlives_a_restart_and_a_damaged_book_is_forgotten() {
    let (net, mut sim) = Net::new(55);
    sim.mine(150).unwrap();
    let (liar, honest) = (peer_in(&net, 60, Fault::EmptyFilter), peer_in(&net, 61, Fault::None));
    let seeder = Seeder::of(&[liar.address, honest.address]);
    let start = || find(&[&seeder], Some(net.path("peers")));
    let mut spv = start();
    until(&mut spv, || liar.connections() == 1 && honest.connections() == 1);
    while spv.lost().next().is_none() {
        assert_eq!(all_filters(&mut spv), 150);
    }
    drop(spv);
    for run in 2..=3 {
        let mut spv = start();
        until(&mut spv, || honest.connections() == run);
        assert_eq!(all_filters(&mut spv), 150);
        assert_eq!(liar.connections(), 1, "it is banned");
        assert!(spv.lost().next().is_none());
    }
    let book = net.path("peers");
    let mut bytes = std::fs::read(&book).unwrap();
    assert!(String::from_utf8_lossy(&bytes).contains(&format!("\nban {} ", liar.address)));
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&book, bytes).unwrap();
    let mut spv = start();
    until(&mut spv, || liar.connections() == 2);
    assert_eq!(all_filters(&mut spv), 150);
}

#[test]
fn who_names_peers_has_no_others_looked_for() {
    let (net, mut sim) = Net::new(56);
    sim.mine(5).unwrap();
    let (named, other) = (peer_in(&net, 70, Fault::None), peer_in(&net, 71, Fault::None));
    named.tell_of(&[other.address]);
    let seeder = Seeder::of(&[other.address]);
    let discovery = Some(Discovery { seeders: vec![seeder.url()], book: Some(net.path("peers")) });
    let mut spv = Spv::start(Settings { discovery, ..settings(&[&named]) }).unwrap();
    for _ in 0..5 {
        ChainSource::tip(&mut spv).unwrap();
        std::thread::sleep(Duration::from_millis(50));
    }
    drop(spv);
    assert_eq!((named.connections(), named.told(), other.connections(), seeder.requests()), (1, 0, 0, 0));
    assert!(!net.path("peers").exists());
}

#[test]
fn seeders_are_asked_when_nobody_in_the_book_is_there_any_more() {
    let (net, mut sim) = Net::new(57);
    sim.mine(5).unwrap();
    let mut book = "dcrcold peers 1\nnetwork simnet\n".to_owned();
    // Nobody listens at port 1.
    for number in 100..130 {
        book += &format!("peer 127.{number}.0.1:1 4000000000 0\n");
    }
    let checksum = base16ct::lower::encode_string(&blake256::blake256(book.as_bytes()));
    std::fs::write(net.path("peers"), book + &format!("checksum {checksum}\n")).unwrap();
    let peer = peer_in(&net, 90, Fault::None);
    let seeder = Seeder::of(&[peer.address]);
    let discovery = Some(Discovery { seeders: vec![seeder.url()], book: Some(net.path("peers")) });
    let mut settings = Settings { discovery, ..settings_of(Vec::new()) };
    settings.timeouts.connect = Duration::from_millis(500);
    let mut spv = Spv::start(settings).unwrap();
    assert_eq!(seeder.requests(), 0, "the book comes first");
    assert_eq!(ChainSource::tip(&mut spv).unwrap(), Sim::tip(&mut sim).unwrap());
    assert_eq!((seeder.requests(), peer.connections()), (1, 1));
    assert!(spv.lost().any(|loss| loss.address.port == 1), "the book was tried");
}
