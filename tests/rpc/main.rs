//! The JSON-RPC client against recorded replies, wrong replies and a websocket server of this process.
#![allow(clippy::unwrap_used, reason = "a failure ends the test")]

mod discovery;
mod fake;
mod faults;
mod replies;
mod server;
mod voting;
mod websocket;
