//! A host that brings a voter which the person at this device never approved for this account.

use dcrcold_core::apdu::{Command, Failure, Turn, VoterRecord};
use dcrcold_core::net::Network;
use dcrcold_core::path::{Account, CoinType, Generation};
use dcrcold_core::policy::Rule;
use dcrcold_signer::device::{Mac, SpendingAccount};
use dcrcold_signer::hd::{Derivation, ExtendedPrivateKey};
use dcrcold_signer::voter::{VoterKeys, own_accounts};

use crate::device::{InProcess, Software};
use crate::target::Target;

fn voter(target: &Target) -> VoterKeys {
    target.case.voters[0].clone()
}

/// Brings a record with a mark and sees that the device does not know it, before the request and for it.
fn is_unknown(target: &mut Target, record: VoterRecord, mac: Mac) {
    target.is_refused(&Command::Voter { record, mac }, Rule::VoterUnknown);
    match target.stream(&target.case.request.clone()) {
        Err(Failure::Refused(refusal)) => assert_eq!(refusal.rule, Rule::VoterUnknown),
        other => panic!("{other:?}"),
    }
}

/// The mark of another record under this one.
fn carries_over(change: impl FnOnce(&mut VoterRecord)) {
    let mut target = Target::purchase();
    let (honest, mac) = target.register(&voter(&target)).unwrap();
    let mut record = honest;
    change(&mut record);
    assert_ne!(record, honest);
    is_unknown(&mut target, record, mac);
}

#[test]
fn brings_no_voter_at_all() {
    let mut target = Target::purchase();
    match target.stream(&target.case.request.clone()) {
        Err(Failure::Refused(refusal)) => assert_eq!(refusal.rule, Rule::VoterUnknown),
        other => panic!("{other:?}"),
    }
    target.holds_nothing();
}

#[test]
fn makes_up_a_mark() {
    let mut target = Target::purchase();
    let record = target.record(&voter(&target));
    is_unknown(&mut target, record, [0; 16]);
}

/// A device compares all of a mark: one bit of it is no better than none.
#[test]
fn changes_one_bit_of_a_mark() {
    let mut target = Target::purchase();
    let (record, mac) = target.register(&voter(&target)).unwrap();
    for bit in 0..128 {
        let mut other = mac;
        other[bit / 8] ^= 1 << (bit % 8);
        target.is_refused(&Command::Voter { record, mac: other }, Rule::VoterUnknown);
    }
    println!("marks with one wrong bit: 128 cases");
}

#[test]
fn uses_the_mark_of_another_device() {
    let mut target = Target::purchase();
    let mut other = Target::purchase();
    other.device = InProcess::new(Software::new(&[9; 32], Derivation::Decred));
    let (record, mac) = other.register(&voter(&target)).unwrap();
    is_unknown(&mut target, record, mac);
}

#[test]
fn uses_a_mark_of_another_network() {
    carries_over(|record| {
        let coin_type = CoinType::standard(Network::Testnet3);
        record.of.network = Network::Testnet3;
        record.of.account.coin_type = coin_type;
    });
}

#[test]
fn uses_a_mark_for_another_account() {
    carries_over(|record| record.of.account.account = Account::new(1).unwrap());
}

#[test]
fn uses_a_mark_of_another_coin_type() {
    carries_over(|record| record.of.account.coin_type = CoinType::new(Network::Mainnet, 20).unwrap());
}

#[test]
fn uses_a_mark_under_another_name() {
    let name = |target: &Target, name: &str| {
        let honest = target.record(&voter(target));
        VoterRecord::new(honest.of, name, honest.accounts).unwrap()
    };
    for other in ["tesu", "tes", "testt", "TEST"] {
        let mut target = Target::purchase();
        let (_, mac) = target.register(&voter(&target)).unwrap();
        let record = name(&target, other);
        is_unknown(&mut target, record, mac);
    }
    println!("marks under another name: 4 cases");
}

#[test]
fn uses_a_mark_with_another_voting_key() {
    carries_over(|record| record.accounts[0] = record.accounts[1]);
}

#[test]
fn uses_a_mark_with_another_chain_code() {
    carries_over(|record| record.accounts[2].chain_code[31] ^= 1);
}

#[test]
fn uses_a_mark_with_the_accounts_exchanged() {
    carries_over(|record| record.accounts.swap(0, 1));
}

/// The bytes of name and key run into each other when the length is not covered.
#[test]
fn moves_a_byte_from_the_name_into_the_key() {
    let mut target = Target::purchase();
    let (record, mac) = target.register(&voter(&target)).unwrap();
    let apdu = Command::Voter { record, mac }.write();
    let mut bytes = apdu.as_bytes().to_vec();
    // Five bytes of head, nine of the account, then the length of the name.
    bytes[5 + 9] -= 1;
    assert!(target.device.raw(&bytes).outcome().is_err());
    target.holds_nothing();
}

/// A name is approved for the request after it, and for no other.
#[test]
fn uses_a_voter_for_a_second_request() {
    let mut target = Target::purchase();
    target.approve();
    target.tell(&Command::Abort).unwrap();
    match target.stream(&target.case.request.clone()) {
        Err(Failure::Refused(refusal)) => assert_eq!(refusal.rule, Rule::VoterUnknown),
        other => panic!("{other:?}"),
    }
}

#[test]
fn registers_a_voter_that_the_person_declines() {
    let mut target = Target::purchase();
    target.device.will(&[(0, Turn::Decline)]);
    let record = target.record(&voter(&target));
    assert!(target.tell(&Command::Register(record)).is_err());
    target.is_refused(&Command::Voter { record, mac: [0; 16] }, Rule::VoterUnknown);
}

/// Whoever has the hot keys of an own voter has them from the seed, and a device gives none out.
#[test]
fn has_the_devices_own_voter_registered() {
    let mut ran = 0;
    for account in [0, 1, 7] {
        for generation in 0..16 {
            let mut target = Target::purchase();
            target.device = InProcess::new(Software::new(&target.case.seed, Derivation::Decred));
            let account = Account::new(account).unwrap();
            target.case.of = SpendingAccount {
                account: dcrcold_core::path::AccountPath { account, ..target.case.of.account },
                ..target.case.of
            };
            let master =
                ExtendedPrivateKey::master(&target.case.seed, target.case.of.network, Derivation::Decred).unwrap();
            let generation = Generation::new(generation).unwrap();
            let accounts = own_accounts(&master, target.case.of.account.coin_type, account, generation).unwrap();
            let own = VoterKeys { name: "own".parse().unwrap(), accounts: accounts.map(|key| *key.public().node()) };
            let record = target.record(&own);
            target.is_refused(&Command::Register(record), Rule::VoterOwnNotExportable);
            assert!(target.device.platform.user.seen.is_empty(), "nobody is asked");
            ran += 1;
        }
    }
    println!("own voters: {ran} cases");
    assert_eq!(ran, 48);
}

/// The same seed has an own voter for each of its accounts.
#[test]
fn has_the_own_voter_of_another_account_registered() {
    let mut target = Target::purchase();
    target.device = InProcess::new(Software::new(&target.case.seed, Derivation::Decred));
    let (network, of) = (target.case.of.network, target.case.of.account);
    let master = ExtendedPrivateKey::master(&target.case.seed, network, Derivation::Decred).unwrap();
    let mut ran = 0;
    for account in (0..20).filter_map(Account::new).filter(|account| *account != of.account) {
        let accounts = own_accounts(&master, of.coin_type, account, Generation::FIRST).unwrap();
        let other = VoterKeys { name: "other".parse().unwrap(), accounts: accounts.map(|key| *key.public().node()) };
        let record = target.record(&other);
        target.is_refused(&Command::Register(record), Rule::VoterOwnNotExportable);
        ran += 1;
    }
    assert!(target.device.platform.user.seen.is_empty(), "nobody is asked");
    println!("own voters of other accounts: {ran} cases");
    assert_eq!(ran, 19);
}
