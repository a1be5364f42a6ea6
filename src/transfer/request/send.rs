//! Kind 2, a plain send.

use dcrcold_core::amount::FeeRate;
use dcrcold_core::cbor::Writer;
use dcrcold_core::hash::Sink;
use dcrcold_core::path::AccountPath;
use dcrcold_core::request::{Claim, Label, Output, Recipient, Rest};
use dcrcold_core::script::Payee;

use super::{InputRef, put_account, put_claim, put_inputs, put_label, put_transactions};
use crate::transfer::{Encode, Kind};

/// The parameters of a send.
#[derive(Clone, Debug)]
pub struct Send {
    /// The spending account.
    pub account: AccountPath,
    /// What is spent, in signing order.
    pub inputs: Vec<InputRef>,
    /// Who is paid; the last output of a sweep has an amount of zero.
    pub outputs: Vec<Output>,
    /// Fee rate.
    pub fee_rate: FeeRate,
    /// Change or sweep.
    pub rest: Rest,
    /// What is said of the chain; there is no price.
    pub claim: Claim,
    /// What the request is called.
    pub label: Option<Label>,
    /// The transactions that are spent from, as prefix serialisations.
    pub parents: Vec<Vec<u8>>,
}

impl Encode for Send {
    const KIND: Kind = Kind::Send;

    fn write(&self, writer: &mut Writer<&mut dyn Sink>) {
        writer.map(7 + u64::from(self.label.is_some()));
        put_account(writer, self.account);
        put_inputs(writer, &self.inputs);
        writer.uint(2).array(self.outputs.len() as u64);
        for output in &self.outputs {
            put_output(writer, output);
        }
        writer.uint(4).uint(self.fee_rate.atoms_per_kb());
        if let Rest::Change(index) = self.rest {
            writer.uint(5).uint(u64::from(index.number()));
        }
        put_claim(writer, &self.claim);
        put_label(writer, self.label.as_ref());
        if self.rest == Rest::Sweep {
            writer.uint(12).uint(1);
        }
        put_transactions(writer, &self.parents);
    }
}

fn put_output(writer: &mut Writer<&mut dyn Sink>, output: &Output) {
    match &output.recipient {
        Recipient::Address(Payee::KeyHash(hash)) => writer.array(3).uint(0).bytes(hash.as_bytes()),
        Recipient::Address(Payee::ScriptHash(hash)) => writer.array(3).uint(1).bytes(hash.as_bytes()),
        Recipient::Purse { fingerprint, index } => {
            writer.array(4).uint(2).bytes(fingerprint.as_bytes()).uint(u64::from(index.number()))
        }
    };
    writer.uint(output.amount.atoms());
}
