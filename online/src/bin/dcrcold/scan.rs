//! `dcrcold scan`: takes an answer back as codes.

use dcrcold_signer::cli::{STDIO, Stop};
use dcrcold_signer::file::{self, Readers};
use dcrcold_signer::receive::{Keeper, Wanted};
use dcrcold_signer::scanning::Scan;
use dcrcold_signer::transfer::{Answer, Content};
use serde::Serialize;

use crate::cli::ScanArgs;
use crate::context::Context;
use crate::failure::Explain;
use crate::hand_out::must_not_exist;

#[derive(Serialize)]
struct Shown {
    kind: String,
    network: String,
    request: String,
    check_words: String,
    size: usize,
    file: String,
}

pub(crate) fn run(context: &mut Context, args: &ScanArgs) -> Result<(), Stop> {
    must_not_exist(&args.out)?;
    let path = context.wallet_path()?;
    // A wallet is of use here and not needed: the answer of another one is told early.
    let network = if path.exists() { Some(context.wallet()?.network()) } else { None };
    let scan = Scan {
        title: "dcrcold: scan",
        wanted: Wanted::Answer,
        network,
        keeper: Some(Keeper::beside(&path)),
        plain: args.plain || context.common.json,
    };
    let scanned = scan.run(args.source.prepare()?)?;
    let transfer = scanned.transfer().clone();
    let answer = Answer::from_container(&transfer).explain()?;
    let bytes = transfer.encode();
    if args.out.as_os_str() == STDIO {
        context.out.bytes(&bytes)?;
        scanned.done();
        return Ok(());
    }
    file::write_new(&args.out, &bytes, Readers::Everybody).explain()?;
    scanned.done();
    let shown = Shown {
        kind: transfer.kind().to_string(),
        network: transfer.network().to_string(),
        request: answer.request.to_string(),
        check_words: dcrcold_core::words::check_words(transfer.id()).join(" "),
        size: bytes.len(),
        file: args.out.display().to_string(),
    };
    context.facts(&shown, |out, shown| {
        out.line(format_args!("answer       {}", shown.file))?;
        out.line(format_args!("to request   {}", shown.request))?;
        out.line(format_args!("check words  {}", shown.check_words))?;
        out.line(format_args!("send it with dcrcold submit {}", shown.file))
    })
}
