//! Where a VSP is.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

use ureq::http::Uri;

/// The address of a VSP: `https://` and a host, with or without a port.
///
/// Requests carry voting keys, so that plain HTTP is taken only where nobody else can read it: to this computer, and to
/// onion services, which encrypt themselves.
///
/// A key is pinned to it, so that one place has one form: lower case, no slash or dot at the end, IP addresses in their
/// shortest form, no port where it is the scheme's own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VspAddress(String);

impl VspAddress {
    /// The text, without a slash at the end.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The host and port, as people call the VSP.
    #[must_use]
    pub fn host(&self) -> &str {
        self.0.split_once("://").map_or(&self.0, |(_, host)| host)
    }

    /// Whether it can be reached over Tor only.
    #[must_use]
    pub fn is_onion(&self) -> bool {
        self.0.parse::<Uri>().is_ok_and(|uri| uri.host().is_some_and(is_onion))
    }
}

impl FromStr for VspAddress {
    type Err = VspAddressError;

    /// Reads an address; one without a scheme is `https`.
    fn from_str(text: &str) -> Result<Self, VspAddressError> {
        let malformed = || VspAddressError::Malformed { found: text.to_owned() };
        let full = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
        let uri: Uri = full.parse().map_err(|_| malformed())?;
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else { return Err(malformed()) };
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        if authority.as_str().contains('@') || path != "/" || authority.host().is_empty() {
            return Err(malformed());
        }
        let host = canonical(authority.host()).ok_or_else(malformed)?;
        let private = is_loopback(&host) || is_onion(&host);
        let own_port = match scheme {
            "https" => 443,
            "http" if private => 80,
            _ => return Err(VspAddressError::NotPrivate { found: text.to_owned() }),
        };
        // What follows the host is a port, or nothing that is taken.
        let port = match authority.as_str().strip_prefix(authority.host()) {
            Some("" | ":") => None,
            _ => Some(authority.port_u16().filter(|port| *port > 0).ok_or_else(malformed)?),
        };
        let port = port.filter(|port| *port != own_port).map_or_else(String::new, |port| format!(":{port}"));
        Ok(Self(format!("{scheme}://{host}{port}")))
    }
}

impl fmt::Display for VspAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The one form of a host.
fn canonical(host: &str) -> Option<String> {
    if let Some(bare) = host.strip_prefix('[') {
        let address: Ipv6Addr = bare.strip_suffix(']')?.parse().ok()?;
        return Some(format!("[{address}]"));
    }
    let host = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
    (!host.is_empty()).then_some(host)
}

fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn is_onion(host: &str) -> bool {
    host.ends_with(".onion")
}

/// Why a text is not the address of a VSP.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VspAddressError {
    /// No address, or one with more than a host and a port.
    #[error("\"{}\" is no address of a VSP: expected a host, as in https://vsp.example.com", found.escape_default())]
    Malformed {
        /// The text.
        found: String,
    },
    /// Others could read what is sent there.
    #[error("\"{}\" is not private: expected https, or http to this computer or an onion service", found.escape_default())]
    NotPrivate {
        /// The text.
        found: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_brought_to_one_form() {
        let cases = [
            ("https://vsp.example.com:8443", "https://vsp.example.com:8443"),
            ("https://vsp.example.com:08443", "https://vsp.example.com:8443"),
            ("https://vsp.example.com:80", "https://vsp.example.com:80"),
            ("http://127.0.0.1:18801", "http://127.0.0.1:18801"),
            ("http://localhost:80", "http://localhost"),
            ("http://LOCALHOST:443", "http://localhost:443"),
            ("http://[::1]:80", "http://[::1]"),
            ("https://[0:0:0:0:0:0:0:1]:443", "https://[::1]"),
            ("https://[2001:DB8::1]:9", "https://[2001:db8::1]:9"),
            ("http://ABCDEFGHIJ.onion:80/", "http://abcdefghij.onion"),
        ];
        for (text, expected) in cases {
            let address: VspAddress = text.parse().unwrap();
            assert_eq!(address.as_str(), expected, "{text}");
            assert_eq!(address.as_str().parse(), Ok(address.clone()), "{text}");
        }
    }

    #[test]
    fn a_vsp_is_the_same_however_its_address_is_typed() {
        let one: VspAddress = "https://vsp.example.com".parse().unwrap();
        for text in [
            "vsp.example.com",
            "vsp.example.com/",
            "vsp.example.com:443",
            "VSP.Example.COM",
            "vsp.example.com.",
            "HTTPS://vsp.example.com",
            "https://vsp.example.com:443",
            "https://vsp.example.com:443/",
            "https://vsp.example.com:0443",
            "https://VSP.example.com./",
        ] {
            assert_eq!(text.parse(), Ok(one.clone()), "{text}");
        }
    }

    #[test]
    fn what_others_could_read_or_is_more_than_a_host_is_refused() {
        for text in
            ["http://vsp.example.com", "ftp://vsp.example.com", "http://127.0.0.1.example.com", "http://10.0.0.1"]
        {
            assert!(matches!(text.parse::<VspAddress>(), Err(VspAddressError::NotPrivate { .. })), "{text}");
        }
        for text in [
            "",
            "https://",
            "https://a b",
            "https://a/b",
            "https://a?b",
            "https://user@a",
            "https://u:p@a",
            "https://a:0",
            "https://a:65536",
            "https://a:b",
            "https://.",
        ] {
            assert!(matches!(text.parse::<VspAddress>(), Err(VspAddressError::Malformed { .. })), "{text}");
        }
    }
}
