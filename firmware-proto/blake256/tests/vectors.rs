//! The published test values, from dcrd (see the file for its origin).

#![expect(clippy::expect_used, reason = "a test may stop at a broken vector file")]

use blake256::digest::{Digest, FixedOutputReset, Reset, Update};
use blake256::{Blake224, Blake256, blake224, blake256};
use serde::Deserialize;

#[derive(Deserialize)]
struct File {
    vectors: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    name: String,
    salt: Option<String>,
    data: String,
    blake224: String,
    blake256: String,
}

fn bytes(hex: &str) -> Vec<u8> {
    base16ct::lower::decode_vec(hex).expect("the file holds lower-case hex")
}

fn rows() -> Vec<Row> {
    let text = include_str!("../../../tests/vectors/blake256.json");
    let file: File = serde_json::from_str(text).expect("the file has the shape of its README");
    file.vectors
}

#[test]
fn every_row_is_reproduced() {
    let rows = rows();
    let mut salted = 0;
    for row in &rows {
        let data = bytes(&row.data);
        let (hasher224, hasher256) = match &row.salt {
            Some(salt) => {
                salted += 1;
                let salt: [u8; 16] = bytes(salt).try_into().expect("a salt has 16 bytes");
                (Blake224::with_salt(salt), Blake256::with_salt(salt))
            }
            None => {
                assert_eq!(blake224(&data).as_slice(), bytes(&row.blake224), "{}", row.name);
                assert_eq!(blake256(&data).as_slice(), bytes(&row.blake256), "{}", row.name);
                (Blake224::new(), Blake256::new())
            }
        };
        assert_eq!(hasher224.chain_update(&data).finalize().as_slice(), bytes(&row.blake224), "{}", row.name);
        assert_eq!(hasher256.chain_update(&data).finalize().as_slice(), bytes(&row.blake256), "{}", row.name);
    }
    assert_eq!((rows.len(), salted), (17, 5));
    println!("blake256.json: {} cases, {salted} of them with a salt, both digest sizes", rows.len());
}

#[test]
fn a_reset_hasher_keeps_its_salt_and_forgets_its_message() {
    let salted = rows().into_iter().filter(|row| row.salt.is_some());
    for row in salted {
        let salt = bytes(row.salt.as_deref().unwrap()).try_into().unwrap();
        let mut hasher = Blake256::with_salt(salt);
        Update::update(&mut hasher, b"something else");
        Reset::reset(&mut hasher);
        for _ in 0..2 {
            Update::update(&mut hasher, &bytes(&row.data));
            assert_eq!(FixedOutputReset::finalize_fixed_reset(&mut hasher).as_slice(), bytes(&row.blake256));
        }
    }
}

#[test]
fn debug_output_holds_no_state() {
    let hasher = Blake256::new().chain_update(b"secret");
    assert_eq!(format!("{hasher:?}"), "Blake256 { .. }");
    assert_eq!(format!("{:?}", Blake224::new()), "Blake224 { .. }");
}
