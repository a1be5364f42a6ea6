//! A folder of the offline side, for tests that start the built `dcrcold-signer` in it.
#![allow(dead_code, unreachable_pub, reason = "every test takes its own part of this module")]

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::LazyLock;

use serde_json::Value;
use tempfile::TempDir;

use crate::common::{Vectors, hex, list, text};
pub use crate::skip::skipped;

/// The program: the one that was built with the tests, or that of `DCRCOLD_SIGNER`, such as the static one.
pub static SIGNER: LazyLock<String> = LazyLock::new(|| {
    let given = env::var("DCRCOLD_SIGNER").map(|path| fs::canonicalize(path).expect("DCRCOLD_SIGNER is a file"));
    given.map_or(env!("CARGO_BIN_EXE_dcrcold-signer").to_owned(), |path| path.display().to_string())
});
/// For what Rust without unsafe code has no words.
pub const PYTHON: &str = "python3";

/// A folder with a key store and a request for it.
pub struct Cold {
    /// The folder.
    pub folder: TempDir,
    /// The id of the request.
    pub id: String,
    /// The answer to it.
    pub answer: Vec<u8>,
}

impl Cold {
    /// Restores the key store of the first vector, beside its request.
    pub fn new() -> Self {
        Self::of(&case("one ticket, one coin, own voter"))
    }

    /// Restores the key store of a case, beside its request.
    pub fn of(case: &Value) -> Self {
        let transfer = &case["transfer"];
        let folder = tempfile::tempdir().unwrap();
        let cold = Self { folder, id: text(&transfer["id"]).to_owned(), answer: hex(&transfer["answer"]) };
        fs::write(cold.path("passphrase"), "correct horse\n").unwrap();
        fs::write(cold.path("seed"), text(&case["wallet"]["seed"])).unwrap();
        fs::write(cold.path("request"), hex(&transfer["request"])).unwrap();
        let restored =
            cold.signer(&*SIGNER, &["restore", "--kdf-memory", "8", "--seed-file", "seed"]).output().unwrap();
        assert!(restored.status.success(), "{}", stderr(&restored));
        cold
    }

    /// A file of the folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A program in the folder.
    pub fn command(&self, program: impl AsRef<Path>) -> Command {
        self.home(Command::new(program.as_ref()))
    }

    /// The same command, in the folder and with its output kept.
    pub fn home(&self, mut command: Command) -> Command {
        command.current_dir(self.folder.path()).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// The signer with its key store and passphrase.
    pub fn signer(&self, program: impl AsRef<Path>, args: &[&str]) -> Command {
        let mut command = self.command(program);
        command.args(["--store", "keystore", "--passphrase-file", "passphrase"]).args(args);
        command
    }

    /// The arguments of a whole `sign`.
    pub fn sign(&self) -> Vec<&str> {
        let store = ["--store", "keystore", "--passphrase-file", "passphrase"];
        [&store[..], &["sign", "request", "--out", "answer", "--approve", &self.id]].concat()
    }
}

/// A case of the builder's vectors.
pub fn case(name: &str) -> Value {
    let vectors = Vectors::load("builder.json");
    list(vectors.get("cases")).iter().find(|case| case["name"] == name).expect("a case of this name").clone()
}

/// What a program told the person.
pub fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Whether a tool is not there.
pub fn is_missing(tool: &str) -> bool {
    let found = Command::new(tool).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok();
    if !found {
        skipped(&format!("{tool} not found"));
    }
    !found
}

/// Whether this kernel has rules for files; the totals count the tests that say so.
pub fn has_landlock() -> bool {
    let output = Command::new(&*SIGNER).args(["--json", "self-test"]).output().unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let enforced = text(&report["files"]).starts_with("only those named");
    if !enforced {
        skipped(text(&report["files"]));
    }
    enforced
}
