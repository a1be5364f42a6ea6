//! The offline signer.

fn main() {}
