//! The VSP behind HTTP on loopback, with faults that can be switched on for single requests.

use std::collections::{HashMap, VecDeque};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dcrcold::vsp::ServerKey;
use dcrcold::vsp_client::VspAddress;
use ed25519_dalek::{Signer as _, SigningKey};
use serde_json::{Value, json};

use super::node::Node;
use super::rules::{Refusal, Rules};

/// What goes wrong with one answer.
#[derive(Clone, Debug)]
pub enum Fault {
    /// The connection is closed without an answer, before the request is looked at.
    Hangup,
    /// The request is carried out, and its answer never leaves.
    LostAnswer,
    /// Nothing comes for so long.
    Silence(Duration),
    /// One byte every so often.
    Drip(Duration),
    /// Half of the body.
    Truncated,
    /// So many bytes of body.
    Oversized(usize),
    /// An answer of something in front of the VSP.
    Plain(u16),
    /// A body that is not the one that was signed.
    Altered,
    /// No signature.
    Unsigned,
    /// Signed with another key.
    OtherKey,
    /// The answer to another request, rightly signed.
    WrongEcho,
    /// The answer to the request before this one.
    Replay,
    /// A member of the answer is another one, rightly signed.
    Lie(&'static str, Value),
    /// A signed refusal, whatever was asked.
    Refuses(Refusal),
    /// Sent elsewhere.
    Redirect(String),
}

struct Shared {
    rules: Rules,
    key: SigningKey,
    faults: HashMap<String, VecDeque<Fault>>,
    last: Option<Reply>,
    /// Requests that were carried out, by endpoint.
    served: HashMap<String, usize>,
}

/// An answer as it is sent.
#[derive(Clone)]
struct Reply {
    status: u16,
    body: String,
    signature: String,
}

/// A VSP that runs until it is dropped.
#[derive(Clone)]
pub struct TestVsp {
    shared: Arc<Mutex<Shared>>,
    address: SocketAddr,
}

impl TestVsp {
    /// Starts one with the key made of `seed`.
    pub fn start(seed: u8, network: dcrcold_core::net::Network, node: Box<dyn Node>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Mutex::new(Shared {
            rules: Rules::new(network, node),
            key: SigningKey::from_bytes(&[seed; 32]),
            faults: HashMap::new(),
            last: None,
            served: HashMap::new(),
        }));
        let serving = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let shared = Arc::clone(&serving);
                thread::spawn(move || drop(serve(&shared, stream)));
            }
        });
        Self { shared, address }
    }

    pub fn address(&self) -> VspAddress {
        format!("http://{}", self.address).parse().unwrap()
    }

    pub fn key(&self) -> ServerKey {
        public(&self.lock().key)
    }

    /// Makes the next request to an endpoint go wrong.
    pub fn fault(&self, endpoint: &str, fault: Fault) {
        self.lock().faults.entry(endpoint.to_owned()).or_default().push_back(fault);
    }

    /// Takes another key from now on.
    pub fn change_key(&self, seed: u8) {
        self.lock().key = SigningKey::from_bytes(&[seed; 32]);
    }

    /// Does something with the VSP behind the interface.
    pub fn rules<T>(&self, work: impl FnOnce(&mut Rules) -> T) -> T {
        work(&mut self.lock().rules)
    }

    /// Forgets all tickets, as if it had just been set up with the same key.
    pub fn forget(&self) {
        let mut shared = self.lock();
        shared.rules.rows.clear();
        shared.served.clear();
    }

    /// How many requests to an endpoint were carried out.
    pub fn served(&self, endpoint: &str) -> usize {
        self.lock().served.get(endpoint).copied().unwrap_or_default()
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

fn public(key: &SigningKey) -> ServerKey {
    STANDARD.encode(key.verifying_key().as_bytes()).parse().unwrap()
}

struct Asked {
    endpoint: String,
    signature: Option<String>,
    body: Vec<u8>,
}

fn read(stream: &TcpStream) -> std::io::Result<Asked> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
    let (mut signature, mut length) = (None, 0);
    loop {
        line.clear();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        match name.to_ascii_lowercase().as_str() {
            "vsp-client-signature" => signature = Some(value.trim().to_owned()),
            "content-length" => length = value.trim().parse().unwrap_or_default(),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok(Asked { endpoint: path.rsplit('/').next().unwrap_or_default().to_owned(), signature, body })
}

fn serve(shared: &Mutex<Shared>, mut stream: TcpStream) -> std::io::Result<()> {
    let asked = read(&stream)?;
    let mut state = shared.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let fault = state.faults.get_mut(&asked.endpoint).and_then(VecDeque::pop_front);
    match &fault {
        Some(Fault::Hangup) => return stream.shutdown(Shutdown::Both),
        Some(Fault::Plain(status)) => return respond(&mut stream, *status, &[], b"out of order"),
        Some(Fault::Redirect(to)) => return respond(&mut stream, 307, &[("Location", to.clone())], b""),
        _ => {}
    }
    let now = reply(&mut state, &asked, fault.as_ref());
    let before = state.last.replace(now.clone());
    drop(state);
    let reply = match fault {
        Some(Fault::Replay) => before.unwrap_or(now),
        _ => now,
    };
    deliver(&mut stream, reply, fault.as_ref())
}

/// Carries a request out, and signs what there is to say to it.
fn reply(state: &mut Shared, asked: &Asked, fault: Option<&Fault>) -> Reply {
    let (status, mut body) = match fault {
        Some(Fault::Refuses(refusal)) => refused(refusal),
        _ => answer(state, asked),
    };
    match fault {
        Some(Fault::Lie(name, value)) => body[*name] = value.clone(),
        Some(Fault::WrongEcho) => body["request"] = STANDARD.encode(b"{\"tickethash\":\"00\"}").into(),
        _ => {}
    }
    let body = body.to_string();
    let sign = |key: &SigningKey| STANDARD.encode(key.sign(body.as_bytes()).to_bytes());
    let signature = match fault {
        Some(Fault::OtherKey) => sign(&SigningKey::from_bytes(&[0xee; 32])),
        _ => sign(&state.key),
    };
    let body = match fault {
        Some(Fault::Altered) => body.replacen(':', ": ", 1),
        Some(Fault::Oversized(bytes)) => " ".repeat(*bytes),
        _ => body,
    };
    Reply { status, body, signature }
}

fn deliver(stream: &mut TcpStream, reply: Reply, fault: Option<&Fault>) -> std::io::Result<()> {
    let Reply { status, body, signature } = reply;
    let signed = [("VSP-Server-Signature", signature)];
    match fault {
        Some(Fault::LostAnswer) => stream.shutdown(Shutdown::Both),
        Some(Fault::Silence(time)) => {
            thread::sleep(*time);
            stream.shutdown(Shutdown::Both)
        }
        Some(Fault::Unsigned) => respond(stream, status, &[], body.as_bytes()),
        Some(Fault::Truncated) => {
            let head = head(status, &signed, body.len());
            stream.write_all(&[head.as_bytes(), &body.as_bytes()[..body.len() / 2]].concat())
        }
        Some(Fault::Drip(pause)) => {
            let whole = head(status, &signed, body.len()) + &body;
            whole.bytes().try_for_each(|byte| {
                thread::sleep(*pause);
                stream.write_all(&[byte])
            })
        }
        _ => respond(stream, status, &signed, body.as_bytes()),
    }
}

fn head(status: u16, headers: &[(&str, String)], length: usize) -> String {
    let mut text = format!("HTTP/1.1 {status} Status\r\nContent-Length: {length}\r\nConnection: close\r\n");
    for (name, value) in headers {
        text += &format!("{name}: {value}\r\n");
    }
    text + "\r\n"
}

fn respond(stream: &mut TcpStream, status: u16, headers: &[(&str, String)], body: &[u8]) -> std::io::Result<()> {
    stream.write_all(&[head(status, headers, body.len()).as_bytes(), body].concat())
}

fn refused(Refusal(code, status, message): &Refusal) -> (u16, Value) {
    (*status, json!({ "code": code, "message": message }))
}

fn answer(state: &mut Shared, asked: &Asked) -> (u16, Value) {
    if asked.endpoint == "vspinfo" {
        return (200, info(state));
    }
    let outcome = state.rules.answer(&asked.endpoint, &asked.body, asked.signature.as_deref());
    match outcome {
        Ok(mut body) => {
            *state.served.entry(asked.endpoint.clone()).or_default() += 1;
            body["timestamp"] = state.rules.now.into();
            body["request"] = STANDARD.encode(&asked.body).into();
            (200, body)
        }
        Err(refusal) => refused(&refusal),
    }
}

fn info(state: &mut Shared) -> Value {
    let rules = &mut state.rules;
    json!({
        "apiversions": [3],
        "timestamp": rules.now,
        "pubkey": STANDARD.encode(state.key.verifying_key().as_bytes()),
        "feepercentage": f64::from(rules.hundredths) / 100.0,
        "vspclosed": rules.closed,
        "vspclosedmsg": if rules.closed { "moved away" } else { "" },
        "network": rules.network.to_string(),
        "vspdversion": "test",
        "voting": rules.rows.len(),
        "voted": 0,
        "totalvotingwallets": 1,
        "votingwalletsonline": 1,
        "expired": 0,
        "missed": 0,
        "blockheight": rules.node.height(),
        "estimatednetworkproportion": 0,
    })
}
