//! Files that only hosts use, `files.json`: watch and voter exports, key stores, hot keys.
#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use dcrcold_core::hash::Fingerprint;
use dcrcold_core::net::Network;
use dcrcold_core::path::{Account, AccountPath, CoinType, Generation, Index, VoterAccount};
use dcrcold_core::policy::Limits;
use dcrcold_signer::hd::{Derivation, ExtendedPrivateKey};
use dcrcold_signer::keystore::{AccountEntry, Contents};
use dcrcold_signer::sealed::{Kdf, Passphrase, Randomness, Sealed, seal};
use dcrcold_signer::seed::Seed;
use dcrcold_signer::transfer::{Capacity, Container, Content, Encode, OwnVoter, WatchExport};
use dcrcold_signer::transfer::{open_hot_keys, seal_hot_keys};
use dcrcold_signer::voter::{VoterKeys, VoterSecrets, own_accounts};
use serde_json::Value;
use zeroize::Zeroizing;

mod common;

use common::{Vectors, hex, number, parsed, text};

/// One wallet of the vectors.
struct Case<'a> {
    row: &'a Value,
    network: Network,
    coin_type: CoinType,
    account: Account,
    generation: Generation,
    derivation: Derivation,
}

impl<'a> Case<'a> {
    fn new(row: &'a Value) -> Self {
        let network = parsed(&row["network"]);
        Self {
            row,
            network,
            coin_type: CoinType::new(network, number(&row["coin_type"])).unwrap(),
            account: Account::new(number(&row["account"])).unwrap(),
            generation: Generation::new(number(&row["generation"])).unwrap(),
            derivation: if row["strict"].as_bool().unwrap() { Derivation::Strict } else { Derivation::Decred },
        }
    }

    fn path(&self) -> AccountPath {
        AccountPath { coin_type: self.coin_type, account: self.account }
    }

    fn master(&self) -> ExtendedPrivateKey {
        ExtendedPrivateKey::master(&hex(&self.row["seed"]), self.network, self.derivation).unwrap()
    }

    fn passphrase(&self) -> Passphrase {
        Passphrase::new(Zeroizing::new(text(&self.row["passphrase"]).to_owned())).unwrap()
    }

    fn voter(&self) -> VoterKeys {
        let accounts = own_accounts(&self.master(), self.coin_type, self.account, self.generation).unwrap();
        VoterKeys { name: parsed(&self.row["label"]), accounts: accounts.map(|account| *account.public().node()) }
    }
}

#[test]
fn files_agree_with_the_model() {
    let mut vectors = Vectors::load("files.json");
    vectors.one("cases", |rows| {
        let mut files = 0;
        for row in common::list(rows) {
            let case = Case::new(row);
            for check in [watch_export, voter_export, key_store, hot_keys] {
                check(&case);
                files += 1;
            }
        }
        files
    });
    vectors.finish(4 * 4);
}

fn watch_export(case: &Case<'_>) {
    let bytes = hex(&case.row["watch"]);
    let export = WatchExport::from_container(&Container::parse(&bytes).unwrap()).unwrap();
    let account = case.master().account(case.path()).unwrap().public();
    assert_eq!(account.to_string(), text(&case.row["xpub"]));
    assert_eq!(export.extended_key(case.network), account);
    let made = WatchExport {
        account: case.path(),
        key: *account.node(),
        parent_fingerprint: account.position().parent_fingerprint,
        derivation: case.derivation,
        own_voter: Some(OwnVoter { generation: case.generation, accounts: case.voter().accounts }),
        capacity: Capacity::HOST,
        name: parsed(&case.row["label"]),
        // The vectors do not say the birthday apart from the files.
        birthday: export.birthday,
    };
    assert_eq!(made, export);
    assert_eq!(made.to_container(case.network).unwrap().encode(), bytes);
}

fn voter_export(case: &Case<'_>) {
    let bytes = hex(&case.row["voter"]);
    let voter = VoterKeys::from_container(&Container::parse(&bytes).unwrap()).unwrap();
    assert_eq!(voter, case.voter());
    assert!(voter.accounts_are_distinct());
    assert_eq!(voter.fingerprint(case.network), parsed::<Fingerprint>(&case.row["voter_fingerprint"]));
    assert_eq!(case.voter().to_container(case.network).unwrap().encode(), bytes);
}

fn key_store(case: &Case<'_>) {
    let (file, plain) = (hex(&case.row["key_store"]), hex(&case.row["key_store_plain"]));
    let sealed = Sealed::parse(&file).unwrap();
    assert_eq!(sealed.kdf(), Kdf::with_memory(8).unwrap());
    assert_eq!(*sealed.open(&case.passphrase()).unwrap(), plain);
    assert_eq!(seal(&plain, &case.passphrase(), sealed.kdf(), &randomness(&file)).unwrap(), file);

    let contents = Contents::decode(&plain).unwrap();
    assert_eq!(contents.network(), case.network);
    assert_eq!(*contents.limits(), Limits::DEFAULT);
    let entry = AccountEntry { account: case.account, name: parsed(&case.row["label"]) };
    let seed = Seed::parse(text(&case.row["seed"])).unwrap();
    let birthday = contents.birthday();
    let mut made = Contents::new(seed, case.network, case.coin_type, case.derivation, entry, birthday);
    for voter in contents.voters() {
        made.add_voter(voter.clone()).unwrap();
    }
    made.add_generation(case.generation);
    assert_eq!(*made.encode(), plain);
}

fn hot_keys(case: &Case<'_>) {
    let bytes = hex(&case.row["hot_keys"]);
    let container = Container::parse(&bytes).unwrap();
    let sealed = Sealed::parse(container.body()).unwrap();
    assert_eq!(*sealed.open(&case.passphrase()).unwrap(), hex(&case.row["hot_keys_plain"]));
    let secrets = open_hot_keys(&container, &case.passphrase()).unwrap();
    assert_eq!(secrets.public(), case.voter());
    let name = parsed(&case.row["label"]);
    let made = VoterSecrets::derive(&case.master(), case.coin_type, case.account, case.generation, name).unwrap();
    for account in VoterAccount::ALL {
        let key = made.key(account, Index::FIRST).unwrap();
        assert_eq!(key.public_key(), case.voter().key(account, Index::FIRST).unwrap());
        assert_eq!(key.secret_bytes(), secrets.key(account, Index::FIRST).unwrap().secret_bytes());
    }
    let randomness = randomness(container.body());
    let sealed = seal_hot_keys(case.network, &made, &case.passphrase(), sealed.kdf(), &randomness).unwrap();
    assert_eq!(sealed.encode(), bytes);
}

fn randomness(file: &[u8]) -> Randomness {
    Randomness { salt: file[21..37].try_into().unwrap(), nonce: file[37..61].try_into().unwrap() }
}
