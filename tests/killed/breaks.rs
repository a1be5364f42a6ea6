//! Ways to break a folder with a wallet.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use dcrcold::chain::sim::Sim;
use dcrcold::chain::{ChainError, ChainSource};
use dcrcold::wallet::{SystemClock, Wallet};
use dcrcold_core::hash::{TransferId, TxId};
use dcrcold_signer::tx::Transaction;
use serde_json::Value;

use crate::between::{Between, Through};
use crate::world::World;

/// The network, which ceases to answer after some transactions.
struct Broken {
    sim: Sim,
    sends: u32,
}

impl Between for Broken {
    type Source = Sim;

    fn source(&mut self) -> Result<&mut Sim, ChainError> {
        Ok(&mut self.sim)
    }

    fn send(&mut self, tx: &Transaction) -> Result<TxId, ChainError> {
        self.sends = self.sends.checked_sub(1).ok_or_else(|| ChainError::Unavailable("gone".into()))?;
        ChainSource::send(&mut self.sim, tx)
    }
}

/// Ways to break the folder `now`.
impl World {
    pub(crate) fn open_to_others(&self, name: &str) {
        fs::set_permissions(self.path("now").join(name), Permissions::from_mode(0o644)).unwrap();
    }

    pub(crate) fn now(&self, name: &str) -> PathBuf {
        self.path("now").join(name)
    }

    pub(crate) fn write(&self, name: &str, bytes: &[u8]) {
        fs::write(self.now(name), bytes).unwrap();
    }

    /// The network is what it was in the folder `base`, and a longer chain.
    pub(crate) fn forget_blocks(&self, blocks: u32) {
        fs::copy(self.path("base").join("net/network.journal"), self.now("net/network.journal")).unwrap();
        self.sim("now").mine(blocks).unwrap();
    }

    pub(crate) fn submitted(&self) -> Wallet {
        self.ok("now", &["submit", "answer"]);
        self.wallet("now")
    }

    /// The answer is kept, and the network cannot be asked.
    pub(crate) fn answered(&self, answer: &str) {
        let args = ["--wallet", "wallet.db", "--source", "sim:nowhere"];
        let output = self.command("now", None, &args, &["submit", answer]).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    }

    pub(crate) fn hot_file(&self) -> String {
        self.ok("now", &["voter", "import", "hot", "--passphrase-file", "passphrase"]);
        let entry = fs::read_dir(self.now("voters")).unwrap().next().unwrap().unwrap();
        format!("voters/{}", entry.file_name().to_string_lossy())
    }

    /// Another copy of the wallet pays somebody with the largest coin, and that is mined.
    pub(crate) fn spent_elsewhere(&self) {
        fs::copy(self.path("base").join("wallet.db"), self.now("other.db")).unwrap();
        let other = |args: &[&str]| {
            let fixed = ["--wallet", "other.db", "--source", "sim:net"];
            let output = self.command("now", None, &fixed, args).output().unwrap();
            assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
            String::from_utf8(output.stdout).unwrap()
        };
        let id = self.id("now", "request");
        other(&["cancel", &id]);
        let coins: Value = serde_json::from_str(&other(&["--json", "coins"])).unwrap();
        let address = other(&["address"]).trim().to_owned();
        for (number, coin) in coins.as_array().unwrap().iter().enumerate() {
            let (request, answer) = (format!("elsewhere-{number}"), format!("signed-elsewhere-{number}"));
            other(&["send", &address, "1", "--from", coin["coin"].as_str().unwrap(), "--out", &request]);
            self.sign("now", &request, &answer);
        }
    }

    /// Sends what another copy of the wallet had signed.
    pub(crate) fn send_elsewhere(&self, number: usize) {
        let fixed = ["--wallet", "other.db", "--source", "sim:net"];
        let answer = format!("signed-elsewhere-{number}");
        let output = self.command("now", None, &fixed, &["submit", &answer]).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        self.sim("now").mine(1).unwrap();
    }

    /// Sends so many transactions of an answered request, and then the network is gone.
    pub(crate) fn sent_in_part(&self, request: &str, transactions: u32) {
        let id: TransferId = self.id("now", request).parse().unwrap();
        let mut source = Through(Broken { sim: self.sim("now"), sends: transactions });
        self.wallet("now").send(&id, &mut source, &SystemClock).unwrap_err();
    }
}
