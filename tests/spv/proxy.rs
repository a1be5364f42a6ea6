//! Over a SOCKS5 proxy everything goes, or nothing does.

use std::collections::{HashMap, HashSet};
use std::net::{SocketAddr, TcpListener};
use std::time::{Duration, Instant};

use dcrcold::chain::sim::Sim;
use dcrcold::chain::spv::wire::Host;
use dcrcold::chain::spv::{Discovery, PeerAddress, PeerError, Settings, SocksError, Spv};
use dcrcold::chain::{ChainError, ChainSource};
use dcrcold_core::net::Network;

use crate::discovery::peer_in;
use crate::fault::Fault;
use crate::network::{Net, settings, settings_of, timeouts};
use crate::seeder::Seeder;
use crate::server::Server;
use crate::socks::{Manner, Proxy};

/// A seeder that only the proxy finds, and peers that only this seeder names.
fn over(proxy: &Proxy, peers: &[Server]) -> Spv {
    let discovery = Some(Discovery { seeders: vec!["http://seeder.invalid".to_owned()], book: None });
    let settings = Settings { discovery, proxy: Some(proxy.address), ..settings_of(Vec::new()) };
    let mut spv = Spv::start(settings).unwrap();
    let end = Instant::now() + Duration::from_secs(20);
    while peers.iter().any(|peer| peer.connections() == 0) {
        assert!(Instant::now() < end, "{:?}", spv.lost().map(ToString::to_string).collect::<Vec<_>>());
        ChainSource::tip(&mut spv).unwrap();
    }
    spv
}

#[test]
fn everything_goes_over_the_proxy_and_names_are_not_looked_up_here() {
    let (net, mut sim) = Net::new(61);
    sim.mine(30).unwrap();
    for manner in [Manner::Login, Manner::NoLogin] {
        let peers = [1, 2, 3].map(|number| peer_in(&net, number, Fault::None));
        let seeder = Seeder::of(&peers.each_ref().map(|peer| peer.address));
        let proxy = Proxy::start(manner, HashMap::from([("seeder.invalid".to_owned(), seeder.address)]));
        let mut spv = over(&proxy, &peers);
        assert_eq!(ChainSource::tip(&mut spv).unwrap(), Sim::tip(&mut sim).unwrap());
        assert!(spv.lost().next().is_none(), "{:?}", spv.lost().collect::<Vec<_>>());
        let targets = proxy.targets();
        let to = |name: &str| targets.iter().filter(|(_, target)| target == name).count();
        assert_eq!((to("seeder.invalid"), seeder.requests()), (1, 1));
        for peer in &peers {
            assert_eq!(to(&peer.address.to_string()), peer.connections(), "no connection past the proxy");
        }
        // Each peer under another login, where there are any.
        let logins: HashSet<_> = targets.iter().filter_map(|(login, _)| login.as_ref()).collect();
        assert_eq!(logins.len(), if manner == Manner::Login { peers.len() } else { 0 });
    }
}

/// Onion services, each of which the proxy finds to be a peer.
fn onions(peers: &[Server]) -> (Vec<PeerAddress>, HashMap<String, SocketAddr>) {
    let onion = |number: usize| Host::Onion([u8::try_from(64 * number).unwrap(); 32]);
    let named = peers.iter().enumerate().map(|(number, peer)| (onion(number), peer.address));
    let addresses = named.clone().map(|(host, _)| PeerAddress { host, port: 18555 }).collect();
    (addresses, named.map(|(host, address)| (host.to_string(), address)).collect())
}

#[test]
fn onion_services_are_peers_over_the_proxy() {
    let (net, mut sim) = Net::new(65);
    sim.mine(5).unwrap();
    let peers = [net.peer(Fault::None), net.peer(Fault::None)];
    let (addresses, names) = onions(&peers);
    let proxy = Proxy::start(Manner::Login, names);
    // One is named, and does not tell of the other, since whoever names peers names all.
    peers[0].tell_of(&addresses[1..]);
    let named = Settings { timeouts: timeouts(), ..Settings::new(Network::Simnet, addresses[..1].to_vec()) };
    let mut spv = Spv::start(Settings { proxy: Some(proxy.address), ..named.clone() }).unwrap();
    assert_eq!(ChainSource::tip(&mut spv).unwrap(), Sim::tip(&mut sim).unwrap());
    drop(spv);
    // One is told of by a peer, and stands in the book for the next run.
    let first = peer_in(&net, 90, Fault::None);
    first.tell_of(&addresses);
    let seeder = Seeder::of(&[first.address]);
    let discovery = Some(Discovery { seeders: vec![seeder.url()], book: Some(net.path("peers")) });
    let found = Settings { discovery, ..settings_of(Vec::new()) };
    let mut spv = Spv::start(Settings { proxy: Some(proxy.address), ..found.clone() }).unwrap();
    let end = Instant::now() + Duration::from_secs(20);
    while peers[1].connections() == 0 {
        assert!(Instant::now() < end, "{:?}", spv.lost().map(ToString::to_string).collect::<Vec<_>>());
        ChainSource::tip(&mut spv).unwrap();
    }
    drop(spv);
    let targets = proxy.targets();
    for address in &addresses {
        assert!(targets.iter().any(|(_, target)| *target == address.host.to_string()), "{address}: {targets:?}");
        assert!(std::fs::read_to_string(net.path("peers")).unwrap().contains(&format!("peer {address} ")));
    }
    // Without a proxy none is tried, and those in the book stay there.
    let before = [peers[0].connections(), peers[1].connections()];
    let mut spv = Spv::start(found).unwrap();
    assert_eq!(ChainSource::tip(&mut spv).unwrap(), Sim::tip(&mut sim).unwrap());
    assert!(spv.lost().next().is_none(), "{:?}", spv.lost().collect::<Vec<_>>());
    drop(spv);
    assert!(std::fs::read_to_string(net.path("peers")).unwrap().contains(".onion:18555 "));
    let mut spv = Spv::start(named).unwrap();
    ChainSource::tip(&mut spv).unwrap_err();
    assert!(spv.lost().all(|loss| matches!(&*loss.error, PeerError::NoProxy)));
    assert_eq!([peers[0].connections(), peers[1].connections()], before);
}

#[test]
fn without_the_proxy_nothing_is_reached() {
    let (net, mut sim) = Net::new(62);
    sim.mine(5).unwrap();
    let peer = net.peer(Fault::None);
    let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut spv = Spv::start(Settings { proxy: Some(gone), ..settings(&[&peer]) }).unwrap();
    let error = ChainSource::tip(&mut spv).unwrap_err();
    assert!(matches!(error, ChainError::Unavailable(_)), "{error}");
    assert!(spv.lost().all(|loss| matches!(&*loss.error, PeerError::Proxy(SocksError::Connect(_)))));
    let seeder = Seeder::of(&[peer.address]);
    let discovery = Some(Discovery { seeders: vec![seeder.url()], book: None });
    let mut spv = Spv::start(Settings { discovery, proxy: Some(gone), ..settings_of(Vec::new()) }).unwrap();
    ChainSource::tip(&mut spv).unwrap_err();
    assert_eq!((peer.connections(), seeder.requests()), (0, 0));
}

#[test]
fn a_proxy_that_comes_back_is_used_again() {
    let (net, mut sim) = Net::new(64);
    sim.mine(5).unwrap();
    let peer = net.peer(Fault::None);
    let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut spv = Spv::start(Settings { proxy: Some(gone), ..settings(&[&peer]) }).unwrap();
    ChainSource::tip(&mut spv).unwrap_err();
    let _proxy = Proxy::on(TcpListener::bind(gone).unwrap(), Manner::Login, HashMap::new());
    assert_eq!(ChainSource::tip(&mut spv).unwrap(), Sim::tip(&mut sim).unwrap());
}

type Case = (Manner, fn(&SocksError) -> bool);

const CASES: &[Case] = &[
    (Manner::NoMethod, |e| matches!(e, SocksError::Login)),
    (Manner::WrongLogin, |e| matches!(e, SocksError::Login)),
    (Manner::Refuses, |e| matches!(e, SocksError::Refused { code: 5 })),
    (Manner::Http, |e| matches!(e, SocksError::Malformed { found: b'H', .. })),
    (Manner::HangsUp, |e| matches!(e, SocksError::Broken(_))),
];

#[test]
fn what_a_proxy_does_wrong_is_named_and_not_blamed_on_the_peer() {
    let (net, mut sim) = Net::new(63);
    sim.mine(5).unwrap();
    let peer = net.peer(Fault::None);
    for (manner, is_named) in CASES {
        let proxy = Proxy::start(*manner, HashMap::new());
        let mut settings = Settings { proxy: Some(proxy.address), ..settings(&[&peer]) };
        settings.timeouts.retry = Duration::from_millis(500);
        let mut spv = Spv::start(settings).unwrap();
        ChainSource::tip(&mut spv).unwrap_err();
        let named: Vec<_> = spv.lost().map(ToString::to_string).collect();
        assert!(named.len() > 1, "{manner:?}: it is tried again: {named:?}");
        let fits = |error: &PeerError| matches!(error, PeerError::Proxy(error) if is_named(error));
        assert!(spv.lost().all(|loss| fits(&loss.error)), "{manner:?}: {named:?}");
    }
    println!("proxies that are of no use: {} cases", CASES.len());
    assert_eq!((CASES.len(), peer.connections()), (5, 0));
}
