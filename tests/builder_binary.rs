//! The builder vectors once more, through the offline binary: files in, files out, exit codes.

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use common::{Vectors, hex, list, number, text};
use dcrcold_signer::hd::{Derivation, ExtendedPrivateKey};
use dcrcold_signer::transfer::Encode;
use dcrcold_signer::voter::{VoterKeys, own_accounts};
use serde_json::Value;
use tempfile::TempDir;

const REFUSED: i32 = 3;
const MALFORMED: i32 = 7;

/// A signer with a key store of its own, made by the binary.
struct Signer {
    folder: TempDir,
}

impl Signer {
    /// Restores the wallet of a case and makes its voter known.
    fn of(case: &Value) -> Self {
        let signer = Self { folder: tempfile::tempdir().expect("a temporary folder") };
        let wallet = &case["wallet"];
        signer.write("passphrase", b"test\n");
        signer.write("seed", text(&wallet["seed"]).as_bytes());
        let (seed, coin_type) = (signer.path("seed"), number::<u32>(&wallet["coin_type"]).to_string());
        let account = number::<u32>(&wallet["account"]).to_string();
        signer.succeed(&[
            "restore",
            "--seed-file",
            &seed,
            "--network",
            text(&wallet["network"]),
            "--coin-type",
            &coin_type,
            "--account",
            &account,
            "--kdf-memory",
            "8",
        ]);
        if !case["voter"].is_null() {
            signer.know_voter(&case["voter"], wallet);
        }
        signer
    }

    fn know_voter(&self, voter: &Value, wallet: &Value) {
        let generation = number::<u64>(&voter["generation"]).to_string();
        if text(&voter["origin"]) == "own" {
            let out = self.path("own.voter");
            self.succeed(&["export", "voter", "--generation", &generation, "--out", &out]);
            return;
        }
        let container = foreign_voter(voter, wallet);
        self.write("foreign.voter", &container.encode());
        let (file, id) = (self.path("foreign.voter"), container.id().to_string());
        self.succeed(&["voter", "add", &file, "--approve", &id]);
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().expect("a temporary path is UTF-8").to_owned()
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        fs::write(self.folder.path().join(name), bytes).expect("the temporary folder can be written");
    }

    fn run(&self, args: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dcrcold-signer"));
        command.args(["--store", &self.path("store"), "--passphrase-file", &self.path("passphrase")]);
        command.args(args).output().expect("the signer starts")
    }

    fn succeed(&self, args: &[&str]) {
        let output = self.run(args);
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    fn sign(&self, request: &[u8], id: &str) -> (Output, PathBuf) {
        self.write("request", request);
        let answer = self.path("answer");
        (self.run(&["sign", &self.path("request"), "--out", &answer, "--approve", id]), answer.into())
    }
}

fn foreign_voter(voter: &Value, wallet: &Value) -> dcrcold_signer::transfer::Container {
    use dcrcold_core::path::{Account, CoinType, Generation};
    let network = text(&wallet["network"]).parse().expect("a network");
    let coin_type = CoinType::new(network, number(&wallet["coin_type"])).expect("a coin type of the network");
    let master = ExtendedPrivateKey::master(&hex(&voter["seed"]), network, Derivation::Decred).expect("a seed");
    let accounts = own_accounts(&master, coin_type, Account::FIRST, Generation::FIRST).expect("account keys");
    let accounts = accounts.map(|account| *account.public().node());
    let keys = VoterKeys { name: "foreign".parse().expect("printable"), accounts };
    keys.to_container(network).expect("it fits")
}

fn exists(path: &Path) -> bool {
    path.try_exists().expect("the temporary folder can be read")
}

#[test]
fn the_binary_gives_the_same_answer_files() {
    let mut vectors = Vectors::load("builder.json");
    vectors.each("cases", |case| {
        let signer = Signer::of(case);
        let transfer = &case["transfer"];
        let (output, answer) = signer.sign(&hex(&transfer["request"]), text(&transfer["id"]));
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(fs::read(answer).expect("there is an answer"), hex(&transfer["answer"]), "answer file");
    });
    vectors.elsewhere("refused");
    vectors.finish(15);
}

#[test]
fn the_binary_refuses_by_name_and_writes_nothing() {
    let mut vectors = Vectors::load("builder.json");
    vectors.one("refused", |refused| {
        let signer = Signer::of(refused);
        let rows = list(&refused["cases"]);
        for row in rows {
            let (rule, why) = (text(&row["rule"]), text(&row["why"]));
            let (output, answer) = signer.sign(&hex(&row["request"]), &"00".repeat(32));
            let stderr = String::from_utf8_lossy(&output.stderr);
            let code = output.status.code();
            assert!(matches!(code, Some(REFUSED | MALFORMED)), "{why}: exit code {code:?}: {stderr}");
            assert!(stderr.starts_with("error: ") && stderr.contains(rule), "{why}: {stderr}");
            assert!(!exists(&answer), "{why}: an answer was written");
        }
        rows.len()
    });
    vectors.elsewhere("cases");
    vectors.finish(53);
}
