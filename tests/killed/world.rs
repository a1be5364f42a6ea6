//! A folder with a wallet and its network, of which copies are made to break.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use dcrcold::chain::sim::Sim;
use dcrcold::wallet::Wallet;
use dcrcold_core::hash::TransferId;
use dcrcold_core::net::Network;
use dcrcold_signer::transfer::{Container, Encode};
use tempfile::TempDir;

use crate::{files, folders};

pub(crate) const DCRCOLD: &str = env!("CARGO_BIN_EXE_dcrcold");
/// The embedded network as the source of blocks.
pub(crate) const SIM: [&str; 4] = ["--wallet", "wallet.db", "--source", "sim:net"];

/// Copies of what the case files start with: a wallet with two coins, and a request for two tickets with its answer.
pub(crate) struct World {
    folder: TempDir,
}

impl World {
    pub(crate) fn new() -> Self {
        let world = Self { folder: tempfile::tempdir().unwrap() };
        files::fill(&world.path("base"));
        world
    }

    /// Without the request, so that both coins are free.
    pub(crate) fn without_request() -> Self {
        let world = Self::new();
        let id = world.id("base", "request");
        world.ok("base", &["cancel", &id]);
        world
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Makes `to` what `from` is.
    pub(crate) fn copy(&self, from: &str, to: &str) {
        let to = self.path(to);
        let _ = fs::remove_dir_all(&to);
        folders::copy(&self.path(from), &to);
    }

    /// The program in one of the folders, perhaps behind another one.
    pub(crate) fn command(&self, name: &str, front: Option<Command>, fixed: &[&str], args: &[&str]) -> Command {
        let mut command = match front {
            None => Command::new(DCRCOLD),
            Some(mut front) => {
                front.arg(DCRCOLD);
                front
            }
        };
        command.args(fixed).args(args).current_dir(self.path(name)).env("HOME", self.folder.path());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs a command on the embedded network: exit code, standard output, standard error.
    pub(crate) fn run(&self, name: &str, args: &[&str]) -> (i32, String, String) {
        said(&self.command(name, None, &SIM, args).output().unwrap())
    }

    pub(crate) fn ok(&self, name: &str, args: &[&str]) -> String {
        let (code, shown, told) = self.run(name, args);
        assert_eq!(code, 0, "{args:?}: {told}");
        shown
    }

    pub(crate) fn sim(&self, name: &str) -> Sim {
        Sim::open(&self.path(name).join("net")).unwrap()
    }

    pub(crate) fn wallet(&self, name: &str) -> Wallet {
        Wallet::open(&self.path(name).join("wallet.db")).unwrap()
    }

    /// The id of the request in a file.
    pub(crate) fn id(&self, name: &str, file: &str) -> String {
        Container::parse(&fs::read(self.path(name).join(file)).unwrap()).unwrap().id().to_string()
    }

    /// Has the request in a file signed, as the cold side does.
    pub(crate) fn sign(&self, name: &str, request: &str, answer: &str) {
        let request = fs::read(self.path(name).join(request)).unwrap();
        let id: TransferId = *Container::parse(&request).unwrap().id();
        let signed = files::sign(&request, &id).to_container(Network::Simnet).unwrap();
        fs::write(self.path(name).join(answer), signed.encode()).unwrap();
    }
}

/// Lines of prose as one.
pub(crate) fn prose(lines: &str) -> String {
    lines.split_whitespace().collect::<Vec<_>>().join(" ")
}

pub(crate) fn said(output: &Output) -> (i32, String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code().unwrap_or(-1), text(&output.stdout), text(&output.stderr))
}
