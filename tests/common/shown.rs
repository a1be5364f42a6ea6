//! A request in a folder of its own, to be shown.
#![allow(unreachable_pub, reason = "the tests that take this module are programs of their own")]

use std::fs;

use dcrcold_core::net::Network;
use dcrcold_signer::transfer::{Container, Kind};
use tempfile::TempDir;

use crate::random::Random;

/// A request of some length; what it asks for does not matter to codes.
pub struct Online {
    /// The folder, with the request in the file `request`.
    pub folder: TempDir,
    /// The request.
    pub request: Container,
}

impl Online {
    /// Writes a request whose file has this many bytes.
    pub fn new(kind: Kind, network: Network, length: usize) -> Self {
        let mut random = Random(length as u64);
        let body = (0..length - 47).map(|_| random.byte()).collect();
        let request = Container::new(kind, network, body).unwrap();
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("request"), request.encode()).unwrap();
        Self { folder, request }
    }
}
