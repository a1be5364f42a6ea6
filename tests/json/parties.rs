//! Commands that deal with somebody else: a VSP, a device, a camera, a dcrwallet, a browser.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::sync::Mutex;
use std::time::{SystemTime, UNIX_EPOCH};

use dcrcold::chain::sim::Sim;
use dcrcold_core::net::Network;
use dcrcold_signer::qr::Density;
use serde_json::{Value, json};

use crate::codes;
use crate::fake::result;
use crate::runs::Home;
use crate::seen::Seen;
use crate::server::{PASSWORD, Server, USER};
use crate::vsp::http::TestVsp;
use crate::vsp::sim::SimNode;
use crate::world::World;

/// Two tickets for a VSP: one goes all the way, the other is held up and then registered with the keys of another voter.
pub(crate) fn vsp(seen: &mut Seen) {
    const HOT: &str = "--passphrase-file passphrase";
    let home = Home::new();
    let node = SimNode::new(Sim::open(&home.path("net")).unwrap());
    let vsp = TestVsp::start(1, Network::Simnet, Box::new(node.clone()));
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    vsp.rules(|rules| (rules.hundredths, rules.now) = (50, i64::try_from(now).unwrap()));
    let mut run = |section, line: &str| home.run(seen, section, line).pop().unwrap_or_default();
    run("voter import", &format!("voter import hot {HOT}"));
    run("vsp use", &format!("vsp use {}", vsp.address()));
    run("vsp use", &format!("vsp use {}", vsp.address()));
    run("buy", "buy 2 --out request-vsp");
    home.sign("request-vsp", "answer-vsp");
    let sent = run("submit", "submit answer-vsp");
    let [first, second] = [0, 1].map(|index: usize| sent["tickets"][index].as_str().unwrap().to_owned());
    node.mine(2, &[&vsp]);
    run("sync", "sync");
    run("balance", "balance");
    run("vsp register", &format!("vsp register --ticket {first} {HOT}"));
    run("tickets", "tickets");
    run("vsp status", "vsp status");
    let evidence = run("vsp evidence", &format!("vsp evidence {first} {HOT}"));
    fs::write(home.path("evidence"), evidence.to_string()).unwrap();
    run("vsp evidence --check", "vsp evidence --check evidence");
    run("vsp choices", &format!("vsp choices --ticket {first}"));
    run("voter rotate FILE", &format!("voter rotate hot-next {HOT}"));
    run("vsp register", &format!("vsp register --ticket {second} --out request-next {HOT}"));
    home.sign("request-next", "answer-next");
    run("submit of registrations", "submit answer-next");
    run("submit --print", "submit answer-next --print --request request-next");
}

/// A request that a device signs.
pub(crate) fn device(seen: &mut Seen) {
    let world = World::new();
    let mut run = |section, line: &[&str]| {
        let output = world.with_device(&[&["--json"], line].concat());
        assert!(output.status.success(), "{line:?}: {}", String::from_utf8_lossy(&output.stderr));
        seen.take(section, &output.stdout)
    };
    run("wallet show, wallet import", &["wallet", "import", "--network", "simnet"]);
    world.fund(&[10_000_000_000]);
    let voter = world.voter();
    world.facts(&["buy", "1", "--voter", &voter, "--out", "request"]);
    run("sign", &["sign", "request", "--out", "answer"]);
    run("address", &["address"]);
}

/// A request as pictures, and an answer as the texts of codes.
pub(crate) fn light(seen: &mut Seen) {
    let home = Home::new();
    home.run(seen, "show", "show request --png page.png --gif film.gif");
    let answer = fs::read(home.path("answer")).unwrap();
    let frames = codes::frames(&answer, Density::V6, codes::needed(&answer, Density::V6));
    fs::write(home.path("film"), codes::film(&frames, Density::V6)).unwrap();
    home.run(seen, "scan", "scan --frames film --out scanned");
}

/// A dcrwallet that takes a ticket over.
pub(crate) fn dcrwallet(seen: &mut Seen) {
    let home = Home::new();
    let mut run = |section, line: &str| home.run(seen, section, line).pop().unwrap_or_default();
    run("voter import", "voter import hot --passphrase-file passphrase");
    let sent = run("submit", "submit answer");
    let ticket = sent["tickets"][0].as_str().unwrap().to_owned();
    home.mine(2);
    run("submit", "submit answer");
    home.mine(2);
    run("sync", "sync");
    let (address, known) = (Mutex::new(Value::Null), ticket.clone());
    let server = Server::default().answer(move |request| {
        let reply = match request.method.as_str() {
            "getcurrentnet" => json!(0x1214_1c16),
            "version" => {
                json!({"dcrwalletjsonrpcapi": {"versionstring": "11.0.0", "major": 11, "minor": 0, "patch": 0}})
            }
            "walletinfo" => json!({"unlocked": true, "voting": true}),
            "importprivkey" | "addtransaction" => Value::Null,
            "validateaddress" => {
                *address.lock().unwrap() = request.params[0].clone();
                json!({"ismine": true})
            }
            "ticketinfo" => {
                json!([{"hash": known, "votingaddress": *address.lock().unwrap(), "status": "immature"}])
            }
            other => panic!("{other} was not expected"),
        };
        result(request.id, &reply.to_string())
    });
    fs::write(home.path("password"), PASSWORD).unwrap();
    let login = format!("--dcrwallet-user {USER} --dcrwallet-password-file password --dcrwallet-cert rpc.cert");
    let hot = "--passphrase-file passphrase";
    run("voter handoff", &format!("voter handoff {ticket} --dcrwallet localhost:{} {login} {hot}", server.port));
}

/// The link that is told to a browser.
pub(crate) fn browser(seen: &mut Seen) {
    let home = Home::new();
    let mut web = home.command("web").stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(web.stdout.take().unwrap()).read_line(&mut line).unwrap();
    web.kill().unwrap();
    web.wait().unwrap();
    seen.take("web", line.as_bytes());
}
