//! What is asked of the outputs that a transaction spends: that they are there, ripe, of a form it may spend, and worth
//! enough.
//!
//! Source: dcrd `internal/blockchain/validate.go` (`CheckTransactionInputs`).

use dcrcold_core::amount::{Amount, Height};
use dcrcold_core::script::{Payment, StakeTag};
use dcrcold_signer::block::BlockHeader;
use dcrcold_signer::tx::{Transaction, TxIn, TxKind};

use super::coins::{Coin, View};
use super::params::SIMNET;
use super::stake;
use super::violation::{Rule, Violation};

/// The block that a transaction would be in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    /// The height of the block.
    pub(super) height: Height,
    /// The header before it.
    pub(super) parent: &'a BlockHeader,
}

/// Whether the witness must say where the outputs spent are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Claims {
    /// As in a block.
    Checked,
    /// As in the mempool, which fills them in.
    Ignored,
}

/// Checks the inputs of `tx` in a block at `place` and gives its fee. Signatures are another matter.
pub(super) fn check(
    tx: &Transaction,
    kind: TxKind,
    place: Place<'_>,
    view: &impl View,
    claims: Claims,
) -> Result<Amount, Violation> {
    stake::check(tx, kind, place, view)?;
    let mut sum = Amount::ZERO;
    for (index, input) in tx.inputs.iter().enumerate() {
        let value = if index == 0 && kind == TxKind::Vote {
            // That it is the subsidy was checked with the vote.
            input.value_in.amount().unwrap_or_default()
        } else {
            let coin = view.coin(&input.previous).ok_or_else(|| missing(input))?;
            check_coin(kind, place.height, input, &coin)?;
            if claims == Claims::Checked {
                check_claims(input, &coin)?;
            }
            coin.value
        };
        sum = sum
            .checked_add(value)
            .ok_or_else(|| Rule::BadTxOutValue.broken(format!("inputs 0 to {index} exceed 21,000,000 DCR")))?;
    }
    let out = Amount::checked_sum(tx.outputs.iter().map(|output| output.value.amount().unwrap_or_default()));
    let out = out.ok_or_else(|| Rule::BadTxOutValue.broken("outputs exceed 21,000,000 DCR"))?;
    sum.checked_sub(out).ok_or_else(|| Rule::SpendTooHigh.broken(format!("inputs are worth {sum}, outputs {out}")))
}

fn missing(input: &TxIn) -> Violation {
    Rule::MissingTxOut.broken(format!("output {} does not exist or is spent", input.previous))
}

/// Checks that a transaction of `kind` in a block at `height` may spend `coin`.
fn check_coin(kind: TxKind, height: Height, input: &TxIn, coin: &Coin) -> Result<(), Violation> {
    let outpoint = input.previous;
    if kind != TxKind::Regular && coin.origin.height == Some(height) {
        return Err(Rule::MissingTxOut.broken(format!("stake transaction spends {outpoint} of its own block")));
    }
    let age = coin.origin.age(height);
    for ripening in ripenings(coin) {
        let blocks = ripening.blocks;
        ripening.rule.require(age.is_some_and(|age| age >= blocks), || {
            let age = age.unwrap_or_default();
            format!("{} {outpoint} is {age} blocks old, it can be spent after {blocks}", ripening.what)
        })?;
    }
    let redeems = matches!(kind, TxKind::Vote | TxKind::Revocation);
    Rule::TxSStxOutSpend.require(redeems || tag(coin) != Some(StakeTag::Submission), || {
        format!("only a vote or a revocation spends the ticket {outpoint}")
    })
}

/// Whether `coin` is old enough to be spent at `height`.
pub(super) fn is_ripe(coin: &Coin, height: Height) -> bool {
    let age = coin.origin.age(height);
    ripenings(coin).all(|ripening| age.is_some_and(|age| age >= ripening.blocks))
}

/// A reason why a coin cannot be spent at once.
struct Ripening {
    rule: Rule,
    what: &'static str,
    blocks: u32,
}

fn ripenings(coin: &Coin) -> impl Iterator<Item = Ripening> {
    let long = SIMNET.coinbase_maturity;
    let ripening = |rule, what, blocks| Ripening { rule, what, blocks };
    let coinbase = coin.origin.coinbase.then(|| ripening(Rule::ImmatureSpend, "coinbase output", long));
    let expires = coin.origin.expires;
    let expires = expires.then(|| ripening(Rule::ExpiryTxSpentEarly, "output of a transaction with an expiry", long));
    let tagged = match tag(coin) {
        Some(StakeTag::Vote | StakeTag::Revocation) => Some(("vote or revocation output", long)),
        Some(StakeTag::Change) => Some(("ticket change", SIMNET.ticket_change_maturity)),
        _ => None,
    };
    let tagged = tagged.map(|(what, blocks)| ripening(Rule::ImmatureSpend, what, blocks));
    coinbase.into_iter().chain(expires).chain(tagged)
}

fn tag(coin: &Coin) -> Option<StakeTag> {
    Payment::recognise(&coin.output.script)?.tag
}

/// Checks that the witness says truly what the input spends and where it is.
fn check_claims(input: &TxIn, coin: &Coin) -> Result<(), Violation> {
    let outpoint = input.previous;
    Rule::FraudAmountIn.require(input.value_in == coin.value.into(), || {
        format!("input claims {} atoms for {outpoint}, which is worth {}", input.value_in.0, coin.value)
    })?;
    let height = coin.origin.height.unwrap_or_default();
    Rule::FraudBlockHeight.require(input.block_height == height.0, || {
        format!("input claims that {outpoint} is in block {}, it is in {height}", input.block_height)
    })?;
    Rule::FraudBlockIndex.require(input.block_index == coin.origin.index, || {
        let (claimed, index) = (input.block_index, coin.origin.index);
        format!("input claims that {outpoint} is of transaction {claimed} of its block, it is of {index}")
    })
}
