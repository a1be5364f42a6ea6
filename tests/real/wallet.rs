//! A real dcrwallet on simnet.

use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use dcrcold::chain::dcrd::reply::BestBlock;
use dcrcold::chain::dcrd::{NONE, RpcError, Session};
use dcrcold_core::net::Network;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::daemon::{Daemon, find, free_port, write_conf};
use crate::node::{Node, PASSWORD, USER, settings};

/// The interface of dcrwallet that these tests were written for.
const INTERFACE: (&str, u32) = ("dcrwalletjsonrpcapi", 11);

/// The passphrase of the wallets' private keys.
const PASSPHRASE: &str = "12345";

/// A running dcrwallet that votes with every ticket whose key it has.
pub struct Wallet {
    pub port: u16,
    home: PathBuf,
    session: Session,
    daemon: Daemon,
}

impl Wallet {
    /// Makes a wallet of a seed in hexadecimal and connects it to the node.
    pub fn start(home: &Path, node: &Node, seed: &str, options: &[&str]) -> Self {
        let mut lines = vec![
            "enablevoting=1".to_owned(),
            format!("rpcconnect=127.0.0.1:{}", node.port),
            format!("cafile={}", node.certificate().display()),
        ];
        lines.extend(options.iter().map(|option| (*option).to_owned()));
        let created = Created::of_seed(home, &lines, seed);
        let port = created.port;
        let (session, daemon) = created.start();
        let mut wallet = Self { port, home: home.to_owned(), session, daemon };
        wallet.wait("the first synchronisation", |wallet| {
            let status: Option<Value> = wallet.try_call("syncstatus", NONE).ok();
            status.filter(|status| status["synced"] == true)
        });
        wallet
    }

    pub fn certificate(&self) -> PathBuf {
        self.home.join("rpc.cert")
    }

    pub fn call<P: Serialize + Clone, R: DeserializeOwned>(&mut self, method: &str, params: P) -> R {
        self.try_call(method, params).unwrap_or_else(|error| panic!("dcrwallet: {error}{}", self.daemon.last_lines()))
    }

    pub fn try_call<P: Serialize + Clone, R: DeserializeOwned>(
        &mut self,
        method: &str,
        params: P,
    ) -> Result<R, RpcError> {
        self.session.run(|client| client.call(method, params.clone()))
    }

    /// Waits until the wallet has seen a block, or one that competes with it: it keeps the one it saw first.
    pub fn follow(&mut self, tip: &BestBlock) {
        self.wait("the newest block", |wallet| {
            let seen: BestBlock = wallet.call("getbestblock", NONE);
            (seen.height == tip.height).then_some(())
        });
    }

    /// Waits until `probe` gives something.
    pub fn wait<R>(&mut self, what: &str, mut probe: impl FnMut(&mut Self) -> Option<R>) -> R {
        let begin = std::time::Instant::now();
        loop {
            if let Some(found) = probe(self) {
                return found;
            }
            assert!(begin.elapsed().as_secs() < 60, "dcrwallet took too long: {what}");
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
    }
}

/// A wallet on disk that does not run yet.
pub struct Created {
    home: PathBuf,
    port: u16,
    binary: PathBuf,
    argument: OsString,
}

impl Created {
    /// Makes a wallet of a seed in hexadecimal, with further lines for its configuration.
    pub fn of_seed(home: &Path, options: &[String], seed: &str) -> Self {
        let port = free_port();
        let mut lines: Vec<String> = ["simnet=1", "nofilelogging=1", "nogrpc=1"].map(str::to_owned).to_vec();
        lines.extend([
            format!("appdata={}", home.display()),
            format!("username={USER}"),
            format!("password={PASSWORD}"),
            format!("pass={PASSPHRASE}"),
            format!("rpclisten=127.0.0.1:{port}"),
        ]);
        lines.extend_from_slice(options);
        let conf = home.join("dcrwallet.conf");
        write_conf(&conf, &lines);
        let mut argument = OsString::from("--configfile=");
        argument.push(&conf);
        let binary = find("dcrwallet").unwrap();
        create(&binary, &argument, seed);
        Self { home: home.to_owned(), port, binary, argument }
    }

    /// Starts it and waits until it takes commands.
    pub fn start(self) -> (Session, Daemon) {
        let Self { home, port, binary, argument } = self;
        let mut daemon = Daemon::start("dcrwallet", &binary, &[&argument], home.join("dcrwallet.log"));
        let session = daemon.wait("its RPC server", || connect(port, &home.join("rpc.cert")));
        (session, daemon)
    }
}

fn connect(port: u16, certificate: &Path) -> Option<Session> {
    std::net::TcpStream::connect(("127.0.0.1", port)).ok().filter(|_| certificate.exists())?;
    Session::open_to(settings(port, certificate, USER, PASSWORD), Network::Simnet, INTERFACE).ok()
}

/// Answers the questions of `--create`: the configured passphrase will do, no public one, a seed of our own.
fn create(binary: &Path, conf: &OsString, seed: &str) {
    let mut child = Command::new(binary)
        .arg(conf)
        .arg("--create")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(format!("y\nn\ny\n{seed}\n\n").as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "dcrwallet --create: {output:?}");
}
