//! `dcrcold vsp evidence`: who promised what, for a third party to check.

use std::collections::BTreeSet;
use std::io::stdin;
use std::path::Path;

use dcrcold::delegate::{EvidenceFile, complete_evidence};
use dcrcold::vsp::Evidence;
use dcrcold::wallet::purchase::PurchaseError;
use dcrcold::wallet::{UnixTime, Wallet};
use dcrcold_core::hash::TxId;
use dcrcold_core::path::VoterAccount;
use dcrcold_signer::address::Address;
use dcrcold_signer::cli::{Failure, FailureKind, STDIO, Stop};
use dcrcold_signer::file;
use dcrcold_signer::stake::ticket::Ticket;
use dcrcold_signer::wif::Wif;
use serde::Serialize;

use crate::cli::EvidenceArgs;
use crate::context::Context;
use crate::date::utc;
use crate::failure::Explain;

/// The longest export that is checked.
const LONGEST: usize = 16 << 20;
/// The endpoint whose request holds the voting key.
const WITH_KEY: &str = "payfee";

pub(super) fn run(context: &mut Context, args: &EvidenceArgs) -> Result<(), Stop> {
    match (&args.check, &args.ticket) {
        (Some(path), _) => check(context, path),
        (None, Some(ticket)) => export(context, args, ticket),
        (None, None) => Ok(()),
    }
}

fn export(context: &mut Context, args: &EvidenceArgs, ticket: &TxId) -> Result<(), Stop> {
    let wallet = context.wallet()?;
    let kept = wallet.exchanges(ticket).explain()?;
    let read = |text: &String| complete_evidence(text, None);
    let without_keys = kept.iter().map(read).collect::<Result<Vec<_>, _>>().map_err(|error| damaged(&error))?;
    if without_keys.is_empty() {
        let failure = Failure::new(FailureKind::Failed, format!("no exchanges about ticket {ticket} are kept"));
        return Err(failure.into());
    }
    let key = match without_keys.iter().any(|it| it.endpoint == WITH_KEY) {
        true => Some(voting_key(context, &wallet, args, ticket)?),
        false => None,
    };
    let whole = |text: &String| complete_evidence(text, key.as_ref());
    let exchanges = kept.iter().map(whole).collect::<Result<Vec<_>, _>>().map_err(|error| damaged(&error))?;
    let file = EvidenceFile { signers: signers(&wallet, ticket)?, exchanges };
    // The export is JSON for whoever reads it.
    context.out.whole(serde_json::to_string_pretty(&file).expect("texts and numbers"))
}

fn damaged(error: &serde_json::Error) -> Failure {
    Failure::new(FailureKind::Malformed, format!("exchange in the wallet file: {error}"))
}

/// The key that the VSP was given: that of the voter whom the ticket was bought under, whoever dealt for it.
fn voting_key(context: &Context, wallet: &Wallet, args: &EvidenceArgs, ticket: &TxId) -> Result<Wif, Failure> {
    let known = wallet.ticket(ticket).explain()?.ok_or(PurchaseError::UnknownTicket { ticket: *ticket }).explain()?;
    let owner = wallet.voting_keys().explain()?.of(&known.voting);
    let (owner, index) = owner.ok_or(PurchaseError::NoVotingKey { ticket: *ticket }).explain()?;
    super::hot_keys(context, &owner, &args.passphrase)?.wif(index).explain()
}

/// Who may sign for a ticket: the address that it pays back to, and those that were registered.
fn signers(wallet: &Wallet, ticket: &TxId) -> Result<Vec<String>, Failure> {
    let mut signers = Vec::new();
    let tx = wallet.transaction(ticket).explain()?;
    if let Some(read) = tx.and_then(|tx| Ticket::read(&tx).ok()) {
        let owner = read.shares.first().map(|share| *share.commitment.payee.hash());
        signers.extend(owner.map(|hash| Address::of_key_hash(wallet.network(), hash).to_string()));
    }
    let voters = wallet.voters().explain()?;
    for row in wallet.vsp_tickets().explain()?.iter().filter(|row| row.ticket == *ticket) {
        let voter = voters.iter().find(|voter| voter.fingerprint(wallet.network()) == row.voter);
        let hash = voter.and_then(|voter| voter.hash(VoterAccount::AltSign, row.index).ok());
        let address = hash.map(|hash| Address::of_key_hash(wallet.network(), hash).to_string());
        signers.extend(address.filter(|address| !signers.contains(address)));
    }
    Ok(signers)
}

#[derive(Serialize)]
struct Verdict {
    vsp: String,
    vsp_key: String,
    ticket: String,
    endpoint: String,
    received: String,
    status: u16,
    proven: bool,
    why_not: Option<String>,
}

fn check(context: &mut Context, path: &Path) -> Result<(), Stop> {
    let bytes = match path.as_os_str() == STDIO {
        true => file::read_from(stdin().lock(), path, LONGEST).explain()?,
        false => file::read(path, LONGEST).explain()?,
    };
    let malformed = |error: &dyn std::fmt::Display| Failure::new(FailureKind::Malformed, format!("export: {error}"));
    let file: EvidenceFile = serde_json::from_slice(&bytes).map_err(|error| malformed(&error))?;
    let signers = file.signers.iter().map(|text| any_network(text).ok_or_else(|| malformed(&format!("signer {text}"))));
    let signers = signers.collect::<Result<Vec<_>, _>>()?;
    let verdicts: Vec<_> = file.exchanges.iter().map(|it| verdict(it, &signers)).collect();
    context.facts(&verdicts, |out, verdicts| {
        for it in verdicts {
            let said = it.why_not.as_deref().unwrap_or("both sides signed");
            let (vsp, endpoint) = (it.vsp.escape_default(), it.endpoint.escape_default());
            out.line(format_args!("{vsp} {endpoint} {}: {said}", it.status))?;
        }
        out.line("That these are the VSP's keys is to be seen on its own page:")?;
        let keys: BTreeSet<_> = verdicts.iter().filter(|it| it.proven).map(|it| (&it.vsp, &it.vsp_key)).collect();
        keys.iter().try_for_each(|(vsp, key)| out.line(format_args!("{vsp} {key}")))?;
        out.line("That the signers may sign for the ticket is to be seen on the chain:")?;
        file.signers.iter().try_for_each(|signer| out.line(signer))
    })?;
    match verdicts.iter().filter(|verdict| !verdict.proven).count() {
        0 => Ok(()),
        count => Err(Failure::new(FailureKind::Refused, format!("{count} exchanges prove nothing")).into()),
    }
}

fn verdict(evidence: &Evidence, signers: &[Address]) -> Verdict {
    let checked = evidence.check(signers);
    Verdict {
        vsp: evidence.vsp.clone(),
        vsp_key: evidence.vsp_key.clone(),
        ticket: evidence.ticket.clone(),
        endpoint: evidence.endpoint.clone(),
        received: utc(UnixTime(evidence.received)),
        status: evidence.status,
        proven: checked.is_ok(),
        why_not: checked.err().map(|error| error.to_string()),
    }
}

fn any_network(text: &str) -> Option<Address> {
    use dcrcold_core::net::Network;
    [Network::Mainnet, Network::Testnet3, Network::Simnet]
        .into_iter()
        .find_map(|network| Address::parse(text, network).ok())
}
