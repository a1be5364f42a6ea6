//! A VSP of our own for tests: vspd's rules over real HTTP on loopback, honest until a test says otherwise.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    reason = "several tests include this, each takes its own part"
)]

pub mod http;
pub mod node;
pub mod rules;
pub mod sim;
