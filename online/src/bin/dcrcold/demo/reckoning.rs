//! The end of the story: the balance, explained line by line and compared with what the wallet says.

use dcrcold::wallet::{Ticket, Wallet};
use dcrcold_core::amount::Amount;
use dcrcold_signer::cli::{Failure, FailureKind, Stop};
use serde::Serialize;

use super::at;
use super::story::{FUNDS, Request, Story, TICKETS};
use crate::failure::Explain;

/// What the story ends with; amounts in atoms.
#[derive(Serialize)]
pub(super) struct Ending {
    received: u64,
    split_fee: u64,
    ticket_fees: u64,
    votes: usize,
    revocations: usize,
    rewards: u64,
    balance: u64,
}

impl Story<'_> {
    /// Explains the balance line by line, and compares it with the wallet's.
    pub(super) fn account(&mut self, wallet: &Wallet, request: &Request) -> Result<Ending, Stop> {
        self.chapter("Every atom accounted for")?;
        let tickets = wallet.tickets().explain()?;
        let fees = request.ticket_fee.checked_mul(TICKETS.into()).unwrap_or_default();
        self.sum("received", '+', FUNDS)?;
        self.sum("fee of the split", '-', request.split_fee)?;
        self.sum(&format!("fees of {TICKETS} tickets"), '-', fees)?;
        let mut rewards = Amount::ZERO;
        for ticket in &tickets {
            let reward = reward(ticket);
            rewards = rewards.checked_add(reward).unwrap_or_default();
            let ending = ticket.ending.map_or(("ended", None), |ending| (ending.how.name(), ending.height));
            self.sum(&format!("{:.8}.. {} in block {}", ticket.id.to_string(), ending.0, at(ending.1)), '+', reward)?;
        }
        let total = FUNDS.checked_sub(request.split_fee).and_then(|sum| sum.checked_sub(fees));
        let total = total.and_then(|sum| sum.checked_add(rewards)).unwrap_or_default();
        let balance = wallet.balance().explain()?;
        self.sum("makes", '=', total)?;
        self.sum("the wallet has", '=', balance.spendable)?;
        if balance.spendable != total || balance.total() != total {
            let message = format!("the wallet has {}, expected {total}", balance.total());
            return Err(Failure::new(FailureKind::Failed, message).into());
        }
        let votes = tickets.iter().filter(|ticket| reward(ticket) > Amount::ZERO).count();
        Ok(Ending {
            received: FUNDS.atoms(),
            split_fee: request.split_fee.atoms(),
            ticket_fees: fees.atoms(),
            votes,
            revocations: tickets.len() - votes,
            rewards: rewards.atoms(),
            balance: balance.total().atoms(),
        })
    }

    fn sum(&mut self, what: &str, sign: char, amount: Amount) -> Result<(), Stop> {
        self.say(&format!("{what:<40} {sign} {:>16}", format!("{amount:#}")))
    }
}

/// What the ending of a ticket paid beyond what the ticket locked.
fn reward(ticket: &Ticket) -> Amount {
    ticket.ending.and_then(|ending| ending.paid.checked_sub(ticket.price)).unwrap_or_default()
}
