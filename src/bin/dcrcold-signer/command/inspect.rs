//! `inspect`: what a file holds.

use std::path::Path;

use dcrcold_core::review::Page;
use dcrcold_core::words::check_words;
use dcrcold_signer::cli::{Failure, FailureKind, Stop};
use dcrcold_signer::hd::Derivation;
use dcrcold_signer::key::Signature;
use dcrcold_signer::keystore::Access;
use dcrcold_signer::screens::Sheet;
use dcrcold_signer::sealed::{self, Sealed};
use dcrcold_signer::signer::review;
use dcrcold_signer::transfer::{Answer, Container, Content, Kind, WatchExport};
use dcrcold_signer::voter::{VoterKeys, fingerprint};
use serde_json::{Value, json};

use super::request_facts::request_facts;
use super::sign::{open_memory, plain_request, warning};
use super::voter;
use crate::cli::{Global, InspectArgs};
use crate::facts::Facts;
use crate::input::{self, one_stdin};
use crate::output::{Output, print_line};
use crate::store;

pub(crate) fn run(global: &Global, args: &InspectArgs, output: &Output) -> Result<(), Stop> {
    one_stdin([global.passphrase_path(), Some(args.file.as_path())])?;
    let bytes = input::transfer(&args.file)?;
    if bytes.starts_with(&sealed::MAGIC) {
        return output.facts(&sealed_facts("sealed_file", &bytes).map_err(|failure| failure.about(&args.file))?);
    }
    let about = |failure: Failure| failure.about(&args.file);
    let container = Container::parse(&bytes).map_err(|error| about(error.into()))?;
    if args.review {
        return show_review(global, &container, &args.file, output);
    }
    let mut facts = Facts::default()
        .with("kind", kind_name(container.kind()))
        .text("network", container.network())
        .with("file_bytes", bytes.len())
        .with("body_bytes", container.body().len())
        .text("id", container.id())
        .with("check_words", check_words(container.id()).join(" "));
    facts.append(content(&container).map_err(about)?);
    output.facts(&facts)
}

const fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Purchase => "purchase",
        Kind::Send => "send",
        Kind::Register => "register",
        Kind::Answer => "answer",
        Kind::WatchExport => "watch",
        Kind::VoterExport => "voter",
        Kind::HotKeys => "hot",
    }
}

fn show_review(global: &Global, container: &Container, file: &Path, output: &Output) -> Result<(), Stop> {
    if !container.kind().is_request() {
        let message = format!("this is {}, and only requests are reviewed", container.kind());
        return Err(Failure::new(FailureKind::Malformed, message).about(file).into());
    }
    let request = container.encode();
    let request = plain_request(&request, file)?;
    let key_store = store::open(global, Access::Read)?;
    let mut memory = open_memory(&key_store)?;
    let reviewed = review(&request, key_store.contents(), &mut memory)?;
    let reviewable = reviewed.request();
    if output.json() {
        let pages: Vec<_> = reviewable.pages().map(|page| page_json(&page)).collect();
        let facts = Facts::default().text("id", reviewable.id());
        return output.facts(&facts.with("check_words", reviewable.check_words().join(" ")).with("pages", pages));
    }
    Sheet::plain(&Sheet::of_review(reviewable.pages())).iter().try_for_each(print_line)?;
    print_line(format_args!("\nId: {}", reviewable.id()))?;
    print_line(format_args!("Check words: {}", reviewable.check_words().join(" ")))
}

fn page_json(page: &Page<'_>) -> Value {
    let mut object = json!({ "label": page.label, "value": page.value.to_string() });
    if let Some(warning) = warning(page) {
        object["warning"] = warning.into();
    }
    object
}

fn content(container: &Container) -> Result<Facts, Failure> {
    Ok(match container.kind() {
        Kind::Purchase | Kind::Send | Kind::Register => request_facts(container)?,
        Kind::Answer => answer_facts(&Answer::from_container(container)?),
        Kind::WatchExport => watch_facts(container, &WatchExport::from_container(container)?),
        Kind::VoterExport => voter::facts(&VoterKeys::from_container(container)?, container.network()),
        Kind::HotKeys => sealed_facts("hot_keys", container.body())?,
    })
}

/// What can be said of a sealed file without its passphrase.
fn sealed_facts(what: &'static str, bytes: &[u8]) -> Result<Facts, Failure> {
    let kdf = Sealed::parse(bytes)?.kdf();
    Ok(Facts::default().with("content", what).with("kdf_memory_mib", kdf.memory_mib()).with("kdf_passes", kdf.passes()))
}

fn answer_facts(answer: &Answer) -> Facts {
    let hex = |bytes: &[u8]| Value::from(base16ct::lower::encode_string(bytes));
    let list = |signatures: &[Signature]| -> Vec<Value> {
        signatures.iter().map(|signature| hex(signature.as_bytes())).collect()
    };
    let messages: Vec<_> = answer.messages.iter().map(|signature| Value::from(signature.to_string())).collect();
    Facts::default()
        .text("request", answer.request)
        .with("input_signatures", list(&answer.inputs))
        .with("ticket_signatures", list(&answer.tickets))
        .with("message_signatures", messages)
}

fn watch_facts(container: &Container, export: &WatchExport) -> Facts {
    let network = container.network();
    let capacity = export.capacity;
    let voter = export.own_voter.as_ref();
    Facts::default()
        .text("name", &export.name)
        .text("account", export.account)
        .text("extended_key", export.extended_key(network))
        .with("strict_derivation", export.derivation == Derivation::Strict)
        .maybe("own_voter", voter.map(|voter| fingerprint(network, &voter.accounts).to_string()))
        .maybe("generation", voter.map(|voter| voter.generation.number()))
        .with("max_inputs", capacity.inputs)
        .with("max_tickets", capacity.tickets)
        .with("highest_kind", capacity.highest_kind)
        .maybe("birthday", export.birthday.map(|height| height.0))
}
