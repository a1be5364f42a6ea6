//! The host sends money to keys that are the owner's and that no wallet ever looks at, and sells the place: ransom. Or it
//! has keys used twice.

use dcrcold_core::path::{Index, KeyPath};
use dcrcold_core::policy::{INDEX_REACH, Limits, Rule, Warning};
use dcrcold_core::request::{Output, Purse, Recipient, Rest};
use dcrcold_signer::journal::History;
use dcrcold_signer::transfer::{InputRef, Purchase, Voting};
use dcrcold_signer::tx::TxOut;

use crate::cold::{Cold, NETWORK, PRICE, atoms, encoded, index, parent_of};
use crate::disk::OnDisk;
use crate::harness::{Attack, Victim, pairs, purchase, send, warnings};

/// The largest index that can be written.
const LAST: u32 = Index::LIMIT - 1;

/// A purchase whose change goes to the internal key of this index.
fn change_at(cold: &Cold, at: u32) -> Vec<u8> {
    encoded(&Purchase { first_internal: index(at), ..cold.purchase(1) })
}

#[test]
fn change_far_away_for_ransom() {
    purchase(|_, purchase| purchase.first_internal = index(1_000_000)).is_refused(Rule::IndexTooFar);
}

#[test]
fn change_one_beyond_what_a_restore_finds() {
    purchase(|_, purchase| purchase.first_internal = index(INDEX_REACH)).is_refused(Rule::IndexTooFar);
}

#[test]
fn change_of_a_send_far_away_for_ransom() {
    send(|_, send| send.rest = Rest::Change(index(1_000_000))).is_refused(Rule::IndexTooFar);
}

#[test]
fn rewards_of_direct_tickets_far_away_for_ransom() {
    let victim = Victim::new();
    let honest = victim.cold.direct(&[atoms(PRICE.atoms() + 2_980)]);
    let hostile = Purchase { first_internal: index(1_000_000), ..honest.clone() };
    Attack::new(victim, encoded(&honest), encoded(&hostile)).is_refused(Rule::IndexTooFar);
}

#[test]
fn a_purse_far_away_for_ransom() {
    // Nothing is known of a registered voter's keys before the first approval; it sets the mark.
    let this = approved_once();
    let victim = Victim::new();
    let purse = |at| {
        let purse = Some(Purse { amount: atoms(10_000_000), index: index(at) });
        encoded(&Purchase { purse, ..victim.cold.purchase(1) })
    };
    this.sign(&purse(0)).unwrap();
    this.refuses(&purse(21), Rule::IndexTooFar);
}

#[test]
fn a_purse_paid_by_a_send_far_away_for_ransom() {
    let this = approved_once();
    let victim = Victim::new();
    let purses = |indexes: &[u32]| {
        let mut send = victim.cold.send();
        let fingerprint = victim.cold.voter().fingerprint(NETWORK);
        let pays = |at: &u32| Output {
            recipient: Recipient::Purse { fingerprint, index: index(*at) },
            amount: atoms(10_000_000),
        };
        send.outputs = indexes.iter().map(pays).collect();
        encoded(&send)
    };
    this.sign(&purses(&[0])).unwrap();
    this.refuses(&purses(&[0, 1_000_000, 1]), Rule::IndexTooFar);
}

#[test]
fn votes_that_no_voter_looks_for() {
    let this = approved_once();
    let victim = Victim::new();
    let fingerprint = victim.cold.voter().fingerprint(NETWORK);
    let far = Purchase { voting: Voting::Voter { fingerprint, first: index(21) }, ..victim.cold.purchase(1) };
    this.refuses(&encoded(&far), Rule::IndexTooFar);
}

#[test]
fn a_registration_that_no_voter_looks_for() {
    let this = approved_once();
    let mut register = Victim::new().cold.register();
    register.first = index(21);
    this.refuses(&encoded(&register), Rule::IndexTooFar);
}

/// A key store that has approved one ticket: internal keys 0 to 2, voter key 0.
fn approved_once() -> OnDisk {
    let victim = Victim::new();
    let this = OnDisk::new(&victim.cold.contents);
    this.sign(&change_at(&victim.cold, 0)).unwrap();
    this
}

/// Whoever knows the account's public key can pay any of its keys; that such a coin is spent must not move the mark.
#[test]
fn raises_the_mark_by_paying_a_far_key() {
    let this = approved_once();
    let cold = Victim::new().cold;
    let far = KeyPath::internal(index(1_000_000));
    let mut send = cold.send();
    send.inputs = vec![InputRef { path: far, ..send.inputs[0] }];
    send.parents = vec![parent_of(vec![TxOut::new(atoms(300_000_000), &cold.script(far, None))])];
    this.sign(&encoded(&send)).unwrap();
    this.refuses(&change_at(&cold, 1_000_001), Rule::IndexTooFar);
}

#[test]
fn raises_the_mark_by_a_request_that_is_never_approved() {
    let this = approved_once();
    let cold = Victim::new().cold;
    let reviewed = this.review(&change_at(&cold, 22)).unwrap();
    drop(reviewed);
    this.refuses(&change_at(&cold, 24), Rule::IndexTooFar);
}

/// The journal is gone; the marks stand in the key store too.
#[test]
fn lowers_the_guard_by_deleting_the_journal() {
    let this = approved_once();
    std::fs::remove_file(this.journal()).unwrap();
    this.refuses(&change_at(&Victim::new().cold, 1_000_000), Rule::IndexTooFar);
}

/// After a restore nothing is known: what cannot be compared is a page of its own.
#[test]
fn uses_the_first_request_after_a_restore() {
    let mut victim = Victim::new();
    victim.cold.contents.set_history(None);
    let reviewed = victim.review(&change_at(&victim.cold, 1_000_000)).unwrap();
    assert_eq!(warnings(reviewed.request()), [Warning::MemoryEmpty, Warning::IndexUnmarked]);
    victim.cold.contents.set_history(Some(History::new()));
    victim.refuses(&change_at(&victim.cold, 1_000_000), Rule::IndexTooFar);
}

#[test]
fn names_a_hardened_key() {
    pairs(|body| {
        body.with(5, |w| {
            w.uint(1 << 31);
        })
    })
    .is_refused(Rule::IndexOutOfRange);
}

#[test]
fn names_an_index_that_wraps() {
    pairs(|body| {
        body.with(5, |w| {
            w.uint(u64::MAX);
        })
    })
    .is_refused(Rule::IndexOutOfRange);
}

#[test]
fn names_a_voter_key_that_wraps() {
    pairs(|body| {
        let fingerprint = Victim::new().cold.voter().fingerprint(NETWORK);
        body.with(6, |w| {
            w.array(2).bytes(fingerprint.as_bytes()).uint(u64::MAX);
        })
    })
    .is_refused(Rule::IndexOutOfRange);
}

#[test]
fn names_a_purse_key_that_wraps() {
    pairs(|body| {
        body.with(8, |w| {
            w.array(2).uint(1_000_000).uint(1 << 32);
        })
    })
    .is_refused(Rule::IndexOutOfRange);
}

/// The second ticket's keys would lie beyond the last index.
#[test]
fn counts_up_beyond_the_last_index() {
    assert_eq!(u64::from(LAST) + 1024 + 1, 1 << 31, "there is room for every ticket above the last first index");
    pairs(|body| {
        body.with(5, |w| {
            w.uint(u64::from(LAST) + 1);
        })
    })
    .is_refused(Rule::IndexOutOfRange);
}

#[test]
fn spends_from_a_third_branch() {
    pairs(|body| {
        body.with(1, |w| {
            w.array(1).array(4).uint(0).uint(0).uint(2).uint(0);
        })
    })
    .is_refused(Rule::IndexOutOfRange);
}

/// Two requests over one coin: a person who believes in one of them is told of both, on the first page.
#[test]
fn has_a_coin_signed_twice_and_chooses() {
    let this = approved_once();
    let cold = Victim::new().cold;
    let mut again = cold.purchase(1);
    again.expiry.0 += 1;
    let (reviewed, ..) = this.review(&encoded(&again)).unwrap();
    assert_eq!(warnings(reviewed.request()), [Warning::OutpointSignedBefore, Warning::VoterIndexUsedBefore]);
    let first = cold.review::<256, 100>(&change_at(&cold, 0), &Limits::DEFAULT).unwrap();
    let told = reviewed.request().past().coins().listed()[0].earlier;
    assert_eq!((told.request, told.spent), (*first.id(), first.spent()));
    let label = reviewed.request().pages().next().unwrap().label;
    assert_eq!(label, "Warning: coins signed before");
}

/// What the tickets of an approved purchase take from its split is signed for as well.
#[test]
fn has_the_money_of_signed_tickets_signed_again() {
    let this = approved_once();
    let cold = Victim::new().cold;
    let first = cold.review::<256, 100>(&change_at(&cold, 0), &Limits::DEFAULT).unwrap();
    let dcrcold_core::machine::Work::Purchase(work) = first.work() else { panic!("a purchase") };
    let mut split = dcrcold_signer::wire::Buffer(Vec::new());
    work.write_split(&mut split);
    let mut direct = cold.direct(&[PRICE]);
    direct.inputs[0].path = KeyPath::internal(index(1));
    direct.parents = vec![split.0];
    direct.voting = Voting::Voter { fingerprint: cold.voter().fingerprint(NETWORK), first: index(1) };
    let (reviewed, ..) = this.review(&encoded(&direct)).unwrap();
    assert_eq!(warnings(reviewed.request()), [Warning::OutpointSignedBefore]);
}

#[test]
fn links_tickets_by_using_a_voting_key_twice() {
    let this = approved_once();
    let cold = Victim::new().cold;
    let mut other = cold.purchase(1);
    other.parents = vec![cold.parent(&[atoms(31_000_000_000)])];
    let (reviewed, ..) = this.review(&encoded(&other)).unwrap();
    assert_eq!(warnings(reviewed.request()), [Warning::VoterIndexUsedBefore]);
}
