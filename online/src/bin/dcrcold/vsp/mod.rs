//! `dcrcold vsp`: lets a VSP vote.

mod choices;
mod choose;
mod evidence;
mod keys;
mod list;
mod register;
mod status;
mod work;

use dcrcold::voter::HotVoter;
use dcrcold::vsp::VspAddress;
use dcrcold::vsp_client::HttpSettings;
use dcrcold::wallet::purchase::PurchaseError;
use dcrcold::wallet::{KnownVsp, Wallet};
use dcrcold_core::hash::Fingerprint;
use dcrcold_signer::cli::{Failure, FailureKind, Stop};

use crate::cli::{PassphraseOption, VspCommand};
use crate::context::Context;
use crate::failure::Explain;
use crate::voter;

pub(crate) fn run(context: &mut Context, command: VspCommand) -> Result<(), Stop> {
    match command {
        VspCommand::List { list_url } => list::run(context, &list_url),
        VspCommand::Use { address, key, accept_fee } => {
            choose::run(context, &address, &choose::Expected { key, fee: accept_fee })
        }
        VspCommand::Register(args) => register::run(context, &args),
        VspCommand::Status => status::run(context),
        VspCommand::Choices(args) => choices::run(context, &args),
        VspCommand::Evidence(args) => evidence::run(context, &args),
    }
}

/// How VSPs are reached.
fn http(context: &Context) -> HttpSettings {
    HttpSettings { proxy: context.common.peer.proxy, ..HttpSettings::default() }
}

/// The voter that was named, or the only one whose hot keys are here.
fn hot_voter(context: &Context, named: Option<Fingerprint>) -> Result<Fingerprint, Failure> {
    voter::chosen(&voter::folder(context)?, named)
}

/// Opens the hot keys of a voter.
fn hot_keys(context: &Context, voter: &Fingerprint, passphrase: &PassphraseOption) -> Result<HotVoter, Failure> {
    let folder = voter::folder(context)?;
    let voter = voter::chosen(&folder, Some(*voter))?;
    voter::unsealed(&voter::sealed(&folder, &voter)?, &passphrase.get()?).explain()
}

/// The VSP that was named, or the chosen one; its key is pinned already.
pub(crate) fn known(wallet: &Wallet, named: Option<&VspAddress>) -> Result<KnownVsp, Failure> {
    match named {
        Some(address) => {
            let known = wallet.vsp(address).explain()?;
            known.ok_or_else(|| PurchaseError::UnknownVsp { vsp: address.clone() }).explain()
        }
        None => wallet.chosen_vsp().explain()?.ok_or_else(|| {
            Failure::new(FailureKind::Usage, "no VSP is chosen").hint("choose one with: dcrcold vsp use ADDRESS")
        }),
    }
}
