//! The builder of plain sends: addresses and purses are paid, the rest returns or is swept.

use crate::amount::{Amount, Height};
use crate::fees::{self, Outputs, Remainder};
use crate::hash::{Hash160, Sink, TxId};
use crate::list::List;
use crate::purchase::{put_spending, total};
use crate::request::{Rest, SendRequest};
use crate::rule::{Part, Refusal, Rule};
use crate::script::{Payee, Payment};
use crate::wire::{put_count, put_end, put_output, put_version};

/// An output as it will be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paid {
    /// Who is paid.
    pub payee: Payee,
    /// How much.
    pub amount: Amount,
}

/// A send whose inputs are ours and whose amounts work out.
#[derive(Clone, Debug)]
pub struct Send<const INPUTS: usize, const TICKETS: usize> {
    pub(crate) request: SendRequest<INPUTS, TICKETS>,
    pub(crate) paid: List<Paid, TICKETS>,
    pub(crate) change_key: Option<Hash160>,
    pub(crate) remainder: Remainder,
    pub(crate) id: TxId,
}

impl<const INPUTS: usize, const TICKETS: usize> Send<INPUTS, TICKETS> {
    pub(crate) const BLANK: Self = Self {
        request: SendRequest::BLANK,
        paid: List::new(Paid { payee: Payee::KeyHash(Hash160::ZERO), amount: Amount::ZERO }),
        change_key: None,
        remainder: Remainder { fee: Amount::ZERO, change: None },
        id: TxId::from_bytes([0; 32]),
    };

    /// The parameters.
    #[must_use]
    pub const fn request(&self) -> &SendRequest<INPUTS, TICKETS> {
        &self.request
    }

    /// The outputs in order, change not among them.
    #[must_use]
    pub fn paid(&self) -> &[Paid] {
        self.paid.as_slice()
    }

    /// Fee and change.
    #[must_use]
    pub const fn remainder(&self) -> &Remainder {
        &self.remainder
    }

    /// The id of the transaction.
    #[must_use]
    pub const fn id(&self) -> &TxId {
        &self.id
    }

    /// Writes the prefix of the transaction.
    pub fn write(&self, sink: &mut impl Sink) {
        put_version(sink);
        put_spending(&self.request.spending, sink);
        let change = self.remainder.change.zip(self.change_key);
        put_count(sink, self.paid.count().saturating_add(u32::from(change.is_some())));
        for paid in self.paid.as_slice() {
            put_output(sink, paid.amount, Payment { tag: None, payee: paid.payee }.script().as_bytes());
        }
        if let Some((change, key)) = change {
            put_output(sink, change, Payment::to_key(key).script().as_bytes());
        }
        put_end(sink, Height(0));
    }
}

/// Works out fee and change, and in a sweep what the last output takes.
///
/// # Errors
/// [`Rule::FundsShort`], [`Rule::DustOutput`], [`Rule::AmountZero`], [`Rule::AmountOverflow`].
pub(crate) fn divide<const INPUTS: usize, const TICKETS: usize>(
    request: &SendRequest<INPUTS, TICKETS>,
    paid: &mut List<Paid, TICKETS>,
) -> Result<Remainder, Refusal> {
    let total = total(&request.spending)?;
    let inputs = request.spending.inputs.count();
    let outputs = paid.as_slice().iter().fold(Outputs::default(), |sum, paid| sum.with(script_length(paid.payee)));
    let spent = Amount::checked_sum(paid.as_slice().iter().map(|paid| paid.amount)).ok_or(Rule::AmountOverflow)?;
    let short = |needed: Option<Amount>| {
        let refusal = Refusal::new(Rule::FundsShort).found(total.into());
        needed.map_or(refusal, |needed| refusal.expected(needed.into()))
    };
    let remainder = match request.rest {
        Rest::Change(_) => {
            fees::divide(total, spent, inputs, outputs, request.fee_rate).map_err(|lack| short(lack.needed))?
        }
        Rest::Sweep => {
            let fee = request.fee_rate.fee(outputs.size(inputs)).ok_or(Rule::AmountOverflow)?;
            let needed = spent.checked_add(fee);
            let swept = needed.and_then(|needed| total.checked_sub(needed)).ok_or(short(needed))?;
            let last = paid.as_mut_slice().last_mut().ok_or(Rule::NotCanonical)?;
            if last.amount != Amount::ZERO {
                return Err(Rule::NotCanonical.into());
            }
            last.amount = swept;
            Remainder { fee, change: None }
        }
    };
    if paid.is_empty() && remainder.change.is_none() {
        return Err(short(None));
    }
    check_outputs(paid.as_slice())?;
    Ok(remainder)
}

fn check_outputs(paid: &[Paid]) -> Result<(), Refusal> {
    for (number, paid) in (0_u32..).zip(paid) {
        let refuse = |rule| Refusal::new(rule).at(Part::Output(number)).found(paid.amount.into());
        if paid.amount == Amount::ZERO {
            return Err(refuse(Rule::AmountZero));
        }
        if paid.amount < fees::DUST {
            return Err(refuse(Rule::DustOutput).expected(fees::DUST.into()));
        }
    }
    Ok(())
}

const fn script_length(payee: Payee) -> u32 {
    if payee.is_script() { fees::SCRIPT_HASH_SCRIPT } else { fees::KEY_HASH_SCRIPT }
}
