//! Which addresses may be peers, and which of them are likely to belong to one person.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use dcrcold_core::net::Network;

use super::super::address::PeerAddress;
use super::super::wire::Host;

/// The network that an address is in: a /16 of IPv4, a /32 of IPv6. Many of one are cheap to have.
///
/// Onion services cost nothing at all: they are as few networks as the first bits of their keys tell apart, so that half
/// of the peers at most are such.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Group {
    V4([u8; 2]),
    V6([u8; 4]),
    Onion(u8),
}

impl Group {
    pub(super) const fn of(address: &PeerAddress) -> Self {
        match address.host {
            Host::Ip(IpAddr::V4(ip)) => {
                let [a, b, ..] = ip.octets();
                Self::V4([a, b])
            }
            Host::Ip(IpAddr::V6(ip)) => {
                let [a, b, c, d, ..] = ip.octets();
                Self::V6([a, b, c, d])
            }
            Host::Onion([first, ..]) => Self::Onion(first >> 6),
        }
    }
}

/// Whether what others say of an address can be true: on the public networks, that anybody may reach it; on the
/// simulation network, that it is of this computer. An onion service may be anywhere.
pub(super) const fn is_of_use(address: &PeerAddress, network: Network) -> bool {
    if address.port == 0 {
        return false;
    }
    match (network, address.host) {
        (_, Host::Onion(_)) => true,
        (Network::Simnet, Host::Ip(ip)) => ip.is_loopback(),
        (_, Host::Ip(IpAddr::V4(ip))) => is_public_v4(ip),
        (_, Host::Ip(IpAddr::V6(ip))) => is_public_v6(ip),
    }
}

/// Source: IANA IPv4 Special-Purpose Address Registry.
const fn is_public_v4(ip: Ipv4Addr) -> bool {
    let special = match ip.octets() {
        [0 | 10 | 127 | 224.., ..] | [169, 254, ..] | [192, 168, ..] => true,
        [100, b, ..] => b >= 64 && b < 128,
        [172, b, ..] => b >= 16 && b < 32,
        [192, 0, c, _] => c == 0 || c == 2,
        [198, 18 | 19, ..] | [198, 51, 100, _] | [203, 0, 113, _] => true,
        _ => false,
    };
    !special
}

/// What is given out to be reached, without what stands for an address of IPv4. Source: RFC 4291, RFC 6890.
const fn is_public_v6(ip: Ipv6Addr) -> bool {
    match ip.segments() {
        [0x2001, 0 | 0x0db8, ..] | [0x2002, ..] => false,
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

/// What a ban holds for: a whole computer, told by port 0; on loopback, where many are one, the port alone.
pub(super) const fn banned_as(address: &PeerAddress) -> PeerAddress {
    match address.host {
        Host::Ip(ip) if ip.is_loopback() => *address,
        host => PeerAddress { host, port: 0 },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_anybody_may_reach_is_a_peer() {
        let of_use = |text: &str, network| is_of_use(&text.parse().unwrap(), network);
        let public = ["8.8.8.8:9108", "172.15.0.1:9108", "100.63.0.1:1", "192.0.1.1:9108", "[2a00:1450::1]:9108"];
        let other = [
            "0.0.0.0:9108",
            "10.1.2.3:9108",
            "100.64.0.1:9108",
            "127.0.0.1:9108",
            "169.254.1.1:9108",
            "172.16.0.1:9108",
            "172.31.255.255:9108",
            "192.0.0.8:9108",
            "192.0.2.1:9108",
            "192.168.1.1:9108",
            "198.18.0.1:9108",
            "198.51.100.7:9108",
            "203.0.113.7:9108",
            "224.0.0.1:9108",
            "255.255.255.255:9108",
            "8.8.8.8:0",
            "[::]:9108",
            "[::1]:9108",
            "[::ffff:8.8.8.8]:9108",
            "[fe80::1]:9108",
            "[fc00::1]:9108",
            "[ff02::1]:9108",
            "[2001:db8::5]:9108",
            "[2001::1]:9108",
            "[2002:808:808::1]:9108",
        ];
        for (texts, expected) in [(&public[..], true), (&other[..], false)] {
            for text in texts {
                assert_eq!(of_use(text, Network::Mainnet), expected, "{text}");
                assert_eq!(of_use(text, Network::Simnet), text.starts_with("127.") || text.starts_with("[::1]"));
            }
        }
        println!("addresses that may be peers: {} cases", 2 * (public.len() + other.len()));
    }

    #[test]
    fn groups_are_networks_that_one_person_may_have() {
        let same = |one: &str, other: &str| Group::of(&one.parse().unwrap()) == Group::of(&other.parse().unwrap());
        assert!(same("8.8.1.1:1", "8.8.9.9:2"));
        assert!(!same("8.8.1.1:1", "8.9.1.1:1"));
        assert!(same("[2a00:1450:1::1]:1", "[2a00:1450:2::9]:2"));
        assert!(!same("[2a00:1450::1]:1", "[2a00:1451::1]:1"));
        let onions = (0..=255).map(|first| Group::of(&PeerAddress { host: Host::Onion([first; 32]), port: 1 }));
        assert_eq!(onions.collect::<std::collections::HashSet<_>>().len(), 4);
    }
}
