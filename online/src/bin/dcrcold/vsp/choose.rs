//! `dcrcold vsp use`: looks at a VSP, pins its key and accepts its fee.

use dcrcold::vsp::{Info, ServerKey, VspAddress};
use dcrcold::vsp_client::VspClient;
use dcrcold::wallet::{KnownVsp, SystemClock};
use dcrcold_signer::cli::{Failure, FailureKind, Stop};
use dcrcold_signer::percent::Percent;
use serde::Serialize;

use crate::context::Context;
use crate::failure::Explain;
use crate::progress;

#[derive(Serialize)]
struct Shown {
    address: String,
    key: String,
    pinned_before: bool,
    fee_percent: String,
    fee_percent_before: Option<String>,
    version: String,
    voting: u64,
    voted: u64,
    missed: u64,
    wallets_online: u64,
    wallets: u64,
}

/// What a person knows of the VSP from elsewhere, or takes.
pub(super) struct Expected {
    /// Its key.
    pub(super) key: Option<ServerKey>,
    /// The highest fee.
    pub(super) fee: Option<Percent>,
}

pub(super) fn run(context: &mut Context, address: &VspAddress, expected: &Expected) -> Result<(), Stop> {
    let mut wallet = context.wallet()?;
    let before = wallet.vsp(address).explain()?;
    let pinned = before.as_ref().map(|vsp| vsp.key);
    let client = VspClient::new(address.clone(), pinned.or(expected.key), &super::http(context));
    let asking = progress::waiting("asking the VSP");
    let info = client.info().explain()?;
    drop(asking);
    if let Some(key) = expected.key.filter(|key| *key != info.key) {
        let message = format!("VSP {address} has the key {}, expected {key}", info.key);
        return Err(Failure::new(FailureKind::Refused, message).into());
    }
    if info.network != wallet.network() {
        let message = format!("VSP {address} is on {}, the wallet is for {}", info.network, wallet.network());
        return Err(Failure::new(FailureKind::Refused, message).into());
    }
    if let Some(message) = &info.closed {
        let message = format!("VSP {address} takes no new tickets: \"{message}\"");
        return Err(Failure::new(FailureKind::Refused, message).hint("see dcrcold vsp list").into());
    }
    check_fee(address, info.fee, before.as_ref(), expected.fee)?;
    wallet.use_vsp(address, &info.key, info.fee, &SystemClock).explain()?;
    show(context, address, &info, before.as_ref())
}

/// A fee that rose is a new bargain: whoever runs this to come back to a VSP, or from a script, has not agreed to it.
fn check_fee(
    address: &VspAddress,
    found: Percent,
    before: Option<&KnownVsp>,
    most: Option<Percent>,
) -> Result<(), Failure> {
    let message = match (most, before) {
        (Some(most), _) if found > most => {
            format!("VSP {address} asks for {found} of the reward, expected {most} at most")
        }
        (None, Some(before)) if found > before.fee => {
            format!("VSP {address} raised its fee from {} to {found} of the reward", before.fee)
        }
        _ => return Ok(()),
    };
    let number = found.to_string();
    let number = number.trim_end_matches(" %");
    let hint = format!("accept it with --accept-fee {number}, or choose another VSP of dcrcold vsp list");
    Err(Failure::new(FailureKind::Refused, message).hint("nothing was changed").hint(hint))
}

fn show(context: &mut Context, address: &VspAddress, info: &Info, before: Option<&KnownVsp>) -> Result<(), Stop> {
    let changed = before.map(|before| before.fee).filter(|fee| *fee != info.fee);
    let shown = Shown {
        address: address.to_string(),
        key: info.key.to_string(),
        pinned_before: before.is_some(),
        fee_percent: info.fee.to_string(),
        fee_percent_before: before.map(|before| before.fee.to_string()),
        version: info.version.clone(),
        voting: info.voting,
        voted: info.voted,
        missed: info.missed,
        wallets_online: info.wallets_online,
        wallets: info.wallets,
    };
    context.facts(&shown, |out, shown| {
        out.line(format_args!("VSP      {}", shown.address))?;
        let pinned = if shown.pinned_before { "as before" } else { "pinned now: compare it with the VSP's own page" };
        out.line(format_args!("key      {}", shown.key))?;
        out.line(format_args!("         {pinned}"))?;
        out.line(format_args!("fee      {} of the reward, accepted", shown.fee_percent))?;
        if let Some(before) = changed {
            let how = if info.fee > before { "raised" } else { "lowered" };
            out.line(format_args!("         {how} by the VSP, it was {before}"))?;
        }
        out.line(format_args!("tickets  {} voting, {} voted, {} missed", shown.voting, shown.voted, shown.missed))?;
        out.line(format_args!("wallets  {} of {} online", shown.wallets_online, shown.wallets))?;
        out.line("Purchases are meant for it from now on.")
    })
}
