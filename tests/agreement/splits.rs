//! Payments: splits as this project makes them, and what can be wrong with them.

use dcrcold_core::amount::Amount;
use dcrcold_core::hash::{Hash160, SIGHASH_ALL, TxId};
use dcrcold_core::script::{Payee, Payment, StakeTag};
use dcrcold_signer::tx::{OutPoint, RawValue, Transaction, Tree, TxIn, TxOut};

use super::case::{Cases, altered, least_fee, with_fee};
use super::purse::{Coin, atoms};
use super::world::{World, submission};

/// A fee that is enough for every payment here.
const FEE: u64 = 10_000;

pub fn cases(world: &mut World) -> Cases {
    let mut cases = Cases::default();
    fees(world, &mut cases);
    amounts(world, &mut cases);
    inputs(world, &mut cases);
    ages(world, &mut cases);
    outputs(world, &mut cases);
    fields(world, &mut cases);
    signatures(world, &mut cases);
    unmined(world, &mut cases);
    cases
}

fn own(world: &World, value: u64) -> TxOut {
    TxOut::new(atoms(value), &world.owner.script(None))
}

/// Spends a coin: `first` to the owner, the rest too, less the fee.
fn payment(world: &World, coin: &Coin) -> Transaction {
    let half = coin.value().atoms() / 2;
    world.owner.spend(std::slice::from_ref(coin), vec![own(world, half), own(world, half - FEE)])
}

/// A payment with something changed before it is signed.
fn changed(world: &mut World, change: impl FnOnce(&mut Transaction)) -> Transaction {
    let coin = world.plain();
    let tx = payment(world, &coin);
    altered(&world.owner, &[coin], tx, change)
}

/// A payment with something changed after it was signed.
fn forged(world: &mut World, change: impl FnOnce(&mut Transaction)) -> Transaction {
    let coin = world.plain();
    let mut tx = payment(world, &coin);
    change(&mut tx);
    tx
}

fn fees(world: &mut World, cases: &mut Cases) {
    let mut with = |name, fee: &dyn Fn(usize) -> u64| {
        let coin = world.plain();
        let outputs = vec![own(world, 30_000_000), own(world, 0)];
        cases.add(name, with_fee(&world.owner, &[coin], outputs, 1, fee));
    };
    with("split", &|size| least_fee(size) + 100);
    with("fee-exactly-enough", &least_fee);
    with("fee-one-atom-short", &|size| least_fee(size) - 1);
    with("fee-zero", &|_| 0);
    with("fee-at-the-limit", &|size| least_fee(size) * 10_000);
    with("fee-one-atom-above-the-limit", &|size| least_fee(size) * 10_000 + 1);
}

fn amounts(world: &mut World, cases: &mut Cases) {
    let mut with = |name, values: &[i64]| {
        let coin = world.plain();
        let mut outputs: Vec<_> = values.iter().map(|_| own(world, 0)).collect();
        outputs.iter_mut().zip(values).for_each(|(output, value)| output.value = RawValue(*value));
        cases.add(name, world.owner.spend(&[coin], outputs));
    };
    with("many-equal-outputs", &[4_999_000; 20]);
    with("output-of-6030-atoms", &[6_030, 99_980_000]);
    with("output-of-6029-atoms-is-dust", &[6_029, 99_980_000]);
    with("output-of-zero", &[0, 99_980_000]);
    with("output-negative", &[-1, 99_980_000]);
    with("output-above-21-million", &[2_100_000_000_000_001]);
    with("outputs-sum-above-21-million", &[2_100_000_000_000_000, 1]);
    with("outputs-one-atom-more-than-inputs", &[50_000_000, 50_000_001]);
    with("outputs-as-much-as-inputs", &[50_000_000, 50_000_000]);
    with("output-the-lowest-number", &[i64::MIN]);
}

fn inputs(world: &mut World, cases: &mut Cases) {
    let two = [world.plain(), world.plain()];
    let outputs = vec![own(world, 199_900_000)];
    cases.add("two-inputs", world.owner.spend(&two, outputs));
    let twice = world.plain();
    let outputs = vec![own(world, 199_900_000)];
    cases.add("input-twice", world.owner.spend(&[twice.clone(), twice], outputs));
    cases.add("no-inputs", forged(world, |tx| tx.inputs.clear()));
    cases.add("no-outputs", changed(world, |tx| tx.outputs.clear()));
    cases.add(
        "input-of-an-unknown-transaction",
        changed(world, |tx| tx.inputs[0].previous.id = TxId::from_bytes([7; 32])),
    );
    cases.add("input-index-too-high", changed(world, |tx| tx.inputs[0].previous.index = 10_000));
    cases.add("input-in-the-wrong-tree", changed(world, |tx| tx.inputs[0].previous.tree = Tree::Stake));
    let spent = world.spent.clone();
    cases.add("input-spent-in-a-block", payment(world, &spent));
    let coin = world.plain();
    let first = payment(world, &coin);
    let second = altered(&world.owner, &[coin], first.clone(), |tx| tx.outputs[0].value.0 -= 1);
    cases.add_after("input-spent-in-the-mempool", vec![first.clone()], second);
    cases.add_after("sent-twice", vec![first.clone()], first);
    let ticket = submission(&world.any_live());
    cases.add(
        "input-is-a-ticket",
        altered(&world.voter, std::slice::from_ref(&ticket), payment(world, &ticket), |_| {}),
    );
    let mut commitment = submission(&world.any_live());
    commitment.outpoint.index = 1;
    cases.add("input-is-a-commitment", payment(world, &commitment));
    let mut nothing = submission(&world.any_live());
    nothing.outpoint.index = 2;
    cases.add("input-is-empty-change", payment(world, &nothing));
    cases.add("input-spends-nothing", changed(world, |tx| tx.inputs[0].previous = OutPoint::NONE));
}

fn ages(world: &mut World, cases: &mut Cases) {
    // Spending a tagged output needs the stake opcode in what is signed.
    let payout = world.vote_payout.ripe.clone();
    let mut plain = payment(world, &payout);
    world.owner.sign(&mut plain, 0, &world.owner.script(None));
    cases.add("tagged-output-signed-without-its-opcode", plain);
    let mut change = world.ticket_change.clone();
    cases.add("ticket-change", payment(world, &change));
    change.outpoint.tree = Tree::Regular;
    cases.add("ticket-change-in-the-wrong-tree", payment(world, &change));
    let coins = [
        ("coinbase-mature", world.coinbase.ripe.clone()),
        ("coinbase-immature", world.coinbase.green.clone()),
        ("vote-payout-mature", world.vote_payout.ripe.clone()),
        ("vote-payout-immature", world.vote_payout.green.clone()),
        ("revocation-payout-mature", world.revocation_payout.ripe.clone()),
        ("revocation-payout-immature", world.revocation_payout.green.clone()),
        ("output-of-an-old-transaction-with-an-expiry", world.expiring.ripe.clone()),
        ("output-of-a-young-transaction-with-an-expiry", world.expiring.green.clone()),
    ];
    for (name, coin) in coins {
        cases.add(name, payment(world, &coin));
    }
}

fn outputs(world: &mut World, cases: &mut Cases) {
    let mut with = |name, script: &[u8], version: u16| {
        let tx = changed(world, |tx| {
            tx.outputs[0].script = script.to_vec();
            tx.outputs[0].script_version = version;
        });
        cases.add(name, tx);
    };
    let hash = Hash160::from_bytes([9; 20]);
    let script = |tag, payee| Payment { tag, payee }.script().as_bytes().to_vec();
    with("output-to-a-script-hash", &script(None, Payee::ScriptHash(hash)), 0);
    with("output-with-script-version-1", &script(None, Payee::KeyHash(hash)), 1);
    for (name, tag) in [
        ("output-tagged-sstx", StakeTag::Submission),
        ("output-tagged-ssgen", StakeTag::Vote),
        ("output-tagged-ssrtx", StakeTag::Revocation),
        ("output-tagged-sstxchange", StakeTag::Change),
        ("output-tagged-tgen", StakeTag::Treasury),
    ] {
        with(name, &script(Some(tag), Payee::KeyHash(hash)), 0);
    }
    with("output-to-anybody", &[0x51], 0);
    with("output-with-an-empty-script", &[], 0);
    with("output-with-a-script-cut-short", &[0x4c, 5, 1], 0);
    with("output-with-data", &[0x6a, 3, 1, 2, 3], 0);
    with("output-with-data-pushed-the-long-way", &[0x6a, 0x4c, 3, 1, 2, 3], 0);
    let key = [&[33][..], &world.owner.public.to_bytes(), &[0xac]].concat();
    cases.add("output-to-a-key", changed(world, |tx| tx.outputs[0].script = key));
    for (name, count) in [("four-outputs-with-data", 4), ("five-outputs-with-data", 5)] {
        let data = TxOut::new(Amount::ZERO, &[0x6a, 1, 0x55]);
        cases.add(name, changed(world, |tx| tx.outputs.extend(vec![data; count])));
    }
}

fn fields(world: &mut World, cases: &mut Cases) {
    let next = world.tip.height.0 + 1;
    let mut with = |name, change: &dyn Fn(&mut Transaction)| cases.add(name, changed(world, change));
    with("expiry-after-the-next-block", &|tx| tx.expiry = next + 1);
    with("expiry-with-the-next-block", &|tx| tx.expiry = next);
    with("expiry-over", &|tx| tx.expiry = next - 1);
    with("version-2", &|tx| tx.version = 2);
    with("version-3", &|tx| tx.version = 3);
    with("version-4", &|tx| tx.version = 4);
    with("lock-time-over", &|tx| (tx.lock_time, tx.inputs[0].sequence) = (next - 1, 0));
    with("lock-time-to-come", &|tx| (tx.lock_time, tx.inputs[0].sequence) = (next, 0));
    with("lock-time-to-come-but-final", &|tx| tx.lock_time = next + 100);
    with("lock-time-in-the-past-by-the-clock", &|tx| (tx.lock_time, tx.inputs[0].sequence) = (1_400_000_000, 0));
    with("lock-time-in-the-future-by-the-clock", &|tx| (tx.lock_time, tx.inputs[0].sequence) = (4_000_000_000, 0));
    with("value-in-unknown", &|tx| tx.inputs[0].value_in = RawValue::UNKNOWN);
    with("value-in-wrong", &|tx| tx.inputs[0].value_in = RawValue(1));
    with("value-in-below-unknown", &|tx| tx.inputs[0].value_in = RawValue(-2));
    with("value-in-above-21-million", &|tx| tx.inputs[0].value_in = RawValue(2_100_000_000_000_001));
    with("place-of-the-input-wrong", &|tx| (tx.inputs[0].block_height, tx.inputs[0].block_index) = (1, 1));
    let coinbase = changed(world, |tx| {
        tx.version = 3;
        tx.inputs = vec![TxIn::unsigned(OutPoint::NONE, RawValue(1))];
    });
    cases.add("coinbase", coinbase);
}

fn signatures(world: &mut World, cases: &mut Cases) {
    let mut with = |name, change: &dyn Fn(&mut Vec<u8>)| {
        cases.add(name, forged(world, |tx| change(&mut tx.inputs[0].signature_script)));
    };
    with("signature-missing", &Vec::clear);
    with("signature-with-a-bit-flipped", &|script| script[20] ^= 1);
    with("signature-of-high-s", &|script| *script = with_signature(script, high_s));
    with("signature-with-a-padded-r", &|script| *script = with_signature(script, padded_r));
    with("signature-with-a-long-length", &|script| *script = with_signature(script, long_length));
    with("signature-with-a-byte-behind", &|script| *script = with_signature(script, |der| der.push(0)));
    with("signature-empty", &|script| *script = with_signature(script, Vec::clear));
    with("signature-pushed-the-long-way", &|script| script.insert(0, 0x4c));
    with("key-missing", &|script| script.truncate(usize::from(script[0]) + 1));
    with("key-hybrid", &|script| *script.iter_mut().nth_back(32).unwrap() = 6);
    with("something-pushed-before", &|script| script.insert(0, 0x51));
    with("opcode-that-does-not-push", &|script| script.push(0x61));
    for (name, hash_type) in [
        ("hash-type-0", 0x00),
        ("hash-type-none", 0x02),
        ("hash-type-single", 0x03),
        ("hash-type-4", 0x04),
        ("hash-type-all-anyone", 0x81),
        ("hash-type-single-anyone", 0x83),
        ("hash-type-0x41", 0x41),
    ] {
        let coin = world.plain();
        let mut tx = payment(world, &coin);
        world.owner.sign_as(&mut tx, 0, &coin.output.script, hash_type);
        cases.add(name, tx);
    }
    let coin = world.plain();
    let tx = altered(&world.stranger, std::slice::from_ref(&coin), payment(world, &coin), |_| {});
    cases.add("key-of-somebody-else", tx);
    cases.add("output-changed-after-signing", forged(world, |tx| tx.outputs[0].value.0 -= 1));
    let two = [world.plain(), world.plain()];
    let mut tx = world.owner.spend(&two, vec![own(world, 199_900_000)]);
    (tx.inputs[0].signature_script, tx.inputs[1].signature_script) =
        (tx.inputs[1].signature_script.clone(), tx.inputs[0].signature_script.clone());
    cases.add("signatures-swapped", tx);
}

fn unmined(world: &mut World, cases: &mut Cases) {
    let coin = world.plain();
    let first = payment(world, &coin);
    let second = payment(world, &Coin::of(&first, 0, Tree::Regular));
    cases.add_after("output-of-an-unmined-payment", vec![first.clone()], second);
    let mut missing = Coin::of(&first, 1, Tree::Regular);
    missing.outpoint.index = 5;
    cases.add("output-that-an-unmined-payment-does-not-have", payment(world, &missing));
    let coin = world.plain();
    let expiring =
        altered(&world.owner, std::slice::from_ref(&coin), payment(world, &coin), |tx| tx.expiry = 1_000_000);
    let second = payment(world, &Coin::of(&expiring, 0, Tree::Regular));
    cases.add_after("output-of-an-unmined-payment-with-an-expiry", vec![expiring], second);
    let coin = world.plain();
    let unsent = payment(world, &coin);
    cases.add("output-of-a-payment-never-sent", payment(world, &Coin::of(&unsent, 0, Tree::Regular)));
}

/// Replaces the signature in a signature script: DER without its hash type.
fn with_signature(script: &[u8], change: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let length = usize::from(script[0]);
    let mut der = script[1..length].to_vec();
    change(&mut der);
    der.push(SIGHASH_ALL);
    let mut changed = vec![u8::try_from(der.len()).unwrap()];
    changed.extend(der);
    changed.extend(&script[length + 1..]);
    changed
}

/// Takes the other S: the group order less this one.
fn high_s(der: &mut Vec<u8>) {
    const ORDER: [u8; 32] = [
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe, 0xba, 0xae,
        0xdc, 0xe6, 0xaf, 0x48, 0xa0, 0x3b, 0xbf, 0xd2, 0x5e, 0x8c, 0xd0, 0x36, 0x41, 0x41,
    ];
    let start = 4 + usize::from(der[3]) + 2;
    let s = der.split_off(start);
    let mut low = [0; 32];
    low[32 - s.len()..].copy_from_slice(&s);
    let mut borrow = 0;
    let mut high: Vec<u8> = ORDER
        .iter()
        .zip(low)
        .rev()
        .map(|(order, digit)| {
            let difference = i16::from(*order) - i16::from(digit) - borrow;
            borrow = i16::from(difference < 0);
            u8::try_from(difference.rem_euclid(256)).unwrap()
        })
        .collect();
    // The sign bit of the larger number needs a byte of its own.
    high.push(0);
    high.reverse();
    der[start - 1] = u8::try_from(high.len()).unwrap();
    der.extend(high);
    der[1] = u8::try_from(der.len() - 2).unwrap();
}

/// Puts a zero byte that is not needed in front of R.
fn padded_r(der: &mut Vec<u8>) {
    der.insert(4, 0);
    der[3] += 1;
    der[1] += 1;
}

/// Writes the length of the whole in two bytes.
fn long_length(der: &mut Vec<u8>) {
    der.insert(1, 0x81);
}
