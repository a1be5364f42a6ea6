//! There is one encoding of every request: what a signer accepts, it would write again to the byte.

#[path = "common/body.rs"]
mod body;
#[path = "common/cold.rs"]
mod cold;
#[path = "common/random.rs"]
mod random;
#[path = "common/rewritten.rs"]
mod rewritten;

use body::{Body, head, seal};
use cold::{Cold, PRICE, atoms, encoded, external, index};
use dcrcold_core::cbor::Head;
use dcrcold_core::hash::Hash160;
use dcrcold_core::policy::{Limits, Rule};
use dcrcold_core::request::{self, Funding, HEADER_LENGTH, Label, Output, Purse, Recipient, RequestReader, Rest};
use dcrcold_core::script::Payee;
use dcrcold_signer::transfer::{Purchase, Register, Send, Voting};
use random::Random;
use rewritten::{HostRequest, written_again};

/// Requests in which every key of every kind occurs.
fn honest(cold: &Cold) -> Vec<Vec<u8>> {
    let label = Label::new(b"all that there can be");
    let purse = Some(Purse { amount: atoms(10_000), index: index(3) });
    let coin = atoms(PRICE.atoms() + 2_980);
    let hash = Hash160::from_bytes([5; 20]);
    let to = |recipient| Output { recipient, amount: atoms(10_000) };
    let fingerprint = cold.voter().fingerprint(cold::NETWORK);
    let outputs = [
        to(Recipient::Address(Payee::KeyHash(hash))),
        to(Recipient::Address(Payee::ScriptHash(hash))),
        to(Recipient::Purse { fingerprint, index: index(2) }),
    ];
    let swept = [outputs[0], Output { amount: atoms(0), ..outputs[1] }];
    vec![
        encoded(&Purchase { label, purse, ..cold.purchase(2) }),
        encoded(&Purchase { voting: Voting::Foreign(vec![hash; 2]), ..cold.direct(&[coin, coin]) }),
        encoded(&Send { label, outputs: outputs.to_vec(), ..cold.send() }),
        encoded(&Send { rest: Rest::Sweep, outputs: swept.to_vec(), ..cold.send() }),
        encoded(&Register {
            label,
            paths: vec![external(0); 2],
            tickets: vec![cold.register().tickets.remove(0); 2],
            ..cold.register()
        }),
    ]
}

fn read(request: &[u8]) -> Option<HostRequest> {
    let mut reader = Box::<RequestReader<256, 100>>::default();
    reader.push(request).ok()?;
    reader.finish().ok()
}

fn rule(cold: &Cold, request: &[u8]) -> Option<Rule> {
    cold.review::<256, 100>(request, &Limits::DEFAULT).err().map(|refusal| refusal.rule)
}

/// Where the heads of a body are, with what they say.
fn heads(body: &[u8]) -> Vec<(usize, Head)> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < body.len() {
        let (head, rest) = head(&body[at..]);
        found.push((at, head));
        at = body.len() - rest.len();
        if let Head::Bytes(length) | Head::Text(length) = head {
            at += usize::try_from(length).expect("a short string");
        }
    }
    found
}

const fn number(head: Head) -> (u8, u64) {
    match head {
        Head::Uint(number) => (0, number),
        Head::Bytes(number) => (2, number),
        Head::Text(number) => (3, number),
        Head::Array(number) => (4, number),
        Head::Map(number) => (5, number),
    }
}

/// Every form of a head, the shortest first: the number in the first byte, or in 1, 2, 4, 8 bytes behind it.
fn forms(head: Head) -> Vec<Vec<u8>> {
    let (major, number) = number(head);
    let first = |low: u8| major << 5 | low;
    let short = u8::try_from(number).ok().filter(|number| *number < 24).map(|number| vec![first(number)]);
    let wide = [(24, 1), (25, 2), (26, 4), (27, 8)].into_iter().filter_map(|(low, width)| {
        let bytes = number.to_be_bytes();
        let (zeros, bytes) = bytes.split_at(8 - width);
        zeros.iter().all(|byte| *byte == 0).then(|| [&[first(low)], bytes].concat())
    });
    short.into_iter().chain(wide).collect()
}

#[test]
fn no_number_has_a_second_form() {
    let cold = Cold::new();
    let mut ran = 0;
    for request in honest(&cold) {
        assert_eq!(rule(&cold, &request), None);
        for (at, head) in heads(&request[HEADER_LENGTH..]) {
            let (forms, start) = (forms(head), HEADER_LENGTH + at);
            let end = start + forms[0].len();
            assert_eq!(request[start..end], forms[0]);
            for longer in &forms[1..] {
                let mut other = request.clone();
                other.splice(start..end, longer.iter().copied());
                seal(&mut other);
                assert_eq!(rule(&cold, &other), Some(Rule::NotCanonical), "head at {at} in {} bytes", longer.len());
                ran += 1;
            }
        }
    }
    println!("longer heads: {ran} cases");
    assert!(ran > 500);
}

#[test]
fn pairs_cannot_be_swapped_doubled_or_miscounted() {
    let cold = Cold::new();
    let mut ran = 0;
    let mut refused = |request: &[u8], what: &str| {
        assert_eq!(rule(&cold, request), Some(Rule::NotCanonical), "{what}");
        ran += 1;
    };
    for request in honest(&cold) {
        let body = Body::of(&request);
        let count = body.pairs.len() as u64;
        for place in 0..body.pairs.len() {
            let mut doubled = body.clone();
            doubled.pairs.insert(place, body.pairs[place].clone());
            refused(&doubled.request(), "doubled");
            if place + 1 < body.pairs.len() {
                let mut swapped = body.clone();
                swapped.pairs.swap(place, place + 1);
                refused(&swapped.request(), "swapped");
            }
        }
        refused(&body.request_of(count + 1), "a pair too few");
        refused(&body.request_of(count - 1), "a pair too many");
        refused(&body.request_of(0), "no pair");
    }
    println!("pairs: {ran} cases");
}

#[test]
fn what_is_accepted_is_written_again_to_the_byte() {
    let cold = Cold::new();
    let honest = honest(&cold);
    let mut random = Random(0x1121);
    let (mut ran, mut accepted, mut kinds) = (0, 0, [0; 3]);
    for round in 0..60_000 {
        let mut request = honest[round % honest.len()].clone();
        for _ in 0..random.below(3) {
            random.damage(&mut request, HEADER_LENGTH);
        }
        seal(&mut request);
        ran += 1;
        let Some(read) = read(&request) else { continue };
        accepted += 1;
        kinds[match &read.body {
            request::Body::Purchase(body) => usize::from(body.funding == Funding::Direct),
            request::Body::Send(_) => 1,
            request::Body::Register(_) => 2,
        }] += 1;
        assert_eq!(written_again(&read, &request), request);
    }
    println!("damaged requests: {ran} cases, {accepted} accepted and written again");
    assert!(accepted > ran / 4 && kinds.iter().all(|kind| *kind > 1000), "{kinds:?}");
}
