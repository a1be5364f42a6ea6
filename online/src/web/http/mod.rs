//! HTTP/1.1 as far as one page on loopback needs it: `httparse` reads heads, threads serve clients, and everything has a
//! bound: clients at once, bytes of a head and of a body, time for each of them.
//!
//! What is not needed is refused and not interpreted: other versions, chunked bodies, repeated lengths. So there is one
//! way to read a request.

mod client;
mod head;
mod listener;
mod response;

pub(super) use client::Handler;
pub(super) use head::{Head, Method};
pub(super) use listener::Listener;
pub(super) use response::{Response, Status};

/// A request with its body.
pub(super) struct Request {
    pub(super) head: Head,
    pub(super) body: Vec<u8>,
}
