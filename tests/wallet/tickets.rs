//! Tickets from the mempool to the return of the coins.

use dcrcold::wallet::TicketState;
use dcrcold_core::amount::Height;
use dcrcold_core::net::Network;
use dcrcold_signer::tx::{OutPoint, Transaction, Tree};

use crate::chain::{STRANGER, TestChain, amount};
use crate::fixture::{Fixture, sync};

const PRICE: u64 = 20_000;

/// A chain at height 160 whose last block holds a ticket of ours.
fn bought(fixture: &Fixture) -> (TestChain, Transaction) {
    let mut chain = TestChain::new();
    chain.mine_empty(158);
    let paid = chain.payment(&[(fixture.external(0), PRICE + 2980)]);
    let coin = OutPoint { id: paid.id(), index: 0, tree: Tree::Regular };
    chain.mine(vec![paid], vec![]);
    let ticket = chain.ticket(coin, PRICE, fixture.internal(2));
    chain.mine(vec![], vec![ticket.clone()]);
    (chain, ticket)
}

#[test]
fn a_ticket_is_found_by_its_funding_and_matures_back_after_its_vote() {
    let fixture = Fixture::new();
    let (mut chain, ticket) = bought(&fixture);
    let mut wallet = fixture.wallet("w");
    sync(&mut wallet, &mut chain);
    let found = wallet.tickets().unwrap()[0];
    assert_eq!((found.id, found.height, found.price), (ticket.id(), Some(Height(160)), amount(PRICE)));
    assert_eq!(found.live_at(Network::Simnet), Some(Height(176)));
    assert_eq!(found.expires_at(Network::Simnet), Some(Height(560)));
    assert_eq!(found.reward_path.unwrap().to_string(), "1/2");
    assert_eq!(wallet.balance().unwrap().locked_by_tickets, amount(PRICE));
    assert_eq!(found.state(Network::Simnet, Height(175)), TicketState::Immature);
    assert_eq!(found.state(Network::Simnet, Height(176)), TicketState::Live);
    chain.mine_empty(17);
    let vote = chain.vote(&ticket);
    let reward = u64::try_from(vote.outputs[2].value.0).unwrap();
    chain.mine(vec![], vec![vote]);
    sync(&mut wallet, &mut chain);
    let found = wallet.tickets().unwrap()[0];
    let ending = found.ending.unwrap();
    assert_eq!((ending.how, ending.height, ending.paid), (TicketState::Voted, Some(Height(178)), amount(reward)));
    assert_eq!(found.state(Network::Simnet, Height(192)), TicketState::Voted);
    assert_eq!(found.state(Network::Simnet, Height(193)), TicketState::MaturedBack);
    let balance = wallet.balance().unwrap();
    assert_eq!((balance.immature, balance.locked_by_tickets), (amount(reward), amount(0)));
    assert!(reward > PRICE);
}

#[test]
fn a_ticket_paid_by_a_stranger_is_found_by_its_commitment() {
    let (fixture, mut chain) = (Fixture::new(), TestChain::new());
    let ticket = chain.strangers_ticket(PRICE, fixture.internal(5));
    chain.mine(vec![], vec![ticket]);
    let mut wallet = fixture.wallet("w");
    sync(&mut wallet, &mut chain);
    assert_eq!(wallet.tickets().unwrap().len(), 1);
}

#[test]
fn a_vote_that_pays_somebody_else_is_seen() {
    let (fixture, mut chain) = (Fixture::new(), TestChain::new());
    let paid = chain.payment(&[(fixture.external(0), PRICE + 2980)]);
    let coin = OutPoint { id: paid.id(), index: 0, tree: Tree::Regular };
    chain.mine(vec![paid], vec![]);
    let ticket = chain.ticket(coin, PRICE, STRANGER);
    chain.mine(vec![], vec![ticket.clone()]);
    chain.mine_empty(18);
    let vote = chain.vote(&ticket);
    chain.mine(vec![], vec![vote]);
    let mut wallet = fixture.wallet("w");
    sync(&mut wallet, &mut chain);
    let found = wallet.tickets().unwrap()[0];
    assert_eq!(found.ending.unwrap().how, TicketState::Voted);
    assert_eq!((found.ending.unwrap().paid, found.own_price()), (amount(0), amount(0)));
}

#[test]
fn the_end_of_a_ticket_found_late_is_seen_though_its_payee_was_watched_before() {
    let (fixture, mut chain) = (Fixture::new(), TestChain::new());
    // The second ticket is paid from an address beyond the window; both pay the same stranger.
    let paid = chain.payment(&[(fixture.external(0), PRICE + 2980), (fixture.external(110), PRICE + 2980)]);
    let coin = |index| OutPoint { id: paid.id(), index, tree: Tree::Regular };
    let (coins, paid) = ([coin(0), coin(1)], paid.clone());
    chain.mine_empty(150);
    chain.mine(vec![paid], vec![]);
    let tickets = coins.map(|coin| chain.ticket(coin, PRICE, STRANGER));
    chain.mine(vec![], tickets.to_vec());
    chain.mine_empty(18);
    let votes = tickets.each_ref().map(|ticket| chain.vote(ticket));
    chain.mine(vec![], votes.to_vec());
    let mut wallet = fixture.wallet("w");
    sync(&mut wallet, &mut chain);
    assert_eq!(wallet.tickets().unwrap().len(), 1);
    let bridge = chain.payment(&[(fixture.external(95), 1)]);
    chain.mine(vec![bridge], vec![]);
    sync(&mut wallet, &mut chain);
    let found = wallet.tickets().unwrap();
    assert_eq!(found.len(), 2);
    assert!(found.iter().all(|ticket| ticket.ending.is_some_and(|ending| ending.how == TicketState::Voted)));
}

#[test]
fn a_revocation_is_a_miss_before_the_expiry_and_an_expiry_at_it() {
    for (wait, expected) in [(20, TicketState::Missed), (399, TicketState::Expired), (398, TicketState::Missed)] {
        let fixture = Fixture::new();
        let (mut chain, ticket) = bought(&fixture);
        chain.mine_empty(wait);
        let revocation = chain.revocation(&ticket);
        chain.mine(vec![], vec![revocation]);
        let mut wallet = fixture.wallet("w");
        sync(&mut wallet, &mut chain);
        let found = wallet.tickets().unwrap()[0];
        let ending = found.ending.unwrap();
        assert_eq!((ending.how, ending.paid), (expected, amount(PRICE)), "after {wait} blocks");
        assert_eq!(wallet.balance().unwrap().immature, amount(PRICE));
        chain.mine_empty(15);
        sync(&mut wallet, &mut chain);
        assert_eq!(wallet.balance().unwrap().spendable, amount(PRICE));
        let tip = wallet.height().unwrap();
        assert_eq!(found.state(Network::Simnet, tip), TicketState::MaturedBack);
    }
}
