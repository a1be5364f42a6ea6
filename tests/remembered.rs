//! What a signer remembers and what it makes of it: indexes that are refused, and warnings on pages of their own.
#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

#[path = "common/cold.rs"]
mod cold;
mod common;

use std::fmt::Write as _;
use std::fs;

use cold::{Cold, NETWORK, PRICE, atoms, encoded, external, index};
use dcrcold_core::amount::Amount;
use dcrcold_core::hash::{Fingerprint, TransferId, TxId};
use dcrcold_core::machine::{Counter, Earlier, LISTED, Mark, Memory, Outpoint, Recall, Reviewable};
use dcrcold_core::path::Index;
use dcrcold_core::policy::{Figure, INDEX_REACH, Limits, Part, Refusal, Rule, Warning};
use dcrcold_core::request::{Output, Purse, Recipient, Rest};
use dcrcold_core::review::{Origin, Page};
use dcrcold_signer::transfer::{InputRef, Purchase, Register, Send, Voting};

type Reviewed = Box<Reviewable<256, 100>>;

/// A memory that says what a test wants.
struct Told {
    recall: Recall,
    internal: Mark,
    voting: Mark,
    purse: Mark,
    /// Earlier requests, the latest first, with the coins and the voter keys that each has in common.
    earlier: Vec<(Earlier, Vec<Outpoint>, Vec<u32>)>,
    asked: Vec<TransferId>,
}

impl Told {
    fn marks(mark: Mark) -> Self {
        let (internal, voting, purse) = (mark, mark, mark);
        Self { recall: Recall::Whole, internal, voting, purse, earlier: Vec::new(), asked: Vec::new() }
    }
}

impl Memory for Told {
    fn recall(&mut self) -> Recall {
        self.recall
    }

    fn mark(&mut self, counter: Counter) -> Mark {
        match counter {
            Counter::Internal(_) => self.internal,
            Counter::Voter(_) => self.voting,
            Counter::Purse(_) => self.purse,
        }
    }

    fn spent_by(&mut self, coin: &Outpoint, but: &TransferId, number: u32) -> Option<Earlier> {
        self.asked.push(*but);
        let mut spending = self.earlier.iter().filter(|(_, coins, _)| coins.contains(coin));
        spending.nth(number as usize).map(|(earlier, ..)| *earlier)
    }

    fn named_by(&mut self, _: &Fingerprint, index: Index, but: &TransferId, number: u32) -> Option<Earlier> {
        self.asked.push(*but);
        let mut naming = self.earlier.iter().filter(|(.., keys)| keys.contains(&index.number()));
        naming.nth(number as usize).map(|(earlier, ..)| *earlier)
    }
}

fn review(cold: &Cold, request: &[u8], memory: &mut Told) -> Result<Reviewed, Refusal> {
    cold.review_with(request, memory, &Limits::DEFAULT)
}

/// One of the three indexes, in a request of each kind that has it.
struct Place {
    part: Part,
    what: &'static str,
    request: fn(&Cold, u32) -> Vec<u8>,
}

fn voter(cold: &Cold) -> Fingerprint {
    cold.voter().fingerprint(NETWORK)
}

const PLACES: [Place; 7] = [
    Place {
        part: Part::AddressIndex,
        what: "purchase",
        request: |cold, at| encoded(&Purchase { first_internal: index(at), ..cold.purchase(2) }),
    },
    Place {
        part: Part::AddressIndex,
        what: "direct purchase",
        request: |cold, at| {
            let coin = atoms(PRICE.atoms() + 2_980);
            encoded(&Purchase { first_internal: index(at), ..cold.direct(&[coin]) })
        },
    },
    Place {
        part: Part::AddressIndex,
        what: "send",
        request: |cold, at| encoded(&Send { rest: Rest::Change(index(at)), ..cold.send() }),
    },
    Place {
        part: Part::VoterIndex,
        what: "purchase",
        request: |cold, at| {
            let voting = Voting::Voter { fingerprint: voter(cold), first: index(at) };
            encoded(&Purchase { voting, ..cold.purchase(2) })
        },
    },
    Place {
        part: Part::VoterIndex,
        what: "registration",
        request: |cold, at| encoded(&Register { first: index(at), ..cold.register() }),
    },
    Place {
        part: Part::PurseIndex,
        what: "purchase",
        request: |cold, at| {
            let purse = Some(Purse { amount: atoms(10_000_000), index: index(at) });
            encoded(&Purchase { purse, ..cold.purchase(2) })
        },
    },
    Place {
        part: Part::PurseIndex,
        what: "send",
        request: |cold, at| {
            // The highest purse key counts, wherever it stands.
            let purse = |at| Recipient::Purse { fingerprint: voter(cold), index: index(at) };
            let output = |at| Output { recipient: purse(at), amount: atoms(10_000_000) };
            encoded(&Send { outputs: vec![output(0), output(at), output(1)], ..cold.send() })
        },
    },
];

#[test]
fn twenty_beyond_the_highest_index_is_taken_and_twenty_one_is_refused() {
    let cold = Cold::new();
    let mut ran = 0;
    for Place { part, what, request } in PLACES {
        // The highest approved index is one below the mark; with 0 nothing was approved.
        for mark in [0, 1, 2, 500, 0x7fff_fb00] {
            let marks = || match part {
                Part::AddressIndex => Told { internal: Mark::Below(mark), ..Told::marks(Mark::Uncounted) },
                Part::VoterIndex => Told { voting: Mark::Below(mark), ..Told::marks(Mark::Uncounted) },
                _ => Told { purse: Mark::Below(mark), ..Told::marks(Mark::Uncounted) },
            };
            let beyond = mark + INDEX_REACH;
            for taken in [0, mark.saturating_sub(1), beyond - 1] {
                let reviewed = review(&cold, &request(&cold, taken), &mut marks());
                let reviewed = reviewed.unwrap_or_else(|refusal| panic!("{what}, {taken} over {mark}: {refusal}"));
                assert_eq!(warnings(&reviewed), [], "{what}, {taken} over {mark}");
                ran += 1;
            }
            for refused in [beyond, beyond + 1, Index::LIMIT - 1] {
                let refusal = review(&cold, &request(&cold, refused), &mut marks()).unwrap_err();
                let expected = Refusal { part, ..Refusal::new(Rule::IndexTooFar) }.found(refused.into());
                assert_eq!(refusal, expected.expected(Figure::from(beyond - 1)), "{what}, {refused} over {mark}");
                ran += 1;
            }
        }
    }
    println!("indexes beside marks: {ran} cases");
    assert_eq!(ran, 7 * 5 * 6);
}

#[test]
fn a_high_index_without_a_mark_is_a_warning() {
    let cold = Cold::new();
    for Place { part, what, request } in PLACES {
        for (at, warned) in [(0, false), (INDEX_REACH - 1, false), (INDEX_REACH, true), (Index::LIMIT - 1, true)] {
            let request = request(&cold, at);
            let reviewed = review(&cold, &request, &mut Told::marks(Mark::Unknown)).unwrap();
            let expected: &[Warning] = if warned { &[Warning::IndexUnmarked] } else { &[] };
            assert_eq!(warnings(&reviewed), expected, "{what}, {at}");
            if warned {
                assert_eq!(reviewed.past().unmarked()[0].part, part);
            }
            let nobody = review(&cold, &request, &mut Told::marks(Mark::Uncounted)).unwrap();
            assert_eq!(warnings(&nobody), [], "{what}, {at}");
        }
    }
}

fn warnings(reviewed: &Reviewed) -> Vec<Warning> {
    let warned = |page: Page<'_>| match page.origin {
        Origin::Warned(warning) => Some(warning),
        Origin::Checked | Origin::Claimed => None,
    };
    reviewed.pages().filter_map(warned).collect()
}

fn earlier(byte: u8, spent: Amount) -> Earlier {
    Earlier { request: TransferId::from_bytes([byte; 32]), spent }
}

/// A purchase of three tickets over three coins, and the coins.
fn three_coins(cold: &Cold) -> (Vec<u8>, [Outpoint; 3]) {
    let parent = cold.parent(&[PRICE, PRICE, atoms(PRICE.atoms() + 100_000_000)]);
    let id = TxId::of_prefix(|sink| dcrcold_core::hash::Sink::put(sink, &parent));
    let inputs = (0..3).map(|number| InputRef { parent: 0, output: number, path: external(number) }).collect();
    let request = encoded(&Purchase { inputs, parents: vec![parent], ..cold.purchase(3) });
    (request, [0, 1, 2].map(|output| Outpoint { id, output }))
}

#[test]
fn every_earlier_request_over_the_same_coins_is_told_once() {
    let cold = Cold::new();
    let (request, coins) = three_coins(&cold);
    let mut memory = Told::marks(Mark::Uncounted);
    memory.earlier = vec![
        (earlier(1, atoms(5)), vec![coins[1]], vec![]),
        (earlier(2, atoms(6)), coins.to_vec(), vec![7]),
        (earlier(3, atoms(7)), vec![], vec![2]),
        (earlier(4, atoms(8)), vec![], vec![3]),
    ];
    let reviewed = review(&cold, &request, &mut memory).unwrap();
    let shared = |listed: &[dcrcold_core::machine::Shared]| -> Vec<_> {
        listed.iter().map(|shared| (shared.earlier, shared.count)).collect()
    };
    let past = reviewed.past();
    assert_eq!(shared(past.coins().listed()), [(earlier(2, atoms(6)), 3), (earlier(1, atoms(5)), 1)]);
    assert_eq!(shared(past.voter_keys().listed()), [(earlier(3, atoms(7)), 1)], "keys 0 to 2 are named");
    assert!(!past.coins().more() && !past.voter_keys().more());
    let expected = [Warning::OutpointSignedBefore, Warning::OutpointSignedBefore, Warning::VoterIndexUsedBefore];
    assert_eq!(warnings(&reviewed), expected);
    assert!(memory.asked.iter().all(|id| id == reviewed.id()), "the request itself is never an earlier one");
}

#[test]
fn of_more_requests_than_are_listed_a_page_says_that_there_are_more() {
    let cold = Cold::new();
    let (request, coins) = three_coins(&cold);
    for requests in [LISTED - 1, LISTED, LISTED + 1, 3 * LISTED] {
        // All with the first coin; and each coin with a third of them.
        for of_coin in [1, 3] {
            let mut memory = Told::marks(Mark::Uncounted);
            for byte in 0..requests {
                let coin = coins[byte % of_coin];
                memory.earlier.push((earlier(u8::try_from(byte).unwrap(), PRICE), vec![coin], vec![1]));
            }
            let reviewed = review(&cold, &request, &mut memory).unwrap();
            for met in [reviewed.past().coins(), reviewed.past().voter_keys()] {
                assert_eq!(met.listed().len(), requests.min(LISTED));
                assert_eq!(met.more(), requests > LISTED);
            }
            let pages = requests.min(LISTED) + usize::from(requests > LISTED);
            assert_eq!(warnings(&reviewed).len(), 2 * pages);
        }
    }
}

/// Every warning as a person reads it. `DCRCOLD_BLESS=1` writes the file anew.
#[test]
fn every_warning_reads_as_recorded() {
    let cold = Cold::new();
    let (request, coins) = three_coins(&cold);
    let mut shown = String::new();
    let mut names = Vec::new();
    let mut show = |what: &str, reviewed: &Reviewed| {
        writeln!(shown, "# {what}").unwrap();
        for page in reviewed.pages() {
            let Origin::Warned(warning) = page.origin else { continue };
            names.push(warning);
            writeln!(shown, "{}: {}", warning, page.label).unwrap();
            for line in page.value.to_string().lines() {
                assert!(line.len() <= 64, "line of {} characters: {line}", line.len());
                writeln!(shown, "    {line}").unwrap();
            }
        }
    };
    for recall in [Recall::Empty, Recall::Incomplete] {
        let mut memory = Told { recall, ..Told::marks(Mark::Uncounted) };
        show(&format!("{recall:?}"), &review(&cold, &request, &mut memory).unwrap());
    }
    for Place { part, what, request } in PLACES {
        let reviewed = review(&cold, &request(&cold, Index::LIMIT - 1), &mut Told::marks(Mark::Unknown)).unwrap();
        show(&format!("{part:?}, {what}"), &reviewed);
    }
    let mut memory = Told::marks(Mark::Uncounted);
    memory.earlier = vec![
        (earlier(0xaa, atoms(2_100_000_000_000_000)), coins.to_vec(), vec![1]),
        (earlier(0xbb, PRICE), vec![coins[2]], vec![0, 1, 2]),
    ];
    show("earlier requests", &review(&cold, &request, &mut memory).unwrap());
    memory.earlier = (0..20).map(|byte| (earlier(byte, PRICE), vec![coins[0]], vec![1])).collect();
    show("more of them", &review(&cold, &request, &mut memory).unwrap());
    let file = common::folder("review").join("warnings.txt");
    if std::env::var_os("DCRCOLD_BLESS").is_some() {
        fs::write(&file, &shown).unwrap();
    }
    assert_eq!(shown, fs::read_to_string(&file).unwrap(), "{}", file.display());
    for warning in Warning::ALL {
        assert!(names.contains(warning), "{warning} has no page");
    }
    println!("pages of warnings: {} cases", names.len());
}

/// They come before everything else, so that nobody has stopped reading.
#[test]
fn warnings_come_first() {
    let cold = Cold::new();
    let (request, _) = three_coins(&cold);
    let mut memory = Told { recall: Recall::Incomplete, ..Told::marks(Mark::Uncounted) };
    let reviewed = review(&cold, &request, &mut memory).unwrap();
    let labels: Vec<_> = reviewed.pages().map(|page| page.label).collect();
    assert_eq!(labels[..3], ["Warning: memory is incomplete", "Network", "Buy"]);
    let silent = review(&cold, &request, &mut Told::marks(Mark::Below(0))).unwrap();
    assert_eq!(silent.pages().count() + 1, labels.len());
}

#[test]
fn what_a_request_takes_into_use_is_known() {
    let cold = Cold::new();
    let run = |run: Option<dcrcold_core::machine::Run>| run.map(|run| (run.first.number(), run.end()));
    let uses = |request: &[u8]| {
        let reviewed = review(&cold, request, &mut Told::marks(Mark::Uncounted)).unwrap();
        let uses = reviewed.uses();
        (run(uses.internal), run(uses.voting), run(uses.purse), reviewed.outpoints().count())
    };
    let [split, direct, send, _, register, purse, purses] = PLACES.map(|place| uses(&(place.request)(&cold, 5)));
    // Change, then funding and reward of two tickets; two voter keys; one coin and two outputs of the split.
    assert_eq!(split, (Some((5, 10)), Some((0, 2)), None, 3));
    assert_eq!(direct, (Some((5, 6)), Some((0, 1)), None, 1));
    assert_eq!(send, (Some((5, 6)), None, None, 1));
    assert_eq!(register, (None, Some((5, 6)), None, 0));
    assert_eq!(purse, (Some((0, 5)), Some((0, 2)), Some((5, 6)), 3));
    assert_eq!(purses, (Some((0, 1)), None, Some((5, 6)), 1));
}
