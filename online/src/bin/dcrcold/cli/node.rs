//! Where blocks come from.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;
use dcrcold::chain::spv::PeerAddress;
use dcrcold::chain::spv::wire::Host;

use super::Common;

/// How to reach dcrd; what is not given is looked up where dcrctl looks.
#[derive(Debug, Args)]
#[command(next_help_heading = "Options for dcrd")]
pub(crate) struct DcrdOptions {
    /// Address of dcrd, with or without a port
    #[arg(long, global = true, value_name = "HOST[:PORT]", env = "DCRCOLD_DCRD", hide_env_values = true)]
    pub(crate) dcrd: Option<String>,
    /// File with dcrd's certificate
    #[arg(long, global = true, value_name = "FILE", env = "DCRCOLD_DCRD_CERT", hide_env_values = true)]
    pub(crate) dcrd_cert: Option<PathBuf>,
    /// User name for dcrd; the limited user is enough
    #[arg(
        long,
        global = true,
        value_name = "NAME",
        env = "DCRCOLD_DCRD_USER",
        hide_env_values = true,
        requires = "dcrd_password_file"
    )]
    pub(crate) dcrd_user: Option<String>,
    /// File whose first line is the password for dcrd, or - for standard input
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        env = "DCRCOLD_DCRD_PASSWORD_FILE",
        hide_env_values = true,
        requires = "dcrd_user"
    )]
    pub(crate) dcrd_password_file: Option<PathBuf>,
    /// Client certificate to log in with instead of a password
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        env = "DCRCOLD_DCRD_CLIENT_CERT",
        hide_env_values = true,
        requires = "dcrd_client_key",
        conflicts_with = "dcrd_user"
    )]
    pub(crate) dcrd_client_cert: Option<PathBuf>,
    /// Private key of the client certificate
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        env = "DCRCOLD_DCRD_CLIENT_KEY",
        hide_env_values = true,
        requires = "dcrd_client_cert"
    )]
    pub(crate) dcrd_client_key: Option<PathBuf>,
}

impl DcrdOptions {
    /// Whether anything of it was given.
    const fn is_given(&self) -> bool {
        let Self { dcrd, dcrd_cert, dcrd_user, dcrd_password_file, dcrd_client_cert, dcrd_client_key } = self;
        dcrd.is_some()
            || dcrd_cert.is_some()
            || dcrd_user.is_some()
            || dcrd_password_file.is_some()
            || dcrd_client_cert.is_some()
            || dcrd_client_key.is_some()
    }
}

/// How to reach peers of the network, and VSPs.
#[derive(Debug, Args)]
#[command(next_help_heading = "Options for peers and VSPs")]
pub(crate) struct PeerOptions {
    /// Ask this peer, an onion service with --proxy, and no others that are not named; give it several times for several
    /// peers [default: peers are found]
    #[arg(
        long = "peer",
        global = true,
        value_name = "IP|NAME.onion[:PORT]",
        env = "DCRCOLD_PEER",
        hide_env_values = true
    )]
    pub(crate) peers: Vec<NamedPeer>,
    /// SOCKS5 proxy, such as Tor's 127.0.0.1:9050, for everything but dcrd
    #[arg(long, global = true, value_name = "IP:PORT", env = "DCRCOLD_PROXY", hide_env_values = true)]
    pub(crate) proxy: Option<SocketAddr>,
}

impl Common {
    /// The source that was named, with `--source` or by an option for dcrd.
    pub(crate) fn named_source(&self) -> Option<SourceName> {
        self.source.clone().or_else(|| self.dcrd.is_given().then_some(SourceName::Dcrd))
    }
}

/// A peer as it is named: its port may be the usual one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NamedPeer {
    host: Host,
    port: Option<u16>,
}

impl NamedPeer {
    /// The address, with the usual port where none was named.
    pub(crate) fn with_default(self, port: u16) -> PeerAddress {
        PeerAddress { host: self.host, port: self.port.unwrap_or(port) }
    }
}

impl FromStr for NamedPeer {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let whole = text.parse().map(|PeerAddress { host, port }| Self { host, port: Some(port) });
        let alone = text.trim_start_matches('[').trim_end_matches(']').parse().map(|host| Self { host, port: None });
        whole.or(alone).map_err(|_| "expected an IP address or onion service, with or without a port".to_owned())
    }
}

/// Where blocks come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SourceName {
    /// A dcrd of the user's.
    Dcrd,
    /// Peers of the network.
    Spv,
    /// The embedded network in a folder.
    Sim(PathBuf),
}

impl FromStr for SourceName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            None if text == "dcrd" => Ok(Self::Dcrd),
            None if text == "spv" => Ok(Self::Spv),
            Some(("sim", folder)) if !folder.is_empty() => Ok(Self::Sim(folder.into())),
            _ => Err("expected dcrd, spv or sim:DIR".into()),
        }
    }
}
