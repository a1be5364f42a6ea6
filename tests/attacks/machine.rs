//! A machine with a key store and the program, attacked from outside.
#![allow(unreachable_pub, reason = "a part of the test")]

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use dcrcold_signer::transfer::{Answer, Container, Content};

use crate::cold::Cold;
use crate::disk::{OnDisk, PASSPHRASE};
use crate::harness::Victim;

/// The program.
pub const SIGNER: &str = env!("CARGO_BIN_EXE_dcrcold-signer");

/// A machine with a key store, and the program.
pub struct Machine {
    pub cold: Cold,
    pub disk: OnDisk,
}

impl Machine {
    pub fn new() -> Self {
        let cold = Victim::new().cold;
        let disk = OnDisk::new(&cold.contents);
        let this = Self { cold, disk };
        fs::write(this.path("passphrase"), PASSPHRASE).unwrap();
        this
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.disk.folder.path().join(name)
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(SIGNER);
        command.current_dir(self.disk.folder.path()).args(["--store", "keystore"]).args(args);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Signs what lies in `request`, with the approval of that id.
    pub fn sign(&self, id: &str) -> Output {
        let args = ["--passphrase-file", "passphrase", "sign", "request", "--out", "answer", "--approve", id];
        self.command(&args).output().unwrap()
    }

    /// The files that hold what was approved.
    pub fn memory(&self) -> [Option<Vec<u8>>; 2] {
        [self.disk.store(), self.disk.journal()].map(|path| fs::read(path).ok())
    }

    /// Gives these bytes to the program and sees that it ends so, with no answer and nothing remembered.
    pub fn refuses(&self, request: &[u8], status: i32, says: &str) {
        fs::write(self.path("request"), request).unwrap();
        let before = self.memory();
        // A container says its id itself; whatever has none gets any.
        let id: String = request.get(15..47).map_or("00".repeat(32), base16ct::lower::encode_string);
        let output = self.sign(&id);
        assert_eq!(output.status.code(), Some(status), "{}", stderr(&output));
        assert!(stderr(&output).contains(says), "{}", stderr(&output));
        self.nothing_left(&output, &before);
    }

    pub fn nothing_left(&self, output: &Output, before: &[Option<Vec<u8>>; 2]) {
        assert!(output.stdout.is_empty(), "something was printed");
        assert!(!self.path("answer").exists(), "an answer left the machine");
        assert_eq!(self.memory(), *before, "an approval was written down");
    }

    pub fn answer(&self) -> Answer {
        let bytes = fs::read(self.path("answer")).unwrap();
        Answer::from_container(&Container::parse(&bytes).unwrap()).unwrap()
    }
}

pub fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The id of a request.
pub fn id_of(request: &[u8]) -> String {
    Container::parse(request).unwrap().id().to_string()
}
