//! Policies on treasury spends: told to a VSP for one ticket and for all, with the fee and after it.

use std::collections::BTreeMap;

use dcrcold::vsp::{Preferences, TreasuryKey, TreasuryPolicy};
use dcrcold::wallet::vsp_tickets::{ChooseError, Scope};
use dcrcold_core::hash::TxId;
use serde_json::json;

use crate::vsp::http::{Fault, TestVsp};
use crate::world::World;

use TreasuryPolicy::{Abstain, No, Yes};

fn key(byte: u8) -> TreasuryKey {
    let mut bytes = [byte; 33];
    bytes[0] = 2 + byte % 2;
    TreasuryKey::from_bytes(bytes)
}

fn spend(byte: u8) -> TxId {
    // Ids print backwards, which a VSP must be told the same way.
    TxId::from_bytes(std::array::from_fn(|at| byte.wrapping_add(u8::try_from(at).unwrap())))
}

fn policies(keys: &[(u8, TreasuryPolicy)], spends: &[(u8, TreasuryPolicy)]) -> Preferences {
    Preferences {
        treasury_keys: keys.iter().map(|(byte, policy)| (key(*byte), *policy)).collect(),
        treasury_spends: spends.iter().map(|(byte, policy)| (spend(*byte), *policy)).collect(),
        ..Preferences::default()
    }
}

/// What a VSP has of a ticket: policies on keys, and on spends.
type Kept = (BTreeMap<String, String>, BTreeMap<String, String>);

fn kept(vsp: &TestVsp, ticket: &TxId) -> Kept {
    vsp.rules(|rules| (rules.rows[ticket].treasury_keys.clone(), rules.rows[ticket].treasury_spends.clone()))
}

fn words(preferences: &Preferences) -> Kept {
    let keys = preferences.treasury_keys.iter().map(|(key, policy)| (key.to_string(), policy.to_string()));
    let spends = preferences.treasury_spends.iter().map(|(id, policy)| (id.to_string(), policy.to_string()));
    (keys.collect(), spends.collect())
}

#[test]
fn policies_go_with_the_fee_and_are_changed_after_it_for_one_ticket_and_for_all() {
    let (mut world, vsp, tickets) = World::with_tickets(&[200], 2);
    world.wallet.choose(Scope::All, &policies(&[(1, Yes)], &[(9, No)])).unwrap();
    world.wallet.choose(Scope::Ticket(tickets[1]), &policies(&[(1, No), (4, Yes)], &[])).unwrap();
    world.confirm(&vsp);
    assert_eq!(vsp.served("setvotechoices"), 0, "the fee has told all");
    assert_eq!(kept(&vsp, &tickets[0]), words(&policies(&[(1, Yes)], &[(9, No)])));
    assert_eq!(kept(&vsp, &tickets[1]), words(&policies(&[(1, No), (4, Yes)], &[(9, No)])));

    // A ticket keeps what is its own, and takes the rest over.
    world.wallet.choose(Scope::All, &policies(&[(1, Abstain)], &[(9, Yes), (8, Yes)])).unwrap();
    world.advance(&vsp).unwrap();
    assert_eq!(kept(&vsp, &tickets[0]), words(&policies(&[(1, Abstain)], &[(9, Yes), (8, Yes)])));
    assert_eq!(kept(&vsp, &tickets[1]), words(&policies(&[(1, No), (4, Yes)], &[(9, Yes), (8, Yes)])));
    assert_eq!(vsp.served("setvotechoices"), 2);

    world.wallet.choose(Scope::Ticket(tickets[0]), &policies(&[(4, No)], &[])).unwrap();
    world.advance(&vsp).unwrap();
    assert_eq!(kept(&vsp, &tickets[0]).0, words(&policies(&[(1, Abstain), (4, No)], &[])).0);
    assert_eq!(vsp.served("setvotechoices"), 3, "the other ticket is left alone");
    world.advance(&vsp).unwrap();
    assert_eq!((vsp.served("setvotechoices"), world.troubles(&vsp).len()), (3, 0), "nothing is left to be told");
    println!("treasury policies: 2 tickets, told {} times", 2 + vsp.served("setvotechoices"));
}

#[test]
fn a_policy_that_a_vsp_does_not_say_it_has_is_named() {
    let (mut world, vsp, tickets) = World::with_tickets(&[200], 2);
    world.confirm(&vsp);
    world.wallet.choose(Scope::Ticket(tickets[0]), &policies(&[(1, Yes)], &[(9, No)])).unwrap();
    // It takes the change, and says something else then.
    vsp.fault("ticketstatus", Fault::Lie("treasurypolicy", json!({ key(1).to_string(): "no" })));
    world.advance(&vsp).unwrap();
    let troubles = world.troubles(&vsp);
    let expected = format!("the VSP does not know these choices: {}=yes", key(1));
    assert_eq!(troubles, [expected], "the policy on the spend was taken");
    world.advance(&vsp).unwrap();
    assert_eq!(world.troubles(&vsp).len(), 0);
}

#[test]
fn more_policies_than_a_vsp_takes_are_refused_before_any_ticket_has_them() {
    let (mut world, vsp, tickets) = World::with_tickets(&[200], 2);
    let own = policies(&[], &[(1, Yes), (2, No)]);
    world.wallet.choose(Scope::Ticket(tickets[0]), &own).unwrap();
    // Three are allowed, but one ticket has two others.
    let refused = world.wallet.choose(Scope::All, &policies(&[], &[(3, Yes), (4, Yes), (5, Yes)])).unwrap_err();
    assert!(matches!(refused, ChooseError::Ticket { ticket, .. } if ticket == tickets[0]), "{refused}");
    let expected = format!("ticket {} would have 5 policies on treasury spends, a VSP takes at most 3", tickets[0]);
    assert_eq!(refused.to_string(), expected);
    let refused = world.wallet.choose(Scope::All, &policies(&[(1, Yes), (2, Yes), (3, Yes), (4, Yes)], &[]));
    assert_eq!(refused.unwrap_err().to_string(), "4 policies on treasury keys, a VSP takes at most 3");
    world.confirm(&vsp);
    assert_eq!(kept(&vsp, &tickets[0]), words(&own), "nothing of what was refused is kept");
    assert_eq!(kept(&vsp, &tickets[1]), Kept::default());
}

/// A vspd takes the word from another client that signs with the same key.
#[test]
fn a_policy_that_cannot_be_chosen_here_is_kept_as_the_vsp_says_it() {
    let (mut world, vsp, tickets) = World::with_tickets(&[200], 2);
    world.wallet.choose(Scope::All, &policies(&[(1, Yes)], &[])).unwrap();
    world.confirm(&vsp);
    vsp.rules(|rules| {
        let row = rules.rows.get_mut(&tickets[0]).unwrap();
        row.treasury_keys.insert(key(4).to_string(), "invalid".to_owned());
        row.treasury_spends.insert(spend(9).to_string(), "invalid".to_owned());
    });
    world.wallet.choose(Scope::Ticket(tickets[0]), &policies(&[(1, No)], &[])).unwrap();
    world.advance(&vsp).unwrap();
    let row = world.rows(&vsp).into_iter().find(|row| row.ticket == tickets[0]).unwrap();
    let said: serde_json::Value = serde_json::from_str(&row.voting.unwrap()).unwrap();
    let keys = json!({ key(1).to_string(): "no", key(4).to_string(): "invalid" });
    let spends = json!({ spend(9).to_string(): "invalid" });
    assert_eq!((&said["treasury-keys"], &said["treasury-spends"], row.trouble), (&keys, &spends, None));

    // Who wants something else says so, and nothing of it is in the way.
    world.wallet.choose(Scope::Ticket(tickets[0]), &policies(&[(4, Abstain)], &[(9, Yes)])).unwrap();
    world.advance(&vsp).unwrap();
    assert_eq!(kept(&vsp, &tickets[0]), words(&policies(&[(1, No), (4, Abstain)], &[(9, Yes)])));
    assert_eq!(world.troubles(&vsp).len(), 0);
}
