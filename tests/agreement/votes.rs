//! Votes and revocations, and what can be wrong with them.
//!
//! The mempool does not ask whether a ticket was called, or whether the block voted on exists; blocks do.

use dcrcold_core::amount::Height;
use dcrcold_core::hash::{BlockHash, Hash160, TxId};
use dcrcold_core::script::{Payee, Payment, StakeTag};
use dcrcold_signer::stake::revocation::automatic_revocation;
use dcrcold_signer::stake::ticket::Ticket;
use dcrcold_signer::stake::vote::TICKET_INPUT;
use dcrcold_signer::tx::{OutPoint, RawValue, Transaction, Tree, TxOut};

use super::case::Cases;
use super::world::World;

pub fn cases(world: &mut World) -> Cases {
    let mut cases = Cases::default();
    broken_payouts(world, &mut cases);
    broken_inputs(world, &mut cases);
    broken_data(world, &mut cases);
    other_tickets(world, &mut cases);
    blocks(world, &mut cases);
    fee_limits(world, &mut cases);
    revocations(world, &mut cases);
    valid(world, &mut cases);
    cases
}

/// The vote of a live ticket, changed before it is signed. Refused votes may share a ticket.
fn changed(world: &World, change: impl FnOnce(&mut Transaction)) -> Transaction {
    altered(world, &world.any_live(), change)
}

fn altered(world: &World, ticket: &Transaction, change: impl FnOnce(&mut Transaction)) -> Transaction {
    let mut vote = world.vote(ticket);
    change(&mut vote);
    if vote.inputs.len() > TICKET_INPUT {
        world.voter.sign_vote(&mut vote);
    }
    vote
}

fn script(tag: Option<StakeTag>, payee: Payee) -> Vec<u8> {
    Payment { tag, payee }.script().as_bytes().to_vec()
}

fn broken_payouts(world: &mut World, cases: &mut Cases) {
    let somebody = Payee::KeyHash(Hash160::from_bytes([9; 20]));
    let own_hash = *world.owner.payee().hash();
    let mut with = |name, change: &dyn Fn(&mut Transaction)| cases.add(name, changed(world, change));
    with("payout-one-atom-more", &|tx| tx.outputs[2].value.0 += 1);
    with("payout-one-atom-less", &|tx| tx.outputs[2].value.0 -= 1);
    with("payout-of-nothing", &|tx| tx.outputs[2].value = RawValue(0));
    with("payout-to-somebody-else", &|tx| tx.outputs[2].script = script(Some(StakeTag::Vote), somebody));
    with("payout-to-a-script-hash", &|tx| {
        tx.outputs[2].script = script(Some(StakeTag::Vote), Payee::ScriptHash(own_hash));
    });
    with("payout-tagged-ssrtx", &|tx| tx.outputs[2].script[0] = StakeTag::Revocation.opcode());
    with("payout-untagged", &|tx| {
        tx.outputs[2].script.remove(0);
    });
    with("payout-missing", &|tx| tx.outputs.truncate(2));
    with("payout-twice", &|tx| {
        let again = tx.outputs[2].clone();
        tx.outputs.push(again);
    });
    with("payout-with-script-version-1", &|tx| tx.outputs[2].script_version = 1);
    let pair = world.pair.clone();
    cases.add("payouts-swapped", altered(world, &pair, |tx| tx.outputs.swap(2, 3)));
    cases.add("payout-missing-of-two", altered(world, &pair, |tx| tx.outputs.truncate(3)));
    cases.add(
        "payouts-of-two-in-one",
        altered(world, &pair, |tx| {
            tx.outputs[2].value.0 += tx.outputs[3].value.0;
            tx.outputs.truncate(3);
        }),
    );
}

fn broken_inputs(world: &mut World, cases: &mut Cases) {
    let mut with = |name, change: &dyn Fn(&mut Transaction)| cases.add(name, changed(world, change));
    with("subsidy-one-atom-more", &|tx| {
        tx.inputs[0].value_in.0 += 1;
        tx.outputs[2].value.0 += 1;
    });
    with("subsidy-one-atom-less", &|tx| tx.inputs[0].value_in.0 -= 1);
    with("subsidy-unknown", &|tx| tx.inputs[0].value_in = RawValue::UNKNOWN);
    with("stakebase-script-empty", &|tx| tx.inputs[0].signature_script.clear());
    with("stakebase-script-other", &|tx| tx.inputs[0].signature_script = vec![0, 1]);
    with("stakebase-script-longer", &|tx| tx.inputs[0].signature_script = vec![0, 0, 0]);
    with("stakebase-spends-something", &|tx| tx.inputs[0].previous.id = TxId::from_bytes([1; 32]));
    with("stakebase-with-a-height", &|tx| tx.inputs[0].block_height = 1);
    with("stakebase-missing", &|tx| {
        tx.inputs.remove(0);
    });
    with("inputs-swapped", &|tx| tx.inputs.swap(0, 1));
    with("third-input", &|tx| {
        let again = tx.inputs[1].clone();
        tx.inputs.push(again);
    });
    with("ticket-index-1", &|tx| tx.inputs[1].previous.index = 1);
    with("ticket-in-the-regular-tree", &|tx| tx.inputs[1].previous.tree = Tree::Regular);
    with("ticket-unknown", &|tx| tx.inputs[1].previous.id = TxId::from_bytes([7; 32]));
    with("ticket-is-nothing", &|tx| tx.inputs[1].previous = OutPoint::NONE);
    let mut forged = changed(world, |_| {});
    forged.inputs[1].signature_script[30] ^= 1;
    cases.add("signature-with-a-bit-flipped", forged);
    let mut stolen = changed(world, |_| {});
    world.owner.sign(&mut stolen, TICKET_INPUT, &world.voter.script(Some(StakeTag::Submission)));
    cases.add("signed-by-the-owner", stolen);
    let mut plain = changed(world, |_| {});
    world.voter.sign(&mut plain, TICKET_INPUT, &world.voter.script(None));
    cases.add("signed-without-the-stake-opcode", plain);
    let mut missing = changed(world, |_| {});
    missing.inputs[1].signature_script.clear();
    cases.add("signature-missing", missing);
}

fn broken_data(world: &mut World, cases: &mut Cases) {
    let mut with = |name, change: &dyn Fn(&mut Transaction)| cases.add(name, changed(world, change));
    with("reference-missing", &|tx| {
        tx.outputs.remove(0);
    });
    with("vote-bits-missing", &|tx| {
        tx.outputs.remove(1);
    });
    with("reference-and-vote-bits-swapped", &|tx| tx.outputs.swap(0, 1));
    with("reference-a-byte-short", &|tx| {
        tx.outputs[0].script[1] -= 1;
        tx.outputs[0].script.pop();
    });
    with("reference-a-byte-longer", &|tx| {
        tx.outputs[0].script[1] += 1;
        tx.outputs[0].script.push(0);
    });
    with("reference-pushed-the-long-way", &|tx| tx.outputs[0].script.insert(1, 0x4c));
    with("vote-bits-of-one-byte", &|tx| tx.outputs[1].script = vec![0x6a, 1, 1]);
    with("vote-bits-of-76-bytes", &|tx| tx.outputs[1].script = [&[0x6a, 0x4c, 76][..], &[1; 76]].concat());
    with("version-4", &|tx| tx.version = 4);
    with("expired", &|tx| tx.expiry = 1);
    with("treasury-vote-in-version-1", &|tx| tx.outputs.push(treasury_vote(1)));
    with("treasury-vote-of-no-choice", &|tx| {
        tx.version = 3;
        tx.outputs.push(treasury_vote(3));
    });
}

/// A vote on a treasury spend.
fn treasury_vote(choice: u8) -> TxOut {
    let script = [&[0x6a, 35, b'T', b'V'][..], &[5; 32], &[choice]].concat();
    TxOut { value: RawValue(0), script_version: 0, script }
}

fn other_tickets(world: &mut World, cases: &mut Cases) {
    let tickets = [
        ("ticket-immature", world.immature.clone()),
        ("ticket-voted-already", world.voted.clone()),
        ("ticket-revoked-already", world.revoked.clone()),
    ];
    for (name, ticket) in tickets {
        cases.add(name, world.vote(&ticket));
    }
    // An ordinary output of the owner is no ticket.
    let mut other = changed(world, |_| {});
    other.inputs[1].previous = world.vote_payout.green.outpoint;
    other.inputs[1].previous.index = 0;
    cases.add("input-is-the-reference-of-a-vote", other);
    let mut payout = changed(world, |_| {});
    payout.inputs[1].previous = OutPoint { index: 0, ..world.revocation_payout.ripe.outpoint };
    world.owner.sign(&mut payout, TICKET_INPUT, &world.revocation_payout.ripe.output.script);
    cases.add("input-is-a-revocation-payout", payout);
}

fn blocks(world: &mut World, cases: &mut Cases) {
    let (hash, height) = (world.tip.hash, world.tip.height);
    let mut with = |name, hash, height: u32| {
        let ticket = world.live();
        cases.add(name, world.voter.vote(&ticket, hash, Height(height)));
    };
    with("not-called", hash, height.0);
    with("on-an-unknown-block", BlockHash::from_bytes([3; 32]), height.0);
    with("on-the-tip-with-a-lower-height", hash, height.0 - 1);
    with("on-the-tip-with-a-greater-height", hash, height.0 + 1);
    with("as-old-as-can-be", BlockHash::from_bytes([4; 32]), height.0 + 1 - 16);
    with("older-than-can-be", BlockHash::from_bytes([4; 32]), height.0 - 16);
    with("on-height-0", BlockHash::from_bytes([0; 32]), 0);
}

fn fee_limits(world: &mut World, cases: &mut Cases) {
    let generous = world.generous.clone();
    cases.add("payout-below-the-fee-limit", altered(world, &generous, |tx| tx.outputs[2].value.0 -= 1025));
    cases.add("payout-above-despite-a-fee-limit", altered(world, &generous, |tx| tx.outputs[2].value.0 += 1));
    cases.add("payout-at-the-fee-limit", altered(world, &generous, |tx| tx.outputs[2].value.0 -= 1024));
}

fn revocations(world: &mut World, cases: &mut Cases) {
    let header = {
        use dcrcold::chain::ChainSource;
        world.sim.block(&world.tip.hash).unwrap().header
    };
    let revocation = |ticket: &Transaction| automatic_revocation(&Ticket::read(ticket).unwrap(), &header).unwrap();
    let shared = revocation(&world.any_live());
    let mut with = |name, change: &dyn Fn(&mut Transaction)| {
        let mut tx = shared.clone();
        change(&mut tx);
        cases.add(name, tx);
    };
    with("revocation-of-version-1", &|tx| tx.version = 1);
    with("revocation-of-version-3", &|tx| tx.version = 3);
    with("revocation-one-atom-more", &|tx| tx.outputs[0].value.0 += 1);
    with("revocation-one-atom-less", &|tx| tx.outputs[0].value.0 -= 1);
    with("revocation-to-somebody-else", &|tx| tx.outputs[0].script[10] ^= 1);
    with("revocation-tagged-ssgen", &|tx| tx.outputs[0].script[0] = StakeTag::Vote.opcode());
    with("revocation-with-a-signature-script", &|tx| tx.inputs[0].signature_script = vec![0, 0]);
    with("revocation-of-index-1", &|tx| tx.inputs[0].previous.index = 1);
    with("revocation-in-the-regular-tree", &|tx| tx.inputs[0].previous.tree = Tree::Regular);
    with("revocation-with-two-payouts", &|tx| {
        let again = tx.outputs[0].clone();
        tx.outputs.push(again);
    });
    let others = [
        ("revocation-of-an-immature-ticket", world.immature.clone()),
        ("revocation-of-a-voted-ticket", world.voted.clone()),
        ("revocation-of-a-revoked-ticket", world.revoked.clone()),
    ];
    for (name, ticket) in others {
        cases.add(name, revocation(&ticket));
    }
    // Whether the ticket was missed is not asked by the mempool.
    let ticket = revocation(&world.live());
    cases.add("revocation", ticket.clone());
    let mut again = ticket.clone();
    again.expiry = 1_000_000;
    cases.add_after("revocation-of-a-ticket-revoked-in-the-mempool", vec![ticket], again);
}

fn valid(world: &mut World, cases: &mut Cases) {
    let ticket = world.called();
    let vote = world.vote(&ticket);
    cases.add("vote", vote.clone());
    cases.add_after("sent-twice", vec![vote.clone()], vote.clone());
    let other = altered(world, &ticket, |tx| tx.outputs[1].script[2] = 0);
    cases.add_after("second-vote-on-the-same-block", vec![vote.clone()], other);
    let elsewhere = world.voter.vote(&ticket, BlockHash::from_bytes([6; 32]), world.tip.height);
    cases.add_after("second-vote-on-another-block", vec![vote.clone()], elsewhere);
    let payment = spend_ticket(world, &ticket);
    cases.add_after("payment-of-a-voting-ticket", vec![vote], payment);
    let pair = world.pair.clone();
    cases.add("vote-with-two-payouts", world.vote(&pair));
    let ticket = world.live();
    cases.add("vote-against-the-block", altered(world, &ticket, |tx| tx.outputs[1].script[2] = 0));
    let ticket = world.live();
    cases.add("vote-without-a-version", altered(world, &ticket, |tx| tx.outputs[1].script = vec![0x6a, 2, 1, 0]));
    let ticket = world.live();
    cases.add(
        "vote-with-75-bytes-of-bits",
        altered(world, &ticket, |tx| {
            tx.outputs[1].script = [&[0x6a, 75][..], &[1; 75]].concat();
        }),
    );
    let ticket = world.live();
    cases.add(
        "vote-with-a-treasury-vote",
        altered(world, &ticket, |tx| {
            tx.version = 3;
            tx.outputs.push(treasury_vote(1));
        }),
    );
}

fn spend_ticket(world: &World, ticket: &Transaction) -> Transaction {
    let coin = super::world::submission(ticket);
    let value = coin.output.value.0 - 10_000;
    let output = TxOut { value: RawValue(value), script_version: 0, script: world.owner.script(None) };
    world.voter.spend(&[coin], vec![output])
}
