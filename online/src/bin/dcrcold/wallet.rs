//! `dcrcold wallet`: makes a wallet from a watch file, and shows which account it watches.

use std::path::Path;

use dcrcold::wallet::{SystemClock, Wallet, WalletError};
use dcrcold_core::net::Network;
use dcrcold_core::path::AccountPath;
use dcrcold_core::request::{HEADER_LENGTH, MAX_BODY};
use dcrcold_signer::cli::{Failure, FailureKind, Stop};
use dcrcold_signer::device::{SpendingAccount, coin_type};
use dcrcold_signer::file::{self, FileError};
use dcrcold_signer::receive::{Keeper, Wanted};
use dcrcold_signer::scanning::{Arrived, Scan};
use dcrcold_signer::transfer::{Capacity, Container, Content, WatchExport};
use serde::Serialize;

use crate::cli::{ImportArgs, WalletCommand};
use crate::context::Context;
use crate::device::{self, Device};
use crate::failure::Explain;

/// The largest transfer that is read.
pub(crate) const LARGEST_TRANSFER: usize = MAX_BODY as usize + HEADER_LENGTH;

#[derive(Serialize)]
struct Shown {
    file: String,
    name: String,
    network: String,
    account: String,
    extended_public_key: String,
    birthday: u32,
    searched_to: u32,
    signer_takes_inputs: u32,
    signer_takes_tickets: u32,
}

pub(crate) fn run(context: &mut Context, command: WalletCommand) -> Result<(), Stop> {
    match command {
        WalletCommand::Import(args) => import(context, &args),
        WalletCommand::Show => {
            let wallet = context.wallet()?;
            show(context, &wallet)
        }
        WalletCommand::Backup { file } => backup(context, &file),
    }
}

#[derive(Serialize)]
struct Copied {
    file: String,
    searched_to: u32,
}

fn backup(context: &mut Context, file: &Path) -> Result<(), Stop> {
    let wallet = context.wallet()?;
    if file.symlink_metadata().is_ok() {
        return Err(FileError::Exists { path: file.to_owned() }).explain().map_err(Stop::from);
    }
    wallet.copy_to(file).explain()?;
    let copied = Copied { file: file.display().to_string(), searched_to: wallet.height().explain()?.0 };
    context.facts(&copied, |out, copied| {
        out.line(format_args!("copied to    {}", copied.file))?;
        out.line(format_args!("searched     to block {}", copied.searched_to))
    })
}

fn import(context: &mut Context, args: &ImportArgs) -> Result<(), Stop> {
    let path = context.wallet_path()?;
    if args.codes.is_given() && !args.scan {
        let failure = Failure::new(FailureKind::Usage, "a source of codes is named, but nothing is to be scanned");
        return Err(failure.hint("give --scan").into());
    }
    let mut scanned = None;
    let (network, export) = match &args.file {
        Some(file) => from_file(file)?,
        None if args.scan => from_container(scanned.insert(scan(context, args, &path)?).transfer())?,
        None => (args.network, from_device(context, args, &path)?),
    };
    file::make_folder_of(&path).explain()?;
    let wallet = Wallet::create(&path, network, &export, args.birthday, &SystemClock).explain()?;
    if let Some(scanned) = scanned {
        scanned.done();
    }
    show(context, &wallet)?;
    context.next("`dcrcold sync`, which searches the chain for coins.");
    Ok(())
}

/// Scans what a signer exports.
fn scan(context: &Context, args: &ImportArgs, path: &Path) -> Result<Arrived, Failure> {
    // Nobody scans for a wallet that cannot be made.
    if path.symlink_metadata().is_ok() {
        return Err(WalletError::Exists { path: path.to_owned() }).explain();
    }
    let (wanted, keeper) = (Wanted::WatchExport, Some(Keeper::beside(path)));
    let scan = Scan { title: "dcrcold: scan", wanted, network: None, keeper, plain: context.common.json };
    scan.run(args.codes.prepare()?)
}

fn from_file(file: &Path) -> Result<(Network, WatchExport), Failure> {
    from_container(&Container::parse(&file::read(file, LARGEST_TRANSFER).explain()?).explain()?)
}

fn from_container(container: &Container) -> Result<(Network, WatchExport), Failure> {
    Ok((container.network(), WatchExport::from_container(container).explain()?))
}

/// Makes what a signer exports from the device's own replies.
fn from_device(context: &Context, args: &ImportArgs, path: &Path) -> Result<WatchExport, Failure> {
    // Nobody is asked on the device for a wallet that cannot be made.
    if path.symlink_metadata().is_ok() {
        return Err(WalletError::Exists { path: path.to_owned() }).explain();
    }
    let account = AccountPath { coin_type: coin_type(args.network), account: args.account };
    let of = SpendingAccount { network: args.network, account };
    let (found, capacity) = match device::open(context, &args.device)? {
        Device::Own(mut session) => {
            let found = session.account(of, &mut |progress| device::tell(context, &progress)).explain()?;
            (found, session.capabilities().capacity)
        }
        // The account is the same in our app, which buys the tickets.
        Device::Stock(mut app) => (app.account(of).explain()?, Capacity::DEVICE),
    };
    Ok(found.export(of, capacity, args.name.clone()))
}

fn show(context: &mut Context, wallet: &Wallet) -> Result<(), Stop> {
    let export = wallet.export();
    let shown = Shown {
        file: context.wallet_path()?.display().to_string(),
        name: export.name.to_string(),
        network: wallet.network().to_string(),
        account: export.account.to_string(),
        extended_public_key: export.extended_key(wallet.network()).to_string(),
        birthday: wallet.birthday().0,
        searched_to: wallet.height().explain()?.0,
        signer_takes_inputs: export.capacity.inputs,
        signer_takes_tickets: export.capacity.tickets,
    };
    context.facts(&shown, |out, shown| {
        out.line(format_args!("wallet       {}", shown.file))?;
        out.line(format_args!("account      \"{}\", {} on {}", shown.name, shown.account, shown.network))?;
        let searched = match shown.searched_to {
            height if height < shown.birthday => "nothing yet".to_owned(),
            height => format!("to block {height}"),
        };
        out.line(format_args!("searched     from block {}, {searched}", shown.birthday))?;
        out.line(format_args!(
            "signer       takes {} inputs and {} tickets in a request",
            shown.signer_takes_inputs, shown.signer_takes_tickets
        ))?;
        out.line(&shown.extended_public_key)
    })
}
