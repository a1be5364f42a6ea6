//! Requests that the device takes, in which the fuzzer changes bytes.

use dcrcold_core::apdu::{SpendingAccount, VoterRecord};
use dcrcold_core::cbor::Writer;
use dcrcold_core::hash::Hash160;
use dcrcold_core::net::Network;
use dcrcold_core::path::{Account, AccountPath, CoinType};
use dcrcold_core::script::{Payee, StakeTag};

use crate::keys::{path, public};
use crate::parts::{Bytes, commitment, container, prefix, script};

const PRICE: u64 = 25_000_000_000;
const TIP: u64 = 1_100_000;
const TIME: u64 = 1_763_700_000;
pub const NETWORK: Network = Network::Testnet3;

type Body<'a> = Writer<&'a mut Bytes>;

pub fn of() -> SpendingAccount {
    let account = AccountPath { coin_type: CoinType::standard(NETWORK), account: Account::FIRST };
    SpendingAccount { network: NETWORK, account }
}

fn own(branch: u32, index: u32) -> Payee {
    Payee::KeyHash(Hash160::of(&public(&path(of().account, &[branch, index])).key))
}

/// A voter of somebody: the accounts of another coin type.
pub fn voter() -> VoterRecord {
    let accounts = [1, 2, 3].map(|number| public(&[44 | (1 << 31), 7 | (1 << 31), number | (1 << 31)]));
    VoterRecord::new(of(), "somebody", accounts).expect("a name")
}

fn put_common(body: &mut Body<'_>, pairs: u64, coins: u64) {
    body.map(pairs).uint(0).array(2).uint(of().account.coin_type.number().into()).uint(0);
    body.uint(1).array(coins);
    for number in 0..coins {
        body.array(4).uint(0).uint(number).uint(0).uint(number);
    }
}

fn put_voter(body: &mut Body<'_>) {
    body.uint(6).array(2).bytes(voter().fingerprint().as_bytes()).uint(3);
}

fn put_parent(body: &mut Body<'_>, coins: u32, value: u64) {
    let outputs: Vec<_> = (0..coins).map(|number| (value, script(None, own(0, number)))).collect();
    body.uint(13).array(1).bytes(&prefix(&[([7; 32], 1, 0)], &outputs, 0));
}

fn purchase(body: &mut Body<'_>) {
    put_common(body, 11, 3);
    body.uint(2).uint(2).uint(3).uint(PRICE).uint(4).uint(10_000).uint(5).uint(1);
    put_voter(body);
    body.uint(8).array(2).uint(10_000_000).uint(0).uint(9).uint(TIP + 288);
    body.uint(10).array(3).uint(TIP).uint(TIME).uint(PRICE);
    put_parent(body, 3, PRICE);
}

fn direct(body: &mut Body<'_>) {
    put_common(body, 11, 2);
    body.uint(2).uint(2).uint(3).uint(PRICE).uint(4).uint(10_000).uint(5).uint(1);
    body.uint(7).array(2).bytes(&[1; 20]).bytes(&[2; 20]).uint(9).uint(TIP + 288);
    body.uint(10).array(3).uint(TIP).uint(TIME).uint(PRICE).uint(12).uint(1);
    put_parent(body, 2, PRICE + 2_980);
}

fn send(body: &mut Body<'_>) {
    put_common(body, 8, 2);
    body.uint(2).array(2).array(3).uint(0).bytes(&[9; 20]).uint(PRICE);
    body.array(4).uint(2).bytes(voter().fingerprint().as_bytes()).uint(0).uint(1_000_000);
    body.uint(4).uint(10_000).uint(5).uint(1).uint(10).array(2).uint(TIP).uint(TIME).uint(11).text("rent");
    put_parent(body, 2, PRICE);
}

fn register(body: &mut Body<'_>) {
    body.map(5).uint(0).array(2).uint(of().account.coin_type.number().into()).uint(0);
    body.uint(1).array(1).array(2).uint(1).uint(4);
    put_voter(body);
    body.uint(10).array(2).uint(TIP).uint(TIME);
    let nobody = Payee::KeyHash(Hash160::ZERO);
    let outputs = [
        (PRICE, script(Some(StakeTag::Submission), nobody)),
        (0, commitment(own(1, 4), PRICE + 2_980)),
        (0, script(Some(StakeTag::Change), nobody)),
    ];
    body.uint(13).array(1).bytes(&prefix(&[([7; 32], 0, 0)], &outputs, 1_105_920));
}

/// A request of each kind and form: kind and body.
pub fn bodies() -> Vec<(u8, Vec<u8>)> {
    let writers: [(u8, fn(&mut Body<'_>)); 4] = [(1, purchase), (1, direct), (2, send), (3, register)];
    let written = writers.map(|(kind, write)| {
        let mut bytes = Bytes::default();
        write(&mut Writer(&mut bytes));
        (kind, bytes.0)
    });
    written.to_vec()
}

/// A body in its container, with the right id.
pub fn contained(kind: u8, body: &[u8]) -> Vec<u8> {
    container(kind, NETWORK, body)
}
