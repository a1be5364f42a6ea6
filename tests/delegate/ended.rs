//! Fees of tickets that have ended: their coins are free again, and what is mined late is counted.

use dcrcold::wallet::vsp_tickets::{PaymentState, VspState};
use dcrcold_core::hash::TxId;
use dcrcold_core::path::{Index, VoterAccount};
use dcrcold_signer::tx::Transaction;

use crate::chain::pay_to;
use crate::vsp::http::TestVsp;
use crate::world::{MOST, World};

/// Tickets whose fee the VSP took, and the transaction that it never sends.
fn taken(tickets: u32) -> (World, TestVsp, Vec<TxId>, Transaction) {
    let (mut world, vsp, tickets) = World::with_tickets(&[200, 200], tickets);
    world.advance(&vsp).unwrap();
    let (fee, _) = world.wallet.payment(&world.rows(&vsp)[0].payment.unwrap()).unwrap();
    (world, vsp, tickets, fee)
}

/// The VSP says of all its tickets that their fee is in this state.
fn say(world: &mut World, vsp: &TestVsp, state: &'static str) {
    vsp.rules(|rules| rules.rows.values_mut().for_each(|row| row.state = state));
    world.advance(vsp).unwrap();
}

/// Mines until so many of the account's tickets have ended; the VSP sends no fee.
fn end(world: &mut World, vsps: &[&TestVsp], wanted: usize) {
    for _ in 0..2000 {
        let tickets = world.wallet.tickets().unwrap();
        if tickets.iter().filter(|ticket| ticket.ending.is_some()).count() >= wanted {
            return;
        }
        world.mine(1, vsps);
    }
    panic!("no {wanted} tickets ended");
}

#[test]
fn a_vsp_that_votes_and_never_sends_its_fee_keeps_no_coins_beyond_the_ticket() {
    let (mut world, vsp, _, fee) = taken(1);
    say(&mut world, &vsp, "confirmed");
    assert_eq!(world.rows(&vsp)[0].state, VspState::Confirmed);
    world.mine(20, &[]);
    let purse = world.wallet.purse().unwrap();
    assert!(purse.in_fees.atoms() > 0 && purse.free.atoms() == 0, "it may still be sent: {purse:?}");

    end(&mut world, &[&vsp], 1);
    let freed = world.wallet.purse().unwrap();
    assert_eq!((freed.in_fees.atoms(), freed.free), (0, purse.in_fees));
    let row = &world.rows(&vsp)[0];
    assert_eq!((row.state, row.payment), (VspState::Ended, None));
    assert_eq!(world.wallet.payment(&fee.id()).unwrap().1, PaymentState::Released);
}

#[test]
fn of_a_fee_that_was_let_go_and_the_next_one_only_one_is_ever_mined() {
    let (mut world, vsp, tickets, first) = taken(1);
    say(&mut world, &vsp, "confirmed");
    end(&mut world, &[&vsp], 1);
    let second_ticket = world.buy(1, Some(&vsp)).tickets[0];
    let spare = world.keys.public().hash(VoterAccount::Purse, Index::new(7).unwrap()).unwrap();
    world.node.sim().fund(&pay_to(spare), MOST).unwrap();
    world.mine(1, &[&vsp]);
    world.want(&vsp);
    world.advance(&vsp).unwrap();
    let row = |world: &World| world.rows(&vsp).into_iter().find(|row| row.ticket == second_ticket).unwrap();
    let (second, _) = world.wallet.payment(&row(&world).payment.unwrap()).unwrap();
    let spends = |tx: &Transaction| tx.inputs.iter().map(|input| input.previous).collect::<Vec<_>>();
    assert!(spends(&first).iter().all(|coin| spends(&second).contains(coin)), "a coin of the first one is spared");

    // The VSP sends the first one now, long after its ticket voted.
    world.node.sim().accept(&first).unwrap();
    world.mine(1, &[]);
    let states = [&first, &second].map(|tx| world.wallet.payment(&tx.id()).unwrap().1);
    assert_eq!(states, [PaymentState::Mined, PaymentState::Replaced]);
    for _ in 0..30 {
        world.mine(1, &[&vsp]);
        world.advance(&vsp).unwrap();
    }
    assert_eq!(row(&world).state, VspState::Confirmed);
    let third = row(&world).payment.unwrap();
    assert_eq!(world.wallet.payment(&third).unwrap().1, PaymentState::Mined);
    let costs = |ticket: &TxId| world.wallet.costs(&world.wallet.ticket(ticket).unwrap().unwrap()).unwrap().vsp_fee;
    assert!(costs(&tickets[0]).atoms() > 0 && costs(&second_ticket).atoms() > 0);
}

#[test]
fn a_fee_that_live_tickets_share_is_kept_until_the_last_of_them_ends() {
    let (mut world, vsp, tickets, fee) = taken(3);
    say(&mut world, &vsp, "confirmed");
    for ended in 1..=tickets.len() {
        assert_eq!(world.wallet.payment(&fee.id()).unwrap().1, PaymentState::Waiting, "{} ended", ended - 1);
        assert_eq!(world.wallet.purse().unwrap().free.atoms(), 0);
        end(&mut world, &[&vsp], ended);
    }
    assert_eq!(world.wallet.payment(&fee.id()).unwrap().1, PaymentState::Released);
    assert_eq!(world.wallet.purse().unwrap().in_fees.atoms(), 0);
}

#[test]
fn a_ticket_whose_fee_is_mined_stays_confirmed_after_its_vote() {
    let (mut world, vsp, _, fee) = taken(1);
    world.confirm(&vsp);
    end(&mut world, &[&vsp], 1);
    world.advance(&vsp).unwrap();
    let row = &world.rows(&vsp)[0];
    assert_eq!((row.state, row.payment), (VspState::Confirmed, Some(fee.id())));
}

#[test]
fn a_fee_that_is_mined_after_its_ticket_ended_is_counted_to_the_atom() {
    let (mut world, vsp, tickets, fee) = taken(2);
    let before = world.wallet.balance().unwrap().total().atoms() + world.wallet.purse().unwrap().in_fees.atoms();
    // Nobody votes: the tickets are missed.
    end(&mut world, &[], tickets.len());
    world.advance(&vsp).unwrap();
    assert_eq!(world.states(&vsp), [("ended", 2)].into());
    let costs = |world: &World| {
        let all = world.wallet.tickets().unwrap();
        all.iter().map(|ticket| world.wallet.costs(ticket).unwrap().vsp_fee.atoms()).collect::<Vec<_>>()
    };
    assert_eq!(costs(&world), [0, 0]);
    world.node.sim().accept(&fee).unwrap();
    world.mine(1, &[]);
    let purse = world.wallet.purse().unwrap().free.atoms();
    let now = world.wallet.balance().unwrap().total().atoms() + purse;
    let counted = costs(&world);
    assert!(counted.iter().all(|atoms| *atoms > 0), "{counted:?}");
    // Shares are rounded up.
    let apart = counted.iter().sum::<u64>() - (before - now);
    println!("fees mined late: {} tickets, {apart} atoms apart by rounding", counted.len());
    assert!(apart < 2, "{counted:?} {before} {now}");
}
