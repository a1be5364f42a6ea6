use dcrcold_core::amount::{Amount, FeeRate, Height};
use dcrcold_core::hash::{Fingerprint, Hash160, TxId};
use dcrcold_core::net::Network;
use dcrcold_core::path::{Account, CoinType, Generation, Index, KeyPath};
use dcrcold_core::request::{Claim, Funding};
use dcrcold_core::script::Payment;
use dcrcold_signer::hd::{Derivation, ExtendedPrivateKey};
use dcrcold_signer::keystore::{AccountEntry, Contents};
use dcrcold_signer::seed::Seed;
use dcrcold_signer::transfer::{Encode, InputRef, Purchase, Voting};
use dcrcold_signer::tx::{OutPoint, RawValue, Transaction, Tree, TxIn, TxOut};
use dcrcold_signer::voter::VoterSecrets;

const NETWORK: Network = Network::Mainnet;
const HEIGHT: u32 = 1_000_000;
const TICKET: u64 = 100 * 100_000_000;

/// A cold wallet with one registered voter, and requests for it.
pub struct ColdWallet {
    /// The key store's content.
    pub contents: Contents,
    account: ExtendedPrivateKey,
    voter: Fingerprint,
}

impl ColdWallet {
    /// The same wallet every time.
    ///
    /// # Panics
    /// Never: the seeds are good ones.
    #[must_use]
    pub fn new() -> Self {
        let coin_type = CoinType::standard(NETWORK);
        let account = Account::new(0).expect("the first account exists");
        let entry = AccountEntry { account, name: "bench".parse().expect("printable") };
        let seed = Seed::from_bytes(&[1; 32]).expect("32 bytes are a seed");
        let mut contents = Contents::new(seed, NETWORK, coin_type, Derivation::Decred, entry, None);
        let box_seed = ExtendedPrivateKey::master(&[2; 32], NETWORK, Derivation::Decred).expect("a usable seed");
        let name = "bench".parse().expect("printable");
        let voter = VoterSecrets::derive(&box_seed, coin_type, account, Generation::FIRST, name);
        let voter = voter.expect("a usable seed").public();
        let fingerprint = voter.fingerprint(NETWORK);
        contents.add_voter(voter).expect("the first voter fits");
        let master = contents.master().expect("a usable seed");
        let account = master.account(contents.path(account)).expect("a usable account");
        Self { contents, account, voter: fingerprint }
    }

    /// A request for `tickets` tickets of 100 DCR, paid with one input of 210 DCR for every two, each with a parent of its own.
    ///
    /// # Panics
    /// For more tickets than a request can hold.
    #[must_use]
    pub fn request(&self, tickets: u32) -> Vec<u8> {
        let inputs: Vec<InputRef> = (0..tickets.div_ceil(2).max(1) + 1)
            .map(|number| InputRef { parent: number, output: 1, path: path(number) })
            .collect();
        let parents = inputs.iter().map(|input| self.parent(input.path).encode_prefix()).collect();
        let purchase = Purchase {
            account: self.contents.path(self.contents.accounts()[0].account),
            inputs,
            tickets,
            amount: atoms(TICKET),
            fee_rate: FeeRate::from_atoms_per_kb(10_000),
            first_internal: Index::new(0).expect("an index"),
            voting: Voting::Voter { fingerprint: self.voter, first: Index::new(0).expect("an index") },
            purse: None,
            expiry: Height(HEIGHT + 288),
            claim: Claim { tip: Height(HEIGHT), time: 1_790_000_000, price: Some(atoms(TICKET / 100 * 95)) },
            label: None,
            funding: Funding::Split,
            parents,
        };
        purchase.to_container(NETWORK).expect("the request fits").encode()
    }

    /// A payment with two inputs: change to somebody, and 210 DCR to `path`.
    fn parent(&self, path: KeyPath) -> Transaction {
        let input = |index| {
            let previous = OutPoint { id: TxId::from_bytes([index; 32]), index: 0, tree: Tree::Regular };
            TxIn::unsigned(previous, RawValue(0))
        };
        let key = self.account.address_key(path).expect("a usable key").public_key();
        let output = |value, hash| TxOut::new(atoms(value), Payment::to_key(hash).script().as_bytes());
        Transaction {
            version: 1,
            inputs: vec![input(1), input(path.index.number().to_le_bytes()[0])],
            outputs: vec![output(5_000_000_000, Hash160::from_bytes([7; 20])), output(TICKET / 10 * 21, key.hash())],
            lock_time: 0,
            expiry: 0,
        }
    }
}

impl Default for ColdWallet {
    fn default() -> Self {
        Self::new()
    }
}

fn path(number: u32) -> KeyPath {
    KeyPath::external(Index::new(number.into()).expect("an index"))
}

fn atoms(atoms: u64) -> Amount {
    Amount::from_atoms(atoms).expect("an amount that exists")
}
