//! Where the parameters of a request are put as its bytes come: once, and never moved from there.
//!
//! A device has no stack for a copy of a request, so a reader is told where things belong. Making room is an assignment
//! of a constant for the same reason.

use super::{Body, Claim, Funding, Header, Input, Kind, Label, Output, PurchaseRequest, Recipient, RegisterRequest};
use super::{Request, Rest, SendRequest, Spending, Voting};
use crate::amount::{Amount, FeeRate, Height};
use crate::hash::{Fingerprint, Hash160, TxId};
use crate::list::List;
use crate::path::{AccountPath, Index, KeyPath};
use crate::script::Payee;
use crate::ticket::TicketBytes;

/// Holds the parameters of one request: a [`Request`], or what becomes a review of it.
pub(crate) trait Landing<const INPUTS: usize, const TICKETS: usize> {
    /// Makes room for the request with this header and forgets the one before.
    fn open(&mut self, header: &Header);

    /// The places to be filled. What was not filled yet holds values that the reader never lets through.
    fn places(&mut self) -> Places<'_, INPUTS, TICKETS>;
}

/// The places for parameters.
pub(crate) struct Places<'a, const INPUTS: usize, const TICKETS: usize> {
    pub(crate) account: &'a mut AccountPath,
    pub(crate) claim: &'a mut Claim,
    pub(crate) label: &'a mut Option<Label>,
    pub(crate) parameters: Parameters<'a, INPUTS, TICKETS>,
}

/// The places of each kind.
pub(crate) enum Parameters<'a, const INPUTS: usize, const TICKETS: usize> {
    Purchase(&'a mut PurchaseRequest<INPUTS, TICKETS>),
    Send(&'a mut SendRequest<INPUTS, TICKETS>),
    Register(&'a mut RegisterRequest<TICKETS>),
}

impl<const INPUTS: usize, const TICKETS: usize> Landing<INPUTS, TICKETS> for Request<INPUTS, TICKETS> {
    fn open(&mut self, header: &Header) {
        (self.network, self.id) = (header.network, header.id);
        (self.account, self.claim, self.label) = (AccountPath::BLANK, Claim::BLANK, None);
        match header.kind {
            Kind::Purchase => self.body = Body::PURCHASE,
            Kind::Send => self.body = Body::SEND,
            Kind::Register => self.body = Body::REGISTER,
        }
    }

    fn places(&mut self) -> Places<'_, INPUTS, TICKETS> {
        let parameters = match &mut self.body {
            Body::Purchase(purchase) => Parameters::Purchase(purchase),
            Body::Send(send) => Parameters::Send(send),
            Body::Register(register) => Parameters::Register(register),
        };
        Places { account: &mut self.account, claim: &mut self.claim, label: &mut self.label, parameters }
    }
}

impl<const INPUTS: usize, const TICKETS: usize> Request<INPUTS, TICKETS> {
    pub(super) const BLANK: Self = Self {
        network: Header::BLANK.network,
        id: Header::BLANK.id,
        account: AccountPath::BLANK,
        claim: Claim::BLANK,
        label: None,
        body: Body::PURCHASE,
    };
}

impl<const INPUTS: usize, const TICKETS: usize> Body<INPUTS, TICKETS> {
    const PURCHASE: Self = Self::Purchase(PurchaseRequest::BLANK);
    const SEND: Self = Self::Send(SendRequest::BLANK);
    const REGISTER: Self = Self::Register(RegisterRequest::BLANK);
}

impl Claim {
    pub(crate) const BLANK: Self = Self { tip: Height(0), time: 0, price: None };
}

impl<const INPUTS: usize> Spending<INPUTS> {
    const BLANK: Self = Self {
        inputs: List::new(Input { parent: 0, output: 0, path: KeyPath::external(Index::FIRST), coin: None }),
        parents: List::new(TxId::from_bytes([0; 32])),
    };
}

impl<const INPUTS: usize, const TICKETS: usize> PurchaseRequest<INPUTS, TICKETS> {
    pub(crate) const BLANK: Self = Self {
        spending: Spending::BLANK,
        tickets: 0,
        amount: Amount::ZERO,
        fee_rate: FeeRate::from_atoms_per_kb(0),
        first_internal: Index::FIRST,
        voting: Voting::Foreign(List::new(Hash160::ZERO)),
        purse: None,
        expiry: Height(0),
        funding: Funding::Split,
    };
}

impl<const INPUTS: usize, const TICKETS: usize> SendRequest<INPUTS, TICKETS> {
    pub(crate) const BLANK: Self = Self {
        spending: Spending::BLANK,
        outputs: List::new(Output {
            recipient: Recipient::Address(Payee::KeyHash(Hash160::ZERO)),
            amount: Amount::ZERO,
        }),
        fee_rate: FeeRate::from_atoms_per_kb(0),
        rest: Rest::Sweep,
    };
}

impl<const TICKETS: usize> RegisterRequest<TICKETS> {
    pub(crate) const BLANK: Self = Self {
        paths: List::new(KeyPath::external(Index::FIRST)),
        tickets: List::new(TicketBytes::BLANK),
        fingerprint: Fingerprint::from_bytes([0; 16]),
        first: Index::FIRST,
    };
}
