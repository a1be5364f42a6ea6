//! Containers, scripts and transactions, written from docs/protocol.md with nothing but the core's hashes.

use dcrcold_core::hash::{Sink, put_varint};
use dcrcold_core::net::Network;
use dcrcold_core::script::{Payee, Payment, StakeTag};

/// Bytes that can be written to.
#[derive(Default)]
pub struct Bytes(pub Vec<u8>);

impl Sink for Bytes {
    fn put(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }
}

/// A payment script.
pub fn script(tag: Option<StakeTag>, payee: Payee) -> Vec<u8> {
    Payment { tag, payee }.script().as_bytes().to_vec()
}

/// The script of a commitment.
pub fn commitment(payee: Payee, atoms: u64) -> Vec<u8> {
    let flag = if payee.is_script() { 1 << 63 } else { 0 };
    [&[0x6a, 0x1e][..], payee.hash().as_bytes(), &(atoms | flag).to_le_bytes(), &[0x00, 0x4e]].concat()
}

/// The prefix serialisation of a transaction: inputs as id, output and tree.
pub fn prefix(inputs: &[([u8; 32], u32, u8)], outputs: &[(u64, Vec<u8>)], expiry: u32) -> Vec<u8> {
    let mut bytes = Bytes(vec![1, 0, 1, 0]);
    put_varint(&mut bytes, inputs.len() as u64);
    for (id, output, tree) in inputs {
        bytes.0.extend([&id[..], &output.to_le_bytes(), &[*tree], &[0xff; 4]].concat());
    }
    put_varint(&mut bytes, outputs.len() as u64);
    for (value, script) in outputs {
        bytes.0.extend([&value.to_le_bytes()[..], &[0, 0, u8::try_from(script.len()).unwrap()], script].concat());
    }
    bytes.0.extend([[0; 4], expiry.to_le_bytes()].concat());
    bytes.0
}

/// A request in its container.
pub fn container(kind: u8, network: Network, body: &[u8]) -> Vec<u8> {
    let fixed = [1, kind, network.code()];
    let id = blake256::blake256(&[&fixed[..], body].concat());
    let length = u32::try_from(body.len()).unwrap();
    [b"DCRCOLD", &fixed[..], &[0], &length.to_le_bytes(), &id, body].concat()
}
