//! `sign`: reviews a request and signs it.

use std::borrow::Cow;
use std::path::Path;

use dcrcold_core::machine::NotApproved;
use dcrcold_core::request::RequestReader;
use dcrcold_core::review::{Origin, Page};
use dcrcold_core::rule::Rule;
use dcrcold_signer::cli::{Failure, FailureKind, Stop, printable};
use dcrcold_signer::file::Readers;
use dcrcold_signer::journal::Journal;
use dcrcold_signer::keystore::{Access, KeyStore};
use dcrcold_signer::rebuild::{HOST_INPUTS, HOST_TICKETS};
use dcrcold_signer::receive::Wanted;
use dcrcold_signer::scanning::Input;
use dcrcold_signer::screens::Sheet;
use dcrcold_signer::show::{self, Shown, Side};
use dcrcold_signer::signer::{JournalState, Reviewed, StoreMemory, review};
use dcrcold_signer::transfer::{Answer, Container, Encode, plain_form};
use serde_json::Value;

use crate::cli::{Global, SignArgs};
use crate::facts::Facts;
use crate::input::{is_stdio, one_stdin};
use crate::output::{Output, must_be_new, tell, write_new};
use crate::prompt::{self, Approval, Review};
use crate::{scan, store};

pub(crate) fn run(global: &Global, args: &SignArgs, input: Option<Input>, output: &Output) -> Result<(), Stop> {
    one_stdin([global.passphrase_path(), args.request.as_deref(), args.source.stdin()])?;
    if let Some(out) = &args.out {
        must_be_new(out)?;
    }
    if args.show {
        prompt::needs_screen(global.plain)?;
    }
    let taken = scan::take(global, Wanted::Request, args.request.as_deref(), input, args.approve.is_some())?;
    let request = plain_request(&taken.bytes, taken.name)?;
    // Locked until the answer is made: what is remembered now is what the review says.
    let mut key_store = store::open(global, Access::Write)?;
    let mut memory = open_memory(&key_store)?;
    let reviewed = review(&request, key_store.contents(), &mut memory)?;
    let network = key_store.contents().network();
    let warnings = warnings(&reviewed);
    let id = *reviewed.request().id();
    let sheets = Sheet::of_review(reviewed.request().pages());
    let shown = Review { title: "dcrcold-signer: sign", sheets, id: &id };
    // Who typed the words is there to be asked for more, but not by a program that reads the answer.
    let asked = args.approve.is_none() && !args.out.as_deref().is_some_and(is_stdio);
    let ready = match shown.approval(args.approve, global.plain)? {
        Approval::Id(given) => reviewed.approve(&given).map_err(|NotApproved| prompt::other_id(&given, &id))?,
        Approval::Words(words) => reviewed
            .approve_with_words(words.each_ref().map(String::as_str))
            .map_err(|error| Failure::new(FailureKind::Declined, error.to_string()))?,
    };
    let answer = ready.sign(&mut memory.with(&mut key_store))?;
    let container = answer.to_container(network)?;
    if let Some(out) = &args.out {
        write_new(out, &container.encode(), Readers::Everybody)?;
    }
    report(&answer, warnings, args, output)?;
    if args.show || asked && prompt::offers_codes(global.plain)? {
        show::codes(Shown::new(&container, Side::Offline)?)?;
    }
    taken.done();
    Ok(())
}

/// Reads the journal, and says what is wrong with it.
pub(super) fn open_memory(key_store: &KeyStore) -> Result<StoreMemory, Failure> {
    let memory = StoreMemory::open(key_store)?;
    let journal = printable(&Journal::path_of(key_store.path()).display().to_string());
    let what = match memory.state() {
        JournalState::Good => return Ok(memory),
        JournalState::CutShort => "ends within a record: no answer left for it, and it is dropped",
        JournalState::Missing => "is missing, and requests were approved before",
        JournalState::Damaged => "is damaged: a part of it cannot be read",
        JournalState::Older => "lacks requests that were approved: it is older than the key store, or another one's",
    };
    tell(format_args!("warning: the journal {journal} {what}"));
    if memory.state() != JournalState::CutShort {
        tell("hint: bring back the right file, or give it up with `dcrcold-signer limits --forget-signed`");
    }
    Ok(memory)
}

/// The names of all warnings in a review.
pub(super) fn warnings(reviewed: &Reviewed) -> Vec<Value> {
    let mut names: Vec<_> = reviewed.request().pages().filter_map(|page| warning(&page)).collect();
    names.dedup();
    names.into_iter().map(Value::from).collect()
}

/// The name of the warning that a page is.
pub(super) const fn warning(page: &Page<'_>) -> Option<&'static str> {
    match page.origin {
        Origin::Warned(warning) => Some(warning.name()),
        Origin::Checked | Origin::Claimed => None,
    }
}

/// Inflates a request and sees that it is one, before anybody types a passphrase for it.
pub(super) fn plain_request<'a>(bytes: &'a [u8], file: &Path) -> Result<Cow<'a, [u8]>, Failure> {
    let plain = plain_form(bytes).map_err(|error| Failure::from(error).about(file))?;
    let mut reader = Box::<RequestReader<HOST_INPUTS, HOST_TICKETS>>::default();
    let result = reader.push(&plain).and_then(|()| reader.finish().map(drop));
    result.map_err(|refusal| match (refusal.rule, Container::parse(bytes)) {
        // The container often says better than the rule what happened to the file.
        (Rule::NotCanonical, Err(error)) => Failure::from(refusal).hint(error.to_string()),
        (Rule::KindUnexpected, Ok(container)) => Failure::from(refusal).hint(format!("this is {}", container.kind())),
        _ => refusal.into(),
    })?;
    Ok(plain)
}

fn report(answer: &Answer, warnings: Vec<Value>, args: &SignArgs, output: &Output) -> Result<(), Stop> {
    if args.out.as_deref().is_some_and(is_stdio) {
        return Ok(());
    }
    let [inputs, tickets, messages] = [answer.inputs.len(), answer.tickets.len(), answer.messages.len()];
    if output.json() {
        let facts = Facts::default().text("request", answer.request);
        let facts = args.out.iter().fold(facts, |facts, out| facts.text("file", out.display()));
        let facts = facts
            .with("input_signatures", inputs)
            .with("ticket_signatures", tickets)
            .with("message_signatures", messages)
            .with("warnings", warnings);
        return output.facts(&facts);
    }
    match &args.out {
        Some(out) => {
            let file = printable(&out.display().to_string());
            tell(format_args!("Signed. The answer is {file}; give it to `dcrcold submit`."));
        }
        None => tell("Signed. The same request gives the same answer again."),
    }
    Ok(())
}
