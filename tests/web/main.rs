//! The server behind `dcrcold web`, over loopback, by clients that are worse than any browser.
#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

mod bounds;
mod codes;
mod doors;
mod server;
mod work;
