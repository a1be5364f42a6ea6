//! The embedded network in a folder, and peers of it.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use dcrcold::chain::sim::{Settings as SimSettings, Sim};
use dcrcold::chain::spv::{Settings, Spv, Timeouts};
use dcrcold_core::net::Network;
use tempfile::TempDir;

use crate::fault::Fault;
use crate::server::Server;

/// Waits that no test has to sit through.
pub(crate) fn timeouts() -> Timeouts {
    Timeouts {
        connect: Duration::from_secs(5),
        handshake: Duration::from_secs(2),
        answer: Duration::from_secs(2),
        ping: Duration::from_secs(5),
        pong: Duration::from_secs(5),
        retry: Duration::from_millis(50),
        patience: Duration::from_secs(30),
        quiet: Duration::from_millis(100),
    }
}

pub(crate) fn settings(peers: &[&Server]) -> Settings {
    settings_of(peers.iter().map(|peer| peer.address).collect())
}

pub(crate) fn settings_of(peers: Vec<SocketAddr>) -> Settings {
    Settings { timeouts: timeouts(), ..Settings::new(Network::Simnet, peers) }
}

pub(crate) fn connect(peers: &[&Server]) -> Spv {
    Spv::start(settings(peers)).unwrap()
}

pub(crate) struct Net {
    folder: TempDir,
}

impl Net {
    pub(crate) fn new(seed: u64) -> (Self, Sim) {
        let folder = tempfile::tempdir().unwrap();
        let sim = Sim::create(&folder.path().join("sim"), SimSettings::new(seed)).unwrap();
        (Self { folder }, sim)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A peer that behaves like this.
    pub(crate) fn peer(&self, fault: Fault) -> Server {
        Server::start(&self.path("sim"), fault)
    }

    /// A peer at another address of this computer.
    pub(crate) fn peer_at(&self, ip: Ipv4Addr, fault: Fault) -> Server {
        Server::at(ip, Sim::open(&self.path("sim")).unwrap(), fault)
    }
}
