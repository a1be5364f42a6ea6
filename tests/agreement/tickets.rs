//! Tickets: as this project makes them, as others may, and what can be wrong with them.

use dcrcold_core::amount::Amount;
use dcrcold_core::hash::{Hash160, TxId};
use dcrcold_core::script::{Payee, Payment, StakeTag};
use dcrcold_signer::tx::{RawValue, Transaction, Tree, TxOut};

use super::case::{Cases, altered, least_fee, with_fee};
use super::purse::{Coin, Purse, atoms, dcr};
use super::world::{TICKET_FEE, World, commitment, submission, with_change};

const SOMEBODY: Hash160 = Hash160::from_bytes([9; 20]);

pub fn cases(world: &mut World) -> Cases {
    let mut cases = Cases::default();
    shapes(world, &mut cases);
    prices_and_fees(world, &mut cases);
    commitments(world, &mut cases);
    broken_shapes(world, &mut cases);
    inputs(world, &mut cases);
    fields(world, &mut cases);
    stage(world, &mut cases);
    cases
}

/// The ticket over a coin, changed before it is signed.
fn over(world: &World, coin: &Coin, change: impl FnOnce(&mut Transaction)) -> Transaction {
    let tx = world.owner.ticket(coin, world.price, &world.voter);
    altered(&world.owner, std::slice::from_ref(coin), tx, change)
}

fn changed(world: &mut World, change: impl FnOnce(&mut Transaction)) -> Transaction {
    let coin = world.exact();
    over(world, &coin, change)
}

/// A ticket with 5 DCR of change, changed before it is signed.
fn rich(world: &mut World, change: impl FnOnce(&mut Transaction)) -> Transaction {
    let coin = world.rich();
    let outputs = with_change(&world.owner, &world.voter, coin.value(), world.price, dcr(5));
    let tx = world.owner.spend(std::slice::from_ref(&coin), outputs);
    altered(&world.owner, &[coin], tx, change)
}

fn tagged(tag: StakeTag, payee: Payee) -> Vec<u8> {
    Payment { tag: Some(tag), payee }.script().as_bytes().to_vec()
}

/// A ticket over several coins, which all pay into it; the fee is taken from the price.
fn joint(world: &World, coins: &[Coin], fee: u64) -> Transaction {
    let total: u64 = coins.iter().map(|coin| coin.value().atoms()).sum();
    let mut outputs = vec![TxOut::new(atoms(total - fee), &world.voter.script(Some(StakeTag::Submission)))];
    for coin in coins {
        outputs.push(commitment(world.owner.payee(), coin.value(), 0x4e00));
        outputs.push(TxOut::new(Amount::ZERO, &tagged(StakeTag::Change, Payee::KeyHash(Hash160::ZERO))));
    }
    world.owner.spend(coins, outputs)
}

fn shapes(world: &mut World, cases: &mut Cases) {
    cases.add("ticket", changed(world, |_| {}));
    cases.add("ticket-with-change", rich(world, |_| {}));
    let two = [world.exact(), world.plain()];
    cases.add("ticket-with-two-inputs", joint(world, &two, 6_000));
    let mut many = vec![world.exact()];
    many.extend((0..15).map(|_| world.plain()));
    cases.add("ticket-with-sixteen-inputs", joint(world, &many, 50_000));
    let to_script = |tag| move |tx: &mut Transaction| tx.outputs[0].script = tagged(tag, Payee::ScriptHash(SOMEBODY));
    cases.add("voting-right-to-a-script-hash", changed(world, to_script(StakeTag::Submission)));
    let reward = |payee, limits| move |tx: &mut Transaction, value| tx.outputs[1] = commitment(payee, value, limits);
    let mut with = |name, payee, limits| {
        let coin = world.exact();
        let value = coin.value();
        cases.add(name, over(world, &coin, |tx| reward(payee, limits)(tx, value)));
    };
    with("reward-to-a-script-hash", Payee::ScriptHash(SOMEBODY), 0x4e00);
    with("limits-of-old-wallets", Payee::KeyHash(SOMEBODY), 0x5800);
    with("limits-none", Payee::KeyHash(SOMEBODY), 0);
    with("limits-that-let-the-vote-take-everything", Payee::KeyHash(SOMEBODY), 0x7f7f);
    cases.add(
        "commitment-with-a-byte-more",
        changed(world, |tx| {
            tx.outputs[1].script[1] += 1;
            tx.outputs[1].script.push(0);
        }),
    );
    // The larger size costs a larger fee, which comes out of the change.
    cases.add(
        "commitment-of-75-bytes",
        rich(world, |tx| {
            tx.outputs[2].value.0 -= 10_000;
            tx.outputs[1] = commitment(Payee::KeyHash(SOMEBODY), less(tx, 499_990_000), 0x4e00);
            tx.outputs[1].script[1] = 75;
            tx.outputs[1].script.resize(77, 0);
        }),
    );
    cases.add(
        "change-of-one-atom",
        rich(world, |tx| {
            tx.outputs[2].value = RawValue(1);
            tx.outputs[0].value.0 += 499_999_999;
            tx.outputs[1] = commitment(Payee::KeyHash(SOMEBODY), less(tx, 1), 0x4e00);
        }),
    );
    cases.add(
        "change-to-the-zero-hash",
        rich(world, |tx| {
            tx.outputs[2].script = tagged(StakeTag::Change, Payee::KeyHash(Hash160::ZERO));
        }),
    );
}

/// What the first input commits to when `change` atoms of it go back.
fn less(tx: &Transaction, change: u64) -> Amount {
    atoms(u64::try_from(tx.inputs[0].value_in.0).unwrap() - change)
}

fn prices_and_fees(world: &mut World, cases: &mut Cases) {
    cases.add("price-one-atom-short", changed(world, |tx| tx.outputs[0].value.0 -= 1));
    cases.add("price-one-atom-more", changed(world, |tx| tx.outputs[0].value.0 += 1));
    let coin = world.rich();
    let price = world.price.checked_add(dcr(5)).unwrap();
    cases.add("price-five-dcr-more", world.owner.ticket(&coin, price, &world.voter));
    for (name, fee) in [("fee-exactly-enough", 0_i64), ("fee-one-atom-short", -1), ("fee-one-atom-more", 1)] {
        let coin = world.rich();
        let outputs = world.owner.ticket_outputs(coin.value(), world.price, &world.voter);
        let fee = |size| least_fee(size).checked_add_signed(fee).unwrap();
        cases.add(name, with_fee(&world.owner, &[coin], outputs, 0, fee));
    }
    cases.add("fee-zero", changed(world, |tx| tx.outputs[0].value.0 += i64::try_from(TICKET_FEE.atoms()).unwrap()));
    cases.add("pays-more-than-it-has", changed(world, |tx| tx.outputs[0].value.0 += 2_981));
    let coin = world.rich();
    cases.add("fee-far-too-high", world.owner.ticket(&coin, world.price, &world.voter));
}

fn commitments(world: &mut World, cases: &mut Cases) {
    let mut with = |name, difference: i64| {
        let coin = world.exact();
        let committed = atoms(coin.value().atoms().checked_add_signed(difference).unwrap());
        let owner = world.owner.payee();
        cases.add(name, over(world, &coin, |tx| tx.outputs[1] = commitment(owner, committed, 0x4e00)));
    };
    with("commitment-one-atom-less", -1);
    with("commitment-one-atom-more", 1);
    with("commitment-without-the-fee", -2_980);
    cases.add(
        "commitment-without-regard-to-change",
        rich(world, |tx| {
            tx.outputs[1] = commitment(Payee::KeyHash(SOMEBODY), less(tx, 0), 0x4e00);
        }),
    );
    cases.add("change-one-atom-more", rich(world, |tx| tx.outputs[2].value.0 += 1));
    cases.add("change-one-atom-less", rich(world, |tx| tx.outputs[2].value.0 -= 1));
    let two = [world.exact(), world.plain()];
    let mut swapped = joint(world, &two, 6_000);
    swapped.outputs.swap(1, 3);
    cases.add("commitments-swapped", altered(&world.owner, &two, swapped, |_| {}));
    // The second input gives nothing to the ticket and gets everything back.
    let two = [world.exact(), world.plain()];
    let mut empty = joint(world, &two, 6_000);
    empty.outputs[0].value = world.price.into();
    empty.outputs[3] = commitment(world.owner.payee(), Amount::ZERO, 0x4e00);
    empty.outputs[4] = TxOut::new(two[1].value(), &tagged(StakeTag::Change, world.owner.payee()));
    cases.add("commitment-of-nothing-with-a-fee-too-low", altered(&world.owner, &two, empty, |_| {}));
    let two = [world.rich(), world.plain()];
    let mut empty = joint(world, &two, 6_000);
    empty.outputs[0].value = atoms(two[0].value().atoms() - 6_000).into();
    empty.outputs[3] = commitment(world.owner.payee(), Amount::ZERO, 0x4e00);
    empty.outputs[4] = TxOut::new(two[1].value(), &tagged(StakeTag::Change, world.owner.payee()));
    cases.add("commitment-of-nothing", altered(&world.owner, &two, empty, |_| {}));
    cases.add(
        "commitment-output-worth-something",
        rich(world, |tx| {
            tx.outputs[1].value = RawValue(1_000);
            tx.outputs[2].value.0 -= 1_000;
            tx.outputs[1].script = commitment(Payee::KeyHash(SOMEBODY), less(tx, 499_999_000), 0x4e00).script;
        }),
    );
}

fn broken_shapes(world: &mut World, cases: &mut Cases) {
    let mut with = |name, change: &dyn Fn(&mut Transaction)| cases.add(name, changed(world, change));
    with("change-before-the-commitment", &|tx| tx.outputs.swap(1, 2));
    with("commitment-before-the-voting-right", &|tx| tx.outputs.swap(0, 1));
    with("change-missing", &|tx| tx.outputs.truncate(2));
    with("commitment-missing", &|tx| {
        tx.outputs.remove(1);
    });
    with("voting-right-missing", &|tx| {
        tx.outputs.remove(0);
    });
    with("voting-right-alone", &|tx| tx.outputs.truncate(1));
    with("commitment-and-change-too-many", &|tx| {
        let more = [tx.outputs[1].clone(), tx.outputs[2].clone()];
        tx.outputs.extend(more);
    });
    for (name, tag) in [
        ("voting-right-tagged-ssgen", Some(StakeTag::Vote)),
        ("voting-right-tagged-ssrtx", Some(StakeTag::Revocation)),
        ("voting-right-tagged-sstxchange", Some(StakeTag::Change)),
        ("voting-right-untagged", None),
    ] {
        let script = Payment { tag, payee: Payee::KeyHash(SOMEBODY) }.script();
        with(name, &|tx| tx.outputs[0].script = script.as_bytes().to_vec());
    }
    with("change-tagged-sstx", &|tx| tx.outputs[2].script[0] = StakeTag::Submission.opcode());
    with("change-untagged", &|tx| {
        tx.outputs[2].script.remove(0);
    });
    with("voting-right-to-a-key", &|tx| {
        tx.outputs[0].script = [&[0xba, 33][..], &[2; 33], &[0xac]].concat();
    });
    with("commitment-a-byte-short", &|tx| {
        tx.outputs[1].script[1] -= 1;
        tx.outputs[1].script.pop();
    });
    with("commitment-pushed-the-long-way", &|tx| tx.outputs[1].script.insert(1, 0x4c));
    with("commitment-with-an-opcode-behind", &|tx| tx.outputs[1].script.push(0x61));
    with("output-with-script-version-1", &|tx| tx.outputs[2].script_version = 1);
}

fn inputs(world: &mut World, cases: &mut Cases) {
    let coin = world.bare_key.clone();
    cases.add("input-pays-a-key", over(world, &coin, |_| {}));
    let tickets = [submission(&world.any_live())];
    let tx = world.owner.ticket(&tickets[0], atoms(tickets[0].value().atoms() - 2_980), &world.voter);
    cases.add("input-is-a-ticket", altered(&world.voter, &tickets, tx, |_| {}));
    let green = [
        ("input-is-an-immature-vote-payout", world.vote_payout.green.clone()),
        ("input-is-an-immature-revocation-payout", world.revocation_payout.green.clone()),
        ("input-is-an-immature-coinbase", world.coinbase.green.clone()),
    ];
    for (name, coin) in green {
        let fund = world.exact();
        cases.add(name, joint(world, &[fund, coin], 6_000));
    }
    cases.add("input-in-the-wrong-tree", changed(world, |tx| tx.inputs[0].previous.tree = Tree::Stake));
    cases.add(
        "input-of-an-unknown-transaction",
        changed(world, |tx| tx.inputs[0].previous.id = TxId::from_bytes([8; 32])),
    );
    let coin = world.spent.clone();
    cases.add("input-spent-in-a-block", over(world, &coin, |_| {}));
    let coin = world.exact();
    let first = over(world, &coin, |_| {});
    let second = over(world, &coin, |tx| tx.outputs[0].script = tagged(StakeTag::Submission, Payee::KeyHash(SOMEBODY)));
    cases.add_after("input-spent-in-the-mempool", vec![first.clone()], second);
    cases.add_after("sent-twice", vec![first.clone()], first);
    cases.add("mined-already", world.immature.clone());
    let coin = world.exact();
    let other = Purse::new(0x34);
    let mut stolen = over(world, &coin, |_| {});
    other.sign(&mut stolen, 0, &coin.output.script);
    cases.add("signed-by-somebody-else", stolen);
    let mut forged = changed(world, |_| {});
    forged.inputs[0].signature_script[30] ^= 1;
    cases.add("signature-with-a-bit-flipped", forged);
    let mut unsigned = changed(world, |_| {});
    unsigned.inputs[0].signature_script.clear();
    cases.add("signature-missing", unsigned);
    let mut diverted = changed(world, |_| {});
    diverted.outputs[0].script = tagged(StakeTag::Submission, Payee::KeyHash(SOMEBODY));
    cases.add("voting-right-changed-after-signing", diverted);
}

fn fields(world: &mut World, cases: &mut Cases) {
    let next = world.tip.height.0 + 1;
    let mut with = |name, change: &dyn Fn(&mut Transaction)| cases.add(name, changed(world, change));
    with("expiry-after-the-next-block", &|tx| tx.expiry = next + 1);
    with("expiry-with-the-next-block", &|tx| tx.expiry = next);
    with("version-2", &|tx| tx.version = 2);
    with("version-3", &|tx| tx.version = 3);
    with("version-4", &|tx| tx.version = 4);
    with("version-0", &|tx| tx.version = 0);
    with("lock-time-over", &|tx| tx.lock_time = next - 1);
    with("lock-time-to-come", &|tx| (tx.lock_time, tx.inputs[0].sequence) = (next, 0));
    with("value-in-wrong", &|tx| tx.inputs[0].value_in = RawValue(5));
}

fn stage(world: &mut World, cases: &mut Cases) {
    let split = |world: &mut World| {
        let coin = world.rich();
        let value = world.price.checked_add(TICKET_FEE).unwrap();
        let rest = coin.value().atoms() - value.atoms() - 10_000;
        let own = world.owner.script(None);
        world.owner.spend(&[coin], vec![TxOut::new(value, &own), TxOut::new(atoms(rest), &own)])
    };
    let parent = split(world);
    let ticket = over(world, &Coin::of(&parent, 0, Tree::Regular), |_| {});
    cases.add("over-a-split-never-sent", ticket.clone());
    cases.add_after("over-an-unmined-split", vec![parent.clone()], ticket.clone());
    cases.add_after("staged-and-sent-twice", vec![parent.clone(), ticket.clone()], ticket.clone());
    let rival = over(world, &Coin::of(&parent, 0, Tree::Regular), |tx| tx.outputs[0].value.0 += 1);
    cases.add_after("spends-what-a-staged-ticket-spends", vec![parent.clone(), ticket.clone()], rival);
    let coin = Coin::of(&parent, 0, Tree::Regular);
    let value = coin.value().atoms() - 10_000;
    let payment = world.owner.spend(&[coin], vec![TxOut::new(atoms(value), &world.owner.script(None))]);
    cases.add_after("payment-of-what-a-staged-ticket-spends", vec![parent, ticket], payment);
    let parent = split(world);
    let wrong = over(world, &Coin::of(&parent, 0, Tree::Stake), |_| {});
    cases.add_after("over-an-unmined-split-in-the-wrong-tree", vec![parent], wrong);
    // Change of a ticket that is not mined yet is not old enough.
    let ticket = rich(world, |_| {});
    let fund = world.exact();
    let tx = joint(world, &[fund, Coin::of(&ticket, 2, Tree::Stake)], 6_000);
    cases.add_after("over-change-of-an-unmined-ticket", vec![ticket], tx);
}
