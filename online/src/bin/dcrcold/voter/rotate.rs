//! `dcrcold voter rotate`: the next generation of the own voter, after its hot keys leaked.

use std::path::Path;

use dcrcold::wallet::{SystemClock, Ticket, TicketState, Wallet};
use dcrcold_core::amount::Amount;
use dcrcold_core::hash::Fingerprint;
use dcrcold_core::path::{Generation, Index, VoterAccount};
use dcrcold_core::script::Payee;
use dcrcold_signer::cli::{Failure, FailureKind, Stop};
use dcrcold_signer::transfer::Container;
use dcrcold_signer::voter::VoterKeys;
use serde::Serialize;

use super::purse::waiting_tickets;
use super::{folder, unsealed, wallet_of};
use crate::cli::PassphraseOption;
use crate::context::Context;
use crate::failure::Explain;
use crate::money::Money;
use crate::submit::read;

/// What the leak of a generation means and what answers it.
#[derive(Serialize)]
struct Plan {
    leaked: String,
    generation: u8,
    next_generation: Option<u8>,
    live_tickets: Vec<String>,
    /// In the purse, in atoms.
    purse: u64,
    steps: Vec<String>,
}

#[derive(Serialize)]
struct Rotated {
    fingerprint: String,
    generation: u8,
    before: String,
    live_tickets: Vec<String>,
    /// In the purse of the voter before, in atoms.
    purse_before: u64,
}

pub(super) fn run(context: &mut Context, file: Option<&Path>, passphrase: &PassphraseOption) -> Result<(), Stop> {
    match file {
        None => plan(context),
        Some(file) => rotate(context, file, passphrase),
    }
}

fn own(wallet: &Wallet) -> Result<(VoterKeys, Generation), Failure> {
    let generation = wallet.export().own_voter.as_ref().map(|own| own.generation);
    wallet.own_voter().zip(generation).ok_or_else(|| {
        Failure::new(FailureKind::Failed, "the wallet's account has no voter of its own")
            .hint("a foreign voter is replaced by another one: dcrcold voter new")
    })
}

fn plan(context: &mut Context) -> Result<(), Stop> {
    let wallet = context.wallet()?;
    let (voter, generation) = own(&wallet)?;
    let next = Generation::new(u64::from(generation.number()) + 1);
    let number = next.map_or_else(|| "NUMBER".to_owned(), |next| next.to_string());
    let live_tickets = live_tickets(&wallet, &voter)?;
    let leaked = voter.fingerprint(wallet.network());
    let purse = wallet.purse_of(&leaked).explain()?;
    let mut steps = purse_steps(&leaked, purse, waiting_tickets(&wallet, &leaked)?, context.money());
    steps.extend([
        format!("cold side: dcrcold-signer export hot --generation {number} --out FILE"),
        "here: dcrcold voter rotate FILE; purchases name the new voter from then on".to_owned(),
    ]);
    if !live_tickets.is_empty() {
        steps.push(
            "keep `dcrcold voter run` running with the old hot keys too, until the live tickets have voted".into(),
        );
        steps.push(
            "live tickets at a VSP: their old alt-sign key stays, so look at what they vote: dcrcold vsp status --json"
                .into(),
        );
    }
    if purse == Amount::ZERO {
        steps.push(format!("its purse is empty; what still gets there comes home with: {}", empty_purse(&leaked)));
    }
    let (leaked, generation, purse) = (leaked.to_string(), generation.number(), purse.atoms());
    let next_generation = next.map(Generation::number);
    let plan = Plan { leaked, generation, next_generation, live_tickets, purse, steps };
    context.facts(&plan, |out, plan| {
        out.line(format_args!("own voter {}, generation {}", plan.leaked, plan.generation))?;
        if plan.next_generation.is_none() {
            out.line("this was the last of 16 generations: use a voter with a seed of its own (dcrcold voter new)")?;
        }
        out.line(format_args!("{} live tickets vote with its keys; nobody can change that", plan.live_tickets.len()))?;
        out.line("whoever has the hot file can vote with them, and never gets their coins")?;
        plan.live_tickets.iter().try_for_each(|ticket| out.line(format_args!("  {ticket}")))?;
        (1..).zip(&plan.steps).try_for_each(|(number, step)| out.line(format_args!("{number}. {step}")))
    })
}

/// What to do at once: whoever has the hot file can spend the purse.
fn purse_steps(leaked: &Fingerprint, purse: Amount, waiting: usize, money: Money) -> Vec<String> {
    let mut steps = Vec::new();
    if purse > Amount::ZERO && waiting > 0 {
        steps.push(format!(
            "{waiting} tickets wait for fees from its purse; to use it up: dcrcold vsp register --voter {leaked}"
        ));
    }
    if purse > Amount::ZERO {
        steps.push(format!("at once, as {} are in its purse: {}", money.of(purse), empty_purse(leaked)));
    }
    steps
}

fn empty_purse(voter: &Fingerprint) -> String {
    format!("dcrcold voter rotate --empty-purse {voter}")
}

fn rotate(context: &mut Context, file: &Path, passphrase: &PassphraseOption) -> Result<(), Stop> {
    let bytes = read(file)?;
    let container = Container::parse(&bytes).explain()?;
    let hot = unsealed(&container, &passphrase.get()?).explain()?;
    let Some(mut wallet) = wallet_of(context, container.network(), false)? else { return Ok(()) };
    let (before, _) = own(&wallet)?;
    let (account, generation) = hot.origin();
    let expected = wallet.export().account.account;
    if account != expected {
        let message = format!("the hot file is of account {account}, the wallet watches account {expected}");
        return Err(Failure::new(FailureKind::Malformed, message).into());
    }
    let fingerprint = wallet.rotate_own_voter(generation, &hot.public(), &SystemClock).explain()?;
    folder(context)?.keep(&fingerprint, &bytes).explain()?;
    let leaked = before.fingerprint(wallet.network());
    let purse = wallet.purse_of(&leaked).explain()?;
    let rotated = Rotated {
        fingerprint: fingerprint.to_string(),
        generation: generation.number(),
        before: leaked.to_string(),
        live_tickets: live_tickets(&wallet, &before)?,
        purse_before: purse.atoms(),
    };
    let money = context.money();
    context.facts(&rotated, |out, rotated| {
        let Rotated { fingerprint, generation, before, live_tickets, .. } = rotated;
        out.line(format_args!("purchases name voter {fingerprint} from now on, generation {generation}"))?;
        out.line(format_args!("{} live tickets still vote with the keys of {before}", live_tickets.len()))?;
        if purse > Amount::ZERO {
            out.line(format_args!(
                "its purse still holds {}; bring that home: {}",
                money.of(purse),
                empty_purse(&leaked)
            ))?;
        }
        Ok(())
    })
}

/// The tickets that a voter can still be called to vote with.
fn live_tickets(wallet: &Wallet, voter: &VoterKeys) -> Result<Vec<String>, Failure> {
    let highest = wallet.highest_voter_index(voter).explain()?;
    let mut keys = Vec::new();
    for number in 0..=highest.number() {
        let Some(index) = Index::new(number.into()) else { break };
        keys.push(Payee::KeyHash(voter.hash(VoterAccount::Voting, index).map_err(Failure::from)?));
    }
    let (network, tip) = (wallet.network(), wallet.height().explain()?);
    let can_vote = |ticket: &Ticket| {
        matches!(ticket.state(network, tip), TicketState::Unmined | TicketState::Immature | TicketState::Live)
    };
    let tickets = wallet.tickets().explain()?;
    let live = tickets.iter().filter(|ticket| can_vote(ticket) && keys.contains(&ticket.voting));
    Ok(live.map(|ticket| ticket.id.to_string()).collect())
}
