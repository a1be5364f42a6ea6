//! Prepares a payment.

use dcrcold_core::amount::{Amount, FeeRate};
use dcrcold_core::fees::{DUST, KEY_HASH_SCRIPT, Outputs, SCRIPT_HASH_SCRIPT};
use dcrcold_core::hash::TxId;
use dcrcold_core::path::{AccountPath, Index};
use dcrcold_core::request::{self, Claim, Label, Output, Recipient};
use dcrcold_core::script::Payee;
use dcrcold_signer::transfer::{InputRef, Send};

use super::choose::{Prefer, Target, Unchosen, choose, take_all};
use super::parents::Parents;
use super::{PrepareError, Spendable};

/// What becomes of what the payments leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rest {
    /// It returns to this internal index.
    Change(Index),
    /// Somebody gets it: every coin is spent, the most valuable first.
    All(Payee),
    /// It returns to this internal index, with what at most so many coins were worth, the least valuable first.
    Joined {
        /// The index.
        change: Index,
        /// How many coins at least.
        least: usize,
        /// And at most.
        most: usize,
    },
}

/// What to pay.
#[derive(Clone, Debug)]
pub struct Payment {
    /// The spending account.
    pub account: AccountPath,
    /// Who is paid how much, in the order of the outputs.
    pub paid: Vec<(Payee, Amount)>,
    /// What becomes of the rest.
    pub rest: Rest,
    /// The fee rate.
    pub fee_rate: FeeRate,
    /// What is known of the chain; there is no price.
    pub claim: Claim,
    /// What to call the request.
    pub label: Option<Label>,
}

/// Prepares a payment from at most `most_inputs` of `coins`.
///
/// `prefix` finds the prefix serialisation of a stored transaction.
///
/// # Errors
/// [`PrepareError`].
pub fn payment(
    payment: Payment,
    coins: &[Spendable],
    most_inputs: usize,
    prefix: impl FnMut(&TxId) -> Option<Vec<u8>>,
) -> Result<(Send, Vec<Spendable>), PrepareError> {
    let mut parents = Parents::new(prefix);
    let target = payment.target()?;
    let chosen = match payment.rest {
        Rest::Change(_) => choose(&target, coins, most_inputs, Prefer::FewAddresses, &mut parents),
        Rest::All(_) => {
            let mut sorted: Vec<_> = coins.iter().collect();
            sorted.sort_by_key(|coin| (std::cmp::Reverse(coin.value), coin.parent, coin.output));
            take_all(&target, sorted, most_inputs, &mut parents)
        }
        Rest::Joined { most, .. } => {
            let mut sorted: Vec<_> = coins.iter().collect();
            sorted.sort_by_key(|coin| (coin.value, coin.parent, coin.output));
            take_all(&target, sorted, most_inputs.min(most), &mut parents)
        }
    };
    let chosen = chosen.map_err(unchosen)?;
    payment.check_rest(&target, &chosen)?;
    let (inputs, parents) = parents.inputs(&chosen)?;
    Ok((payment.into_request(inputs, parents), chosen))
}

fn unchosen(unchosen: Unchosen) -> PrepareError {
    match unchosen {
        Unchosen::Short { needed, found } => PrepareError::PaymentShort { needed, found },
        Unchosen::Overflow => PrepareError::PaymentOverflow,
        Unchosen::Failed(error) => error,
    }
}

const fn script_length(payee: &Payee) -> u32 {
    if payee.is_script() { SCRIPT_HASH_SCRIPT } else { KEY_HASH_SCRIPT }
}

impl Payment {
    fn target(&self) -> Result<Target, PrepareError> {
        for (number, (_, amount)) in (1..).zip(&self.paid) {
            if *amount < DUST {
                return Err(PrepareError::Dust { number, amount: *amount, least: DUST });
            }
        }
        let spent = Amount::checked_sum(self.paid.iter().map(|(_, amount)| *amount));
        let spent = spent.ok_or(PrepareError::PaymentOverflow)?;
        let mut outputs = self.paid.iter().fold(Outputs::default(), |sum, (payee, _)| sum.with(script_length(payee)));
        match &self.rest {
            Rest::Change(_) => {}
            Rest::All(payee) => outputs = outputs.with(script_length(payee)),
            Rest::Joined { .. } => outputs = outputs.with(KEY_HASH_SCRIPT),
        }
        Ok(Target { spent, outputs, fee_rate: self.fee_rate })
    }

    /// Sees that what takes the rest gets enough to be relayed.
    fn check_rest(&self, target: &Target, chosen: &[Spendable]) -> Result<(), PrepareError> {
        if let Rest::Change(_) = self.rest {
            return Ok(());
        }
        if matches!(self.rest, Rest::Joined { least, .. } if chosen.len() < least) {
            return Err(PrepareError::NothingToJoin { found: chosen.len() });
        }
        let found = Amount::checked_sum(chosen.iter().map(|coin| coin.value)).ok_or(PrepareError::PaymentOverflow)?;
        let fee = target.fee(chosen.len()).ok_or(PrepareError::PaymentOverflow)?;
        let needed = Amount::checked_sum([target.spent, fee]).ok_or(PrepareError::PaymentOverflow)?;
        let needed = needed.checked_add(DUST).ok_or(PrepareError::PaymentOverflow)?;
        if found >= needed {
            Ok(())
        } else if target.spent > Amount::ZERO {
            Err(PrepareError::PaymentShort { needed, found })
        } else {
            Err(PrepareError::NothingLeft { found, fee })
        }
    }

    fn into_request(self, inputs: Vec<InputRef>, parents: Vec<Vec<u8>>) -> Send {
        let output = |(payee, amount)| Output { recipient: Recipient::Address(payee), amount };
        let mut outputs: Vec<_> = self.paid.into_iter().map(output).collect();
        let rest = match self.rest {
            Rest::Change(change) | Rest::Joined { change, .. } => request::Rest::Change(change),
            Rest::All(payee) => {
                // What it takes is worked out where the transaction is built.
                outputs.push(output((payee, Amount::ZERO)));
                request::Rest::Sweep
            }
        };
        Send {
            account: self.account,
            inputs,
            outputs,
            fee_rate: self.fee_rate,
            rest,
            claim: self.claim,
            label: self.label,
            parents,
        }
    }
}
