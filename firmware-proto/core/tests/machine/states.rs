//! From one state to the next: what approves, what is signed with which key and in which order, and what fails.

use dcrcold_core::hash::{MessageHash, SignatureHash, Sink, TransferId, message_hash, signature_hash_all};
use dcrcold_core::machine::{Approved, FinishError, NoMemory, NotApproved, Receiver, Signature, Step, Work};
use dcrcold_core::path::{KeyPath, VoterAccount};
use dcrcold_core::policy::{Limits, Rule};
use dcrcold_core::script::{Payee, StakeTag};

use crate::ask::Item::{Bytes, List, Text};
use crate::ask::{Ask, FIRST, Host, PRICE, SOMEBODY, TICKET_FEE, TIME, VOTE};
use crate::ask::{pay, prefix, script, uints, written};
use crate::wallet::{Failed, OneVoter, Wallet, account, index, of_voter, own, signed};

type HostApproved = Approved<256, 100>;

fn review(ask: &Ask) -> Host {
    ask.review().unwrap_or_else(|refusal| panic!("{refusal}"))
}

fn approved(ask: &Ask) -> HostApproved {
    let reviewed = review(ask);
    let id = *reviewed.id();
    reviewed.approve(&id).unwrap()
}

#[test]
fn only_the_whole_id_approves() {
    let id = *review(&Ask::simple(1)).id();
    assert_eq!(id.as_bytes()[..], Ask::simple(1).bytes()[15..47]);
    assert_eq!(review(&Ask::simple(1)).approve(&id).unwrap().id(), &id);
    for place in 0..32 {
        let mut other = *id.as_bytes();
        other[place] ^= 1;
        assert_eq!(review(&Ask::simple(1)).approve(&TransferId::from_bytes(other)).err(), Some(NotApproved));
    }
    assert_eq!(NotApproved.to_string(), "the approval is for another request");
}

#[test]
fn only_all_four_words_approve() {
    let words = review(&Ask::simple(1)).check_words();
    let typed = |words: [&str; 4]| review(&Ask::simple(1)).approve_with_words(words);
    assert_eq!(typed(words).unwrap().id(), review(&Ask::simple(1)).id());
    let loud = words.map(str::to_uppercase);
    assert!(typed([&loud[0], &loud[1], &loud[2], &loud[3]]).is_ok());
    for place in 0..4 {
        for wrong in ["", "aardvark", "adroitness", &words[place][1..]] {
            let mut words = words;
            words[place] = wrong;
            assert_eq!(typed(words).err(), Some(NotApproved), "{words:?}");
        }
    }
    let [first, second, third, fourth] = words;
    assert_eq!(typed([second, first, third, fourth]).err(), Some(NotApproved));
}

#[test]
fn a_request_is_what_was_reviewed() {
    let reviewed = review(&Ask::simple(1));
    assert_eq!(reviewed.account(), account());
    assert_eq!(reviewed.network(), crate::wallet::NETWORK);
    assert_eq!(reviewed.voter().unwrap().as_str(), "our voter");
    let approved = approved(&Ask::simple(1));
    assert_eq!(approved.request().id(), approved.id());
    assert_eq!(approved.request().pages().count(), reviewed.pages().count());
}

/// A signature with what the tests' keys make of its path and digest.
fn input(path: (u32, u32), digest: SignatureHash) -> Signature {
    Signature::Input(signed(own(path.0, path.1), digest.as_bytes()))
}

fn ticket(path: (u32, u32), digest: SignatureHash) -> Signature {
    Signature::Ticket(signed(own(path.0, path.1), digest.as_bytes()))
}

fn message(path: (u32, u32), digest: MessageHash) -> Signature {
    Signature::Message(signed(own(path.0, path.1), digest.as_bytes()))
}

/// The message for a ticket, as docs/protocol.md writes it.
fn body(reviewed: &Host, number: u32, alt_sign: u32) -> Vec<u8> {
    let bytes = written(|sink| reviewed.write_ticket(number, sink));
    let hex = base16ct::lower::encode_string(&bytes);
    let (hash, network) = (of_voter(VoterAccount::AltSign, alt_sign), crate::wallet::NETWORK);
    let address = dcrcold_core::address::AddressOf { network, payee: Payee::KeyHash(hash) };
    let id = crate::ask::id(&bytes);
    format!(
        "{{\"timestamp\":{TIME},\"tickethash\":\"{id}\",\"tickethex\":\"{hex}\",\"parenthex\":\"{hex}\",\"altsignaddress\":\"{address}\"}}"
    )
    .into_bytes()
}

fn digest_of(body: &[u8]) -> MessageHash {
    message_hash(body.len() as u64, |hasher| hasher.put(body))
}

/// All signatures in their order, with those that the steps promise.
fn sign(ask: &Ask) -> Vec<Signature> {
    let mut approved = approved(ask);
    let mut signatures = Vec::new();
    for number in 0.. {
        let step = approved.request().step(number);
        let Some(signature) = approved.next(&mut Wallet::default()).unwrap() else {
            assert_eq!((step, approved.request().step(u32::MAX)), (None, None));
            break;
        };
        let promised = match step.unwrap() {
            Step::Input { path, digest } => input((path.branch.number(), path.index.number()), digest),
            Step::Ticket { path, digest } => ticket((path.branch.number(), path.index.number()), digest),
            Step::Message { path, digest } => message((path.branch.number(), path.index.number()), digest),
        };
        assert_eq!(signature, promised);
        signatures.push(signature);
    }
    assert_eq!(approved.next(&mut Wallet::default()), Ok(None));
    signatures
}

#[test]
fn a_purchase_is_signed_inputs_first_then_tickets_then_messages() {
    let coins = [PRICE, PRICE + 3 * TICKET_FEE + 100_000_000];
    let ask = Ask::purchase(&coins, 2);
    let reviewed = review(&ask);
    let Work::Purchase(purchase) = reviewed.work() else { panic!("no purchase") };
    let split = purchase.split().unwrap().id;
    let funded = |number: u32| {
        let script = script(None, Payee::KeyHash(own(1, FIRST + 1 + 2 * number)));
        let digest = signature_hash_all(&purchase.ticket_id(number).unwrap(), 1, 0, &script);
        ticket((1, FIRST + 1 + 2 * number), digest)
    };
    let coin = |number| script(None, Payee::KeyHash(own(0, number)));
    let told = |number| message((1, FIRST + 2 + 2 * number), digest_of(&body(&reviewed, number, VOTE + number)));
    let expected = [
        input((0, 0), signature_hash_all(&split, 2, 0, &coin(0))),
        input((0, 1), signature_hash_all(&split, 2, 1, &coin(1))),
        funded(0),
        funded(1),
        told(0),
        told(1),
    ];
    assert_eq!(sign(&ask), expected);
    assert_eq!(reviewed.counts(), [2, 2, 2]);
    for number in 0..2 {
        assert_eq!(written(|sink| reviewed.write_registration(number, sink)), body(&reviewed, number, VOTE + number));
    }
    assert!(reviewed.registration(2).is_none());
    assert_eq!(purchase.reward_path(1), Some(KeyPath::internal(index(FIRST + 4))));
}

#[test]
fn direct_tickets_are_signed_with_the_keys_of_the_coins() {
    let values = [PRICE + TICKET_FEE, PRICE + TICKET_FEE + 77];
    let scripts = [None, Some(StakeTag::Revocation)].into_iter().zip(0..);
    let scripts: Vec<_> = scripts.map(|(tag, number)| script(tag, Payee::KeyHash(own(0, number)))).collect();
    let outputs: Vec<_> = values.into_iter().zip(scripts.clone()).collect();
    let parent = prefix(&[([0xaa; 32], 3, 0)], &outputs, 0);
    let ask = Ask::direct(&values).with(13, List(vec![Bytes(parent)]));
    let reviewed = review(&ask);
    let Work::Purchase(purchase) = reviewed.work() else { panic!("no purchase") };
    let spent = |number: u32| {
        let id = purchase.ticket_id(number).unwrap();
        ticket((0, number), signature_hash_all(&id, 1, 0, &scripts[number as usize]))
    };
    let told = |number| message((1, FIRST + number), digest_of(&body(&reviewed, number, VOTE + number)));
    assert_eq!(sign(&ask), [spent(0), spent(1), told(0), told(1)]);
    assert_eq!(reviewed.counts(), [0, 2, 2]);
}

#[test]
fn a_send_is_signed_by_every_input() {
    let ask = Ask::send(&[PRICE, PRICE], vec![pay(PRICE)]);
    let reviewed = review(&ask);
    let Work::Send(send) = reviewed.work() else { panic!("no send") };
    let coin = |number| script(None, Payee::KeyHash(own(0, number)));
    let expected = [0, 1].map(|number| input((0, number), signature_hash_all(send.id(), 2, number, &coin(number))));
    assert_eq!(sign(&ask), expected);
    assert_eq!(reviewed.counts(), [2, 0, 0]);
    assert!(reviewed.registration(0).is_none());
    assert_eq!(written(|sink| reviewed.write_ticket(0, sink)), b"");
}

#[test]
fn a_registration_is_signed_by_the_keys_that_rewards_return_to() {
    let ask = Ask::register(2);
    let reviewed = review(&ask);
    let told = |number| message((1, number), digest_of(&body(&reviewed, number, VOTE + number)));
    assert_eq!(sign(&ask), [told(0), told(1)]);
    assert_eq!(reviewed.counts(), [0, 0, 2]);
    assert!(reviewed.registration(2).is_none());
}

#[test]
fn a_signature_that_failed_is_tried_again() {
    let expected = sign(&Ask::simple(2));
    let mut approved = approved(&Ask::simple(2));
    for signature in expected {
        let mut broken = Wallet { fails_at: Some(1), ..Wallet::default() };
        assert_eq!(approved.next(&mut broken), Err(Failed));
        assert_eq!(approved.next(&mut Wallet::default()), Ok(Some(signature)));
    }
    assert_eq!(approved.next(&mut Wallet::default()), Ok(None));
}

fn finish(ask: &Ask, wallet: &mut Wallet, voter: &mut OneVoter) -> Result<Host, FinishError<Failed>> {
    let mut receiver = Receiver::<256, 100>::default();
    receiver.push(&ask.bytes()).unwrap();
    receiver.finish(wallet, voter, &mut NoMemory, &Limits::DEFAULT)
}

#[test]
fn a_key_that_fails_ends_the_review() {
    let direct = Ask::direct(&[PRICE + TICKET_FEE; 2]);
    let foreign = Ask::simple(1).without(6).with(7, List(vec![Bytes(SOMEBODY.to_vec())]));
    let purse = Ask::simple(1).with(8, uints([10_000, 3]));
    let send = Ask::send(&[PRICE], vec![pay(10_000), crate::ask::pay_purse(4, 10_000)]);
    let mut ran = 0;
    for ask in [Ask::simple(2), direct, foreign, purse, send, Ask::register(2)] {
        let (mut wallet, mut voter) = (Wallet::default(), OneVoter::default());
        assert!(finish(&ask, &mut wallet, &mut voter).is_ok());
        for call in 1..=wallet.calls {
            let mut broken = Wallet { fails_at: Some(call), ..Wallet::default() };
            assert_eq!(finish(&ask, &mut broken, &mut OneVoter::default()).err(), Some(FinishError::Keys(Failed)));
            ran += 1;
        }
        for call in 1..=voter.0.calls {
            let mut broken = OneVoter(Wallet { fails_at: Some(call), ..Wallet::default() });
            assert_eq!(finish(&ask, &mut Wallet::default(), &mut broken).err(), Some(FinishError::Keys(Failed)));
            ran += 1;
        }
    }
    println!("keys that fail: {ran} cases");
    assert_eq!(ran, 37);
}

#[test]
fn every_cut_of_a_request_is_refused_and_every_split_is_taken() {
    let bytes = Ask::simple(1).bytes();
    let id = *review(&Ask::simple(1)).id();
    let finish = |receiver: Receiver<24, 20>| {
        receiver.finish(&mut Wallet::default(), &mut OneVoter::default(), &mut NoMemory, &Limits::DEFAULT)
    };
    for cut in 0..bytes.len() {
        let mut receiver = Receiver::default();
        receiver.push(&bytes[..cut]).unwrap();
        match finish(receiver).err() {
            Some(FinishError::Refused(refusal)) => assert_eq!(refusal.rule, Rule::NotCanonical),
            other => panic!("{other:?}"),
        }
        let mut receiver = Receiver::default();
        receiver.push(&bytes[..cut]).unwrap();
        receiver.push(&bytes[cut..]).unwrap();
        assert_eq!(*finish(receiver).unwrap().id(), id);
    }
    let mut receiver = Receiver::<24, 20>::default();
    receiver.push(&bytes).unwrap();
    assert_eq!(receiver.push(&[0]).unwrap_err().rule, Rule::NotCanonical);
    println!("cuts and splits: {} cases", 2 * bytes.len());
}

#[test]
fn a_refusal_is_the_same_however_the_request_is_split() {
    let hashes = List(vec![Bytes(SOMEBODY.to_vec())]);
    let wrong_ticket = List(vec![Bytes(vec![1, 0, 1, 0])]);
    let bad = [
        // A voter and addresses of others: told at the end of the first hash.
        Ask::simple(1).with(7, hashes.clone()),
        Ask::simple(1).with(11, Text("\u{7f}".into())),
        Ask::simple(1).with(13, hashes),
        Ask::simple(1).with(13, wrong_ticket.clone()),
        Ask::send(&[PRICE], vec![pay(10_000)]).with(2, List(vec![Bytes(SOMEBODY.to_vec())])),
        Ask::register(1).with(13, wrong_ticket),
    ];
    let finish = |pieces: &[&[u8]]| {
        let mut receiver = Receiver::<24, 20>::default();
        pieces.iter().try_for_each(|piece| receiver.push(piece)).map_err(FinishError::Refused)?;
        receiver.finish(&mut Wallet::default(), &mut OneVoter::default(), &mut NoMemory, &Limits::DEFAULT)
    };
    let mut ran = 0;
    for ask in bad {
        let bytes = ask.bytes();
        let whole = finish(&[&bytes]).err();
        assert!(whole.is_some());
        let single: Vec<_> = bytes.chunks(1).collect();
        assert_eq!(finish(&single).err(), whole);
        for cut in 0..bytes.len() {
            assert_eq!(finish(&[&bytes[..cut], &bytes[cut..]]).err(), whole, "cut at {cut}");
            ran += 1;
        }
    }
    println!("refusals of split requests: {ran} cases");
    assert!(ran > 1_000);
}

#[test]
fn an_approval_is_of_no_use_with_another_request() {
    let [first, second]: [Host; 2] = [1, 2].map(|tickets| Ask::simple(tickets).review().unwrap());
    let approval = first.approval(first.id()).unwrap();
    assert!(first.approval(second.id()).is_err());
    let mut wallet = Wallet::default();
    assert_eq!(second.signature(&approval, 0, &mut wallet), Ok(None));
    assert_eq!(wallet.calls, 0);
    let mut approved = first.clone().approve(first.id()).unwrap();
    let total = first.counts().iter().sum();
    for number in 0..total {
        let next = approved.next(&mut wallet).unwrap();
        assert!(next.is_some());
        assert_eq!(first.signature(&approval, number, &mut wallet), Ok(next));
    }
    assert_eq!(first.signature(&approval, total, &mut wallet), Ok(None));
}
