//! The answer is right, and comes at the wrong time: late, again, or for a purchase that was given up.

use dcrcold::chain::ChainSource;
use dcrcold::wallet::SystemClock;
use dcrcold::wallet::purchase::{PurchaseError, PurchaseState};
use dcrcold_core::machine::NoMemory;
use dcrcold_signer::signer::review;
use dcrcold_signer::transfer::Answer;

use crate::files;
use crate::files::order::order;
use crate::world::{Stopped, World, encoded};

/// Submits the right answer and sees that nothing is sent for it.
fn too_late(world: &mut World, expected: impl Fn(&PurchaseError) -> bool) {
    let right = world.right();
    match world.submit(&right) {
        Err(Stopped::Purchase(error)) => assert!(expected(&error), "{error:?}"),
        other => panic!("{other:?}"),
    }
    assert_eq!((world.chain.sends, world.waiting()), (0, vec![false; 3]), "something was broadcast");
}

#[test]
fn answers_a_purchase_that_was_given_up() {
    let mut world = World::new();
    world.wallet.cancel(&world.id.clone(), &SystemClock).unwrap();
    too_late(&mut world, |error| matches!(error, PurchaseError::Cancelled { .. }));
    assert_eq!(world.state(), PurchaseState::Cancelled);
}

/// Its tickets could not be mined any more, so the split is not sent either.
#[test]
fn keeps_the_answer_until_its_tickets_have_expired() {
    let mut world = World::new();
    let expiry = world.wallet.purchases().unwrap()[0].expiry;
    world.chain.sim.mine_to(expiry).unwrap();
    too_late(&mut world, |error| matches!(error, PurchaseError::Expired { .. } | PurchaseError::PriceRose { .. }));
    assert_eq!(world.state(), PurchaseState::Answered);
    // The coins are free again once it is given up.
    world.wallet.cancel(&world.id.clone(), &SystemClock).unwrap();
}

/// A coin of the purchase went elsewhere meanwhile, by another answer that was kept back and sent first.
#[test]
fn sends_two_answers_over_one_coin() {
    let mut world = World::new();
    let first = world.answer.clone();
    world.wallet.cancel(&world.id.clone(), &SystemClock).unwrap();
    let price = world.chain.price().unwrap();
    let again = world.wallet.prepare(&order(1), &price, &SystemClock).unwrap();
    let cold = files::contents(dcrcold_core::net::Network::Simnet);
    let reviewed = review(&again.request, &cold, &mut NoMemory).unwrap();
    let second: Answer = reviewed.approve(&again.id).unwrap().sign(&mut NoMemory).unwrap();
    world.submit(&encoded(&second)).unwrap();
    let sends = world.chain.sends;
    let stopped = world.submit(&encoded(&first)).unwrap_err();
    assert!(matches!(stopped, Stopped::Purchase(PurchaseError::Cancelled { .. })), "{stopped:?}");
    assert_eq!((world.chain.sends, world.waiting()), (sends, vec![false; 3]));
}

#[test]
fn sends_the_answer_again() {
    let mut world = World::new();
    world.takes_the_right_answer();
    let right = world.right();
    let again = world.submit(&right).unwrap();
    assert_eq!((again.known_before, world.waiting()), (3, vec![true; 3]), "nothing new");
    assert_eq!(world.state(), PurchaseState::TicketsSent);
}

/// The signatures of one pending purchase under the id of another.
#[test]
fn answers_one_purchase_with_the_signatures_of_another() {
    let mut world = World::new();
    let price = world.chain.price().unwrap();
    let other = world.wallet.prepare(&order(2), &price, &SystemClock).unwrap();
    let crossed = Answer { request: other.id, ..world.answer.clone() };
    let stopped = world.submit(&encoded(&crossed)).unwrap_err();
    assert!(matches!(stopped, Stopped::Purchase(PurchaseError::Rebuild(_))), "{stopped:?}");
    assert_eq!(world.chain.sends, 0);
    world.takes_the_right_answer();
}
