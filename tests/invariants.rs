//! Whatever a host asks for: what would be signed keeps to the limits, pays nobody that is not shown, and loses nothing.
//!
//! The transactions are read back and added up by the library's own transaction code, which the builder does not use.
#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

#[path = "invariants/ask.rs"]
mod ask;
#[path = "invariants/check.rs"]
mod check;
#[path = "invariants/coins.rs"]
mod coins;
#[path = "common/cold.rs"]
mod cold;
#[path = "common/random.rs"]
mod random;

use ask::{any_purchase, any_send};
use check::{check_purchase, check_send, check_signed};
use cold::{Cold, atoms, encoded};
use dcrcold_core::machine::Work;
use dcrcold_core::policy::Limits;
use random::Random;

fn run<const I: usize, const T: usize>(rounds: usize, limits: &Limits) {
    let cold = Cold::new();
    let mut random = Random(I as u64);
    let most = (I, u32::try_from(T).unwrap());
    let (mut purchases, mut sends, mut signed) = (0, 0, 0);
    for round in 0..rounds {
        let (purchase, coins) = any_purchase(&cold, most, &mut random);
        if let Ok(reviewable) = cold.review::<I, T>(&encoded(&purchase), limits) {
            check_purchase(&cold, &purchase, &coins, limits, &reviewable);
            purchases += 1;
            if *limits == Limits::DEFAULT && round % 8 == 0 {
                let Work::Purchase(work) = reviewable.work() else { panic!("a purchase") };
                let split = work.split().map(|split| split.remainder.fee);
                let fees: Vec<_> = split.into_iter().chain(work.keys().iter().map(|_| work.ticket_fee())).collect();
                check_signed(&cold, &encoded(&purchase), purchase.fee_rate, &fees);
                signed += 1;
            }
        }
        let (send, coins) = any_send(&cold, most, &mut random);
        if let Ok(reviewable) = cold.review::<I, T>(&encoded(&send), limits) {
            check_send(&cold, &send, &coins, limits, &reviewable);
            sends += 1;
            if *limits == Limits::DEFAULT && round % 8 == 0 {
                let Work::Send(work) = reviewable.work() else { panic!("a send") };
                check_signed(&cold, &encoded(&send), send.fee_rate, &[work.remainder().fee]);
                signed += 1;
            }
        }
    }
    println!(
        "any requests, {I} inputs and {T} tickets: {} cases, {purchases} purchases and {sends} sends accepted, {signed} signed",
        2 * rounds
    );
    assert!(purchases > rounds / 4 && sends > rounds / 4);
}

#[test]
fn what_would_be_signed_keeps_to_the_limits() {
    run::<256, 100>(200, &Limits::DEFAULT);
}

/// A person may raise the limits; then the fullest requests are accepted, with counts of three bytes.
#[test]
fn the_fullest_requests_add_up() {
    let most = atoms(2_000_000_000_000_000);
    run::<256, 100>(120, &Limits { tickets: 100, total: most, fee: most, ..Limits::DEFAULT });
}

#[test]
fn a_ledger_keeps_to_them_too() {
    run::<24, 20>(200, &Limits::DEFAULT);
}
