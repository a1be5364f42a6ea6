//! Peers that lie, break off or say nothing: each is named, and an honest one is asked instead.

use dcrcold::chain::headers::HeaderError;
use dcrcold::chain::sim::Sim;
use dcrcold::chain::spv::headers::{Headers, MOST_REPLACED, RefusedHeaders};
use dcrcold::chain::spv::wire::{Command, FrameError};
use dcrcold::chain::spv::{PeerError, Settings, Spv};
use dcrcold::chain::work::Work;
use dcrcold::chain::{ChainError, ChainSource};
use dcrcold_core::net::Network;
use dcrcold_signer::block::BlockHeader;
use dcrcold_signer::block::commitment::CommitmentError;

use crate::fault::Fault;
use crate::network::{Net, connect, settings};

type Case = (Fault, fn(&PeerError) -> bool);

fn is_rule(error: &PeerError, is: fn(&HeaderError) -> bool) -> bool {
    matches!(error, PeerError::Headers(RefusedHeaders::Rule { source, .. }) if is(source))
}

/// How a peer misbehaves, and by what name that goes.
const CASES: &[Case] = &[
    (Fault::EmptyFilter, |e| matches!(e, PeerError::FalseFilter(CommitmentError::Filter { .. }))),
    (Fault::FilterOfAnother, |e| matches!(e, PeerError::FalseFilter(CommitmentError::Filter { .. }))),
    (Fault::SecondCommitment, |e| matches!(e, PeerError::FalseFilter(CommitmentError::Position { index: 1, .. }))),
    (Fault::MissingFilter, |e| matches!(e, PeerError::MissingFilters { .. })),
    (Fault::UnattachedHeaders, |e| matches!(e, PeerError::Headers(RefusedHeaders::Unattached { .. }))),
    (Fault::HeaderWithoutWork, |e| is_rule(e, |rule| matches!(rule, HeaderError::Work { .. }))),
    (Fault::EasyHeader, |e| is_rule(e, |rule| matches!(rule, HeaderError::Bits { .. }))),
    (Fault::FutureHeader, |e| is_rule(e, |rule| matches!(rule, HeaderError::TooNew { .. }))),
    (Fault::NoHeaders, |e| matches!(e, PeerError::Stalled { question: Command::GetHeaders, .. })),
    (Fault::NoFilters, |e| matches!(e, PeerError::Stalled { question: Command::GetFilters, .. })),
    (Fault::NoHandshake, |e| matches!(e, PeerError::NoHandshake { .. })),
    (Fault::Oversized, |e| matches!(e, PeerError::Frame(FrameError::TooLong { found: 400_000, .. }))),
    (Fault::OtherNetwork, |e| matches!(e, PeerError::Frame(FrameError::OtherNetwork { .. }))),
    (Fault::Checksum, |e| matches!(e, PeerError::Frame(FrameError::Checksum { .. }))),
    (Fault::Trailing, |e| matches!(e, PeerError::Frame(FrameError::Payload { .. }))),
    (Fault::CutBlock, |e| matches!(e, PeerError::FalseBlock { .. })),
    (Fault::OtherBlock, |e| matches!(e, PeerError::OtherBlock { .. })),
    (Fault::UnrequestedBlock, |e| matches!(e, PeerError::Unrequested { found: Command::NotFound })),
    (Fault::UnrequestedFlood, |e| matches!(e, PeerError::Unrequested { found: Command::Filters })),
    (Fault::OldVersion, |e| matches!(e, PeerError::TooOld { .. })),
    (Fault::NoBlocks, |e| matches!(e, PeerError::NoBlocks { .. })),
    (Fault::VerackFirst, |e| matches!(e, PeerError::Handshake { found: Command::Verack, .. })),
    (Fault::LongEarlyTalk, |e| matches!(e, PeerError::Handshake { found: Command::SendHeaders, .. })),
    (Fault::EarlyTalkAt12, |e| matches!(e, PeerError::Handshake { found: Command::Ping, .. })),
    (Fault::EarlyFlood, |e| matches!(e, PeerError::Handshake { found: Command::Filters, .. })),
    (Fault::StrayPong, |e| matches!(e, PeerError::WrongPong)),
];

/// Asks for all there is; the first peer that fails is the one to blame.
fn ask_for_all(spv: &mut Spv) -> Result<usize, ChainError> {
    ChainSource::tip(spv)?;
    let headers = spv.headers_after(&[])?;
    let ids: Vec<_> = headers.iter().map(BlockHeader::id).collect();
    let filters = spv.filters(&ids)?;
    for id in ids.iter().rev().take(20) {
        spv.block(id)?;
    }
    Ok(filters.len())
}

#[test]
fn every_misbehaviour_is_survived_and_named() {
    let (net, mut sim) = Net::new(11);
    sim.mine(150).unwrap();
    let honest = net.peer(Fault::None);
    for (fault, is_named) in CASES {
        let liar = net.peer(*fault);
        // Alone, so that all questions go to it.
        let mut settings = settings(&[&liar]);
        settings.timeouts.patience = std::time::Duration::from_millis(2500);
        settings.timeouts.answer = std::time::Duration::from_millis(500);
        settings.timeouts.handshake = std::time::Duration::from_millis(500);
        let mut spv = Spv::start(settings.clone()).unwrap();
        let found = ask_for_all(&mut spv);
        assert!(found.is_err(), "{fault:?}");
        let named: Vec<_> = spv.lost().map(ToString::to_string).collect();
        assert!(spv.lost().any(|loss| loss.address == liar.address && is_named(&loss.error)), "{fault:?}: {named:?}");
        // Beside an honest peer it does no harm.
        settings.peers.push(honest.address.into());
        let mut spv = Spv::start(settings).unwrap();
        assert_eq!(ask_for_all(&mut spv).unwrap(), 150, "{fault:?}");
        assert!(spv.lost().all(|loss| loss.address == liar.address), "{fault:?}");
    }
    println!("ways to misbehave: {} cases", CASES.len());
    assert_eq!(CASES.len(), 26);
}

#[test]
fn an_offence_keeps_a_peer_away_and_a_broken_connection_does_not() {
    let (net, mut sim) = Net::new(12);
    sim.mine(30).unwrap();
    let (liar, honest) = (net.peer(Fault::EmptyFilter), net.peer(Fault::None));
    let mut spv = connect(&[&liar, &honest]);
    for _ in 0..3 {
        ask_for_all(&mut spv).unwrap();
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    assert_eq!(liar.connections(), 1);
    let mute = net.peer(Fault::NoFilters);
    let mut settings = settings(&[&mute]);
    settings.timeouts.answer = std::time::Duration::from_millis(200);
    settings.timeouts.patience = std::time::Duration::from_secs(2);
    ask_for_all(&mut Spv::start(settings).unwrap()).unwrap_err();
    assert!(mute.connections() > 1);
}

#[test]
fn a_node_below_version_12_may_talk_before_its_verack() {
    let (net, mut sim) = Net::new(22);
    sim.mine(30).unwrap();
    let early = net.peer(Fault::EarlyTalk);
    let mut spv = connect(&[&early]);
    // The server notes an offence where what it asked early is not answered, or answered twice.
    assert_eq!(ask_for_all(&mut spv).unwrap(), 30);
    assert!(spv.lost().next().is_none(), "{:?}", spv.lost().collect::<Vec<_>>());
    assert_eq!(early.connections(), 1);
    assert_eq!(early.states_told(), 1);
}

#[test]
fn a_handshake_out_of_order_ends_the_connection_and_bans_nobody() {
    let (net, mut sim) = Net::new(23);
    sim.mine(5).unwrap();
    let faults = [Fault::VerackFirst, Fault::LongEarlyTalk, Fault::EarlyTalkAt12, Fault::EarlyFlood];
    for fault in faults {
        let peer = net.peer(fault);
        let mut settings = settings(&[&peer]);
        settings.timeouts.patience = std::time::Duration::from_secs(1);
        ChainSource::tip(&mut Spv::start(settings).unwrap()).unwrap_err();
        assert!(peer.connections() > 1, "{fault:?}: it is tried again");
    }
    println!("handshakes out of order: {} cases", faults.len());
}

#[test]
fn a_chain_of_too_little_work_is_not_believed() {
    let (net, mut sim) = Net::new(13);
    sim.mine(40).unwrap();
    let peer = net.peer(Fault::None);
    let all: Work =
        sim.headers_after(&[]).unwrap().iter().fold(Work::ZERO, |sum, header| sum.plus(Work::of(header.bits)));
    let demanding = |least_work| {
        let mut settings = Settings { least_work: Some(least_work), ..settings(&[&peer]) };
        settings.timeouts.patience = std::time::Duration::from_millis(500);
        Spv::start(settings).unwrap()
    };
    assert_eq!(ask_for_all(&mut demanding(all)).unwrap(), 40);
    let mut spv = demanding(all.plus(Work::from_u128(1)));
    ask_for_all(&mut spv).unwrap_err();
    assert!(spv.lost().any(|loss| matches!(&*loss.error, PeerError::LowWork { found, .. } if *found == all)));
}

#[test]
fn headers_that_are_known_are_not_asked_for_over_and_over() {
    let (net, mut sim) = Net::new(16);
    sim.mine(30).unwrap();
    let peer = net.peer(Fault::OldHeaders);
    let mut spv = connect(&[&peer]);
    for requests in 1..=3 {
        assert_eq!(ChainSource::tip(&mut spv).unwrap(), Sim::tip(&mut sim).unwrap());
        assert_eq!(peer.requests(), requests);
    }
}

#[test]
fn a_false_beginning_of_the_chain_is_blamed_on_nobody_else() {
    // Honest headers branch off deeper than is looked at.
    let mut false_sim = Sim::in_memory(dcrcold::chain::sim::Settings::new(17));
    let (net, mut sim) = Net::new(18);
    false_sim.mine(MOST_REPLACED + 10).unwrap();
    sim.mine(MOST_REPLACED + 20).unwrap();
    let all = sim.headers_after(&[]).unwrap();
    let least_work = Some(all.iter().fold(Work::ZERO, |sum, header| sum.plus(Work::of(header.bits))));
    // Who told the false ones broke off before all were told.
    let path = net.path("headers");
    let mut file = Headers::open(&path, Network::Simnet).unwrap();
    file.add(&false_sim.headers_after(&[]).unwrap(), i64::from(u32::MAX)).unwrap();
    drop(file);
    let honest = net.peer(Fault::None);
    let mut spv = Spv::start(Settings { headers: Some(path), least_work, ..settings(&[&honest]) }).unwrap();
    assert_eq!(ChainSource::tip(&mut spv).unwrap(), Sim::tip(&mut sim).unwrap());
    assert!(spv.lost().next().is_none(), "{:?}", spv.lost().collect::<Vec<_>>());
}

#[test]
fn a_peer_that_only_shakes_hands_is_tried_ever_more_rarely() {
    let (net, mut sim) = Net::new(19);
    sim.mine(5).unwrap();
    let mute = net.peer(Fault::NoHeaders);
    let mut settings = settings(&[&mute]);
    settings.timeouts.answer = std::time::Duration::from_millis(10);
    settings.timeouts.retry = std::time::Duration::from_millis(100);
    settings.timeouts.patience = std::time::Duration::from_secs(2);
    ChainSource::tip(&mut Spv::start(settings).unwrap()).unwrap_err();
    // Pauses of 100, 200, 300 ms and so on: six of them fill the time.
    assert!((2..=8).contains(&mute.connections()), "{} connections", mute.connections());
}

#[test]
fn what_may_be_our_own_fault_is_no_offence() {
    let (net, mut sim) = Net::new(20);
    sim.mine(30).unwrap();
    for fault in [Fault::FutureHeader, Fault::UnattachedHeaders] {
        let peer = net.peer(fault);
        let mut settings = settings(&[&peer]);
        settings.timeouts.patience = std::time::Duration::from_secs(2);
        let mut spv = Spv::start(settings).unwrap();
        ChainSource::tip(&mut spv).unwrap_err();
        assert!(peer.connections() > 1, "{fault:?}");
        assert!(spv.lost().all(|loss| loss.error.is_too_new() == (fault == Fault::FutureHeader)), "{fault:?}");
    }
}

#[test]
fn the_chain_with_more_work_wins_whoever_is_asked_first() {
    let (long_net, mut long) = Net::new(14);
    let (short_net, mut short) = Net::new(15);
    long.mine(60).unwrap();
    short.mine(50).unwrap();
    let (longer, shorter) = (long_net.peer(Fault::None), short_net.peer(Fault::None));
    for peers in [[&longer, &shorter], [&shorter, &longer]] {
        let mut spv = connect(&peers);
        // The first that is there waits for the other one.
        assert_eq!(ChainSource::tip(&mut spv).unwrap(), Sim::tip(&mut long).unwrap());
        assert_eq!(spv.network(), Network::Simnet);
    }
}
