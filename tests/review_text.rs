//! Every page of every review, as text. `DCRCOLD_BLESS=1` writes the files anew; read the difference before committing.

mod common;
#[path = "common/signer.rs"]
mod signer;

use std::fmt::Write as _;
use std::fs;

use common::{Vectors, folder, hex, text};
use dcrcold_core::machine::{FinishError, NoMemory, Receiver};
use dcrcold_core::policy::Limits;
use dcrcold_core::review::{CLAIMED_HEADING, Origin};
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
    let mut out = String::new();
    let mut claimed = false;
    for page in reviewable.pages() {
        if page.origin == Origin::Claimed && !claimed {
            claimed = true;
            writeln!(out, "-- {CLAIMED_HEADING} --").expect("a string takes all");
        }
        assert!(page.origin == Origin::Claimed || !claimed, "checked pages come first");
        writeln!(out, "{}", page.label).expect("a string takes all");
        for line in page.value.to_string().lines() {
            assert!(line.len() <= WIDTH, "line of {} characters: {line}", line.len());
            writeln!(out, "    {line}").expect("a string takes all");
        }
    }
    out
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
