//! Calls and notifications over one connection: JSON-RPC with numbered requests, of which many may be under way.
//!
//! dcrd and dcrwallet speak the same dialect. Source: dcrd `dcrjson`, `internal/rpcserver/rpcwebsocket.go`.

use std::collections::VecDeque;
use std::time::{Duration, Instant};
use std::{io, mem};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use super::error::RpcError;
use super::transport::Transport;

/// Requests under way at once. dcrd works on 20 of a client and leaves the others waiting in the connection.
pub const MOST_OUTSTANDING: usize = 64;

/// Notifications kept for whoever asks later; beyond it the oldest are dropped.
const MOST_NOTIFICATIONS: usize = 1024;

/// The parameters of a method that has none.
pub const NONE: [(); 0] = [];

/// A JSON-RPC client.
///
/// An error other than [`RpcError::Refused`] leaves the connection out of step: drop the client then.
pub struct Client<T> {
    transport: T,
    patience: Duration,
    last_id: u64,
    notifications: VecDeque<Notification>,
    subscribed: bool,
}

/// What a daemon reports without being asked.
#[derive(Debug)]
pub struct Notification {
    /// What happened, `blockconnected` for one.
    pub method: String,
    /// The particulars, a JSON array.
    pub params: Box<RawValue>,
}

impl Notification {
    /// Reads the particulars.
    ///
    /// # Errors
    /// [`RpcError::Malformed`] naming the notification.
    pub fn read<R: DeserializeOwned>(&self) -> Result<R, RpcError> {
        read(&self.method, &self.params)
    }
}

#[derive(Serialize)]
struct Request<'a, P> {
    jsonrpc: &'static str,
    id: u64,
    method: &'a str,
    params: &'a P,
}

/// Anything that a daemon sends: the reply to the request `id`, or a notification.
#[derive(Deserialize)]
struct Incoming {
    #[serde(default)]
    id: Option<u64>,
    #[serde(default)]
    method: Option<String>,
    #[serde(default)]
    params: Option<Box<RawValue>>,
    #[serde(default)]
    result: Option<Box<RawValue>>,
    #[serde(default)]
    error: Option<ErrorObject>,
}

#[derive(Deserialize)]
struct ErrorObject {
    code: i64,
    message: String,
}

impl<T: Transport> Client<T> {
    /// Makes a client that waits `patience` for each reply.
    pub fn new(transport: T, patience: Duration) -> Self {
        Self { transport, patience, last_id: 0, notifications: VecDeque::new(), subscribed: false }
    }

    /// Host and port of the daemon.
    pub fn address(&self) -> &str {
        self.transport.address()
    }

    /// Calls a method with a tuple or array of parameters.
    ///
    /// # Errors
    /// [`RpcError`], of which [`RpcError::Refused`] is the daemon's own.
    pub fn call<P: Serialize, R: DeserializeOwned>(&mut self, method: &str, params: P) -> Result<R, RpcError> {
        let mut replies = self.call_many(method, &[params])?;
        replies.pop().ok_or_else(|| malformed(method, "found no reply, expected one"))
    }

    /// Calls a method once for each element of `params`, up to [`MOST_OUTSTANDING`] at a time; results in that order.
    ///
    /// # Errors
    /// The first error, after the replies to all requests that were sent have been taken.
    pub fn call_many<P: Serialize, R: DeserializeOwned>(
        &mut self,
        method: &str,
        params: &[P],
    ) -> Result<Vec<R>, RpcError> {
        let mut batch = Batch { first: self.last_id + 1, results: Vec::with_capacity(params.len()) };
        let mut waiting = params.iter();
        let mut outstanding = 0;
        let mut refused = false;
        loop {
            while outstanding < MOST_OUTSTANDING && !refused {
                let Some(params) = waiting.next() else { break };
                self.send(method, params)?;
                batch.results.push(None);
                outstanding += 1;
            }
            if outstanding == 0 {
                return batch.results.into_iter().flatten().collect();
            }
            let (id, outcome) = self.reply(method)?;
            outstanding -= 1;
            refused |= outcome.is_err();
            let result = outcome.and_then(|result| read(method, &result));
            *batch.slot(method, id)? = Some(result);
        }
    }

    /// Calls methods that have no parameters, subscriptions, but only the first time on this connection.
    ///
    /// # Errors
    /// [`RpcError`] when a call fails.
    pub fn subscribe(&mut self, methods: &[&str]) -> Result<(), RpcError> {
        if self.subscribed {
            return Ok(());
        }
        for method in methods {
            let () = self.call(method, NONE)?;
        }
        self.subscribed = true;
        Ok(())
    }

    /// Takes the oldest notification, waiting for one until `until`.
    ///
    /// # Errors
    /// [`RpcError`] when the connection breaks.
    pub fn notification(&mut self, until: Instant) -> Result<Option<Notification>, RpcError> {
        if let Some(notification) = self.notifications.pop_front() {
            return Ok(Some(notification));
        }
        match self.transport.receive(until)? {
            None => Ok(None),
            Some(text) => match parse("notification", &text)? {
                Message::Notification(notification) => Ok(Some(notification)),
                Message::Reply { id, .. } => {
                    Err(malformed("notification", &format!("found a reply with id {id}, expected none")))
                }
            },
        }
    }

    fn send<P: Serialize>(&mut self, method: &str, params: &P) -> Result<(), RpcError> {
        self.last_id += 1;
        let request = Request { jsonrpc: "1.0", id: self.last_id, method, params };
        self.transport.send(written(&request))
    }

    /// Waits for the next reply; notifications that come in between are kept.
    fn reply(&mut self, method: &str) -> Result<(u64, Result<Box<RawValue>, RpcError>), RpcError> {
        let until = Instant::now() + self.patience;
        loop {
            let Some(text) = self.transport.receive(until)? else {
                let address = self.address().to_owned();
                return Err(RpcError::Timeout { address, method: method.into(), after: self.patience });
            };
            match parse(method, &text)? {
                Message::Reply { id, outcome } => return Ok((id, outcome)),
                Message::Notification(notification) => self.keep(notification),
            }
        }
    }

    fn keep(&mut self, notification: Notification) {
        if self.notifications.len() == MOST_NOTIFICATIONS {
            self.notifications.pop_front();
        }
        self.notifications.push_back(notification);
    }
}

/// The text of a request, which may hold a private key: made in one place that is large enough, and wiped.
fn written<P: Serialize>(request: &Request<'_, P>) -> Zeroizing<String> {
    let mut length = Length(0);
    serde_json::to_writer(&mut length, request).expect("parameters are plain data");
    let mut text = Zeroizing::new(Vec::with_capacity(length.0));
    serde_json::to_writer(&mut *text, request).expect("parameters are plain data");
    Zeroizing::new(String::from_utf8(mem::take(&mut *text)).expect("JSON is UTF-8"))
}

/// Counts the bytes that are written.
struct Length(usize);

impl io::Write for Length {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Requests of one method with consecutive numbers.
struct Batch<R> {
    first: u64,
    results: Vec<Option<Result<R, RpcError>>>,
}

impl<R> Batch<R> {
    /// The place for the result of request `id`, which must be empty.
    fn slot(&mut self, method: &str, id: u64) -> Result<&mut Option<Result<R, RpcError>>, RpcError> {
        let (first, sent) = (self.first, self.results.len());
        id.checked_sub(first)
            .and_then(|position| self.results.get_mut(usize::try_from(position).ok()?))
            .filter(|slot| slot.is_none())
            .ok_or_else(|| malformed(method, &format!("found id {id}, expected an open one of {sent} from {first}")))
    }
}

/// What a text from a daemon is.
enum Message {
    Reply { id: u64, outcome: Result<Box<RawValue>, RpcError> },
    Notification(Notification),
}

fn parse(method: &str, text: &str) -> Result<Message, RpcError> {
    let incoming: Incoming = serde_json::from_str(text).map_err(|error| malformed(method, &error.to_string()))?;
    match incoming {
        Incoming { id: None, method: Some(method), params, .. } => {
            Ok(Message::Notification(Notification { method, params: params.unwrap_or_else(null) }))
        }
        Incoming { id: Some(id), method: None, error: Some(error), .. } => {
            let ErrorObject { code, message } = error;
            Ok(Message::Reply { id, outcome: Err(RpcError::Refused { method: method.into(), code, message }) })
        }
        Incoming { id: Some(id), method: None, result, .. } => {
            Ok(Message::Reply { id, outcome: Ok(result.unwrap_or_else(null)) })
        }
        Incoming { id: None, error: Some(error), .. } => {
            let ErrorObject { code, message } = error;
            Err(malformed(method, &format!("found an error for no request: {message} (code {code})")))
        }
        _ => Err(malformed(method, "found neither a reply nor a notification")),
    }
}

/// Serde takes a JSON `null` for an absent value.
fn null() -> Box<RawValue> {
    RawValue::NULL.to_owned()
}

fn read<R: DeserializeOwned>(method: &str, result: &RawValue) -> Result<R, RpcError> {
    serde_json::from_str(result.get()).map_err(|error| malformed(method, &error.to_string()))
}

fn malformed(method: &str, problem: &str) -> RpcError {
    RpcError::Malformed { method: method.into(), problem: problem.into() }
}
