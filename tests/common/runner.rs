//! Tests that share something and run one after the other, told in the lines of the built-in test runner.

use std::env;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::time::Instant;

/// A test and its name.
pub(crate) type Test<F> = (&'static str, F);

/// The tests whose name contains the argument; all of them where there is none.
pub(crate) fn chosen<F>(tests: &[Test<F>]) -> Vec<&Test<F>> {
    let filter = env::args().skip(1).find(|argument| !argument.starts_with('-'));
    let chosen = tests.iter().filter(|(name, _)| filter.as_ref().is_none_or(|filter| name.contains(filter)));
    let chosen: Vec<_> = chosen.collect();
    println!("\nrunning {} tests", chosen.len());
    chosen
}

/// Calls each test, whatever became of the one before.
pub(crate) fn run<F>(chosen: &[&Test<F>], mut call: impl FnMut(&F)) -> ExitCode {
    let failed = chosen.iter().filter(|(name, test)| !passes(name, || call(test))).count();
    conclude(chosen.len() - failed, failed)
}

fn passes(name: &str, test: impl FnOnce()) -> bool {
    let begin = Instant::now();
    let passed = catch_unwind(AssertUnwindSafe(test)).is_ok();
    println!("test {name} ... {} ({:.1} s)", if passed { "ok" } else { "FAILED" }, begin.elapsed().as_secs_f32());
    passed
}

/// Says of each test that it is skipped, and why; a failure where the variable `required` is 1. The last line counts
/// them as passed, like any test that ends early; whoever sums up takes off the ones that say so.
pub(crate) fn skip<F>(chosen: &[&Test<F>], suite: &str, why: &str, required: &str) -> ExitCode {
    for (name, _) in chosen {
        println!("skipped: {why}, for {suite}::{name}");
    }
    let required = env::var_os(required).is_some_and(|value| value == "1");
    if required { conclude(0, chosen.len()) } else { conclude(chosen.len(), 0) }
}

/// Ends with the line that the built-in test runner prints.
fn conclude(passed: usize, failed: usize) -> ExitCode {
    let outcome = if failed == 0 { "ok" } else { "FAILED" };
    println!("\ntest result: {outcome}. {passed} passed; {failed} failed; 0 ignored; 0 measured; 0 filtered out");
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
