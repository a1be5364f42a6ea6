//! `dcrcold sync`: brings the wallet up to the tip of the chain.

use dcrcold::chain::ChainSource;
use dcrcold::plural::count;
use dcrcold::wallet::{Progress, SyncReport, SystemClock, Wallet};
use dcrcold_core::hash::TransferId;
use dcrcold_signer::cli::{Failure, Stop};
use serde::Serialize;

use crate::context::Context;
use crate::failure::Explain;
use crate::progress;

#[derive(Serialize)]
pub(crate) struct Synced {
    height: Option<u32>,
    block: Option<String>,
    headers: u64,
    searched: u64,
    fetched: u64,
    undone: u64,
    sent_again: usize,
    /// Standing orders by their requests' ids.
    orders_sent: Vec<String>,
    orders_ended: Vec<String>,
    /// With the network's reason.
    orders_refused: Vec<String>,
}

pub(crate) fn run(context: &mut Context) -> Result<(), Stop> {
    let mut wallet = context.wallet()?;
    let mut source = context.source(wallet.network())?;
    let synced = facts(&mut wallet, source.as_mut(), &mut sync)?;
    context.facts(&synced, |out, synced| {
        let height = synced.height.map_or_else(|| "none".to_owned(), |height| height.to_string());
        out.line(format_args!("at block {height}: {} new headers", synced.headers))?;
        out.line(format_args!("{} searched, {} of them fetched", count(synced.searched, "block"), synced.fetched))?;
        if synced.undone > 0 {
            out.line(format_args!("{} undone", count(synced.undone, "block")))?;
        }
        if synced.sent_again > 0 {
            out.line(format_args!("{} sent again", count(synced.sent_again, "transaction")))?;
        }
        synced.orders().iter().try_for_each(|line| out.line(line))
    })?;
    if wallet.coins().explain()?.is_empty() && wallet.tickets().explain()?.is_empty() {
        context.next_without_coins(&wallet)?;
    }
    Ok(())
}

/// Syncs by `sync`, sends again what the network forgot, and says what came of it.
pub(crate) fn facts(
    wallet: &mut Wallet,
    source: &mut dyn ChainSource,
    sync: &mut dyn FnMut(&mut Wallet, &mut dyn ChainSource) -> Result<SyncReport, Failure>,
) -> Result<Synced, Failure> {
    let report = sync(wallet, source)?;
    let sent_again = wallet.rebroadcast(source).explain()?;
    let orders = wallet.settle(source, &SystemClock).explain()?;
    let ids = |ids: &[TransferId]| ids.iter().map(ToString::to_string).collect();
    Ok(Synced {
        height: report.tip.map(|tip| tip.height.0),
        block: report.tip.map(|tip| tip.hash.to_string()),
        headers: report.headers,
        searched: report.searched,
        fetched: report.fetched,
        undone: report.undone,
        sent_again,
        orders_sent: ids(&orders.sent),
        orders_ended: ids(&orders.ended),
        orders_refused: orders.refused.iter().map(|(id, reason)| format!("{id}: {reason}")).collect(),
    })
}

impl Synced {
    /// What became of standing orders.
    pub(crate) fn orders(&self) -> Vec<String> {
        let sent = self.orders_sent.iter().map(|id| format!("standing order {id} sent: its price came"));
        let ended = self.orders_ended.iter().map(|id| format!("standing order {id} ended: its tickets expired"));
        let refused = self.orders_refused.iter().map(|it| format!("standing order refused, tried again: {it}"));
        sent.chain(ended).chain(refused).collect()
    }
}

/// Syncs with a progress bar on the terminal, if there is one.
pub(crate) fn sync(wallet: &mut Wallet, source: &mut dyn ChainSource) -> Result<SyncReport, Failure> {
    let bar = progress::bar();
    let report = wallet.sync(source, &SystemClock, &mut |progress| {
        let (what, height, tip) = match progress {
            Progress::Headers { height, tip } => ("headers", height, tip),
            Progress::Blocks { height, tip } => ("blocks", height, tip),
        };
        bar.set_message(what);
        bar.set_length(u64::from(tip.0));
        bar.set_position(u64::from(height.0));
    });
    bar.finish_and_clear();
    report.explain()
}
