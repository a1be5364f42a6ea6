//! The first message of each side: who it is.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use dcrcold_core::amount::Height;
use dcrcold_core::hash::Sink;
use dcrcold_signer::wire::{Buffer, Reader, put_bytes};

use super::{PayloadError, ProtocolVersion};

/// The longest user agent.
pub(super) const MOST_USER_AGENT: usize = 256;

/// What a peer does for others, as a set of bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Services(pub u64);

impl Services {
    /// Nothing: a light client.
    pub const NONE: Self = Self(0);
    /// Whole blocks, and their filters.
    pub const NETWORK: Self = Self(1);

    /// Whether it does all that `other` names.
    #[must_use]
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

/// A peer's address, and what it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// What it does.
    pub services: Services,
    /// Its address and port.
    pub address: SocketAddr,
}

impl Endpoint {
    /// What a client says that does not tell where it is.
    pub const UNKNOWN: Self =
        Self { services: Services::NONE, address: SocketAddr::new(IpAddr::V6(Ipv6Addr::UNSPECIFIED), 0) };

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, PayloadError> {
        let services = Services(reader.array("services").map(u64::from_le_bytes)?);
        let ip = Ipv6Addr::from(reader.array::<16>("address")?);
        let port = u16::from_be_bytes(reader.array("port")?);
        // Not `to_canonical`, which would also turn ::1 around.
        let ip = ip.to_ipv4_mapped().map_or(IpAddr::V6(ip), IpAddr::V4);
        Ok(Self { services, address: SocketAddr::new(ip, port) })
    }

    pub(super) fn write(&self, buffer: &mut Buffer) {
        let ip = match self.address.ip() {
            IpAddr::V4(ip) => ip.to_ipv6_mapped(),
            IpAddr::V6(ip) => ip,
        };
        buffer.put(&self.services.0.to_le_bytes());
        buffer.put(&ip.octets());
        buffer.put(&self.address.port().to_be_bytes());
    }
}

/// Who a peer is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// The newest version of the protocol that it speaks.
    pub protocol: ProtocolVersion,
    /// What it does for others.
    pub services: Services,
    /// Its clock, in seconds since 1970.
    pub time: i64,
    /// Where it thinks the other side is.
    pub you: Endpoint,
    /// Where it says it is.
    pub me: Endpoint,
    /// A random number by which a node knows that it speaks to itself.
    pub nonce: u64,
    /// Its program, ASCII.
    pub user_agent: String,
    /// Its last block.
    pub last_block: Height,
    /// Whether it wants to hear of transactions.
    pub relay: bool,
}

impl Version {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, PayloadError> {
        Ok(Self {
            protocol: ProtocolVersion(reader.u32("protocol version")?),
            services: Services(reader.array("services").map(u64::from_le_bytes)?),
            time: reader.i64("time")?,
            you: Endpoint::read(reader)?,
            me: Endpoint::read(reader)?,
            nonce: reader.array("nonce").map(u64::from_le_bytes)?,
            user_agent: read_text(reader, "user agent", MOST_USER_AGENT)?,
            last_block: read_height(reader)?,
            relay: match reader.u8("relay")? {
                0 => false,
                1 => true,
                found => return Err(PayloadError::NotABool { what: "relay", found }),
            },
        })
    }

    pub(super) fn write(&self, buffer: &mut Buffer) {
        buffer.put(&self.protocol.0.to_le_bytes());
        buffer.put(&self.services.0.to_le_bytes());
        buffer.put(&self.time.to_le_bytes());
        self.you.write(buffer);
        self.me.write(buffer);
        buffer.put(&self.nonce.to_le_bytes());
        put_bytes(buffer, self.user_agent.as_bytes());
        buffer.put(&self.last_block.0.to_le_bytes());
        buffer.put(&[u8::from(self.relay)]);
    }
}

fn read_height(reader: &mut Reader<'_>) -> Result<Height, PayloadError> {
    let what = "last block";
    let found = reader.array(what).map(i32::from_le_bytes)?;
    u32::try_from(found).map(Height).map_err(|_| PayloadError::NegativeHeight { what, found })
}

/// Reads an ASCII text.
pub(super) fn read_text(reader: &mut Reader<'_>, what: &'static str, most: usize) -> Result<String, PayloadError> {
    let bytes = reader.bytes(what, most as u64)?;
    match std::str::from_utf8(bytes) {
        Ok(text) if text.is_ascii() => Ok(text.to_owned()),
        _ => Err(PayloadError::NotAscii { what }),
    }
}
