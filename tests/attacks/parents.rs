//! The host lies about the coins: Decred's signature hash covers no input amount, so whoever believes a claimed one can
//! be made to burn the difference. Here every amount comes from the transaction that made the coin.

use dcrcold_core::amount::MAX_ATOMS;
use dcrcold_core::hash::{Hash160, Sink, TxId};
use dcrcold_core::machine::Outpoint;
use dcrcold_core::path::{Branch, KeyPath};
use dcrcold_core::policy::Rule;
use dcrcold_core::script::Payment;
use dcrcold_signer::rebuild::transactions;
use dcrcold_signer::transfer::{InputRef, Send};
use dcrcold_signer::tx::{OutPoint, Tree, TxOut};

use crate::cold::{PRICE, atoms, encoded, external, index, parent_of};
use crate::harness::{Attack, Victim, pairs, purchase, send};

/// Where things are in the parent of a test, which has one input: version, count, input, count, value.
const INPUT_COUNT: usize = 4;
const OUTPUT_COUNT: usize = INPUT_COUNT + 1 + 41;
const VALUE: usize = OUTPUT_COUNT + 1;

fn id_of(parent: &[u8]) -> TxId {
    TxId::of_prefix(|sink| sink.put(parent))
}

/// Has the signer spend a coin of 3 DCR that the host says is worth so much; no signature may fit the real coin.
fn lies_about_the_value(claimed: u64) {
    let victim = Victim::new();
    let honest = victim.cold.send();
    let real = OutPoint { id: id_of(&honest.parents[0]), index: 0, tree: Tree::Regular };
    let parents = vec![victim.cold.parent(&[atoms(claimed)])];
    let reviewed = victim.review(&encoded(&Send { parents, ..honest.clone() })).expect("a parent that may exist");
    let signed = transactions(reviewed.request()).expect("what was built reads back");
    assert!(signed.iter().flat_map(|tx| &tx.inputs).all(|input| input.previous != real), "spends the real coin");
    let real = Outpoint { id: real.id, output: 0 };
    assert!(reviewed.request().outpoints().all(|outpoint| outpoint != real));
    let reviewed = victim.review(&encoded(&honest)).expect("the truth");
    assert!(reviewed.request().outpoints().any(|outpoint| outpoint == real));
}

#[test]
fn burns_the_difference_by_saying_that_a_coin_is_worth_less() {
    lies_about_the_value(200_000_000);
}

#[test]
fn gets_a_signature_over_money_that_is_not_there() {
    lies_about_the_value(MAX_ATOMS);
}

#[test]
fn keeps_a_parent_to_itself() {
    purchase(|_, purchase| purchase.parents.clear()).is_refused(Rule::ParentMissing);
}

#[test]
fn adds_a_coin_that_nobody_can_look_up() {
    purchase(|_, purchase| purchase.inputs.push(InputRef { parent: 1, ..purchase.inputs[0] }))
        .is_refused(Rule::ParentMissing);
}

#[test]
fn has_a_coin_counted_twice_by_sending_its_parent_twice() {
    purchase(|_, purchase| {
        purchase.parents.push(purchase.parents[0].clone());
        purchase.inputs.push(InputRef { parent: 1, ..purchase.inputs[0] });
    })
    .is_refused(Rule::ParentDuplicate);
}

#[test]
fn has_a_coin_counted_twice_by_naming_it_twice() {
    purchase(|_, purchase| purchase.inputs.push(purchase.inputs[0])).is_refused(Rule::InputDuplicate);
}

#[test]
fn has_a_coin_counted_twice_in_a_send() {
    send(|_, send| send.inputs.push(send.inputs[0])).is_refused(Rule::InputDuplicate);
}

#[test]
fn makes_two_requests_of_one_with_a_parent_that_nobody_names() {
    purchase(|cold, purchase| purchase.parents.push(cold.parent(&[PRICE]))).is_refused(Rule::ParentUnused);
}

/// Two coins of different worth; swapped, the worth of one would be taken for that of the other.
#[test]
fn swaps_two_parents() {
    let coins = |cold: &crate::cold::Cold| {
        let pays = |value: u64, path| TxOut::new(atoms(value), &cold.script(path, None));
        [vec![pays(60_000_000_000, external(0))], vec![pays(1_000_000, external(1))]].map(parent_of)
    };
    purchase(|cold, purchase| {
        purchase.inputs.push(InputRef { parent: 1, output: 0, path: external(1) });
        let [first, second] = coins(cold);
        purchase.parents = vec![second, first];
    })
    .is_refused(Rule::InputNotOurs);
    let victim = Victim::new();
    let mut unswapped = victim.cold.purchase(2);
    unswapped.inputs.push(InputRef { parent: 1, output: 0, path: external(1) });
    unswapped.parents = coins(&victim.cold).to_vec();
    victim.signs(&encoded(&unswapped));
}

#[test]
fn points_at_an_output_that_is_not_there() {
    purchase(|_, purchase| purchase.inputs[0].output = 1).is_refused(Rule::OutputIndexOutOfRange);
}

#[test]
fn points_at_the_last_output_that_can_be_named() {
    purchase(|_, purchase| purchase.inputs[0].output = u32::MAX).is_refused(Rule::OutputIndexOutOfRange);
}

/// Numbers that are 0 again once their upper half is cut off.
fn input(parent: u64, output: u64) -> Attack {
    pairs(|body| {
        body.with(1, |w| {
            w.array(1).array(4).uint(parent).uint(output).uint(0).uint(0);
        })
    })
}

#[test]
fn names_a_parent_by_a_number_that_wraps() {
    input(1 << 32, 0).is_refused(Rule::ParentMissing);
}

#[test]
fn points_at_an_output_by_a_number_that_wraps() {
    input(0, 1 << 32).is_refused(Rule::OutputIndexOutOfRange);
}

#[test]
fn points_at_the_payers_change() {
    purchase(|cold, purchase| {
        let strangers = Payment::to_key(Hash160::from_bytes([9; 20])).script();
        let ours = TxOut::new(atoms(60_000_000_000), &cold.script(external(0), None));
        purchase.parents = vec![parent_of(vec![ours, TxOut::new(atoms(60_000_000_000), strangers.as_bytes())])];
        purchase.inputs[0].output = 1;
    })
    .is_refused(Rule::InputNotOurs);
}

#[test]
fn has_another_key_of_ours_sign_for_a_coin() {
    purchase(|_, purchase| purchase.inputs[0].path = external(1)).is_refused(Rule::InputNotOurs);
}

#[test]
fn has_the_internal_key_of_the_same_index_sign_for_a_coin() {
    purchase(|_, purchase| purchase.inputs[0].path = KeyPath { branch: Branch::Internal, index: index(0) })
        .is_refused(Rule::InputNotOurs);
}

#[test]
fn hides_an_output_behind_the_end_of_a_parent() {
    purchase(|_, purchase| purchase.parents[0].push(0)).is_refused(Rule::ParentMalformed);
}

#[test]
fn hides_the_end_of_a_parent() {
    purchase(|_, purchase| purchase.parents[0].truncate(90)).is_refused(Rule::ParentMalformed);
}

/// Its hash would be the full one, which is not the id.
#[test]
fn passes_a_whole_transaction_off_as_its_prefix() {
    purchase(|_, purchase| purchase.parents[0][2] = 0).is_refused(Rule::ParentMalformed);
}

#[test]
fn passes_a_witness_off_as_a_prefix() {
    purchase(|_, purchase| purchase.parents[0][2] = 2).is_refused(Rule::ParentMalformed);
}

#[test]
fn makes_a_coin_of_nothing() {
    purchase(|_, purchase| {
        let parent = &mut purchase.parents[0];
        parent[INPUT_COUNT] = 0;
        parent.drain(INPUT_COUNT + 1..OUTPUT_COUNT);
    })
    .is_refused(Rule::ParentMalformed);
}

#[test]
fn takes_all_outputs_away() {
    purchase(|_, purchase| {
        let parent = &mut purchase.parents[0];
        let end = parent.len() - 8;
        parent[OUTPUT_COUNT] = 0;
        parent.drain(VALUE..end);
    })
    .is_refused(Rule::ParentMalformed);
}

#[test]
fn has_a_signer_wait_for_more_outputs_than_there_are_atoms() {
    purchase(|_, purchase| {
        purchase.parents[0].splice(OUTPUT_COUNT..=OUTPUT_COUNT, [0xff; 9]);
    })
    .is_refused(Rule::ParentMalformed);
}

#[test]
fn has_a_signer_make_room_for_an_endless_script() {
    purchase(|_, purchase| {
        let length = VALUE + 8 + 2;
        purchase.parents[0].splice(length..=length, [0xff; 9]);
    })
    .is_refused(Rule::ParentMalformed);
}

#[test]
fn writes_a_count_in_a_longer_form() {
    purchase(|_, purchase| {
        purchase.parents[0].splice(OUTPUT_COUNT..=OUTPUT_COUNT, [0xfd, 1, 0]);
    })
    .is_refused(Rule::ParentMalformed);
}

#[test]
fn makes_a_debt_look_like_a_fortune() {
    purchase(|_, purchase| purchase.parents[0][VALUE..VALUE + 8].fill(0xff)).is_refused(Rule::ParentMalformed);
}

#[test]
fn makes_a_coin_of_more_than_all_coins() {
    let most = MAX_ATOMS + 1;
    purchase(|_, purchase| purchase.parents[0][VALUE..VALUE + 8].copy_from_slice(&most.to_le_bytes()))
        .is_refused(Rule::ParentMalformed);
}
