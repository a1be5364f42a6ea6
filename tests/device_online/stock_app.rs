//! The built program and Ledger's own Decred app, a double of it behind Speculos' framing.

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::process::{Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;

use dcrcold::prepare::{Payment, Rest, Spendable, payment};
use dcrcold::wallet::Wallet;
use dcrcold_core::amount::{Amount, FeeRate, Height};
use dcrcold_core::hash::Hash160;
use dcrcold_core::net::Network;
use dcrcold_core::path::{Index, KeyPath};
use dcrcold_core::request::Claim;
use dcrcold_core::script::Payee;
use dcrcold_signer::address::Address;
use dcrcold_signer::hd::{Derivation, ExtendedPrivateKey};
use dcrcold_signer::seed::Bip39Words;
use dcrcold_signer::transfer::Encode;
use dcrcold_signer::tx::sigscript::check_input;
use dcrcold_signer::tx::{OutPoint, RawValue, Transaction, Tree, TxIn, TxOut};
use serde_json::Value;

use crate::stock::StockDouble;
use crate::wire::SEED;
use crate::world::{stderr, text};

fn listen() -> (SocketAddr, Arc<Mutex<StockDouble>>) {
    let (_, words) = dcrcold_simulator::NAMED.iter().find(|(name, _)| *name == SEED).unwrap();
    let seed = Bip39Words::parse(words).unwrap().to_seed("").unwrap();
    let master = ExtendedPrivateKey::master(seed.as_bytes(), Network::Mainnet, Derivation::Strict).unwrap();
    let app = Arc::new(Mutex::new(StockDouble::new(master)));
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (address, device) = (listener.local_addr().unwrap(), Arc::clone(&app));
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut length = [0; 4];
            while stream.read_exact(&mut length).is_ok() {
                let mut command = vec![0; usize::try_from(u32::from_be_bytes(length)).unwrap()];
                stream.read_exact(&mut command).unwrap();
                let reply = device.lock().unwrap().answer(&command);
                let data = u32::try_from(reply.len() - 2).unwrap();
                stream.write_all(&[&data.to_be_bytes()[..], &reply].concat()).unwrap();
            }
        }
    });
    (address, app)
}

#[test]
fn a_wallet_is_made_and_an_address_compared_with_ledgers_own_app() {
    let (address, app) = listen();
    let folder = tempfile::tempdir().unwrap();
    let run = |args: &[&str]| -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dcrcold"));
        command
            .current_dir(folder.path())
            .env("HOME", folder.path())
            .args(["--json", "--wallet", "wallet.db"])
            .args(args);
        command.args(["--ledger", "--tcp", &address.to_string()]).stdin(Stdio::null()).output().unwrap()
    };
    let facts = |output: &Output| -> Value {
        assert!(output.status.success(), "{}", stderr(output));
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let wallet = facts(&run(&["wallet", "import"]));
    assert_eq!((text(&wallet, "network"), text(&wallet, "account")), ("mainnet".into(), "m/44'/42'/0'".into()));
    let compared = run(&["address"]);
    let address = text(&facts(&compared), "address");
    assert_eq!(app.lock().unwrap().screens, [format!("Address {address}")]);
    assert!(stderr(&compared).contains(&address), "{}", stderr(&compared));

    let refused = |args: &[&str], code: i32, says: &str, hint: &str| {
        let output = run(args);
        let text = stderr(&output);
        assert_eq!(output.status.code(), Some(code), "{text}");
        assert!(text.contains(says) && text.contains(hint), "{text}");
    };
    app.lock().unwrap().declines_at = Some(1);
    refused(&["address"], 4, "declined on the device", "hint: ");
    app.lock().unwrap().locked = true;
    refused(&["address"], 5, "the device is locked", "PIN");
    // The app for the testnet has keys of the mainnet, and halts when it is asked for others.
    fs::remove_file(folder.path().join("wallet.db")).unwrap();
    refused(&["wallet", "import", "--network", "testnet3"], 5, "keys of the mainnet alone", "Decred Staking");
    println!("Ledger's own app in front of the program: 5 cases");
}

/// A transaction that pays keys of the account, and the coins that it makes.
fn funded(wallet: &Wallet, values: &[u64]) -> (Transaction, Vec<Spendable>) {
    let path = |number: u32| KeyPath::external(Index::new(number.into()).unwrap());
    let output = |(number, atoms): (u32, &u64)| {
        let address = Address::of_key_hash(Network::Mainnet, wallet.export().key.address_hash(path(number)).unwrap());
        TxOut::new(Amount::from_atoms(*atoms).unwrap(), &address.script())
    };
    let input = TxIn::unsigned(OutPoint { tree: Tree::Regular, ..OutPoint::NONE }, RawValue(0));
    let outputs: Vec<_> = (0..).zip(values).map(output).collect();
    let tx = Transaction { version: 1, inputs: vec![input], outputs, lock_time: 0, expiry: 0 };
    let coin = |(output, value): (u32, &u64)| Spendable {
        parent: tx.id(),
        output,
        value: Amount::from_atoms(*value).unwrap(),
        path: path(output),
        returned: false,
        named: false,
    };
    let coins = (0..).zip(values).map(coin).collect();
    (tx, coins)
}

/// The requests that `send` prepares, through the built program to the app and back to transactions.
#[test]
fn payments_change_and_sweeps_are_signed_by_ledgers_own_app() {
    let (address, app) = listen();
    let folder = tempfile::tempdir().unwrap();
    let run = |args: &[&str]| -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dcrcold"));
        command.current_dir(folder.path()).env("HOME", folder.path()).args(["--json", "--wallet", "wallet.db"]);
        command.args(args).stdin(Stdio::null()).output().unwrap()
    };
    let device = ["--ledger", "--tcp", &address.to_string()];
    assert!(run(&[&["wallet", "import"], &device[..]].concat()).status.success());
    let wallet = Wallet::open(&folder.path().join("wallet.db")).unwrap();
    let (parent, coins) = funded(&wallet, &[50_000_000, 70_000_000, 20_000_000]);
    let payees = [Payee::KeyHash(Hash160::from_bytes([1; 20])), Payee::ScriptHash(Hash160::from_bytes([2; 20]))];
    let pays =
        |atoms: &[u64]| payees.into_iter().zip(atoms.iter().map(|it| Amount::from_atoms(*it).unwrap())).collect();
    let change = Rest::Change(Index::FIRST);
    let joined = Rest::Joined { change: Index::FIRST, least: 2, most: 24 };
    let cases = [
        ("one", pays(&[30_000_000]), change, 1, 2),
        ("two", pays(&[60_000_000, 55_000_000]), change, 2, 3),
        ("all", vec![], Rest::All(payees[1]), 3, 1),
        ("beside", pays(&[60_000_000]), Rest::All(payees[1]), 3, 2),
        ("joined", vec![], joined, 3, 1),
    ];
    for (name, paid, rest, inputs, outputs) in cases {
        let shown = paid.len() + usize::from(matches!(rest, Rest::All(_)));
        let claim = Claim { tip: Height(1_000_000), time: 1_700_000_000, price: None };
        let (account, fee_rate) = (wallet.export().account, FeeRate::RELAY_MINIMUM);
        let order = Payment { account, paid, rest, fee_rate, claim, label: None };
        let (request, chosen) = payment(order, &coins, 24, |_| Some(parent.encode_prefix())).unwrap();
        assert_eq!(chosen.len(), inputs, "{name}");
        let (request_file, answer) = (format!("{name}.request"), format!("{name}.answer"));
        fs::write(folder.path().join(&request_file), request.to_container(Network::Mainnet).unwrap().encode()).unwrap();
        app.lock().unwrap().screens.clear();
        let signed = run(&[&["sign", &request_file, "--out", &answer], &device[..]].concat());
        assert!(signed.status.success(), "{name}: {}", stderr(&signed));
        let screens = app.lock().unwrap().screens.clone();
        let found = screens.iter().filter(|screen| screen.starts_with("Output ")).count();
        assert_eq!(found, shown, "{name}: {screens:#?}");
        let printed = run(&["submit", &answer, "--print", "--request", &request_file]);
        assert!(printed.status.success(), "{name}: {}", stderr(&printed));
        let facts: Value = serde_json::from_slice(&printed.stdout).unwrap();
        let tx = Transaction::decode(&base16ct::lower::decode_vec(text(&facts, "funding")).unwrap()).unwrap();
        assert_eq!((tx.inputs.len(), tx.outputs.len()), (inputs, outputs), "{name}");
        for (number, input) in tx.inputs.iter().enumerate() {
            check_input(&tx, number, &parent.outputs[input.previous.index as usize]).unwrap();
        }
    }
    println!("Ledger's own app: 5 requests of send signed");
}
