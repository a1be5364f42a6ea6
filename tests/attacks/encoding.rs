//! The host writes a request in a second way, so that two readers see two requests or two requests have one meaning. Of
//! all that CBOR allows, one form is read.

use dcrcold_core::policy::Rule;
use dcrcold_core::request::HEADER_LENGTH;

use crate::body::{Body, seal};
use crate::cold::encoded;
use crate::harness::{Attack, Victim, bytes, pairs};

/// Where things are in the pairs of an honest purchase.
const TICKETS: usize = 2;
const FEE_RATE: usize = 4;

/// The value of a pair is these bytes.
fn value(place: usize, bytes: &[u8]) -> Attack {
    pairs(|mut body| {
        body.pairs[place].1 = bytes.to_vec();
        body
    })
}

/// These bytes are the whole body.
fn body(plain: &[u8]) -> Attack {
    bytes(|honest| {
        let mut request = [&honest[..HEADER_LENGTH], plain].concat();
        seal(&mut request);
        request
    })
}

fn is_not_canonical(attack: &Attack) {
    attack.is_refused(Rule::NotCanonical);
}

#[test]
fn writes_a_number_in_one_byte_too_many() {
    is_not_canonical(&value(TICKETS, &[0x18, 2]));
}

#[test]
fn writes_a_number_in_two_bytes_for_one() {
    is_not_canonical(&value(TICKETS, &[0x19, 0, 2]));
}

#[test]
fn writes_a_number_in_four_bytes_for_two() {
    is_not_canonical(&value(FEE_RATE, &[0x1a, 0, 0, 0x27, 0x10]));
}

#[test]
fn writes_a_number_in_eight_bytes_for_two() {
    is_not_canonical(&value(FEE_RATE, &[0x1b, 0, 0, 0, 0, 0, 0, 0x27, 0x10]));
}

#[test]
fn writes_a_number_below_zero() {
    is_not_canonical(&value(TICKETS, &[0x21]));
}

#[test]
fn writes_a_number_as_a_float() {
    is_not_canonical(&value(TICKETS, &[0xf9, 0x40, 0]));
}

#[test]
fn writes_a_number_as_a_big_number() {
    is_not_canonical(&value(TICKETS, &[0xc2, 0x41, 2]));
}

#[test]
fn writes_a_number_as_text() {
    is_not_canonical(&value(TICKETS, &[0x61, b'2']));
}

#[test]
fn writes_a_number_as_true() {
    is_not_canonical(&value(TICKETS, &[0xf5]));
}

#[test]
fn writes_nothing_for_a_number() {
    is_not_canonical(&value(TICKETS, &[0xf6]));
}

#[test]
fn puts_a_tag_before_a_number() {
    is_not_canonical(&value(TICKETS, &[0xd8, 0x2a, 2]));
}

#[test]
fn uses_a_head_that_means_nothing() {
    is_not_canonical(&value(TICKETS, &[0x1c]));
}

#[test]
fn sends_parents_of_indefinite_length() {
    is_not_canonical(&pairs(|mut body| {
        let parents = body.pairs.last_mut().unwrap();
        parents.1[0] = 0x9f;
        parents.1.push(0xff);
        body
    }));
}

#[test]
fn sends_a_parent_in_pieces() {
    is_not_canonical(&pairs(|mut body| {
        let parents = body.pairs.last_mut().unwrap();
        parents.1.insert(1, 0x5f);
        parents.1.push(0xff);
        body
    }));
}

#[test]
fn sends_a_map_of_indefinite_length() {
    is_not_canonical(&bytes(|honest| {
        let mut request = honest.to_vec();
        request[HEADER_LENGTH] = 0xbf;
        request.push(0xff);
        seal(&mut request);
        request
    }));
}

#[test]
fn sends_a_label_of_indefinite_length() {
    is_not_canonical(&pairs(|body| label(body, &[0x7f, 0x61, b'x', 0xff])));
}

#[test]
fn sends_a_label_as_bytes() {
    is_not_canonical(&pairs(|body| label(body, &[0x41, b'x'])));
}

fn label(mut body: Body, value: &[u8]) -> Body {
    body.pairs.push((11, value.to_vec()));
    body.pairs.sort_by_key(|(key, _)| *key);
    body
}

#[test]
fn sends_an_account_as_a_map() {
    is_not_canonical(&value(0, &[0xa1, 0x18, 0x2a, 0]));
}

#[test]
fn sends_an_account_of_three_numbers() {
    is_not_canonical(&value(0, &[0x83, 0x18, 0x2a, 0, 0]));
}

#[test]
fn sends_an_account_without_its_number() {
    is_not_canonical(&value(0, &[0x81, 0x18, 0x2a]));
}

#[test]
fn says_the_number_of_tickets_twice() {
    is_not_canonical(&pairs(|mut body| {
        body.pairs.insert(TICKETS, (2, vec![1]));
        body
    }));
}

#[test]
fn says_the_fee_before_the_amount() {
    is_not_canonical(&pairs(|mut body| {
        body.pairs.swap(FEE_RATE - 1, FEE_RATE);
        body
    }));
}

#[test]
fn writes_a_key_in_a_longer_form() {
    is_not_canonical(&bytes(|honest| {
        let mut request = honest.to_vec();
        let key = HEADER_LENGTH + 1;
        request.splice(key..=key, [0x18, 0]);
        seal(&mut request);
        request
    }));
}

#[test]
fn writes_a_key_as_text() {
    is_not_canonical(&bytes(|honest| {
        let mut request = honest.to_vec();
        let key = HEADER_LENGTH + 1;
        request.splice(key..=key, [0x61, b'0']);
        seal(&mut request);
        request
    }));
}

/// A reader that skips what it does not know shows what another one signs.
#[test]
fn adds_a_key_that_a_later_version_would_read() {
    is_not_canonical(&pairs(|body| {
        body.with(14, |w| {
            w.uint(1);
        })
    }));
}

/// Limits are settings of the cold side.
#[test]
fn brings_its_own_limits_along() {
    is_not_canonical(&pairs(|body| {
        body.with(5000, |w| {
            w.array(1).uint(u64::MAX);
        })
    }));
}

#[test]
fn takes_a_purses_key_into_a_send() {
    let victim = Victim::new();
    let honest = encoded(&victim.cold.send());
    let hostile = Body::of(&honest).with(8, |w| {
        w.array(2).uint(1_000_000).uint(0);
    });
    is_not_canonical(&Attack::new(victim, honest, hostile.request()));
}

#[test]
fn leaves_the_amount_out() {
    is_not_canonical(&pairs(|body| body.without(3)));
}

#[test]
fn leaves_the_expiry_out() {
    is_not_canonical(&pairs(|body| body.without(9)));
}

#[test]
fn leaves_the_claims_out() {
    is_not_canonical(&pairs(|body| body.without(10)));
}

#[test]
fn leaves_the_price_out_of_the_claims() {
    is_not_canonical(&pairs(|body| {
        body.with(10, |w| {
            w.array(2).uint(1_100_000).uint(1);
        })
    }));
}

#[test]
fn announces_a_pair_more_than_there_is() {
    is_not_canonical(&bytes(|honest| {
        let body = Body::of(honest);
        body.request_of(body.pairs.len() as u64 + 1)
    }));
}

#[test]
fn announces_a_pair_less_than_there_is() {
    is_not_canonical(&bytes(|honest| {
        let body = Body::of(honest);
        body.request_of(body.pairs.len() as u64 - 1)
    }));
}

#[test]
fn says_no_to_a_direct_purchase_in_a_second_way() {
    is_not_canonical(&pairs(|body| {
        body.with(12, |w| {
            w.uint(0);
        })
    }));
}

#[test]
fn says_yes_to_a_direct_purchase_in_a_second_way() {
    is_not_canonical(&pairs(|body| {
        body.with(12, |w| {
            w.uint(2);
        })
    }));
}

#[test]
fn appends_a_second_request_to_the_first() {
    is_not_canonical(&bytes(|honest| [honest, honest].concat()));
}

#[test]
fn appends_a_second_body_to_the_first() {
    is_not_canonical(&bytes(|honest| {
        let mut request = [honest, &honest[HEADER_LENGTH..]].concat();
        seal(&mut request);
        request
    }));
}

#[test]
fn wraps_the_body_into_a_string() {
    is_not_canonical(&body(&[0x41, 0xa0]));
}

#[test]
fn sends_a_list_for_a_body() {
    is_not_canonical(&body(&[0x80]));
}

#[test]
fn sends_no_body() {
    is_not_canonical(&body(&[]));
}

#[test]
fn nests_lists_until_the_stack_is_gone() {
    is_not_canonical(&body(&[0x81; 100_000]));
}
