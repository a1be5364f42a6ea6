//! The JSON-RPC client against recorded replies, wrong replies and a websocket server of this process.

mod fake;
mod faults;
mod replies;
