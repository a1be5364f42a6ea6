//! `dcrcold vsp use`: looks at a VSP, pins its key and accepts its fee.

use dcrcold::vsp::{Info, ServerKey, VspAddress};
use dcrcold::vsp_client::VspClient;
use dcrcold::wallet::SystemClock;
use dcrcold_signer::cli::{Failure, FailureKind, Stop};
use serde::Serialize;

use crate::cli::HttpOptions;
use crate::context::Context;
use crate::failure::Explain;

#[derive(Serialize)]
struct Shown {
    address: String,
    key: String,
    pinned_before: bool,
    fee_percent: String,
    version: String,
    voting: u64,
    voted: u64,
    missed: u64,
    wallets_online: u64,
    wallets: u64,
}

pub(super) fn run(
    context: &mut Context,
    address: &VspAddress,
    key: Option<ServerKey>,
    http: &HttpOptions,
) -> Result<(), Stop> {
    let mut wallet = context.wallet()?;
    let pinned = wallet.vsp(address).explain()?.map(|vsp| vsp.key);
    let client = VspClient::new(address.clone(), pinned.or(key), &http.settings());
    let info = client.info().explain()?;
    if let Some(key) = key.filter(|key| *key != info.key) {
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
    let vsp = wallet.use_vsp(address, &info.key, info.fee, &SystemClock).explain()?;
    show(context, &vsp.address, &info, pinned.is_some())
}

fn show(context: &mut Context, address: &VspAddress, info: &Info, pinned_before: bool) -> Result<(), Stop> {
    let shown = Shown {
        address: address.to_string(),
        key: info.key.to_string(),
        pinned_before,
        fee_percent: info.fee.to_string(),
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
        out.line(format_args!("tickets  {} voting, {} voted, {} missed", shown.voting, shown.voted, shown.missed))?;
        out.line(format_args!("wallets  {} of {} online", shown.wallets_online, shown.wallets))?;
        out.line("Purchases are meant for it from now on.")
    })
}
