//! What pages say, each value at the points where its words change. The reviews of whole requests are in `vectors`.

use dcrcold_core::amount::{Amount, FeeRate, Height, MAX_ATOMS};
use dcrcold_core::hash::{Fingerprint, TransferId};
use dcrcold_core::machine::{Earlier, Mark, Recall};
use dcrcold_core::net::Network;
use dcrcold_core::path::Account;
use dcrcold_core::policy::{Limits, Warning};
use dcrcold_core::request::Label;
use dcrcold_core::review::{Origin, Topic, Value};

use crate::ask::Item::Text;
use crate::ask::{Ask, Host, PRICE, TICKET_FEE, VOTE, pay, pay_purse, uints, voter};
use crate::wallet::{Told, index};

fn says(value: Value<'_>, expected: &str) {
    assert_eq!(value.to_string(), expected);
}

fn atoms(atoms: u64) -> Amount {
    Amount::from_atoms(atoms).unwrap()
}

#[test]
fn one_is_singular() {
    let each = atoms(100_000_000);
    let rate = FeeRate::from_atoms_per_kb(12_345);
    says(Value::Fees { count: 1, each, rate }, "1.00000000 DCR\nat 12345 atoms/kB");
    says(Value::Fees { count: 2, each, rate }, "2.00000000 DCR\n2 x 1.00000000 DCR\nat 12345 atoms/kB");
    says(Value::Tickets(1), "1 ticket");
    says(Value::Tickets(2), "2 tickets");
    says(Value::Coins { count: 1, total: each }, "1.00000000 DCR\nin 1 coin of yours");
    says(Value::Coins { count: 2, total: each }, "1.00000000 DCR\nin 2 coins of yours");
    says(Value::Times { count: 1, each }, "1.00000000 DCR");
    says(Value::Times { count: 2, each }, "2.00000000 DCR\n2 x 1.00000000 DCR");
    says(Value::Times { count: 2, each: atoms(MAX_ATOMS) }, "2 x 21000000.00000000 DCR");
    says(Value::VoterKeys { first: index(3), last: index(3) }, "key 3");
    says(Value::VoterKeys { first: index(3), last: index(5) }, "keys 3 to 5");
    let messages = |count| Value::Messages { count, first: index(3) };
    says(messages(1), "1 message: a VSP may take orders\nfrom alt-sign key 3");
    says(messages(2), "2 messages: a VSP may take orders\nfrom alt-sign keys 3 to 4");
}

#[test]
fn keys_of_ours_are_named_by_branch_and_index() {
    let account = Account::new(4).unwrap();
    let keys = |last, step| Value::OwnKeys { account, first: index(3), last: index(last), step };
    says(keys(3, 2), "your account 4, address 1/3");
    says(keys(3, 1), "your account 4, address 1/3");
    says(keys(5, 1), "your account 4, address 1/3 to 1/5");
    says(keys(5, 2), "your account 4, address 1/3 to 1/5,\nevery second one");
}

#[test]
fn an_expiry_is_told_in_blocks_and_in_time() {
    let expiry = |blocks, network| Value::Expiry { height: Height(9), blocks, network };
    let main = |blocks, time: &str| {
        let s = if blocks == 1 { "" } else { "s" };
        let text = format!("before block 9\n{blocks} block{s} after the claimed tip, about {time}");
        says(expiry(blocks, Network::Mainnet), &text);
    };
    // A block takes five minutes.
    main(1, "5 min");
    main(11, "55 min");
    main(12, "1 h");
    main(13, "1 h");
    main(287, "23 h");
    main(288, "1 d 0 h");
    main(300, "1 d 1 h");
    main(432, "1 d 12 h");
    main(5_000, "17 d 8 h");
    // On simnet it takes a second.
    let simnet = "before block 9\n119 blocks after the claimed tip, about 1 min";
    says(expiry(119, Network::Simnet), simnet);
}

/// Counts every day of the calendar up to the last second that fits.
#[test]
fn times_are_those_of_the_calendar() {
    let (mut days, mut ran) = (0_u64, 0);
    for year in 1970.. {
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let lengths = [31, if leap { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        for (month, length) in (1..).zip(lengths) {
            for day in 1..=length {
                let second = days % 86_400;
                let Ok(time) = u32::try_from(days * 86_400 + second) else {
                    println!("days of the calendar: {ran} cases");
                    assert_eq!(ran, 49_710);
                    return;
                };
                let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
                let text = format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02} UTC");
                says(Value::Time(time), &text);
                (days, ran) = (days + 1, ran + 1);
            }
        }
    }
}

#[test]
fn a_text_that_fills_the_line_is_broken_inside_its_quotes() {
    for (length, lines) in [(1, vec![3]), (62, vec![64]), (63, vec![64, 1]), (64, vec![64, 2])] {
        let label = Label::new(&vec![b'x'; length]).unwrap();
        let text = Value::Quoted(&label).to_string();
        assert_eq!(text.replace('\n', ""), format!("\"{}\"", "x".repeat(length)));
        assert_eq!(text.lines().map(str::len).collect::<Vec<_>>(), lines);
    }
    let name = Label::new(b"we").unwrap();
    let fingerprint = Fingerprint::from_bytes([0x1f; 16]);
    let text = "\"we\"\nfingerprint 1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f1f";
    says(Value::Voter { name: &name, fingerprint }, text);
    says(Value::Text("so"), "so");
}

/// The labels of the pages in their order.
fn labels(reviewed: &Host) -> Vec<&'static str> {
    reviewed.pages().map(|page| page.label).collect()
}

fn review(ask: &Ask) -> Host {
    ask.review().unwrap_or_else(|refusal| panic!("{refusal}"))
}

const CLAIMS: [&str; 2] = ["Height of the chain", "Time of the chain"];

#[test]
fn pages_come_in_a_fixed_order() {
    let full = Ask::simple(2).with(8, uints([10_000, 3])).with(11, Text("mine".into()));
    let expected = [
        "Network",
        "Buy",
        "Tickets lock",
        "Ticket fees",
        "Fee of the split transaction",
        "Spent in all",
        "Change returns",
        "Rewards return to",
        "Voter",
        "Voting rights go to the voter's",
        "VSP registration",
        "The voter's purse gets",
        "Tickets can be mined",
    ];
    let expected = [&expected[..], &CLAIMS, &["Price of a ticket", "Label"]].concat();
    assert_eq!(labels(&review(&full)), expected);
    let send = Ask::send(&[PRICE], vec![pay(10_000), pay_purse(3, 10_000)]);
    let expected = ["Network", "Pay", "Voter", "The voter's purse gets", "Fee", "Spent in all", "Change returns"];
    assert_eq!(labels(&review(&send)), [&expected[..], &CLAIMS].concat());
    let expected = ["Network", "Register", "Ticket", "Ticket", "Money moved", "Voter", "VSP registration"];
    assert_eq!(labels(&review(&Ask::register(2))), [&expected[..], &CLAIMS].concat());
}

#[test]
fn a_page_is_found_by_its_number_and_there_is_none_after_the_last() {
    let reviewed = review(&Ask::simple(2));
    let pages: Vec<_> = reviewed.pages().collect();
    for (number, page) in (0..).zip(&pages) {
        assert_eq!(reviewed.page(number), Some(*page));
        assert_eq!(page.to_string(), format!("{}: {}", page.label, page.value));
    }
    for number in [u32::try_from(pages.len()).unwrap(), u32::MAX] {
        assert_eq!(reviewed.page(number), None);
    }
    let claimed: Vec<_> = pages.iter().map(|page| page.origin == Origin::Claimed).collect();
    assert_eq!(claimed.iter().filter(|claimed| **claimed).count(), 3);
    assert!(claimed.is_sorted(), "what is only claimed comes last");
}

#[test]
fn topics_come_in_their_order_under_their_headings() {
    let mut memory = Told { recall: Recall::Empty, ..Told::marks(Mark::Uncounted) };
    let reviewed = Ask::simple(2).review_with(&mut memory, &Limits::DEFAULT).unwrap();
    let mut topics: Vec<_> = reviewed.pages().map(|page| page.topic).collect();
    topics.dedup();
    assert_eq!(topics, Topic::ALL);
    let headings = [
        "decide about this first",
        "what is asked for",
        "what it costs",
        "where money returns",
        "who votes",
        "until when",
        "from the online computer, not checked",
    ];
    assert_eq!(Topic::ALL.map(Topic::heading), headings);
}

#[test]
fn codes_of_topics_and_origins_are_those_of_the_protocol() {
    assert_eq!(Topic::ALL.map(Topic::code), [0, 1, 2, 3, 4, 5, 6]);
    let origins = [Origin::Checked, Origin::Warned(Warning::MemoryEmpty), Origin::Claimed];
    assert_eq!(origins.map(Origin::code), [0, 1, 2]);
}

/// What the page with this label says.
fn page(reviewed: &Host, label: &str) -> String {
    let page = reviewed.pages().find(|page| page.label == label);
    page.unwrap_or_else(|| panic!("no page {label}")).value.to_string()
}

#[test]
fn a_purchase_says_where_its_last_reward_returns() {
    let rewards = |ask: &Ask| page(&review(ask), "Rewards return to");
    assert_eq!(rewards(&Ask::simple(1)), "your account 0, address 1/9");
    assert_eq!(rewards(&Ask::simple(3)), "your account 0, address 1/9 to 1/13,\nevery second one");
    let coin = PRICE + TICKET_FEE;
    assert_eq!(rewards(&Ask::direct(&[coin])), "your account 0, address 1/7");
    assert_eq!(rewards(&Ask::direct(&[coin; 3])), "your account 0, address 1/7 to 1/9");
    let keys = |ask: &Ask| page(&review(ask), "Voting rights go to the voter's");
    assert_eq!(keys(&Ask::simple(1).with(6, voter(VOTE))), "key 5");
    assert_eq!(keys(&Ask::simple(3).with(6, voter(VOTE))), "keys 5 to 7");
}

/// The warnings of a review, as pages.
fn warned(ask: &Ask, memory: &mut Told) -> Vec<(Warning, &'static str, String)> {
    let reviewed = ask.review_with(memory, &Limits::DEFAULT).unwrap();
    let labels = labels(&reviewed);
    let warned = |page: dcrcold_core::review::Page<'_>| match page.origin {
        Origin::Warned(warning) => Some((warning, page.label, page.value.to_string())),
        Origin::Checked | Origin::Claimed => None,
    };
    let pages: Vec<_> = reviewed.pages().filter_map(warned).collect();
    let first: Vec<_> = pages.iter().map(|(_, label, _)| *label).collect();
    assert_eq!(labels[..first.len()], first, "warnings come first");
    pages
}

#[test]
fn every_warning_has_its_words() {
    let ask = Ask::purchase(&[PRICE, PRICE + 100_000_000], 2);
    let coins: Vec<_> = review(&ask).outpoints().take(2).collect();
    let request = |byte| Earlier { request: TransferId::from_bytes([byte; 32]), spent: atoms(700_000_000) };
    let mut memory = Told { recall: Recall::Empty, ..Told::marks(Mark::Unknown) };
    memory.earlier = vec![
        (request(0xaa), coins.clone(), vec![VOTE + 20]),
        (request(0xbb), vec![coins[0]], vec![VOTE + 20, VOTE + 21]),
    ];
    let high = ask.clone().with(5, crate::ask::Item::Uint(44)).with(6, voter(VOTE + 20)).with(8, uints([10_000, 33]));
    let (aa, bb) = ("aa".repeat(32), "bb".repeat(32));
    let sums = "that one spends 7.00000000 DCR\nthis one spends 501.00000000 DCR";
    let compare = "how many were used before is not known here: compare this\nwith your wallet; beyond a gap of 20 a restore does not look";
    let (high_index, signed) = ("Warning: a high index", "Warning: coins signed before");
    let named = "Warning: voter keys named before";
    let expected = [
        (
            Warning::MemoryEmpty,
            "Warning: nothing is remembered",
            "what these keys signed before is not known here, as after a\nrestore: coins and voter keys signed before are not noticed".to_owned(),
        ),
        (Warning::IndexUnmarked, high_index, format!("money returns from your address 1/44 on\n{compare}")),
        (Warning::IndexUnmarked, high_index, format!("tickets are voted from the voter's key 25 on\n{compare}")),
        (Warning::IndexUnmarked, high_index, format!("the purse is paid at its key 33\n{compare}")),
        (
            Warning::OutpointSignedBefore,
            signed,
            format!("2 coins of this request are spent by another one too:\n{aa}\n{sums}\nonly one of them can happen"),
        ),
        (
            Warning::OutpointSignedBefore,
            signed,
            format!("1 coin of this request is spent by another one too:\n{bb}\n{sums}\nonly one of them can happen"),
        ),
        (
            Warning::VoterIndexUsedBefore,
            named,
            format!("1 voter key of this request is named by another one too:\n{aa}\n{sums}\na key is meant for one ticket only"),
        ),
        (
            Warning::VoterIndexUsedBefore,
            named,
            format!("2 voter keys of this request are named by another one too:\n{bb}\n{sums}\na key is meant for one ticket only"),
        ),
    ];
    assert_eq!(warned(&high, &mut memory), expected);

    let mut memory = Told { recall: Recall::Incomplete, ..Told::marks(Mark::Uncounted) };
    memory.earlier = (0..20).map(|byte| (request(byte), vec![coins[0]], vec![VOTE])).collect();
    let pages = warned(&ask, &mut memory);
    let text = "requests that this signer approved are missing from its\nmemory: coins and voter keys signed before may go unnoticed";
    assert_eq!(pages[0], (Warning::MemoryIncomplete, "Warning: memory is incomplete", text.to_owned()));
    let text = "more requests than are listed here spend coins of this one";
    assert_eq!(pages[9], (Warning::OutpointSignedBefore, signed, text.to_owned()));
    let text = "more requests than are listed here name the same voter keys";
    assert_eq!(pages[18], (Warning::VoterIndexUsedBefore, named, text.to_owned()));
    assert_eq!(pages.len(), 19);
}

#[test]
fn warnings_are_named_as_documented() {
    let names =
        ["memory-empty", "memory-incomplete", "index-unmarked", "outpoint-signed-before", "voter-index-used-before"];
    let found: Vec<_> = Warning::ALL.iter().map(ToString::to_string).collect();
    assert_eq!(found, names);
    assert!(Warning::ALL.iter().all(|warning| warning.name() == warning.to_string()));
    assert_eq!(Warning::OutpointSignedBefore.meaning(), "another approved request spends the same coin");
}
