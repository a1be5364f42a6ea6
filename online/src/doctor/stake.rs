//! Who votes with the tickets: voters, their hot keys, VSPs.

use std::collections::HashMap;

use dcrcold_core::hash::{Fingerprint, TxId};
use dcrcold_signer::file;
use dcrcold_signer::transfer::{Container, Kind as TransferKind};

use super::file::open_to_others;
use super::finding::{Kind, Report};
use crate::plural::count;
use crate::voter::Folder;
use crate::wallet::vsp_tickets::{VspState, VspTicket};
use crate::wallet::{Ticket, Wallet, WalletError};

/// More than a file of hot keys has.
const LARGEST: usize = 1 << 16;

/// Looks at the tickets that can still vote, at what VSPs said of them, and at the hot keys in `folder`.
///
/// # Errors
/// When the copy of the wallet cannot be read.
pub fn examine(wallet: &Wallet, folder: &Folder, report: &mut Report) -> Result<(), WalletError> {
    let mut tickets = wallet.tickets()?;
    tickets.retain(|ticket| ticket.ending.is_none());
    report.examined(count(tickets.len(), "ticket"));
    let rows = wallet.vsp_tickets()?;
    without_vsp(wallet, report)?;
    rows.iter().filter(|row| row.state != VspState::Ended).for_each(|row| with_vsp(row, report));
    for request in wallet.outstanding_registrations()? {
        let sentence = format!(
            "request {} for {} waits for the signer's answer",
            request.id,
            count(request.tickets as usize, "registration")
        );
        report.found(Kind::RegistrationWaits, sentence, "sign it, then: dcrcold submit ANSWER");
    }
    voters(wallet, &tickets, &rows, folder, report)?;
    hot_files(folder, report);
    Ok(())
}

fn without_vsp(wallet: &Wallet, report: &mut Report) -> Result<(), WalletError> {
    for vsp in wallet.vsps()? {
        let mut meant = 0;
        for voter in wallet.voters()? {
            meant += wallet.tickets_meant_for(&vsp.address, &voter.fingerprint(wallet.network()))?.len();
        }
        if meant > 0 {
            let sentence = format!("{} bought for {} are with no VSP", count(meant, "ticket"), vsp.address);
            report.found(Kind::TicketWithoutVsp, sentence, "run: dcrcold vsp register");
        }
    }
    Ok(())
}

fn with_vsp(row: &VspTicket, report: &mut Report) {
    if let Some(trouble) = row.trouble.as_ref().filter(|trouble| trouble.retry_at.is_none()) {
        let sentence = format!("ticket {}: {} does not go on: {}", row.ticket, row.vsp, trouble.reason);
        report.found(Kind::VspTrouble, sentence, "see dcrcold vsp status; dcrcold vsp register tries again");
    } else if !row.state.is_settled() {
        let sentence = format!("ticket {} is {} with {}", row.ticket, row.state, row.vsp);
        report.found(Kind::VspUnfinished, sentence, "dcrcold vsp register goes on; with --watch until all is done");
    }
}

/// Tickets that nobody here votes with.
fn voters(
    wallet: &Wallet,
    tickets: &[Ticket],
    rows: &[VspTicket],
    folder: &Folder,
    report: &mut Report,
) -> Result<(), WalletError> {
    let keys = wallet.voting_keys()?;
    let hot = folder.hot_voters();
    let mut away: HashMap<Fingerprint, usize> = HashMap::new();
    for ticket in tickets {
        match keys.of(&ticket.voting) {
            None => {
                let sentence = format!("no voter known here votes with ticket {}", ticket.id);
                let hint = "if it is one of yours, make it known with: dcrcold voter import FILE";
                report.found(Kind::VoterUnknown, sentence, hint);
            }
            Some((voter, _)) if !hot.contains(&voter) && !is_confirmed(rows, &ticket.id) => {
                *away.entry(voter).or_default() += 1;
            }
            Some(_) => {}
        }
    }
    let mut away: Vec<_> = away.into_iter().collect();
    away.sort_unstable_by_key(|(voter, _)| *voter.as_bytes());
    for (voter, tickets) in away {
        let sentence =
            format!("the hot keys of voter {voter}, who votes with {}, are not here", count(tickets, "ticket"));
        let hint = "is another machine voting with them? if not: dcrcold voter import HOT-FILE";
        report.found(Kind::HotKeysElsewhere, sentence, hint);
    }
    Ok(())
}

fn is_confirmed(rows: &[VspTicket], ticket: &TxId) -> bool {
    rows.iter().any(|row| row.ticket == *ticket && row.state == VspState::Confirmed)
}

fn hot_files(folder: &Folder, report: &mut Report) {
    let voters = folder.hot_voters();
    report.examined(count(voters.len(), "hot file"));
    for voter in voters {
        let path = folder.hot_file(&voter);
        open_to_others(&path, Kind::HotFileOpenToOthers, report);
        let bytes = file::read(&path, LARGEST).map_err(|error| error.to_string());
        let container = bytes.and_then(|bytes| Container::parse(&bytes).map_err(|error| error.to_string()));
        let reason = match container {
            Ok(container) if container.kind() == TransferKind::HotKeys => continue,
            Ok(container) => format!("it is {}", container.kind()),
            Err(reason) => reason,
        };
        let hint =
            "import it again: dcrcold voter import HOT-FILE; the cold side exports it once more for its own voter";
        report.found(Kind::HotFileDamaged, format_args!("{}: {reason}", path.display()), hint);
    }
}
