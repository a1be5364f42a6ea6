//! A folder with an embedded network, a wallet made from a simulator, a voter on the voting box, and the same seed in a
//! software signer, to compare with.
#![allow(unreachable_pub, reason = "a part of the test")]

use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use dcrcold::chain::ChainSource;
use dcrcold::chain::sim::{SETTLED, Settings, Sim};
use dcrcold::wallet::{SystemClock, Wallet};
use dcrcold_core::amount::Amount;
use dcrcold_core::hash::TransferId;
use dcrcold_core::machine::NoMemory;
use dcrcold_core::net::Network;
use dcrcold_core::path::{Account, CoinType};
use dcrcold_signer::address::Address;
use dcrcold_signer::hd::Derivation;
use dcrcold_signer::keystore::{AccountEntry, Contents};
use dcrcold_signer::seed::{Bip39Words, Seed};
use dcrcold_signer::signer::review;
use dcrcold_signer::transfer::{Container, Encode};
use serde_json::Value;
use tempfile::TempDir;

use crate::wire::{SEED, Wire};

const DCRCOLD: &str = env!("CARGO_BIN_EXE_dcrcold");
pub const NETWORK: Network = Network::Simnet;
pub const PASSPHRASE: &str = "correct horse";

pub struct World {
    folder: TempDir,
    pub wire: Wire,
}

impl World {
    /// A network and a device, and no wallet yet.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut sim = Sim::create(&folder.path().join("net"), Settings::new(1)).unwrap();
        sim.mine_to(SETTLED).unwrap();
        std::fs::write(folder.path().join("passphrase"), PASSPHRASE).unwrap();
        Self { folder, wire: Wire::new(SEED) }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn sim(&self) -> Sim {
        Sim::open(&self.path("net")).unwrap()
    }

    pub fn wallet(&self) -> Wallet {
        Wallet::open(&self.path("wallet.db")).unwrap()
    }

    /// The program over the embedded network.
    pub fn run(&self, args: &[&str]) -> Output {
        let mut command = Command::new(DCRCOLD);
        command.current_dir(self.folder.path()).env("HOME", self.folder.path());
        command.args(["--wallet", "wallet.db", "--source", "sim:net"]).args(args);
        command.stdin(Stdio::null()).output().unwrap()
    }

    /// The same with the device.
    pub fn with_device(&self, args: &[&str]) -> Output {
        self.run(&[args, &["--simulator", &self.wire.address.to_string()]].concat())
    }

    pub fn facts(&self, args: &[&str]) -> Value {
        facts(&self.run(&[&["--json"], args].concat()))
    }

    pub fn device_facts(&self, args: &[&str]) -> Value {
        facts(&self.with_device(&[&["--json"], args].concat()))
    }

    /// Makes the wallet from the device.
    pub fn import(&self) -> Value {
        self.device_facts(&["wallet", "import", "--network", "simnet", "--name", "ledger"])
    }

    /// Makes a voter whose hot keys lie beside the wallet; its fingerprint.
    pub fn voter(&self) -> String {
        let args = ["voter", "new", "--name", "box", "--out", "voter.pub", "--passphrase-file", "passphrase"];
        let output = self.run(&[&args[..], &["--kdf-memory", "8", "--json"]].concat());
        assert!(output.status.success(), "{}", stderr(&output));
        // The words of the voter come before the facts.
        let stdout = String::from_utf8(output.stdout).unwrap();
        let start = stdout.find('{').unwrap();
        text(&serde_json::from_str(&stdout[start..]).unwrap(), "fingerprint")
    }

    /// Pays an address of the wallet.
    pub fn fund(&self, amounts: &[u64]) {
        let mut sim = self.sim();
        for atoms in amounts {
            let address = text(&self.facts(&["address", "--new"]), "address");
            let script = Address::parse(&address, NETWORK).unwrap().script();
            sim.fund(&script, Amount::from_atoms(*atoms).unwrap()).unwrap();
            // Each in a block of its own, so that the address was used before the next one is handed out.
            sim.mine(1).unwrap();
            drop(sim);
            self.sync();
            sim = self.sim();
        }
        sim.mine(1).unwrap();
        drop(sim);
        self.sync();
    }

    pub fn sync(&self) {
        self.wallet().sync(&mut self.sim(), &SystemClock, &mut |_| {}).unwrap();
    }

    /// What the software signer of the same seed answers, byte for byte.
    pub fn software_answer(&self, request: &[u8]) -> Vec<u8> {
        let (_, words) = dcrcold_simulator::NAMED.iter().find(|(name, _)| *name == SEED).unwrap();
        let seed: Seed = Bip39Words::parse(words).unwrap().to_seed("").unwrap();
        let entry = AccountEntry { account: Account::FIRST, name: "same".parse().unwrap() };
        let coin_type = CoinType::new(NETWORK, 1).unwrap();
        let mut contents = Contents::new(seed, NETWORK, coin_type, Derivation::Strict, entry, None);
        for voter in self.wallet().voters().unwrap() {
            contents.add_voter(voter).unwrap();
        }
        let id: TransferId = *Container::parse(request).unwrap().id();
        let reviewed = review(request, &contents, &mut NoMemory).unwrap();
        let answer = reviewed.approve(&id).unwrap().sign(&mut NoMemory).unwrap();
        answer.to_container(NETWORK).unwrap().encode()
    }

    /// Waits for a block after which a split and its tickets fit into one price window.
    pub fn start_of_window(&self) {
        let mut sim = self.sim();
        while sim.price().unwrap().blocks_left < 4 {
            sim.mine(1).unwrap();
        }
        drop(sim);
        self.sync();
    }

    pub fn price(&self) -> u64 {
        self.sim().price().unwrap().next.atoms()
    }
}

fn facts(output: &Output) -> Value {
    assert!(output.status.success(), "{}", stderr(output));
    serde_json::from_slice(&output.stdout).unwrap()
}

pub fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

pub fn text(facts: &Value, key: &str) -> String {
    facts[key].as_str().unwrap_or_else(|| panic!("no {key} in {facts}")).to_owned()
}
