//! What a memory says: marks beside indexes, and earlier requests over the same coins and keys.

use dcrcold_core::amount::Amount;
use dcrcold_core::hash::{Fingerprint, TransferId};
use dcrcold_core::machine::{Counter, Memory, NoMemory};
use dcrcold_core::machine::{Earlier, LISTED, Mark, Outpoint, Recall, Run, Shared, Uses, Work};
use dcrcold_core::path::Index;
use dcrcold_core::policy::{INDEX_REACH, Limits, Part, Refusal, Rule, Warning};
use dcrcold_core::review::{Origin, Page};

use crate::ask::Item::{Bytes, List, Uint};
use crate::ask::{Ask, FIRST, Host, PRICE, TICKET_FEE, VOTE, id, parent, pay, pay_purse, uints, voter};
use crate::wallet::{Told, VOTER, account, index};

fn review(ask: &Ask, memory: &mut Told) -> Result<Host, Refusal> {
    ask.review_with(memory, &Limits::DEFAULT)
}

/// A request with an index in one of its places.
type Place = (Part, fn(u32) -> Ask);

const PLACES: [Place; 7] = [
    (Part::AddressIndex, |at| Ask::simple(2).with(5, Uint(at.into()))),
    (Part::AddressIndex, |at| Ask::direct(&[PRICE + TICKET_FEE]).with(5, Uint(at.into()))),
    (Part::AddressIndex, |at| Ask::send(&[PRICE], vec![pay(10_000)]).with(5, Uint(at.into()))),
    (Part::VoterIndex, |at| Ask::simple(2).with(6, voter(at))),
    (Part::VoterIndex, |at| Ask::register(2).with(6, voter(at))),
    (Part::PurseIndex, |at| Ask::simple(2).with(8, uints([10_000, at.into()]))),
    (Part::PurseIndex, |at| Ask::sweep(&[PRICE], vec![pay_purse(0, 10_000), pay_purse(at, 10_000), pay_purse(1, 0)])),
];

#[test]
fn an_index_is_taken_up_to_twenty_beyond_its_mark() {
    let mut ran = 0;
    for (part, ask) in PLACES {
        for mark in [0, 1, 500, Index::LIMIT - INDEX_REACH - 1] {
            let marks = || match part {
                Part::AddressIndex => Told { internal: Mark::Below(mark), ..Told::marks(Mark::Uncounted) },
                Part::VoterIndex => Told { voting: Mark::Below(mark), ..Told::marks(Mark::Uncounted) },
                _ => Told { purse: Mark::Below(mark), ..Told::marks(Mark::Uncounted) },
            };
            let last = mark + INDEX_REACH - 1;
            assert_eq!(review(&ask(last), &mut marks()).map(|reviewed| warnings(&reviewed)), Ok(vec![]));
            let refusal = Refusal::new(Rule::IndexTooFar).at(part).found((last + 1).into()).expected(last.into());
            assert_eq!(review(&ask(last + 1), &mut marks()).map(|_| "taken"), Err(refusal));
            ran += 2;
        }
    }
    println!("indexes beside marks: {ran} cases");
    assert_eq!(ran, 7 * 4 * 2);
    // A mark so high that nothing is beyond it.
    let mut top = Told::marks(Mark::Below(u32::MAX));
    assert!(review(&Ask::simple(2).with(5, Uint(u64::from(Index::LIMIT - 1))), &mut top).is_ok());
}

#[test]
fn a_high_index_without_a_mark_is_warned_of() {
    for (part, ask) in PLACES {
        for (at, warned) in [(0, false), (INDEX_REACH - 1, false), (INDEX_REACH, true), (Index::LIMIT - 1, true)] {
            let reviewed = review(&ask(at), &mut Told::marks(Mark::Unknown)).unwrap();
            let unmarked: Vec<_> = reviewed.past().unmarked().iter().map(|it| (it.part, it.index)).collect();
            let expected = if warned { vec![(part, index(at))] } else { vec![] };
            assert_eq!(unmarked, expected);
            assert_eq!(warnings(&reviewed).len(), usize::from(warned));
            assert_eq!(warnings(&review(&ask(at), &mut Told::marks(Mark::Uncounted)).unwrap()), []);
        }
    }
}

#[test]
fn no_memory_knows_nothing_and_counts_nothing() {
    let mut memory = NoMemory;
    let (coin, but) = (Outpoint { id: id(&[]), output: 0 }, TransferId::from_bytes([0; 32]));
    assert_eq!((memory.recall(), memory.mark(Counter::Internal(account()))), (Recall::Whole, Mark::Uncounted));
    assert_eq!(memory.spent_by(&coin, &but, 0), None);
    assert_eq!(memory.named_by(&Fingerprint::from_bytes(VOTER), index(0), &but, 0), None);
}

#[test]
fn a_request_uses_what_its_keys_and_coins_are() {
    let run = |first, count| Some(Run { first: index(first), count });
    let voter = Some(Fingerprint::from_bytes(VOTER));
    let uses = |ask: &Ask| ask.review().unwrap().uses();
    let purchase = Uses { internal: run(FIRST, 7), voter, voting: run(VOTE, 3), purse: None };
    assert_eq!(uses(&Ask::simple(3)), purchase);
    assert_eq!(uses(&Ask::simple(3).with(8, uints([10_000, 9]))), Uses { purse: run(9, 1), ..purchase });
    let direct = Uses { internal: run(FIRST, 2), voting: run(VOTE, 2), ..purchase };
    assert_eq!(uses(&Ask::direct(&[PRICE + TICKET_FEE; 2])), direct);
    let foreign = Ask::simple(2).without(6).with(7, List(vec![Bytes(vec![1; 20]); 2]));
    assert_eq!(uses(&foreign), Uses { internal: run(FIRST, 5), ..Uses::default() });
    let register = Uses { voter, voting: run(VOTE, 2), ..Uses::default() };
    assert_eq!(uses(&Ask::register(2)), register);
    let send = Uses { internal: run(FIRST, 1), ..Uses::default() };
    assert_eq!(uses(&Ask::send(&[PRICE], vec![pay(10_000)])), send);
    assert_eq!(uses(&Ask::sweep(&[PRICE], vec![pay(0)])), Uses::default());
    let purses = vec![pay_purse(3, 10_000), pay_purse(8, 10_000), pay_purse(4, 10_000)];
    assert_eq!(uses(&Ask::send(&[PRICE], purses)), Uses { voter, purse: run(8, 1), ..send });
    assert_eq!(run(8, 3).unwrap().end(), 11);
}

#[test]
fn a_request_spends_its_inputs_and_the_split() {
    let coins = [PRICE, PRICE + 100_000_000];
    let funding = |output| Outpoint { id: id(&parent(&coins)), output };
    let total = Amount::from_atoms(2 * PRICE + 100_000_000).unwrap();
    let reviewed = Ask::purchase(&coins, 2).review().unwrap();
    let Work::Purchase(purchase) = reviewed.work() else { panic!("no purchase") };
    let split = |output| Outpoint { id: purchase.split().unwrap().id, output };
    let spent: Vec<_> = reviewed.outpoints().collect();
    assert_eq!(spent, [funding(0), funding(1), split(0), split(1)]);
    assert_eq!(reviewed.spent(), total);
    let reviewed = Ask::send(&coins, vec![pay(10_000)]).review().unwrap();
    assert_eq!(reviewed.outpoints().collect::<Vec<_>>(), [funding(0), funding(1)]);
    assert_eq!(reviewed.spent(), total);
    let reviewed = Ask::register(2).review().unwrap();
    assert_eq!((reviewed.outpoints().count(), reviewed.spent()), (0, Amount::ZERO));
}

fn warnings(reviewed: &Host) -> Vec<Warning> {
    let warned = |page: Page<'_>| match page.origin {
        Origin::Warned(warning) => Some(warning),
        Origin::Checked | Origin::Claimed => None,
    };
    reviewed.pages().filter_map(warned).collect()
}

pub fn earlier(byte: u8) -> Earlier {
    Earlier { request: TransferId::from_bytes([byte; 32]), spent: Amount::from_atoms(byte.into()).unwrap() }
}

/// A purchase of three tickets over three coins, and the coins.
fn three_coins() -> (Ask, [Outpoint; 3]) {
    let coins = [PRICE, PRICE, PRICE + 100_000_000];
    let id = id(&parent(&coins));
    (Ask::purchase(&coins, 3), [0, 1, 2].map(|output| Outpoint { id, output }))
}

#[test]
fn every_earlier_request_is_listed_once_with_what_it_shares() {
    let (ask, coins) = three_coins();
    let mut memory = Told::marks(Mark::Uncounted);
    memory.earlier = vec![
        (earlier(1), vec![coins[1]], vec![]),
        (earlier(2), coins.to_vec(), vec![VOTE - 1, VOTE + 3]),
        (earlier(3), vec![], vec![VOTE + 2]),
        (earlier(4), vec![], vec![VOTE, VOTE + 1]),
    ];
    let reviewed = review(&ask, &mut memory).unwrap();
    let shared = |listed: &[Shared]| listed.iter().map(|shared| (shared.earlier, shared.count)).collect::<Vec<_>>();
    assert_eq!(shared(reviewed.past().coins().listed()), [(earlier(2), 3), (earlier(1), 1)]);
    assert_eq!(shared(reviewed.past().voter_keys().listed()), [(earlier(4), 2), (earlier(3), 1)]);
    assert!(!reviewed.past().coins().more() && !reviewed.past().voter_keys().more());
    let (coin, voter) = (Warning::OutpointSignedBefore, Warning::VoterIndexUsedBefore);
    assert_eq!(warnings(&reviewed), [coin, coin, voter, voter]);
    assert!(memory.but.iter().all(|but| but == reviewed.id()), "the request itself is never an earlier one");
}

#[test]
fn an_output_of_the_split_that_was_spent_is_noticed() {
    let reviewed = Ask::simple(2).review().unwrap();
    let last = reviewed.outpoints().last().unwrap();
    let mut memory = Told::marks(Mark::Uncounted);
    memory.earlier = vec![(earlier(1), vec![last], vec![])];
    let reviewed = review(&Ask::simple(2), &mut memory).unwrap();
    assert_eq!(warnings(&reviewed), [Warning::OutpointSignedBefore]);
}

#[test]
fn of_more_requests_than_are_listed_a_page_says_so() {
    let (ask, coins) = three_coins();
    for requests in [LISTED - 1, LISTED, LISTED + 1, 3 * LISTED] {
        // All with the first coin; and each coin with a third of them.
        for of_coin in [1, 3] {
            let mut memory = Told::marks(Mark::Uncounted);
            for byte in 0..requests {
                let shared = (vec![coins[byte % of_coin]], vec![VOTE + u32::try_from(byte % of_coin).unwrap()]);
                memory.earlier.push((earlier(u8::try_from(byte).unwrap()), shared.0, shared.1));
            }
            let reviewed = review(&ask, &mut memory).unwrap();
            for met in [reviewed.past().coins(), reviewed.past().voter_keys()] {
                assert_eq!((met.listed().len(), met.more()), (requests.min(LISTED), requests > LISTED));
            }
            let pages = requests.min(LISTED) + usize::from(requests > LISTED);
            assert_eq!(warnings(&reviewed).len(), 2 * pages);
        }
    }
}

#[test]
fn a_memory_that_is_not_whole_says_so() {
    let (empty, incomplete) = (vec![Warning::MemoryEmpty], vec![Warning::MemoryIncomplete]);
    for (recall, expected) in [(Recall::Whole, vec![]), (Recall::Empty, empty), (Recall::Incomplete, incomplete)] {
        let reviewed = review(&Ask::simple(1), &mut Told { recall, ..Told::marks(Mark::Uncounted) }).unwrap();
        assert_eq!((warnings(&reviewed), reviewed.past().recall()), (expected, recall));
    }
}
