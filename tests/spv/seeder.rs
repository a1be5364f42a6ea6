//! A seeder that says what it is told to say.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

pub(crate) struct Seeder {
    pub(crate) address: SocketAddr,
    requests: Arc<AtomicUsize>,
}

impl Seeder {
    /// Answers with this status and body.
    pub(crate) fn start(status: u16, body: Vec<u8>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let requests = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&requests);
        // Ends with the test.
        thread::spawn(move || {
            for stream in listener.incoming() {
                counter.fetch_add(1, Ordering::SeqCst);
                // Whether the other side reads it all is its own affair.
                let _ = answer(&stream.unwrap(), status, &body);
            }
        });
        Self { address, requests }
    }

    /// Names these peers, as Decred's seeders do.
    pub(crate) fn of(peers: &[SocketAddr]) -> Self {
        Self::start(200, peers.iter().map(|peer| named(&peer.to_string())).collect::<String>().into_bytes())
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}

/// A peer as seeders name it.
pub(crate) fn named(host: &str) -> String {
    format!("{{\"host\":\"{host}\",\"services\":1,\"pver\":12}}\n")
}

fn answer(mut stream: &TcpStream, status: u16, body: &[u8]) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream).lines();
    let first = lines.next().unwrap()?;
    assert_eq!(first, "GET /api/addrs?services=1 HTTP/1.1");
    for line in lines {
        if line?.is_empty() {
            break;
        }
    }
    let length = body.len();
    write!(stream, "HTTP/1.1 {status} Well\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n")?;
    stream.write_all(body)
}
