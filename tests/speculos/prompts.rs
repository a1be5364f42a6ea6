//! What is asked about besides requests: accounts, addresses, voters.

use dcrcold_core::apdu::{CLA, Command, Failure, SpendingAccount, Status, VoterRecord};
use dcrcold_core::net::Network;
use dcrcold_core::path::{Account, AccountPath, CoinType, Generation, Index, KeyPath};
use dcrcold_core::policy::{Refusal, Rule};
use dcrcold_signer::hd::{Derivation, ExtendedPrivateKey};
use dcrcold_signer::voter::{VoterKeys, own_accounts};

use crate::bench::{Bench, Person, Seen};
use crate::cases::{Case, record};
use crate::common::{Vectors, hex, list};
use crate::emulator::{Button, Tools};
use crate::pictures;

/// A seed with which a hardened step meets a key that begins with a zero byte.
const LEADING_ZERO: &str = "account key affected by the leading-zero rule";

fn at(network: Network, account: u64) -> SpendingAccount {
    let account = AccountPath { coin_type: CoinType::standard(network), account: Account::new(account).unwrap() };
    SpendingAccount { network, account }
}

fn text_of(seen: &Seen) -> String {
    let rows = seen.screens.iter().flat_map(|screen| screen.drawn().lines());
    rows.map(|row| row.trim_matches(|c| c == '|' || c == ' ')).collect()
}

pub fn the_device_tells_what_it_is(tools: &Tools) {
    let mut bench = Bench::start(tools, &[7; 32]);
    pictures::check("home", &[bench.emulator.picture()]);
    // What the operating system of a real device answers: format 1, name, version, flags.
    bench.emulator.send(&[0xb0, 0x01, 0, 0, 0]);
    assert_eq!(bench.emulator.reply().outcome().unwrap(), b"\x01\x0eDecred Staking\x050.1.0\x01\x00");
    assert_eq!(bench.send(&Command::Version).unwrap(), [1, 0, 24, 0, 20, 0, 3, 7, 255]);
    // Nothing hides among the other commands, nothing outside of the class.
    let mut unknown = 0;
    for (class, instruction) in
        (0..=255).filter(|class| *class != CLA).map(|class| (class, 0)).chain((11..=255).map(|i| (CLA, i)))
    {
        let expected = if class == CLA { Status::Instruction } else { Status::Class };
        assert_eq!(bench.raw(&[class, instruction, 0, 0, 0]), Err(expected.into()));
        unknown += 1;
    }
    println!("unknown heads in Speculos: {unknown}");
    assert_eq!(unknown, 255 + 245);
}

pub fn accounts_are_those_of_strict_bip_32(tools: &Tools) {
    let vectors = Vectors::load("builder.json");
    let zero = list(vectors.get("cases")).iter().find(|case| case["name"] == LEADING_ZERO).unwrap();
    let seed = hex(&zero["wallet"]["seed"]);
    let mut bench = Bench::start(tools, &seed);
    let mut ran = 0;
    for of in
        [at(Network::Mainnet, 0), at(Network::Mainnet, (1 << 24) - 1), at(Network::Testnet3, 7), at(Network::Simnet, 0)]
    {
        let seen = bench.ask(&Command::Account(of), Person::Approves);
        let reply = seen.reply.clone().unwrap();
        let strict = ExtendedPrivateKey::master(&seed, of.network, Derivation::Strict).unwrap();
        let public = strict.account(of.account).unwrap().public();
        assert_eq!(reply[..33], public.node().key().to_bytes());
        assert_eq!(reply[33..65], *public.node().chain_code());
        let wallet = ExtendedPrivateKey::master(&seed, of.network, Derivation::Decred).unwrap();
        let differs = wallet.account(of.account).unwrap().public().node().key() != public.node().key();
        assert!(differs || of.network != Network::Mainnet, "dcrwallet's rule matters to this seed");
        // Once more without a question.
        assert_eq!(bench.send(&Command::Account(of)).unwrap(), reply);
        assert!(text_of(&seen).contains(&of.account.to_string()), "{}", text_of(&seen));
        if ran == 0 {
            pictures::check("account", &seen.pictures);
        }
        ran += 1;
    }
    let other = at(Network::Mainnet, 5);
    let seen = bench.ask(&Command::Account(other), Person::DeclinesAt(0));
    assert_eq!(seen.reply, Err(Status::Declined.into()));
    println!("accounts in Speculos: {ran}");
    assert_eq!(ran, 4);
}

pub fn an_address_is_shown_and_can_be_declined(tools: &Tools) {
    let mut bench = Bench::start(tools, &[7; 32]);
    let of = at(Network::Mainnet, 0);
    let mut ran = 0;
    for path in [KeyPath::external(Index::FIRST), KeyPath::internal(Index::new(12_345).unwrap())] {
        let command = Command::Address { of, path };
        let seen = bench.ask(&command, Person::Approves);
        let address = String::from_utf8(seen.reply.clone().unwrap()).unwrap();
        let text = text_of(&seen);
        assert!(text.contains(&address) && text.contains(&format!("{}/{path}", of.account)), "{text}");
        if ran == 0 {
            pictures::check("address", &seen.pictures);
        }
        for screen in 0..seen.screens.len() {
            assert_eq!(bench.ask(&command, Person::DeclinesAt(screen)).reply, Err(Status::Declined.into()));
            ran += 1;
        }
        ran += 1;
    }
    println!("addresses in Speculos: {ran} answers");
    assert_eq!(ran, 4);
}

pub fn a_voter_is_shown_and_known_again(tools: &Tools) {
    let case = Case::large();
    let record = case.record().unwrap();
    let mut bench = Bench::start(tools, &case.seed);
    let seen = bench.ask(&Command::Register(record), Person::Approves);
    let reply = seen.reply.clone().unwrap();
    let (text, fingerprint) = (text_of(&seen), record.fingerprint().to_string());
    assert!(text.contains("\"test\"") && text.contains(&fingerprint), "{text}");
    pictures::check("voter", &seen.pictures);
    for screen in 0..seen.screens.len() {
        let declined = bench.ask(&Command::Register(record), Person::DeclinesAt(screen));
        assert_eq!(declined.reply, Err(Status::Declined.into()));
    }
    bench.name_known_voter(record, &reply);
    // Another name or mark is not known.
    let mac = *reply.first_chunk().unwrap();
    let unknown = Err(Failure::from(Refusal::from(Rule::VoterUnknown)));
    let renamed = VoterRecord::new(record.of, "Test", record.accounts).unwrap();
    assert_eq!(bench.send(&Command::Voter { record: renamed, mac }), unknown);
    for bit in 0..128 {
        let mut mac: [u8; 16] = mac;
        mac[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(bench.send(&Command::Voter { record, mac }), unknown);
    }
    // The key follows from the seed: known after a restart, and to no other seed.
    drop(bench);
    let mut again = Bench::start(tools, &case.seed);
    again.name_known_voter(record, &reply);
    drop(again);
    let mut other = Bench::start(tools, &[7; 32]);
    assert_eq!(other.send(&Command::Voter { record, mac }), unknown);
    // A device's own accounts vote for nobody: nobody is asked.
    let own = own_voter(&case);
    let mut bench = Bench::start(tools, &case.seed);
    let refused = Err(Failure::from(Refusal::from(Rule::VoterOwnNotExportable)));
    assert_eq!(bench.send(&Command::Register(own)), refused);
    println!("voters in Speculos: {} screens, 130 marks", seen.screens.len());
}

fn own_voter(case: &Case) -> VoterRecord {
    let master = ExtendedPrivateKey::master(&case.seed, case.of.network, Derivation::Strict).unwrap();
    let of = case.of.account;
    let accounts = own_accounts(&master, of.coin_type, of.account, Generation::FIRST);
    let accounts = accounts.unwrap().map(|account| *account.public().node());
    let keys = VoterKeys { name: "own".parse().unwrap(), accounts };
    record(case.of, &keys)
}

/// While somebody reads, a second command gets the answer that Ledger's SDK gives for an app.
pub fn commands_meanwhile_are_turned_away(tools: &Tools) {
    let mut bench = Bench::start(tools, &[7; 32]);
    let command = Command::Address { of: at(Network::Mainnet, 0), path: KeyPath::external(Index::FIRST) }.write();
    bench.emulator.forget_screens();
    bench.emulator.send(command.as_bytes());
    bench.emulator.next_screen();
    let mut turned_away = 0;
    for other in [Command::Version, Command::Abort, Command::Signature(0)] {
        assert_eq!(bench.emulator.send_beside(other.write().as_bytes()), "6901");
        // Replies to both go to the TCP port, too.
        assert_eq!(bench.emulator.reply().as_bytes(), [0x69, 0x01]);
        turned_away += 1;
    }
    assert!(bench.emulator.press(Button::Right).is_home());
    assert_eq!(bench.emulator.reply().outcome().unwrap().len(), 35);
    println!("commands while somebody reads: {turned_away}");
}
