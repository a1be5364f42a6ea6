//! `dcrcold vsp choices`: what is to be voted. VSPs are told by `vsp register`, which has the keys for it.

use std::collections::BTreeMap;

use dcrcold::vsp::Preferences;
use dcrcold::wallet::vsp_tickets::Scope;
use dcrcold_signer::cli::Stop;
use serde::Serialize;

use crate::cli::VspChoicesArgs;
use crate::context::Context;
use crate::failure::Explain;

#[derive(Serialize)]
struct Shown {
    ticket: Option<String>,
    agendas: BTreeMap<String, String>,
    treasury_keys: BTreeMap<String, String>,
    treasury_spends: BTreeMap<String, String>,
}

pub(super) fn run(context: &mut Context, args: &VspChoicesArgs) -> Result<(), Stop> {
    let mut wallet = context.wallet()?;
    let scope = args.ticket.map_or(Scope::All, Scope::Ticket);
    let changes = Preferences {
        agendas: args.agendas.iter().cloned().collect(),
        treasury_keys: args.treasury_keys.iter().copied().collect(),
        treasury_spends: args.treasury_spends.iter().copied().collect(),
    };
    let changed = changes != Preferences::default();
    if changed {
        wallet.choose(scope, &changes).explain()?;
    }
    let now = wallet.preferences(scope).explain()?;
    let shown = Shown {
        ticket: args.ticket.map(|ticket| ticket.to_string()),
        agendas: texts(&now.agendas),
        treasury_keys: texts(&now.treasury_keys),
        treasury_spends: texts(&now.treasury_spends),
    };
    context.facts(&shown, |out, shown| {
        let kinds = [
            ("agenda", &shown.agendas),
            ("treasury key", &shown.treasury_keys),
            ("treasury spend", &shown.treasury_spends),
        ];
        if kinds.iter().all(|(_, choices)| choices.is_empty()) {
            return out.line("nothing is chosen: all votes abstain");
        }
        for (kind, choices) in kinds {
            for (name, choice) in choices {
                out.line(format_args!("{kind:<14}  {name}  {choice}"))?;
            }
        }
        if changed { out.line("VSPs are told by the next: dcrcold vsp register") } else { Ok(()) }
    })
}

fn texts<K: ToString, V: ToString>(map: &BTreeMap<K, V>) -> BTreeMap<String, String> {
    map.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect()
}
