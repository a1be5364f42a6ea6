//! Making a request that pays somebody, and locking its coins.

use dcrcold_core::amount::{Amount, FeeRate, Height};
use dcrcold_core::hash::{TransferId, TxId};
use dcrcold_core::machine::Work;
use dcrcold_core::path::Index;
use dcrcold_core::request::Label;
use dcrcold_core::rule::Refusal;
use dcrcold_core::script::Payee;
use dcrcold_signer::transfer::{Encode, Kind};
use rusqlite::Connection;

use super::super::{Clock, CoinsOf, Wallet, WalletError, db, watch};
use super::account::{Account, Free, claim, first_internal, outpoints, prefix, spendable};
use super::store::{self, NewRequest};
use super::{PurchaseError, RequestKind};
use crate::prepare::{self, Payment, Rest};

/// What becomes of what the payments leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SendRest {
    /// It returns to the account.
    Change,
    /// Somebody gets it, with every coin that the request has room for.
    All(Payee),
    /// At most so many coins are joined into one, the least valuable first.
    Join(usize),
    /// All coins return, even a single one.
    Return,
}

/// What to pay.
#[derive(Clone, Debug)]
pub struct SendOrder {
    /// Who is paid how much, in the order of the outputs.
    pub paid: Vec<(Payee, Amount)>,
    /// What becomes of the rest.
    pub rest: SendRest,
    /// The fee rate.
    pub fee_rate: FeeRate,
    /// What to call the request.
    pub label: Option<Label>,
    /// The coins to take; none means whichever are best.
    pub from: Vec<CoinsOf>,
}

/// A payment, ready to be carried to the signer.
#[derive(Clone, Debug)]
pub struct PreparedSend {
    /// The id of the request.
    pub id: TransferId,
    /// The bytes of the file.
    pub request: Vec<u8>,
    /// The transaction.
    pub tx: TxId,
    /// Who gets how much.
    pub paid: Vec<(Payee, Amount)>,
    /// The fee.
    pub fee: Amount,
    /// What returns to the account.
    pub change: Option<Amount>,
    /// The coins that are now locked.
    pub inputs: usize,
    /// The coins that could be spent as well, and are not.
    pub left: usize,
    /// Why a signer with the limits of a new one would refuse: every limit that would have to be raised.
    pub beyond_default_limits: Vec<Refusal>,
}

impl Wallet {
    /// Makes a request that pays and locks its coins.
    ///
    /// # Errors
    /// [`PurchaseError`]; then nothing is locked.
    pub fn prepare_send(&mut self, order: &SendOrder, clock: &dyn Clock) -> Result<PreparedSend, PurchaseError> {
        let (account, keys) = (Account { network: self.network(), export: &self.export }, &self.keys);
        order.fits(&account)?;
        let tx = db::begin(&mut self.db)?;
        let prepared = account.prepare_send(&tx, order, None, clock)?;
        watch::extend(&tx, keys, false)?;
        tx.commit().map_err(WalletError::from)?;
        Ok(prepared)
    }
}

impl PreparedSend {
    /// The request to be written down; `change` is where the rest returns, if there is one.
    fn new_request<'a>(&'a self, change: Index, label: Option<&'a Label>) -> NewRequest<'a> {
        NewRequest {
            id: self.id,
            kind: RequestKind::Payment,
            request: &self.request,
            label,
            amount: Amount::checked_sum(self.paid.iter().map(|(_, amount)| *amount)).unwrap_or_default(),
            expiry: Height(0),
            internal: self.change.map(|_| (change, change)),
            voter: None,
            purse: None,
            vsp: None,
            funding: Some(self.tx),
            tickets: &[],
            replaces: None,
        }
    }
}

impl SendOrder {
    /// Sees that the signer takes such a request.
    pub(super) fn fits(&self, account: &Account<'_>) -> Result<(), PurchaseError> {
        let capacity = account.export.capacity;
        if capacity.highest_kind < Kind::Send as u8 {
            return Err(PurchaseError::NoPayments);
        }
        let found = self.paid.len() + usize::from(matches!(self.rest, SendRest::All(_)));
        let most = usize::try_from(capacity.tickets).unwrap_or(usize::MAX);
        if found > most { Err(PurchaseError::TooManyPayments { found, most }) } else { Ok(()) }
    }
}

impl Account<'_> {
    /// `replaces` is the request whose coins it takes.
    pub(super) fn prepare_send(
        &self,
        db: &Connection,
        order: &SendOrder,
        replaces: Option<TransferId>,
        clock: &dyn Clock,
    ) -> Result<PreparedSend, PurchaseError> {
        let (tip, claim) = claim(db)?;
        let coins =
            spendable(db, self.network, tip.height, &Free { from: &order.from, instead_of: replaces.as_ref() })?;
        let change = first_internal(db)?;
        let rest = match order.rest {
            SendRest::Change => Rest::Change(change),
            SendRest::All(payee) => Rest::All(payee),
            SendRest::Join(most) => Rest::Joined { change, least: 2, most },
            SendRest::Return => Rest::Joined { change, least: 1, most: usize::MAX },
        };
        let payment = Payment {
            account: self.export.account,
            paid: order.paid.clone(),
            rest,
            fee_rate: order.fee_rate,
            claim,
            label: order.label,
        };
        let (request, chosen) = prepare::payment(payment, &coins, self.most_inputs(), |id| prefix(db, id))?;
        let mut prepared = self.rebuild_send(request.to_container(self.network)?.encode())?;
        (prepared.inputs, prepared.left) = (chosen.len(), coins.len() - chosen.len());
        let new = NewRequest { replaces, ..prepared.new_request(change, order.label.as_ref()) };
        store::insert(db, &new, &outpoints(&chosen), clock)?;
        Ok(prepared)
    }

    fn rebuild_send(&self, request: Vec<u8>) -> Result<PreparedSend, PurchaseError> {
        let checked = self.check(&request, &[])?;
        let Work::Send(send) = checked.request.work() else { return Err(PurchaseError::NoPayments) };
        Ok(PreparedSend {
            id: *checked.request.id(),
            tx: *send.id(),
            paid: send.paid().iter().map(|paid| (paid.payee, paid.amount)).collect(),
            fee: send.remainder().fee,
            change: send.remainder().change,
            inputs: 0,
            left: 0,
            beyond_default_limits: checked.beyond_default_limits,
            request,
        })
    }
}
