//! Kinds 1 to 3, written: the parameters of a purchase, a send or a registration, as the online side puts them.
//!
//! Reading them is the core's work, and checking them too: nothing here refuses anything.

mod purchase;
mod register;
mod send;

use dcrcold_core::cbor::Writer;
use dcrcold_core::hash::Sink;
use dcrcold_core::path::{AccountPath, KeyPath};
use dcrcold_core::request::{Claim, Label};

pub use self::purchase::{Purchase, Voting};
pub use self::register::Register;
pub use self::send::Send;

/// An input: which output of which parent it spends, and with which key of the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InputRef {
    /// The number of the parent in the list of parents.
    pub parent: u32,
    /// The output's place in the parent.
    pub output: u32,
    /// The key, below the spending account.
    pub path: KeyPath,
}

fn put_account(writer: &mut Writer<&mut dyn Sink>, account: AccountPath) {
    writer.uint(0).array(2).uint(u64::from(account.coin_type.number())).uint(u64::from(account.account.number()));
}

fn put_inputs(writer: &mut Writer<&mut dyn Sink>, inputs: &[InputRef]) {
    writer.uint(1).array(inputs.len() as u64);
    for input in inputs {
        writer.array(4).uint(u64::from(input.parent)).uint(u64::from(input.output));
        put_path(writer, input.path);
    }
}

fn put_path(writer: &mut Writer<&mut dyn Sink>, path: KeyPath) {
    writer.uint(u64::from(path.branch.number())).uint(u64::from(path.index.number()));
}

fn put_claim(writer: &mut Writer<&mut dyn Sink>, claim: &Claim) {
    writer.uint(10).array(if claim.price.is_some() { 3 } else { 2 });
    writer.uint(u64::from(claim.tip.0)).uint(u64::from(claim.time));
    if let Some(price) = claim.price {
        writer.uint(price.atoms());
    }
}

fn put_label(writer: &mut Writer<&mut dyn Sink>, label: Option<&Label>) {
    if let Some(label) = label {
        writer.uint(11).text(label.as_str());
    }
}

/// Writes prefix serialisations: parents, or tickets to register.
fn put_transactions(writer: &mut Writer<&mut dyn Sink>, prefixes: &[Vec<u8>]) {
    writer.uint(13).array(prefixes.len() as u64);
    for prefix in prefixes {
        writer.bytes(prefix);
    }
}
