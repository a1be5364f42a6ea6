//! Signing of whole purchases: reading requests with their parents, building, reviewing, signing, verifying what was
//! signed. Beside it the bare calls of libsecp256k1 that this contains, and how it grows with the number of tickets.

use std::hint::black_box;
use std::time::Duration;

use dcrcold_benches::{ColdWallet, Go, Race, time};
use dcrcold_core::machine::NoMemory;
use dcrcold_signer::signer::review;
use secp256k1::ecdsa::{self, RecoverableSignature};
use secp256k1::{Message, PublicKey, Scalar, SecretKey};

/// The most tickets that a request may have by default.
const FULL: u32 = 20;

/// The calls in signing a full request from 11 inputs, as `valgrind --tool=callgrind` counts them in this program: 11 + 20
/// signatures and 20 of messages, each verified; keys of 20 tickets, their commitments, voters and inputs; and the
/// accounts that a voter is compared with.
const CALLS: [(&str, u32); 7] = [
    ("sign", 31),
    ("sign recoverably", 20),
    ("verify", 31),
    ("recover", 20),
    ("public key", 82),
    ("tweak a public key", 192),
    ("tweak a secret key", 130),
];

fn sign(wallet: &ColdWallet, request: &[u8]) -> usize {
    let reviewed = review(request, &wallet.contents, &mut NoMemory).expect("the request breaks no rule");
    let shown: usize = reviewed.request().pages().map(|page| page.to_string().len()).sum();
    let id = *reviewed.request().id();
    let answer = reviewed.approve(&id).expect("its own id approves it").sign(&mut NoMemory).expect("the keys sign");
    shown + answer.inputs.len() + answer.tickets.len() + answer.messages.len()
}

fn bare_calls() {
    let key = SecretKey::from_secret_bytes([7; 32]).expect("a number below the order");
    let public = PublicKey::from_secret_key(&key);
    let tweak = Scalar::from_be_bytes([9; 32]).expect("a number below the order");
    let digest = Message::from_digest([5; 32]);
    let signature = ecdsa::sign(digest, &key);
    let recoverable = RecoverableSignature::sign_ecdsa_recoverable(digest, &key);
    for (call, times) in CALLS {
        time(times, || match call {
            "sign" => kept(ecdsa::sign(black_box(digest), &key)),
            "sign recoverably" => kept(RecoverableSignature::sign_ecdsa_recoverable(black_box(digest), &key)),
            "verify" => kept(ecdsa::verify(&signature, black_box(digest), &public)),
            "recover" => kept(recoverable.recover_ecdsa(black_box(digest))),
            "public key" => kept(PublicKey::from_secret_key(black_box(&key))),
            "tweak a public key" => kept(black_box(public).add_exp_tweak(&tweak)),
            _ => kept(black_box(key).add_tweak(&tweak)),
        });
    }
}

fn kept<T>(result: T) {
    black_box(result);
}

fn main() {
    let wallet = ColdWallet::new();
    beside_bare_calls(&wallet);
    growth(&wallet);
    beside_dcrd();
}

fn beside_bare_calls(wallet: &ColdWallet) {
    let request = wallet.request(FULL);
    let race = Race::default().with("whole", || sign(wallet, black_box(&request))).with("bare calls", bare_calls);
    let times = race.run(60);
    let [(_, whole), (_, bare)] = times.as_slice() else { return };
    let ratio = whole.as_secs_f64() / bare.as_secs_f64();
    println!(
        "signing {FULL} tickets from {} bytes of request: {whole:.2?}, its bare calls {bare:.2?}, {ratio:.3} x",
        request.len()
    );
}

fn growth(wallet: &ColdWallet) {
    for tickets in [1, 2, 5, 10, 20, 100, 200, 500, 1000] {
        let size = tickets.min(FULL);
        let (request, times) = (wallet.request(size), tickets / size);
        let work = || (0..times).map(|_| sign(wallet, black_box(&request))).sum::<usize>();
        let time = Race::default().with("", work).run(if tickets > FULL { 6 } else { 30 })[0].1;
        println!("{tickets:>5} tickets in {times:>2} requests: {time:>9.2?}, {:>8.2?} each", time / tickets);
    }
}

/// The two calls that dcrd's own module can be asked for as well.
fn beside_dcrd() {
    let Some(mut go) = Go::start() else { return };
    let key = SecretKey::from_secret_bytes([7; 32]).expect("a number below the order");
    let public = PublicKey::from_secret_key(&key);
    let digest = Message::from_digest([5; 32]);
    let signature = ecdsa::sign(digest, &key);
    let print = |name: &str, time: Duration| println!("{name:<40} {:>6.1} µs", time.as_secs_f64() * 1e6);
    let race = Race::default()
        .with("sign, libsecp256k1", || ecdsa::sign(black_box(digest), &key))
        .with_measured("sign, dcrd dcrec/secp256k1 4.4.1", |iterations| go.measure("sign", 0, iterations));
    race.run(100).into_iter().for_each(|(name, time)| print(name, time));
    let race = Race::default()
        .with("verify, libsecp256k1", || ecdsa::verify(&signature, black_box(digest), &public))
        .with_measured("verify, dcrd dcrec/secp256k1 4.4.1", |iterations| go.measure("verify", 0, iterations));
    race.run(100).into_iter().for_each(|(name, time)| print(name, time));
}
