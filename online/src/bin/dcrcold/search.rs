//! The search for a peer as a person sees it: a line on a terminal, and why it takes so long.

use dcrcold::chain::spv::Search;

use crate::progress;

/// Failures that are told; nobody reads more.
const MOST_TOLD: usize = 4;

/// Shows how the search goes on standard error, and tells once what failed when it takes long.
pub(crate) fn shown() -> impl FnMut(Option<&Search>) {
    let line = progress::line();
    let mut told = false;
    move |search| {
        let Some(search) = search else {
            line.finish_and_clear();
            told = false;
            return;
        };
        line.set_message(search.to_string());
        line.tick();
        if search.is_late && !std::mem::replace(&mut told, true) {
            progress::tell(why(search));
        }
    }
}

/// Why there is no peer yet, in lines.
fn why(search: &Search) -> String {
    let lost = search.lost.iter().map(ToString::to_string);
    let mut failures: Vec<_> = lost.chain(search.seeders.iter().map(ToString::to_string)).collect();
    let others = failures.len().saturating_sub(MOST_TOLD);
    failures.drain(..others);
    if others > 0 {
        failures.push(format!("and {others} others"));
    }
    let waiting = search.connecting.iter().take(MOST_TOLD).map(|address| format!("{address}: does not answer yet"));
    let mut text = String::from("no peer answers yet:\n");
    for line in waiting.chain(failures) {
        text += &format!("  {line}\n");
    }
    text + "hint: is this computer online? --peer IP names a peer that you know; --source dcrd asks a node of yours"
}
