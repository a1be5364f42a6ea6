//! Addresses of other peers, in both of their forms.

use std::net::IpAddr;

use dcrcold_core::hash::{Sink, put_varint};
use dcrcold_signer::wire::{Buffer, Reader};

use super::super::address::PeerAddress;
use super::PayloadError;
use super::version::{Endpoint, Services};

/// The most addresses of one message.
pub(super) const MOST_ADDRESSES: usize = 1000;
/// The bytes of an address before version 12.
const OLD_SIZE: usize = 30;
/// The fewest bytes of an address since.
const LEAST_SIZE: usize = 23;

/// Where a peer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Host {
    /// At an IP address.
    Ip(IpAddr),
    /// Behind an onion service of Tor, version 3, with this public key.
    Onion([u8; 32]),
}

/// A peer that another one knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownPeer {
    /// When it was last seen, in seconds since 1970.
    pub time: u64,
    /// What it does.
    pub services: Services,
    /// Where it is.
    pub host: Host,
    /// The port at which it listens.
    pub port: u16,
}

/// Reads the form before version 12.
pub(super) fn read_old(reader: &mut Reader<'_>) -> Result<Vec<(u32, Endpoint)>, PayloadError> {
    let count = reader.count("number of addresses", MOST_ADDRESSES as u64)?;
    reader.items(count, OLD_SIZE, |reader| Ok((reader.u32("time")?, Endpoint::read(reader)?)))
}

pub(super) fn write_old(peers: &[(u32, Endpoint)], buffer: &mut Buffer) {
    put_varint(buffer, peers.len() as u64);
    for (time, endpoint) in peers {
        buffer.put(&time.to_le_bytes());
        endpoint.write(buffer);
    }
}

/// Reads the form since version 12, of which there is never an empty list.
pub(super) fn read(reader: &mut Reader<'_>) -> Result<Vec<KnownPeer>, PayloadError> {
    let count = reader.count("number of addresses", MOST_ADDRESSES as u64)?;
    if count == 0 {
        return Err(PayloadError::Empty { what: "addresses" });
    }
    reader.items(count, LEAST_SIZE, |reader| {
        Ok(KnownPeer {
            time: reader.array("time").map(u64::from_le_bytes)?,
            services: Services(reader.array("services").map(u64::from_le_bytes)?),
            host: match reader.u8("kind of address")? {
                1 => Host::Ip(IpAddr::from(reader.array::<4>("address")?)),
                2 => Host::Ip(IpAddr::from(reader.array::<16>("address")?)),
                3 => Host::Onion(reader.array("address")?),
                found => return Err(PayloadError::AddressKind { found }),
            },
            port: reader.u16("port")?,
        })
    })
}

pub(super) fn write(peers: &[KnownPeer], buffer: &mut Buffer) {
    put_varint(buffer, peers.len() as u64);
    for peer in peers {
        buffer.put(&peer.time.to_le_bytes());
        buffer.put(&peer.services.0.to_le_bytes());
        match peer.host {
            Host::Ip(IpAddr::V4(ip)) => put_host(buffer, 1, &ip.octets()),
            Host::Ip(IpAddr::V6(ip)) => put_host(buffer, 2, &ip.octets()),
            Host::Onion(key) => put_host(buffer, 3, &key),
        }
        buffer.put(&peer.port.to_le_bytes());
    }
}

fn put_host(buffer: &mut Buffer, kind: u8, bytes: &[u8]) {
    buffer.put(&[kind]);
    buffer.put(bytes);
}

impl KnownPeer {
    /// Its address.
    #[must_use]
    pub const fn address(&self) -> PeerAddress {
        PeerAddress { host: self.host, port: self.port }
    }
}
