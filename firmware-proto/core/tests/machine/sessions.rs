//! One memory for one request after the other: nothing of a request is left in the next, and there is nothing to review
//! before all was checked.

use dcrcold_core::machine::{FinishError, Mark, Memory, NoMemory, Reviewable, Session};
use dcrcold_core::policy::{Limits, Refusal, Rule, Warning};
use dcrcold_core::request::HEADER_LENGTH;
use dcrcold_core::review::Origin;

use crate::ask::Item::{Bytes, List, Text, Uint};
use crate::ask::{Ask, PRICE, TICKET_FEE, pay, pay_purse, uints};
use crate::wallet::{Failed, OneVoter, Told, Wallet};

type Small = Session<24, 20, 0>;

/// Requests that fill in different places.
fn asks() -> Vec<Ask> {
    vec![
        Ask::simple(3).with(8, uints([1_000_000, 4])).with(11, Text("a label".into())),
        Ask::purchase(&[PRICE + TICKET_FEE + 10_000], 1),
        Ask::simple(2).without(6).with(7, List(vec![Bytes(vec![1; 20]), Bytes(vec![2; 20])])),
        Ask::direct(&[PRICE + TICKET_FEE; 4]),
        Ask::send(&[PRICE, PRICE], vec![pay(10_000), pay_purse(1, 20_000)]),
        Ask::sweep(&[PRICE], vec![pay(0)]),
        Ask::register(3).with(11, Text("another label".into())),
        Ask::register(1),
    ]
}

fn check<'a>(
    session: &'a mut Small,
    memory: &mut impl Memory,
    limits: &Limits,
) -> Result<&'a Reviewable<24, 20, 0>, FinishError<Failed>> {
    let receiving = session.receiving().unwrap();
    receiving.check(&mut Wallet::default(), &mut OneVoter::default(), memory, limits)
}

/// Pages and signatures, as far as they show.
fn all<const E: usize>(request: &Reviewable<24, 20, E>) -> (Vec<String>, String) {
    let pages = request.pages().map(|page| format!("{:?} {page}", page.topic)).collect();
    let steps: Vec<_> = (0..).map_while(|number| request.step(number)).collect();
    let said = (request.id(), request.counts(), request.uses(), request.outpoints().collect::<Vec<_>>());
    (pages, format!("{steps:?} {said:?} {:?}", request.voter()))
}

#[test]
fn nothing_of_a_request_is_left_in_the_next() {
    let fresh: Vec<_> = asks()
        .iter()
        .map(|ask| {
            let mut session = Box::<Small>::default();
            session.begin().push(&ask.bytes()).unwrap();
            all(check(&mut session, &mut NoMemory, &Limits::DEFAULT).unwrap())
        })
        .collect();
    let mut session = Box::<Small>::default();
    let mut ran = 0;
    for before in asks() {
        for (ask, fresh) in asks().iter().zip(&fresh) {
            // The one before whole, cut in its parents, and refused at its last byte.
            let bytes = before.bytes();
            for end in [bytes.len(), bytes.len() - 20, HEADER_LENGTH, 1] {
                let mut receiving = session.begin();
                receiving.push(&bytes[..end]).unwrap();
                let whole = check(&mut session, &mut NoMemory, &Limits::DEFAULT).is_ok();
                assert_eq!(whole, end == bytes.len());
                session.begin().push(&ask.bytes()).unwrap();
                assert_eq!(all(check(&mut session, &mut NoMemory, &Limits::DEFAULT).unwrap()), *fresh);
                ran += 1;
            }
        }
    }
    println!("sessions: {ran} requests after another one");
    assert_eq!(ran, 8 * 8 * 4);
}

#[test]
fn there_is_nothing_to_review_before_all_was_checked() {
    let bytes = Ask::simple(1).bytes();
    let mut session = Box::<Small>::default();
    assert!(session.is_idle() && session.receiving().is_none() && session.reviewable().is_none());
    let mut receiving = session.begin();
    assert_eq!(receiving.header(), None);
    receiving.push(&bytes[..HEADER_LENGTH + 3]).unwrap();
    let (header, left) = receiving.header().unwrap();
    assert_eq!((header.length as usize, left), (bytes.len() - HEADER_LENGTH, bytes.len() - HEADER_LENGTH - 3));
    receiving.push(&bytes[HEADER_LENGTH + 3..]).unwrap();
    assert_eq!(receiving.header().unwrap().1, 0);
    assert!(!session.is_idle() && session.reviewable().is_none());
    let id = *check(&mut session, &mut NoMemory, &Limits::DEFAULT).unwrap().id();
    assert_eq!(session.reviewable().map(|request| *request.id()), Some(id));
    assert!(session.receiving().is_none(), "checked once");
    session.end();
    assert!(session.is_idle() && session.reviewable().is_none());
}

#[test]
fn what_was_refused_cannot_be_reviewed_or_continued() {
    let bytes = Ask::simple(1).bytes();
    let mut session = Box::<Small>::default();
    // By the limits, by the keys, and by the bytes themselves, whatever comes after.
    session.begin().push(&bytes).unwrap();
    let limits = Limits { tickets: 0, ..Limits::DEFAULT };
    assert!(matches!(check(&mut session, &mut NoMemory, &limits), Err(FinishError::Refused(_))));
    assert!(session.is_idle() && session.reviewable().is_none());
    session.begin().push(&bytes).unwrap();
    let mut failing = Wallet { fails_at: Some(1), ..Wallet::default() };
    let receiving = session.receiving().unwrap();
    let failed = receiving.check(&mut failing, &mut OneVoter::default(), &mut NoMemory, &Limits::DEFAULT);
    assert_eq!(failed.err(), Some(FinishError::Keys(Failed)));
    assert!(session.is_idle() && session.reviewable().is_none());
    let mut other = bytes.clone();
    other[HEADER_LENGTH] ^= 0xff;
    let mut receiving = session.begin();
    let refusal = receiving.push(&other).unwrap_err();
    assert_eq!((refusal.rule, receiving.push(&bytes)), (Rule::NotCanonical, Err(refusal)));
    assert_eq!(check(&mut session, &mut NoMemory, &Limits::DEFAULT).err(), Some(FinishError::Refused(refusal)));
    assert!(session.is_idle() && session.reviewable().is_none());
}

#[test]
fn without_room_to_list_earlier_requests_a_page_says_that_there_are_some() {
    let mut session = Box::<Small>::default();
    session.begin().push(&Ask::simple(1).with(5, Uint(25)).bytes()).unwrap();
    let coin = check(&mut session, &mut NoMemory, &Limits::DEFAULT).unwrap().outpoints().next().unwrap();
    let mut memory = Told::marks(Mark::Unknown);
    memory.earlier = vec![(crate::past::earlier(1), vec![coin], vec![])];
    session.begin().push(&Ask::simple(1).with(5, Uint(25)).bytes()).unwrap();
    let request = check(&mut session, &mut memory, &Limits::DEFAULT).unwrap();
    assert!(request.past().coins().listed().is_empty() && request.past().coins().more());
    let warnings: Vec<_> = request.pages().map(|page| page.origin).take_while(|it| *it != Origin::Checked).collect();
    assert_eq!(warnings, [Warning::IndexUnmarked, Warning::OutpointSignedBefore].map(Origin::Warned));
    memory.internal = Mark::Below(0);
    session.begin().push(&Ask::simple(1).with(5, Uint(25)).bytes()).unwrap();
    let refused = check(&mut session, &mut memory, &Limits::DEFAULT).err();
    assert!(matches!(refused, Some(FinishError::Refused(Refusal { rule: Rule::IndexTooFar, .. }))));
}
