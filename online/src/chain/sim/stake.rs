//! What is asked of tickets, votes and revocations beyond their form.
//!
//! Source: dcrd `internal/blockchain/validate.go` (`checkTicketPurchaseInputs`, `checkVoteInputs`,
//! `checkRevocationInputs`, `checkTicketRedeemerCommitments`).

use std::sync::Arc;

use dcrcold_core::amount::Amount;
use dcrcold_core::net::Network;
use dcrcold_core::script::{Payment, StakeTag};
use dcrcold_signer::stake::payout::{revocation_payouts, vote_payouts};
use dcrcold_signer::stake::subsidy::vote_subsidy;
use dcrcold_signer::stake::ticket::{FeeLimits, Share, Ticket};
use dcrcold_signer::stake::vote::{TICKET_INPUT, Vote};
use dcrcold_signer::tx::{OutPoint, Transaction, TxKind, TxOut};

use super::coins::{Coin, View};
use super::params::SIMNET;
use super::spend::Place;
use super::violation::{Rule, Violation};

/// The exponent of a fee limit from which on everything may go as fee.
const UNLIMITED_FEE: u8 = 63;

/// Checks what only stake transactions are asked; others pass.
pub(super) fn check(tx: &Transaction, kind: TxKind, place: Place<'_>, view: &impl View) -> Result<(), Violation> {
    match kind {
        TxKind::Ticket => check_ticket(tx, view),
        TxKind::Vote => check_vote(tx, place, view),
        TxKind::Revocation => check_revocation(tx, place, view),
        _ => Ok(()),
    }
}

/// A ticket commits to every input in full, less its change.
fn check_ticket(tx: &Transaction, view: &impl View) -> Result<(), Violation> {
    let ticket = Ticket::read(tx).map_err(|error| Rule::TicketCommitment.broken(error.to_string()))?;
    for (input, share) in tx.inputs.iter().zip(&ticket.shares) {
        let coin = coin(view, &input.previous)?;
        let payment = Payment::recognise(&coin.output.script);
        let fits = payment.is_some_and(|payment| {
            matches!(payment.tag, None | Some(StakeTag::Vote | StakeTag::Revocation | StakeTag::Change))
        });
        Rule::TicketInputScript.require(fits, || {
            format!("ticket spends {}, which has a script that tickets may not spend", input.previous)
        })?;
        let (committed, change) = (share.commitment.amount, share.change);
        Rule::TicketCommitment.require(committed.checked_add(change) == Some(coin.value), || {
            format!("ticket commits to {committed} and returns {change} of {}", coin.value)
        })?;
    }
    Ok(())
}

fn check_vote(tx: &Transaction, place: Place<'_>, view: &impl View) -> Result<(), Violation> {
    let vote = Vote::read(tx).map_err(|error| Rule::InvalidVoteInput.broken(error.to_string()))?;
    let height = vote.ballot.height;
    let subsidy = vote_subsidy(Network::Simnet, height);
    let claimed = tx.inputs.first().map(|input| input.value_in).unwrap_or_default();
    Rule::BadStakebaseAmountIn.require(claimed == subsidy.into(), || {
        format!("vote claims a subsidy of {} atoms, for height {height} it is {subsidy}", claimed.0)
    })?;
    let ticket = mature_ticket(tx, TICKET_INPUT, Rule::InvalidVoteInput, place, view)?;
    let due = vote_payouts(ticket.price, subsidy, &ticket.contributions());
    let extra = usize::from(!vote.ballot.treasury.is_empty());
    let payouts = tx.outputs.get(Vote::FIRST_PAYOUT..tx.outputs.len() - extra).unwrap_or_default();
    check_payouts(StakeTag::Vote, payouts, &ticket.shares, due)
}

fn check_revocation(tx: &Transaction, place: Place<'_>, view: &impl View) -> Result<(), Violation> {
    let ticket = mature_ticket(tx, 0, Rule::InvalidRevokeInput, place, view)?;
    let due = revocation_payouts(ticket.price, &ticket.contributions(), place.parent);
    check_payouts(StakeTag::Revocation, &tx.outputs, &ticket.shares, due)
}

/// The ticket that an input of `tx` spends, old enough to vote or to be revoked.
fn mature_ticket(
    tx: &Transaction,
    input: usize,
    rule: Rule,
    place: Place<'_>,
    view: &impl View,
) -> Result<Arc<Ticket>, Violation> {
    let outpoint = tx.inputs.get(input).map_or(OutPoint::NONE, |input| input.previous);
    rule.require(outpoint.index == 0, || format!("{outpoint} is not the first output of a ticket"))?;
    let coin = coin(view, &outpoint)?;
    let ticket = coin.ticket.ok_or_else(|| rule.broken(format!("{outpoint} is not of a ticket")))?;
    let (age, maturity) = (coin.origin.age(place.height), SIMNET.ticket_maturity + 1);
    Rule::ImmatureTicketSpend.require(age.is_some_and(|age| age >= maturity), || {
        format!("ticket {outpoint} is {} blocks old, it can be spent after {maturity}", age.unwrap_or_default())
    })?;
    Ok(ticket)
}

fn coin(view: &impl View, outpoint: &OutPoint) -> Result<Coin, Violation> {
    view.coin(outpoint)
        .ok_or_else(|| Rule::MissingTxOut.broken(format!("output {outpoint} does not exist or is spent")))
}

/// Checks that `payouts` pay what is `due` to each of the ticket's shares.
fn check_payouts(
    tag: StakeTag,
    payouts: &[TxOut],
    shares: &[Share],
    due: Option<Vec<Amount>>,
) -> Result<(), Violation> {
    let due = due.ok_or_else(|| Rule::BadPayeeValue.broken("the ticket's commitments are all zero"))?;
    Rule::BadNumPayees.require(payouts.len() == shares.len(), || {
        format!("{} payouts for {} commitments", payouts.len(), shares.len())
    })?;
    for (index, ((payout, share), due)) in payouts.iter().zip(shares).zip(due).enumerate() {
        let payee = share.commitment.payee;
        let payment = Payment::recognise(&payout.script).filter(|payment| payment.tag == Some(tag));
        let same_kind = payment.is_some_and(|payment| payment.payee.is_script() == payee.is_script());
        Rule::BadPayeeScriptType.require(same_kind, || {
            format!("payout {index} does not pay the kind of script that the ticket commits to")
        })?;
        Rule::MismatchedPayeeHash.require(payment.is_some_and(|payment| payment.payee == payee), || {
            format!("payout {index} pays another hash than {}", payee.hash())
        })?;
        let limits = FeeLimits(share.commitment.limits);
        let least = if tag == StakeTag::Vote { least_payout(due, limits) } else { due };
        let paid = payout.value.amount().ok().filter(|paid| (least..=due).contains(paid));
        Rule::BadPayeeValue
            .require(paid.is_some(), || format!("payout {index} pays {} atoms, {due} are due", payout.value.0))?;
    }
    Ok(())
}

/// What a vote must pay at least where `due` is due.
fn least_payout(due: Amount, limits: FeeLimits) -> Amount {
    let fee = match limits.vote() {
        None => 0,
        Some(exponent) if exponent < UNLIMITED_FEE => 1_u64 << exponent,
        Some(_) => u64::MAX,
    };
    Amount::from_atoms(due.atoms().saturating_sub(fee)).unwrap_or(Amount::ZERO)
}
