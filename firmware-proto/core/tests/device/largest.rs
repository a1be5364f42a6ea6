//! The largest request of each kind that a device takes, and a parent that no device could hold.

use dcrcold_core::apdu::{Device, SpendingAccount, VoterRecord};
use dcrcold_core::cbor::Writer;
use dcrcold_core::hash::{Hash160, TransferId};
use dcrcold_core::net::Network;
use dcrcold_core::path::{Account, AccountPath, CoinType};
use dcrcold_core::request::{HEADER_LENGTH, MAX_BODY};
use dcrcold_core::script::{Payee, StakeTag};

use crate::host::Case;
use crate::parts::{Bytes, commitment, container, prefix, script};
use crate::software::{public, voter_accounts};

const SEED: &[u8] = b"the seed of the largest requests";
const HARDENED: u32 = 1 << 31;
const NETWORK: Network = Network::Testnet3;
const INPUTS: u32 = 24;
const TICKETS: u32 = 20;
/// What each coin is worth, and what each ticket locks.
const COIN: u64 = 20_000_000_000;
const TIP: u64 = 1_100_000;
const TIME: u64 = 1_763_700_000;
/// So many inputs and outputs of others in one parent are as much as a request takes.
pub const LONGEST: usize = 13_947;
/// The longest label.
const LABEL: &str = "0123456789012345678901234567890123456789012345678901234567890123";

type Body<'a> = Writer<&'a mut Bytes>;

fn of() -> SpendingAccount {
    let account = AccountPath { coin_type: CoinType::standard(NETWORK), account: Account::FIRST };
    SpendingAccount { network: NETWORK, account }
}

fn coin_type() -> u32 {
    of().account.coin_type.number()
}

fn own(branch: u32, index: u32) -> Payee {
    let path = [44 | HARDENED, coin_type() | HARDENED, HARDENED, branch, index];
    Payee::KeyHash(Hash160::of(&public(SEED, &path).key))
}

fn voter() -> VoterRecord {
    let accounts = voter_accounts(b"the seed of somebody who votes!!", coin_type(), 0, 0);
    VoterRecord::new(of(), "a name of thirty-two characters.", accounts).unwrap()
}

/// A transaction that pays our key `0/index` at its last output, behind so many inputs and outputs of others.
fn parent(index: u32, others: usize) -> Vec<u8> {
    let somebody = Payee::ScriptHash(Hash160::from_bytes([9; 20]));
    let mut outputs = vec![(1, script(None, somebody)); others];
    outputs.push((COIN, script(None, own(0, index))));
    prefix(&vec![([index as u8; 32], index, 0); others + 1], &outputs, 0)
}

fn put_inputs(body: &mut Body<'_>, others: [usize; INPUTS as usize]) {
    body.uint(1).array(INPUTS.into());
    for (number, others) in (0_u32..).zip(others) {
        let output = others as u64;
        body.array(4).uint(number.into()).uint(output).uint(0).uint(number.into());
    }
}

fn put_parents(body: &mut Body<'_>, count: u32, parents: impl Iterator<Item = Vec<u8>>) {
    body.uint(13).array(count.into());
    for parent in parents {
        body.bytes(&parent);
    }
}

fn put_voter(body: &mut Body<'_>) {
    body.uint(6).array(2).bytes(voter().fingerprint().as_bytes()).uint(0);
}

/// Everything that a case needs but its signatures, which nobody recorded.
fn case(name: &str, kind: u8, pairs: u64, counts: [u32; 3], write: impl FnOnce(&mut Body<'_>)) -> Case {
    let mut bytes = Bytes::default();
    let mut body = Writer(&mut bytes);
    body.map(pairs).uint(0).array(2).uint(coin_type().into()).uint(0);
    write(&mut body);
    let request = container(kind, NETWORK, &bytes.0);
    Case {
        name: name.into(),
        of: of(),
        seed: SEED.to_vec(),
        id: TransferId::from_bytes(request[15..47].try_into().unwrap()),
        request,
        signatures: Vec::new(),
        counts: counts.map(|count| count as u8),
        voter: (kind != 2).then(voter),
        own_voter: false,
    }
}

/// Twenty tickets from twenty-four coins, each with a parent of its own. In the first `long` of them, the coin lies
/// behind so many inputs and outputs of others.
pub fn purchase(name: &str, long: u32, others: usize) -> Case {
    let others = std::array::from_fn(|index| if index < long as usize { others } else { 0 });
    case(name, 1, 12, [INPUTS, TICKETS, TICKETS], |body| {
        put_inputs(body, others);
        body.uint(2).uint(TICKETS.into()).uint(3).uint(COIN).uint(4).uint(10_000).uint(5).uint(0);
        put_voter(body);
        body.uint(8).array(2).uint(10_000_000).uint(0).uint(9).uint(TIP + 288);
        body.uint(10).array(3).uint(TIP).uint(TIME).uint(COIN).uint(11).text(LABEL);
        put_parents(body, INPUTS, (0..).zip(others).map(|(index, others)| parent(index, others)));
    })
}

/// Twenty payments from twenty-four coins.
pub fn send() -> Case {
    case("the largest send", 2, 8, [INPUTS, 0, 0], |body| {
        put_inputs(body, [0; INPUTS as usize]);
        body.uint(2).array(TICKETS.into());
        for number in 0..TICKETS {
            body.array(3).uint(u64::from(number % 2)).bytes(&[number as u8; 20]).uint(COIN);
        }
        body.uint(4).uint(10_000).uint(5).uint(0).uint(10).array(2).uint(TIP).uint(TIME).uint(11).text(LABEL);
        put_parents(body, INPUTS, (0..INPUTS).map(|index| parent(index, 0)));
    })
}

fn ticket(number: u32) -> Vec<u8> {
    let nobody = Payee::KeyHash(Hash160::ZERO);
    let outputs = [
        (COIN, script(Some(StakeTag::Submission), nobody)),
        (0, commitment(own(1, number), COIN + 2_980)),
        (0, script(Some(StakeTag::Change), nobody)),
    ];
    prefix(&[([7; 32], number, 0)], &outputs, 1_105_920)
}

/// Twenty tickets to be registered.
pub fn register() -> Case {
    case("the largest registration", 3, 6, [0, 0, TICKETS], |body| {
        body.uint(1).array(TICKETS.into());
        for number in 0..TICKETS {
            body.array(2).uint(1).uint(number.into());
        }
        put_voter(body);
        body.uint(10).array(2).uint(TIP).uint(TIME).uint(11).text(LABEL);
        put_parents(body, TICKETS, (0..TICKETS).map(ticket));
    })
}

#[test]
fn parents_of_any_length_take_the_same_memory() {
    let mut ran = 0;
    for (long, others, size) in
        [(24, 0, 1), (24, 1, 255), (24, 10, 64), (1, 1_400, 7), (24, 580, 255), (1, LONGEST, 255)]
    {
        let case = purchase("long parents", long, others);
        let longest = parent(0, others).len();
        let mut host = case.host();
        case.name_voter(&mut host);
        let signatures = host.run(&case, size).unwrap_or_else(|failure| panic!("{longest} bytes: {failure}"));
        assert_eq!(signatures.len(), 64);
        println!("  {long} parents of {longest} bytes: a request of {} bytes", case.request.len());
        ran += 1;
    }
    assert!((1..100).contains(&(MAX_BODY as usize + HEADER_LENGTH - purchase("", 1, LONGEST).request.len())));
    println!("parents: {ran} lengths in {} bytes of memory", size_of::<Device<24, 20>>());
    assert_eq!(ran, 6);
}
