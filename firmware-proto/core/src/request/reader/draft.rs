//! A request under way: takes values and parents, and sees at the end that it is whole.

use super::row::{Row, account, claim};
use super::values::{
    KEY_ACCOUNT, KEY_CLAIM, KEY_FOREIGN, KEY_FORM, KEY_INTERNAL, KEY_LABEL, KEY_PARENTS, KEY_PURSE,
    KEY_TICKETS_OR_OUTPUTS, KEY_VOTER, commit_purchase, commit_register, commit_send,
};
use crate::net::Network;
use crate::parent::{ParentOutput, ParentReader};
use crate::request::header::{Header, Kind};
use crate::request::shape::required;
use crate::request::{Coin, Input, Label, Landing, Parameters, PurchaseRequest, SendRequest, Spending, Voting};
use crate::rule::{Figure, Part, Refusal, Rule};
use crate::script::{Payee, StakeTag};
use crate::ticket::TicketBytes;

/// A request under way. Places that were not filled yet hold values that `close` never lets through.
pub(super) struct Draft<const INPUTS: usize, const TICKETS: usize, L> {
    network: Network,
    seen: u16,
    parent: ParentReader,
    pub(super) landing: L,
}

impl<const INPUTS: usize, const TICKETS: usize, L> Draft<INPUTS, TICKETS, L> {
    pub(super) const fn new(landing: L) -> Self {
        Self { network: Header::BLANK.network, seen: 0, parent: ParentReader::new(), landing }
    }
}

impl<const INPUTS: usize, const TICKETS: usize, L: Landing<INPUTS, TICKETS>> Draft<INPUTS, TICKETS, L> {
    /// Begins a request.
    pub(super) fn start(&mut self, header: &Header) {
        (self.network, self.seen) = (header.network, 0);
        self.landing.open(header);
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
    pub(super) fn expect_items(&mut self, key: u64, items: u64) -> Result<(), Refusal> {
        let (inputs, tickets) = (INPUTS as u64, TICKETS as u64);
        let (rule, room) = match (self.landing.places().parameters, key) {
            (Parameters::Register(_), _) => (Rule::TicketsAboveLimit, tickets),
            (_, KEY_FOREIGN) => (Rule::TicketsAboveLimit, tickets),
            (Parameters::Send(_), KEY_TICKETS_OR_OUTPUTS) => (Rule::TooLarge, tickets),
            _ => (Rule::TooLarge, inputs),
        };
        if items > room {
            return Err(Refusal::new(rule).found(Figure::Number(items)).expected(Figure::Number(room)));
        }
        if key == KEY_PARENTS { self.expect_parents(items) } else { Ok(()) }
    }

    /// Refuses an input whose parent will not come.
    fn expect_parents(&mut self, parents: u64) -> Result<(), Refusal> {
        let Some(spending) = spending(self.landing.places().parameters) else { return Ok(()) };
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
        let places = self.landing.places();
        match key {
            KEY_ACCOUNT => *places.account = account(self.network, row)?,
            KEY_CLAIM => *places.claim = claim(row)?,
            KEY_LABEL => *places.label = Some(Label::new(row.string()).ok_or(Rule::LabelUnprintable)?),
            _ => match places.parameters {
                Parameters::Purchase(purchase) => commit_purchase(purchase, key, row)?,
                Parameters::Send(send) => commit_send(send, key, row)?,
                Parameters::Register(register) => commit_register(register, key, row)?,
            },
        }
        Ok(())
    }

    pub(super) fn begin_parent(&mut self) {
        self.parent = const { ParentReader::new() };
        if let Parameters::Register(register) = self.landing.places().parameters {
            // There is room: the number of items was checked.
            let _ = register.tickets.push(TicketBytes::BLANK);
        }
    }

    pub(super) fn parent_bytes(&mut self, bytes: &[u8]) -> Result<(), Refusal> {
        let number = self.parent_number();
        match self.landing.places().parameters {
            Parameters::Purchase(PurchaseRequest { spending, .. }) | Parameters::Send(SendRequest { spending, .. }) => {
                let inputs = spending.inputs.as_mut_slice();
                let captured = self.parent.push(bytes, |output| capture(inputs, number, output));
                captured.map_err(|refusal| in_parent(refusal, number))
            }
            Parameters::Register(register) => match register.tickets.as_mut_slice().last_mut() {
                Some(ticket) => ticket.put(bytes).map_err(|refusal| refusal.at(Part::Ticket(number))),
                None => Err(Rule::NotCanonical.into()),
            },
        }
    }

    #[inline(never)]
    pub(super) fn end_parent(&mut self) -> Result<(), Refusal> {
        let number = self.parent_number();
        let Some(spending) = spending(self.landing.places().parameters) else { return Ok(()) };
        let id = self.parent.finish().map_err(|refusal| in_parent(refusal, number))?;
        if spending.parents.as_slice().contains(&id) {
            return Err(Refusal::new(Rule::ParentDuplicate).at(Part::Parent(number)));
        }
        if !spending.inputs.as_slice().iter().any(|input| input.parent == number) {
            return Err(Refusal::new(Rule::ParentUnused).at(Part::Parent(number)));
        }
        spending.parents.push(id).map_err(|_| Rule::TooLarge.into())
    }

    /// The number of the parent that is being read.
    fn parent_number(&mut self) -> u32 {
        match self.landing.places().parameters {
            Parameters::Purchase(purchase) => purchase.spending.parents.count(),
            Parameters::Send(send) => send.spending.parents.count(),
            Parameters::Register(register) => register.tickets.count().saturating_sub(1),
        }
    }

    /// Ends the request: everything that must be there is, and nothing contradicts.
    #[inline(never)]
    pub(super) fn close(&mut self, header: &Header) -> Result<(), Refusal> {
        let required = required(header.kind);
        let consistent = match header.kind {
            Kind::Purchase => {
                let (foreign, direct) = (self.has(KEY_FOREIGN), self.has(KEY_FORM));
                self.has(KEY_VOTER) != foreign && !(self.has(KEY_PURSE) && (direct || foreign))
            }
            Kind::Send => self.has(KEY_INTERNAL) != self.has(KEY_FORM),
            Kind::Register => true,
        };
        let missing = required & !self.seen;
        if missing != 0 {
            let key = Figure::Key(u64::from(missing.trailing_zeros()));
            return Err(Refusal::new(Rule::NotCanonical).expected(key));
        }
        if !consistent {
            return Err(Rule::NotCanonical.into());
        }
        match self.landing.places().parameters {
            Parameters::Purchase(purchase) => {
                if let Voting::Foreign(hashes) = &purchase.voting {
                    same_count(hashes.count(), purchase.tickets)?;
                }
                complete_inputs(&purchase.spending)
            }
            Parameters::Send(send) => complete_inputs(&send.spending),
            Parameters::Register(register) => same_count(register.paths.count(), register.tickets.count()),
        }
    }
}

/// What a request spends; a registration spends nothing.
fn spending<const INPUTS: usize, const TICKETS: usize>(
    parameters: Parameters<'_, INPUTS, TICKETS>,
) -> Option<&mut Spending<INPUTS>> {
    match parameters {
        Parameters::Purchase(PurchaseRequest { spending, .. }) | Parameters::Send(SendRequest { spending, .. }) => {
            Some(spending)
        }
        Parameters::Register(_) => None,
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
