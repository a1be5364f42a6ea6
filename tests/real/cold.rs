//! The two sides of a user: the offline program with its key store, the online one with its wallet.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use dcrcold::chain::ChainSource;
use dcrcold::chain::dcrd::Dcrd;
use dcrcold::voter::HotVoter;
use dcrcold::wallet::{SyncReport, SystemClock, Wallet};
use dcrcold_core::hash::{TransferId, TxId};
use dcrcold_core::machine::{NoMemory, Receiver, Signature as Made};
use dcrcold_core::net::Network;
use dcrcold_core::path::{Index, VoterAccount};
use dcrcold_core::policy::{Limits, Refusal};
use dcrcold_signer::address::Address;
use dcrcold_signer::key::{MessageSignature, Signature};
use dcrcold_signer::keystore::{Access, Contents, LockedStore};
use dcrcold_signer::rebuild::{HOST_INPUTS, HOST_TICKETS};
use dcrcold_signer::sealed::Passphrase;
use dcrcold_signer::signer::{RegisteredVoters, SignerError, SpendingKeys, review};
use dcrcold_signer::stake::ticket::Ticket;
use dcrcold_signer::transfer::{Answer, Container, Encode};
use serde_json::Value;

use crate::node::{LIMITED_PASSWORD, LIMITED_USER, Node};

const PASSPHRASE: &str = "correct horse battery staple";
const SEED: &str = "c01dc01dc01dc01dc01dc01dc01dc01dc01dc01dc01dc01dc01dc01dc01dc01d";

/// The online binary, which cargo builds for this test, and the offline one beside it.
pub const ONLINE: &str = env!("CARGO_BIN_EXE_dcrcold");

/// A user with both programs, a seed, a wallet and the hot keys.
pub struct User {
    folder: PathBuf,
    signer: PathBuf,
    node: Vec<String>,
    contents: Contents,
    hot: HotVoter,
    pub source: Dcrd,
    pub wallet: Wallet,
}

impl User {
    /// Makes key store, exports and wallet with the two programs.
    pub fn new(folder: &Path, node: &Node) -> Self {
        Self::of_seed(folder, node, SEED)
    }

    /// The same for another seed.
    pub fn of_seed(folder: &Path, node: &Node, seed: &str) -> Self {
        fs::create_dir(folder).unwrap();
        let path = |name: &str| folder.join(name).to_str().unwrap().to_owned();
        fs::write(path("passphrase"), PASSPHRASE).unwrap();
        fs::write(path("seed"), seed).unwrap();
        fs::write(path("rpc-password"), LIMITED_PASSWORD).unwrap();
        let signer = Path::new(ONLINE).with_file_name("dcrcold-signer");
        assert!(signer.exists(), "{} is missing: cargo build --workspace --bins", signer.display());
        let offline = |args: &[&str]| {
            let (store, passphrase) = (path("keystore"), path("passphrase"));
            run(Command::new(&signer).args(["--store", &store, "--passphrase-file", &passphrase]).args(args));
        };
        offline(&["restore", "--network", "simnet", "--seed-file", &path("seed"), "--kdf-memory", "8"]);
        offline(&["export", "watch", "--out", &path("watch")]);
        let hot = ["--out", &path("hot"), "--hot-passphrase-file", &path("passphrase"), "--kdf-memory", "8"];
        offline(&[&["export", "hot"][..], &hot].concat());

        let online = |args: &[&str]| run(Command::new(ONLINE).args(["--wallet", &path("wallet.db")]).args(args));
        online(&["wallet", "import", &path("watch")]);
        online(&["voter", "import", &path("hot"), "--passphrase-file", &path("passphrase")]);
        let passphrase = || Passphrase::new(PASSPHRASE.to_owned().into()).unwrap();
        let store = LockedStore::open(Path::new(&path("keystore")), Access::Read).unwrap();
        let store = store.unlock(passphrase()).unwrap();
        let hot = Container::parse(&fs::read(path("hot")).unwrap()).unwrap();
        Self {
            folder: folder.to_owned(),
            node: vec![
                "--dcrd".to_owned(),
                format!("127.0.0.1:{}", node.port),
                "--dcrd-cert".to_owned(),
                node.certificate().to_str().unwrap().to_owned(),
                "--dcrd-user".to_owned(),
                LIMITED_USER.to_owned(),
                "--dcrd-password-file".to_owned(),
                path("rpc-password"),
            ],
            signer,
            // A copy: the offline program wants the key store for itself.
            contents: Contents::decode(&store.contents().encode()).unwrap(),
            hot: HotVoter::open(&hot, &passphrase()).unwrap(),
            source: node.source(),
            wallet: Wallet::open(Path::new(&path("wallet.db"))).unwrap(),
        }
    }

    pub fn path(&self, name: &str) -> String {
        self.folder.join(name).to_str().unwrap().to_owned()
    }

    pub fn sync(&mut self) -> SyncReport {
        self.wallet.sync(&mut self.source, &SystemClock, &mut |_| ()).unwrap()
    }

    /// Runs the online program on the same wallet file, and returns the facts that it prints.
    pub fn online(&self, args: &[&str]) -> Value {
        let wallet = self.path("wallet.db");
        run(Command::new(ONLINE).args(["--wallet", &wallet, "--json"]).args(&self.node).args(args))
    }

    /// The same for a program that may fail after it printed facts.
    pub fn online_whatever(&self, args: &[&str]) -> Value {
        let wallet = self.path("wallet.db");
        let mut command = Command::new(ONLINE);
        let output = command.args(["--wallet", &wallet, "--json"]).args(&self.node).args(args).output().unwrap();
        if !output.status.success() {
            println!("{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        }
        serde_json::from_slice(&output.stdout).unwrap_or_default()
    }

    /// Where anybody can pay to the purse of the own voter.
    pub fn purse_address(&self) -> String {
        let hash = self.hot.public().hash(VoterAccount::Purse, Index::FIRST).unwrap();
        Address::of_key_hash(Network::Simnet, hash).to_string()
    }

    /// Blocks for which the ticket price stays.
    pub fn blocks_left(&mut self) -> u32 {
        self.sync();
        self.source.price().unwrap().blocks_left
    }

    /// Lets the offline program review and sign a request.
    pub fn sign_offline(&self, request: &str, answer: &str, id: &str) {
        let (store, passphrase) = (self.path("keystore"), self.path("passphrase"));
        let mut command = Command::new(&self.signer);
        command.args(["--store", &store, "--passphrase-file", &passphrase, "sign", request]);
        run(command.args(["--out", answer, "--approve", id]));
    }

    /// Signs as the offline program does.
    pub fn sign(&self, request: &[u8], id: &TransferId) -> Container {
        let ready = review(request, &self.contents, &mut NoMemory).unwrap().approve(id).unwrap();
        ready.sign(&mut NoMemory).unwrap().to_container(Network::Simnet).unwrap()
    }

    /// Why the offline program refuses a request.
    pub fn refusal(&self, request: &[u8]) -> Refusal {
        match review(request, &self.contents, &mut NoMemory) {
            Err(SignerError::Refused(refusal)) => refusal,
            _ => panic!("not refused"),
        }
    }

    /// Signs as a key store with other limits would.
    pub fn sign_within(&self, limits: &Limits, request: &[u8], id: &TransferId) -> Container {
        let mut keys = SpendingKeys::new(&self.contents).unwrap();
        let mut voters = RegisteredVoters::new(&self.contents).unwrap();
        let mut receiver = Box::<Receiver<HOST_INPUTS, HOST_TICKETS>>::default();
        receiver.push(request).unwrap();
        let mut approved = receiver.finish(&mut keys, &mut voters, &mut NoMemory, limits).unwrap().approve(id).unwrap();
        let mut answer = Answer { request: *id, inputs: Vec::new(), tickets: Vec::new(), messages: Vec::new() };
        while let Some(signature) = approved.next(&mut keys).unwrap() {
            match signature {
                Made::Input(bytes) => answer.inputs.push(Signature::from_bytes(bytes)),
                Made::Ticket(bytes) => answer.tickets.push(Signature::from_bytes(bytes)),
                Made::Message(bytes) => answer.messages.push(MessageSignature::from_bytes(bytes)),
            }
        }
        answer.to_container(Network::Simnet).unwrap()
    }

    /// The voting key of a ticket, its block and itself, as dcrwallet takes them.
    pub fn hand_over(&self, ticket: &TxId) -> (String, String, String) {
        let tx = self.wallet.transaction(ticket).unwrap().unwrap();
        let highest = self.wallet.highest_voter_index(&self.hot.public()).unwrap();
        let index = self.hot.index_of(&Ticket::read(&tx).unwrap(), highest).unwrap();
        let block = self.wallet.block_of(ticket).unwrap().expect("the ticket is mined");
        let wif = self.hot.wif(index).unwrap().to_text().to_string();
        (wif, block.hash.to_string(), base16ct::lower::encode_string(&tx.encode()))
    }

    /// The same by the online program.
    pub fn hand_over_online(&self, ticket: &TxId) -> (String, String, String) {
        let ticket = ticket.to_string();
        let shown = self.online(&["voter", "wif", &ticket, "--passphrase-file", &self.path("passphrase")]);
        let text = |key: &str| shown[key].as_str().unwrap().to_owned();
        (text("wif"), text("block"), text("ticket_hex"))
    }
}

/// Runs a program that must succeed; what it prints is JSON, or nothing of interest.
fn run(command: &mut Command) -> Value {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap_or_default()
}
