//! `dcrcold voter status`: how the voter of this folder is, as it wrote down last.

use dcrcold::voter::Health;
use dcrcold::wallet::{Clock, SystemClock};
use dcrcold_signer::cli::{Failure, FailureKind, Stop};
use serde::Serialize;

use super::folder;
use crate::context::Context;
use crate::failure::Explain;

#[derive(Serialize)]
struct Shown {
    running: bool,
    seconds_since_update: i64,
    #[serde(flatten)]
    health: Health,
}

pub(super) fn run(context: &mut Context) -> Result<(), Stop> {
    let folder = folder(context)?;
    let path = folder.health_file();
    if !path.exists() {
        let failure = Failure::new(FailureKind::Failed, "no voter ever ran here");
        return Err(failure.hint("start one with: dcrcold voter run").into());
    }
    let unreadable = || Failure::new(FailureKind::Malformed, format!("{} says nothing readable", path.display()));
    let health = Health::read(&path).explain()?.ok_or_else(unreadable)?;
    let running = folder.is_running();
    let seconds_since_update = SystemClock.now().0.saturating_sub(health.updated);
    let shown = Shown { running, seconds_since_update, health };
    context.facts(&shown, |out, shown| {
        let Shown { running, health, .. } = shown;
        let state = match (running, health.connected, health.caught_up) {
            (false, ..) => "not running",
            (true, false, _) => "running, not connected",
            (true, true, false) => "running, looking for tickets",
            (true, true, true) => "running",
        };
        let height = health.tip_height.map_or_else(|| "no block".to_owned(), |height| format!("block {height}"));
        out.line(format_args!("{state}; {height} on {}", health.network))?;
        out.line(format_args!("tickets  {} watched, {} voted", health.tickets_watched, health.tickets_voted))?;
        let Health { votes_cast, votes_failed, votes_missed, .. } = health;
        out.line(format_args!("votes    {votes_cast} cast, {votes_failed} refused, {votes_missed} missed"))?;
        health.last_problem.as_ref().map_or(Ok(()), |problem| out.line(format_args!("problem  {problem}")))
    })?;
    if running { Ok(()) } else { Err(Failure::new(FailureKind::Failed, "the voter does not run").into()) }
}
