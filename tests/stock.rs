//! Ledger's own Decred app, as a host meets it: the double in `common/stock.rs` is held to the app's published exchanges,
//! and the host's side to the double.
#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

mod common;
#[path = "common/signer.rs"]
mod signer;
#[path = "common/stock.rs"]
mod stock;

use std::convert::Infallible;

use common::{Vectors, hex, list, text};
use dcrcold_core::amount::{Amount, FeeRate, Height};
use dcrcold_core::hash::{Fingerprint, Hash160, TxId};
use dcrcold_core::net::Network;
use dcrcold_core::path::{Account, AccountPath, CoinType, Index, KeyPath};
use dcrcold_core::request::{Claim, Output, Recipient, Rest};
use dcrcold_core::script::{Payee, Payment, StakeTag};
use dcrcold_signer::address::Address;
use dcrcold_signer::device::{
    AppName, CheckedRequest, DeviceError, Lie, NotByStock, Progress, Question, SpendingAccount, StockApp, Watched,
    coin_type, is_stock,
};
use dcrcold_signer::hd::{Derivation, ExtendedKeyData, ExtendedPrivateKey};
use dcrcold_signer::rebuild::complete;
use dcrcold_signer::seed::Bip39Words;
use dcrcold_signer::transfer::{Answer, Encode, InputRef, Send};
use dcrcold_signer::tx::sigscript::check_input;
use dcrcold_signer::tx::{OutPoint, RawValue, Transaction, Tree, TxIn, TxOut};
use signer::TestSigner;
use stock::StockDouble;

type Failed = DeviceError<Infallible>;

/// Where random bytes and the mark are in an input that the app has vouched for.
const VOUCHED: std::ops::Range<usize> = 4..48;

fn double() -> StockDouble {
    let words = Vectors::load("ledger_stock.json");
    let seed = Bip39Words::parse(text(words.get("words"))).unwrap().to_seed("").unwrap();
    StockDouble::new(ExtendedPrivateKey::master(seed.as_bytes(), Network::Mainnet, Derivation::Strict).unwrap())
}

fn mainnet() -> AccountPath {
    AccountPath { coin_type: coin_type(Network::Mainnet), account: Account::new(0).unwrap() }
}

fn index(number: u32) -> Index {
    Index::new(number.into()).unwrap()
}

#[test]
fn the_double_answers_what_the_app_answers_in_its_own_tests() {
    let mut vectors = Vectors::load("ledger_stock.json");
    let mut exchanges = 0;
    vectors.each("flows", |flow| {
        let mut app = double();
        let mut vouched: Vec<(String, String)> = Vec::new();
        for exchange in list(&flow["exchanges"]) {
            let [command, expected] = [0, 1].map(|at| text(&exchange[at]).to_owned());
            let command = vouched.iter().fold(command, |command, (theirs, ours)| command.replace(theirs, ours));
            let found = base16ct::lower::encode_string(&app.answer(&base16ct::lower::decode_vec(&command).unwrap()));
            if expected.len() == 2 * (56 + 2) {
                let [found, expected] = [&found, &expected].map(|reply| base16ct::lower::decode_vec(reply).unwrap());
                assert_eq!(found[VOUCHED], expected[VOUCHED]);
                vouched.push([&expected, &found].map(|reply| base16ct::lower::encode_string(&reply[..56])).into());
            } else {
                assert_eq!(found, expected, "{command}");
            }
            exchanges += 1;
        }
    });
    vectors.each("measured", |row| {
        assert_eq!(base16ct::lower::encode_string(&double().answer(&hex(&row[1]))), text(&row[2]), "{}", row[0]);
    });
    vectors.data_only("words", 1);
    println!("ledger_stock.json: {exchanges} exchanges of flows");
    assert_eq!(exchanges, 42);
    vectors.finish(2 + 6);
}

#[test]
fn the_double_refuses_tickets_and_halts_as_the_app_does() {
    // A p2pkh ticket output: 6f00, what was not read in front of it, no screen, and no halt.
    let mut app = double();
    ready_for_outputs(&mut app);
    let ticket = hex(&"0100e1f505000000000000".into()).into_iter().chain([26, 0xba, 0x76, 0xa9, 20]).chain([7; 20]);
    let ticket: Vec<u8> = ticket.chain([0x88, 0xac]).collect();
    let command = [&[0xe0, 0x4a, 0x80, 0, u8::try_from(ticket.len()).unwrap()], &*ticket].concat();
    let reply = app.answer(&command);
    assert_eq!((&reply[..reply.len() - 2], &reply[reply.len() - 2..]), (&ticket[1..], [0x6f, 0].as_slice()));
    assert_eq!(app.answer(&[0xe0, 0xc4, 0, 0, 0])[8..], [0x90, 0]);
    // 200 bytes are the most that it looks at.
    ready_for_outputs(&mut app);
    assert_eq!(app.answer(&[&[0xe0, 0x4a, 0, 0, 201], [1; 201].as_slice()].concat()), [0x6a, 0x80]);
    // A path of another coin halts it.
    let path = [0xe0, 0x40, 0, 0, 9, 2, 0x80, 0, 0, 44, 0x80, 0, 0, 0];
    assert_eq!(app.answer(&path), [0x6f, 0x15]);
    assert_eq!(app.answer(&[0xe0, 0xc4, 0, 0, 0]), [0x6f, 0xaa]);
}

/// Replays the first exchanges of a flow, up to the outputs.
fn ready_for_outputs(app: &mut StockDouble) {
    let vectors = Vectors::load("ledger_stock.json");
    let mut vouched = Vec::new();
    for exchange in list(&vectors.get("flows")[0]["exchanges"]) {
        let command = hex(&exchange[0]);
        if command[1] == 0x4a {
            break;
        }
        let command = match (&*vouched, &*command) {
            ([_, ..], [head @ .., tree, length]) if command[1] == 0x44 && command.len() > 56 => {
                [&head[..7], &vouched, &[*tree, *length]].concat()
            }
            _ => command,
        };
        let reply = app.answer(&command);
        assert!(reply.ends_with(&[0x90, 0]), "{reply:02x?}");
        if reply.len() > 56 {
            vouched = reply[..56].to_vec();
        }
    }
}

#[test]
fn the_app_is_told_from_ours_by_its_name_and_from_that_of_the_testnet_by_its_coin() {
    let app = |name: &str| AppName { name: name.to_owned(), version: "1.3.14".to_owned() };
    assert_eq!(
        ["Decred", "Decred Test", "Decred Staking", "Bitcoin", "BOLOS"].map(|name| is_stock(&app(name))),
        [true, true, false, false, false]
    );
    let mut device = double();
    assert_eq!(StockApp::open(&mut device).unwrap().version(), [1, 3, 14]);
    device.network = Network::Testnet3;
    assert!(matches!(fails(StockApp::open(&mut device)), DeviceError::NotByStock(NotByStock::Network)));
}

fn fails<T>(result: Result<T, Failed>) -> Failed {
    result.err().expect("it fails")
}

#[test]
fn account_and_addresses_are_those_of_the_seed() {
    let mut device = double();
    let wallet = Wallet::new();
    let of = SpendingAccount { network: Network::Mainnet, account: mainnet() };
    let account = StockApp::open(&mut device).unwrap().account(of).unwrap();
    assert_eq!(account.key, wallet.key);
    assert!(device.screens.is_empty());
    // The published address of the app's own test.
    let mut app = StockApp::open(&mut device).unwrap();
    let mut asked = 0;
    let path = KeyPath::external(index(1));
    let address = app.address(&wallet.watched(), path, &mut |_| asked += 1).unwrap();
    assert_eq!((address.to_string().as_str(), asked), ("Dsh4AV4U7srWyWRDxJyytrJGcoyFomUkQRi", 1));
    assert_eq!(device.screens, ["Address Dsh4AV4U7srWyWRDxJyytrJGcoyFomUkQRi"]);
    device.declines_at = Some(1);
    let mut app = StockApp::open(&mut device).unwrap();
    assert!(matches!(fails(app.address(&wallet.watched(), path, &mut |_| {})), DeviceError::Declined));
    device.locked = true;
    let mut app = StockApp::open(&mut device).unwrap();
    assert!(matches!(fails(app.account(of)), DeviceError::Locked));
    // A device with another seed.
    let other = ExtendedPrivateKey::master(&[9; 32], Network::Mainnet, Derivation::Strict).unwrap();
    let mut other = StockDouble::new(other);
    let mut app = StockApp::open(&mut other).unwrap();
    let error = fails(app.address(&wallet.watched(), path, &mut |_| {}));
    assert!(matches!(error, DeviceError::Lie(Lie::OtherAddress { .. })), "{error}");
}

/// What the host knows: an account, and coins of it.
struct Wallet {
    key: ExtendedKeyData,
}

impl Wallet {
    fn new() -> Self {
        let vectors = Vectors::load("ledger_stock.json");
        let seed = Bip39Words::parse(text(vectors.get("words"))).unwrap().to_seed("").unwrap();
        let master = ExtendedPrivateKey::master(seed.as_bytes(), Network::Mainnet, Derivation::Strict).unwrap();
        Self { key: *master.account(mainnet()).unwrap().public().node() }
    }

    fn watched(&self) -> Watched<'_> {
        Watched { network: Network::Mainnet, account: mainnet(), key: &self.key, voters: &[] }
    }

    /// A coin of 1 DCR and some: every third one of a vote, every fifth one beside a script longer than a command.
    fn coin(&self, number: u32) -> (InputRef, Transaction, TxOut) {
        let path =
            if number.is_multiple_of(2) { KeyPath::external(index(number)) } else { KeyPath::internal(index(number)) };
        let tag = number.is_multiple_of(3).then_some(StakeTag::Vote);
        let script = Payment { tag, payee: Payee::KeyHash(self.key.address_hash(path).unwrap()) }.script();
        let value = Amount::from_atoms(100_000_000 + u64::from(number)).unwrap();
        let coin = TxOut::new(value, script.as_bytes());
        let before = if number.is_multiple_of(5) { 600 } else { 0 };
        let other = TxOut { value: RawValue(0), script_version: 3, script: vec![0x6a; before] };
        let spent = OutPoint { id: TxId::from_bytes([7; 32]), index: number, tree: Tree::Regular };
        let parent = Transaction {
            version: 1 + u16::try_from(number % 3).unwrap(),
            inputs: vec![TxIn::unsigned(spent, RawValue::UNKNOWN); 1 + number as usize % 2],
            outputs: vec![other, coin.clone()],
            lock_time: number,
            expiry: 2 * number,
        };
        (InputRef { parent: number, output: 1, path }, parent, coin)
    }

    fn send(&self, inputs: u32, outputs: Vec<Output>, rest: Rest) -> (Send, Vec<TxOut>) {
        let coins: Vec<_> = (0..inputs).map(|number| self.coin(number)).collect();
        let send = Send {
            account: mainnet(),
            inputs: coins.iter().map(|(input, ..)| *input).collect(),
            outputs,
            fee_rate: FeeRate::from_atoms_per_kb(10_000),
            rest,
            claim: Claim { tip: Height(900_000), time: 1_790_000_000, price: None },
            label: None,
            parents: coins.iter().map(|(_, parent, _)| parent.encode_prefix()).collect(),
        };
        (send, coins.into_iter().map(|(.., coin)| coin).collect())
    }
}

fn encoded(send: &Send) -> Vec<u8> {
    send.to_container(Network::Mainnet).unwrap().encode()
}

/// Payments to strangers, every other one to a script hash.
fn payments(count: u8) -> Vec<Output> {
    let payment = |number: u8| {
        let hash = Hash160::from_bytes([0xf0 - number; 20]);
        let payee = if number % 2 == 1 { Payee::ScriptHash(hash) } else { Payee::KeyHash(hash) };
        Output {
            recipient: Recipient::Address(payee),
            amount: Amount::from_atoms(1_000_000 + u64::from(number)).unwrap(),
        }
    };
    (0..count).map(payment).collect()
}

/// What the person sees of a payment.
fn shown(output: &Output) -> String {
    let Recipient::Address(payee) = output.recipient else { panic!("a stranger") };
    let to = match payee {
        Payee::KeyHash(hash) => Address::of_key_hash(Network::Mainnet, hash).to_string(),
        Payee::ScriptHash(hash) => format!("script {}", base16ct::lower::encode_string(hash.as_bytes())),
    };
    format!("Output {} {to}", output.amount.atoms())
}

fn sign(device: &mut StockDouble, request: &CheckedRequest<'_>) -> Result<Answer, Failed> {
    StockApp::open(device)?.sign(request, &mut |_| {})
}

#[test]
fn sends_of_every_size_are_signed_and_every_output_is_shown() {
    let wallet = Wallet::new();
    let mut ran = 0;
    for (inputs, outputs) in [(1, 1), (1, 2), (2, 1), (2, 3), (3, 8), (7, 20), (24, 2)] {
        let outputs = payments(outputs);
        let (send, coins) = wallet.send(inputs, outputs.clone(), Rest::Change(index(60_000)));
        let bytes = encoded(&send);
        let request = CheckedRequest::read(&bytes, wallet.watched()).unwrap();
        let mut device = double();
        let mut looks = Vec::new();
        let see = &mut |progress| {
            if let Progress::Look(question) = progress {
                looks.push(question);
            }
        };
        let answer = StockApp::open(&mut device).unwrap().sign(&request, see).unwrap();
        assert_eq!(looks, [Question::Outputs(u32::try_from(outputs.len()).unwrap())]);
        let tx = complete(request.review(), &answer, &wallet.key).unwrap().funding.unwrap();
        for (position, coin) in coins.iter().enumerate() {
            check_input(&tx, position, coin).unwrap();
        }
        let (fees, screens) = device.screens.split_last().unwrap();
        assert_eq!(screens, outputs.iter().map(shown).collect::<Vec<_>>());
        let spent: i64 = coins.iter().map(|coin| coin.value.0).sum();
        let paid: i64 = tx.outputs.iter().map(|output| output.value.0).sum();
        assert_eq!(*fees, format!("Fees {}", spent - paid));
        let longest =
            device.commands.iter().filter(|command| command[..2] == [0xe0, 0x4a]).map(|command| command[4]).max();
        assert!(longest <= Some(50));
        assert_eq!(sign(&mut double(), &request).unwrap(), answer, "the same request, the same answer");
        ran += 1;
    }
    println!("sends by the stock app: {ran} cases");
    assert_eq!(ran, 7);
}

#[test]
fn a_sweep_has_no_change_and_a_recorded_send_gets_its_recorded_answer() {
    let wallet = Wallet::new();
    let mut outputs = payments(2);
    outputs[1].amount = Amount::from_atoms(0).unwrap();
    let (send, _) = wallet.send(2, outputs, Rest::Sweep);
    let bytes = encoded(&send);
    let mut device = double();
    sign(&mut device, &CheckedRequest::read(&bytes, wallet.watched()).unwrap()).unwrap();
    assert_eq!(device.screens.len(), 3);
    assert!(!device.commands.iter().any(|command| command.starts_with(&[0xe0, 0x4a, 0xff])));
    let (_, case) = recorded("two outputs and change");
    case.with(|request, device| {
        let answer = sign(device, request).unwrap();
        assert_eq!(answer.to_container(Network::Mainnet).unwrap().encode(), case.answer);
        // For docs/performance.md.
        let (trips, out) = (device.commands.len(), device.commands.iter().map(Vec::len).sum::<usize>());
        println!("a payment from 2 coins by the stock app: {trips} round trips, {out} bytes out, {} back", device.back);
        assert_eq!((trips, out, device.back), (39, 1072, 367));
    });
}

/// A trip of builder.json.
struct Recorded {
    seed: Vec<u8>,
    of: SpendingAccount,
    key: ExtendedKeyData,
    voters: Vec<dcrcold_signer::voter::VoterKeys>,
    request: Vec<u8>,
    answer: Vec<u8>,
}

impl Recorded {
    fn with(&self, test: impl FnOnce(&CheckedRequest<'_>, &mut StockDouble)) {
        let Self { of, key, voters, .. } = self;
        let watched = Watched { network: of.network, account: of.account, key, voters };
        let request = CheckedRequest::read(&self.request, watched).unwrap();
        let master = ExtendedPrivateKey::master(&self.seed, Network::Mainnet, Derivation::Decred).unwrap();
        test(&request, &mut StockDouble::new(master));
    }
}

fn recorded(name: &str) -> (String, Recorded) {
    all_recorded().into_iter().find(|(found, _)| found == name).unwrap()
}

fn all_recorded() -> Vec<(String, Recorded)> {
    let vectors = Vectors::load("builder.json");
    let read = |case: &serde_json::Value| {
        let signer = TestSigner::of(case);
        let recorded = Recorded {
            seed: hex(&case["wallet"]["seed"]),
            of: SpendingAccount { network: signer.keys.network(), account: signer.keys.path() },
            key: *signer.keys.public().node(),
            voters: signer.voters.public().into_iter().collect(),
            request: hex(&case["transfer"]["request"]),
            answer: hex(&case["transfer"]["answer"]),
        };
        (text(&case["name"]).to_owned(), recorded)
    };
    list(vectors.get("cases")).iter().map(read).collect()
}

#[test]
fn what_the_app_cannot_do_is_refused_before_anything_is_sent() {
    let mut ran = [0; 3];
    for (name, case) in all_recorded() {
        if name == "two outputs and change" {
            continue;
        }
        case.with(|request, device| {
            let mut app = StockApp::open(&mut *device).unwrap();
            let error = fails(app.sign(request, &mut |_| panic!("nobody is asked")));
            let place = match error {
                DeviceError::NotByStock(NotByStock::Tickets) => 0,
                DeviceError::NotByStock(NotByStock::Registrations) => 1,
                DeviceError::NotByStock(NotByStock::Network) => 2,
                other => panic!("{name}: {other}"),
            };
            ran[place] += 1;
            assert_eq!(device.commands.len(), 2, "version and coin, and nothing after them");
        });
    }
    println!("refused for the stock app: {} tickets, {} registrations, {} of other networks", ran[0], ran[1], ran[2]);
    assert_eq!(ran, [12, 1, 1]);
}

#[test]
fn keys_that_would_halt_the_app_are_not_asked_for() {
    let mut device = double();
    let of = |network, coin| {
        let coin_type = CoinType::new(network, coin).unwrap();
        SpendingAccount { network, account: AccountPath { coin_type, account: Account::new(0).unwrap() } }
    };
    let mut app = StockApp::open(&mut device).unwrap();
    for (of, reason) in [
        (of(Network::Mainnet, 20), NotByStock::Path { coin_type: 20 }),
        (of(Network::Testnet3, 1), NotByStock::Network),
        (of(Network::Simnet, 1), NotByStock::Network),
    ] {
        assert!(matches!(fails(app.account(of)), DeviceError::NotByStock(found) if found == reason));
    }
    assert_eq!(device.commands.len(), 2);
}

#[test]
fn a_purse_is_no_address_to_be_shown() {
    let (_, case) = recorded("three tickets and a purse top-up");
    let wallet = Wallet::new();
    let voter = &case.voters[0];
    let fingerprint: Fingerprint = voter.fingerprint(Network::Mainnet);
    let recipient = Recipient::Purse { fingerprint, index: index(0) };
    let outputs = vec![Output { recipient, amount: Amount::from_atoms(5_000_000).unwrap() }];
    let (send, _) = wallet.send(1, outputs, Rest::Change(index(0)));
    let bytes = encoded(&send);
    let watched = Watched { voters: &case.voters, ..wallet.watched() };
    let mut device = double();
    let error = fails(sign(&mut device, &CheckedRequest::read(&bytes, watched).unwrap()));
    assert!(matches!(error, DeviceError::NotByStock(NotByStock::Purse)));
    assert_eq!(device.commands.len(), 2);
}

#[test]
fn no_on_any_screen_ends_it_and_a_wrong_signature_is_not_used() {
    let wallet = Wallet::new();
    let (send, _) = wallet.send(2, payments(3), Rest::Change(index(0)));
    let bytes = encoded(&send);
    let request = CheckedRequest::read(&bytes, wallet.watched()).unwrap();
    for screen in 0..4 {
        let mut device = double();
        device.declines_at = Some(screen);
        assert!(matches!(fails(sign(&mut device, &request)), DeviceError::Declined), "{screen}");
        assert!(!device.commands.iter().any(|command| command[1] == 0x48), "nothing is signed");
        device.declines_at = None;
        sign(&mut device, &request).unwrap();
    }
    let mut device = double();
    device.forges = true;
    assert!(matches!(fails(sign(&mut device, &request)), DeviceError::Lie(Lie::WrongSignature(_))));
    // Halted by somebody before us.
    let mut device = double();
    device.answer(&[0xe0, 0x40, 0, 0, 1, 0]);
    assert!(matches!(fails(sign(&mut device, &request)), DeviceError::NotByStock(NotByStock::Halted)));
    println!("no on every screen: 4 cases");
}
