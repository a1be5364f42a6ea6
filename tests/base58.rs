//! Base58 with and without a checksum, `base58.json`.

use dcrcold_signer::base58::{self, Base58Error};

mod common;

use common::{Vectors, hex, text};

#[test]
fn base58_agrees_with_dcrd() {
    let mut vectors = Vectors::load("base58.json");
    vectors.each("base58", |row| {
        assert_eq!(base58::encode(&hex(&row["decoded"])), text(&row["encoded"]));
        assert_eq!(base58::decode(text(&row["encoded"])).unwrap(), hex(&row["decoded"]));
    });
    vectors.each("base58_invalid", |row| {
        assert!(matches!(base58::decode(text(row)), Err(Base58Error::Character { .. })));
    });
    vectors.each("base58check", |row| {
        let bytes = [hex(&row["version"]), hex(&row["decoded"])].concat();
        assert_eq!(base58::encode_check(&bytes), text(&row["encoded"]));
        assert_eq!(base58::decode_check(text(&row["encoded"])).unwrap(), bytes);
    });
    vectors.each("base58check_invalid", |row| {
        let error = base58::decode_check(text(&row["encoded"])).unwrap_err();
        match text(&row["error"]) {
            "checksum" => assert!(matches!(error, Base58Error::Checksum)),
            "invalid format" => assert_eq!(error, Base58Error::TooShort),
            other => panic!("unknown error {other}"),
        }
    });
    vectors.finish(34 + 10 + 11 + 7);
}
