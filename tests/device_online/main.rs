//! The online side with a device: a simulator in Speculos' framing, the built program in front of it, the embedded network
//! behind.
#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

mod link;
mod path;
#[path = "../common/stock.rs"]
mod stock;
mod stock_app;
mod usb;
mod wire;
mod world;
