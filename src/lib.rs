//! Keys, files and messages of dcrcold, for the offline signer and for public work on the online side.
//!
//! No part of this package can open a socket.

pub mod address;
pub mod agenda;
pub mod base58;
pub mod block;
pub mod cli;
pub mod device;
pub mod file;
pub mod hd;
pub mod journal;
pub mod key;
pub mod keystore;
pub mod message;
pub mod name;
pub mod passphrase;
pub mod percent;
pub mod qr;
pub mod rebuild;
pub mod receive;
pub mod sandbox;
pub mod scan;
pub mod scanning;
pub mod screens;
pub mod sealed;
pub mod seed;
pub mod show;
pub mod signer;
pub mod stake;
pub mod swap;
pub mod terminal;
pub mod transfer;
pub mod tx;
pub mod voter;
pub mod wif;
pub mod wire;
