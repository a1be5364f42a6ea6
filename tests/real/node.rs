//! A real dcrd on simnet.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use dcrcold::chain::dcrd::{Client, Dcrd, Login, PinnedCertificate, RpcError, Session, Settings, Socket, Timeouts};
use dcrcold_core::net::Network;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::daemon::{Daemon, find, free_port, write_conf};

pub const USER: &str = "full";
pub const PASSWORD: &str = "full password";
pub const LIMITED_USER: &str = "limited";
pub const LIMITED_PASSWORD: &str = "limited password";

/// Where the node's coinbases go: the first address of the all-zero seed, which also owns a part of block 1.
const MINING_ADDRESS: &str = "Sshw6S86G2bV6W32cbc7EhtFy8f93rU6pae";

/// A running dcrd and a connection of its full user.
pub struct Node {
    pub home: PathBuf,
    pub port: u16,
    /// Where it listens for peers.
    pub peer_port: u16,
    conf: PathBuf,
    session: Option<Session>,
    daemon: Option<Daemon>,
}

impl Node {
    /// Starts a node that takes passwords and may mine.
    pub fn start(home: &Path) -> Self {
        Self::start_as(home, format!("miningaddr={MINING_ADDRESS}"))
    }

    /// Starts a node that takes passwords and relays standard transactions alone, as nodes do on mainnet.
    pub fn start_strict(home: &Path) -> Self {
        Self::start_as(home, "rejectnonstd=1".to_owned())
    }

    fn start_as(home: &Path, setting: String) -> Self {
        let logins = [
            format!("rpcuser={USER}"),
            format!("rpcpass={PASSWORD}"),
            format!("rpclimituser={LIMITED_USER}"),
            format!("rpclimitpass={LIMITED_PASSWORD}"),
            setting,
        ];
        let mut node = Self::start_with(home, &logins);
        node.session = Some(Session::open(node.settings(), Network::Simnet).unwrap());
        node
    }

    /// Starts a node with other logins, without connecting to it.
    pub fn start_with(home: &Path, logins: &[String]) -> Self {
        let (port, peer_port) = (free_port(), free_port());
        let mut lines: Vec<String> = [
            "simnet=1",
            "nofilelogging=1",
            "noseeders=1",
            "nodiscoverip=1",
            "allowunsyncedmining=1",
            "rpcmaxwebsockets=100",
        ]
        .map(str::to_owned)
        .to_vec();
        lines.extend([format!("rpclisten=127.0.0.1:{port}"), format!("listen=127.0.0.1:{peer_port}")]);
        lines.extend_from_slice(logins);
        let conf = home.join("dcrd.conf");
        write_conf(&conf, &lines);
        let mut node = Self { home: home.to_owned(), port, peer_port, conf, session: None, daemon: None };
        node.resume();
        node
    }

    /// Starts the daemon again on what it has, at the same port.
    pub fn resume(&mut self) {
        let binary = find("dcrd").unwrap();
        let [mut home, mut conf] = ["--appdata=", "--configfile="].map(OsString::from);
        home.push(&self.home);
        conf.push(&self.conf);
        let mut daemon = Daemon::start("dcrd", &binary, &[&home, &conf], self.home.join("dcrd.log"));
        let (certificate, port) = (self.certificate(), self.port);
        daemon.wait("its RPC server", || {
            std::net::TcpStream::connect(("127.0.0.1", port)).ok().filter(|_| certificate.exists())
        });
        self.daemon = Some(daemon);
    }

    pub fn stop(&mut self) {
        self.daemon = None;
    }

    /// Adds a setting for the next start.
    pub fn configure(&self, setting: &str) {
        let mut conf = std::fs::OpenOptions::new().append(true).open(&self.conf).unwrap();
        std::io::Write::write_all(&mut conf, format!("{setting}\n").as_bytes()).unwrap();
    }

    pub fn certificate(&self) -> PathBuf {
        self.home.join("rpc.cert")
    }

    /// How the full user connects.
    pub fn settings(&self) -> Settings {
        self.settings_of(USER, PASSWORD)
    }

    pub fn settings_of(&self, user: &str, password: &str) -> Settings {
        settings(self.port, &self.certificate(), user, password)
    }

    /// The node as the wallet sees it, by the limited user.
    pub fn source(&self) -> Dcrd {
        Dcrd::connect(self.settings_of(LIMITED_USER, LIMITED_PASSWORD), Network::Simnet).unwrap()
    }

    /// Calls a method as the full user.
    pub fn call<P: Serialize + Clone, R: DeserializeOwned>(&mut self, method: &str, params: P) -> R {
        self.try_call(method, params).unwrap_or_else(|error| {
            let log = self.daemon.as_ref().map(Daemon::last_lines).unwrap_or_default();
            panic!("dcrd: {error}{log}")
        })
    }

    pub fn try_call<P: Serialize + Clone, R: DeserializeOwned>(
        &mut self,
        method: &str,
        params: P,
    ) -> Result<R, RpcError> {
        self.run(|client| client.call(method, params.clone()))
    }

    pub fn run<R>(&mut self, call: impl FnMut(&mut Client<Socket>) -> Result<R, RpcError>) -> Result<R, RpcError> {
        self.session.as_mut().expect("the node was started with passwords").run(call)
    }
}

/// How to reach a daemon on this machine with a password.
pub fn settings(port: u16, certificate: &Path, user: &str, password: &str) -> Settings {
    Settings {
        host: "127.0.0.1".into(),
        port,
        certificate: PinnedCertificate::from_file(certificate).unwrap(),
        login: Login::Password { user: user.into(), password: password.to_owned().into() },
        timeouts: Timeouts { reconnect: vec![Duration::from_millis(100); 50], ..Timeouts::default() },
    }
}
