//! `dcrcold coins`: every coin of the account, and what a person says of some.

mod labels;
mod list;
mod name;

use dcrcold::wallet::{CoinsOf, SystemClock};
use dcrcold_core::request::Label;
use dcrcold_signer::cli::Stop;
use serde::Serialize;

use crate::cli::{CoinsArgs, CoinsCommand};
use crate::context::Context;
use crate::failure::Explain;

pub(crate) use list::{When, origin};
pub(crate) use name::{CoinName, CoinsName};

pub(crate) fn run(context: &mut Context, args: CoinsArgs) -> Result<(), Stop> {
    match args.command {
        None => list::run(context),
        Some(CoinsCommand::Freeze { coins }) => freeze(context, &coins, true),
        Some(CoinsCommand::Thaw { coins }) => freeze(context, &coins, false),
        Some(CoinsCommand::Label { what, text }) => label(context, &what, text.0),
        Some(CoinsCommand::Labels { import: Some(file), .. }) => labels::import(context, &file),
        Some(CoinsCommand::Labels { out, .. }) => labels::export(context, out.as_deref()),
    }
}

#[derive(Serialize)]
struct Frozen {
    coin: String,
    frozen: bool,
    changed: bool,
}

fn freeze(context: &mut Context, names: &[CoinName], frozen: bool) -> Result<(), Stop> {
    let mut wallet = context.wallet()?;
    let coins = CoinName::find_all(names, &wallet)?;
    let changed = wallet.freeze(&coins, frozen, &SystemClock).explain()?;
    let done = coins.iter().zip(changed).map(|(coin, changed)| Frozen { coin: coin.to_string(), frozen, changed });
    let done: Vec<_> = done.collect();
    let name = if frozen { "frozen" } else { "thawed" };
    context.facts(&done, |out, done| {
        done.iter().try_for_each(|it| {
            let before = if it.changed { "" } else { ", as it was before" };
            out.line(format_args!("{}  {name}{before}", it.coin))
        })
    })
}

#[derive(Serialize)]
struct Labelled {
    of: String,
    label: Option<String>,
}

fn label(context: &mut Context, name: &CoinsName, label: Option<Label>) -> Result<(), Stop> {
    let mut wallet = context.wallet()?;
    let what = name.find(&wallet)?;
    wallet.set_label(&what, label).explain()?;
    let of = match what {
        CoinsOf::Coin(coin) => coin.to_string(),
        CoinsOf::Address(address) => address.to_string(),
    };
    let labelled = Labelled { of, label: label.map(|label| label.to_string()) };
    context.facts(&labelled, |out, labelled| match &labelled.label {
        Some(label) => out.line(format_args!("{}  \"{label}\"", labelled.of)),
        None => out.line(format_args!("{}  no label", labelled.of)),
    })
}
