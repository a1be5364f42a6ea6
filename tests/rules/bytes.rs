//! Requests whose bytes are wrong: container, form, single values, room, parents.
#![allow(unreachable_pub, reason = "a part of the test")]

use dcrcold_core::amount::MAX_ATOMS;
use dcrcold_core::hash::{Fingerprint, Hash160};
use dcrcold_core::net::Network;
use dcrcold_core::path::{Branch, CoinType};
use dcrcold_core::policy::{Limits, Rule};
use dcrcold_core::request::{MAX_BODY, Output, Purse, Recipient, Rest};
use dcrcold_core::script::{Payee, StakeTag};
use dcrcold_signer::transfer::{InputRef, Purchase, Voting};
use dcrcold_signer::tx::TxOut;

use crate::body::{self, Body};
use crate::cases::Cases;
use crate::cold::{PRICE, atoms, encoded, external, index, parent_of};

pub fn container(cases: &mut Cases<'_>) {
    let whole = encoded(&cases.cold.purchase(1));
    let altered = |at: usize, bytes: &[u8]| {
        let mut request = whole.clone();
        request[at..at + bytes.len()].copy_from_slice(bytes);
        request
    };
    cases.add(Rule::NotCanonical, "another magic", altered(0, b"dcrcold"));
    cases.add(Rule::VersionUnknown, "version 2", altered(7, &[2]));
    cases.add(Rule::KindUnexpected, "an answer", altered(8, &[4]));
    cases.add(Rule::FlagsUnknown, "flag bit 7", altered(10, &[128]));
    cases.add(Rule::NetworkMismatch, "network 3", altered(9, &[3]));
    cases.add(Rule::TooLarge, "a body of 1 MiB and a byte", altered(11, &(MAX_BODY + 1).to_le_bytes()));
    cases.add(Rule::IdMismatch, "one bit of the id", altered(46, &[whole[46] ^ 1]));
    cases.add(Rule::NotCanonical, "a byte too few", whole[..whole.len() - 1].to_vec());
    cases.add(Rule::NotCanonical, "a byte too many", [&whole[..], &[0]].concat());
    let mut other = cases.cold.purchase(1);
    other.account.coin_type = CoinType::standard(Network::Simnet);
    let other = dcrcold_signer::transfer::Encode::to_container(&other, Network::Simnet).expect("a small request");
    cases.add(Rule::NetworkMismatch, "keys of another network", other.encode());
}

pub fn form(cases: &mut Cases<'_>) {
    let (body, cold) = (cases.body(), cases.cold);
    let send = Body::of(&encoded(&cold.send()));
    cases.add(Rule::NotCanonical, "an unknown key", body.with(14, |w| _ = w.uint(1)).request());
    cases.add(Rule::NotCanonical, "no amount", body.without(3).request());
    cases.add(Rule::NotCanonical, "nobody votes", body.without(6).request());
    cases.add(Rule::NotCanonical, "a pair less than announced", body.request_of(12));
    cases.add(Rule::NotCanonical, "a pair more than announced", body.request_of(10 - 1));
    cases.add(Rule::NotCanonical, "direct 2", body.with(12, |w| _ = w.uint(2)).request());
    cases.add(Rule::NotCanonical, "a long amount", {
        let mut body = body.clone();
        body.pairs[4].1 = vec![0x1a, 0, 0, 0x27, 0x10];
        body.request()
    });
    cases.add(Rule::NotCanonical, "change and sweep", send.with(12, |w| _ = w.uint(1)).request());
    cases.add(Rule::NotCanonical, "neither change nor sweep", send.without(5).request());
    cases.send(Rule::NotCanonical, "a sweep that gives its last output", |send| send.rest = Rest::Sweep);
    cases.send(Rule::NotCanonical, "purses of two voters", |send| {
        let purse = |byte| Recipient::Purse { fingerprint: Fingerprint::from_bytes([byte; 16]), index: index(0) };
        send.outputs = [1, 2].map(|byte| Output { recipient: purse(byte), amount: atoms(10_000) }).to_vec();
    });
    cases.register(Rule::NotCanonical, "more paths than tickets", |register| register.paths.push(external(1)));
    cases.purchase(Rule::NotCanonical, "more voting hashes than tickets", |purchase| {
        purchase.voting = Voting::Foreign(vec![Hash160::from_bytes([5; 20]); 2]);
    });
    cases.add(Rule::NotCanonical, "more coins than tickets", {
        encoded(&Purchase { tickets: 1, ..cold.direct(&[atoms(PRICE.atoms() + 2_980); 2]) })
    });
    cases.add(Rule::NotCanonical, "direct with a purse", {
        let purse = Some(Purse { amount: atoms(10_000), index: index(0) });
        encoded(&Purchase { purse, ..cold.direct(&[atoms(PRICE.atoms() + 2_980)]) })
    });
}

pub fn values(cases: &mut Cases<'_>) {
    let body = cases.body();
    let pair = |first: u64, second: u64| {
        move |w: &mut dcrcold_core::cbor::Writer<&mut body::Bytes>| {
            w.array(2).uint(first).uint(second);
        }
    };
    cases.add(Rule::NetworkCoinMismatch, "simnet's coin type", body.with(0, pair(115, 0)).request());
    cases.add(Rule::AccountOutOfRange, "a voting account", body.with(0, pair(42, 0x1000_0000)).request());
    cases.add(Rule::AccountOutOfRange, "2^24", body.with(0, pair(42, 1 << 24)).request());
    cases.add(Rule::IndexOutOfRange, "2^31 - 1,024", body.with(5, |w| _ = w.uint((1 << 31) - 1024)).request());
    cases.add(
        Rule::IndexOutOfRange,
        "branch 2",
        body.with(1, |w| _ = w.array(1).array(4).uint(0).uint(0).uint(2).uint(0)).request(),
    );
    cases.add(
        Rule::ParentMissing,
        "parent 2^32",
        body.with(1, |w| _ = w.array(1).array(4).uint(1 << 32).uint(0).uint(0).uint(0)).request(),
    );
    cases.add(
        Rule::OutputIndexOutOfRange,
        "output 2^32",
        body.with(1, |w| _ = w.array(1).array(4).uint(0).uint(1 << 32).uint(0).uint(0)).request(),
    );
    cases.add(Rule::AmountAboveLimit, "more than can exist", body.with(3, |w| _ = w.uint(MAX_ATOMS + 1)).request());
    cases.add(Rule::PurseAboveLimit, "more than can exist", body.with(8, pair(MAX_ATOMS + 1, 0)).request());
    cases.add(Rule::ExpiryTooFar, "height 2^32", body.with(9, |w| _ = w.uint(1 << 32)).request());
    claims(cases, &body);
    labels(cases, &body);
}

fn claims(cases: &mut Cases<'_>, body: &Body) {
    let claimed =
        |tip: u64, time: u64, price: u64| body.with(10, |w| _ = w.array(3).uint(tip).uint(time).uint(price)).request();
    cases.add(Rule::TimestampOutOfRange, "time 0", claimed(1_100_000, 0, 25_000_000_000));
    cases.add(Rule::TimestampOutOfRange, "height 2^32", claimed(1 << 32, 1, 25_000_000_000));
    cases.add(Rule::AmountOverflow, "a price that cannot be", claimed(1_100_000, 1, MAX_ATOMS + 1));
}

fn labels(cases: &mut Cases<'_>, body: &Body) {
    for (what, label) in [("an empty label", ""), ("a line break", "a\nb"), ("not ASCII", "\u{202e}")] {
        cases.add(Rule::LabelUnprintable, what, body.with(11, |w| _ = w.text(label)).request());
    }
    cases.add(Rule::LabelUnprintable, "65 characters", body.with(11, |w| _ = w.text(&"x".repeat(65))).request());
}

pub fn room(cases: &mut Cases<'_>) {
    let (inputs, tickets) = (cases.inputs, cases.tickets);
    let many = usize::try_from(tickets).expect("small") + 1;
    cases.purchase(Rule::TooLarge, "an input too many", |purchase| {
        purchase.inputs = (0..=inputs).map(|output| InputRef { parent: 0, output, path: external(0) }).collect();
    });
    cases.purchase(Rule::TooLarge, "a parent too many", |purchase| {
        purchase.parents = vec![vec![]; usize::try_from(inputs).expect("small") + 1];
    });
    cases.send(Rule::TooLarge, "an output too many", |send| send.outputs = vec![send.outputs[0]; many]);
    cases.purchase(Rule::TicketsAboveLimit, "a ticket more than there is room for", |purchase| {
        purchase.tickets = tickets + 1;
    });
    cases.purchase(Rule::TicketsAboveLimit, "a voting hash too many", |purchase| {
        purchase.voting = Voting::Foreign(vec![Hash160::from_bytes([5; 20]); many]);
    });
    cases.register(Rule::TicketsAboveLimit, "a path too many", |register| register.paths = vec![external(0); many]);
    cases.register(Rule::TicketsAboveLimit, "a ticket too many", |register| register.tickets = vec![vec![]; many]);
    let five = Limits { tickets: 5, ..Limits::DEFAULT };
    let (purchase, mut register) = (encoded(&cases.cold.purchase(6)), cases.cold.register());
    cases.limited(Rule::TicketsAboveLimit, "a ticket more than allowed", purchase, five);
    register.paths = vec![external(0); 6];
    register.tickets = vec![register.tickets[0].clone(); 6];
    cases.limited(Rule::TicketsAboveLimit, "a registration more than allowed", encoded(&register), five);
}

pub fn parents(cases: &mut Cases<'_>) {
    let cold = cases.cold;
    let coin = atoms(30_000_000_000);
    cases.purchase(Rule::ParentMissing, "parent 1 of 1", |purchase| purchase.inputs[0].parent = 1);
    cases.purchase(Rule::ParentMalformed, "a byte too few", |purchase| purchase.parents[0].truncate(90));
    cases.purchase(Rule::ParentMalformed, "a byte too many", |purchase| purchase.parents[0].push(0));
    cases.purchase(Rule::ParentMalformed, "nothing", |purchase| purchase.parents[0].clear());
    cases.purchase(Rule::ParentMalformed, "a whole transaction", |purchase| purchase.parents[0][2] = 0);
    cases
        .purchase(Rule::ParentMalformed, "a negative value", |purchase| purchase.parents[0][4 + 1 + 41 + 1 + 7] = 0x80);
    cases.purchase(Rule::ParentMalformed, "a number of inputs in three bytes", |purchase| {
        purchase.parents[0].splice(4..5, [0xfd, 1, 0]);
    });
    cases.purchase(Rule::ParentDuplicate, "the same one twice", |purchase| {
        purchase.parents.push(purchase.parents[0].clone());
        purchase.inputs.push(InputRef { parent: 1, ..purchase.inputs[0] });
    });
    cases.purchase(Rule::ParentUnused, "one that nobody names", |purchase| purchase.parents.push(cold.parent(&[coin])));
    cases.purchase(Rule::OutputIndexOutOfRange, "output 1 of 1", |purchase| purchase.inputs[0].output = 1);
    cases.purchase(Rule::InputDuplicate, "the same output twice", |purchase| purchase.inputs.push(purchase.inputs[0]));
    cases.purchase(Rule::InputNotOurs, "another key", |purchase| purchase.inputs[0].path = external(1));
    cases.purchase(Rule::InputNotOurs, "another branch", |purchase| purchase.inputs[0].path.branch = Branch::Internal);
    let mut paying = |rule, what, script: Vec<u8>, version| {
        cases.purchase(rule, what, |purchase| {
            purchase.parents = vec![parent_of(vec![TxOut { script_version: version, ..TxOut::new(coin, &script) }])];
        });
    };
    paying(Rule::ScriptVersionUnsupported, "script version 1", cold.script(external(0), None), 1);
    paying(Rule::InputScriptUnsupported, "a ticket", cold.script(external(0), Some(StakeTag::Submission)), 0);
    paying(Rule::InputScriptUnsupported, "a treasury spend", cold.script(external(0), Some(StakeTag::Treasury)), 0);
    paying(Rule::InputScriptUnsupported, "no script", vec![], 0);
    let script_hash = Payee::ScriptHash(cold.hash(external(0)));
    let script_hash = dcrcold_core::script::Payment { tag: None, payee: script_hash }.script();
    paying(Rule::InputScriptUnsupported, "a script hash", script_hash.as_bytes().to_vec(), 0);
    let longer = [&cold.script(external(0), None)[..], &[0x61]].concat();
    paying(Rule::InputScriptUnsupported, "a script with something behind it", longer, 0);
}
