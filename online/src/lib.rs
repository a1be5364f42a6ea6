//! The online side of dcrcold: chain, wallet database and commands. It holds no spend key.

pub mod auto;
pub mod chain;
pub mod delegate;
pub mod device_tcp;
pub mod doctor;
pub mod http;
pub mod pictures;
pub mod plural;
pub mod prepare;
pub mod usb;
pub mod voter;
pub mod vsp;
pub mod vsp_client;
pub mod wallet;
pub mod web;

// The made-up chain of the tests names this crate as tests outside do.
#[cfg(test)]
extern crate self as dcrcold;
