//! The built program and Ledger's own Decred app, a double of it behind Speculos' framing.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::process::{Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;

use dcrcold_core::net::Network;
use dcrcold_signer::hd::{Derivation, ExtendedPrivateKey};
use dcrcold_signer::seed::Bip39Words;
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
    std::fs::remove_file(folder.path().join("wallet.db")).unwrap();
    refused(&["wallet", "import", "--network", "testnet3"], 5, "keys of the mainnet alone", "Decred Staking");
    println!("Ledger's own app in front of the program: 5 cases");
}
