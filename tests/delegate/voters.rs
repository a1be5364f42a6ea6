//! Tickets that were bought under one voter and are dealt for by another: after a leak, or when they leave a voting box.

use dcrcold::delegate::complete_evidence;
use dcrcold::wallet::Wallet;
use dcrcold::wallet::purchase::PurchaseError;
use dcrcold::wallet::vsp_tickets::VspState;
use dcrcold_core::hash::TxId;
use dcrcold_core::net::Network;
use dcrcold_core::path::{Generation, Index, VoterAccount};
use dcrcold_core::script::Payee;
use dcrcold_signer::address::Address;
use dcrcold_signer::transfer::Encode;
use dcrcold_signer::wif::Wif;

use crate::chain::pay_to;
use crate::fixture::sign_bytes;
use crate::vsp::http::TestVsp;
use crate::world::{MOST, World, hot_keys};

pub fn second() -> Generation {
    Generation::new(1).unwrap()
}

/// Changes over to the next generation of the own voter, whose purse gets a coin; the keys before are still here.
pub fn rotate(world: &mut World) {
    let keys = hot_keys(second());
    world.wallet.rotate_own_voter(second(), &keys.public(), &world.clock).unwrap();
    world.others = vec![std::mem::replace(&mut world.keys, keys)];
}

pub fn fill_purse(world: &mut World) {
    let purse = world.keys.public().hash(VoterAccount::Purse, Index::FIRST).unwrap();
    world.node.sim().fund(&pay_to(purse), MOST).unwrap();
    world.mine(1, &[]);
}

/// The cold side signs what the tickets lack for the voter at work; says how many tickets each request is for.
pub fn register(world: &mut World, tickets: &[TxId]) -> Vec<usize> {
    let voter = Some(world.keys.fingerprint());
    let prepared = world.wallet.prepare_registrations(voter, tickets, &world.clock).unwrap();
    for request in &prepared {
        let answer = sign_bytes(&request.request, &request.id).to_container(Network::Simnet).unwrap();
        assert_eq!(world.wallet.accept_registrations(&answer).unwrap(), request.tickets);
    }
    prepared.iter().map(|request| request.tickets.len()).collect()
}

pub fn indexes(world: &World, vsp: &TestVsp) -> Vec<u32> {
    world.rows(vsp).iter().map(|row| row.index.number()).collect()
}

/// Three tickets of two purchases under the first generation, and one under the second.
fn bought() -> (World, TestVsp, Vec<TxId>) {
    let mut world = World::new(&[200, 200, 200]);
    let mut tickets = world.buy(1, None).tickets;
    world.mine(1, &[]);
    tickets.extend(world.buy(2, None).tickets);
    world.mine(1, &[]);
    rotate(&mut world);
    world.buy(1, None);
    world.mine(1, &[]);
    let vsp = world.vsp(1);
    (world, vsp, tickets)
}

#[test]
fn tickets_of_a_rotated_generation_are_registered_under_the_next_one_and_voted() {
    let (mut world, vsp, tickets) = bought();
    // Key 0 of the new generation is that of its own ticket.
    assert_eq!(register(&mut world, &tickets), [3], "one trip");
    for ticket in &tickets {
        world.want_ticket(&vsp, ticket);
    }
    assert_eq!(indexes(&world, &vsp), [1, 2, 3]);
    fill_purse(&mut world);
    world.advance(&vsp).unwrap();
    // Nothing of it is only in memory.
    world.wallet = Wallet::open(&world.fixture.path("wallet.db")).unwrap();
    world.confirm(&vsp);
    let payment = world.rows(&vsp)[0].payment.unwrap();
    let own = world.keys.public().hash(VoterAccount::Purse, Index::FIRST).unwrap();
    let coin = world.wallet.payment(&payment).unwrap().0.inputs[0].previous;
    let paid = world.wallet.transaction(&coin.id).unwrap().unwrap().outputs[coin.index as usize].script.clone();
    assert_eq!(paid, pay_to(own), "the purse of the voter that deals pays");
    for row in world.rows(&vsp) {
        let voting = world.wallet.ticket(&row.ticket).unwrap().unwrap().voting;
        let alt_sign = world.keys.public().hash(VoterAccount::AltSign, row.index).unwrap();
        vsp.rules(|rules| {
            let row = &rules.rows[&row.ticket];
            let given = Wif::parse(row.voting_key.as_ref().unwrap(), Network::Simnet).unwrap();
            assert_eq!(voting, Payee::KeyHash(given.public_key().unwrap().hash()));
            assert_eq!(row.alt_sign, Some(Address::of_key_hash(Network::Simnet, alt_sign)));
        });
    }
    let mut voted = 0;
    while voted < 2 {
        world.mine(1, &[&vsp]);
        let ended = |id: &TxId| world.wallet.ticket(id).unwrap().unwrap().ending.is_some();
        voted = tickets.iter().filter(|id| ended(id)).count();
    }
    println!("tickets under another voter: {} confirmed, {voted} voted", tickets.len());
}

#[test]
fn the_voting_key_of_another_voter_is_in_no_file_and_its_evidence_is_whole_with_it() {
    let (mut world, vsp, tickets) = bought();
    register(&mut world, &tickets[..1]);
    world.want_ticket(&vsp, &tickets[0]);
    fill_purse(&mut world);
    world.advance(&vsp).unwrap();
    let row = world.rows(&vsp).remove(0);
    assert_eq!(row.state, VspState::FeePaid);
    let key = world.others[0].wif(Index::FIRST).unwrap();
    let alt_sign = world.keys.public().hash(VoterAccount::AltSign, row.index).unwrap();
    let owner = world.wallet.ticket(&tickets[0]).unwrap().unwrap().reward_path.unwrap();
    let owner = world.fixture.keys.hash(owner).unwrap();
    let signers = [owner, alt_sign].map(|hash| Address::of_key_hash(Network::Simnet, hash));
    let mut proven = 0;
    for kept in world.wallet.exchanges(&tickets[0]).unwrap() {
        assert!(!kept.contains(&*key.to_text()));
        complete_evidence(&kept, Some(&key)).unwrap().check(&signers).unwrap();
        proven += 1;
    }
    assert_eq!(proven, 4, "setaltsignaddr, feeaddress, payfee, ticketstatus");
}

#[test]
fn a_ticket_whose_voting_key_is_not_here_is_held_up_by_name_before_anything_is_sent() {
    let (mut world, vsp, tickets) = bought();
    register(&mut world, &tickets[..1]);
    world.want_ticket(&vsp, &tickets[0]);
    let before = world.others.remove(0);
    world.advance(&vsp).unwrap();
    let expected =
        format!("the ticket is voted by a key of voter {}, whose hot keys are not here", before.fingerprint());
    assert_eq!(world.troubles(&vsp), [expected]);
    assert_eq!(world.rows(&vsp)[0].trouble.as_ref().unwrap().retry_at, None);
    assert_eq!(vsp.served("setaltsignaddr"), 0);
    world.others.push(before);
    fill_purse(&mut world);
    world.confirm(&vsp);
}

#[test]
fn a_ticket_of_a_voter_that_is_not_known_is_not_even_asked_for() {
    let (mut world, _, tickets) = bought();
    world.mine(1, &[]);
    let of_second =
        world.wallet.tickets().unwrap().into_iter().find(|ticket| !tickets.contains(&ticket.id)).unwrap().id;
    world.wallet = world.fixture.wallet("anew.db");
    world.sync();
    let refused = world.wallet.prepare_registrations(None, &[of_second], &world.clock).unwrap_err();
    assert!(matches!(refused, PurchaseError::NoVotingKey { ticket } if ticket == of_second), "{refused}");
    let voter = hot_keys(second()).public();
    world.wallet.add_voter(&voter, &world.clock).unwrap();
    let prepared = world.wallet.prepare_registrations(None, &[of_second], &world.clock).unwrap();
    assert_eq!(prepared.len(), 1);
}

#[test]
fn another_voter_takes_over_only_before_the_vsp_was_told_of_a_key() {
    let (mut world, vsp, tickets) = bought();
    register(&mut world, &tickets[..2]);
    let (first, second) = (world.others[0].fingerprint(), world.keys.fingerprint());
    let (address, clock) = (vsp.address(), &world.clock);
    let want = |wallet: &mut Wallet, ticket: usize, voter| {
        wallet.want_vsp(&tickets[ticket], &address, (voter, Index::FIRST), clock).unwrap()
    };
    assert!(want(&mut world.wallet, 0, first));
    assert!(want(&mut world.wallet, 0, second));
    assert!(want(&mut world.wallet, 1, first));
    let row = world.wallet.tickets_with(&address).unwrap().into_iter().find(|row| row.ticket == tickets[1]).unwrap();
    let told = dcrcold::wallet::vsp_tickets::VspTicket { state: VspState::Registered, ..row.clone() };
    assert!(world.wallet.save_vsp_ticket(&row, &told, None, clock).unwrap());
    assert!(!want(&mut world.wallet, 1, second));
}

/// Two requests that wait for their answers name different keys, and none is so far that a signer would refuse it.
#[test]
fn requests_that_wait_keep_their_indexes_apart_within_what_a_signer_takes() {
    let (mut world, _, tickets) = bought();
    let voter = Some(world.keys.fingerprint());
    let mut firsts = Vec::new();
    for _ in 0..30 {
        let prepared = world.wallet.prepare_registrations(voter, &tickets[..1], &world.clock).unwrap();
        let answer = sign_bytes(&prepared[0].request, &prepared[0].id);
        assert_eq!(answer.messages.len(), 1);
        firsts.push(prepared[0].id);
    }
    firsts.dedup();
    assert_eq!(firsts.len(), 20, "from 1 to 20, one ticket was bought with key 0");
}
