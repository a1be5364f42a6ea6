//! `limits`: what the signer allows at most.

use dcrcold_core::policy::Limits;
use dcrcold_signer::cli::{Failure, Stop};
use dcrcold_signer::keystore::{Access, KeyStore};
use dcrcold_signer::percent::Percent;
use serde_json::Value;

use crate::cli::{Global, LimitsArgs};
use crate::facts::{Facts, plain};
use crate::output::{Output, tell};
use crate::store;

pub(crate) fn run(global: &Global, args: &LimitsArgs, output: &Output) -> Result<(), Stop> {
    let access = if args.change() { Access::Write } else { Access::Read };
    let mut key_store = store::open(global, access)?;
    let old = *key_store.contents().limits();
    let new = merged(&old, args);
    if new != old || args.forget_signed {
        save(&mut key_store, new, args.forget_signed)?;
    }
    let mut facts = facts(&old, &new, output.json());
    if args.forget_signed {
        facts = facts.with("forgotten", true);
        tell("What was signed is forgotten: the next review says so, and takes indexes as they come.");
    }
    output.facts(&facts)
}

/// The limits, with those that were given in their places.
fn merged(old: &Limits, args: &LimitsArgs) -> Limits {
    Limits {
        ticket: args.ticket.unwrap_or(old.ticket),
        tickets: args.tickets.unwrap_or(old.tickets),
        total: args.total.unwrap_or(old.total),
        fee: args.fee.unwrap_or(old.fee),
        fee_rate: args.fee_rate.unwrap_or(old.fee_rate),
        purse: args.purse.unwrap_or(old.purse),
        headroom: args.headroom.map_or(old.headroom, Percent::hundredths),
        expiry_distance: args.expiry.unwrap_or(old.expiry_distance),
    }
}

fn save(key_store: &mut KeyStore, limits: Limits, forget: bool) -> Result<(), Failure> {
    key_store.update(|contents| {
        contents.set_limits(limits);
        if forget {
            contents.set_history(None);
        }
        Ok(())
    })
}

/// The limits, and what those that changed were before.
fn facts(old: &Limits, new: &Limits, json: bool) -> Facts {
    let (mut facts, mut changed) = (Facts::default(), serde_json::Map::new());
    for ((name, old), (_, new)) in named(old).into_iter().zip(named(new)) {
        facts = match old == new {
            false if !json => facts.text(name, format_args!("{}, was {}", plain(&new), plain(&old))),
            same => {
                if !same {
                    changed.insert(name.to_owned(), old);
                }
                facts.with(name, new)
            }
        };
    }
    if changed.is_empty() { facts } else { facts.with("old", changed) }
}

/// The limits by the names of their options, as they print.
fn named(limits: &Limits) -> [(&'static str, Value); 8] {
    [
        ("ticket", limits.ticket.to_string().into()),
        ("tickets", limits.tickets.into()),
        ("total", limits.total.to_string().into()),
        ("fee", limits.fee.to_string().into()),
        ("fee_rate", limits.fee_rate.to_string().into()),
        ("purse", limits.purse.to_string().into()),
        ("headroom", Percent::from_hundredths(limits.headroom).to_string().into()),
        ("expiry", limits.expiry_distance.into()),
    ]
}
