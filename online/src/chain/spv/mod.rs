//! The chain as Decred's peers tell it: no node of one's own is needed.
//!
//! Source: dcrd `wire`, `peer`; dcrwallet `p2p`, `spv`.

pub mod wire;
