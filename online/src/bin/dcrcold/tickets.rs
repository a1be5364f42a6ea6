//! `dcrcold tickets`: the tickets of the account and what became of each.

use dcrcold::wallet::{Ticket, TicketState};
use dcrcold_core::amount::Height;
use dcrcold_core::net::Network;
use dcrcold_signer::cli::Stop;
use serde::Serialize;

use crate::context::Context;
use crate::failure::Explain;
use crate::table::{Align, table};

/// Amounts in atoms.
#[derive(Serialize)]
struct Shown {
    id: String,
    state: &'static str,
    price: u64,
    height: Option<u32>,
    ended_at: Option<u32>,
    ended_by: Option<String>,
    paid: Option<u64>,
    returns_at: Option<u32>,
}

impl Shown {
    fn new(ticket: &Ticket, network: Network, tip: Height) -> Self {
        Self {
            id: ticket.id.to_string(),
            state: ticket.state(network, tip).name(),
            price: ticket.price.atoms(),
            height: ticket.height.map(|height| height.0),
            ended_at: ticket.ending.and_then(|ending| ending.height).map(|height| height.0),
            ended_by: ticket.ending.map(|ending| ending.id.to_string()),
            paid: ticket.ending.map(|ending| ending.paid.atoms()),
            returns_at: ticket.returns_at(network).map(|height| height.0),
        }
    }
}

pub(crate) fn run(context: &mut Context) -> Result<(), Stop> {
    let wallet = context.wallet()?;
    let (network, tip) = (wallet.network(), wallet.height().explain()?);
    let tickets = wallet.tickets().explain()?;
    let shown: Vec<_> = tickets.iter().map(|ticket| Shown::new(ticket, network, tip)).collect();
    context.facts(&shown, |out, _| {
        if tickets.is_empty() {
            return out.line("no tickets");
        }
        let rows: Vec<_> = tickets.iter().map(|ticket| row(ticket, network, tip)).collect();
        let headings = [
            ("ticket", Align::Left),
            ("state", Align::Left),
            ("DCR locked", Align::Right),
            ("mined at", Align::Right),
            ("what next", Align::Left),
        ];
        table(headings, &rows).iter().try_for_each(|line| out.line(line))
    })
}

fn row(ticket: &Ticket, network: Network, tip: Height) -> [String; 5] {
    let state = ticket.state(network, tip);
    let at = |height: Option<Height>| height.map_or_else(|| "?".to_owned(), |height| height.to_string());
    let next = match state {
        TicketState::Unmined => "waits for a block".to_owned(),
        TicketState::Immature => format!("live at {}", at(ticket.live_at(network))),
        TicketState::Live => format!("expires at {}", at(ticket.expires_at(network))),
        TicketState::MaturedBack => ticket.ending.map_or_else(String::new, |ending| format!("{:#} back", ending.paid)),
        _ => format!("returns at {}", at(ticket.returns_at(network))),
    };
    let height = ticket.height.map_or_else(|| "-".to_owned(), |height| height.to_string());
    [short(&ticket.id.to_string()), state.name().to_owned(), format!("{:#}", ticket.price), height, next]
}

/// Enough of an id to tell tickets apart; `--json` has all of it.
fn short(id: &str) -> String {
    format!("{}..{}", &id[..8], &id[id.len() - 4..])
}
