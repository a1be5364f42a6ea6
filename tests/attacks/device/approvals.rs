//! A host that wants more out of an approval than was approved.

use dcrcold_core::apdu::{Command, Failure, Status, Turn};
use dcrcold_core::hash::TransferId;
use dcrcold_core::policy::Rule;

use crate::device_case::Case;
use crate::target::Target;

/// The id of another request.
fn other_id() -> TransferId {
    Target::of(Case::large()).id()
}

#[test]
fn approves_with_the_id_of_another_request() {
    let mut target = Target::send();
    target.stream(&target.case.request.clone()).unwrap();
    target.is_refused(&Command::Approve(other_id()), Rule::IdMismatch);
    assert!(target.device.platform.user.seen.is_empty(), "nobody is asked for it");
}

/// The first four bytes make the check words.
#[test]
fn approves_with_an_id_that_has_the_same_words() {
    let mut target = Target::send();
    target.stream(&target.case.request.clone()).unwrap();
    let mut id = *target.id().as_bytes();
    id[31] ^= 1;
    target.is_refused(&Command::Approve(TransferId::from_bytes(id)), Rule::IdMismatch);
}

#[test]
fn takes_signatures_without_approval() {
    let mut target = Target::send();
    target.stream(&target.case.request.clone()).unwrap();
    target.is_out_of_order(&Command::Signature(0));
}

#[test]
fn takes_signatures_after_the_person_declined() {
    let mut target = Target::send();
    target.stream(&target.case.request.clone()).unwrap();
    let id = target.id();
    target.device.will(&[(0, Turn::Decline)]);
    assert_eq!(target.tell(&Command::Approve(id)), Err(Failure::Status(Status::Declined)));
    target.is_out_of_order(&Command::Signature(0));
}

/// The person declined; the host asks again at once, until a button slips.
#[test]
fn asks_again_after_the_person_declined() {
    let mut target = Target::send();
    target.stream(&target.case.request.clone()).unwrap();
    let id = target.id();
    target.device.will(&[(0, Turn::Decline)]);
    assert_eq!(target.tell(&Command::Approve(id)), Err(Failure::Status(Status::Declined)));
    target.is_out_of_order(&Command::Approve(id));
}

#[test]
fn uses_an_approval_twice() {
    let mut target = Target::send();
    target.approve();
    let id = target.id();
    target.is_out_of_order(&Command::Approve(id));
}

/// The approval of one request, recorded and played again for the next one.
#[test]
fn replays_the_approval_of_the_request_before() {
    let mut target = Target::send();
    target.approve();
    let old = target.id();
    target.tell(&Command::Abort).unwrap();
    target.case.request = Case::send_of_one_atom_more();
    target.stream(&target.case.request.clone()).unwrap();
    target.is_refused(&Command::Approve(old), Rule::IdMismatch);
}

#[test]
fn keeps_an_approval_for_a_later_request() {
    let mut target = Target::send();
    target.approve();
    target.tell(&Command::Abort).unwrap();
    target.stream(&target.case.request.clone()).unwrap();
    target.is_out_of_order(&Command::Signature(0));
}

#[test]
fn asks_twice_for_two_signatures() {
    let mut target = Target::send();
    target.approve();
    let first = target.signatures();
    target.approve();
    let second = target.signatures();
    assert_eq!((first.len(), &first), (2, &second));
}

#[test]
fn asks_in_another_order_for_other_signatures() {
    let mut target = Target::purchase();
    target.approve();
    let first = target.signatures();
    target.approve();
    for number in (0..64_u8).rev() {
        for _ in 0..2 {
            assert_eq!(target.tell(&Command::Signature(number)).as_ref(), Ok(&first[usize::from(number)]));
        }
    }
    println!("signatures asked for in another order: 128 cases");
}

#[test]
fn asks_for_one_signature_more_than_was_approved() {
    for (mut target, count) in [(Target::send(), 2), (Target::purchase(), 64)] {
        target.approve();
        let signed = target.signed();
        assert_eq!(target.tell(&Command::Signature(count)), Err(Failure::Status(Status::Parameters)));
        assert_eq!(target.signed(), signed);
        target.holds_nothing();
    }
}

#[test]
fn pulls_the_plug_to_keep_an_approval() {
    let mut target = Target::send();
    target.approve();
    let before = target.tell(&Command::Signature(0)).unwrap();
    target.device.unplug();
    target.is_out_of_order(&Command::Signature(1));
    // Another review brings the same signatures.
    target.device.will(&[]);
    target.approve();
    assert_eq!(target.tell(&Command::Signature(0)).unwrap(), before);
    assert!(target.device.platform.user.seen.iter().any(|prompt| prompt.starts_with("approve ")));
}

/// In mid-review: the person had pages to go.
#[test]
fn pulls_the_plug_in_the_middle_of_a_request() {
    let mut target = Target::send();
    let (header, body) = target.parts();
    target.tell(&Command::Begin(&header)).unwrap();
    target.tell(&Command::Stream(&body[..100])).unwrap();
    target.device.unplug();
    target.is_out_of_order(&Command::Stream(&body[100..]));
}
