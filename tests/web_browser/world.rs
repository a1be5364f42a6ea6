//! A folder with an embedded network, a key store, a wallet with coins, and the built programs.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;

const DCRCOLD: &str = env!("CARGO_BIN_EXE_dcrcold");
const ONLINE: [&str; 5] = ["--wallet", "wallet.db", "--source", "sim:net", "--json"];
const COLD: [&str; 5] = ["--store", "keystore", "--passphrase-file", "passphrase", "--json"];

pub(crate) struct World(TempDir);

/// The page being served.
pub(crate) struct Web {
    child: Child,
    pub(crate) link: String,
}

impl World {
    /// A wallet with a few coins, and the key store that can spend them.
    pub(crate) fn new() -> Self {
        let world = Self(tempfile::tempdir().unwrap());
        fs::write(world.path("passphrase"), "correct horse\n").unwrap();
        fs::write(world.path("seed"), "07".repeat(32)).unwrap();
        world.cold(&["restore", "--network", "simnet", "--kdf-memory", "8", "--seed-file", "seed"]);
        world.cold(&["export", "watch", "--out", "watch"]);
        world.online(&["demo", "new", "net"]);
        world.online(&["wallet", "import", "watch"]);
        let address = world.online(&["address", "--new"])["address"].as_str().unwrap().to_owned();
        for _ in 0..7 {
            world.online(&["demo", "fund", "net", &address, "60"]);
        }
        world.online(&["demo", "mine", "net", "2"]);
        world.online(&["sync"]);
        world
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn run(&self, program: &Path, options: &[&str], args: &[&str]) -> Output {
        let mut command = Command::new(program);
        command.args(options).args(args).current_dir(self.0.path()).env("HOME", self.0.path());
        let output = command.stdin(Stdio::null()).output().unwrap();
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        output
    }

    /// Runs `dcrcold` and takes its facts.
    pub(crate) fn online(&self, args: &[&str]) -> Value {
        let output = self.run(Path::new(DCRCOLD), &ONLINE, args);
        serde_json::from_slice(&output.stdout).unwrap_or_default()
    }

    /// Runs `dcrcold-signer`, which Cargo builds beside the online program for the whole workspace only.
    pub(crate) fn cold(&self, args: &[&str]) {
        let program = Path::new(DCRCOLD).with_file_name("dcrcold-signer");
        assert!(program.exists(), "{} is missing: build the workspace", program.display());
        self.run(&program, &COLD, args);
    }

    /// Serves the page.
    pub(crate) fn serve(&self) -> Web {
        let mut command = Command::new(DCRCOLD);
        command.args(ONLINE).arg("web").current_dir(self.0.path()).env("HOME", self.0.path());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let told: Value = serde_json::from_str(&line).unwrap();
        Web { child, link: told["link"].as_str().unwrap().to_owned() }
    }
}

impl Web {
    pub(crate) fn origin(&self) -> &str {
        self.link.split("/#").next().unwrap()
    }

    /// Tells it to end, as Ctrl-C does.
    pub(crate) fn interrupt(&mut self) {
        let pid = Pid::from_raw(self.child.id().try_into().unwrap()).unwrap();
        kill_process(pid, Signal::INT).unwrap();
        assert!(self.child.wait().unwrap().success());
    }
}

impl Drop for Web {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
