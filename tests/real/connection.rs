//! Certificates and logins as a real dcrd takes them.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use dcrcold::chain::ChainSource;
use dcrcold::chain::dcrd::discover::{Access, Homes, Options, find};
use dcrcold::chain::dcrd::{
    ClientIdentity, Dcrd, Login, NONE, PinnedCertificate, RpcError, Session, Settings, Timeouts,
};
use dcrcold_core::net::Network;
use serde_json::Value;

use crate::node::{LIMITED_PASSWORD, LIMITED_USER, Node, PASSWORD, USER};
use crate::simnet::Simnet;

fn open(settings: Settings) -> Result<Session, RpcError> {
    Session::open(settings, Network::Simnet)
}

/// A certificate or key made for tests.
fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/rpc/certificates").join(name)
}

pub fn the_right_certificate_and_login_are_taken(simnet: &mut Simnet) {
    for (user, password) in [(USER, PASSWORD), (LIMITED_USER, LIMITED_PASSWORD)] {
        let mut session = open(simnet.node.settings_of(user, password)).unwrap();
        let height: u32 = session.run(|client| client.call("getblockcount", NONE)).unwrap();
        assert_eq!(height, simnet.height());
    }
}

pub fn another_certificate_is_refused(simnet: &mut Simnet) {
    let certificate = PinnedCertificate::from_file(&fixture("p256.cert")).unwrap();
    let error = open(Settings { certificate, ..simnet.node.settings() }).err().unwrap();
    assert!(matches!(error, RpcError::CertificateDiffers { .. }), "{error}");
}

pub fn a_wrong_login_is_refused(simnet: &mut Simnet) {
    for (user, password) in [(USER, "wrong"), ("wrong", PASSWORD), (USER, LIMITED_PASSWORD), ("", "")] {
        let error = open(simnet.node.settings_of(user, password)).err().unwrap();
        assert!(matches!(error, RpcError::LoginRefused { .. }), "{error}");
    }
    // dcrd lets in whoever shows no password at all, and hangs up at the first call.
    let identity = ClientIdentity::from_files(&fixture("client.cert"), &fixture("client.key")).unwrap();
    let error = open(Settings { login: Login::Certificate(identity), ..simnet.node.settings() }).err().unwrap();
    assert!(matches!(error, RpcError::ClosedUnanswered { .. }), "{error}");
}

pub fn another_network_is_refused(simnet: &mut Simnet) {
    let error = Session::open(simnet.node.settings(), Network::Mainnet).err().unwrap();
    assert!(matches!(&error, RpcError::OtherNetwork { found, .. } if found == "simnet"), "{error}");
}

pub fn the_limited_user_may_read_but_not_mine(simnet: &mut Simnet) {
    let mut source = simnet.node.source();
    source.tip().unwrap();
    let error = source.session().run(|client| client.call::<_, Value>("generate", [1])).unwrap_err();
    assert!(matches!(error, RpcError::Refused { code: -32602, .. }), "{error}");
    // A refusal leaves the connection as it was.
    source.tip().unwrap();
}

pub fn a_client_certificate_logs_in(simnet: &mut Simnet) {
    let accepted = fixture("client.cert").display().to_string();
    let conf = ["authtype=clientcert".to_owned(), format!("clientcafile={accepted}")];
    let node = Node::start_with(&simnet.path().join("clientcert"), &conf);
    let settings = |login| Settings { login, ..node.settings() };
    let identity = |name: &str| {
        let (certificate, key) = (fixture(&format!("{name}.cert")), fixture(&format!("{name}.key")));
        Login::Certificate(ClientIdentity::from_files(&certificate, &key).unwrap())
    };
    let mut session = open(settings(identity("client"))).unwrap();
    assert_eq!(session.run(|client| client.call::<_, u32>("getblockcount", NONE)).unwrap(), 0);
    for login in [identity("other-client"), Login::Password { user: USER.into(), password: PASSWORD.to_owned().into() }]
    {
        let error = open(settings(login)).err().unwrap();
        assert!(matches!(error, RpcError::LoginRefused { .. }), "{error}");
    }
}

pub fn a_configured_node_is_found(simnet: &mut Simnet) {
    let home = simnet.node.home.clone();
    let homes = Homes { dcrctl: simnet.path().join("dcrctl"), dcrd: home.clone(), user: home };
    let settings = find(&Options::default(), &homes, Network::Simnet, Access::Limited).unwrap();
    assert!(matches!(&settings.login, Login::Password { user, .. } if user == LIMITED_USER));
    open(settings).unwrap();

    fs::create_dir(&homes.dcrctl).unwrap();
    let conf = format!("rpcuser={USER}\nrpcpass={PASSWORD}\nrpcserver=localhost:{}\n", simnet.node.port);
    fs::write(homes.dcrctl.join("dcrctl.conf"), conf).unwrap();
    let settings = find(&Options::default(), &homes, Network::Simnet, Access::Limited).unwrap();
    assert!(matches!(&settings.login, Login::Password { user, .. } if user == USER));
    open(settings).unwrap();
}

pub fn the_source_survives_a_restart_of_the_node(simnet: &mut Simnet) {
    let mut source = simnet.node.source();
    let tip = source.tip().unwrap();
    simnet.node.stop();
    simnet.node.resume();
    assert_eq!(source.tip().unwrap(), tip);

    let timeouts = Timeouts { reconnect: vec![Duration::from_millis(10); 2], ..Timeouts::default() };
    let settings = Settings { timeouts, ..simnet.node.settings() };
    let mut impatient = Dcrd::connect(settings, Network::Simnet).unwrap();
    simnet.node.stop();
    let error = impatient.tip().unwrap_err();
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert!(cause.starts_with(&format!("cannot connect to 127.0.0.1:{}: ", simnet.node.port)), "{cause}");
    simnet.node.resume();
    assert_eq!(impatient.tip().unwrap(), tip);
    simnet.reconnect();
    simnet.mine(1);
    assert_eq!(impatient.tip().unwrap().height.0, tip.height.0 + 1);
}
