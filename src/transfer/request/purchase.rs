//! Kind 1, a purchase of tickets.

use dcrcold_core::amount::{Amount, FeeRate, Height};
use dcrcold_core::cbor::Writer;
use dcrcold_core::hash::{Fingerprint, Hash160, Sink};
use dcrcold_core::path::{AccountPath, Index};
use dcrcold_core::request::{Claim, Funding, Label, Purse};

use super::{InputRef, put_account, put_claim, put_inputs, put_label, put_transactions};
use crate::transfer::{Encode, Kind};

/// Who votes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Voting {
    /// A registered voter, and its index for the first ticket.
    Voter {
        /// Which voter.
        fingerprint: Fingerprint,
        /// Its index for the first ticket.
        first: Index,
    },
    /// Somebody's voting key hashes, one for each ticket.
    Foreign(Vec<Hash160>),
}

/// The parameters of a purchase.
#[derive(Clone, Debug)]
pub struct Purchase {
    /// The spending account.
    pub account: AccountPath,
    /// What is spent, in signing order.
    pub inputs: Vec<InputRef>,
    /// How many tickets.
    pub tickets: u32,
    /// What each ticket locks, or at least locks in the direct form.
    pub amount: Amount,
    /// Fee rate of the split and of the tickets.
    pub fee_rate: FeeRate,
    /// The first internal index that the purchase uses.
    pub first_internal: Index,
    /// Who votes.
    pub voting: Voting,
    /// A purse top-up.
    pub purse: Option<Purse>,
    /// The tickets can be in blocks below this height only.
    pub expiry: Height,
    /// What is said of the chain; the price must be there.
    pub claim: Claim,
    /// What the request is called.
    pub label: Option<Label>,
    /// Split or direct.
    pub funding: Funding,
    /// The transactions that are spent from, as prefix serialisations.
    pub parents: Vec<Vec<u8>>,
}

impl Encode for Purchase {
    const KIND: Kind = Kind::Purchase;

    fn write(&self, writer: &mut Writer<&mut dyn Sink>) {
        let direct = self.funding == Funding::Direct;
        let optional = [self.purse.is_some(), self.label.is_some(), direct];
        writer.map(10 + optional.iter().filter(|there| **there).count() as u64);
        put_account(writer, self.account);
        put_inputs(writer, &self.inputs);
        writer.uint(2).uint(u64::from(self.tickets));
        writer.uint(3).uint(self.amount.atoms());
        writer.uint(4).uint(self.fee_rate.atoms_per_kb());
        writer.uint(5).uint(u64::from(self.first_internal.number()));
        match &self.voting {
            Voting::Voter { fingerprint, first } => {
                writer.uint(6).array(2).bytes(fingerprint.as_bytes()).uint(u64::from(first.number()));
            }
            Voting::Foreign(hashes) => {
                writer.uint(7).array(hashes.len() as u64);
                for hash in hashes {
                    writer.bytes(hash.as_bytes());
                }
            }
        }
        if let Some(purse) = &self.purse {
            writer.uint(8).array(2).uint(purse.amount.atoms()).uint(u64::from(purse.index.number()));
        }
        writer.uint(9).uint(u64::from(self.expiry.0));
        put_claim(writer, &self.claim);
        put_label(writer, self.label.as_ref());
        if direct {
            writer.uint(12).uint(1);
        }
        put_transactions(writer, &self.parents);
    }
}
