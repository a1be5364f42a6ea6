//! Kind 3, the registration of tickets that exist.

use dcrcold_core::cbor::Writer;
use dcrcold_core::hash::{Fingerprint, Sink};
use dcrcold_core::path::{AccountPath, Index, KeyPath};
use dcrcold_core::request::{Claim, Label};

use super::{put_account, put_claim, put_label, put_path, put_transactions};
use crate::transfer::{Encode, Kind};

/// The parameters of a registration.
#[derive(Clone, Debug)]
pub struct Register {
    /// The spending account.
    pub account: AccountPath,
    /// The paths of the keys that the tickets' commitments pay, one for each ticket.
    pub paths: Vec<KeyPath>,
    /// The voter whose alt-sign keys are registered.
    pub voter: Fingerprint,
    /// The voter's index for the first ticket.
    pub first: Index,
    /// What is said of the chain; there is no price.
    pub claim: Claim,
    /// What the request is called.
    pub label: Option<Label>,
    /// The tickets, as prefix serialisations.
    pub tickets: Vec<Vec<u8>>,
}

impl Encode for Register {
    const KIND: Kind = Kind::Register;

    fn write(&self, writer: &mut Writer<&mut dyn Sink>) {
        writer.map(5 + u64::from(self.label.is_some()));
        put_account(writer, self.account);
        writer.uint(1).array(self.paths.len() as u64);
        for path in &self.paths {
            writer.array(2);
            put_path(writer, *path);
        }
        writer.uint(6).array(2).bytes(self.voter.as_bytes()).uint(u64::from(self.first.number()));
        put_claim(writer, &self.claim);
        put_label(writer, self.label.as_ref());
        put_transactions(writer, &self.tickets);
    }
}
