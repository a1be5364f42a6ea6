//! `dcrcold stakeinfo`: the ticket price and when it changes.

use dcrcold_core::net::Network;
use dcrcold_signer::cli::Stop;
use serde::Serialize;

use crate::context::Context;
use crate::failure::Explain;

/// Amounts in atoms.
#[derive(Serialize)]
struct Shown {
    network: String,
    height: u32,
    price: u64,
    blocks_left: u32,
    minutes_left: u32,
    next_window_min: u64,
    next_window_expected: u64,
    next_window_max: u64,
}

pub(crate) fn run(context: &mut Context, network: Option<Network>) -> Result<(), Stop> {
    let network = match network {
        Some(network) => network,
        None => context.wallet()?.network(),
    };
    let price = context.source(network)?.price().explain()?;
    let seconds = price.blocks_left.saturating_mul(network.params().target_block_seconds);
    let shown = Shown {
        network: network.to_string(),
        height: price.tip.height.0,
        price: price.next.atoms(),
        blocks_left: price.blocks_left,
        minutes_left: seconds / 60,
        next_window_min: price.estimate.min.atoms(),
        next_window_expected: price.estimate.expected.atoms(),
        next_window_max: price.estimate.max.atoms(),
    };
    context.facts(&shown, |out, shown| {
        out.line(format_args!("{} at block {}", shown.network, shown.height))?;
        out.line(format_args!("ticket price    {}", price.next))?;
        out.line(format_args!("for             {} blocks, about {} minutes", shown.blocks_left, shown.minutes_left))?;
        out.line(format_args!("then, expected  {}", price.estimate.expected))?;
        out.line(format_args!("      at least  {}", price.estimate.min))?;
        out.line(format_args!("      at most   {}", price.estimate.max))
    })
}
