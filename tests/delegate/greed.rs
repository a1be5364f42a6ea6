//! VSPs that would be paid twice, or would keep a ticket from going on: what was paid once is paid, and nothing hangs.

use dcrcold::vsp::Preferences;
use dcrcold::wallet::vsp_tickets::{PaymentState, Scope, VspState};
use dcrcold_core::hash::TxId;
use dcrcold_core::path::{Index, VoterAccount};

use crate::chain::{STRANGER, pay_to};
use crate::purses::spend;
use crate::vsp::http::{Fault, TestVsp};
use crate::vsp::rules::Refusal;
use crate::world::{MOST, World};

/// Tickets that are ready to be handed over, and a purse that could pay their fees more than once.
fn ready(tickets: u32) -> (World, TestVsp) {
    let mut world = World::new(&[200]);
    let vsp = world.vsp(1);
    world.buy(tickets, Some(&vsp));
    let spare = world.keys.public().hash(VoterAccount::Purse, Index::new(7).unwrap()).unwrap();
    world.node.sim().fund(&pay_to(spare), MOST).unwrap();
    world.mine(1, &[&vsp]);
    world.want(&vsp);
    (world, vsp)
}

/// Every transaction that ever paid, or was to pay, fees.
fn payments(world: &World) -> Vec<TxId> {
    let db = rusqlite::Connection::open(world.fixture.path("wallet.db")).unwrap();
    let mut query = db.prepare("SELECT tx FROM fee_payments").unwrap();
    let ids = query.query_map([], |row| Ok(TxId::from_bytes(row.get(0)?))).unwrap();
    ids.collect::<Result<_, _>>().unwrap()
}

#[test]
fn a_fee_that_was_given_up_and_is_mined_after_all_is_not_paid_again() {
    let (mut world, vsp) = ready(1);
    world.advance(&vsp).unwrap();
    let first = world.rows(&vsp)[0].payment.unwrap();
    let (first_tx, _) = world.wallet.payment(&first).unwrap();
    vsp.rules(|rules| rules.rows.values_mut().for_each(|row| row.state = "error"));
    world.advance(&vsp).unwrap();
    assert_eq!(world.wallet.payment(&first).unwrap().1, PaymentState::Released);
    // It said that the transaction failed, and sends it now.
    world.node.sim().accept(&first_tx).unwrap();
    world.mine(1, &[]);
    assert_eq!(world.wallet.payment(&first).unwrap().1, PaymentState::Mined);
    world.advance(&vsp).unwrap();
    assert_eq!(payments(&world), [first], "no other was made");
    world.confirm(&vsp);
    assert_eq!(world.rows(&vsp)[0].payment, Some(first));
    assert_eq!(payments(&world), [first]);
}

#[test]
fn a_vsp_that_wants_a_mined_fee_at_another_address_gets_no_second_one() {
    let (mut world, vsp) = ready(1);
    world.advance(&vsp).unwrap();
    let first = world.rows(&vsp)[0].payment.unwrap();
    let (first_tx, _) = world.wallet.payment(&first).unwrap();
    vsp.rules(|rules| rules.rows.clear());
    world.advance(&vsp).unwrap();
    world.node.sim().accept(&first_tx).unwrap();
    world.mine(1, &[]);
    for _ in 0..3 {
        world.advance(&vsp).unwrap();
    }
    assert_eq!(payments(&world), [first]);
    let troubles = world.troubles(&vsp);
    assert!(troubles[0].contains(&format!("transaction {first} pays")), "{troubles:?}");
}

#[test]
fn a_fee_that_others_share_is_not_paid_again_when_a_closed_vsp_opens() {
    let (mut world, vsp) = ready(2);
    vsp.fault("payfee", Fault::Hangup);
    world.advance(&vsp).unwrap();
    assert_eq!((world.states(&vsp)["fee-written"], world.states(&vsp)["fee-paid"]), (1, 1));
    vsp.rules(|rules| rules.closed = true);
    world.advance(&vsp).unwrap();
    assert_eq!(world.states(&vsp)["registered"], 1);
    vsp.rules(|rules| rules.closed = false);
    world.confirm(&vsp);
    assert_eq!(payments(&world).len(), 1);
}

#[test]
fn a_vsp_whose_fees_are_always_expired_is_not_asked_for_ever() {
    let (mut world, vsp) = ready(1);
    for _ in 0..50 {
        vsp.fault("payfee", Fault::Refuses(Refusal(8, 400, "fee has expired")));
    }
    world.advance(&vsp).unwrap();
    assert!(vsp.served("feeaddress") <= 3, "asked {} times", vsp.served("feeaddress"));
    let troubles = world.troubles(&vsp);
    assert!(troubles[0].contains("fee has expired"), "{troubles:?}");
}

#[test]
fn a_ticket_that_the_vsp_forgot_before_it_had_the_fee_starts_again() {
    let (mut world, vsp) = ready(1);
    vsp.fault("payfee", Fault::Hangup);
    world.advance(&vsp).unwrap();
    assert_eq!(world.rows(&vsp)[0].state, VspState::FeeWritten);
    vsp.rules(|rules| rules.rows.clear());
    world.confirm(&vsp);
    assert_eq!(vsp.served("setaltsignaddr"), 2);
}

#[test]
fn a_fee_whose_coins_are_spent_elsewhere_is_given_up_and_paid_with_others() {
    let (mut world, vsp) = ready(1);
    world.mine(6, &[&vsp]);
    vsp.fault("payfee", Fault::Hangup);
    world.advance(&vsp).unwrap();
    let (tx, _) = world.wallet.payment(&world.rows(&vsp)[0].payment.unwrap()).unwrap();
    let coins = world.wallet.purse_coins().unwrap();
    let coin = coins.iter().find(|coin| coin.outpoint == tx.inputs[0].previous).unwrap();
    let key = world.keys.key(VoterAccount::Purse, coin.index).unwrap();
    world.node.sim().accept(&spend(&key, coin, &pay_to(STRANGER))).unwrap();
    world.mine(1, &[&vsp]);
    world.confirm(&vsp);
    assert_eq!((payments(&world).len(), world.wallet.purse().unwrap().in_fees.atoms()), (2, 0));
}

#[test]
fn choices_that_a_vsp_does_not_know_do_not_keep_its_fee_from_being_followed() {
    let (mut world, vsp) = ready(1);
    let agendas = [("nosuchagenda".parse().unwrap(), "yes".parse().unwrap())].into();
    world.wallet.choose(Scope::All, &Preferences { agendas, ..Preferences::default() }).unwrap();
    world.advance(&vsp).unwrap();
    for _ in 0..20 {
        world.mine(1, &[&vsp]);
        world.advance_with(&vsp, &World::client(&vsp), true).unwrap();
    }
    assert_eq!(world.rows(&vsp)[0].state, VspState::Confirmed);
    let troubles = world.troubles(&vsp);
    assert!(troubles[0].contains("nosuchagenda=yes"), "{troubles:?}");
}
