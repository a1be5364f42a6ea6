//! Tickets that go their whole way.

use dcrcold::vsp::{Evidence, Preferences};
use dcrcold::wallet::vsp_tickets::{PaymentState, Scope, VspState};
use dcrcold_core::hash::TxId;
use dcrcold_signer::address::Address;
use dcrcold_signer::transfer::Encode;

use crate::world::World;

#[test]
fn twenty_tickets_of_four_purchases_are_confirmed_and_voted() {
    let mut world = World::new(&[200, 200, 200, 200]);
    let vsp = world.vsp(1);
    let yes = [("maxtreasuryspend".parse().unwrap(), "yes".parse().unwrap())].into();
    world.wallet.choose(Scope::All, &Preferences { agendas: yes, ..Preferences::default() }).unwrap();
    let mut tickets: Vec<TxId> = Vec::new();
    for _ in 0..4 {
        tickets.extend(world.buy(5, Some(&vsp)).tickets);
        world.mine(1, &[&vsp]);
    }
    world.want(&vsp);
    world.confirm(&vsp);
    let rows = world.rows(&vsp);
    assert_eq!((rows.len(), world.states(&vsp)["confirmed"]), (20, 20));
    assert_eq!(["setaltsignaddr", "payfee"].map(|endpoint| vsp.served(endpoint)), [20, 20]);
    let payments = world.fee_transactions(&vsp);
    assert_eq!(payments.len(), 1, "one transaction pays for all");
    assert_eq!(world.wallet.payment(&payments[0]).unwrap().1, PaymentState::Mined);

    let mut votes = 0;
    while votes < 5 {
        votes += world.mine(1, &[&vsp]);
    }
    let choices = vsp.rules(|rules| rules.rows.values().filter(|row| row.choices["maxtreasuryspend"] == "yes").count());
    assert_eq!(choices, 20);
    let voted = world.wallet.tickets().unwrap().iter().filter(|ticket| ticket.ending.is_some()).count();
    println!("life with a VSP: {} tickets confirmed with one fee transaction, {voted} voted", rows.len());
    assert!(voted >= 5 && tickets.len() == 20);
}

#[test]
fn a_ticket_moves_to_a_second_vsp_without_the_cold_side() {
    let (mut world, first, tickets) = World::with_tickets(&[200], 2);
    world.confirm(&first);
    let second = world.vsp(2);
    world.node.sim().fund(&crate::chain::pay_to(purse_hash(&world, 5)), crate::world::MOST).unwrap();
    world.mine(2, &[&first, &second]);
    world.want_ticket(&second, &tickets[0]);
    world.confirm(&second);
    assert_eq!((world.rows(&first).len(), world.rows(&second).len()), (2, 1));
    let bodies: Vec<_> = [&first, &second].iter().map(|vsp| vsp.served("setaltsignaddr")).collect();
    assert_eq!(bodies, [2, 1], "the same message is sent to both");
    assert_ne!(world.fee_transactions(&first), world.fee_transactions(&second));
}

fn purse_hash(world: &World, index: u64) -> dcrcold_core::hash::Hash160 {
    let index = dcrcold_core::path::Index::new(index).unwrap();
    world.keys.public().hash(dcrcold_core::path::VoterAccount::Purse, index).unwrap()
}

#[test]
fn a_ticket_that_is_not_paid_for_yet_leaves_a_vsp_for_nothing() {
    let mut world = World::new(&[200]);
    let (first, second) = (world.vsp(1), world.vsp(2));
    let tickets = world.buy(1, Some(&first)).tickets;
    world.want(&first);
    first.rules(|rules| rules.closed = true);
    world.advance(&first).unwrap();
    assert_eq!(world.rows(&first)[0].state, VspState::Wanted);
    world.want_ticket(&second, &tickets[0]);
    world.confirm(&second);
    assert_eq!(world.rows(&first)[0].state, VspState::Ended);
    assert!(world.fee_transactions(&first).is_empty());
}

/// A wallet that was made anew knows its tickets from the chain, and the messages of the cold side no more.
#[test]
fn tickets_of_a_lost_wallet_file_are_registered_by_one_request_and_found_as_they_were() {
    let mut world = World::new(&[200, 200]);
    let vsp = world.vsp(1);
    let mut tickets = world.buy(2, Some(&vsp)).tickets;
    world.mine(1, &[&vsp]);
    let given_up = world.prepare(&World::order(1, Some(&vsp)));
    tickets.extend(world.buy(1, Some(&vsp)).tickets);
    world.mine(1, &[&vsp]);
    world.want(&vsp);
    world.confirm(&vsp);
    world.wallet.cancel(&given_up.id, &world.clock).unwrap();

    let known = world.wallet.vsps().unwrap().remove(0);
    world.wallet = world.fixture.wallet("anew.db");
    world.sync();
    world.wallet.use_vsp(&known.address, &known.key, known.fee, &world.clock).unwrap();
    let voter = world.keys.fingerprint();
    assert!(tickets.iter().all(|ticket| world.wallet.registration(ticket, &voter).unwrap().is_none()));
    let prepared = world.wallet.prepare_registrations(None, &tickets, &world.clock).unwrap();
    // Voting keys 0, 1 and 3: one request for each run of indexes.
    assert_eq!(prepared.iter().map(|it| it.tickets.len()).collect::<Vec<_>>(), [2, 1]);
    for request in prepared {
        let answer = crate::fixture::sign_bytes(&request.request, &request.id);
        assert!(world.wallet.is_registration_request(&request.id).unwrap());
        let container = answer.to_container(dcrcold_core::net::Network::Simnet).unwrap();
        assert_eq!(world.wallet.accept_registrations(&container).unwrap(), request.tickets);
    }
    tickets.iter().for_each(|ticket| world.want_ticket(&vsp, ticket));
    world.advance(&vsp).unwrap();
    assert_eq!(world.states(&vsp), [("confirmed", 3)].into());
    assert_eq!(["setaltsignaddr", "payfee"].map(|endpoint| vsp.served(endpoint)), [3, 3], "nothing is done twice");

    // The purse and its next key are found too.
    let free = world.wallet.free_purse_key(&voter).unwrap().unwrap();
    assert!(free.number() > 0);
}

#[test]
fn tickets_bought_without_a_vsp_are_handed_over_later() {
    let mut world = World::new(&[200]);
    let tickets = world.buy(1, None).tickets;
    world.mine(1, &[]);
    let vsp = world.vsp(1);
    world.want(&vsp);
    assert!(world.rows(&vsp).is_empty(), "a solo ticket goes to no VSP unless it is named");
    world.want_ticket(&vsp, &tickets[0]);
    world.advance(&vsp).unwrap();
    let troubles = world.troubles(&vsp);
    assert!(troubles[0].contains("the purse has 0.00000000 DCR"), "{troubles:?}");
    world.node.sim().fund(&crate::chain::pay_to(purse_hash(&world, 0)), crate::world::MOST).unwrap();
    world.mine(1, &[&vsp]);
    world.confirm(&vsp);
}

#[test]
fn costs_and_rewards_add_up_to_the_balances() {
    let (mut world, vsp, _) = World::with_tickets(&[200], 5);
    world.confirm(&vsp);
    let mut votes = 0;
    while votes < 2 {
        votes += world.mine(1, &[&vsp]);
    }
    let (mut costs, mut rewards) = (0, 0);
    for ticket in world.wallet.tickets().unwrap() {
        let cost = world.wallet.costs(&ticket).unwrap();
        assert!(cost.ticket_fee.atoms() == 2_980 && cost.split_fee.atoms() > 0 && cost.vsp_fee.atoms() > 0, "{cost:?}");
        costs += cost.total().atoms();
        rewards += ticket.ending.map_or(0, |ending| ending.paid.atoms().saturating_sub(ticket.price.atoms()));
    }
    let purse = world.wallet.purse().unwrap();
    let have = world.wallet.balance().unwrap().total().atoms() + purse.free.atoms() + purse.in_fees.atoms();
    // Shares are rounded up, one atom at most for each ticket and each of two fees.
    let sum = have + costs - rewards;
    assert!((20_000_000_000..=20_000_000_010).contains(&sum), "{sum}");
    println!("costs: 5 tickets, {votes} votes, {} atoms apart by rounding", sum - 20_000_000_000);
}

#[test]
fn choices_change_later_and_are_compared_with_what_the_vsp_says() {
    let (mut world, vsp, tickets) = World::with_tickets(&[200], 2);
    world.confirm(&vsp);
    let agenda = |choice: &str| {
        let agendas = [("maxtreasuryspend".parse().unwrap(), choice.parse().unwrap())].into();
        Preferences { agendas, ..Preferences::default() }
    };
    world.wallet.choose(Scope::All, &agenda("no")).unwrap();
    world.wallet.choose(Scope::Ticket(tickets[1]), &agenda("yes")).unwrap();
    // Twice in the same second: times still grow.
    world.advance(&vsp).unwrap();
    world.wallet.choose(Scope::All, &agenda("yes")).unwrap();
    world.advance(&vsp).unwrap();
    let said = |ticket: &TxId| vsp.rules(|rules| rules.rows[ticket].choices["maxtreasuryspend"].clone());
    assert_eq!(tickets.iter().map(said).collect::<Vec<_>>(), ["yes", "yes"]);
    assert_eq!(vsp.served("setvotechoices"), 3);
    let changed = vsp.rules(|rules| rules.rows[&tickets[0]].changed.clone());
    assert!(changed.windows(2).all(|pair| pair[0] < pair[1]), "{changed:?}");
    world.advance(&vsp).unwrap();
    assert_eq!(vsp.served("setvotechoices"), 3, "nothing is left to be told");

    let unknown = [("blocksize".parse().unwrap(), "yes".parse().unwrap())].into();
    world.wallet.choose(Scope::All, &Preferences { agendas: unknown, ..Preferences::default() }).unwrap();
    world.advance(&vsp).unwrap();
    let troubles = world.troubles(&vsp);
    assert!(troubles.iter().all(|it| it.contains("does not know these choices: blocksize=yes")), "{troubles:?}");
    assert_eq!(troubles.len(), 2);
}

#[test]
fn what_is_kept_as_evidence_has_no_voting_key_and_proves_both_sides_with_it() {
    let (mut world, vsp, tickets) = World::with_tickets(&[200], 1);
    let ticket = tickets[0];
    world.confirm(&vsp);
    let key = world.keys.wif(dcrcold_core::path::Index::FIRST).unwrap();
    let row = &world.rows(&vsp)[0];
    let owner = world.wallet.ticket(&ticket).unwrap().unwrap().reward_path.unwrap();
    let owner = world.fixture.keys.hash(owner).unwrap();
    let alt_sign = world.keys.key(dcrcold_core::path::VoterAccount::AltSign, row.index).unwrap().public_key().hash();
    let signers = [owner, alt_sign].map(|hash| Address::of_key_hash(dcrcold_core::net::Network::Simnet, hash));
    let mut seen = Vec::new();
    for kept in world.wallet.exchanges(&ticket).unwrap() {
        assert!(!kept.contains(&*key.to_text()));
        let whole: Evidence = dcrcold::delegate::complete_evidence(&kept, Some(&key)).unwrap();
        whole.check(&signers).unwrap();
        assert_eq!(whole.endpoint == "payfee", whole.request.contains(&*key.to_text()));
        let cut: Evidence = dcrcold::delegate::complete_evidence(&kept, None).unwrap();
        assert_eq!(cut.check(&signers).is_err(), cut.endpoint == "payfee", "without the key it proves nothing");
        seen.push(whole.endpoint);
    }
    println!("evidence: {} exchanges proven", seen.len());
    assert_eq!(seen[..3], ["setaltsignaddr", "feeaddress", "payfee"]);
    assert!(seen.len() > 4);

    // Not in the file at all, nor in what is beside it.
    let path = world.fixture.path("wallet.db");
    let mut looked_at = 0;
    for end in ["", "-wal"] {
        let bytes = std::fs::read(format!("{}{end}", path.display())).unwrap_or_default();
        for needle in [key.to_text().as_bytes(), key.ecdsa_key().unwrap().secret_bytes().as_slice()] {
            assert!(!bytes.windows(needle.len()).any(|window| window == needle));
        }
        looked_at += bytes.len();
    }
    assert!(looked_at > 100_000);
}
