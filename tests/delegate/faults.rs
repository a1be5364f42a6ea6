//! Every fault at every endpoint: whatever fails, the next attempts end with one registration and one fee.

use std::time::Duration;

use dcrcold::wallet::vsp_tickets::{PaymentState, VspState};

use crate::vsp::http::Fault;
use crate::vsp::rules::Refusal;
use crate::world::World;

fn faults() -> Vec<(&'static str, Fault)> {
    vec![
        ("no answer", Fault::Hangup),
        ("an answer that is lost", Fault::LostAnswer),
        ("silence", Fault::Silence(Duration::from_secs(3))),
        ("a slow drip", Fault::Drip(Duration::from_millis(50))),
        ("half an answer", Fault::Truncated),
        ("too long an answer", Fault::Oversized(4 << 20)),
        ("an error of a proxy", Fault::Plain(502)),
        ("a page of a proxy", Fault::Plain(403)),
        ("an altered answer", Fault::Altered),
        ("an unsigned answer", Fault::Unsigned),
        ("an answer signed by another", Fault::OtherKey),
        ("the answer to something else", Fault::WrongEcho),
        ("the answer before", Fault::Replay),
        ("trouble with its node", Fault::Refuses(Refusal(1, 500, "internal error"))),
        ("a ticket that its node does not know yet", Fault::Refuses(Refusal(0, 400, "invalid ticket parent"))),
    ]
}

/// One ticket, ready to be handed over.
fn ready() -> (World, crate::vsp::http::TestVsp) {
    let (world, vsp, _) = World::with_tickets(&[200], 1);
    (world, vsp)
}

#[test]
fn whatever_fails_once_is_done_once() {
    let mut count = 0;
    for endpoint in ["setaltsignaddr", "feeaddress", "payfee", "ticketstatus"] {
        let mut world = World::new(&[600]);
        let vsp = world.vsp(1);
        let faults = faults();
        let mut tickets = Vec::new();
        // More at once would pay more to the purse than a new signer allows.
        while tickets.len() < faults.len() {
            tickets.extend(world.buy(5, Some(&vsp)).tickets);
            world.mine(1, &[&vsp]);
        }
        // Deep enough for the VSP to send each fee at once, whose change pays the next.
        world.mine(6, &[&vsp]);
        for ((name, fault), ticket) in faults.into_iter().zip(&tickets) {
            world.want_ticket(&vsp, ticket);
            vsp.fault(endpoint, fault);
            world.advance(&vsp).unwrap();
            world.advance(&vsp).unwrap();
            let row = world.rows(&vsp).into_iter().find(|row| row.ticket == *ticket).unwrap();
            assert_eq!((row.state, row.trouble), (VspState::FeePaid, None), "{name} at {endpoint}");
            world.mine(1, &[&vsp]);
            count += 1;
        }
        world.confirm(&vsp);
        let done = ["setaltsignaddr", "payfee"].map(|endpoint| vsp.served(endpoint));
        assert_eq!(done, [tickets.len(); 2], "{endpoint}");
        assert_eq!(world.fee_transactions(&vsp).len(), tickets.len());
    }
    println!("faults of VSPs: {count} cases");
    assert_eq!(count, 4 * 15);
}

#[test]
fn a_fee_transaction_that_failed_frees_its_coins_and_the_next_one_spends_them_too() {
    let (mut world, vsp) = ready();
    world.advance(&vsp).unwrap();
    let first = world.rows(&vsp)[0].payment.unwrap();
    let (first_tx, _) = world.wallet.payment(&first).unwrap();
    vsp.rules(|rules| rules.rows.values_mut().for_each(|row| row.state = "error"));
    // The VSP wants a little more now.
    vsp.rules(|rules| rules.rows.values_mut().for_each(|row| (row.fee_amount, row.fee_expires) = (0, 0)));
    world.advance(&vsp).unwrap();
    assert_eq!(world.wallet.payment(&first).unwrap().1, PaymentState::Released);
    world.clock.0.set(world.clock.0.get() + 60);
    world.advance(&vsp).unwrap();
    world.confirm(&vsp);
    let second = world.rows(&vsp)[0].payment.unwrap();
    let (second_tx, state) = world.wallet.payment(&second).unwrap();
    assert_eq!(state, PaymentState::Mined);
    let shared = second_tx.inputs.iter().any(|input| first_tx.inputs.iter().any(|old| old.previous == input.previous));
    assert!(shared, "only one of the two can ever be mined");
}

#[test]
fn an_expired_fee_address_is_asked_for_again_and_the_same_transaction_pays() {
    let (mut world, vsp) = ready();
    vsp.fault("payfee", Fault::Hangup);
    world.advance(&vsp).unwrap();
    let row = world.rows(&vsp).remove(0);
    assert_eq!(row.state, VspState::FeeWritten);
    world.clock.0.set(world.clock.0.get() + 2 * 3600);
    world.advance(&vsp).unwrap();
    world.confirm(&vsp);
    assert_eq!(world.rows(&vsp)[0].payment, row.payment);
    assert_eq!(vsp.served("feeaddress"), 2);
}

#[test]
fn a_fee_that_expired_before_anything_was_written_is_asked_for_again() {
    let (mut world, vsp) = ready();
    vsp.rules(|rules| rules.now = world.clock.0.get());
    // A purse that is empty holds the ticket up after the fee was set.
    let coins = world.wallet.purse_coins().unwrap();
    assert_eq!(coins.len(), 1);
    let elsewhere = crate::chain::pay_to(crate::chain::STRANGER);
    let key = world.keys.key(dcrcold_core::path::VoterAccount::Purse, coins[0].index).unwrap();
    let stolen = crate::purses::spend(&key, &coins[0], &elsewhere);
    world.node.sim().accept(&stolen).unwrap();
    world.mine(1, &[&vsp]);
    world.advance(&vsp).unwrap();
    let troubles = world.troubles(&vsp);
    assert!(troubles[0].contains("and the purse has 0.00000000 DCR"), "{troubles:?}");
    assert_eq!(vsp.served("payfee"), 0);

    world.clock.0.set(world.clock.0.get() + 2 * 3600);
    let hash = world.keys.public().hash(dcrcold_core::path::VoterAccount::Purse, coins[0].index).unwrap();
    world.node.sim().fund(&crate::chain::pay_to(hash), crate::world::MOST).unwrap();
    world.mine(1, &[&vsp]);
    world.confirm(&vsp);
    assert_eq!(vsp.served("feeaddress"), 2);
}

#[test]
fn a_vsp_that_closes_before_the_fee_gets_nothing_and_gives_the_coins_back() {
    let (mut world, vsp) = ready();
    vsp.fault("payfee", Fault::Hangup);
    world.advance(&vsp).unwrap();
    vsp.rules(|rules| rules.closed = true);
    world.advance(&vsp).unwrap();
    assert_eq!(world.rows(&vsp)[0].state, VspState::Registered);
    assert_eq!(world.wallet.purse().unwrap().in_fees.atoms(), 0);
    assert!(world.fee_transactions(&vsp).is_empty());
    vsp.rules(|rules| rules.closed = false);
    world.confirm(&vsp);
    assert_eq!(vsp.served("payfee"), 1);
}

#[test]
fn a_vsp_that_closes_after_the_fee_still_votes() {
    let (mut world, vsp) = ready();
    vsp.fault("payfee", Fault::LostAnswer);
    world.advance(&vsp).unwrap();
    vsp.rules(|rules| rules.closed = true);
    world.confirm(&vsp);
    assert_eq!(vsp.served("payfee"), 1);
}

#[test]
fn a_vsp_that_is_gone_is_asked_again_later_and_later() {
    let (mut world, vsp) = ready();
    world.advance(&vsp).unwrap();
    let mut waits = Vec::new();
    for _ in 0..6 {
        vsp.fault("ticketstatus", Fault::Hangup);
        world.advance(&vsp).unwrap();
        let trouble = world.rows(&vsp)[0].trouble.clone().unwrap();
        let retry_at = trouble.retry_at.unwrap();
        waits.push(retry_at.0 - world.clock.0.get());
        // Not before its time.
        let asked = vsp.served("ticketstatus");
        world.advance_with(&vsp, &World::client(&vsp), true).unwrap();
        assert_eq!(vsp.served("ticketstatus"), asked);
        world.clock.0.set(retry_at.0);
    }
    assert!(waits.windows(2).all(|pair| pair[0] <= pair[1]), "{waits:?}");
    world.confirm(&vsp);
}

/// It is taken each time it is handed over, so that only its failures can be counted.
#[test]
fn a_mined_fee_that_the_vsp_calls_failed_is_handed_over_later_and_later() {
    let (mut world, vsp) = ready();
    world.advance(&vsp).unwrap();
    world.mine(8, &[&vsp]);
    let payment = world.rows(&vsp)[0].payment.unwrap();
    assert_eq!(world.wallet.payment(&payment).unwrap().1, PaymentState::Mined);
    let client = World::client(&vsp);
    let mut waits = Vec::new();
    for round in 1..=6 {
        vsp.rules(|rules| rules.rows.values_mut().for_each(|row| row.state = "error"));
        world.advance_with(&vsp, &client, true).unwrap();
        let row = world.rows(&vsp).remove(0);
        let trouble = row.trouble.unwrap();
        assert_eq!((row.state, trouble.failures), (VspState::FeeFailed, round));
        assert!(trouble.reason.contains(&format!("fee transaction {payment} failed")), "{}", trouble.reason);
        let retry_at = trouble.retry_at.unwrap();
        waits.push(retry_at.0 - world.clock.0.get());
        // A block changes nothing about that.
        world.mine(1, &[]);
        world.advance_with(&vsp, &client, true).unwrap();
        assert_eq!(world.rows(&vsp)[0].state, VspState::FeeFailed);
        world.clock.0.set(retry_at.0);
        world.advance_with(&vsp, &client, true).unwrap();
        assert_eq!(world.rows(&vsp)[0].state, VspState::FeePaid);
    }
    assert!(waits.windows(2).all(|pair| pair[0] <= pair[1]) && waits[5] > 8 * waits[0], "{waits:?}");
    world.confirm(&vsp);
    assert_eq!(world.fee_transactions(&vsp), [payment]);
}

#[test]
fn a_ticket_that_the_vsp_forgot_starts_again() {
    let (mut world, vsp) = ready();
    world.advance(&vsp).unwrap();
    vsp.rules(|rules| rules.rows.clear());
    world.advance(&vsp).unwrap();
    world.confirm(&vsp);
    assert_eq!(vsp.served("setaltsignaddr"), 2);
    assert_eq!(world.fee_transactions(&vsp).len(), 1);
}

#[test]
fn a_key_of_somebody_else_at_the_vsp_is_named() {
    let (mut world, vsp) = ready();
    world.advance(&vsp).unwrap();
    let other = dcrcold_signer::address::Address::of_key_hash(
        dcrcold_core::net::Network::Simnet,
        dcrcold_core::hash::Hash160::from_bytes([9; 20]),
    );
    let second = world.vsp(2);
    let ticket = world.rows(&vsp)[0].ticket;
    second.rules(|rules| {
        let row = crate::vsp::rules::Row { state: "none", alt_sign: Some(other), ..Default::default() };
        rules.rows.insert(ticket, row);
    });
    world.want_ticket(&second, &ticket);
    world.advance(&second).unwrap();
    let troubles = world.troubles(&second);
    assert!(troubles[0].contains("has another key for this ticket"), "{troubles:?}");
    assert_eq!(second.served("payfee"), 0);
}

#[test]
fn a_ticket_that_is_never_mined_costs_nothing() {
    let mut world = World::new(&[200]);
    let vsp = world.vsp(1);
    let order = World::order(1, Some(&vsp));
    let height = world.wallet.height().unwrap();
    let order =
        dcrcold::wallet::purchase::BuyOrder { expiry: Some(dcrcold_core::amount::Height(height.0 + 4)), ..order };
    let prepared = world.prepare(&order);
    world.submit(&prepared);
    world.want(&vsp);
    world.advance(&vsp).unwrap();
    assert_eq!(world.rows(&vsp)[0].state, VspState::FeePaid);
    // The blocks that come hold neither the split nor the ticket.
    let before = world.node.sim().tip().unwrap().height.0;
    crate::purses::mine_empty(&mut world, 6, prepared.split_fee.unwrap());
    assert!(world.node.sim().tip().unwrap().height.0 >= before + 6);
    let mut sim = world.node.sim();
    world.wallet.rebroadcast(&mut *sim).unwrap();
    drop(sim);
    world.advance(&vsp).unwrap();
    let row = &world.rows(&vsp)[0];
    assert_eq!((row.state, row.payment), (VspState::Ended, None));
    assert_eq!(world.wallet.purse().unwrap().in_fees.atoms(), 0);
}

#[test]
fn a_clock_that_was_far_ahead_locks_nothing_out_unseen() {
    let (mut world, vsp) = ready();
    let right = world.clock.0.get();
    world.clock.0.set(right + 86_400);
    world.advance(&vsp).unwrap();
    world.clock.0.set(right);
    let yes = [("maxtreasuryspend".parse().unwrap(), "yes".parse().unwrap())].into();
    let preferences = dcrcold::vsp::Preferences { agendas: yes, ..Default::default() };
    world.wallet.choose(dcrcold::wallet::vsp_tickets::Scope::All, &preferences).unwrap();
    world.advance(&vsp).unwrap();
    let troubles = world.troubles(&vsp);
    assert!(troubles[0].contains("86401 s ahead of this computer's clock"), "{troubles:?}");
    assert_eq!(vsp.served("setvotechoices"), 0);
}
