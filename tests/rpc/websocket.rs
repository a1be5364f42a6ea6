//! Connections: certificates, logins, servers that misbehave, and coming back after a break.

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use dcrcold::chain::dcrd::{Client, Dcrd, NONE, RpcError, Session, Settings, Socket};
use dcrcold::chain::{ChainError, ChainSource};
use dcrcold_core::net::Network;
use dcrcold_signer::tx::Transaction;
use rustls::SupportedProtocolVersion;
use rustls::version::{TLS12, TLS13};
use tungstenite::{Message, WebSocket};

use crate::fake::{Request, error, result};
use crate::server::{PASSWORD, Running, Server, Stream, identity, next_request, password, pinned, serve_tcp};

const VERSION: &str = r#"{"dcrdjsonrpcapi":{"versionstring":"8.3.0","major":8,"minor":3,"patch":0}}"#;

/// Each version of TLS alone.
const VERSIONS: [&[&SupportedProtocolVersion]; 2] = [&[&TLS12], &[&TLS13]];

/// The fingerprints that `openssl x509 -fingerprint -sha256` prints.
const P256: &str = "5B:92:1B:31:43:65:2D:54:F1:85:9D:EE:22:5C:9F:20:07:E7:38:41:A4:5B:CB:99:5E:B2:2D:BE:05:CF:02:F2";
const P384: &str = "5E:C0:53:36:5E:26:B3:27:B3:19:3A:94:72:44:2E:0D:29:DD:9E:6C:DD:74:32:9E:FB:E9:31:3B:31:34:99:6E";

/// What a dcrd on simnet answers when a client connects, and 7 to everything else.
fn simnet(request: &Request) -> String {
    result(
        request.id,
        match request.method.as_str() {
            "version" => VERSION,
            "getcurrentnet" => "303307798",
            _ => "7",
        },
    )
}

fn call(settings: &Settings) -> Result<u32, RpcError> {
    Client::new(Socket::open(settings)?, settings.timeouts.reply).call("getblockcount", NONE)
}

fn refused(settings: &Settings) -> String {
    call(settings).unwrap_err().to_string()
}

#[test]
fn every_kind_of_certificate_can_be_pinned() {
    let mut cases = 0;
    for name in ["p256", "p384", "p521", "ed25519"] {
        for versions in VERSIONS {
            let server = Server { certificate: name, key: name, versions, ..Server::default() }.answer(simnet);
            let settings = Settings { certificate: pinned(name), ..server.settings() };
            assert_eq!(call(&settings).unwrap(), 7, "{name} {versions:?}");
            cases += 1;
        }
    }
    println!("pinned certificates: {cases} cases");
    assert_eq!(cases, 8);
}

#[test]
fn another_certificate_is_refused_with_both_fingerprints() {
    let server = Server::default().answer(simnet);
    let settings = Settings { certificate: pinned("p384"), ..server.settings() };
    assert_eq!(
        refused(&settings),
        format!(
            "the certificate of localhost:{} is not the pinned one: found SHA-256 {P256}, expected {P384}",
            server.port
        )
    );
}

#[test]
fn a_copied_certificate_without_its_key_is_refused() {
    for versions in VERSIONS {
        let server = Server { key: "client", versions, ..Server::default() }.answer(simnet);
        let error = call(&server.settings()).unwrap_err();
        assert!(matches!(error, RpcError::Tls { .. }), "{error}");
    }
}

#[test]
fn a_wrong_password_is_refused_and_not_shown() {
    let server = Server::default().answer(simnet);
    let settings = Settings { login: password("wrong horse"), ..server.settings() };
    assert_eq!(refused(&settings), format!("localhost:{} refuses the login of user \"alice\"", server.port));
    assert!(!format!("{settings:?}").contains("horse"));
}

#[test]
fn a_client_certificate_logs_in() {
    for versions in VERSIONS {
        let server = || Server { client: Some("client"), versions, ..Server::default() }.answer(simnet);
        let running = server();
        assert_eq!(call(&Settings { login: identity("client"), ..running.settings() }).unwrap(), 7);
        for login in [identity("other-client"), password(PASSWORD)] {
            let running = server();
            let error = call(&Settings { login, ..running.settings() }).unwrap_err();
            assert!(matches!(error, RpcError::LoginRefused { .. }), "{versions:?}: {error}");
        }
    }
}

#[test]
fn a_server_without_a_websocket_is_named() {
    let server = Server { path: "/other", ..Server::default() }.answer(simnet);
    let expected = format!("localhost:{} opens no websocket: HTTP status 404, expected 101", server.port);
    assert_eq!(refused(&server.settings()), expected);
}

#[test]
fn a_server_without_tls_is_named() {
    let server = serve_tcp(|mut tcp, _| tcp.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").unwrap());
    let error = call(&server.settings()).unwrap_err();
    assert!(matches!(error, RpcError::Tls { .. }), "{error}");
}

#[test]
fn nobody_at_the_address_is_named() {
    let server = serve_tcp(|_, _| ());
    let settings = Settings { port: 1, ..server.settings() };
    assert!(refused(&settings).starts_with("cannot connect to localhost:1: "));
    let settings = Settings { host: "no such host".into(), ..server.settings() };
    assert!(refused(&settings).starts_with("cannot connect to no such host:"));
}

#[test]
fn silence_ends_at_each_step() {
    let patient = |running: &Running, step: &str| {
        let begin = Instant::now();
        let error = refused(&running.settings());
        assert!(error.starts_with(&format!("no reply to {step} from localhost:")), "{error}");
        assert!(begin.elapsed() < Duration::from_secs(3));
    };
    patient(&serve_tcp(|_tcp, _| thread::sleep(Duration::from_secs(5))), "the TLS handshake");
    patient(&Server::default().start(|_, _| thread::sleep(Duration::from_secs(5))), "getblockcount");
}

#[test]
fn a_reply_that_trickles_in_ends_in_time() {
    let server = Server::default().start(|websocket, _| {
        next_request(websocket);
        // A frame of 4,096 bytes, one every 50 ms.
        websocket.get_mut().write_all(&[0x81, 126, 0x10, 0x00]).unwrap();
        while websocket.get_mut().write_all(b"1").is_ok() {
            thread::sleep(Duration::from_millis(50));
        }
    });
    let begin = Instant::now();
    assert!(refused(&server.settings()).starts_with("no reply to getblockcount"));
    assert!(begin.elapsed() < Duration::from_secs(2));
}

#[test]
fn a_message_beyond_bearing_is_refused() {
    let server = Server::default().start(|websocket, _| {
        next_request(websocket);
        let _ = websocket.send(Message::text("1".repeat((16 << 20) + 1)));
        next_request(websocket);
    });
    let mut settings = server.settings();
    settings.timeouts.reply = Duration::from_secs(20);
    assert!(refused(&settings).contains("Message too long"));
}

#[test]
fn a_message_that_is_no_text_is_refused() {
    let server = Server::default().start(|websocket, _| {
        next_request(websocket);
        let _ = websocket.send(Message::binary(vec![1, 2, 3]));
        next_request(websocket);
    });
    assert_eq!(refused(&server.settings()), "malformed reply to websocket: found 3 bytes, expected text");
}

#[test]
fn pings_are_answered_and_are_no_replies() {
    let ponged = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&ponged);
    let server = Server::default().start(move |websocket, _| {
        let first = next_request(websocket).unwrap();
        websocket.send(Message::Ping("x".into())).unwrap();
        websocket.send(Message::text(simnet(&first))).unwrap();
        while let Ok(message) = websocket.read() {
            match message {
                Message::Pong(_) => drop(counter.fetch_add(1, Ordering::SeqCst)),
                Message::Text(text) => {
                    let request = serde_json::from_str(text.as_str()).unwrap();
                    websocket.send(Message::text(simnet(&request))).unwrap();
                }
                _ => {}
            }
        }
    });
    let settings = server.settings();
    let mut client = Client::new(Socket::open(&settings).unwrap(), settings.timeouts.reply);
    for _ in 0..2 {
        assert_eq!(client.call::<_, u32>("getblockcount", NONE).unwrap(), 7);
    }
    assert_eq!(ponged.load(Ordering::SeqCst), 1);
}

#[test]
fn a_server_that_hangs_up_at_once_is_told_from_a_broken_connection() {
    let server = Server::default().start(|_, _| ());
    let error = Session::open(server.settings(), Network::Simnet).err().unwrap();
    assert!(matches!(error, RpcError::ClosedUnanswered { .. }), "{error}");
}

#[test]
fn another_network_is_refused() {
    let server = Server::default().answer(simnet);
    let error = Session::open(server.settings(), Network::Mainnet).err().unwrap();
    let expected = format!("localhost:{} is on another network: found simnet, expected mainnet", server.port);
    assert_eq!(error.to_string(), expected);
}

/// Serves until `last` requests have been answered on a connection, then hangs up.
fn serve_some(websocket: &mut WebSocket<Stream>, last: usize) {
    for _ in 0..last {
        let Some(request) = next_request(websocket) else { return };
        websocket.send(Message::text(simnet(&request))).unwrap();
    }
}

#[test]
fn a_broken_connection_is_made_anew() {
    let server = Server::default().start(|websocket, number| serve_some(websocket, if number == 1 { 3 } else { 100 }));
    let mut session = Session::open(server.settings(), Network::Simnet).unwrap();
    for _ in 0..5 {
        assert_eq!(session.run(|client| client.call::<_, u32>("getblockcount", NONE)).unwrap(), 7);
    }
    assert_eq!(server.connections(), 2);
}

#[test]
fn attempts_at_a_new_connection_end() {
    let server = Server::default().start(|websocket, number| serve_some(websocket, if number == 1 { 2 } else { 0 }));
    let mut session = Session::open(server.settings(), Network::Simnet).unwrap();
    let error = session.run(|client| client.call::<_, u32>("getblockcount", NONE)).unwrap_err();
    assert!(matches!(error, RpcError::ClosedUnanswered { .. }), "{error}");
    assert_eq!(server.connections(), 4);
}

/// Answers `sendrawtransaction` as a duplicate; on the first connection hangs up instead when `loses` is set.
fn sending(loses: bool) -> Running {
    Server::default().start(move |websocket, number| {
        while let Some(request) = next_request(websocket) {
            let sending = request.method == "sendrawtransaction";
            if sending && loses && number == 1 {
                return;
            }
            let duplicate = r#"{"code":-40,"message":"already have transaction"}"#;
            let reply = if sending { error(request.id, duplicate) } else { simnet(&request) };
            websocket.send(Message::text(reply)).unwrap();
        }
    })
}

#[test]
fn a_transaction_whose_reply_was_lost_counts_as_sent() {
    let tx = Transaction { version: 1, inputs: Vec::new(), outputs: Vec::new(), lock_time: 0, expiry: 0 };
    let mut dcrd = Dcrd::connect(sending(true).settings(), Network::Simnet).unwrap();
    assert_eq!(dcrd.send(&tx).unwrap(), tx.id());
    let mut dcrd = Dcrd::connect(sending(false).settings(), Network::Simnet).unwrap();
    assert!(matches!(dcrd.send(&tx), Err(ChainError::AlreadyKnown)));
}
