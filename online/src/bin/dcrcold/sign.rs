//! `dcrcold sign`: has a request signed by a device.

use dcrcold::wallet::{SystemClock, Wallet};
use dcrcold_core::hash::Fingerprint;
use dcrcold_signer::cli::{Failure, STDIO, Stop};
use dcrcold_signer::device::{CheckedRequest, DeviceError, RegisteredVoter, Watched};
use dcrcold_signer::file::{self, Readers};
use dcrcold_signer::transfer::{Answer, Encode, plain_form};
use dcrcold_signer::voter::VoterKeys;
use serde::Serialize;

use crate::cli::SignArgs;
use crate::context::Context;
use crate::device::{self, Device, DeviceSession};
use crate::failure::Explain;
use crate::hand_out::must_not_exist;
use crate::submit::read;

#[derive(Serialize)]
struct Shown {
    request: String,
    file: String,
    input_signatures: usize,
    ticket_signatures: usize,
    message_signatures: usize,
}

pub(crate) fn run(context: &mut Context, args: &SignArgs) -> Result<(), Stop> {
    must_not_exist(&args.out)?;
    let bytes = read(&args.request)?;
    let bytes = plain_form(&bytes).explain()?;
    let mut wallet = context.wallet()?;
    let (network, export, voters) = (wallet.network(), wallet.export().clone(), wallet.voters().explain()?);
    let watched = Watched { network, account: export.account, key: &export.key, voters: &voters };
    let request = CheckedRequest::read(&bytes, watched).explain()?;
    let answer = match device::open(context, &args.device)? {
        Device::Own(mut session) => sign(context, &mut wallet, &mut session, &request, watched)?,
        Device::Stock(mut app) => app.sign(&request, &mut |progress| device::tell(context, &progress)).explain()?,
    };
    let bytes = answer.to_container(network).explain()?.encode();
    if args.out.as_os_str() == STDIO {
        return context.out.bytes(&bytes);
    }
    file::write_new(&args.out, &bytes, Readers::Everybody).explain()?;
    show(context, args, &answer)
}

/// Signs, and has the voter registered before if the device has to be shown it.
fn sign(
    context: &Context,
    wallet: &mut Wallet,
    session: &mut DeviceSession,
    request: &CheckedRequest<'_>,
    watched: Watched<'_>,
) -> Result<Answer, Failure> {
    let progress = &mut |progress| device::tell(context, &progress);
    let voter = voter(watched, request.voter());
    let known = match voter {
        Some(voter) => {
            wallet.device_mark(voter).explain()?.and_then(|mac| RegisteredVoter::new(watched.of(), voter, mac).ok())
        }
        None => None,
    };
    match (session.sign(request, known.as_ref(), progress), voter) {
        (Err(DeviceError::VoterNotRegistered { .. }), Some(voter)) => {
            let registered = session.register(watched.of(), voter, progress).explain()?;
            // The device has taken the mark once. Kept before the review: nobody compares a fingerprint twice.
            wallet.keep_device_mark(voter, registered.mac(), &SystemClock).explain()?;
            session.sign(request, Some(&registered), progress).explain()
        }
        (result, _) => result.explain(),
    }
}

fn voter<'a>(watched: Watched<'a>, fingerprint: Option<Fingerprint>) -> Option<&'a VoterKeys> {
    watched.voters.iter().find(|voter| Some(voter.fingerprint(watched.network)) == fingerprint)
}

fn show(context: &mut Context, args: &SignArgs, answer: &Answer) -> Result<(), Stop> {
    let shown = Shown {
        request: answer.request.to_string(),
        file: args.out.display().to_string(),
        input_signatures: answer.inputs.len(),
        ticket_signatures: answer.tickets.len(),
        message_signatures: answer.messages.len(),
    };
    context.facts(&shown, |out, shown| {
        out.line(format_args!("answer       {}", shown.file))?;
        out.line(format_args!("to request   {}", shown.request))?;
        out.line(format_args!(
            "signatures   {} for coins, {} for tickets, {} for VSP messages, each verified",
            shown.input_signatures, shown.ticket_signatures, shown.message_signatures
        ))?;
        out.line(format_args!("send it with dcrcold submit {}", shown.file))
    })
}
