//! The way to a peer over a SOCKS5 proxy.
//!
//! Each connection logs in under another name, for which Tor takes another way through its network: peers cannot tell that
//! they talk to the same wallet. The proxy gets addresses and names of onion services, and nothing is looked up here.
//! Source: RFC 1928, RFC 1929; Tor `socks-extensions.txt`, section 1.

use std::io::{self, Read, Write};
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::time::Duration;

use super::super::address::PeerAddress;
use super::super::random;
use super::super::wire::Host;

const VERSION: u8 = 5;
const NO_LOGIN: u8 = 0;
const PASSWORD: u8 = 2;
const LOGIN_VERSION: u8 = 1;
const CONNECT: u8 = 1;
const IPV4: u8 = 1;
const NAME: u8 = 3;
const IPV6: u8 = 4;

/// Why a proxy does not lead to a peer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SocksError {
    /// Nobody answers at the proxy's address.
    #[error("cannot connect to the proxy: {0}")]
    Connect(#[source] io::Error),
    /// The connection broke.
    #[error("lost the connection to the proxy: {0}")]
    Broken(#[source] io::Error),
    /// It answers something that is not SOCKS5.
    #[error("the proxy does not speak SOCKS5: {what} is {found}")]
    Malformed {
        /// What makes no sense.
        what: &'static str,
        /// The byte found.
        found: u8,
    },
    /// It wants another kind of login.
    #[error("the proxy wants a login")]
    Login,
    /// It cannot connect to the peer.
    #[error("the proxy cannot connect: {}", reason(*code))]
    Refused {
        /// Its code.
        code: u8,
    },
}

const fn reason(code: u8) -> &'static str {
    match code {
        1 => "general failure",
        2 => "not allowed",
        3 => "network unreachable",
        4 => "host unreachable",
        5 => "connection refused",
        6 => "time is up",
        7 | 8 => "not supported",
        _ => "unknown reason",
    }
}

/// Connects to `target` over `proxy`; each step may take `patience`.
pub(super) fn connect(proxy: SocketAddr, target: &PeerAddress, patience: Duration) -> Result<TcpStream, SocksError> {
    let mut stream = TcpStream::connect_timeout(&proxy, patience).map_err(SocksError::Connect)?;
    stream.set_read_timeout(Some(patience)).map_err(SocksError::Broken)?;
    stream.set_write_timeout(Some(patience)).map_err(SocksError::Broken)?;
    log_in(&mut stream)?;
    stream.write_all(&request(target)).map_err(SocksError::Broken)?;
    let [version, code, _, kind] = read(&mut stream)?;
    is("the version of its reply", version, VERSION)?;
    if code != 0 {
        return Err(SocksError::Refused { code });
    }
    // The address that the proxy has towards the peer, which is of no interest, and its port.
    match kind {
        IPV4 => read::<6>(&mut stream).map(drop)?,
        IPV6 => read::<18>(&mut stream).map(drop)?,
        NAME => {
            let [length] = read(&mut stream)?;
            let mut rest = vec![0; usize::from(length) + 2];
            stream.read_exact(&mut rest).map_err(SocksError::Broken)?;
        }
        found => return Err(SocksError::Malformed { what: "the kind of its address", found }),
    }
    Ok(stream)
}

fn log_in(stream: &mut TcpStream) -> Result<(), SocksError> {
    stream.write_all(&[VERSION, 2, PASSWORD, NO_LOGIN]).map_err(SocksError::Broken)?;
    let [version, method] = read(stream)?;
    is("its version", version, VERSION)?;
    match method {
        NO_LOGIN => Ok(()),
        PASSWORD => {
            let name = format!("{:016x}", random());
            let mut login = vec![LOGIN_VERSION, 16];
            login.extend(name.bytes());
            login.extend([1, b'0']);
            stream.write_all(&login).map_err(SocksError::Broken)?;
            let [version, status] = read(stream)?;
            is("the version of its login", version, LOGIN_VERSION)?;
            if status == 0 { Ok(()) } else { Err(SocksError::Login) }
        }
        _ => Err(SocksError::Login),
    }
}

fn request(target: &PeerAddress) -> Vec<u8> {
    let mut request = vec![VERSION, CONNECT, 0];
    match target.host {
        Host::Ip(IpAddr::V4(ip)) => {
            request.push(IPV4);
            request.extend(ip.octets());
        }
        Host::Ip(IpAddr::V6(ip)) => {
            request.push(IPV6);
            request.extend(ip.octets());
        }
        Host::Onion(_) => {
            let name = target.host.to_string();
            request.extend([NAME, u8::try_from(name.len()).expect("the name has 62 letters")]);
            request.extend(name.bytes());
        }
    }
    request.extend(target.port.to_be_bytes());
    request
}

fn read<const N: usize>(stream: &mut TcpStream) -> Result<[u8; N], SocksError> {
    let mut bytes = [0; N];
    stream.read_exact(&mut bytes).map_err(SocksError::Broken)?;
    Ok(bytes)
}

const fn is(what: &'static str, found: u8, expected: u8) -> Result<(), SocksError> {
    if found == expected { Ok(()) } else { Err(SocksError::Malformed { what, found }) }
}
