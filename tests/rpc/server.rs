//! A websocket server of this process, behind TLS.
#![allow(unreachable_pub, reason = "the modules of one test share what is public in them")]
#![allow(clippy::result_large_err, reason = "the shape that the websocket library asks for")]

use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use dcrcold::chain::dcrd::{ClientIdentity, Login, PinnedCertificate, Settings, Timeouts};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned, SupportedProtocolVersion};
use tungstenite::handshake::server::{ErrorResponse, Request as HttpRequest, Response};
use tungstenite::http::StatusCode;
use tungstenite::{Message, WebSocket};

use crate::fake::Request;

pub const USER: &str = "alice";
pub const PASSWORD: &str = "correct horse";

pub type Stream = StreamOwned<ServerConnection, TcpStream>;

/// What a server shows and asks for.
pub struct Server {
    pub certificate: &'static str,
    /// The key it signs with, normally that of its certificate.
    pub key: &'static str,
    pub versions: &'static [&'static SupportedProtocolVersion],
    /// The client certificate it wants instead of a password.
    pub client: Option<&'static str>,
    /// The path of its websocket.
    pub path: &'static str,
}

impl Default for Server {
    fn default() -> Self {
        Self { certificate: "p256", key: "p256", versions: rustls::ALL_VERSIONS, client: None, path: "/ws" }
    }
}

/// A running server; its threads end with the test.
pub struct Running {
    pub port: u16,
    pub connections: Arc<AtomicUsize>,
}

impl Server {
    /// Starts to serve; `behave` gets each connection that logged in, and its number from 1.
    pub fn start(self, behave: impl Fn(&mut WebSocket<Stream>, usize) + Send + Sync + 'static) -> Running {
        let config = Arc::new(self.config());
        let (path, by_password) = (self.path, self.client.is_none());
        serve_tcp(move |tcp, number| {
            let tls = StreamOwned::new(ServerConnection::new(Arc::clone(&config)).unwrap(), tcp);
            let check = |request: &HttpRequest, response| admit(request, response, path, by_password);
            if let Ok(mut websocket) = tungstenite::accept_hdr(tls, check) {
                behave(&mut websocket, number);
            }
        })
    }

    /// Starts to serve answers to requests.
    pub fn answer(self, answer: impl Fn(&Request) -> String + Send + Sync + 'static) -> Running {
        self.start(move |websocket, _| {
            while let Some(request) = next_request(websocket) {
                websocket.send(Message::text(answer(&request))).unwrap();
            }
        })
    }

    fn config(&self) -> ServerConfig {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let key = PrivateKeyDer::from_pem_file(file(self.key, "key")).unwrap();
        let key = provider.key_provider.load_private_key(key).unwrap();
        let certified = CertifiedKey::new(vec![certificate(self.certificate)], key);
        let builder =
            ServerConfig::builder_with_provider(Arc::clone(&provider)).with_protocol_versions(self.versions).unwrap();
        let resolver = Arc::new(SingleCertAndKey::from(certified));
        match self.client {
            None => builder.with_no_client_auth().with_cert_resolver(resolver),
            Some(client) => {
                let mut roots = RootCertStore::empty();
                roots.add(certificate(client)).unwrap();
                let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build().unwrap();
                builder.with_client_cert_verifier(verifier).with_cert_resolver(resolver)
            }
        }
    }
}

/// Runs `serve` on each connection in a thread of its own.
pub fn serve_tcp(serve: impl Fn(TcpStream, usize) + Send + Sync + 'static) -> Running {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let connections = Arc::new(AtomicUsize::new(0));
    let (serve, counter) = (Arc::new(serve), Arc::clone(&connections));
    thread::spawn(move || {
        for tcp in listener.incoming() {
            let number = counter.fetch_add(1, Ordering::SeqCst) + 1;
            let serve = Arc::clone(&serve);
            thread::spawn(move || serve(tcp.unwrap(), number));
        }
    });
    Running { port, connections }
}

impl Running {
    /// The settings of a client that does everything right.
    pub fn settings(&self) -> Settings {
        Settings {
            host: "localhost".into(),
            port: self.port,
            certificate: pinned("p256"),
            login: password(PASSWORD),
            timeouts: Timeouts {
                connect: Duration::from_millis(500),
                reply: Duration::from_millis(500),
                reconnect: vec![Duration::from_millis(10); 3],
            },
        }
    }

    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

/// The next request, or nothing when the client has gone.
pub fn next_request(websocket: &mut WebSocket<Stream>) -> Option<Request> {
    loop {
        match websocket.read() {
            Ok(Message::Text(text)) => return Some(serde_json::from_str(text.as_str()).unwrap()),
            Ok(_) => {}
            Err(_) => return None,
        }
    }
}

fn admit(request: &HttpRequest, response: Response, path: &str, by_password: bool) -> Result<Response, ErrorResponse> {
    let refuse = |status, body: &str| {
        let mut refusal = ErrorResponse::new(Some(body.to_owned()));
        *refusal.status_mut() = status;
        Err(refusal)
    };
    if request.uri().path() != path {
        return refuse(StatusCode::NOT_FOUND, "404 page not found\n");
    }
    let expected = format!("Basic {}", STANDARD.encode(format!("{USER}:{PASSWORD}")));
    let found = request.headers().get("Authorization").map(|value| value.to_str().unwrap().to_owned());
    if by_password && found != Some(expected) {
        return refuse(StatusCode::UNAUTHORIZED, "401 Unauthorized.\n");
    }
    Ok(response)
}

pub fn password(password: &str) -> Login {
    Login::Password { user: USER.into(), password: password.to_owned().into() }
}

pub fn identity(name: &str) -> Login {
    Login::Certificate(ClientIdentity::from_files(&file(name, "cert"), &file(name, "key")).unwrap())
}

pub fn pinned(name: &str) -> PinnedCertificate {
    PinnedCertificate::from_file(&file(name, "cert")).unwrap()
}

pub fn file(name: &str, extension: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/rpc/certificates").join(format!("{name}.{extension}"))
}

fn certificate(name: &str) -> CertificateDer<'static> {
    CertificateDer::from_pem_file(file(name, "cert")).unwrap()
}
