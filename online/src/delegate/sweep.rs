//! Brings what is in a purse home to the account: after its hot file leaked, or when it is needed no more.

use dcrcold_core::amount::Amount;
use dcrcold_core::fees::{self, Outputs};
use dcrcold_core::hash::{Fingerprint, TxId};
use dcrcold_signer::address::Address;
use dcrcold_signer::hd::HdError;
use dcrcold_signer::tx::sighash::SighashError;
use dcrcold_signer::tx::{Transaction, TxIn, TxOut};

use super::fee_tx::{FEE_RATE, sign};
use crate::chain::{ChainError, ChainSource};
use crate::voter::HotVoter;
use crate::wallet::{Clock, PurseCoin, Receive, Wallet, WalletError};

/// Coins that one sweep spends; it must stay small enough to be relayed.
const MOST_COINS: usize = 500;

/// Coins on their way from a purse to the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sweep {
    /// The transaction.
    pub id: TxId,
    /// How many coins it spends.
    pub coins: usize,
    /// What arrives.
    pub amount: Amount,
    /// What the transaction takes for its place in a block.
    pub fee: Amount,
}

/// What a purse keeps for one reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// How many coins.
    pub coins: usize,
    /// What they are worth.
    pub amount: Amount,
}

impl Kept {
    fn of(coins: &[PurseCoin]) -> Result<Self, WalletError> {
        let amount = Amount::checked_sum(coins.iter().map(|coin| coin.value));
        let what = "a purse holds more than can exist";
        let amount = amount.ok_or_else(|| WalletError::Damaged { what: what.into() })?;
        Ok(Self { coins: coins.len(), amount })
    }
}

/// What became of the coins of a purse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Emptied {
    /// Sweeps of before that wait to be mined; they were sent again.
    pub before: Vec<Sweep>,
    /// The sweep that was sent now, and the address that it pays.
    pub sent: Option<(Sweep, Address)>,
    /// Stays: fee transactions that are not mined mean to spend it.
    pub in_fees: Kept,
    /// Stays until it is mined.
    pub unmined: Kept,
    /// Stays until coinbases may be spent.
    pub immature: Kept,
    /// Stays: bringing it home costs more than it is worth.
    pub dust: Kept,
    /// Stays: one transaction holds no more.
    pub beyond: Kept,
}

/// Why a purse is not emptied.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SweepError {
    /// The wallet failed.
    #[error(transparent)]
    Wallet(#[from] WalletError),
    /// The chain cannot be asked. A sweep that was written down is sent again by the next call, or by a sync.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// A key cannot be derived.
    #[error(transparent)]
    Keys(#[from] HdError),
    /// The transaction cannot be signed.
    #[error(transparent)]
    Sign(#[from] SighashError),
    /// The wallet does not watch this purse.
    #[error("voter {fingerprint} is not known")]
    UnknownVoter {
        /// Whose hot keys they are.
        fingerprint: Fingerprint,
    },
    /// The network refuses the transaction; the coins are in the purse as before.
    #[error("the network refused transaction {id}: {reason}")]
    Rejected {
        /// The transaction.
        id: TxId,
        /// The node's reason.
        reason: String,
    },
    /// The transaction was sent, and nobody shows it yet; the same one is sent again until it is mined.
    #[error("transaction {id} was sent and is not seen yet: none of {of} peers shows it")]
    Unseen {
        /// The transaction.
        id: TxId,
        /// How many peers were asked.
        of: usize,
    },
    /// Another process spent some of the coins meanwhile.
    #[error("another dcrcold pays from this purse")]
    Elsewhere,
}

/// Sends the free coins of a voter's purse to the address that the account hands out, in one transaction.
///
/// It is written down before it is sent. Called again before it is mined, it sends the same one again; called once there
/// is nothing to bring home, it does nothing. The wallet should be synced: what it does not know, it does not bring home.
///
/// # Errors
/// [`SweepError`]; nothing was sent, or what was sent is written down.
pub fn empty_purse(
    wallet: &mut Wallet,
    keys: &HotVoter,
    source: &mut dyn ChainSource,
    clock: &dyn Clock,
) -> Result<Emptied, SweepError> {
    let voter = keys.fingerprint();
    if !wallet.voters()?.iter().any(|known| known.fingerprint(wallet.network()) == voter) {
        return Err(SweepError::UnknownVoter { fingerprint: voter });
    }
    let before = send_again(wallet, &voter, source)?;
    let parts = wallet.coins_of_purse(&voter)?;
    let (mut coins, mut dust) = worth_bringing(parts.free);
    let beyond = coins.split_off(coins.len().min(MOST_COINS));
    let total = Kept::of(&coins)?.amount;
    let inputs = u32::try_from(coins.len()).unwrap_or(u32::MAX);
    // All that is left is the change of a transaction that pays nobody.
    let home = fees::divide(total, Amount::ZERO, inputs, Outputs::default(), FEE_RATE).ok();
    let sent = match home.and_then(|home| home.change) {
        Some(amount) => Some(send_new(wallet, keys, &coins, amount, source, clock)?),
        None => {
            dust.append(&mut coins);
            None
        }
    };
    Ok(Emptied {
        before,
        sent,
        in_fees: Kept::of(&parts.in_fees)?,
        unmined: Kept::of(&parts.unmined)?,
        immature: Kept::of(&parts.immature)?,
        dust: Kept::of(&dust)?,
        beyond: Kept::of(&beyond)?,
    })
}

/// Sends the sweeps that wait to be mined once more; one that the network does not take now is made anew.
fn send_again(
    wallet: &mut Wallet,
    voter: &Fingerprint,
    source: &mut dyn ChainSource,
) -> Result<Vec<Sweep>, SweepError> {
    let mut sent = Vec::new();
    for tx in wallet.waiting_sweeps(voter)? {
        match source.send(&tx) {
            Ok(_) | Err(ChainError::AlreadyKnown | ChainError::Unseen { .. }) => sent.push(sweep_of(wallet, &tx)?),
            Err(ChainError::Rejected { .. }) => wallet.forget_sweep(&tx.id())?,
            Err(error) => return Err(error.into()),
        }
    }
    Ok(sent)
}

/// Parts coins that are worth more than their place in a block costs from dust.
fn worth_bringing(coins: Vec<PurseCoin>) -> (Vec<PurseCoin>, Vec<PurseCoin>) {
    let fee = |inputs| FEE_RATE.fee(Outputs::default().size(inputs)).unwrap_or_default();
    let cost = fee(1).checked_sub(fee(0)).unwrap_or_default();
    coins.into_iter().partition(|coin| coin.value > cost)
}

/// Signs a sweep, writes it down and sends it.
fn send_new(
    wallet: &mut Wallet,
    keys: &HotVoter,
    coins: &[PurseCoin],
    amount: Amount,
    source: &mut dyn ChainSource,
    clock: &dyn Clock,
) -> Result<(Sweep, Address), SweepError> {
    let (_, address) = wallet.receive(Receive::Current, clock)?;
    let inputs = coins.iter().map(|coin| TxIn::unsigned(coin.outpoint, coin.value.into())).collect();
    let outputs = vec![TxOut::new(amount, &address.script())];
    let mut tx = Transaction { version: 1, inputs, outputs, lock_time: 0, expiry: 0 };
    sign::<SweepError>(&mut tx, coins, keys)?;
    if !wallet.write_sweep(&keys.fingerprint(), &tx)? {
        return Err(SweepError::Elsewhere);
    }
    match source.send(&tx) {
        Ok(_) | Err(ChainError::AlreadyKnown) => Ok((sweep_of(wallet, &tx)?, address)),
        Err(ChainError::Unseen { of }) => Err(SweepError::Unseen { id: tx.id(), of }),
        Err(ChainError::Rejected { reason }) => {
            let id = tx.id();
            wallet.forget_sweep(&id)?;
            Err(SweepError::Rejected { id, reason })
        }
        Err(error) => Err(error.into()),
    }
}

fn sweep_of(wallet: &Wallet, tx: &Transaction) -> Result<Sweep, WalletError> {
    let amount = tx.outputs.first().and_then(|output| output.value.amount().ok()).unwrap_or_default();
    let fee = wallet.payment_fee(tx)?.unwrap_or_default();
    Ok(Sweep { id: tx.id(), coins: tx.inputs.len(), amount, fee })
}
