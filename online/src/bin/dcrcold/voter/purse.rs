//! `dcrcold voter rotate --empty-purse`: what is in the purse of a voter whose hot keys leaked comes home.

use dcrcold::delegate::{Emptied, Kept, Sweep, empty_purse};
use dcrcold::plural::count;
use dcrcold::wallet::{SystemClock, Wallet};
use dcrcold_core::hash::Fingerprint;
use dcrcold_signer::cli::{Failure, Stop};
use serde::Serialize;

use super::{chosen, folder, sealed, unsealed};
use crate::cli::PassphraseOption;
use crate::context::Context;
use crate::failure::Explain;
use crate::money::Money;
use crate::screen::Screen;
use crate::sync::sync;

/// A sweep; amounts in atoms.
#[derive(Serialize)]
struct Sent {
    transaction: String,
    coins: usize,
    amount: u64,
    fee: u64,
}

/// What stays for one reason.
#[derive(Serialize)]
struct Stays {
    coins: usize,
    amount: u64,
}

#[derive(Serialize)]
struct Left {
    in_fees: Stays,
    unmined: Stays,
    immature: Stays,
    dust: Stays,
    beyond: Stays,
}

#[derive(Serialize)]
struct Shown {
    voter: String,
    sent: Option<Sent>,
    address: Option<String>,
    /// Sent before, and waits to be mined.
    before: Vec<Sent>,
    left: Left,
    /// How many tickets with VSPs wait for fees from this purse.
    tickets_waiting: usize,
    /// Whether purchases still name the voter and fill its purse.
    is_named: bool,
}

pub(super) fn empty(context: &mut Context, voter: Fingerprint, passphrase: &PassphraseOption) -> Result<(), Stop> {
    let folder = folder(context)?;
    let container = sealed(&folder, &chosen(&folder, Some(voter))?)?;
    let keys = unsealed(&container, &passphrase.get()?).explain()?;
    let mut wallet = context.wallet()?;
    let mut source = context.source(wallet.network())?;
    sync(&mut wallet, source.as_mut())?;
    let emptied = empty_purse(&mut wallet, &keys, source.as_mut(), &SystemClock).explain()?;
    let shown = shown(&emptied, &wallet, &voter)?;
    let money = context.money();
    context.facts(&shown, |out, shown| lines(out, &emptied, shown, money))
}

/// How many tickets with VSPs wait for fees from a purse.
pub(super) fn waiting_tickets(wallet: &Wallet, voter: &Fingerprint) -> Result<usize, Failure> {
    let rows = wallet.vsp_tickets().explain()?;
    Ok(rows.iter().filter(|row| row.voter == *voter && row.state.is_unpaid()).count())
}

fn shown(emptied: &Emptied, wallet: &Wallet, voter: &Fingerprint) -> Result<Shown, Failure> {
    let stays = |kept: &Kept| Stays { coins: kept.coins, amount: kept.amount.atoms() };
    let Emptied { before, sent, in_fees, unmined, immature, dust, beyond } = emptied;
    Ok(Shown {
        voter: voter.to_string(),
        sent: sent.as_ref().map(|(sweep, _)| Sent::from(sweep)),
        address: sent.as_ref().map(|(_, address)| address.to_string()),
        before: before.iter().map(Sent::from).collect(),
        left: Left {
            in_fees: stays(in_fees),
            unmined: stays(unmined),
            immature: stays(immature),
            dust: stays(dust),
            beyond: stays(beyond),
        },
        tickets_waiting: waiting_tickets(wallet, voter)?,
        is_named: wallet.own_voter().is_some_and(|own| own.fingerprint(wallet.network()) == *voter),
    })
}

impl From<&Sweep> for Sent {
    fn from(it: &Sweep) -> Self {
        Self { transaction: it.id.to_string(), coins: it.coins, amount: it.amount.atoms(), fee: it.fee.atoms() }
    }
}

fn lines(out: &mut Screen, emptied: &Emptied, shown: &Shown, money: Money) -> Result<(), Stop> {
    if let Some((sweep, address)) = &emptied.sent {
        out.line(format_args!("{} of {} sent home, to {address}", money.of(sweep.amount), count(sweep.coins, "coin")))?;
        out.line(format_args!("transaction  {}", sweep.id))?;
        out.line(format_args!("fee          {}", money.of(sweep.fee)))?;
    }
    for sweep in &emptied.before {
        out.line(format_args!(
            "{} of {} sent before, not mined yet",
            money.of(sweep.amount),
            count(sweep.coins, "coin")
        ))?;
        out.line(format_args!("transaction  {}", sweep.id))?;
    }
    let kept = [
        (emptied.in_fees, "VSP fees that are not mined yet; their change can come home then"),
        (emptied.unmined, "until mined; run this again then"),
        (emptied.immature, "until the coinbases that they come from may be spent"),
        (emptied.dust, "worth less than it costs to bring home"),
        (emptied.beyond, "more than one transaction holds; run this again"),
    ];
    for (kept, why) in kept.iter().filter(|(kept, _)| kept.coins > 0) {
        out.line(format_args!("{} of {} left: {why}", money.of(kept.amount), count(kept.coins, "coin")))?;
    }
    if kept.iter().all(|(kept, _)| kept.coins == 0) {
        out.line(format_args!("nothing is left in the purse of voter {}", shown.voter))?;
    }
    if shown.tickets_waiting > 0 {
        let tickets = count(shown.tickets_waiting, "ticket");
        out.line(format_args!("{tickets} with VSPs wait for fees from this purse: dcrcold vsp status --json"))?;
    }
    if shown.is_named {
        out.line("purchases still name this voter; how to change over: dcrcold voter rotate")?;
    }
    Ok(())
}
