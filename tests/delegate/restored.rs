//! Wallet files that were made anew, beside VSPs that know more than they do.

use dcrcold::vsp::Preferences;
use dcrcold::wallet::vsp_tickets::{Scope, VspState};

use crate::voters::{fill_purse, indexes, register, rotate, second};
use crate::vsp::http::{Fault, TestVsp};
use crate::world::World;

/// Forgets all but what the chain tells, and chooses the VSP again.
fn made_anew(world: &mut World, name: &str, vsp: &TestVsp) {
    world.wallet = world.fixture.wallet(name);
    world.sync();
    world.choose(vsp);
}

#[test]
fn a_key_that_was_set_before_any_fee_is_found_set() {
    let mut world = World::new(&[200]);
    let vsp = world.vsp(1);
    let tickets = world.buy(1, Some(&vsp)).tickets;
    world.mine(2, &[&vsp]);
    world.want(&vsp);
    vsp.fault("feeaddress", Fault::Hangup);
    world.advance(&vsp).unwrap();
    assert_eq!(world.rows(&vsp)[0].state, VspState::Registered);
    made_anew(&mut world, "anew.db", &vsp);
    assert_eq!(register(&mut world, &tickets), [1]);
    world.want_ticket(&vsp, &tickets[0]);
    world.confirm(&vsp);
    assert_eq!((vsp.served("setaltsignaddr"), world.troubles(&vsp).len()), (1, 0));
}

/// Which key of a voter deals for another voter's ticket is written in no block.
#[test]
fn the_key_that_deals_for_another_voters_tickets_is_found_again() {
    let mut world = World::new(&[200, 200, 200]);
    let tickets = world.buy(2, None).tickets;
    world.mine(1, &[]);
    rotate(&mut world);
    let vsp = world.vsp(1);
    register(&mut world, &tickets);
    world.buy(1, None);
    for ticket in &tickets {
        world.want_ticket(&vsp, ticket);
    }
    fill_purse(&mut world);
    world.confirm(&vsp);
    let before = indexes(&world, &vsp);

    made_anew(&mut world, "anew.db", &vsp);
    world.wallet.rotate_own_voter(second(), &world.keys.public(), &world.clock).unwrap();
    register(&mut world, &tickets);
    for ticket in &tickets {
        world.want_ticket(&vsp, ticket);
    }
    assert!(indexes(&world, &vsp).iter().all(|index| !before.contains(index)), "what the purchase used is passed by");
    world.confirm(&vsp);
    assert_eq!(indexes(&world, &vsp), before);
    assert_eq!((vsp.served("setaltsignaddr"), vsp.served("payfee")), (2, 2));
}

#[test]
fn a_ticket_that_its_own_voter_deals_for_is_named_so() {
    let (mut world, vsp, tickets) = World::with_tickets(&[200, 200], 1);
    world.confirm(&vsp);
    made_anew(&mut world, "anew.db", &vsp);
    rotate(&mut world);
    register(&mut world, &tickets);
    world.want_ticket(&vsp, &tickets[0]);
    world.advance(&vsp).unwrap();
    let expected = format!(
        "the VSP has the key of voter {} for this ticket, and none can be set twice",
        world.others[0].fingerprint()
    );
    assert_eq!(world.troubles(&vsp), [expected]);
    assert_eq!(vsp.served("payfee"), 1);
}

/// The wallet before, or another device, had a clock that was ahead: vspd takes no time that is not above the last one.
#[test]
fn choices_that_come_too_early_for_the_vsp_are_told_again_in_time() {
    let (mut world, vsp, tickets) = World::with_tickets(&[200], 1);
    let ticket = tickets[0];
    world.confirm(&vsp);
    let ahead = world.clock.0.get() + 100;
    vsp.rules(|rules| rules.rows.get_mut(&ticket).unwrap().changed.push(ahead));
    made_anew(&mut world, "anew.db", &vsp);
    register(&mut world, &[ticket]);
    world.want_ticket(&vsp, &ticket);
    let agendas = [("maxtreasuryspend".parse().unwrap(), "yes".parse().unwrap())].into();
    world.wallet.choose(Scope::All, &Preferences { agendas, ..Preferences::default() }).unwrap();
    let mut tries = 0;
    for _ in 0..20 {
        world.advance_with(&vsp, &World::client(&vsp), true).unwrap();
        let row = world.rows(&vsp).remove(0);
        let Some(trouble) = row.trouble else { break };
        assert!(trouble.reason.contains("code 17"), "{}", trouble.reason);
        let retry_at = trouble.retry_at.expect("time helps");
        world.clock.0.set(retry_at.0);
        tries += 1;
    }
    assert_eq!(world.troubles(&vsp).len(), 0);
    assert!((2..10).contains(&tries) && world.clock.0.get() > ahead - 1, "{tries}");
    assert_eq!(vsp.rules(|rules| rules.rows[&ticket].choices["maxtreasuryspend"].clone()), "yes");
}
