//! What a purchase weighs as light.

use dcrcold_core::hash::Hash160;
use dcrcold_core::machine::NoMemory;
use dcrcold_core::script::{Payee, Payment};
use dcrcold_signer::qr::{Density, Stream};
use dcrcold_signer::signer::review;
use dcrcold_signer::transfer::{Container, Encode, InputRef, Purchase};
use dcrcold_signer::tx::{OutPoint, Transaction, Tree, TxIn, TxOut};

use crate::cold::{Cold, NETWORK, PRICE, atoms, encoded, external};
use crate::random::Random;

fn bytes<const N: usize>(random: &mut Random) -> [u8; N] {
    std::array::from_fn(|_| random.byte())
}

/// A usual payment: two signed inputs, and three outputs of which one, with a value of its own, is ours.
fn payment(cold: &Cold, number: u32, value: u64, random: &mut Random) -> Transaction {
    let input = |random: &mut Random| {
        let id = base16ct::lower::encode_string(&bytes::<32>(random)).parse().unwrap();
        let previous = OutPoint { id, index: u32::from(random.byte() % 4), tree: Tree::Regular };
        let mut input = TxIn::unsigned(previous, TxOut::new(atoms(value), &[]).value);
        // A signature in DER with its hash type, and a key: 1 + 71 or 72 + 1 + 33 bytes.
        input.signature_script = (0..106 + random.byte() % 2).map(|_| random.byte()).collect();
        input.block_height = 1_000_000 + u32::from(random.byte());
        input
    };
    let output = |random: &mut Random| {
        let payee = Payee::KeyHash(Hash160::from_bytes(bytes(random)));
        TxOut::new(
            atoms(u64::from(u32::from_le_bytes(bytes(random)))),
            Payment { tag: None, payee }.script().as_bytes(),
        )
    };
    let mut outputs = vec![output(random), output(random)];
    outputs.insert(usize::from(random.byte() % 3), TxOut::new(atoms(value), &cold.script(external(number), None)));
    Transaction { version: 1, inputs: vec![input(random), input(random)], outputs, lock_time: 0, expiry: 0 }
}

/// A purchase paid by coins of as many payments; the payments as the network has them.
fn purchase(cold: &Cold, tickets: u32, coins: u32) -> (Container, Vec<Transaction>) {
    let mut random = Random(77);
    let each = u64::from(tickets) * (PRICE.atoms() + 2_980) / u64::from(coins) + 10_000_000;
    let paid: Vec<_> =
        (0..coins).map(|number| payment(cold, number, each + u64::from(number) * 997, &mut random)).collect();
    let ours = |number: u32, paid: &Transaction| {
        let script = cold.script(external(number), None);
        u32::try_from(paid.outputs.iter().position(|output| output.script == script).unwrap()).unwrap()
    };
    let inputs = (0..).zip(&paid).map(|(number, paid)| InputRef {
        parent: number,
        output: ours(number, paid),
        path: external(number),
    });
    let request = Purchase {
        inputs: inputs.collect(),
        parents: paid.iter().map(Transaction::encode_prefix).collect(),
        ..cold.purchase(tickets)
    };
    (Container::parse(&encoded(&request)).unwrap(), paid)
}

fn answer(cold: &Cold, request: &Container) -> Container {
    let bytes = request.encode();
    let reviewed = review(&bytes, &cold.contents, &mut NoMemory).unwrap();
    let ready = reviewed.approve(request.id()).unwrap();
    ready.sign(&mut NoMemory).unwrap().to_container(NETWORK).unwrap()
}

/// As it is shown: deflated where that makes it smaller.
fn shown(transfer: &Container) -> Stream {
    let (plain, deflated) = (transfer.encode(), transfer.encode_deflated());
    Stream::new(if deflated.len() < plain.len() { deflated } else { plain }).unwrap()
}

fn frames(stream: &Stream) -> usize {
    stream.source_symbols().div_ceil(Density::V20.symbols())
}

/// 20 tickets out of 40 coins: not half of what the payments themselves would take.
#[test]
fn a_request_is_small_beside_its_parents() {
    let cold = Cold::new();
    let (request, paid) = purchase(&cold, 20, 40);
    let full: usize = paid.iter().map(|paid| paid.encode().len()).sum();
    let length = request.encode().len().min(request.encode_deflated().len());
    let answer = answer(&cold, &request);
    let trip = frames(&shown(&request)) + frames(&shown(&answer));
    println!(
        "20 tickets, 40 inputs: request {} bytes, deflated {}, full parents {full} ({:.1} %); answer {} bytes; \
         {} + {} frames at version 20, {:.1} s at 8 a second",
        request.encode().len(),
        request.encode_deflated().len(),
        100.0 * length as f64 / full as f64,
        answer.encode().len(),
        frames(&shown(&request)),
        frames(&shown(&answer)),
        trip as f64 / 8.0
    );
    assert!(length * 100 <= full * 45, "{length} of {full}");
}

/// Up to five tickets out of seven coins: one code that a terminal shows by itself.
#[test]
fn answers_of_five_tickets_are_one_code() {
    let cold = Cold::new();
    for tickets in 1..=5 {
        for coins in 1..=7 {
            let answer = answer(&cold, &purchase(&cold, tickets, coins).0);
            let density = shown(&answer).whole().map(|(_, density)| density);
            assert!(density.is_some_and(|density| density <= Density::V25), "{tickets} {coins}: {density:?}");
        }
    }
    println!("answers as one code: 35 cases");
}
