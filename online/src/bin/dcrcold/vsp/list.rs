//! `dcrcold vsp list`: the public VSPs, small ones first; without the network, as they were last time.

use std::path::{Path, PathBuf};

use dcrcold::vsp_client::{Listed, fetch_list, parse_list};
use dcrcold::wallet::UnixTime;
use dcrcold_core::net::Network;
use dcrcold_signer::cli::{Failure, Stop};
use dcrcold_signer::file::{self, Readers};
use serde::Serialize;

use crate::context::Context;
use crate::date::utc;
use crate::failure::Explain;
use crate::progress;
use crate::table::{Align, table};

/// The longest list that is read back.
const LONGEST: usize = 1 << 20;

#[derive(Serialize)]
struct Shown {
    address: String,
    fee_percent: String,
    closed: bool,
    voting: u64,
    voted: u64,
    missed: u64,
    version: String,
    height: u32,
    updated: String,
    chosen: bool,
}

pub(super) fn run(context: &mut Context, url: &str) -> Result<(), Stop> {
    let wallet = context.wallet()?;
    let known = wallet.vsps().explain()?;
    let mut shown = Vec::new();
    for vsp in listed(context, url, wallet.network())? {
        let chosen = known.iter().any(|it| it.chosen && it.address == vsp.address);
        shown.push(Shown {
            address: vsp.address.to_string(),
            fee_percent: vsp.fee.to_string(),
            closed: vsp.closed,
            voting: vsp.voting,
            voted: vsp.voted,
            missed: vsp.missed,
            version: vsp.version,
            height: vsp.height.0,
            updated: utc(UnixTime(vsp.updated.0)),
            chosen,
        });
    }
    shown.sort_by_key(|vsp| vsp.closed);
    context.facts(&shown, |out, shown| {
        if shown.is_empty() {
            return out.line("no VSPs of this network are listed");
        }
        let rows: Vec<_> = shown.iter().map(row).collect();
        let headings = [
            ("VSP", Align::Left),
            ("fee", Align::Right),
            ("tickets", Align::Right),
            ("voted", Align::Right),
            ("missed", Align::Right),
            ("version", Align::Left),
            ("", Align::Left),
        ];
        table(headings, &rows).iter().try_for_each(|line| out.line(line))?;
        out.line("The figures are each VSP's own word. Small ones keep votes in many hands.")
    })
}

fn row(vsp: &Shown) -> [String; 7] {
    let called = vsp.voted.saturating_add(vsp.missed);
    let missed = (called > 0).then(|| vsp.missed.saturating_mul(10_000).div_ceil(called));
    let missed = missed.map_or_else(|| "-".to_owned(), |share| format!("{}.{:02} %", share / 100, share % 100));
    let note = match (vsp.closed, vsp.chosen) {
        (true, _) => "closed",
        (false, true) => "chosen",
        (false, false) => "",
    };
    let host = vsp.address.trim_start_matches("https://").to_owned();
    let (fee, version) = (vsp.fee_percent.clone(), vsp.version.clone());
    [host, fee, vsp.voting.to_string(), vsp.voted.to_string(), missed, version, note.to_owned()]
}

/// Fetches the list and keeps it; else takes the one that was kept.
fn listed(context: &Context, url: &str, network: Network) -> Result<Vec<Listed>, Failure> {
    let path = cache(context)?;
    let fetching = progress::waiting("fetching the list of VSPs");
    let fetched = fetch_list(url, &super::http(context)).and_then(|bytes| Ok((parse_list(&bytes, network)?, bytes)));
    drop(fetching);
    match fetched {
        Ok((listed, bytes)) => {
            file::make_folder_of(&path).explain()?;
            file::replace(&path, &bytes, Readers::Owner).explain()?;
            Ok(listed)
        }
        Err(error) => match kept(&path, network) {
            Some(listed) => {
                context.tell(format_args!("note: {error}; this is the list as it was last time"));
                Ok(listed)
            }
            None => Err(error).explain(),
        },
    }
}

fn kept(path: &Path, network: Network) -> Option<Vec<Listed>> {
    parse_list(&file::read(path, LONGEST).ok()?, network).ok()
}

/// The list is kept beside the wallet.
fn cache(context: &Context) -> Result<PathBuf, Failure> {
    Ok(context.wallet_path()?.with_file_name("vsps.json"))
}
