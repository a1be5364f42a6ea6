//! The host has coins of one network, coin type or version signed for in the belief that they are of another: signatures
//! cover neither.

use dcrcold_core::net::Network;
use dcrcold_core::path::{Account, CoinType};
use dcrcold_core::policy::Rule;
use dcrcold_signer::hd::Derivation;
use dcrcold_signer::keystore::{AccountEntry, Contents};
use dcrcold_signer::seed::Seed;
use dcrcold_signer::signer::{SignerError, review};
use dcrcold_signer::transfer::{Encode, Voting};

use crate::body::seal;
use crate::cold::{NETWORK, encoded, index};
use crate::harness::{Attack, Victim, bytes, empty_memory, pairs, purchase};

/// Where the header has its version, kind, network and flags.
const VERSION: usize = 7;
const KIND: usize = 8;
const NETWORK_AT: usize = 9;
const FLAGS: usize = 10;

/// A byte of the header is another one, and the id fits.
fn header(at: usize, byte: u8) -> Attack {
    bytes(|honest| {
        let mut request = honest.to_vec();
        request[at] = byte;
        seal(&mut request);
        request
    })
}

/// A pair of a body, here the account.
fn account(coin_type: u64, number: u64) -> Attack {
    pairs(|body| {
        body.with(0, |w| {
            w.array(2).uint(coin_type).uint(number);
        })
    })
}

/// A person who thinks of play money approves more.
#[test]
fn calls_mainnet_coins_simnet_ones() {
    header(NETWORK_AT, Network::Simnet.code()).is_refused(Rule::NetworkCoinMismatch);
}

#[test]
fn calls_mainnet_coins_simnet_ones_with_simnets_coin_type() {
    let victim = Victim::new();
    let honest = victim.cold.purchase(2);
    let mut hostile = honest.clone();
    hostile.account.coin_type = CoinType::standard(Network::Simnet);
    let hostile = hostile.to_container(Network::Simnet).unwrap().encode();
    Attack::new(victim, encoded(&honest), hostile).is_refused(Rule::NetworkMismatch);
}

/// The seed is on two machines, one for tests; the test machine must not sign for mainnet.
#[test]
fn has_a_test_machine_sign_for_mainnet() {
    let entry = AccountEntry { account: Account::FIRST, name: "main".parse().unwrap() };
    let seed = Seed::from_bytes(&[7; 32]).unwrap();
    let coin_type = CoinType::standard(Network::Simnet);
    let simnet = Contents::new(seed, Network::Simnet, coin_type, Derivation::Decred, entry, None);
    let victim = Victim::new();
    let request = encoded(&victim.cold.purchase(1));
    victim.signs(&request);
    match review(&request, &simnet, &mut empty_memory(&simnet)) {
        Err(SignerError::Refused(refusal)) => assert_eq!(refusal.rule, Rule::NetworkMismatch),
        other => panic!("{:?}", other.err()),
    }
}

#[test]
fn names_a_network_that_does_not_exist() {
    header(NETWORK_AT, 3).is_refused(Rule::NetworkMismatch);
}

#[test]
fn takes_mainnet_coins_under_simnets_coin_type() {
    account(115, 0).is_refused(Rule::NetworkCoinMismatch);
}

#[test]
fn takes_mainnet_coins_under_bitcoins_coin_type() {
    account(0, 0).is_refused(Rule::NetworkCoinMismatch);
}

#[test]
fn takes_mainnet_coins_under_a_coin_type_that_wraps() {
    account((1 << 32) + 42, 0).is_refused(Rule::NetworkCoinMismatch);
}

#[test]
fn spends_from_the_coin_type_of_old_wallets() {
    account(20, 0).is_refused(Rule::AccountUnknown);
}

#[test]
fn spends_from_an_account_that_the_owner_never_made() {
    account(42, 1).is_refused(Rule::AccountUnknown);
}

#[test]
fn spends_from_the_voting_account() {
    account(42, 0x1000_0000).is_refused(Rule::AccountOutOfRange);
}

#[test]
fn spends_from_the_alt_sign_account() {
    account(42, 0x2000_0000).is_refused(Rule::AccountOutOfRange);
}

#[test]
fn spends_from_the_purse_account() {
    account(42, 0x3000_0000).is_refused(Rule::AccountOutOfRange);
}

#[test]
fn spends_from_the_voting_account_of_a_later_generation() {
    account(42, 0x1f00_0000).is_refused(Rule::AccountOutOfRange);
}

#[test]
fn spends_from_the_first_account_that_is_none() {
    account(42, 1 << 24).is_refused(Rule::AccountOutOfRange);
}

#[test]
fn spends_from_a_hardened_number_written_out() {
    account(42, 1 << 31).is_refused(Rule::AccountOutOfRange);
}

#[test]
fn spends_from_an_account_number_that_wraps() {
    account(42, 1 << 32).is_refused(Rule::AccountOutOfRange);
}

/// A fingerprint covers the network, so that a voter of play money does not vote with real tickets.
#[test]
fn has_a_simnet_voter_vote_on_mainnet() {
    purchase(|cold, purchase| {
        let fingerprint = cold.voter().fingerprint(Network::Simnet);
        assert_ne!(fingerprint, cold.voter().fingerprint(NETWORK));
        purchase.voting = Voting::Voter { fingerprint, first: index(0) };
    })
    .is_refused(Rule::VoterUnknown);
}

#[test]
fn falls_back_to_a_version_before_the_first() {
    header(VERSION, 0).is_refused(Rule::VersionUnknown);
}

#[test]
fn has_a_later_version_read_as_this_one() {
    header(VERSION, 2).is_refused(Rule::VersionUnknown);
}

#[test]
fn has_an_answer_signed() {
    header(KIND, 4).is_refused(Rule::KindUnexpected);
}

#[test]
fn has_hot_keys_signed() {
    header(KIND, 7).is_refused(Rule::KindUnexpected);
}

#[test]
fn has_a_kind_signed_that_does_not_exist() {
    header(KIND, 0).is_refused(Rule::KindUnexpected);
}

/// What one kind calls tickets, another calls outputs.
#[test]
fn has_a_purchase_read_as_a_send() {
    header(KIND, 2).is_refused(Rule::NotCanonical);
}

#[test]
fn has_a_purchase_read_as_a_registration() {
    header(KIND, 3).is_refused(Rule::NotCanonical);
}

#[test]
fn sets_a_flag_of_the_future() {
    header(FLAGS, 2).is_refused(Rule::FlagsUnknown);
}

/// The core never inflates; a host that forgot to must not read packed bytes as plain ones.
#[test]
fn has_packed_bytes_read_as_plain_ones() {
    header(FLAGS, 1).is_refused(Rule::FlagsUnknown);
}
