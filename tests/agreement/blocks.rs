//! Whole blocks. What the mempool does not ask is asked here: whether a ticket was called, what it votes on, what a
//! block creates and revokes.

use dcrcold::chain::ChainSource;
use dcrcold::chain::work::{Target, work_hash};
use dcrcold_core::amount::{Height, Size};
use dcrcold_core::hash::{BlockHash, TreeHash};
use dcrcold_signer::block::{Block, CompactTarget, merkle, tree_root};
use dcrcold_signer::stake::revocation::automatic_revocation;
use dcrcold_signer::stake::ticket::Ticket;
use dcrcold_signer::stake::vote::TICKET_INPUT;
use dcrcold_signer::tx::{OutPoint, RawValue, Transaction, Tree, TxIn, TxKind, TxOut};

use super::case::{BlockCases, altered};
use super::purse::{Coin, atoms};
use super::world::World;

/// The first payment of a block; the coinbase comes before it.
const PAYMENT: usize = 1;
/// The first vote of a block; the treasury base comes before it.
const VOTE: usize = 1;

/// What the cases change: the next block with a split and a payment over it, a ticket and the vote of the owner's
/// ticket; the same with that vote missing; and the transactions to put in.
struct Bases {
    full: Block,
    missed: Block,
    called: Transaction,
}

pub fn cases(world: &mut World) -> BlockCases {
    let mut cases = BlockCases::default();
    let bases = bases(world);
    cases.add("block", bases.full.clone());
    cases.add("block-with-a-missed-vote", bases.missed.clone());
    headers(world, &bases, &mut cases);
    roots_and_work(&bases, &mut cases);
    bases_of_trees(world, &bases, &mut cases);
    votes(world, &bases, &mut cases);
    revocations(world, &bases, &mut cases);
    tickets(world, &bases, &mut cases);
    payments(world, &bases, &mut cases);
    cases
}

fn own(world: &World, value: u64) -> TxOut {
    TxOut::new(atoms(value), &world.owner.script(None))
}

fn bases(world: &mut World) -> Bases {
    let coin = world.plain();
    let split = world.owner.spend(&[coin], vec![own(world, 60_000_000), own(world, 39_900_000)]);
    let over = Coin::of(&split, 0, Tree::Regular);
    let payment = world.owner.spend(&[over], vec![own(world, 59_900_000)]);
    let coin = world.exact();
    let ticket = world.owner.ticket(&coin, world.price, &world.voter);
    for tx in [&split, &payment, &ticket] {
        world.sim.accept(tx).unwrap();
    }
    let missed = world.sim.next_block().unwrap();
    let called = world.called();
    world.sim.accept(&world.vote(&called)).unwrap();
    let full = world.sim.next_block().unwrap();
    assert_eq!((full.header.voters, full.header.fresh_stake, full.transactions.len()), (5, 6, 3));
    assert!(
        missed.header.voters < 5 && usize::from(missed.header.revocations) == 5 - usize::from(missed.header.voters)
    );
    Bases { full, missed, called }
}

/// A block with something changed, and everything that the header says about it made right again.
fn remade(world: &mut World, base: &Block, change: impl FnOnce(&mut Block)) -> Block {
    let mut block = base.clone();
    change(&mut block);
    let count = |kind| block.stake_transactions.iter().filter(|tx| tx.kind() == kind).count();
    block.header.voters = u16::try_from(count(TxKind::Vote)).unwrap();
    block.header.fresh_stake = u8::try_from(count(TxKind::Ticket)).unwrap();
    block.header.revocations = u8::try_from(count(TxKind::Revocation)).unwrap();
    match world.sim.remake(block.clone()) {
        Ok(block) => block,
        // The filter needs what is spent; without that no other block is possible either.
        Err(_) => {
            block.header.size = Size(u32::try_from(block.encode().len()).unwrap());
            let (regular, stake) = (tree_root(&block.transactions), tree_root(&block.stake_transactions));
            block.header.merkle_root = merkle::combined_root(&regular, &stake);
            solved(block)
        }
    }
}

/// A block with its header changed, solved again.
fn relabelled(base: &Block, change: impl FnOnce(&mut Block)) -> Block {
    let mut block = base.clone();
    change(&mut block);
    solved(block)
}

fn solved(block: Block) -> Block {
    with_work(block, true)
}

/// Looks for a nonce whose hash meets the target, or does not.
fn with_work(mut block: Block, meets: bool) -> Block {
    let target = Target::from_compact(CompactTarget(0x207f_ffff)).unwrap();
    while target.is_met_by(&work_hash(&block.header.encode())) != meets {
        block.header.nonce += 1;
    }
    block
}

fn headers(world: &mut World, bases: &Bases, cases: &mut BlockCases) {
    let mut with = |name, change: &dyn Fn(&mut Block)| cases.add(name, relabelled(&bases.full, change));
    with("version-of-old-blocks", &|block| block.header.version = 11);
    with("bits-other", &|block| block.header.bits = CompactTarget(0x207f_fffe));
    with("time-not-after-the-median", &|block| block.header.timestamp -= 6);
    with("time-just-after-the-median", &|block| block.header.timestamp -= 5);
    with("height-one-more", &|block| block.header.height.0 += 1);
    with("parent-unknown", &|block| block.header.previous = BlockHash::from_bytes([1; 32]));
    with("price-one-atom-more", &|block| block.header.sbits.0 += 1);
    with("price-one-atom-less", &|block| block.header.sbits.0 -= 1);
    with("stake-version-other", &|block| block.header.stake_version += 1);
    with("pool-size-one-more", &|block| block.header.pool_size += 1);
    with("final-state-other", &|block| block.header.final_state[0] ^= 1);
    with("voters-one-less", &|block| block.header.voters -= 1);
    with("voters-one-more", &|block| block.header.voters += 1);
    with("fresh-stake-one-more", &|block| block.header.fresh_stake += 1);
    with("revocations-one-more", &|block| block.header.revocations += 1);
    with("vote-bits-against-the-votes", &|block| block.header.vote_bits = 0);
    with("size-one-more", &|block| block.header.size.0 += 1);
    with("extra-data", &|block| block.header.extra_data = [7; 32]);
    let _ = world;
}

fn roots_and_work(bases: &Bases, cases: &mut BlockCases) {
    let other = TreeHash::from_bytes([1; 32]);
    cases.add("merkle-root-other", relabelled(&bases.full, |block| block.header.merkle_root = other));
    cases.add("commitment-root-other", relabelled(&bases.full, |block| block.header.stake_root = other));
    cases.add("work-not-done", with_work(bases.full.clone(), false));
    cases.add(
        "transaction-changed",
        relabelled(&bases.full, |block| {
            // A header of its own: nodes remember the verdict on a header.
            block.header.timestamp += 1;
            block.transactions[PAYMENT].lock_time += 1;
        }),
    );
}

fn bases_of_trees(world: &mut World, bases: &Bases, cases: &mut BlockCases) {
    let mut with = |name, change: &dyn Fn(&mut Block)| cases.add(name, remade(world, &bases.full, change));
    with("coinbase-one-atom-too-much", &|block| block.transactions[0].outputs[1].value.0 += 1);
    with("coinbase-one-atom-less", &|block| block.transactions[0].outputs[1].value.0 -= 1);
    with("coinbase-claims-another-subsidy", &|block| block.transactions[0].inputs[0].value_in.0 += 1);
    with("coinbase-names-another-height", &|block| block.transactions[0].outputs[0].script[2] ^= 1);
    with("coinbase-of-version-1", &|block| block.transactions[0].version = 1);
    with("coinbase-script-too-long", &|block| block.transactions[0].inputs[0].signature_script = vec![0; 101]);
    with("coinbase-missing", &|block| {
        block.transactions.remove(0);
    });
    with("coinbase-twice", &|block| {
        let mut second = block.transactions[0].clone();
        second.lock_time = 1;
        block.transactions.push(second);
    });
    with("treasury-base-one-atom-too-much", &|block| block.stake_transactions[0].outputs[0].value.0 += 1);
    with("treasury-base-one-atom-less", &|block| block.stake_transactions[0].outputs[0].value.0 -= 1);
    with("treasury-base-claims-another-subsidy", &|block| block.stake_transactions[0].inputs[0].value_in.0 += 1);
    with("treasury-base-names-another-height", &|block| block.stake_transactions[0].outputs[1].script[2] ^= 1);
    with("treasury-base-missing", &|block| {
        block.stake_transactions.remove(0);
    });
    with("treasury-base-not-first", &|block| block.stake_transactions.swap(0, 1));
    with("treasury-base-twice", &|block| {
        let mut second = block.stake_transactions[0].clone();
        second.lock_time = 1;
        block.stake_transactions.push(second);
    });
    with("transaction-twice", &|block| {
        let again = block.transactions[PAYMENT].clone();
        block.transactions.push(again);
    });
    with("vote-in-the-regular-tree", &|block| {
        let vote = block.stake_transactions.remove(VOTE);
        block.transactions.push(vote);
    });
    with("payment-in-the-stake-tree", &|block| {
        let payment = block.transactions.remove(PAYMENT + 1);
        block.stake_transactions.push(payment);
    });
}

/// The position of the owner's vote.
fn own_vote(bases: &Bases) -> usize {
    let votes =
        |tx: &Transaction| tx.inputs.get(TICKET_INPUT).is_some_and(|input| input.previous.id == bases.called.id());
    bases.full.stake_transactions.iter().position(votes).unwrap()
}

fn votes(world: &mut World, bases: &Bases, cases: &mut BlockCases) {
    let at = own_vote(bases);
    let full = &bases.full;
    let claims = |mut vote: Transaction, like: &Transaction| {
        let claimed = &like.inputs[TICKET_INPUT];
        vote.inputs[TICKET_INPUT].value_in = claimed.value_in;
        (vote.inputs[TICKET_INPUT].block_height, vote.inputs[TICKET_INPUT].block_index) =
            (claimed.block_height, claimed.block_index);
        vote
    };
    let (hash, height) = (world.tip.hash, world.tip.height);
    let mut with = |name, world: &mut World, vote: Transaction| {
        let vote = claims(vote, &full.stake_transactions[at]);
        cases.add(name, remade(world, full, |block| block.stake_transactions[at] = vote));
    };
    let vote = world.voter.vote(&bases.called, BlockHash::from_bytes([3; 32]), height);
    with("vote-on-another-block", world, vote);
    let vote = world.voter.vote(&bases.called, hash, Height(height.0 - 1));
    with("vote-on-another-height", world, vote);
    let mut vote = world.vote(&bases.called);
    vote.inputs[TICKET_INPUT].signature_script[20] ^= 1;
    with("vote-with-a-bit-of-its-signature-flipped", world, vote);
    let mut vote = world.vote(&bases.called);
    vote.outputs[2].value.0 -= 1;
    world.voter.sign_vote(&mut vote);
    with("vote-that-pays-one-atom-less", world, vote);
    // One vote of five against the block does not matter.
    let mut vote = world.vote(&bases.called);
    vote.outputs[1].script[2] = 0;
    world.voter.sign_vote(&mut vote);
    with("vote-against-the-block", world, vote);
    let ticket = world.live();
    let mut vote = world.vote(&ticket);
    let place = place_of(world, &ticket);
    (vote.inputs[TICKET_INPUT].block_height, vote.inputs[TICKET_INPUT].block_index) = place;
    cases.add("vote-by-a-ticket-not-called", remade(world, full, |block| block.stake_transactions[at] = vote));
    let mut second = full.stake_transactions[at].clone();
    second.outputs[1].script[2] = 0;
    world.voter.sign_vote(&mut second);
    cases.add(
        "two-votes-by-one-ticket",
        remade(world, full, |block| {
            block.stake_transactions[if at == VOTE { VOTE + 1 } else { VOTE }] = second;
        }),
    );
    cases.add(
        "two-votes-alone",
        remade(world, full, |block| {
            block.stake_transactions.drain(VOTE + 2..VOTE + 5);
        }),
    );
    cases.add(
        "six-votes",
        remade(world, full, |block| {
            let mut sixth = block.stake_transactions[VOTE].clone();
            sixth.lock_time = 1;
            block.stake_transactions.push(sixth);
        }),
    );
}

/// The height and position of a mined ticket.
fn place_of(world: &mut World, ticket: &Transaction) -> (u32, u32) {
    let headers = world.sim.headers_after(&[]).unwrap();
    for header in headers.iter().rev() {
        let block = world.sim.block(&header.id()).unwrap();
        if let Some(index) = block.stake_transactions.iter().position(|tx| tx.id() == ticket.id()) {
            return (header.height.0, u32::try_from(index).unwrap());
        }
    }
    panic!("the ticket is mined");
}

fn revocations(world: &mut World, bases: &Bases, cases: &mut BlockCases) {
    let revoked = bases.missed.stake_transactions.iter().position(|tx| tx.kind() == TxKind::Revocation).unwrap();
    let mut with = |name, change: &dyn Fn(&mut Block)| cases.add(name, remade(world, &bases.missed, change));
    with("missed-ticket-not-revoked", &|block| {
        block.stake_transactions.remove(revoked);
    });
    with("revocation-one-atom-more", &|block| block.stake_transactions[revoked].outputs[0].value.0 += 1);
    with("revocation-one-atom-less", &|block| block.stake_transactions[revoked].outputs[0].value.0 -= 1);
    with("revocation-to-somebody-else", &|block| block.stake_transactions[revoked].outputs[0].script[8] ^= 1);
    with("fees-as-if-no-vote-were-missing", &|block| {
        block.transactions[0].outputs[1].value = bases.full.transactions[0].outputs[1].value;
    });
    let header = world.sim.block(&world.tip.hash).unwrap().header;
    let ticket = world.live();
    let mut needless = automatic_revocation(&Ticket::read(&ticket).unwrap(), &header).unwrap();
    (needless.inputs[0].block_height, needless.inputs[0].block_index) = place_of(world, &ticket);
    cases.add(
        "revocation-of-a-ticket-not-missed",
        remade(world, &bases.full, |block| {
            block.stake_transactions.push(needless);
        }),
    );
}

/// Fills in where the only input of a transaction is.
fn placed(mut tx: Transaction, coin: &Coin, like: &Transaction) -> Transaction {
    tx.inputs[0].value_in = coin.output.value;
    // All prepared coins come from one transaction.
    tx.inputs[0].block_height = like.inputs[0].block_height;
    tx.inputs[0].block_index = like.inputs[0].block_index;
    tx
}

fn tickets(world: &mut World, bases: &Bases, cases: &mut BlockCases) {
    let full = &bases.full;
    let owner_ticket = |tx: &&Transaction| {
        tx.kind() == TxKind::Ticket
            && tx.outputs[0].script == world.voter.script(Some(dcrcold_core::script::StakeTag::Submission))
    };
    let like = full.stake_transactions.iter().find(owner_ticket).unwrap().clone();
    let at = full.stake_transactions.iter().position(|tx| *tx == like).unwrap();
    let fresh = |world: &mut World, change: &dyn Fn(&mut Transaction)| {
        let coin = world.exact();
        let ticket = world.owner.ticket(&coin, world.price, &world.voter);
        placed(altered(&world.owner, std::slice::from_ref(&coin), ticket, change), &coin, &like)
    };
    let more: Vec<_> = (0..15).map(|_| fresh(world, &|_| {})).collect();
    cases.add("twenty-tickets", remade(world, full, |block| block.stake_transactions.extend_from_slice(&more[..14])));
    cases.add("twenty-one-tickets", remade(world, full, |block| block.stake_transactions.extend(more)));
    let cheap = fresh(world, &|tx| tx.outputs[0].value.0 -= 1);
    cases.add("ticket-one-atom-below-the-price", remade(world, full, |block| block.stake_transactions.push(cheap)));
    let free = fresh(world, &|tx| tx.outputs[0].value.0 += 2_980);
    cases.add(
        "ticket-without-a-fee",
        remade(world, full, |block| {
            block.stake_transactions[at] = free;
            block.transactions[0].outputs[1].value.0 -= 2_980;
        }),
    );
    let next = world.tip.height.0 + 1;
    let expired = fresh(world, &|tx| tx.expiry = next);
    cases.add("ticket-expired", remade(world, full, |block| block.stake_transactions.push(expired)));
    let mut forged = fresh(world, &|_| {});
    forged.inputs[0].signature_script[20] ^= 1;
    cases.add(
        "ticket-with-a-bit-of-its-signature-flipped",
        remade(world, full, |block| block.stake_transactions.push(forged)),
    );
    let wrong = fresh(world, &|tx| tx.outputs[1].script[25] ^= 1);
    cases.add("ticket-with-another-commitment", remade(world, full, |block| block.stake_transactions.push(wrong)));
    // A ticket over a payment of its own block.
    let coin = world.rich();
    let rest = coin.value().atoms() - world.price.atoms() - 2_980 - 10_000;
    let exact = world.price.atoms() + 2_980;
    let split = world.owner.spend(std::slice::from_ref(&coin), vec![own(world, exact), own(world, rest)]);
    let split = placed(split, &coin, &like);
    let mut ticket = world.owner.ticket(&Coin::of(&split, 0, Tree::Regular), world.price, &world.voter);
    (ticket.inputs[0].block_height, ticket.inputs[0].block_index) = (next, 3);
    cases.add(
        "ticket-over-a-split-of-its-own-block",
        remade(world, full, |block| {
            block.transactions.push(split);
            block.stake_transactions.push(ticket);
        }),
    );
}

fn payments(world: &mut World, bases: &Bases, cases: &mut BlockCases) {
    let full = &bases.full;
    let like = full.transactions[PAYMENT].clone();
    let mut with = |name, change: &dyn Fn(&mut Block)| cases.add(name, remade(world, full, change));
    with("payment-before-what-it-spends", &|block| block.transactions.swap(PAYMENT, PAYMENT + 1));
    with("payment-that-claims-another-value", &|block| block.transactions[PAYMENT].inputs[0].value_in.0 += 1);
    with("payment-that-claims-another-height", &|block| block.transactions[PAYMENT].inputs[0].block_height += 1);
    with("payment-that-claims-another-position", &|block| block.transactions[PAYMENT].inputs[0].block_index += 1);
    with("payment-with-a-bit-of-its-signature-flipped", &|block| {
        block.transactions[PAYMENT].inputs[0].signature_script[20] ^= 1;
    });
    with("payment-of-an-unknown-output", &|block| block.transactions[PAYMENT].inputs[0].previous.index = 9_999);
    let mut add = |name, world: &mut World, tx: Transaction| {
        cases.add(name, remade(world, full, |block| block.transactions.push(tx)));
    };
    let fresh = |world: &mut World, outputs: Vec<TxOut>, change: &dyn Fn(&mut Transaction)| {
        let coin = world.plain();
        let tx = world.owner.spend(std::slice::from_ref(&coin), outputs);
        placed(altered(&world.owner, std::slice::from_ref(&coin), tx, change), &coin, &like)
    };
    let next = world.tip.height.0 + 1;
    let whole = |world: &World| vec![own(world, 100_000_000)];
    let tx = fresh(world, whole(world), &|_| {});
    add("payment-without-a-fee", world, tx);
    let tx = fresh(world, vec![own(world, 1), own(world, 99_999_999)], &|_| {});
    add("payment-of-dust", world, tx);
    let tx = fresh(world, whole(world), &|tx| tx.outputs[0].script = vec![0x51]);
    add("payment-to-anybody", world, tx);
    let tx = fresh(world, whole(world), &|tx| tx.outputs[0].value.0 += 1);
    add("payment-of-more-than-it-has", world, tx);
    let tx = fresh(world, whole(world), &|tx| tx.expiry = next);
    add("payment-expired", world, tx);
    let tx = fresh(world, whole(world), &|tx| tx.expiry = next + 1);
    add("payment-that-expires-after-the-block", world, tx);
    let tx = fresh(world, whole(world), &|tx| (tx.lock_time, tx.inputs[0].sequence) = (next, 0));
    add("payment-locked", world, tx);
    let tx = fresh(world, whole(world), &|tx| tx.version = 4);
    add("payment-of-version-4", world, tx);
    let tx = fresh(world, whole(world), &|tx| tx.outputs[0].script.insert(0, 0xbb));
    add("payment-with-a-stake-opcode", world, tx);
    let spends_nothing = |tx: &mut Transaction| tx.inputs.push(TxIn::unsigned(OutPoint::NONE, RawValue(0)));
    let mut tx = fresh(world, whole(world), &|_| {});
    spends_nothing(&mut tx);
    add("payment-with-an-input-of-nothing", world, tx);
    let green = world.coinbase.green.clone();
    let mut tx = world.owner.spend(std::slice::from_ref(&green), vec![own(world, 1_000)]);
    (tx.inputs[0].block_height, tx.inputs[0].block_index) = (coinbase_height(world, &green), 0);
    add("payment-of-an-immature-coinbase", world, tx);
    // The same coin once more.
    let first = full.transactions[PAYMENT].clone();
    let mut rival = first.clone();
    rival.outputs[0].value.0 -= 1;
    let spent = Coin { outpoint: first.inputs[0].previous, output: own(world, 100_000_000) };
    world.owner.sign_all(&mut rival, &[spent]);
    add("two-payments-of-one-coin", world, rival);
}

fn coinbase_height(world: &mut World, coin: &Coin) -> u32 {
    let headers = world.sim.headers_after(&[]).unwrap();
    let paid =
        headers.iter().find(|header| world.sim.block(&header.id()).unwrap().transactions[0].id() == coin.outpoint.id);
    paid.unwrap().height.0
}
