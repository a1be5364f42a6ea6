//! The server behind `dcrcold web`, over loopback, by clients that are worse than any browser.
#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

mod bounds;
mod codes;
mod doors;
#[path = "../cmd/online.rs"]
mod files;
mod server;
mod signals;
mod work;
