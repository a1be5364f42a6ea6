//! Requests through the host signer, with a key store's content: signed byte for byte, or refused by name.
#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

mod common;

use common::{Vectors, hex, list, number, parsed, text};
use dcrcold_core::hash::TransferId;
use dcrcold_core::machine::{NoMemory, Voters};
use dcrcold_core::net::Network;
use dcrcold_core::path::{Account, Branch, CoinType, Generation};
use dcrcold_core::policy::Rule;
use dcrcold_signer::hd::{ChildNumber, Derivation, ExtendedKeyData, ExtendedPrivateKey};
use dcrcold_signer::keystore::{AccountEntry, Contents, ContentsError};
use dcrcold_signer::seed::Seed;
use dcrcold_signer::signer::{RegisteredVoters, SignerError, check_voter, review};
use dcrcold_signer::transfer::{Container, Encode};
use dcrcold_signer::voter::{VoterKeys, own_accounts};
use serde_json::Value;

/// Makes the key store that a case of the vectors needs.
fn contents(case: &Value) -> Contents {
    let wallet = &case["wallet"];
    let network: Network = parsed(&wallet["network"]);
    let coin_type = CoinType::new(network, number(&wallet["coin_type"])).unwrap();
    let entry =
        AccountEntry { account: Account::new(number(&wallet["account"])).unwrap(), name: parsed(&"main".into()) };
    let seed = Seed::parse(text(&wallet["seed"])).unwrap();
    let mut contents = Contents::new(seed, network, coin_type, Derivation::Decred, entry, None);
    let voter = &case["voter"];
    if voter.is_object() {
        let generation = Generation::new(number(&voter["generation"])).unwrap();
        if voter["origin"] == "own" {
            contents.add_generation(generation);
        } else {
            let master = ExtendedPrivateKey::master(&hex(&voter["seed"]), network, Derivation::Decred).unwrap();
            let account = Account::new(number(&voter["account"])).unwrap();
            contents.add_voter(voter_of(&master, coin_type, account, generation)).unwrap();
        }
    }
    contents
}

fn voter_of(master: &ExtendedPrivateKey, coin_type: CoinType, account: Account, generation: Generation) -> VoterKeys {
    let accounts = own_accounts(master, coin_type, account, generation).unwrap();
    VoterKeys { name: parsed(&"box".into()), accounts: accounts.map(|account| *account.public().node()) }
}

#[test]
fn every_request_is_answered_byte_for_byte() {
    let mut vectors = Vectors::load("builder.json");
    vectors.each("cases", |case| {
        let contents = contents(case);
        let request = hex(&case["transfer"]["request"]);
        let id: TransferId = parsed(&case["transfer"]["id"]);
        let words: Vec<_> = list(&case["transfer"]["check_words"]).iter().map(text).collect();
        let by_id =
            review(&request, &contents, &mut NoMemory).unwrap().approve(&id).unwrap().sign(&mut NoMemory).unwrap();
        let words: [&str; 4] = words.try_into().unwrap();
        let by_words = review(&request, &contents, &mut NoMemory)
            .unwrap()
            .approve_with_words(words)
            .unwrap()
            .sign(&mut NoMemory)
            .unwrap();
        assert_eq!(by_id, by_words);
        let answer = by_id.to_container(contents.network()).unwrap();
        assert_eq!(answer, Container::parse(&hex(&case["transfer"]["answer"])).unwrap(), "{}", case["name"]);

        let mut other = *id.as_bytes();
        other[31] ^= 1;
        assert!(review(&request, &contents, &mut NoMemory).unwrap().approve(&TransferId::from_bytes(other)).is_err());
        assert!(review(&request, &contents, &mut NoMemory).unwrap().approve_with_words(["aardvark"; 4]).is_err());
    });
    vectors.one("refused", |refused| {
        let contents = contents(refused);
        for case in list(&refused["cases"]) {
            match review(&hex(&case["request"]), &contents, &mut NoMemory).err() {
                Some(SignerError::Refused(refusal)) => assert_eq!(refusal.rule.name(), text(&case["rule"])),
                other => panic!("{}: {other:?}", case["why"]),
            }
        }
        list(&refused["cases"]).len()
    });
    vectors.finish(15 + 53);
}

/// A key store with account 25, a request for it, and a voter of somebody else.
fn guarded() -> (Contents, ExtendedPrivateKey, VoterKeys) {
    let network = Network::Simnet;
    let coin_type = CoinType::standard(network);
    let entry = AccountEntry { account: Account::new(25).unwrap(), name: parsed(&"far".into()) };
    let contents =
        Contents::new(Seed::from_bytes(&[7; 32]).unwrap(), network, coin_type, Derivation::Decred, entry, None);
    let master = contents.master().unwrap();
    let foreign = ExtendedPrivateKey::master(&[8; 32], network, Derivation::Decred).unwrap();
    let voter = voter_of(&foreign, coin_type, Account::FIRST, Generation::FIRST);
    (contents, master, voter)
}

#[test]
fn a_voter_that_is_a_spending_account_is_refused() {
    let (contents, master, voter) = guarded();
    check_voter(&contents, &master, &voter, None).unwrap();
    let account_key = |number| -> ExtendedKeyData {
        let path = contents.path(Account::new(number).unwrap());
        *master.account(path).unwrap().public().node()
    };
    let branch_key =
        |number, branch: Branch| account_key(number).child(ChildNumber::from_raw(branch.number())).unwrap();
    let mut tried = 0;
    for place in 0..3 {
        for number in [0, 7, 19, 25] {
            for key in [account_key(number), branch_key(number, Branch::External), branch_key(number, Branch::Internal)]
            {
                // The chain code does not matter: the key alone would give the coins away.
                let key = ExtendedKeyData::new(*key.key(), [1; 32]);
                let mut bad = voter.clone();
                bad.accounts[place] = key;
                let refusal = check_voter(&contents, &master, &bad, None).unwrap_err();
                assert_eq!(refusal.rule, Rule::VoterIsSpendingAccount);
                tried += 1;
            }
        }
    }
    println!("spending accounts as voters: {tried} cases");
    assert_eq!(tried, 36);
    let mut far = voter.clone();
    far.accounts[0] = account_key(30);
    check_voter(&contents, &master, &far, None).unwrap();
    let refusal = check_voter(&contents, &master, &far, Account::new(30)).unwrap_err();
    assert_eq!(refusal.rule, Rule::VoterIsSpendingAccount);
}

#[test]
fn a_voter_with_two_equal_accounts_is_refused() {
    let (contents, master, voter) = guarded();
    for (from, to) in [(0, 1), (0, 2), (1, 2)] {
        let mut bad = voter.clone();
        bad.accounts[to] = ExtendedKeyData::new(*bad.accounts[from].key(), [9; 32]);
        let refusal = check_voter(&contents, &master, &bad, None).unwrap_err();
        assert_eq!(refusal.rule, Rule::VoterAccountsNotDistinct);
    }
}

/// A voter that was let into the key store by whatever means is checked again at every purchase.
#[test]
fn a_registered_voter_is_checked_at_every_purchase() {
    let vectors = Vectors::load("builder.json");
    let case = list(vectors.get("cases")).iter().find(|case| case["voter"]["origin"] == "foreign").unwrap();
    let mut contents = contents(case);
    let request = hex(&case["transfer"]["request"]);
    review(&request, &contents, &mut NoMemory).unwrap();

    // The request names the fingerprint, so the bad voter needs a request of its own: the id is made to fit.
    let mut bad = contents.voters()[0].clone();
    bad.name = parsed(&"bad".into());
    let path = contents.path(Account::new(3).unwrap());
    bad.accounts[2] = *contents.master().unwrap().account(path).unwrap().public().node();
    let (good, evil) = (contents.voters()[0].fingerprint(contents.network()), bad.fingerprint(contents.network()));
    contents.add_voter(bad).unwrap();
    let container = Container::parse(&request).unwrap();
    let mut body = container.body().to_vec();
    let at = body.windows(16).position(|window| window == good.as_bytes()).unwrap();
    body[at..at + 16].copy_from_slice(evil.as_bytes());
    let request = Container::new(container.kind(), container.network(), body).unwrap().encode();
    match review(&request, &contents, &mut NoMemory).err() {
        Some(SignerError::Refused(refusal)) => assert_eq!(refusal.rule, Rule::VoterIsSpendingAccount),
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_account_or_generation_that_the_store_does_not_hold_is_refused() {
    let vectors = Vectors::load("builder.json");
    let case = &list(vectors.get("cases"))[0];
    let request = hex(&case["transfer"]["request"]);
    let rule = |contents: &Contents| match review(&request, contents, &mut NoMemory).err() {
        Some(SignerError::Refused(refusal)) => refusal.rule,
        other => panic!("{other:?}"),
    };
    let mut other_account = case.clone();
    other_account["wallet"]["account"] = 1.into();
    assert_eq!(rule(&contents(&other_account)), Rule::AccountUnknown);
    let mut other_coin = case.clone();
    other_coin["wallet"]["coin_type"] = 20.into();
    assert_eq!(rule(&contents(&other_coin)), Rule::AccountUnknown);
    let mut other_network = case.clone();
    other_network["wallet"]["network"] = "simnet".into();
    other_network["wallet"]["coin_type"] = 1.into();
    assert_eq!(rule(&contents(&other_network)), Rule::NetworkMismatch);
    let mut other_seed = case.clone();
    other_seed["wallet"]["seed"] = "01".repeat(32).into();
    assert_eq!(rule(&contents(&other_seed)), Rule::InputNotOurs);

    let third = list(vectors.get("cases")).iter().find(|case| case["voter"]["generation"] == 3).unwrap();
    let mut unknown = third.clone();
    unknown["voter"] = Value::Null;
    let request = hex(&third["transfer"]["request"]);
    match review(&request, &contents(&unknown), &mut NoMemory).err() {
        Some(SignerError::Refused(refusal)) => assert_eq!(refusal.rule, Rule::VoterUnknown),
        other => panic!("{other:?}"),
    }
}

/// A review would call it what it calls the own voter, and only the fingerprint would tell.
#[test]
fn a_registered_voter_does_not_get_the_name_of_an_own_one() {
    let (mut contents, _, voter) = guarded();
    for name in ["own voter of far, generation 0", "Own Voter", "OWN  VOTER of far", " own voter"] {
        let voter = VoterKeys { name: parsed(&name.into()), ..voter.clone() };
        assert!(matches!(contents.add_voter(voter), Err(ContentsError::NameReserved { .. })), "{name}");
    }
    contents.add_voter(VoterKeys { name: parsed(&"owner's voter".into()), ..voter }).unwrap();
}

/// The own voter of one account, asked for twice, the second time for another account.
#[test]
fn an_own_voter_votes_for_its_account_only() {
    let (mut contents, master, _) = guarded();
    let entry = AccountEntry { account: Account::FIRST, name: parsed(&"near".into()) };
    contents.add_account(entry).unwrap();
    let far = voter_of(&master, contents.coin_type(), Account::new(25).unwrap(), Generation::FIRST);
    let fingerprint = far.fingerprint(contents.network());
    let mut voters = RegisteredVoters::new(&contents).unwrap();
    let mut select = |number| voters.select(contents.path(Account::new(number).unwrap()), &fingerprint);
    select(25).unwrap();
    assert_eq!(select(0).unwrap_err().rule, Rule::VoterUnknown);
}
