//! `dcrcold demo`: the whole path on an embedded network, and chores on such a network for scripts.

mod cold;
mod device;
mod programs;
mod reckoning;
mod story;

use std::path::Path;

use dcrcold::chain::sim::{SETTLED, Settings, Sim};
use dcrcold_core::amount::{Amount, Height};
use dcrcold_core::net::Network;
use dcrcold_signer::address::Address;
use dcrcold_signer::cli::{Failure, FailureKind, Stop};
use serde::Serialize;

use crate::cli::{DemoArgs, DemoCommand};
use crate::context::Context;
use crate::failure::Explain;
use crate::progress;

pub(crate) fn run(context: &mut Context, args: &DemoArgs) -> Result<(), Stop> {
    match &args.command {
        None => story::run(context, args),
        Some(DemoCommand::New { folder, seed }) => new(context, folder, *seed),
        Some(DemoCommand::Mine { folder, blocks }) => mine(context, folder, *blocks),
        Some(DemoCommand::Undo { folder, blocks }) => undo(context, folder, *blocks),
        Some(DemoCommand::Fund { folder, address, amount }) => fund(context, folder, address, *amount),
    }
}

#[derive(Serialize)]
struct Tip {
    height: u32,
    block: String,
}

fn new(context: &mut Context, folder: &Path, seed: u64) -> Result<(), Stop> {
    let mut sim = Sim::create(folder, Settings::new(seed)).explain()?;
    let mining = progress::waiting("mining");
    sim.mine_to(SETTLED).explain()?;
    drop(mining);
    show_tip(context, &mut sim)
}

fn mine(context: &mut Context, folder: &Path, blocks: u32) -> Result<(), Stop> {
    let mut sim = Sim::open(folder).explain()?;
    let mining = progress::waiting("mining");
    sim.mine(blocks).explain()?;
    drop(mining);
    show_tip(context, &mut sim)
}

fn undo(context: &mut Context, folder: &Path, blocks: u32) -> Result<(), Stop> {
    let mut sim = Sim::open(folder).explain()?;
    sim.undo(blocks).explain()?;
    show_tip(context, &mut sim)
}

fn show_tip(context: &mut Context, sim: &mut Sim) -> Result<(), Stop> {
    let tip = sim.tip().explain()?;
    let shown = Tip { height: tip.height.0, block: tip.hash.to_string() };
    context.facts(&shown, |out, shown| out.line(format_args!("at block {}: {}", shown.height, shown.block)))
}

#[derive(Serialize)]
struct Funded {
    transaction: String,
    address: String,
    amount: u64,
}

fn fund(context: &mut Context, folder: &Path, address: &str, amount: Amount) -> Result<(), Stop> {
    let address =
        Address::parse(address, Network::Simnet).map_err(|error| Failure::new(FailureKind::Malformed, error))?;
    let id = Sim::open(folder).explain()?.fund(&address.script(), amount).explain()?;
    let shown = Funded { transaction: id.to_string(), address: address.to_string(), amount: amount.atoms() };
    let money = context.money();
    context.facts(&shown, |out, shown| {
        out.line(format_args!("{} to {}, with the next block", money.of(amount), shown.address))?;
        out.line(&shown.transaction)
    })
}

/// The blocks in which the chain grows, for messages.
fn at(height: Option<Height>) -> String {
    height.map_or_else(|| "?".to_owned(), |height| height.to_string())
}
