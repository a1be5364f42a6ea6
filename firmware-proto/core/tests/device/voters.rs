//! Voters: what a device gives a MAC for, and what it takes for one.

use dcrcold_core::apdu::{Command, ExtendedKey, Failure, Mac, SpendingAccount, Status, Turn, VoterRecord};
use dcrcold_core::net::Network;
use dcrcold_core::path::{Account, AccountPath, CoinType};
use dcrcold_core::policy::{Figure, Refusal, Rule};

use crate::host::{Case, Host};
use crate::software::{Software, public, voter_accounts};

const HARDENED: u32 = 1 << 31;

fn with_accounts(record: &VoterRecord, accounts: [ExtendedKey; 3]) -> VoterRecord {
    VoterRecord::new(record.of, record.name().as_str(), accounts).unwrap()
}

fn for_account(record: &VoterRecord, of: SpendingAccount) -> VoterRecord {
    VoterRecord::new(of, record.name().as_str(), record.accounts).unwrap()
}

fn at(network: Network, account: u64) -> SpendingAccount {
    let account = AccountPath { coin_type: CoinType::standard(network), account: Account::new(account).unwrap() };
    SpendingAccount { network, account }
}

fn name(host: &mut Host, record: VoterRecord, mac: Mac) -> Result<Vec<u8>, Failure> {
    host.send(&Command::Voter { record, mac })
}

#[test]
fn a_mac_is_good_for_one_record_on_one_device() {
    let case = Case::large();
    let record = case.voter.unwrap();
    let mut host = case.host();
    let mac = host.register(record).unwrap();
    let unknown = Err(Failure::from(Refusal::from(Rule::VoterUnknown)));
    // Another device, network, account, coin type and name.
    let mut other = case.host();
    other.platform.os = Software::new(b"another seed");
    assert_eq!(name(&mut other, record, mac), unknown);
    let legacy = AccountPath { coin_type: CoinType::new(Network::Mainnet, 20).unwrap(), ..record.of.account };
    for of in [
        at(Network::Testnet3, 7),
        at(Network::Simnet, 7),
        at(Network::Mainnet, 8),
        SpendingAccount { account: legacy, ..record.of },
    ] {
        assert_eq!(name(&mut host, for_account(&record, of), mac), unknown, "{of:?}");
        let foreign = host.register(for_account(&record, of)).unwrap();
        assert_eq!(name(&mut host, record, foreign), unknown, "{of:?}");
    }
    for text in ["Test", "test ", "t"] {
        assert_eq!(name(&mut host, VoterRecord::new(record.of, text, record.accounts).unwrap(), mac), unknown);
    }
    // Every bit of it.
    let good = Command::Voter { record, mac }.write();
    let mut ran = 0;
    for place in 5..good.as_bytes().len() {
        for bit in 0..8 {
            let mut bytes = good.as_bytes().to_vec();
            bytes[place] ^= 1 << bit;
            let Err(failure) = host.raw(&bytes).outcome().map(<[u8]>::to_vec) else { panic!("{place}.{bit} is taken") };
            // In network, coin type, account and name there are values that cannot be at all.
            assert!(Err(failure) == unknown || place < 5 + 9 + 1 + 4, "{place}.{bit}: {failure}");
            ran += 1;
        }
    }
    assert_eq!(name(&mut host, record, mac), Ok(vec![]));
    println!("changed bits of a voter: {ran}");
    assert_eq!(ran, (9 + 1 + 4 + 195 + 16) * 8);
}

#[test]
fn a_voter_of_another_network_is_not_the_one_that_a_request_names() {
    // The fingerprint in the request is that of the mainnet; the host names the same keys for others.
    let case = Case::large();
    let record = case.voter.unwrap();
    let unknown = Refusal::new(Rule::VoterUnknown).found(Figure::Voter(record.fingerprint()));
    let mut accounts = record.accounts;
    accounts.reverse();
    for other in [
        for_account(&record, at(Network::Testnet3, 7)),
        for_account(&record, at(Network::Mainnet, 8)),
        with_accounts(&record, accounts),
    ] {
        let mut host = case.host();
        let mac = host.register(other).unwrap();
        name(&mut host, other, mac).unwrap();
        assert_eq!(host.stream(&case.request, 255), Err(unknown.into()));
    }
    // None at all, and one that was named before something was refused.
    let mut host = case.host();
    assert_eq!(host.stream(&case.request, 255), Err(unknown.into()));
    case.name_voter(&mut host);
    host.send(&Command::Signature(0)).unwrap_err();
    assert_eq!(host.stream(&case.request, 255), Err(unknown.into()));
    case.name_voter(&mut host);
    host.send(&Command::Abort).unwrap();
    assert_eq!(host.stream(&case.request, 255), Err(unknown.into()));
}

#[test]
fn own_voters_are_refused_in_every_generation() {
    let case = Case::large();
    let record = case.voter.unwrap();
    let mut host = case.host();
    let mut ran = 0;
    for generation in 0..16 {
        let own = voter_accounts(&case.seed, 42, 7, generation);
        for (place, key) in (0..3).flat_map(|place| own.map(|key| (place, key))) {
            let mut accounts = record.accounts;
            accounts[place] = key;
            let refused = host.register(with_accounts(&record, accounts));
            assert_eq!(refused, Err(Refusal::from(Rule::VoterOwnNotExportable).into()), "{generation} {place}");
            ran += 1;
        }
    }
    assert!(host.platform.user.seen.is_empty(), "nobody was asked");
    // The recorded trips with an own voter end there too.
    for case in Case::all().iter().filter(|case| case.own_voter) {
        let mut host = case.host();
        host.platform.os.own_voters_elsewhere = false;
        let refused = host.register(case.voter.unwrap());
        assert_eq!(refused, Err(Refusal::from(Rule::VoterOwnNotExportable).into()), "{}", case.name);
        ran += 1;
    }
    println!("own voters: {ran} cases");
    assert_eq!(ran, 16 * 9 + 12);
}

/// The accounts that are compared with a spending account's are compared with an own voter's too.
#[test]
fn own_voters_of_other_accounts_are_refused_in_their_first_generation() {
    let case = Case::large();
    let record = case.voter.unwrap();
    let mut host = case.host();
    let mut ran = 0;
    for (of, account) in
        (0..20).filter(|account| *account != 7).map(|account| (7, account)).chain([(500, 0), (500, 19)])
    {
        let record = for_account(&record, at(Network::Mainnet, of));
        let own = voter_accounts(&case.seed, 42, account, 0);
        for (place, key) in own.into_iter().enumerate() {
            let mut accounts = record.accounts;
            accounts[place] = key;
            let refused = host.register(with_accounts(&record, accounts));
            assert_eq!(refused, Err(Refusal::from(Rule::VoterOwnNotExportable).into()), "{account} {place}");
            ran += 1;
        }
    }
    assert!(host.platform.user.seen.is_empty(), "nobody was asked");
    println!("own voters of other accounts: {ran} cases");
    assert_eq!(ran, 21 * 3);
    // Where the comparison ends: docs/ledger-protocol.md section 7.
    for (account, generation) in [(20, 0), (8, 1)] {
        let own = voter_accounts(&case.seed, 42, account, generation);
        host.register(with_accounts(&record, own)).unwrap();
    }
}

#[test]
fn spending_accounts_and_their_branches_vote_for_nobody() {
    let case = Case::large();
    let mut host = case.host();
    let mut ran = 0;
    // Accounts 0 to 19, and the one that the voter is for.
    for (of, account) in (0..20).map(|account| (7, account)).chain([(500, 500), (500, 3)]) {
        let record = for_account(&case.voter.unwrap(), at(Network::Mainnet, of));
        let path = [44 | HARDENED, 42 | HARDENED, account | HARDENED];
        let [a, b, c] = path;
        for (place, key) in [(0, &path[..]), (1, &[a, b, c, 0]), (2, &[a, b, c, 1])] {
            let mut accounts = record.accounts;
            // The chain code can be anything.
            accounts[place] = ExtendedKey { chain_code: [7; 32], ..public(&case.seed, key) };
            let refusal = Refusal::new(Rule::VoterIsSpendingAccount).found(Figure::Account(account.into()));
            assert_eq!(host.register(with_accounts(&record, accounts)), Err(refusal.into()), "{account} {place}");
            ran += 1;
        }
    }
    println!("spending accounts as voters: {ran} cases");
    assert_eq!(ran, 22 * 3);
    assert!(host.platform.user.seen.is_empty(), "nobody was asked");
}

#[test]
fn accounts_are_three_points_of_the_curve() {
    let case = Case::large();
    let record = case.voter.unwrap();
    let mut host = case.host();
    let [voting, alt_sign, purse] = record.accounts;
    for accounts in [[voting, voting, purse], [voting, alt_sign, voting], [voting, purse, purse]] {
        let refused = host.register(with_accounts(&record, accounts));
        assert_eq!(refused, Err(Refusal::from(Rule::VoterAccountsNotDistinct).into()));
    }
    for key in [[0; 33], [2; 33].map(|_| 0xff), [4; 33]] {
        let accounts = [voting, alt_sign, ExtendedKey { key, ..purse }];
        assert_eq!(host.register(with_accounts(&record, accounts)), Err(Status::Data.into()));
    }
}

#[test]
fn a_person_sees_name_fingerprint_and_account_and_can_decline() {
    let case = Case::large();
    let record = case.voter.unwrap();
    let mut host = case.host();
    host.platform.user.will(&[(0, Turn::Back), (1, Turn::Decline)]);
    assert_eq!(host.register(record), Err(Status::Declined.into()));
    let shown = format!("voter test {} for m/44'/42'/7'", record.fingerprint());
    assert_eq!(host.platform.user.seen, [shown.clone(), shown]);
}

#[test]
fn names_are_1_to_32_printable_characters() {
    let record = Case::large().voter.unwrap();
    let named = |name: &str| VoterRecord::new(record.of, name, record.accounts);
    for name in ["", "caf\u{e9}", "a\nb", "a\u{7f}", &"x".repeat(33)] {
        assert!(named(name).is_err(), "{name}");
    }
    // The longest one just fits a command with its MAC.
    let longest = named(&"x".repeat(32)).unwrap();
    let mut host = Case::large().host();
    let mac = host.register(longest).unwrap();
    let command = Command::Voter { record: longest, mac };
    assert_eq!(command.write().as_bytes().len(), 5 + 253);
    assert_eq!(host.send(&command), Ok(vec![]));
    // Longer ones, and characters that do not print, written by another host.
    let good = Command::Register(named("ab").unwrap()).write();
    for (place, byte, failure) in [(5 + 9, 0, Status::Data), (5 + 10, 0x1f, Status::Data), (5 + 11, 0x80, Status::Data)]
    {
        let mut bytes = good.as_bytes().to_vec();
        bytes[place] = byte;
        if byte == 0 {
            bytes.drain(5 + 10..5 + 12);
            bytes[4] -= 2;
        }
        assert_eq!(host.raw(&bytes).outcome(), Err(failure.into()));
    }
}
