//! The transaction that pays the fees of several tickets from the purse.

use dcrcold_core::amount::{Amount, FeeRate};
use dcrcold_core::fees::{self, Outputs};
use dcrcold_core::hash::SIGHASH_ALL;
use dcrcold_core::path::{Index, VoterAccount};
use dcrcold_core::script::{Payee, Payment};
use dcrcold_signer::hd::HdError;
use dcrcold_signer::tx::sighash::SighashError;
use dcrcold_signer::tx::{Transaction, TxIn, TxOut, signature_hash, signature_script};

use super::{DelegateError, Refusal};
use crate::voter::HotVoter;
use crate::wallet::PurseCoin;
use crate::wallet::vsp_tickets::Fee;

/// The fee rate of transactions that a purse pays for, the least that nodes relay.
pub(super) const FEE_RATE: FeeRate = FeeRate::RELAY_MINIMUM;

/// Pays fees with the coins that must be spent and as few of the others as it takes; the change goes to purse key
/// `change`. Says whether there is change.
///
/// # Errors
/// [`Refusal::PurseShort`], or why it cannot be signed.
pub(super) fn build(
    fees: &[Fee],
    (must, may): (&[PurseCoin], &[PurseCoin]),
    change: Index,
    keys: &HotVoter,
) -> Result<(Transaction, bool), DelegateError> {
    let scripts: Vec<_> = fees.iter().map(|fee| fee.address.script()).collect();
    let size = |script: &Vec<u8>| u32::try_from(script.len()).unwrap_or(u32::MAX);
    let counted = scripts.iter().fold(Outputs::default(), |sum, script| sum.with(size(script)));
    let overflow = || Refusal::PurseShort { needed: Amount::default(), found: Amount::default() };
    let spent = Amount::checked_sum(fees.iter().map(|fee| fee.amount)).ok_or_else(overflow)?;
    let mut coins = must.to_vec();
    let mut rest = may.iter();
    let remainder = loop {
        let total = Amount::checked_sum(coins.iter().map(|coin| coin.value)).ok_or_else(overflow)?;
        let inputs = u32::try_from(coins.len()).unwrap_or(u32::MAX);
        match fees::divide(total, spent, inputs, counted, FEE_RATE) {
            Ok(remainder) if !coins.is_empty() => break remainder,
            result => match (rest.next(), result) {
                (Some(coin), _) => coins.push(*coin),
                (None, Err(short)) => {
                    let refusal = Refusal::PurseShort { needed: short.needed.unwrap_or(spent), found: total };
                    return Err(refusal.into());
                }
                (None, Ok(_)) => return Err(Refusal::PurseShort { needed: spent, found: total }.into()),
            },
        }
    };
    let mut outputs: Vec<_> = fees.iter().zip(&scripts).map(|(fee, script)| TxOut::new(fee.amount, script)).collect();
    if let Some(amount) = remainder.change {
        let payee = Payee::KeyHash(keys.public().hash(VoterAccount::Purse, change)?);
        outputs.push(TxOut::new(amount, Payment { tag: None, payee }.script().as_bytes()));
    }
    let inputs = coins.iter().map(|coin| TxIn::unsigned(coin.outpoint, coin.value.into())).collect();
    let mut tx = Transaction { version: 1, inputs, outputs, lock_time: 0, expiry: 0 };
    sign::<DelegateError>(&mut tx, &coins, keys)?;
    Ok((tx, remainder.change.is_some()))
}

/// Signs each input with the purse key of its coin, in the same order.
pub(super) fn sign<E: From<HdError> + From<SighashError>>(
    tx: &mut Transaction,
    coins: &[PurseCoin],
    keys: &HotVoter,
) -> Result<(), E> {
    for (position, coin) in coins.iter().enumerate() {
        let key = keys.key(VoterAccount::Purse, coin.index)?;
        let payee = Payee::KeyHash(key.public_key().hash());
        let script = Payment { tag: None, payee }.script();
        let digest = signature_hash(tx, position, script.as_bytes(), SIGHASH_ALL)?;
        let signature = key.sign(&digest);
        if let Some(input) = tx.inputs.get_mut(position) {
            input.signature_script = signature_script(&signature, &key.public_key());
        }
    }
    Ok(())
}
