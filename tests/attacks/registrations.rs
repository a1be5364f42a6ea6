//! The host has a ticket registered that is not the owner's, or a message signed that is no registration.

use dcrcold_core::hash::Hash160;
use dcrcold_core::path::KeyPath;
use dcrcold_core::policy::Rule;
use dcrcold_core::script::{Payee, StakeTag};
use dcrcold_signer::transfer::Register;
use dcrcold_signer::tx::{Transaction, TxOut};

use crate::body::Body;
use crate::cold::{Cold, PRICE, encoded, external, index, parent_of, ticket};
use crate::harness::{Attack, Victim, register};

/// Where things are in the ticket of a test: version and type, one input, three outputs.
const INPUT_COUNT: usize = 4;
const OUTPUT_COUNT: usize = INPUT_COUNT + 1 + 41;
const VOTING_VERSION: usize = OUTPUT_COUNT + 1 + 8;

fn nobody() -> Hash160 {
    Hash160::from_bytes([4; 20])
}

fn ours(cold: &Cold) -> Payee {
    Payee::KeyHash(cold.hash(external(0)))
}

/// The ticket of the honest registration, changed and written again.
fn rewritten(cold: &Cold, change: impl FnOnce(&mut Transaction)) -> Vec<u8> {
    let mut tx = Transaction::decode_prefix(&cold.register().tickets[0]).unwrap();
    change(&mut tx);
    tx.encode_prefix()
}

fn another_ticket(rule: Rule, change: impl FnOnce(&mut Transaction)) {
    register(|cold, register| register.tickets = vec![rewritten(cold, change)]).is_refused(rule);
}

fn claims(time: u64, tip: u64) {
    let victim = Victim::new();
    let honest = encoded(&victim.cold.register());
    let hostile = Body::of(&honest).with(10, |w| {
        w.array(2).uint(tip).uint(time);
    });
    Attack::new(victim, honest, hostile.request()).is_refused(Rule::TimestampOutOfRange);
}

#[test]
fn registers_somebodys_ticket() {
    register(|_, register| {
        register.tickets = vec![ticket(Payee::KeyHash(nobody()), Payee::KeyHash(nobody()))];
    })
    .is_refused(Rule::CommitmentNotOurs);
}

/// The ticket pays us, and the key of another path would sign for it.
#[test]
fn has_another_key_of_ours_speak_for_a_ticket() {
    register(|_, register| register.paths[0] = external(1)).is_refused(Rule::CommitmentNotOurs);
}

#[test]
fn has_the_key_of_the_other_branch_speak_for_a_ticket() {
    register(|_, register| register.paths[0] = KeyPath::internal(index(0))).is_refused(Rule::CommitmentNotOurs);
}

#[test]
fn registers_a_ticket_that_pays_a_script_of_our_keys_hash() {
    register(|cold, register| {
        let script = Payee::ScriptHash(cold.hash(external(0)));
        register.tickets = vec![ticket(Payee::KeyHash(nobody()), script)];
    })
    .is_refused(Rule::CommitmentNotOurs);
}

#[test]
fn registers_a_ticket_that_a_script_votes() {
    register(|cold, register| register.tickets = vec![ticket(Payee::ScriptHash(nobody()), ours(cold))])
        .is_refused(Rule::VoterAddressUnsupported);
}

#[test]
fn has_a_message_signed_about_any_transaction() {
    register(|cold, register| register.tickets = vec![cold.parent(&[PRICE])]).is_refused(Rule::TicketMalformed);
}

#[test]
fn has_a_message_signed_about_nothing() {
    register(|_, register| register.tickets[0].clear()).is_refused(Rule::TicketMalformed);
}

#[test]
fn has_a_message_signed_about_a_vote() {
    register(|_, register| register.tickets[0][VOTING_VERSION + 3] = StakeTag::Vote.opcode())
        .is_refused(Rule::TicketMalformed);
}

/// Tickets of two buyers have five outputs; which commitment is whose would be a guess.
#[test]
fn registers_a_shared_ticket() {
    another_ticket(Rule::TicketMalformed, |tx| {
        let (commitment, change) = (tx.outputs[1].clone(), tx.outputs[2].clone());
        tx.outputs.extend([commitment, change]);
    });
}

#[test]
fn registers_a_ticket_of_two_inputs() {
    another_ticket(Rule::TicketMalformed, |tx| tx.inputs.push(tx.inputs[0].clone()));
}

#[test]
fn registers_a_ticket_without_change() {
    another_ticket(Rule::TicketMalformed, |tx| drop(tx.outputs.pop()));
}

#[test]
fn swaps_the_commitment_and_the_change() {
    another_ticket(Rule::TicketMalformed, |tx| tx.outputs.swap(1, 2));
}

#[test]
fn registers_a_ticket_of_another_script_version() {
    another_ticket(Rule::TicketMalformed, |tx| tx.outputs[0].script_version = 1);
}

#[test]
fn registers_a_commitment_of_another_script_version() {
    another_ticket(Rule::TicketMalformed, |tx| tx.outputs[1].script_version = 1);
}

#[test]
fn commits_more_than_all_coins() {
    another_ticket(Rule::TicketMalformed, |tx| {
        tx.outputs[1].script[22..30].copy_from_slice(&(1_u64 << 62).to_le_bytes());
    });
}

#[test]
fn hides_something_behind_a_commitment() {
    another_ticket(Rule::TicketMalformed, |tx| tx.outputs[1].script.push(0x61));
}

#[test]
fn hides_something_behind_a_ticket() {
    register(|_, register| register.tickets[0].push(0)).is_refused(Rule::TicketMalformed);
}

#[test]
fn cuts_a_ticket() {
    register(|_, register| register.tickets[0].truncate(171)).is_refused(Rule::TicketMalformed);
}

#[test]
fn passes_a_whole_ticket_off_as_its_prefix() {
    register(|_, register| register.tickets[0][2] = 0).is_refused(Rule::TicketMalformed);
}

#[test]
fn dates_a_registration_to_the_beginning_of_time() {
    claims(0, 1_100_000);
}

#[test]
fn dates_a_registration_beyond_what_a_vsp_reads() {
    claims(1 << 32, 1_100_000);
}

#[test]
fn dates_a_registration_to_the_end_of_time() {
    claims(u64::MAX, 1_100_000);
}

#[test]
fn claims_a_height_beyond_the_last_one() {
    claims(1_763_700_000, 1 << 32);
}

#[test]
fn leaves_the_path_of_a_ticket_out() {
    register(|cold, register| register.tickets.push(cold.register().tickets.remove(0))).is_refused(Rule::NotCanonical);
}

#[test]
fn names_more_paths_than_tickets() {
    register(|_, register| register.paths.push(external(0))).is_refused(Rule::NotCanonical);
}

#[test]
fn registers_nothing() {
    register(|_, register| (register.paths, register.tickets) = (vec![], vec![])).is_refused(Rule::TicketsZero);
}

#[test]
fn registers_more_tickets_than_the_owner_allows() {
    let victim = Victim::new();
    let many = |count| Register {
        paths: vec![external(0); count],
        tickets: vec![victim.cold.register().tickets.remove(0); count],
        ..victim.cold.register()
    };
    victim.sign(&encoded(&many(20))).unwrap();
    victim.refuses_on_host_alone(&encoded(&many(21)), Rule::TicketsAboveLimit);
}

/// Money and messages are signed under different tags, and a registration signs no transaction at all.
#[test]
fn gets_a_ticket_spent_by_its_registration() {
    let victim = Victim::new();
    let answer = victim.signs(&encoded(&victim.cold.register()));
    assert_eq!((answer.inputs.len(), answer.tickets.len(), answer.messages.len()), (0, 0, 1));
    let register = victim.cold.register();
    let output = TxOut::new(PRICE, &victim.cold.script(external(0), None));
    let mut message = [0; 64];
    message.copy_from_slice(&answer.messages[0].as_bytes()[1..]);
    let signature = dcrcold_signer::key::Signature::from_bytes(message);
    let key = victim.cold.account.address_key(external(0)).unwrap();
    for prefix in [register.tickets[0].clone(), parent_of(vec![output.clone()])] {
        let tx = Transaction::decode_prefix(&prefix).unwrap();
        for hash_type in [1, 2, 3, 0x81] {
            let digest = dcrcold_signer::tx::signature_hash(&tx, 0, &output.script, hash_type).unwrap();
            key.verify(&digest, &signature).unwrap_err();
        }
    }
}
