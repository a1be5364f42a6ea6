//! The host wants the votes, the purse, or a voting key that gives the coins away: a hot private key next to the public
//! key of its parent makes the parent's private key.

use dcrcold_core::hash::{Fingerprint, Hash160};
use dcrcold_core::path::{Account, Generation, VoterAccount};
use dcrcold_core::policy::Rule;
use dcrcold_core::request::{Output, Purse, Recipient};
use dcrcold_signer::hd::{ChildNumber, ExtendedKeyData};
use dcrcold_signer::keystore::ContentsError;
use dcrcold_signer::signer::check_voter;
use dcrcold_signer::transfer::Voting;
use dcrcold_signer::voter::{VoterKeys, fingerprint, own_accounts};

use crate::cold::{Cold, NETWORK, atoms, encoded, foreign_voter, index};
use crate::harness::{Victim, pairs, purchase, register, send};

/// The places of a voter's accounts.
const VOTING: usize = 0;
const ALT_SIGN: usize = 1;
const PURSE: usize = 2;

fn named(fingerprint: Fingerprint) -> Voting {
    Voting::Voter { fingerprint, first: index(0) }
}

/// A spending account, whether the key store holds it or not.
fn account(cold: &Cold, number: u64) -> ExtendedKeyData {
    let path = cold.contents.path(Account::new(number).unwrap());
    *cold.contents.master().unwrap().account(path).unwrap().public().node()
}

/// A voter that came into the key store with a hostile account at one place: refused when it is registered, and refused
/// again by every kind of request that names it.
fn voter_with(place: usize, key: impl FnOnce(&Cold) -> ExtendedKeyData, rule: Rule) {
    let mut victim = Victim::new();
    let mut voter = foreign_voter();
    voter.name = "evil".parse().unwrap();
    voter.accounts[place] = key(&victim.cold);
    let master = victim.cold.contents.master().unwrap();
    assert_eq!(check_voter(&victim.cold.contents, &master, &voter, None).unwrap_err().rule, rule, "registration");
    let evil = voter.fingerprint(NETWORK);
    victim.cold.contents.add_voter(voter).unwrap();
    victim.signs(&encoded(&victim.cold.purchase(1)));
    let mut purchase = victim.cold.purchase(1);
    purchase.voting = named(evil);
    victim.refuses(&encoded(&purchase), rule);
    let mut register = victim.cold.register();
    register.voter = evil;
    victim.refuses(&encoded(&register), rule);
    let mut send = victim.cold.send();
    send.outputs[0].recipient = Recipient::Purse { fingerprint: evil, index: index(0) };
    victim.refuses(&encoded(&send), rule);
}

fn is_spending_account(place: usize, key: impl FnOnce(&Cold) -> ExtendedKeyData) {
    voter_with(place, key, Rule::VoterIsSpendingAccount);
}

#[test]
fn votes_with_a_key_of_the_spending_account() {
    is_spending_account(VOTING, |cold| cold.account);
}

#[test]
fn signs_vsp_messages_with_a_key_of_the_spending_account() {
    is_spending_account(ALT_SIGN, |cold| cold.account);
}

#[test]
fn pays_fees_with_a_key_of_the_spending_account() {
    is_spending_account(PURSE, |cold| cold.account);
}

#[test]
fn votes_with_keys_of_the_external_branch() {
    is_spending_account(VOTING, |cold| cold.account.child(ChildNumber::from_raw(0)).unwrap());
}

#[test]
fn votes_with_keys_of_the_internal_branch() {
    is_spending_account(VOTING, |cold| cold.account.child(ChildNumber::from_raw(1)).unwrap());
}

/// With another chain code the fingerprint is another one, and the key gives the coins away all the same.
#[test]
fn disguises_the_spending_account_with_another_chain_code() {
    is_spending_account(ALT_SIGN, |cold| ExtendedKeyData::new(*cold.account.key(), [1; 32]));
}

#[test]
fn votes_with_an_account_that_the_key_store_does_not_hold_yet() {
    is_spending_account(VOTING, |cold| account(cold, 19));
}

#[test]
fn makes_one_leaked_key_two_by_equal_voting_and_alt_sign_accounts() {
    voter_with(ALT_SIGN, |_| foreign_voter().accounts[VOTING], Rule::VoterAccountsNotDistinct);
}

#[test]
fn makes_the_purse_vote_by_equal_accounts() {
    voter_with(PURSE, |_| foreign_voter().accounts[VOTING], Rule::VoterAccountsNotDistinct);
}

#[test]
fn makes_the_purse_sign_messages_by_equal_accounts() {
    voter_with(PURSE, |_| foreign_voter().accounts[ALT_SIGN], Rule::VoterAccountsNotDistinct);
}

#[test]
fn makes_overlapping_accounts_look_different_by_their_chain_codes() {
    let overlapping = ExtendedKeyData::new(*foreign_voter().accounts[VOTING].key(), [1; 32]);
    voter_with(PURSE, |_| overlapping, Rule::VoterAccountsNotDistinct);
}

#[test]
fn votes_itself() {
    purchase(|_, purchase| purchase.voting = named(Fingerprint::from_bytes([9; 16]))).is_refused(Rule::VoterUnknown);
}

#[test]
fn has_its_own_voter_registered_for_tickets_that_exist() {
    register(|_, register| register.voter = Fingerprint::from_bytes([9; 16])).is_refused(Rule::VoterUnknown);
}

#[test]
fn fills_its_own_purse() {
    send(|_, send| {
        let fingerprint = Fingerprint::from_bytes([9; 16]);
        send.outputs[0].recipient = Recipient::Purse { fingerprint, index: index(0) };
    })
    .is_refused(Rule::VoterUnknown);
}

/// A registered voter with its voting and alt-sign accounts exchanged is another voter.
#[test]
fn swaps_the_accounts_of_a_registered_voter() {
    purchase(|cold, purchase| {
        let mut voter = cold.voter().clone();
        voter.accounts.swap(VOTING, ALT_SIGN);
        purchase.voting = named(voter.fingerprint(NETWORK));
    })
    .is_refused(Rule::VoterUnknown);
}

#[test]
fn swaps_the_purse_of_a_registered_voter_for_its_own() {
    purchase(|cold, purchase| {
        let mut voter = cold.voter().clone();
        voter.accounts[PURSE] = account(cold, 30);
        purchase.voting = named(voter.fingerprint(NETWORK));
    })
    .is_refused(Rule::VoterUnknown);
}

#[test]
fn names_one_letter_of_the_fingerprint_wrong() {
    purchase(|cold, purchase| {
        let mut bytes = *cold.voter().fingerprint(NETWORK).as_bytes();
        bytes[15] ^= 1;
        purchase.voting = named(Fingerprint::from_bytes(bytes));
    })
    .is_refused(Rule::VoterUnknown);
}

fn own(cold: &Cold, account: u64, generation: u64) -> Fingerprint {
    let (account, generation) = (Account::new(account).unwrap(), Generation::new(generation).unwrap());
    let master = cold.contents.master().unwrap();
    let accounts = own_accounts(&master, cold.path().coin_type, account, generation).unwrap();
    fingerprint(NETWORK, &accounts.map(|account| *account.public().node()))
}

/// Its hot file was never exported, so nobody could vote: the tickets would be missed.
#[test]
fn has_tickets_missed_with_an_own_voter_that_is_not_in_use() {
    purchase(|cold, purchase| purchase.voting = named(own(cold, 0, 1))).is_refused(Rule::VoterUnknown);
}

#[test]
fn has_the_own_voter_of_another_account_vote() {
    purchase(|cold, purchase| purchase.voting = named(own(cold, 1, 0))).is_refused(Rule::VoterUnknown);
}

#[test]
fn gives_itself_the_name_of_an_own_voter() {
    let mut victim = Victim::new();
    for name in
        ["own voter of main, generation 0", "Own Voter", "OWN  VOTER of main", "ownvoter of main", " o wn voter"]
    {
        let voter =
            VoterKeys { name: name.parse().unwrap(), accounts: [0, 1, 2].map(|at| account(&victim.cold, 40 + at)) };
        assert!(matches!(victim.cold.contents.add_voter(voter), Err(ContentsError::NameReserved { .. })), "{name}");
    }
}

/// Registers a voter beside the one that is called "box".
fn is_taken(name: &str) {
    let mut victim = Victim::new();
    assert_eq!(victim.cold.voter().name.as_str(), "box");
    let accounts = [0, 1, 2].map(|at| account(&victim.cold, 40 + at));
    let mut register = |name: &str| {
        victim.cold.contents.add_voter(VoterKeys { name: name.parse().unwrap(), accounts }).map_err(|it| it.to_string())
    };
    assert_eq!(register(name), Err("another voter is registered as \"box\"".to_owned()));
    assert_eq!(register("another"), Ok(()));
}

#[test]
fn gives_itself_the_name_of_a_registered_voter() {
    is_taken("box");
}

#[test]
fn gives_itself_a_name_that_differs_in_a_space() {
    is_taken("box ");
}

#[test]
fn gives_itself_a_name_that_differs_in_case() {
    is_taken("Box");
}

#[test]
fn names_a_voter_and_votes_itself_besides() {
    pairs(|body| {
        body.with(7, |w| {
            w.array(2).bytes(&[9; 20]).bytes(&[9; 20]);
        })
    })
    .is_refused(Rule::NotCanonical);
}

#[test]
fn has_tickets_bought_that_nobody_votes() {
    pairs(|body| body.without(6)).is_refused(Rule::NotCanonical);
}

#[test]
fn votes_with_one_ticket_of_two() {
    purchase(|_, purchase| purchase.voting = Voting::Foreign(vec![Hash160::from_bytes([9; 20])]))
        .is_refused(Rule::NotCanonical);
}

#[test]
fn hides_a_voting_hash_behind_those_that_are_shown() {
    purchase(|_, purchase| purchase.voting = Voting::Foreign(vec![Hash160::from_bytes([9; 20]); 3]))
        .is_refused(Rule::NotCanonical);
}

#[test]
fn pays_the_purses_of_two_voters_in_one_send() {
    send(|cold, send| {
        let ours = cold.voter().fingerprint(NETWORK);
        let purse = |fingerprint| Recipient::Purse { fingerprint, index: index(0) };
        let pays = |fingerprint| Output { recipient: purse(fingerprint), amount: atoms(1_000_000) };
        send.outputs = vec![pays(ours), pays(own(cold, 0, 0))];
    })
    .is_refused(Rule::NotCanonical);
}

#[test]
fn fills_a_purse_without_naming_its_voter() {
    purchase(|_, purchase| {
        purchase.voting = Voting::Foreign(vec![Hash160::from_bytes([9; 20]); 2]);
        purchase.purse = Some(Purse { amount: atoms(1_000_000), index: index(0) });
    })
    .is_refused(Rule::NotCanonical);
}

/// What is not refused is shown: whoever votes instead of a registered voter stands on the pages.
#[test]
fn a_foreign_vote_that_is_shown_is_no_attack() {
    let victim = Victim::new();
    let mut purchase = victim.cold.purchase(1);
    let hash = Hash160::from_bytes([9; 20]);
    purchase.voting = Voting::Foreign(vec![hash]);
    let request = encoded(&purchase);
    let address = dcrcold_signer::address::Address::of_payee(NETWORK, &dcrcold_core::script::Payee::KeyHash(hash));
    let reviewed = victim.review(&request).unwrap();
    assert!(crate::harness::shows(reviewed.request(), &address.to_string()));
    let purse = victim.cold.voter().hash(VoterAccount::Purse, index(0)).unwrap();
    assert_ne!(purse, hash);
    victim.signs(&request);
}
