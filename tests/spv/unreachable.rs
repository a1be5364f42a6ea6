//! Nobody is there: that is told early, and given up soon.

use std::cell::RefCell;
use std::net::{SocketAddr, TcpListener};
use std::rc::Rc;
use std::time::Duration;

use dcrcold::chain::sim::Sim;
use dcrcold::chain::spv::{Discovery, Loss, PeerError, Search, Settings, Spv, SpvError};
use dcrcold::chain::{ChainError, ChainSource};

use crate::discovery::peer_in;
use crate::fault::Fault;
use crate::network::{Net, settings_of};
use crate::seeder::Seeder;

/// Addresses of this computer at which nobody listens.
fn nobody<const N: usize>() -> [SocketAddr; N] {
    let listeners: [TcpListener; N] = std::array::from_fn(|_| TcpListener::bind("127.0.0.1:0").unwrap());
    listeners.map(|listener| listener.local_addr().unwrap())
}

/// Starts, and notes what is told of the search for a peer.
fn start(mut settings: Settings) -> (Spv, Rc<RefCell<Vec<Option<Search>>>>) {
    settings.timeouts.retry = Duration::from_millis(300);
    let mut spv = Spv::start(settings).unwrap();
    let told = Rc::<RefCell<Vec<_>>>::default();
    let notes = Rc::clone(&told);
    spv.on_search(move |search| notes.borrow_mut().push(search.cloned()));
    (spv, told)
}

fn fail(spv: &mut Spv) -> SpvError {
    match ChainSource::tip(spv).unwrap_err() {
        ChainError::Unavailable(source) => *source.downcast().unwrap(),
        other => panic!("{other}"),
    }
}

fn addresses(lost: &[Loss]) -> Vec<SocketAddr> {
    assert!(lost.iter().all(|loss| matches!(&*loss.error, PeerError::Connect(_))));
    let mut addresses: Vec<_> = lost.iter().filter_map(|loss| loss.address.socket_address()).collect();
    addresses.sort_unstable();
    addresses
}

#[test]
fn unreachable_peers_are_named_early_and_given_up_when_each_was_tried_twice() {
    let mut peers = nobody::<2>();
    let (mut spv, told) = start(settings_of(peers.to_vec()));
    peers.sort_unstable();
    for round in 1..=2 {
        let error = fail(&mut spv);
        let SpvError::NoneLeft { lost, seeders } = &error else { panic!("{error}") };
        assert_eq!((addresses(lost), seeders.len()), (peers.to_vec(), 0), "each of them once");
        // 30 s of patience would be room for more than thirty tries.
        assert!(spv.lost().count() <= 6 * round, "{} tries", spv.lost().count());
        let told = std::mem::take(&mut *told.borrow_mut());
        let late = told.iter().flatten().find(|search| search.is_late).expect("it is told before it fails");
        assert_eq!(addresses(&late.lost), peers);
        assert!(told.last().is_some_and(Option::is_none), "the end of the search is told");
    }
}

#[test]
fn a_book_of_dead_addresses_leads_to_the_seeders_at_once_and_both_are_named() {
    let dead = nobody::<1>();
    let failing = Seeder::start(503, Vec::new());
    let text = format!("dcrcold peers 1\nnetwork simnet\npeer {} 4000000000 0\n", dead[0]);
    let checksum = base16ct::lower::encode_string(&blake256::blake256(text.as_bytes()));
    let (net, mut sim) = Net::new(71);
    std::fs::write(net.path("peers"), text + &format!("checksum {checksum}\n")).unwrap();
    let discover = |seeder: &Seeder| {
        let discovery = Discovery { seeders: vec![seeder.url()], book: Some(net.path("peers")) };
        Settings { discovery: Some(discovery), ..settings_of(Vec::new()) }
    };
    let error = fail(&mut start(discover(&failing)).0);
    let SpvError::NoneLeft { lost, seeders } = &error else { panic!("{error}") };
    assert_eq!((addresses(lost), seeders.len()), (dead.to_vec(), 1), "{error}");
    assert!(error.to_string().contains(&failing.url()), "{error}");
    // One that names a peer in time is all that is needed.
    sim.mine(5).unwrap();
    let peer = peer_in(&net, 80, Fault::None);
    let (mut spv, told) = start(discover(&Seeder::of(&[peer.address])));
    assert_eq!(ChainSource::tip(&mut spv).unwrap(), Sim::tip(&mut sim).unwrap());
    assert!(told.borrow().last().is_some_and(Option::is_none));
}
