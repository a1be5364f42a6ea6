//! Where a peer is: at an IP address, or behind an onion service of Tor.
//!
//! Source: dcrd `addrmgr/network.go`, `addrmgr/netaddress.go`; Tor `rend-spec-v3.txt`, section 6.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use data_encoding::BASE32_NOPAD;
use sha3::{Digest, Sha3_256};

use super::wire::Host;

/// What the name of an onion service ends with.
const ONION: &str = ".onion";
/// The version of onion services that there are.
const ONION_VERSION: u8 = 3;

/// Where a peer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PeerAddress {
    /// Where to connect to.
    pub host: Host,
    /// The port at which it listens.
    pub port: u16,
}

/// A text is no address of a peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("neither an IP address nor an onion service of version 3")]
pub struct AddressError;

impl PeerAddress {
    /// The address without Tor, if there is one.
    #[must_use]
    pub const fn socket_address(&self) -> Option<SocketAddr> {
        match self.host {
            Host::Ip(ip) => Some(SocketAddr::new(ip, self.port)),
            Host::Onion(_) => None,
        }
    }

    /// Whether only Tor leads there.
    #[must_use]
    pub const fn is_onion(&self) -> bool {
        matches!(self.host, Host::Onion(_))
    }
}

impl From<SocketAddr> for PeerAddress {
    fn from(address: SocketAddr) -> Self {
        Self { host: Host::Ip(address.ip()), port: address.port() }
    }
}

impl PartialEq<SocketAddr> for PeerAddress {
    fn eq(&self, other: &SocketAddr) -> bool {
        *self == Self::from(*other)
    }
}

impl fmt::Display for PeerAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.socket_address() {
            Some(address) => address.fmt(f),
            None => write!(f, "{}:{}", self.host, self.port),
        }
    }
}

impl FromStr for PeerAddress {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        if let Ok(address) = text.parse::<SocketAddr>() {
            return Ok(address.into());
        }
        let (host, port) = text.rsplit_once(':').ok_or(AddressError)?;
        match host.parse()? {
            Host::Ip(_) => Err(AddressError),
            host @ Host::Onion(_) => Ok(Self { host, port: port.parse().map_err(|_| AddressError)? }),
        }
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ip(ip) => ip.fmt(f),
            Self::Onion(key) => {
                let [a, b] = onion_checksum(key);
                let mut bytes = key.to_vec();
                bytes.extend([a, b, ONION_VERSION]);
                write!(f, "{}{ONION}", BASE32_NOPAD.encode(&bytes).to_ascii_lowercase())
            }
        }
    }
}

impl FromStr for Host {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        if let Ok(ip) = text.parse::<IpAddr>() {
            return Ok(Self::Ip(ip));
        }
        let name = text.to_ascii_lowercase();
        let name = name.strip_suffix(ONION).ok_or(AddressError)?.to_ascii_uppercase();
        let bytes = BASE32_NOPAD.decode(name.as_bytes()).map_err(|_| AddressError)?;
        let (key, rest) = bytes.split_first_chunk::<32>().ok_or(AddressError)?;
        let [a, b] = onion_checksum(key);
        if rest == [a, b, ONION_VERSION] { Ok(Self::Onion(*key)) } else { Err(AddressError) }
    }
}

fn onion_checksum(key: &[u8; 32]) -> [u8; 2] {
    let digest =
        Sha3_256::new().chain_update(".onion checksum").chain_update(key).chain_update([ONION_VERSION]).finalize();
    [digest[0], digest[1]]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A service that dcrd's own test names, `addrmgr/addrmanager_test.go`.
    const NAME: &str = "xa4r2iadxm55fbnqgwwi5mymqdcofiu3w6rpbtqn7b2dyn7mgwj64jyd.onion";

    #[test]
    fn an_onion_service_is_named_as_tor_names_it() {
        let host: Host = NAME.parse().unwrap();
        assert!(matches!(host, Host::Onion(key) if key[..4] == [0xb8, 0x39, 0x1d, 0x20]));
        assert_eq!(host.to_string(), NAME);
        assert_eq!(NAME.to_ascii_uppercase().parse(), Ok(host));
    }

    #[test]
    fn a_misspelt_onion_service_is_none() {
        let mut cases = 0;
        let letters = NAME.len() - ONION.len();
        for place in 0..letters {
            for letter in ['a', 'q', '7', '1', 'é'] {
                let text: String =
                    NAME.chars().enumerate().map(|(at, c)| if at == place { letter } else { c }).collect();
                assert_eq!(text.parse::<Host>().is_ok(), text == NAME, "{text}");
                cases += 1;
            }
        }
        for text in ["", ".onion", "expyuzz4wqqyqhjn.onion", &NAME[..letters], &NAME[1..], "localhost"] {
            assert_eq!(text.parse::<Host>(), Err(AddressError), "{text}");
            cases += 1;
        }
        println!("misspelt onion services: {cases} cases");
        assert_eq!(cases, 286);
    }

    #[test]
    fn addresses_are_read_as_they_are_written() {
        for text in ["8.8.8.8:9108", "[2a00:1450::5]:9108", &format!("{NAME}:9108")] {
            assert_eq!(text.parse::<PeerAddress>().unwrap().to_string(), text);
        }
        for text in
            ["8.8.8.8", "8.8.8.8:65536", "2a00:1450::5:9108", NAME, &format!("{NAME}:"), "node.example.org:9108"]
        {
            assert_eq!(text.parse::<PeerAddress>(), Err(AddressError), "{text}");
        }
    }
}
