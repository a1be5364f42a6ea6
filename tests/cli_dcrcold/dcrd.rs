//! A dcrd that is there, or is another one than was expected.

use std::fs;
use std::process::Output;

use crate::fake::result;
use crate::server::{self, PASSWORD, Running, Server, USER};
use crate::{Home, stderr};

/// What dcrd answers first; `network` is its magic number.
fn dcrd(network: &'static str) -> Running {
    Server::default().answer(move |request| match request.method.as_str() {
        "getcurrentnet" => result(request.id, network),
        "version" => {
            result(request.id, r#"{"dcrdjsonrpcapi":{"versionstring":"8.3.0","major":8,"minor":3,"patch":0}}"#)
        }
        other => panic!("{other} was not expected"),
    })
}

/// A home in which dcrctl would find this dcrd.
fn with_dcrd(home: &Home, server: &Running) {
    let folder = home.0.path().join(".dcrd");
    fs::create_dir_all(&folder).unwrap();
    fs::copy(server::file("p256", "cert"), folder.join("rpc.cert")).unwrap();
    let port = server.port;
    let conf = format!("simnet=1\nrpclisten=127.0.0.1:{port}\nrpcuser={USER}\nrpcpass={PASSWORD}\n");
    fs::write(folder.join("dcrd.conf"), conf).unwrap();
}

#[test]
fn a_dcrd_that_runs_here_is_offered_and_not_asked() {
    let (home, server) = (Home::new(), dcrd("303307798"));
    with_dcrd(&home, &server);
    let offer = format!("hint: a dcrd of yours answers at 127.0.0.1:{}: --source dcrd asks it", server.port);
    let run = |args: &[&str]| {
        let output = home.command(&["--wallet", "wallet.db"]).args(args).output().unwrap();
        (output.status.code(), stderr(&output))
    };
    let (code, said) = run(&["sync"]);
    assert_eq!(code, Some(2), "no peer is named: {said}");
    assert!(said.starts_with(&offer), "{said}");
    assert_eq!(said.matches("--source dcrd").count(), 1);
    for named in
        [&["--source", "spv", "sync"][..], &["--source", "sim:net", "sync"], &["--peer", "127.0.0.1:1", "sync"]]
    {
        let (_, said) = run(named);
        assert!(!said.contains("a dcrd of yours"), "{named:?}: {said}");
    }
    // Another network's is none of this wallet's.
    let other = dcrd("3652452601");
    with_dcrd(&home, &other);
    let (code, said) = run(&["sync"]);
    assert_eq!((code, said.contains("a dcrd of yours")), (Some(2), false), "{said}");
    assert_eq!((server.connections(), other.connections()), (1, 1));
}

fn over_dcrd(home: &Home, server: &Running, certificate: &str, password: &str) -> Output {
    fs::write(home.path("password"), password).unwrap();
    let certificate = server::file(certificate, "cert");
    let address = format!("localhost:{}", server.port);
    let mut command = home.command(&["--wallet", "wallet.db", "--dcrd", &address, "--dcrd-user", USER]);
    command.args(["--dcrd-password-file", "password", "--dcrd-cert"]).arg(certificate);
    command.arg("sync").output().unwrap()
}

#[test]
fn another_certificate_than_the_pinned_one_is_named() {
    let (home, server) = (Home::new(), dcrd("303307798"));
    let output = over_dcrd(&home, &server, "p384", PASSWORD);
    assert_eq!(output.status.code(), Some(6));
    let said = stderr(&output);
    assert!(said.starts_with("error: the certificate of localhost:"), "{said}");
    assert!(said.contains(" is not the pinned one: found SHA-256 "), "{said}");
    assert!(said.contains("\nhint: name the file rpc.cert of this dcrd with --dcrd-cert"), "{said}");
}

#[test]
fn a_wrong_login_is_named() {
    let (home, server) = (Home::new(), dcrd("303307798"));
    let output = over_dcrd(&home, &server, "p256", "battery staple");
    assert_eq!(output.status.code(), Some(6));
    let said = stderr(&output);
    assert!(said.starts_with("error: localhost:") && said.contains(" refuses the login "), "{said}");
    assert!(!said.contains("battery"), "{said}");
    assert!(said.contains("\nhint: check --dcrd-user and --dcrd-password-file"), "{said}");
}

#[test]
fn a_dcrd_of_another_network_is_named() {
    // The magic number of mainnet.
    let (home, server) = (Home::new(), dcrd("3652452601"));
    let output = over_dcrd(&home, &server, "p256", PASSWORD);
    assert_eq!(output.status.code(), Some(6));
    let said = stderr(&output);
    assert!(said.contains("mainnet") && said.contains("simnet"), "{said}");
    assert!(said.contains("\nhint: start dcrd for the wallet's network"), "{said}");
}
