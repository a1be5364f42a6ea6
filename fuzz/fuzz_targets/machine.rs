//! The whole cold side: arbitrary bytes are refused, or what is signed is exactly what the pages show, and the online
//! side builds the same from it. A memory of what the run approved stays on.
#![no_main]

#[path = "machine/check.rs"]
mod check;
#[path = "machine/memory.rs"]
mod memory;
#[path = "machine/stores.rs"]
mod stores;

use std::cell::RefCell;
use std::sync::LazyLock;

use dcrcold_core::amount::FeeRate;
use dcrcold_core::machine::{FinishError, Memory, NoMemory, Receiver, Reviewable, Work};
use dcrcold_core::net::Network;
use dcrcold_core::policy::{Refusal, Rule, Warning};
use dcrcold_core::request::RequestReader;
use dcrcold_core::review::Origin;
use dcrcold_signer::rebuild::{HostReviewable, KnownVoters, WatchKeys, complete, rebuild, transactions};
use dcrcold_signer::signer::{RegisteredVoters, SignerError, SpendingKeys, review};
use dcrcold_signer::transfer::{Answer, Container, Content, Encode, Kind};
use libfuzzer_sys::fuzz_target;
use memory::Approved;
use stores::{Store, stores};

static STORES: LazyLock<Vec<Store>> = LazyLock::new(stores);

thread_local! {
    static MEMORY: RefCell<Approved> = RefCell::default();
}

/// The same request in the machine of a device.
fn on_device(bytes: &[u8], store: &Store, memory: &mut impl Memory) -> Result<Box<Reviewable<24, 20>>, Refusal> {
    let mut receiver = Box::<Receiver<24, 20>>::default();
    receiver.push(bytes)?;
    let mut keys = SpendingKeys::new(&store.contents).expect("keys");
    let mut voters = RegisteredVoters::new(&store.contents).expect("voters");
    match receiver.finish(&mut keys, &mut voters, memory, store.contents.limits()) {
        Ok(reviewable) => Ok(Box::new(reviewable)),
        Err(FinishError::Refused(refusal)) => Err(refusal),
        Err(FinishError::Keys(error)) => panic!("{error}"),
    }
}

/// Sees that a device says what the host says, unless the request is too large for it.
fn check_device(host: Result<&HostReviewable, Refusal>, device: Result<Box<Reviewable<24, 20>>, Refusal>) {
    match (host, device) {
        (_, Err(Refusal { rule: Rule::TooLarge | Rule::TicketsAboveLimit, .. })) => {}
        (Err(host), Err(device)) => assert_eq!(host, device),
        (Ok(host), Ok(device)) => {
            assert!(host.pages().eq(device.pages()), "other pages on a device");
            let steps = |number| (host.step(number), device.step(number));
            assert!((0..).map(steps).take_while(|steps| *steps != (None, None)).all(|(host, device)| host == device));
        }
        (host, device) => panic!("host {:?}, device {:?}", host.err(), device.err()),
    }
}

/// Sees that coins of another approved request are told.
fn check_warnings(request: &HostReviewable, memory: &Approved) {
    let coins: Vec<_> = request.outpoints().collect();
    let warned = request.pages().any(|page| page.origin == Origin::Warned(Warning::OutpointSignedBefore));
    assert_eq!(warned, memory.spent(&coins, request.id()));
}

fn rate(request: &HostReviewable) -> FeeRate {
    match request.work() {
        Work::Purchase(purchase) => purchase.request().fee_rate,
        Work::Send(send) => send.request().fee_rate,
        Work::Register(_) => FeeRate::RELAY_MINIMUM,
    }
}

/// Has the online side build the request from public keys, put the answer in and verify it.
fn check_online(bytes: &[u8], store: &Store, answer: &Answer, reviewed: &HostReviewable) {
    let path = reviewed.account();
    let accounts = store.contents.accounts().iter().zip(&store.accounts);
    let (_, account) = accounts.into_iter().find(|(entry, _)| entry.account == path.account).expect("a known account");
    let mut keys = WatchKeys::new(reviewed.network(), path, account);
    let mut voters = KnownVoters::new(reviewed.network(), account, &store.voters);
    let request =
        rebuild(bytes, &mut keys, &mut voters, store.contents.limits()).expect("what was signed is built again");
    let built = transactions(&request).expect("what was built reads");
    check::check(&request, &built, account);
    let container = answer.to_container(request.network()).expect("an answer fits");
    assert_eq!(Answer::from_container(&container).as_ref(), Ok(answer));
    let completed = complete(&request, answer, account).expect("every signature is right");
    let done = completed.funding.iter().chain(&completed.tickets);
    for (done, built) in done.clone().zip(&built) {
        assert_eq!(done.encode_prefix(), built.encode_prefix());
    }
    if let Some(funding) = &completed.funding {
        check::relayed(funding, reviewed.spent(), rate(&request));
    }
    for ticket in &completed.tickets {
        let fee = match request.work() {
            Work::Purchase(purchase) => purchase.ticket_fee(),
            _ => panic!("a ticket that nobody asked for"),
        };
        let locked = ticket.outputs[0].value.amount().expect("an amount");
        check::relayed(ticket, locked.checked_add(fee).expect("an amount"), rate(&request));
    }
}

fn run(bytes: &[u8], store: &Store, memory: &mut Approved) {
    memory.make_room();
    let reviewed = match review(bytes, &store.contents, memory) {
        Ok(reviewed) => reviewed,
        Err(SignerError::Refused(refusal)) => return check_device(Err(refusal), on_device(bytes, store, memory)),
        Err(error) => panic!("{error}"),
    };
    let request = reviewed.request().clone();
    check_device(Ok(&request), on_device(bytes, store, memory));
    check_warnings(&request, memory);
    memory.remember(&request);
    let again = review(bytes, &store.contents, memory).unwrap_or_else(|error| panic!("not twice: {error}"));
    assert!(again.request().pages().eq(request.pages()), "a request is never an earlier one of itself");
    let id = *request.id();
    let answer = reviewed.approve(&id).expect("its id").sign(&mut NoMemory).expect("signatures");
    let twice = again.approve(&id).expect("its id").sign(&mut NoMemory).expect("signatures");
    assert_eq!(answer, twice);
    check_online(bytes, store, &answer, &request);
}

// The first byte chooses kind and network, so that the header is right; a few inputs are taken as they are.
fuzz_target!(|input: &[u8]| {
    let Some((choice, body)) = input.split_first() else { return };
    let kind = [Kind::Purchase, Kind::Send, Kind::Register][usize::from(choice % 3)];
    let network = [Network::Mainnet, Network::Testnet3, Network::Simnet][usize::from(choice / 3 % 3)];
    let bytes = match Container::new(kind, network, body.to_vec()) {
        Ok(container) if choice & 0xc0 != 0xc0 => container.encode(),
        _ => body.to_vec(),
    };
    // What does not read needs no keys, which are slow.
    let mut reader = Box::<RequestReader<256, 100>>::default();
    let read = reader.push(&bytes).and_then(|()| reader.finish());
    let Ok(read) = read else { return };
    for store in STORES.iter().filter(|store| store.contents.network() == read.network) {
        MEMORY.with_borrow_mut(|memory| run(&bytes, store, memory));
    }
});
