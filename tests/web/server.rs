//! A server with a desk that does little, and a client that says what it is told to.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use dcrcold::web::{Desk, Ended, Step, Web};
use dcrcold_core::hash::TransferId;
use dcrcold_core::net::Network;
use dcrcold_signer::cli::{Failure, FailureKind};
use dcrcold_signer::receive::Keeper;
use dcrcold_signer::transfer::{Container, Kind};
use serde_json::{Value, json};

/// Everything that is behind the page, and whether only holders of the link get it.
pub(crate) const ROUTES: [(&str, &str, bool); 19] = [
    ("GET", "/", false),
    ("GET", "/style.css", false),
    ("GET", "/main.js", false),
    ("GET", "/server.js", false),
    ("GET", "/dom.js", false),
    ("GET", "/show.js", false),
    ("GET", "/scan.js", false),
    ("GET", "/tickets.js", false),
    ("GET", "/icon.svg", false),
    ("GET", "/api/wallet", true),
    ("GET", "/api/requests", true),
    ("GET", "/api/tickets", true),
    ("GET", "/api/stake", true),
    ("GET", "/api/job", true),
    ("GET", "/api/scan", true),
    ("POST", "/api/scan/restart", true),
    ("POST", "/api/scan/turn", true),
    ("POST", "/api/submit", true),
    ("POST", "/api/sync", true),
];

/// A transfer of a kind, which nobody here looks into, with a body that cannot be deflated.
pub(crate) fn transfer(kind: Kind, length: usize) -> Container {
    let mut state = 1_u32;
    let mut roll = |_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    };
    Container::new(kind, Network::Simnet, (0..length).map(&mut roll).collect()).unwrap()
}

/// What the desk holds back until it is told to go on.
#[derive(Default)]
pub(crate) struct Gate(Mutex<bool>, Condvar);

impl Gate {
    pub(crate) fn open(&self) {
        *self.0.lock().unwrap() = true;
        self.1.notify_all();
    }

    fn wait(&self) {
        drop(self.1.wait_while(self.0.lock().unwrap(), |open| !*open).unwrap());
    }
}

/// A desk that knows one request, checks nothing, and submits when its gate opens.
struct Little {
    request: Container,
    gate: Arc<Gate>,
    submitted: Arc<Mutex<Vec<TransferId>>>,
    ordered: Arc<Mutex<Vec<TransferId>>>,
}

impl Desk for Little {
    fn wallet(&mut self) -> Result<Value, Failure> {
        Ok(json!({ "network": "simnet" }))
    }

    fn requests(&mut self) -> Result<Value, Failure> {
        Ok(json!([{ "id": self.request.id().to_string() }]))
    }

    fn request(&mut self, id: &TransferId) -> Result<Vec<u8>, Failure> {
        let found = (id == self.request.id()).then(|| self.request.encode());
        found.ok_or_else(|| Failure::new(FailureKind::Malformed, "no such request").hint("ask for another"))
    }

    fn tickets(&mut self) -> Result<Value, Failure> {
        Ok(json!([]))
    }

    fn stake(&mut self) -> Result<Value, Failure> {
        Err(Failure::new(FailureKind::Network, "the chain cannot be asked").hint("start it"))
    }

    fn check(&mut self, answer: &Container) -> Result<Value, Failure> {
        if answer.body().is_empty() {
            return Err(Failure::new(FailureKind::Malformed, "answers no request of this wallet"));
        }
        Ok(json!({ "id": answer.id().to_string() }))
    }

    fn sync(&mut self, progress: &mut dyn FnMut(Step)) -> Result<Value, Failure> {
        progress(Step { what: "blocks", at: 1, end: 2 });
        self.gate.wait();
        Ok(json!({ "height": 2 }))
    }

    fn submit(&mut self, answer: &Container, when_price_fits: bool, _: &mut dyn FnMut(Step)) -> Result<Value, Failure> {
        self.gate.wait();
        if when_price_fits {
            self.ordered.lock().unwrap().push(*answer.id());
            return Ok(json!({ "standing": true }));
        }
        self.submitted.lock().unwrap().push(*answer.id());
        Ok(json!({ "tickets": [] }))
    }
}

/// A server that ends with its test.
pub(crate) struct Server {
    pub(crate) link: String,
    pub(crate) address: SocketAddr,
    pub(crate) secret: String,
    pub(crate) request: Container,
    pub(crate) gate: Arc<Gate>,
    pub(crate) submitted: Arc<Mutex<Vec<TransferId>>>,
    /// Those that are kept until their price comes.
    pub(crate) ordered: Arc<Mutex<Vec<TransferId>>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<Ended>>,
}

impl Server {
    pub(crate) fn start() -> Self {
        Self::with_idle(Duration::from_secs(600))
    }

    pub(crate) fn with_idle(idle: Duration) -> Self {
        Self::serve(idle, None)
    }

    /// A server that keeps frames in a folder.
    pub(crate) fn keeping(folder: &Path) -> Self {
        Self::serve(Duration::from_secs(600), Some(Keeper::new(folder.to_owned())))
    }

    fn serve(idle: Duration, keeper: Option<Keeper>) -> Self {
        let web = Web::open(Network::Simnet, keeper).unwrap();
        let link = web.link();
        let (origin, secret) = link.split_once("/#secret=").unwrap();
        let (address, secret) = (origin.strip_prefix("http://").unwrap().parse().unwrap(), secret.to_owned());
        let (gate, stop) = (Arc::<Gate>::default(), Arc::new(AtomicBool::new(false)));
        let (submitted, ordered) = (Arc::default(), Arc::default());
        let request = transfer(Kind::Purchase, 3_000);
        let mut desk = Little {
            request: request.clone(),
            gate: Arc::clone(&gate),
            submitted: Arc::clone(&submitted),
            ordered: Arc::clone(&ordered),
        };
        let told = Arc::clone(&stop);
        let thread = Some(thread::spawn(move || web.work(&mut desk, &told, idle)));
        Self { link, address, secret, request, gate, submitted, ordered, stop, thread }
    }

    /// Waits until it ends by itself.
    pub(crate) fn end(mut self) -> Ended {
        self.thread.take().unwrap().join().unwrap()
    }

    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        stream
    }

    /// Sends bytes and takes what comes until the server closes.
    pub(crate) fn send(&self, bytes: &[u8]) -> Vec<u8> {
        let mut stream = self.connect();
        // A server that refuses closes while it is still written to.
        let _ = stream.write_all(bytes);
        rest(&mut stream)
    }

    /// The lines that the page of this server sends.
    pub(crate) fn lines(&self) -> Vec<(&'static str, String)> {
        vec![
            ("Host", self.address.to_string()),
            ("Origin", format!("http://{}", self.address)),
            ("Sec-Fetch-Site", "same-origin".into()),
            ("Authorization", format!("Bearer {}", self.secret)),
        ]
    }

    /// Asks as the page does.
    pub(crate) fn ask(&self, method: &str, path: &str, body: &[u8]) -> Answer {
        self.ask_with(method, path, body, self.lines())
    }

    /// Asks with these lines.
    pub(crate) fn ask_with(&self, method: &str, path: &str, body: &[u8], lines: Vec<(&'static str, String)>) -> Answer {
        Answer::parse(&self.send(&message(method, path, body, lines)))
    }

    pub(crate) fn get(&self, path: &str) -> Value {
        let answer = self.ask("GET", path, b"");
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        answer.value()
    }

    pub(crate) fn post(&self, path: &str, body: &[u8]) -> Answer {
        self.ask("POST", path, body)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        self.gate.open();
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
            && !thread::panicking()
        {
            panic!("the desk's thread failed");
        }
    }
}

/// A request that asks for the end of the connection.
pub(crate) fn message(method: &str, path: &str, body: &[u8], lines: Vec<(&'static str, String)>) -> Vec<u8> {
    let mut head = format!("{method} {path} HTTP/1.1\r\nConnection: close\r\n");
    if method == "POST" {
        let kind = if path == "/api/scan/picture" { "application/octet-stream" } else { "application/json" };
        if !lines.iter().any(|(name, _)| *name == "Content-Type") {
            head += &format!("Content-Type: {kind}\r\n");
        }
        head += &format!("Content-Length: {}\r\n", body.len());
    }
    for (name, value) in lines {
        head += &format!("{name}: {value}\r\n");
    }
    [head.as_bytes(), b"\r\n", body].concat()
}

/// What comes until the other side closes.
pub(crate) fn rest(stream: &mut TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    match stream.read_to_end(&mut bytes) {
        Err(error) if error.kind() != std::io::ErrorKind::ConnectionReset => panic!("{error}: {bytes:?}"),
        _ => bytes,
    }
}

/// An answer of the server.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) lines: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// Takes an answer apart; anything else is a failure of the test.
    pub(crate) fn parse(bytes: &[u8]) -> Self {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n");
        let end = end.unwrap_or_else(|| panic!("no answer: {:?}", String::from_utf8_lossy(bytes)));
        let head = std::str::from_utf8(&bytes[..end]).unwrap();
        let (first, lines) = head.split_once("\r\n").unwrap();
        let status = first.strip_prefix("HTTP/1.1 ").unwrap()[..3].parse().unwrap();
        let lines = lines.split("\r\n").map(|line| line.split_once(": ").unwrap());
        let answer = Self {
            status,
            lines: lines.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
            body: bytes[end + 4..].to_vec(),
        };
        assert_eq!(answer.line("Content-Length"), Some(answer.body.len().to_string().as_str()));
        answer
    }

    pub(crate) fn line(&self, name: &str) -> Option<&str> {
        self.lines.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn value(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}
