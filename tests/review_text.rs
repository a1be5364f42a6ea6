//! Every page of every review, as text. `DCRCOLD_BLESS=1` writes the files anew; read the difference before committing.

mod common;
#[path = "common/signer.rs"]
mod signer;

use std::fs;

use common::{Vectors, folder, hex, text};
use dcrcold_core::machine::{FinishError, NoMemory, Receiver, Reviewable};
use dcrcold_core::policy::Limits;
use dcrcold_core::review::{Origin, Topic};
use dcrcold_signer::screens::Sheet;
use serde_json::Value;
use signer::TestSigner;

/// No line of a page is longer, so that nothing wraps on a small screen.
const WIDTH: usize = 64;

fn review(case: &Value) -> String {
    let mut signer = TestSigner::of(case);
    let mut receiver = Receiver::<256, 100>::default();
    receiver.push(&hex(&case["transfer"]["request"])).unwrap_or_else(|refusal| panic!("{refusal}"));
    let reviewable = match receiver.finish(&mut signer.keys, &mut signer.voters, &mut NoMemory, &Limits::DEFAULT) {
        Ok(reviewable) => reviewable,
        Err(FinishError::Refused(refusal)) => panic!("{refusal}"),
        Err(FinishError::Keys(error)) => panic!("{error}"),
    };
    check_order(&reviewable);
    let sheets = Sheet::of_review(reviewable.pages());
    let lines = sheets.iter().flat_map(|sheet| sheet.entries.iter().flat_map(|entry| entry.lines.iter()));
    for line in lines {
        assert!(line.len() <= WIDTH, "line of {} characters: {line}", line.len());
    }
    Sheet::plain(&sheets).join("\n") + "\n"
}

/// Topics come in their order, and what is only claimed comes last, under its heading.
fn check_order<const I: usize, const T: usize>(reviewable: &Reviewable<I, T>) {
    let topics: Vec<_> = reviewable.pages().map(|page| page.topic).collect();
    assert!(topics.is_sorted(), "{topics:?}");
    for page in reviewable.pages() {
        assert_eq!(page.topic == Topic::Claims, page.origin == Origin::Claimed, "{page}");
        assert_eq!(page.topic == Topic::Warnings, matches!(page.origin, Origin::Warned(_)), "{page}");
    }
}

#[test]
fn every_page_reads_as_recorded() {
    let mut vectors = Vectors::load("builder.json");
    vectors.each("cases", |case| {
        let shown = review(case);
        let name: String = text(&case["name"]).chars().map(|c| if c.is_alphanumeric() { c } else { '_' }).collect();
        let file = folder("review").join(format!("{name}.txt"));
        if std::env::var_os("DCRCOLD_BLESS").is_some() {
            fs::write(&file, &shown).expect("the folder of the reviews can be written");
        }
        let recorded = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        assert_eq!(shown, recorded, "{}", file.display());
    });
    vectors.elsewhere("refused");
    vectors.finish(15);
}
