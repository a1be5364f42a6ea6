//! Requests of tests/vectors/builder.json, and what the signer of this repository answers to them.

use dcrcold_core::apdu::{ExtendedKey, SpendingAccount, VoterRecord};
use dcrcold_core::hash::TransferId;
use dcrcold_core::net::Network;
use dcrcold_core::path::{Account, AccountPath, CoinType, Generation};
use dcrcold_signer::hd::{Derivation, ExtendedPrivateKey};
use dcrcold_signer::key::{MessageSignature, Signature};
use dcrcold_signer::keystore::{AccountEntry, Contents};
use dcrcold_signer::seed::Seed;
use dcrcold_signer::transfer::{Answer, Encode as _};
use dcrcold_signer::voter::{VoterKeys, own_accounts};
use serde_json::Value;

use crate::common::{Vectors, hex, list, number, parsed, text};

/// A request of the file.
pub struct Case {
    pub name: String,
    pub seed: Vec<u8>,
    pub of: SpendingAccount,
    pub voter: Option<VoterKeys>,
    /// Whose keys are those of this device, so that it would not register them.
    pub own_voter: bool,
    pub request: Vec<u8>,
    pub id: TransferId,
    /// The recorded answer, as a file.
    pub answer: Vec<u8>,
}

/// The account of a `wallet`.
fn spending_account(wallet: &Value) -> SpendingAccount {
    let network: Network = parsed(&wallet["network"]);
    let coin_type = CoinType::new(network, number(&wallet["coin_type"])).unwrap();
    let account = Account::new(number(&wallet["account"])).unwrap();
    SpendingAccount { network, account: AccountPath { coin_type, account } }
}

fn voter(of: SpendingAccount, voter: &Value) -> VoterKeys {
    let root = ExtendedPrivateKey::master(&hex(&voter["seed"]), of.network, Derivation::Decred).unwrap();
    let account = Account::new(number(&voter["account"])).unwrap();
    let generation = Generation::new(number(&voter["generation"])).unwrap();
    let accounts = own_accounts(&root, of.account.coin_type, account, generation).unwrap();
    VoterKeys { name: "test".parse().unwrap(), accounts: accounts.map(|account| *account.public().node()) }
}

/// A voter as a device keeps it.
pub fn record(of: SpendingAccount, keys: &VoterKeys) -> VoterRecord {
    let accounts = keys.accounts.each_ref();
    let accounts = accounts.map(|node| ExtendedKey { key: node.key().to_bytes(), chain_code: *node.chain_code() });
    VoterRecord::new(of, &keys.name.to_string(), accounts).unwrap()
}

impl Case {
    fn read(case: &Value) -> Self {
        let of = spending_account(&case["wallet"]);
        Self {
            name: text(&case["name"]).into(),
            seed: hex(&case["wallet"]["seed"]),
            of,
            voter: (!case["voter"].is_null()).then(|| voter(of, &case["voter"])),
            own_voter: case["voter"]["origin"] == "own",
            request: hex(&case["transfer"]["request"]),
            id: parsed(&case["transfer"]["id"]),
            answer: hex(&case["transfer"]["answer"]),
        }
    }

    /// All of them that a device with its own seed signs: an own voter's tickets could never vote.
    pub fn all() -> Vec<Self> {
        let vectors = Vectors::load("builder.json");
        let cases = list(vectors.get("cases")).iter().map(Self::read);
        cases.filter(|case| !case.own_voter || case.names_no_voter()).collect()
    }

    fn names_no_voter(&self) -> bool {
        self.voter.as_ref().is_none_or(|voter| {
            let fingerprint = *voter.fingerprint(self.of.network).as_bytes();
            !self.request.windows(fingerprint.len()).any(|window| window == fingerprint)
        })
    }

    /// The largest purchase that a device takes.
    pub fn large() -> Self {
        Self::all().into_iter().find(|case| case.name.starts_with("twenty tickets")).unwrap()
    }

    /// The voter that the request names.
    pub fn record(&self) -> Option<VoterRecord> {
        self.voter.as_ref().filter(|_| !self.names_no_voter()).map(|voter| record(self.of, voter))
    }

    /// A key store with this case's seed and voter, with keys by BIP-32 as a device has them.
    pub fn store(&self) -> Contents {
        let entry = AccountEntry { account: self.of.account.account, name: "main".parse().unwrap() };
        let seed = Seed::from_bytes(&self.seed).unwrap();
        let coin_type = self.of.account.coin_type;
        let mut contents = Contents::new(seed, self.of.network, coin_type, Derivation::Strict, entry, None);
        if let Some(voter) = self.voter.clone().filter(|_| !self.own_voter) {
            contents.add_voter(voter).unwrap();
        }
        contents
    }

    /// The file that a device's signatures make.
    pub fn answer_of(&self, signatures: &[Vec<u8>]) -> Vec<u8> {
        let mut answer = Answer { request: self.id, inputs: Vec::new(), tickets: Vec::new(), messages: Vec::new() };
        for signature in signatures {
            match signature.split_first().unwrap() {
                (0, bytes) => answer.inputs.push(Signature::from_bytes(bytes.try_into().unwrap())),
                (1, bytes) => answer.tickets.push(Signature::from_bytes(bytes.try_into().unwrap())),
                (2, bytes) => answer.messages.push(MessageSignature::from_bytes(bytes.try_into().unwrap())),
                (kind, _) => panic!("signature of kind {kind}"),
            }
        }
        answer.to_container(self.of.network).unwrap().encode()
    }
}
