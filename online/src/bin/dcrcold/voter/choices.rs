//! `dcrcold voter choices`: what a voter votes for.

use std::collections::BTreeMap;

use dcrcold::voter::choices;
use dcrcold::vsp::{Preferences, TreasuryPolicy};
use dcrcold_core::net::Network;
use dcrcold_signer::cli::{Failure, Stop};
use dcrcold_signer::stake::choices::agendas;
use serde::Serialize;

use super::{chosen, folder, sealed};
use crate::cli::ChoicesArgs;
use crate::context::Context;
use crate::failure::Explain;

/// The word of somebody who has no opinion.
const ABSTAIN: &str = "abstain";

#[derive(Serialize)]
struct Shown {
    voter: String,
    network: String,
    agendas: Vec<Choice>,
    treasury_keys: BTreeMap<String, String>,
    treasury_spends: BTreeMap<String, String>,
}

#[derive(Serialize)]
struct Choice {
    agenda: &'static str,
    description: &'static str,
    choice: String,
    possible: Vec<&'static str>,
}

pub(super) fn run(context: &mut Context, args: &ChoicesArgs) -> Result<(), Stop> {
    let folder = folder(context)?;
    let voter = chosen(&folder, args.voter.voter)?;
    let network = sealed(&folder, &voter)?.network();
    let path = folder.choices_file(&voter);
    let before = choices::load(&path);
    let before = if args.clear { Preferences::default() } else { before.explain()? };
    let after = change(network, &before, args)?;
    if args.clear || after != before {
        choices::store(&path, &after).explain()?;
    }
    let shown = shown(network, voter.to_string(), &after);
    context.facts(&shown, |out, shown| {
        out.line(format_args!("voter {} on {}", shown.voter, shown.network))?;
        for choice in &shown.agendas {
            out.line(format_args!("agenda {}: {}  ({})", choice.agenda, choice.choice, choice.possible.join(", ")))?;
        }
        for (key, policy) in &shown.treasury_keys {
            out.line(format_args!("treasury key {key}: {policy}"))?;
        }
        for (spend, policy) in &shown.treasury_spends {
            out.line(format_args!("treasury spend {spend}: {policy}"))?;
        }
        Ok(())
    })
}

fn change(network: Network, before: &Preferences, args: &ChoicesArgs) -> Result<Preferences, Failure> {
    let mut after = before.clone();
    for (agenda, choice) in &args.agendas {
        choices::check(network, agenda, choice).explain()?;
        if choice.to_string() == ABSTAIN {
            after.agendas.remove(agenda);
        } else {
            after.agendas.insert(agenda.clone(), choice.clone());
        }
    }
    for (key, policy) in &args.treasury_keys {
        // Nothing is left that this could be an exception of.
        match policy {
            TreasuryPolicy::Abstain => after.treasury_keys.remove(key),
            policy => after.treasury_keys.insert(*key, *policy),
        };
    }
    after.treasury_spends.extend(args.treasury_spends.iter().copied());
    Ok(after)
}

fn shown(network: Network, voter: String, preferences: &Preferences) -> Shown {
    let chosen = |id: &str| preferences.agendas.iter().find(|(agenda, _)| agenda.to_string() == id);
    let choice = |id: &str| chosen(id).map_or_else(|| ABSTAIN.to_owned(), |(_, choice)| choice.to_string());
    let agendas = agendas(network).iter().map(|agenda| Choice {
        agenda: agenda.id,
        description: agenda.description,
        choice: choice(agenda.id),
        possible: agenda.choices.iter().map(|(id, _)| *id).collect(),
    });
    let texts = |key: &dyn ToString, policy: &dyn ToString| (key.to_string(), policy.to_string());
    Shown {
        voter,
        network: network.to_string(),
        agendas: agendas.collect(),
        treasury_keys: preferences.treasury_keys.iter().map(|(key, policy)| texts(key, policy)).collect(),
        treasury_spends: preferences.treasury_spends.iter().map(|(spend, policy)| texts(spend, policy)).collect(),
    }
}
