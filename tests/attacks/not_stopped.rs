//! What a signer cannot stop, shown as plainly as what it does: docs/threat-model.md names these tests.

use std::fs;

use dcrcold_core::amount::Height;
use dcrcold_core::policy::{INDEX_REACH, Limits, Rule, Warning};
use dcrcold_core::request::Rest;
use dcrcold_signer::keystore::{Access, KeyStoreError};
use dcrcold_signer::transfer::{Purchase, Send};

use crate::cold::{Cold, atoms, claim, encoded, index};
use crate::disk::OnDisk;
use crate::harness::{Victim, shows};

fn approved_once() -> (Cold, OnDisk) {
    let cold = Victim::new().cold;
    let disk = OnDisk::new(&cold.contents);
    disk.sign(&encoded(&cold.purchase(1))).unwrap();
    (cold, disk)
}

/// Old copies of the journal and of the key store, brought back together, are what they were then.
#[test]
fn old_copies_of_both_files_take_the_signer_back() {
    let cold = Victim::new().cold;
    let disk = OnDisk::new(&cold.contents);
    disk.sign(&encoded(&cold.send())).unwrap();
    let files = [disk.store(), disk.journal()].map(|path| (fs::read(&path).unwrap(), path));
    disk.sign(&encoded(&cold.purchase(1))).unwrap();
    let again = encoded(&Purchase { expiry: Height(cold.purchase(1).expiry.0 + 1), ..cold.purchase(1) });
    assert_eq!(disk.warnings(&again), [Warning::OutpointSignedBefore, Warning::VoterIndexUsedBefore]);
    files.iter().for_each(|(bytes, path)| fs::write(path, bytes).unwrap());
    assert_eq!(disk.warnings(&again), []);
}

/// So does an old key store alone bring back the limits that it had.
#[test]
fn an_old_copy_of_the_key_store_brings_its_limits_back() {
    let (cold, disk) = approved_once();
    let (generous, lowered) = (fs::read(disk.store()).unwrap(), Limits { tickets: 1, ..Limits::DEFAULT });
    let lower = |contents: &mut dcrcold_signer::keystore::Contents| {
        contents.set_limits(lowered);
        Ok::<_, KeyStoreError>(())
    };
    disk.open(Access::Write).update(lower).unwrap();
    let two = encoded(&Purchase { first_internal: index(3), ..cold.purchase(2) });
    disk.refuses(&two, Rule::TicketsAboveLimit);
    fs::write(disk.store(), generous).unwrap();
    disk.sign(&two).unwrap();
}

/// Who has the passphrase is the owner, as far as a program can tell.
#[test]
fn whoever_has_the_passphrase_raises_the_limits() {
    let (cold, disk) = approved_once();
    let mut hostile = cold.purchase(1);
    (hostile.amount, hostile.claim.price) = (atoms(100_000_000_000), Some(atoms(100_000_000_000)));
    (hostile.parents, hostile.first_internal) = (vec![cold.parent(&[atoms(200_000_000_000)])], index(3));
    disk.refuses(&encoded(&hostile), Rule::AmountAboveLimit);
    let raise = |contents: &mut dcrcold_signer::keystore::Contents| {
        let most = atoms(200_000_000_000);
        contents.set_limits(Limits { ticket: most, total: most, ..Limits::DEFAULT });
        Ok::<_, KeyStoreError>(())
    };
    disk.open(Access::Write).update(raise).unwrap();
    disk.sign(&encoded(&hostile)).unwrap();
}

/// The tip and the price are the host's word: a lie shifts expiry and headroom, within the money limits, and is shown.
#[test]
fn expiry_and_headroom_follow_what_the_host_claims() {
    let victim = Victim::new();
    let mut honest = victim.cold.purchase(1);
    honest.expiry = Height(2_000_000);
    victim.refuses(&encoded(&honest), Rule::ExpiryTooFar);
    let mut lie = honest.clone();
    lie.claim.tip = Height(2_000_000 - 400);
    victim.signs(&encoded(&lie));
    let reviewed = victim.review(&encoded(&lie)).unwrap();
    assert!(shows(reviewed.request(), "1999600"), "the claim is shown");
    let mut dear = victim.cold.purchase(1);
    (dear.amount, dear.parents) = (atoms(40_000_000_000), vec![victim.cold.parent(&[atoms(50_000_000_000)])]);
    victim.refuses(&encoded(&dear), Rule::HeadroomAboveLimit);
    dear.claim.price = Some(dear.amount);
    victim.signs(&encoded(&dear));
}

/// Each approval may begin twenty indexes further, whether it is sent or not: a host that keeps answers back walks the
/// change away, twenty indexes an approval.
#[test]
fn change_walks_away_with_approvals_that_are_never_sent() {
    let cold = Victim::new().cold;
    let disk = OnDisk::new(&cold.contents);
    let change = |at| encoded(&Send { rest: Rest::Change(index(at)), ..cold.send() });
    let mut at = INDEX_REACH - 1;
    for _ in 0..4 {
        disk.sign(&change(at)).unwrap();
        disk.refuses(&change(at + INDEX_REACH + 1), Rule::IndexTooFar);
        at += INDEX_REACH;
    }
    // Each review says where, and that the coin was signed for before.
    let (reviewed, ..) = disk.review(&change(at)).unwrap();
    assert!(shows(reviewed.request(), &at.to_string()));
    assert_eq!(disk.warnings(&change(at))[0], Warning::OutpointSignedBefore);
    // The key store knows how far, so that a restore from its backup does too.
    let history = disk.open(Access::Read).contents().history().unwrap().clone();
    assert_eq!(history.marks.internal(cold.path().account), Some(at - INDEX_REACH + 1));
}

/// A send pays whom it says, as much as it says: reading is all that stands in the way.
#[test]
fn a_send_that_a_person_approves_is_signed() {
    let victim = Victim::new();
    let all = Send { rest: Rest::Sweep, claim: claim(None), ..victim.cold.send() };
    let mut outputs = all.outputs.clone();
    outputs[0].amount = atoms(0);
    let request = encoded(&Send { outputs, ..all });
    victim.signs(&request);
    let reviewed = victim.review(&request).unwrap();
    assert!(shows(reviewed.request(), "2.99997830"), "the amount that leaves is shown");
}
