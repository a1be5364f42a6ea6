//! One client: its requests, one after the other, none of which takes longer than it may.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

use super::head::{self, Head};
use super::{Request, Response, Status};

/// How long a client may stay without a request.
const IDLE: Duration = Duration::from_secs(20);
/// How long a head may take once it began, and a body after it.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long a client may take for an answer.
const SENDING: Duration = Duration::from_secs(10);
/// What is read of a refused body, so that the client sees the answer and no reset.
const LINGER: usize = 2 << 20;

/// Who answers.
pub(in crate::web) trait Handler: Send + Sync {
    /// Looks at a head before anything else is read, and says how long its body may be.
    ///
    /// # Errors
    /// The answer, if there is nothing more to be said.
    fn admit(&self, head: &Head) -> Result<usize, Response>;

    /// Answers a request that was admitted.
    fn answer(&self, request: Request) -> Response;
}

/// A client that is being served.
pub(super) struct Client {
    stream: TcpStream,
    /// What was read and not used yet.
    read: Vec<u8>,
}

impl Client {
    pub(super) const fn new(stream: TcpStream) -> Self {
        Self { stream, read: Vec::new() }
    }

    /// Serves until one of both has enough. A client that goes away or talks nonsense is nobody's problem.
    pub(super) fn serve(mut self, handler: &dyn Handler) -> io::Result<()> {
        self.stream.set_nodelay(true)?;
        loop {
            match self.request(handler)? {
                None => return Ok(()),
                Some(Ok(request)) => {
                    let closes = request.head.closes;
                    let response = handler.answer(request);
                    self.send(&response, closes)?;
                    if closes {
                        return Ok(());
                    }
                }
                Some(Err(refusal)) => return self.refuse(&refusal),
            }
        }
    }

    /// Says that there is no place, without waiting for anything.
    pub(super) fn turn_away(mut self) {
        let refusal = Response::refusal(Status::Unavailable, "too many connections at once: close other pages");
        // The first kilobytes of a connection fit into the system's buffer.
        let _ = self.stream.set_nonblocking(true).and_then(|()| self.stream.write_all(&refusal.bytes(true)));
    }

    /// Refuses, and sees to it that the refusal arrives.
    fn refuse(mut self, refusal: &Response) -> io::Result<()> {
        self.send(refusal, true)?;
        self.stream.shutdown(Shutdown::Write)?;
        let until = Instant::now() + PATIENCE;
        let mut left = LINGER;
        while left > 0 {
            match self.receive(until)? {
                0 => break,
                more => left = left.saturating_sub(more),
            }
            self.read.clear();
        }
        Ok(())
    }

    /// The next request; none when the client is done.
    fn request(&mut self, handler: &dyn Handler) -> io::Result<Option<Result<Request, Response>>> {
        let head = match self.head()? {
            None => return Ok(None),
            Some(Ok(head)) => head,
            Some(Err(refusal)) => return Ok(Some(Err(refusal))),
        };
        let most = match handler.admit(&head) {
            Ok(most) => most,
            Err(refusal) => return Ok(Some(Err(refusal))),
        };
        if head.length > most {
            return Ok(Some(Err(Response::refusal(Status::TooLarge, "the body of the request is too long"))));
        }
        let until = Instant::now() + PATIENCE;
        // Memory follows what was received, not what was claimed.
        while self.read.len() < head.length {
            if self.receive(until)? == 0 {
                return Ok(Some(Err(slow())));
            }
        }
        let rest = self.read.split_off(head.length);
        let body = std::mem::replace(&mut self.read, rest);
        Ok(Some(Ok(Request { head, body })))
    }

    fn head(&mut self) -> io::Result<Option<Result<Head, Response>>> {
        if self.read.is_empty() && self.receive(Instant::now() + IDLE)? == 0 {
            return Ok(None);
        }
        let until = Instant::now() + PATIENCE;
        loop {
            match Head::parse(&self.read) {
                Err(refusal) => return Ok(Some(Err(refusal))),
                Ok(Some((head, end))) => {
                    self.read.drain(..end);
                    return Ok(Some(Ok(head)));
                }
                Ok(None) => {
                    if self.receive(until)? == 0 {
                        return Ok(Some(Err(slow())));
                    }
                }
            }
        }
    }

    /// Reads what there is; 0 when the client is done or the time is up.
    fn receive(&mut self, until: Instant) -> io::Result<usize> {
        let mut part = [0; 16 << 10];
        let room = if self.read.len() < head::LONGEST { head::LONGEST - self.read.len() } else { part.len() };
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(0);
            }
            self.stream.set_read_timeout(Some(left))?;
            match self.stream.read(&mut part[..room]) {
                Ok(length) => {
                    self.read.extend(&part[..length]);
                    return Ok(length);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn send(&mut self, response: &Response, closes: bool) -> io::Result<()> {
        let bytes = response.bytes(closes);
        let until = Instant::now() + SENDING;
        let mut rest = &bytes[..];
        while !rest.is_empty() {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(io::ErrorKind::TimedOut.into());
            }
            self.stream.set_write_timeout(Some(left))?;
            match self.stream.write(rest) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(length) => rest = &rest[length..],
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

fn slow() -> Response {
    Response::refusal(Status::Timeout, "the request did not arrive in time")
}
