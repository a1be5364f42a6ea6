//! The figures over HTTP, for Prometheus on the same machine.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::Health;

/// How long a client may take for its request, and to take the answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long to wait when no client can be taken; twice as long after each further time.
const FIRST_PAUSE: Duration = Duration::from_millis(10);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// The longest request that is read.
const LONGEST_REQUEST: usize = 8192;

/// Why the figures cannot be served.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MetricsError {
    /// Others could read them: who votes with how many tickets is nobody's business.
    #[error("metrics are served on loopback only: found {found}, expected an address like 127.0.0.1:9200")]
    NotLoopback {
        /// The address asked for.
        found: SocketAddr,
    },
    /// The address cannot be listened at.
    #[error("cannot listen at {address}: {source}")]
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// What the operating system said.
        source: io::Error,
    },
}

/// A server of figures, which runs until the process ends.
#[derive(Debug)]
pub struct Metrics {
    address: SocketAddr,
}

impl Metrics {
    /// Starts to serve `GET /metrics` at an address on loopback, one client after the other.
    ///
    /// # Errors
    /// [`MetricsError`].
    pub fn serve(address: SocketAddr, health: Arc<Mutex<Health>>) -> Result<Self, MetricsError> {
        if !address.ip().is_loopback() {
            return Err(MetricsError::NotLoopback { found: address });
        }
        let failed = |source| MetricsError::Listen { address, source };
        let listener = TcpListener::bind(address).map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        thread::spawn(move || answer_all(listener.incoming(), &health, thread::sleep));
        Ok(Self { address })
    }

    /// Where it is served.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }
}

/// Answers one client after the other. What keeps one from being taken, too many open files for one, keeps the next one too.
fn answer_all(
    clients: impl Iterator<Item = io::Result<TcpStream>>,
    health: &Mutex<Health>,
    mut sleep: impl FnMut(Duration),
) {
    let mut pause = FIRST_PAUSE;
    for client in clients {
        if let Ok(client) = client {
            pause = FIRST_PAUSE;
            // A client that goes away or talks nonsense is nobody's problem.
            let _ = answer(client, health);
        } else {
            sleep(pause);
            pause = LONGEST_PAUSE.min(pause * 2);
        }
    }
}

fn answer(mut client: TcpStream, health: &Mutex<Health>) -> io::Result<()> {
    client.set_write_timeout(Some(PATIENCE))?;
    let request = head(&mut client)?;
    let line = request.split(|byte| *byte == b'\r').next().unwrap_or_default();
    let (status, body) = match line {
        b"GET /metrics HTTP/1.1" | b"GET /metrics HTTP/1.0" => {
            ("200 OK", health.lock().unwrap_or_else(PoisonError::into_inner).metrics())
        }
        _ if line.starts_with(b"GET ") => ("404 Not Found", "the figures are at /metrics\n".to_owned()),
        _ => ("405 Method Not Allowed", "only GET is answered\n".to_owned()),
    };
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/plain; version=0.0.4\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
    );
    client.write_all((head + &body).as_bytes())
}

/// Reads up to the empty line that ends a request, all of it within [`PATIENCE`].
fn head(client: &mut TcpStream) -> io::Result<Vec<u8>> {
    let until = Instant::now() + PATIENCE;
    let mut request = Vec::new();
    let mut part = [0; 1024];
    while !request.windows(4).any(|end| end == b"\r\n\r\n") {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() || request.len() > LONGEST_REQUEST {
            return Err(io::ErrorKind::TimedOut.into());
        }
        client.set_read_timeout(Some(left))?;
        match client.read(&mut part)? {
            0 => break,
            length => request.extend(&part[..length]),
        }
    }
    Ok(request)
}

#[cfg(test)]
mod tests {
    use dcrcold_core::net::Network;

    use super::*;
    use crate::wallet::UnixTime;

    /// Too many open files, for as long as a process has them.
    const EMFILE: i32 = 24;

    #[test]
    fn clients_that_cannot_be_taken_are_waited_for() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let health = Mutex::new(Health::new(Network::Simnet, Vec::new(), UnixTime(0)));
        let refused = |count| (0..count).map(|_| Err(io::Error::from_raw_os_error(EMFILE)));
        let mut client = TcpStream::connect(address).unwrap();
        client.write_all(b"GET /metrics HTTP/1.1\r\n\r\n").unwrap();
        let mut pauses = Vec::new();
        let clients = refused(12).chain([Ok(listener.accept().unwrap().0)]).chain(refused(2));
        answer_all(clients, &health, |pause| pauses.push(pause));
        let mut answer = String::new();
        client.read_to_string(&mut answer).unwrap();
        println!("metrics: {} clients not taken, pauses {pauses:?}", pauses.len());
        assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
        assert_eq!(pauses.len(), 14);
        assert!(pauses[..12].is_sorted() && pauses[0] == FIRST_PAUSE && pauses[11] == LONGEST_PAUSE);
        assert_eq!(pauses[12..], [FIRST_PAUSE, FIRST_PAUSE * 2]);
    }
}
