//! `dcrcold voter handoff`: gives the voting key of a ticket to a dcrwallet.

use dcrcold::chain::dcrd::Session;
use dcrcold::chain::dcrd::discover::{Homes, Options, find_wallet};
use dcrcold::voter::{HandOff, HandOffError, WALLET_INTERFACE};
use dcrcold_core::path::VoterAccount;
use dcrcold_signer::address::{Address, Payload, SignatureType};
use dcrcold_signer::cli::{Failure, FailureKind, SecretFile, Stop};
use serde::Serialize;

use super::{open, ticket_of};
use crate::cli::HandoffArgs;
use crate::context::Context;
use crate::failure::Explain;

#[derive(Serialize)]
struct Shown {
    ticket: String,
    voting_address: String,
    wallet: String,
    status: String,
}

pub(super) fn run(context: &mut Context, args: &HandoffArgs) -> Result<(), Stop> {
    let hot = open(context, &args.voter, &args.passphrase)?;
    let wallet = context.wallet()?;
    let (ticket, index) = ticket_of(&wallet, &hot, &args.ticket)?;
    let not_mined = || {
        Failure::new(FailureKind::Failed, format!("ticket {} is not mined yet", args.ticket))
            .hint("dcrwallet takes it over once a block holds it: dcrcold sync, then again")
    };
    let block = wallet.block_of(&args.ticket).explain()?.ok_or_else(not_mined)?;
    let hash = hot.public().hash(VoterAccount::Voting, index).map_err(Failure::from)?;
    let address = Address::new(wallet.network(), Payload::KeyHash(SignatureType::Ecdsa, hash));
    let hand_off = HandOff { ticket, block, address, key: hot.wif(index).explain()? };
    let settings = find_wallet(&options(args)?, &Homes::of_user(), wallet.network()).explain()?;
    let wallet_address = settings.address();
    let session = Session::open_to(settings, wallet.network(), WALLET_INTERFACE);
    let mut session = session.map_err(HandOffError::from).explain()?;
    let handed = hand_off.give(&mut session).explain()?;
    let shown = Shown {
        ticket: args.ticket.to_string(),
        voting_address: handed.address,
        wallet: wallet_address,
        status: handed.status,
    };
    context.facts(&shown, |out, shown| {
        out.line(format_args!("ticket   {}", shown.ticket))?;
        out.line(format_args!("address  {}", shown.voting_address))?;
        out.line(format_args!("the dcrwallet at {} votes with it; it calls the ticket {}", shown.wallet, shown.status))
    })
}

fn options(args: &HandoffArgs) -> Result<Options, Failure> {
    let login = match (&args.dcrwallet_user, &args.dcrwallet_password_file) {
        (Some(user), Some(file)) => Some((user.clone(), SecretFile::open(file.clone()).line()?)),
        _ => None,
    };
    Ok(Options {
        server: Some(args.dcrwallet.clone()),
        certificate: args.dcrwallet_cert.clone(),
        login,
        client_certificate: args.dcrwallet_client_cert.clone().zip(args.dcrwallet_client_key.clone()),
        config: None,
    })
}
