//! A request under way: takes values and parents, and sees at the end that it is whole.

use super::row::{Row, account, claim};
use super::values::{
    KEY_ACCOUNT, KEY_CLAIM, KEY_FOREIGN, KEY_FORM, KEY_INTERNAL, KEY_LABEL, KEY_PARENTS, KEY_PURSE,
    KEY_TICKETS_OR_OUTPUTS, KEY_VOTER, commit_purchase, commit_register, commit_send,
};
use crate::amount::{Amount, FeeRate, Height};
use crate::hash::{Fingerprint, Hash160, TransferId, TxId};
use crate::list::List;
use crate::parent::{ParentOutput, ParentReader};
use crate::path::{Account, AccountPath, CoinType, Index, KeyPath};
use crate::request::header::{Header, Kind};
use crate::request::shape::required;
use crate::request::{
    Body, Claim, Coin, Funding, Input, Label, Output, PurchaseRequest, Recipient, RegisterRequest, Request, Rest,
    SendRequest, Spending, Voting,
};
use crate::rule::{Figure, Part, Refusal, Rule};
use crate::script::{Payee, StakeTag};
use crate::ticket::TicketBytes;

/// A request under way. Places that were not filled yet hold values that `finish` never lets through.
pub(super) struct Draft<const INPUTS: usize, const TICKETS: usize> {
    seen: u16,
    parent: ParentReader,
    request: Request<INPUTS, TICKETS>,
}

impl<const INPUTS: usize, const TICKETS: usize> Draft<INPUTS, TICKETS> {
    pub(super) fn new(header: &Header) -> Self {
        let account = AccountPath { coin_type: CoinType::standard(header.network), account: Account::FIRST };
        Self {
            seen: 0,
            parent: ParentReader::default(),
            request: Request {
                network: header.network,
                id: header.id,
                account,
                claim: Claim { tip: Height(0), time: 0, price: None },
                label: None,
                body: empty_body(header.kind),
            },
        }
    }

    /// Marks a key as present.
    pub(super) fn open(&mut self, key: u64) -> Result<(), Refusal> {
        self.seen |= 1_u16.checked_shl(u32::try_from(key).unwrap_or(u32::MAX)).ok_or(Rule::NotCanonical)?;
        Ok(())
    }

    fn has(&self, key: u64) -> bool {
        u32::try_from(key).ok().and_then(|key| self.seen.checked_shr(key)).is_some_and(|bits| bits & 1 == 1)
    }

    /// Refuses an array with more items than there is room for, before any of them is read.
    pub(super) fn expect_items(&self, key: u64, items: u64) -> Result<(), Refusal> {
        let (inputs, tickets) = (INPUTS as u64, TICKETS as u64);
        let (rule, room) = match (&self.request.body, key) {
            (Body::Register(_), _) => (Rule::TicketsAboveLimit, tickets),
            (_, KEY_FOREIGN) => (Rule::TicketsAboveLimit, tickets),
            (Body::Send(_), KEY_TICKETS_OR_OUTPUTS) => (Rule::TooLarge, tickets),
            _ => (Rule::TooLarge, inputs),
        };
        if items > room {
            return Err(Refusal::new(rule).found(Figure::Number(items)).expected(Figure::Number(room)));
        }
        if key == KEY_PARENTS { self.expect_parents(items) } else { Ok(()) }
    }

    /// Refuses an input whose parent will not come.
    fn expect_parents(&self, parents: u64) -> Result<(), Refusal> {
        let (Body::Purchase(PurchaseRequest { spending, .. }) | Body::Send(SendRequest { spending, .. })) =
            &self.request.body
        else {
            return Ok(());
        };
        for (number, input) in (0_u32..).zip(spending.inputs.as_slice()) {
            if u64::from(input.parent) >= parents {
                let last = parents.checked_sub(1).map_or(Figure::None, Figure::Number);
                let refusal = Refusal::new(Rule::ParentMissing).at(Part::Input(number));
                return Err(refusal.found(input.parent.into()).expected(last));
            }
        }
        Ok(())
    }

    /// Puts a complete value, tuple or item into its place.
    pub(super) fn commit(&mut self, key: u64, row: &Row) -> Result<(), Refusal> {
        let network = self.request.network;
        match key {
            KEY_ACCOUNT => self.request.account = account(network, row)?,
            KEY_CLAIM => self.request.claim = claim(row)?,
            KEY_LABEL => self.request.label = Some(Label::new(row.string()).ok_or(Rule::LabelUnprintable)?),
            _ => match &mut self.request.body {
                Body::Purchase(purchase) => commit_purchase(purchase, key, row)?,
                Body::Send(send) => commit_send(send, key, row)?,
                Body::Register(register) => commit_register(register, key, row)?,
            },
        }
        Ok(())
    }

    pub(super) fn begin_parent(&mut self) {
        self.parent = ParentReader::default();
        if let Body::Register(register) = &mut self.request.body {
            // There is room: the number of items was checked.
            let _ = register.tickets.push(TicketBytes::default());
        }
    }

    pub(super) fn parent_bytes(&mut self, bytes: &[u8]) -> Result<(), Refusal> {
        let number = self.parent_number();
        match &mut self.request.body {
            Body::Purchase(PurchaseRequest { spending, .. }) | Body::Send(SendRequest { spending, .. }) => {
                let inputs = spending.inputs.as_mut_slice();
                let captured = self.parent.push(bytes, |output| capture(inputs, number, output));
                captured.map_err(|refusal| in_parent(refusal, number))
            }
            Body::Register(register) => match register.tickets.as_mut_slice().last_mut() {
                Some(ticket) => ticket.put(bytes).map_err(|refusal| refusal.at(Part::Ticket(number))),
                None => Err(Rule::NotCanonical.into()),
            },
        }
    }

    pub(super) fn end_parent(&mut self) -> Result<(), Refusal> {
        let number = self.parent_number();
        let (Body::Purchase(PurchaseRequest { spending, .. }) | Body::Send(SendRequest { spending, .. })) =
            &mut self.request.body
        else {
            return Ok(());
        };
        let reader = core::mem::take(&mut self.parent);
        let id = reader.finish().map_err(|refusal| in_parent(refusal, number))?;
        if spending.parents.as_slice().contains(&id) {
            return Err(Refusal::new(Rule::ParentDuplicate).at(Part::Parent(number)));
        }
        if !spending.inputs.as_slice().iter().any(|input| input.parent == number) {
            return Err(Refusal::new(Rule::ParentUnused).at(Part::Parent(number)));
        }
        spending.parents.push(id).map_err(|_| Rule::TooLarge.into())
    }

    /// The number of the parent that is being read.
    fn parent_number(&self) -> u32 {
        match &self.request.body {
            Body::Purchase(purchase) => purchase.spending.parents.count(),
            Body::Send(send) => send.spending.parents.count(),
            Body::Register(register) => register.tickets.count().saturating_sub(1),
        }
    }

    /// Ends the request: everything that must be there is, and nothing contradicts.
    pub(super) fn finish(self, header: &Header) -> Result<Request<INPUTS, TICKETS>, Refusal> {
        let required = required(header.kind);
        let consistent = match &self.request.body {
            Body::Purchase(purchase) => {
                let foreign = self.has(KEY_FOREIGN);
                let direct = purchase.funding == Funding::Direct;
                self.has(KEY_VOTER) != foreign && !(self.has(KEY_PURSE) && (direct || foreign))
            }
            Body::Send(_) => self.has(KEY_INTERNAL) != self.has(KEY_FORM),
            Body::Register(_) => true,
        };
        let missing = required & !self.seen;
        if missing != 0 {
            let key = Figure::Key(u64::from(missing.trailing_zeros()));
            return Err(Refusal::new(Rule::NotCanonical).expected(key));
        }
        if !consistent {
            return Err(Rule::NotCanonical.into());
        }
        match &self.request.body {
            Body::Purchase(purchase) => {
                if let Voting::Foreign(hashes) = &purchase.voting {
                    same_count(hashes.count(), purchase.tickets)?;
                }
                complete_inputs(&purchase.spending)?;
            }
            Body::Send(send) => complete_inputs(&send.spending)?,
            Body::Register(register) => same_count(register.paths.count(), register.tickets.count())?,
        }
        Ok(Request { id: TransferId::from_bytes(*header.id.as_bytes()), ..self.request })
    }
}

fn empty_body<const INPUTS: usize, const TICKETS: usize>(kind: Kind) -> Body<INPUTS, TICKETS> {
    let path = KeyPath::external(Index::FIRST);
    let nobody = Fingerprint::from_bytes([0; 16]);
    let spending = Spending {
        inputs: List::new(Input { parent: 0, output: 0, path, coin: None }),
        parents: List::new(TxId::from_bytes([0; 32])),
    };
    let fee_rate = FeeRate::from_atoms_per_kb(0);
    match kind {
        Kind::Purchase => Body::Purchase(PurchaseRequest {
            spending,
            tickets: 0,
            amount: Amount::ZERO,
            fee_rate,
            first_internal: Index::FIRST,
            voting: Voting::Foreign(List::new(Hash160::ZERO)),
            purse: None,
            expiry: Height(0),
            funding: Funding::Split,
        }),
        Kind::Send => {
            let recipient = Recipient::Address(Payee::KeyHash(Hash160::ZERO));
            let outputs = List::new(Output { recipient, amount: Amount::ZERO });
            Body::Send(SendRequest { spending, outputs, fee_rate, rest: Rest::Sweep })
        }
        Kind::Register => Body::Register(RegisterRequest {
            paths: List::new(path),
            tickets: List::new(TicketBytes::default()),
            fingerprint: nobody,
            first: Index::FIRST,
        }),
    }
}

/// Fills in the coin of every input that spends this output.
fn capture(inputs: &mut [Input], parent: u32, output: &ParentOutput) -> Result<(), Refusal> {
    let spends = |input: &Input| input.parent == parent && input.output == output.index;
    for (number, input) in (0_u32..).zip(inputs).filter(|(_, input)| spends(input)) {
        let refuse = |rule| Refusal::new(rule).at(Part::Input(number));
        if output.script_version != 0 {
            let refusal = refuse(Rule::ScriptVersionUnsupported).found(u32::from(output.script_version).into());
            return Err(refusal.expected(0.into()));
        }
        let Some(payment) = output.payment else { return Err(refuse(Rule::InputScriptUnsupported)) };
        let spendable = !matches!(payment.tag, Some(StakeTag::Submission | StakeTag::Treasury));
        match payment.payee {
            Payee::KeyHash(hash) if spendable => {
                input.coin = Some(Coin { value: output.value, tag: payment.tag, hash });
            }
            _ => return Err(refuse(Rule::InputScriptUnsupported)),
        }
    }
    Ok(())
}

fn complete_inputs<const INPUTS: usize>(spending: &Spending<INPUTS>) -> Result<(), Refusal> {
    for (number, input) in (0_u32..).zip(spending.inputs.as_slice()) {
        if input.coin.is_none() {
            let refusal = Refusal::new(Rule::OutputIndexOutOfRange).at(Part::Input(number));
            return Err(refusal.found(input.output.into()));
        }
    }
    Ok(())
}

fn in_parent(refusal: Refusal, number: u32) -> Refusal {
    if refusal.rule == Rule::ParentMalformed { refusal.at(Part::Parent(number)) } else { refusal }
}

fn same_count(found: u32, expected: u32) -> Result<(), Refusal> {
    let refusal = Refusal::new(Rule::NotCanonical).found(found.into()).expected(expected.into());
    if found == expected { Ok(()) } else { Err(refusal) }
}
