//! Servers that know peers.
//!
//! `GET https://SEEDER/api/addrs?services=1` gets JSON objects one after the other. A seeder may name whom it likes:
//! what it says is bounded, and never the only thing that is relied on.
//! Source: dcrd `addrmgr/seed.go`; dcrseeder `http.go`.

use std::io::Read;
use std::net::SocketAddr;
use std::time::Duration;

use dcrcold_core::net::Network;
use serde::Deserialize;

use super::super::wire::{ProtocolVersion, Services};
use super::place::is_of_use;
use crate::http::HttpSettings;

/// The most bytes of an answer that are read.
const MOST_BYTES: u64 = 4096;
/// The most peers of an answer.
const MOST_PEERS: usize = 16;
/// How long a seeder may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// Decred's seeders of a network; none on the simulation network. dcrd `chaincfg`, `seeders`.
#[must_use]
pub const fn seeders(network: Network) -> &'static [&'static str] {
    match network {
        Network::Mainnet => &[
            "https://mainnet-seed-1.decred.org",
            "https://mainnet-seed-2.decred.org",
            "https://mainnet-seed.jholdstock.uk",
            "https://dcr-seed.jz.bz",
        ],
        Network::Testnet3 => &[
            "https://testnet-seed-1.decred.org",
            "https://testnet-seed-2.decred.org",
            "https://testnet-seed.jholdstock.uk",
        ],
        Network::Simnet => &[],
    }
}

/// Why a seeder is of no use.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SeederError {
    /// No connection, no answer in time, or one that broke off.
    #[error("cannot be reached: {0}")]
    Unreachable(#[source] Box<ureq::Error>),
    /// It answers that it does not answer.
    #[error("answers with HTTP status {status}")]
    Status {
        /// The status.
        status: u16,
    },
    /// The answer broke off.
    #[error("its answer breaks off: {0}")]
    Broken(#[source] std::io::Error),
    /// The answer is something else.
    #[error("its answer is malformed: {0}")]
    Malformed(#[source] serde_json::Error),
    /// The answer is longer than any of as many peers as are read.
    #[error("its answer is longer than {MOST_BYTES} bytes")]
    TooLong,
    /// Nobody that it names can be a peer.
    #[error("names {named} peers, none of which can be one")]
    NoneOfUse {
        /// How many it names.
        named: usize,
    },
}

/// A peer as seeders name it.
#[derive(Deserialize)]
struct Named {
    host: String,
    services: u64,
    pver: u32,
}

/// Asks a seeder for peers that are of use.
pub(super) fn ask(seeder: &str, network: Network, proxy: Option<SocketAddr>) -> Result<Vec<SocketAddr>, SeederError> {
    let settings = HttpSettings { proxy, whole: PATIENCE, ..HttpSettings::default() };
    let url = format!("{seeder}/api/addrs?services={}", Services::NETWORK.0);
    let failed = |error| SeederError::Unreachable(Box::new(error));
    let mut response = settings.agent().get(&url).call().map_err(failed)?;
    if response.status() != 200 {
        return Err(SeederError::Status { status: response.status().as_u16() });
    }
    let mut bytes = Vec::new();
    // One byte more than is used tells an answer that is too long from one that is not.
    response.body_mut().as_reader().take(MOST_BYTES + 1).read_to_end(&mut bytes).map_err(SeederError::Broken)?;
    read(&bytes, network)
}

/// Reads an answer.
fn read(bytes: &[u8], network: Network) -> Result<Vec<SocketAddr>, SeederError> {
    let whole = bytes.len() as u64 <= MOST_BYTES;
    let bytes = &bytes[..bytes.len().min(usize::try_from(MOST_BYTES).unwrap_or(usize::MAX))];
    let (mut found, mut named) = (Vec::new(), 0);
    for peer in serde_json::Deserializer::from_slice(bytes).into_iter::<Named>().take(MOST_PEERS) {
        let peer = match peer {
            Ok(peer) => peer,
            Err(error) if whole => return Err(SeederError::Malformed(error)),
            Err(_) => return Err(SeederError::TooLong),
        };
        named += 1;
        let address = peer.host.parse().ok().filter(|address: &SocketAddr| is_of_use(&(*address).into(), network));
        let fits = Services(peer.services).has(Services::NETWORK)
            && ProtocolVersion(peer.pver) >= ProtocolVersion::BATCHED_FILTERS;
        found.extend(address.filter(|_| fits));
    }
    match found.is_empty() {
        false => Ok(found),
        true if whole => Err(SeederError::NoneOfUse { named }),
        true => Err(SeederError::TooLong),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn peers_are_read_one_after_the_other() {
        let text = concat!(
            r#"{"host":"8.8.8.8:9108","services":1,"pver":12}"#,
            "\n",
            r#"{"host":"[2a00:1450::5]:9108","services":5,"pver":11,"new":true} {"host":"9.9.9.9:9108","services":1,"pver":10}"#,
            r#"{"host":"7.7.7.7:9108","services":0,"pver":12}{"host":"node.example.org:9108","services":1,"pver":12}"#,
            r#"{"host":"192.168.1.1:9108","services":1,"pver":12}"#,
        );
        let found = read(text.as_bytes(), Network::Mainnet).unwrap();
        assert_eq!(found, ["8.8.8.8:9108".parse().unwrap(), "[2a00:1450::5]:9108".parse::<SocketAddr>().unwrap()]);
    }

    #[test]
    fn every_public_network_has_seeders() {
        for network in Network::ALL {
            assert_eq!(seeders(network).is_empty(), network == Network::Simnet);
            assert!(seeders(network).iter().all(|seeder| seeder.starts_with("https://")));
        }
    }
}
