//! Finds server, certificate and login where dcrctl finds them.
//!
//! Each of the three comes from the first place that has it: an explicit option, `dcrctl.conf`, `dcrd.conf`, the
//! program's default. Source: dcrctl `config.go`, dcrd `config.go`, `dcrutil/appdata.go`.

use std::env;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use dcrcold_core::net::Network;
use zeroize::Zeroizing;

use super::conf::Conf;
use super::error::SettingsError;
use super::settings::{Login, Settings, Timeouts};
use super::source::Dcrd;
use super::tls::{ClientIdentity, PinnedCertificate};

/// How long a dcrd on this computer may take to be found.
const OFFER_PATIENCE: Duration = Duration::from_secs(1);

/// What the user said; everything left out is looked up.
#[derive(Default)]
pub struct Options {
    /// Host, with or without a port.
    pub server: Option<String>,
    /// File with the certificate of the server.
    pub certificate: Option<PathBuf>,
    /// User and password.
    pub login: Option<(String, Zeroizing<String>)>,
    /// Files with a client certificate and its key, to log in with instead of a password.
    pub client_certificate: Option<(PathBuf, PathBuf)>,
    /// File to read instead of the user's `dcrctl.conf`.
    pub config: Option<PathBuf>,
}

/// The folders in which the programs keep their files.
#[derive(Clone, Debug)]
pub struct Homes {
    /// Holds `dcrctl.conf`, `client.pem` and `client-key.pem`.
    pub dcrctl: PathBuf,
    /// Holds `dcrd.conf` and `rpc.cert`.
    pub dcrd: PathBuf,
    /// What `~` in a path stands for.
    pub user: PathBuf,
}

impl Homes {
    /// The folders of the user who runs this program; dcrd's may be moved by the variable `DCRD_APPDATA`.
    #[must_use]
    pub fn of_user() -> Self {
        let user = etcetera::home_dir().unwrap_or_default();
        let dcrd = env::var_os("DCRD_APPDATA").filter(|path| !path.is_empty()).map(PathBuf::from);
        Self { dcrctl: app_folder(&user, "dcrctl"), dcrd: dcrd.unwrap_or_else(|| app_folder(&user, "dcrd")), user }
    }
}

/// Which rights are asked for, if a configuration has the logins of two users.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// The limited user, who may read the chain and send transactions.
    Limited,
    /// The full user, whom a voter needs.
    Full,
}

/// Finds out how to reach dcrd.
///
/// # Errors
/// [`SettingsError`] naming the file or the option that stands in the way.
pub fn find(options: &Options, homes: &Homes, network: Network, access: Access) -> Result<Settings, SettingsError> {
    let dcrctl_path = options.config.clone().unwrap_or_else(|| homes.dcrctl.join("dcrctl.conf"));
    if options.config.is_some() && !dcrctl_path.exists() {
        return Err(SettingsError::Unreadable { path: dcrctl_path, source: std::io::ErrorKind::NotFound.into() });
    }
    let dcrd_path = homes.dcrd.join("dcrd.conf");
    let sources =
        Sources { dcrctl: Conf::read(&dcrctl_path)?, dcrd: Conf::read(&dcrd_path)?, dcrctl_path, dcrd_path, homes };
    let (host, port) = sources.server(options, network)?;
    Ok(Settings {
        host,
        port,
        certificate: PinnedCertificate::from_file(&sources.certificate(options))?,
        login: sources.login(options, access)?,
        timeouts: Timeouts::default(),
    })
}

/// Looks for a dcrd of the user's that runs on this computer and lets them in; says where it is.
///
/// Nothing goes to other computers: a node elsewhere is asked when it is named.
#[must_use]
pub fn find_running(homes: &Homes, network: Network) -> Option<String> {
    let mut settings = find(&Options::default(), homes, network, Access::Limited).ok()?;
    if !is_here(&settings.host) {
        return None;
    }
    settings.timeouts = Timeouts { connect: OFFER_PATIENCE, reply: OFFER_PATIENCE, reconnect: Vec::new() };
    let address = settings.address();
    Dcrd::connect(settings, network).ok().map(|_| address)
}

fn is_here(host: &str) -> bool {
    host == "localhost" || host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
}

/// Finds out how to reach dcrwallet: what was said, else `dcrwallet.conf` and the program's default.
///
/// # Errors
/// [`SettingsError`] naming the file or the option that stands in the way.
pub fn find_wallet(options: &Options, homes: &Homes, network: Network) -> Result<Settings, SettingsError> {
    let home = app_folder(&homes.user, "dcrwallet");
    let server = options.server.as_deref().unwrap_or("localhost");
    let found = host_and_port(server, network.params().dcrwallet_rpc_port);
    let (host, port) = found.ok_or_else(|| bad_server("the address of dcrwallet".into(), server))?;
    let login = match (&options.client_certificate, &options.login) {
        (Some((certificate, key)), _) => Login::Certificate(ClientIdentity::from_files(certificate, key)?),
        (None, Some((user, word))) => Login::Password { user: user.clone(), password: word.clone() },
        (None, None) => {
            let path = options.config.clone().unwrap_or_else(|| home.join("dcrwallet.conf"));
            let configured = password(&Conf::read(&path)?, "username", "password");
            configured.ok_or(SettingsError::NoLogin { daemon: "dcrwallet", looked_in: vec![path] })?
        }
    };
    let certificate = options.certificate.clone().unwrap_or_else(|| home.join("rpc.cert"));
    let certificate = PinnedCertificate::from_file(&certificate)?;
    Ok(Settings { host, port, certificate, login, timeouts: Timeouts::default() })
}

/// The two configuration files.
struct Sources<'a> {
    dcrctl: Conf,
    dcrd: Conf,
    dcrctl_path: PathBuf,
    dcrd_path: PathBuf,
    homes: &'a Homes,
}

impl Sources<'_> {
    fn server(&self, options: &Options, network: Network) -> Result<(String, u16), SettingsError> {
        let port = network.params().dcrd_rpc_port;
        if let Some(server) = &options.server {
            return host_and_port(server, port).ok_or_else(|| bad_server("the server".into(), server));
        }
        if let Some(server) = self.dcrctl.get("rpcserver") {
            let option = || format!("rpcserver in {}", self.dcrctl_path.display());
            return host_and_port(server, port).ok_or_else(|| bad_server(option(), server));
        }
        if let Some(listen) = self.dcrd.all("rpclisten").next().filter(|_| network_of(&self.dcrd) == network) {
            let option = || format!("rpclisten in {}", self.dcrd_path.display());
            let (host, port) = host_and_port(listen, port).ok_or_else(|| bad_server(option(), listen))?;
            return Ok((reachable(host), port));
        }
        Ok(("localhost".into(), port))
    }

    fn certificate(&self, options: &Options) -> PathBuf {
        let configured = || self.dcrctl.get("rpccert").or_else(|| self.dcrd.get("rpccert"));
        let expanded = || configured().map(|path| self.expand(path));
        options.certificate.clone().or_else(expanded).unwrap_or_else(|| self.homes.dcrd.join("rpc.cert"))
    }

    fn login(&self, options: &Options, access: Access) -> Result<Login, SettingsError> {
        if let Some((certificate, key)) = &options.client_certificate {
            return ClientIdentity::from_files(certificate, key).map(Login::Certificate);
        }
        if let Some((user, password)) = &options.login {
            return Ok(Login::Password { user: user.clone(), password: password.clone() });
        }
        match self.dcrctl.get("authtype") {
            Some("clientcert") => return self.client_certificate(),
            None | Some("basic") => {}
            Some(found) => {
                let option = format!("authtype in {}", self.dcrctl_path.display());
                return Err(SettingsError::BadValue { option, found: found.into(), expected: "basic or clientcert" });
            }
        }
        let limited = || password(&self.dcrd, "rpclimituser", "rpclimitpass");
        let full = || password(&self.dcrd, "rpcuser", "rpcpass");
        let of_dcrd = || match access {
            Access::Limited => limited().or_else(full),
            Access::Full => full(),
        };
        let by_certificate = || self.dcrd.get("authtype") == Some("clientcert");
        match password(&self.dcrctl, "rpcuser", "rpcpass").or_else(of_dcrd) {
            Some(login) => Ok(login),
            None if by_certificate() => self.client_certificate(),
            None => {
                let looked_in = vec![self.dcrctl_path.clone(), self.dcrd_path.clone()];
                Err(SettingsError::NoLogin { daemon: "dcrd", looked_in })
            }
        }
    }

    fn client_certificate(&self) -> Result<Login, SettingsError> {
        let file = |option, name| {
            self.dcrctl.get(option).map_or_else(|| self.homes.dcrctl.join(name), |path| self.expand(path))
        };
        let (certificate, key) = (file("clientcert", "client.pem"), file("clientkey", "client-key.pem"));
        ClientIdentity::from_files(&certificate, &key).map(Login::Certificate)
    }

    fn expand(&self, path: &str) -> PathBuf {
        match path.strip_prefix('~') {
            Some(rest) => self.homes.user.join(rest.trim_start_matches(['/', '\\'])),
            None => path.into(),
        }
    }
}

fn password(conf: &Conf, user: &str, password: &str) -> Option<Login> {
    let (user, password) = (conf.get(user)?.to_owned(), conf.get(password)?.to_owned());
    Some(Login::Password { user, password: Zeroizing::new(password) })
}

fn network_of(dcrd: &Conf) -> Network {
    if dcrd.is_set("simnet") {
        Network::Simnet
    } else if dcrd.is_set("testnet") {
        Network::Testnet3
    } else {
        Network::Mainnet
    }
}

/// Takes `host`, `host:port`, `[::1]:port`, `::1` or `:port` apart.
fn host_and_port(text: &str, default: u16) -> Option<(String, u16)> {
    let (host, port) = if let Some(rest) = text.strip_prefix('[') {
        let (host, rest) = rest.split_once(']')?;
        (host, rest.strip_prefix(':').or(rest.is_empty().then_some("")))
    } else if text.matches(':').count() == 1 {
        text.split_once(':').map(|(host, port)| (host, Some(port)))?
    } else {
        (text, Some(""))
    };
    let port = match port? {
        "" => default,
        port => port.parse().ok().filter(|port| *port != 0)?,
    };
    let unusable = |character: char| character.is_whitespace() || "/@?#".contains(character);
    (!host.contains(unusable)).then(|| (host.to_owned(), port))
}

/// The address under which a server that listens on all addresses is reached on the same machine.
fn reachable(listening: String) -> String {
    match listening.as_str() {
        "" | "0.0.0.0" | "*" => "127.0.0.1".into(),
        "::" => "::1".into(),
        _ => listening,
    }
}

fn bad_server(option: String, found: &str) -> SettingsError {
    SettingsError::BadValue { option, found: found.into(), expected: "a host with or without a port" }
}

/// The folder in which a Decred program keeps its files.
fn app_folder(user: &Path, name: &str) -> PathBuf {
    let capital = || name[..1].to_ascii_uppercase() + &name[1..];
    if cfg!(target_os = "macos") {
        user.join("Library/Application Support").join(capital())
    } else if cfg!(windows) {
        let local = env::var_os("LOCALAPPDATA").or_else(|| env::var_os("APPDATA"));
        local.map_or_else(|| user.to_owned(), PathBuf::from).join(capital())
    } else {
        user.join(format!(".{name}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_and_ports_are_told_apart() {
        let read = |text| host_and_port(text, 9109);
        assert_eq!(read("node"), Some(("node".into(), 9109)));
        assert_eq!(read("node:1"), Some(("node".into(), 1)));
        assert_eq!(read("10.0.0.1:65535"), Some(("10.0.0.1".into(), 65535)));
        assert_eq!(read("::1"), Some(("::1".into(), 9109)));
        assert_eq!(read("[::1]"), Some(("::1".into(), 9109)));
        assert_eq!(read("[::1]:7"), Some(("::1".into(), 7)));
        assert_eq!(read(":7"), Some((String::new(), 7)));
        for text in ["node:x", "node:0", "node:65536", "[::1", "[::1]x", "https://node", "user@node", "a b"] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn a_server_on_all_addresses_is_reached_on_loopback() {
        assert_eq!(reachable(String::new()), "127.0.0.1");
        assert_eq!(reachable("0.0.0.0".into()), "127.0.0.1");
        assert_eq!(reachable("::".into()), "::1");
        assert_eq!(reachable("10.1.2.3".into()), "10.1.2.3");
    }
}
