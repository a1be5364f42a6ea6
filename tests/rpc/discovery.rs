//! Where server, certificate and login are found when the user does not say.

use std::fs;
use std::path::{Path, PathBuf};

use dcrcold::chain::dcrd::discover::{Access, Homes, Options, find};
use dcrcold::chain::dcrd::{Login, Settings, SettingsError};
use dcrcold_core::net::Network;
use tempfile::TempDir;

use crate::server::{file, pinned};

/// The home of a user with nothing but dcrd's certificate.
struct User {
    folder: TempDir,
    homes: Homes,
}

impl User {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let user = folder.path().to_owned();
        let homes = Homes { dcrctl: user.join(".dcrctl"), dcrd: user.join(".dcrd"), user };
        fs::create_dir(&homes.dcrctl).unwrap();
        fs::create_dir(&homes.dcrd).unwrap();
        fs::copy(file("p256", "cert"), homes.dcrd.join("rpc.cert")).unwrap();
        Self { folder, homes }
    }

    fn dcrd(self, conf: &str) -> Self {
        fs::write(self.homes.dcrd.join("dcrd.conf"), conf).unwrap();
        self
    }

    fn dcrctl(self, conf: &str) -> Self {
        fs::write(self.homes.dcrctl.join("dcrctl.conf"), conf).unwrap();
        self
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn find(&self, options: &Options) -> Result<Settings, SettingsError> {
        find(options, &self.homes, Network::Testnet3, Access::Limited)
    }

    fn found(&self) -> Settings {
        self.find(&Options::default()).unwrap()
    }
}

fn user_of(settings: &Settings) -> (&str, &str) {
    match &settings.login {
        Login::Password { user, password } => (user, password),
        Login::Certificate(_) => panic!("found a client certificate, expected a password"),
    }
}

fn copy_client(folder: &Path, name: &str) {
    fs::copy(file("client", "cert"), folder.join(format!("{name}.pem"))).unwrap();
    fs::copy(file("client", "key"), folder.join(format!("{name}-key.pem"))).unwrap();
}

#[test]
fn a_fresh_dcrd_is_found() {
    let user = User::new().dcrd("[Application Options]\ntestnet=1\nrpcuser=u\nrpcpass=p\n");
    let settings = user.found();
    assert_eq!(settings.address(), "localhost:19109");
    assert_eq!(user_of(&settings), ("u", "p"));
    assert_eq!(settings.certificate, pinned("p256"));
}

#[test]
fn the_limited_user_is_preferred_unless_more_is_needed() {
    let user = User::new().dcrd("rpcuser=u\nrpcpass=p\nrpclimituser=l\nrpclimitpass=q\n");
    assert_eq!(user_of(&user.found()), ("l", "q"));
    let full = find(&Options::default(), &user.homes, Network::Mainnet, Access::Full).unwrap();
    assert_eq!(user_of(&full), ("u", "p"));
    let limited_only = User::new().dcrd("rpclimituser=l\nrpclimitpass=q\n");
    let error = find(&Options::default(), &limited_only.homes, Network::Mainnet, Access::Full).unwrap_err();
    assert!(matches!(error, SettingsError::NoLogin { .. }));
}

#[test]
fn what_dcrctl_is_told_goes_before_what_dcrd_is_told() {
    let user = User::new()
        .dcrd("testnet=1\nrpcuser=u\nrpcpass=p\nrpclisten=127.0.0.1:1\nrpccert=/nowhere\n")
        .dcrctl("rpcuser=c\nrpcpass=d\nrpcserver=node.example:2\nrpccert=~/other.cert\n");
    fs::copy(file("p384", "cert"), user.path("other.cert")).unwrap();
    let settings = user.found();
    assert_eq!((settings.address().as_str(), user_of(&settings)), ("node.example:2", ("c", "d")));
    assert_eq!(settings.certificate, pinned("p384"));
}

#[test]
fn what_the_user_says_goes_before_all() {
    let user = User::new().dcrctl("rpcuser=c\nrpcpass=d\nrpcserver=node\nrpccert=/nowhere\nauthtype=clientcert\n");
    let settings = user
        .find(&Options {
            server: Some("[::1]:3".into()),
            certificate: Some(file("ed25519", "cert")),
            login: Some(("o".into(), "w".to_owned().into())),
            ..Options::default()
        })
        .unwrap();
    assert_eq!((settings.address().as_str(), user_of(&settings)), ("[::1]:3", ("o", "w")));
    assert_eq!(settings.certificate, pinned("ed25519"));
}

#[test]
fn dcrd_is_met_where_it_listens_if_its_network_is_ours() {
    let listens = |conf: &str| User::new().dcrd(&format!("rpcuser=u\nrpcpass=p\n{conf}")).found().address();
    assert_eq!(listens("testnet=1\nrpclisten=0.0.0.0:4\n"), "127.0.0.1:4");
    assert_eq!(listens("testnet=1\nrpclisten=\n"), "localhost:19109");
    assert_eq!(listens("rpclisten=0.0.0.0:4\n"), "localhost:19109");
    assert_eq!(listens("simnet=1\nrpclisten=:5\n"), "localhost:19109");
}

#[test]
fn a_client_certificate_is_found() {
    let user = User::new().dcrctl("authtype=clientcert\n");
    copy_client(&user.homes.dcrctl, "client");
    assert!(matches!(user.found().login, Login::Certificate(_)));

    let user = User::new().dcrctl("authtype=clientcert\nclientcert=~/mine.pem\nclientkey=~/mine-key.pem\n");
    copy_client(user.folder.path(), "mine");
    assert!(matches!(user.found().login, Login::Certificate(_)));

    let user = User::new().dcrd("authtype=clientcert\n");
    copy_client(&user.homes.dcrctl, "client");
    assert!(matches!(user.found().login, Login::Certificate(_)));
}

#[test]
fn what_is_missing_or_wrong_is_named() {
    let refused = |user: &User, options: &Options| user.find(options).unwrap_err().to_string();
    let none = Options::default();

    let user = User::new();
    let (dcrctl, dcrd) = (user.path(".dcrctl/dcrctl.conf"), user.path(".dcrd/dcrd.conf"));
    let places = format!("{}, {}", dcrctl.display(), dcrd.display());
    assert_eq!(refused(&user, &none), format!("no login for dcrd: found none in {places}"));

    fs::remove_file(user.homes.dcrd.join("rpc.cert")).unwrap();
    let missing = format!("cannot read {}: ", user.path(".dcrd/rpc.cert").display());
    assert!(refused(&user, &none).starts_with(&missing));

    let user = User::new().dcrctl("authtype=magic\n");
    let file_name = user.path(".dcrctl/dcrctl.conf").display().to_string();
    let expected = format!("authtype in {file_name} is \"magic\", expected basic or clientcert");
    assert_eq!(refused(&user, &none), expected);

    let user = User::new().dcrctl("rpcserver=https://node\n");
    let expected = format!(
        "rpcserver in {} is \"https://node\", expected a host with or without a port",
        user.path(".dcrctl/dcrctl.conf").display()
    );
    assert_eq!(refused(&user, &none), expected);

    let key = file("client", "key");
    let options = Options { certificate: Some(key.clone()), ..Options::default() };
    assert_eq!(refused(&User::new(), &options), format!("{} holds no certificate in PEM form", key.display()));

    let pair = (file("client", "cert"), file("other-client", "key"));
    let options = Options { client_certificate: Some(pair.clone()), ..Options::default() };
    let expected = format!("{} is no client certificate for {}: ", pair.0.display(), pair.1.display());
    assert!(refused(&User::new(), &options).starts_with(&expected));

    let options = Options { config: Some("/no/such.conf".into()), ..Options::default() };
    assert!(refused(&User::new(), &options).starts_with("cannot read /no/such.conf: "));
}
