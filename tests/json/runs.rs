//! Commands on the embedded network, in an order in which each finds what it shows.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use dcrcold::chain::sim::Sim;
use dcrcold::wallet::Wallet;
use dcrcold_core::net::Network;
use dcrcold_signer::transfer::{Container, Encode};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::seen::Seen;
use crate::{DCRCOLD, files};

/// More blocks than the network takes to call a ticket.
const PATIENCE: u32 = 300;

/// A folder as the case files have it.
pub(crate) struct Home(TempDir);

impl Home {
    pub(crate) fn new() -> Self {
        let home = Self(tempfile::tempdir().unwrap());
        files::fill(&home.path(""));
        home
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join("files").join(name)
    }

    /// A command on the wallet and its network, unless the line names others.
    pub(crate) fn command(&self, line: &str) -> Command {
        let mut command = Command::new(DCRCOLD);
        command.arg("--json").current_dir(self.path("")).env_clear().env("HOME", self.0.path()).stdin(Stdio::null());
        for (option, usual) in [("--wallet", "wallet.db"), ("--source", "sim:net")] {
            if !line.contains(option) {
                command.args([option, usual]);
            }
        }
        command.args(line.split(' '));
        command
    }

    fn output(&self, line: &str) -> Output {
        self.command(line).output().unwrap()
    }

    /// Runs a command that succeeds; what it printed is compared with a section of the page.
    pub(crate) fn run(&self, seen: &mut Seen, section: &'static str, line: &str) -> Vec<Value> {
        let output = self.output(line);
        assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
        seen.take(section, &output.stdout)
    }

    /// Runs one whose facts are a failure.
    fn fails(&self, seen: &mut Seen, section: &'static str, line: &str) {
        let output = self.output(line);
        assert!(!output.status.success(), "{line}");
        seen.take(section, &output.stdout);
    }

    /// Mines so many blocks.
    pub(crate) fn mine(&self, blocks: u32) {
        Sim::open(&self.path("net")).unwrap().mine(blocks).unwrap();
    }

    /// Answers the request in a file as the cold side does.
    pub(crate) fn sign(&self, request: &str, answer: &str) {
        let request = fs::read(self.path(request)).unwrap();
        let id = *Container::parse(&request).unwrap().id();
        let answered = files::sign(&request, &id).to_container(Network::Simnet).unwrap();
        fs::write(self.path(answer), answered.encode()).unwrap();
    }

    /// Mines until a ticket of the wallet is called.
    fn mine_to_a_call(&self) {
        let own = Wallet::open(&self.path("wallet.db")).unwrap().tickets().unwrap();
        let mut sim = Sim::open(&self.path("net")).unwrap();
        for _ in 0..PATIENCE {
            if sim.winners().unwrap().tickets.iter().any(|called| own.iter().any(|ticket| ticket.id == *called)) {
                return;
            }
            sim.mine(1).unwrap();
        }
        panic!("no ticket is called");
    }
}

/// From a new wallet to tickets, and all that is said on the way.
pub(crate) fn purchases(seen: &mut Seen) {
    let home = Home::new();
    let mut run = |section, line: &str| home.run(seen, section, line).pop().unwrap_or_default();
    run("wallet show, wallet import", "wallet show");
    run("wallet show, wallet import", "--wallet fresh.db wallet import watch");
    run("wallet backup", "wallet backup copy.db");
    run("sync", "--wallet fresh.db sync");
    run("sync", "sync");
    run("balance", "balance");
    let address = run("address", "address");
    run("stakeinfo", "stakeinfo");
    run("stakeinfo", "stakeinfo --network simnet");
    run("cancel", "cancel");
    let coins = run("coins", "coins");
    let coin = coins[1]["coin"].as_str().unwrap();
    run("coins freeze, coins thaw", &format!("coins freeze {coin}"));
    run("coins freeze, coins thaw", &format!("coins thaw {coin}"));
    run("coins label", &format!("coins label {coin} savings"));
    run("coins freeze, coins thaw", &format!("coins freeze {coin}"));
    run("coins labels", "coins labels");
    fs::write(home.path("labels"), format!("{{\"type\":\"output\",\"ref\":\"{coin}\",\"spendable\":true}}")).unwrap();
    run("coins labels --import FILE", "coins labels --import labels");
    run("submit --print", "submit answer --print");
    run("submit", "submit answer");
    run("demo new, demo mine, demo undo", "demo mine net 2");
    run("submit", "submit answer");
    run("demo new, demo mine, demo undo", "demo mine net 2");
    run("sync", "sync");
    run("balance", "balance");
    run("tickets", "tickets");
    run("coins", "coins");
    run("export", "export");
    run("buy", "buy 1 --out bought");
    let address = address["address"].as_str().unwrap();
    run("demo fund", &format!("demo fund net {address} 900"));
    run("demo new, demo mine, demo undo", "demo mine net 1");
    // More than a block holds.
    run("buy", "buy 21 --out many");
    run("vsp choices", "vsp choices --agenda maxtreasuryspend=yes");
    run("vsp list", "--wallet listed/wallet.db vsp list");
    run("demo new, demo mine, demo undo", "demo new other");
    run("demo new, demo mine, demo undo", "demo undo other 1");
    run("doctor", "doctor");
}

/// What voters print, and tickets that voted.
pub(crate) fn votes(seen: &mut Seen) {
    let home = Home::new();
    let ok = |line: &str| drop(home.run(&mut Seen::default(), "not compared", line));
    ok("submit answer");
    home.mine(2);
    ok("submit answer");
    home.mine(20);
    ok("sync");
    let mut run = |section, line: &str| home.run(seen, section, line).pop().unwrap_or_default();
    run("voter list", "voter list");
    run("voter import", "voter import hot --passphrase-file passphrase");
    run("voter choices", "voter choices");
    let tickets = run("tickets", "tickets");
    let ticket = tickets[0]["id"].as_str().unwrap().to_owned();
    run("voter wif", &format!("voter wif {ticket} --passphrase-file passphrase"));
    home.mine_to_a_call();
    run("voter run", "voter run --once --passphrase-file passphrase");
    home.mine(1);
    run("sync", "sync");
    run("balance", "balance");
    run("coins", "coins");
    run("export", "export");
    run("tickets", "tickets");
    run("voter rotate", "voter rotate");
    run("voter rotate FILE", "voter rotate hot-next --passphrase-file passphrase");
    run("voter new", "voter new --name box --out box --words-file words --passphrase-file passphrase --kdf-memory 8");
    let emptied = "--wallet leaked/wallet.db --source sim:leaked/net voter rotate --passphrase-file passphrase";
    let emptied = format!("{emptied} --empty-purse e03a0bcc9ea689214ab1cc80ae75d5b2");
    run("voter rotate --empty-purse", &emptied);
    run("voter rotate --empty-purse", &emptied);
    home.fails(seen, "voter status", "voter status");
}

/// Requests that are prepared by a rule, and one that nobody answers.
pub(crate) fn rule(seen: &mut Seen) {
    const SECTION: &str = "auto show, auto set, auto off";
    let home = Home::new();
    let mut run = |section, line: &str| home.run(seen, section, line);
    run(SECTION, "auto set --max-price 1 --keep 20 --tickets 1 --folder requests");
    let mut told = Vec::new();
    // At some block of a window, little of it is left.
    for _ in 0..Network::Simnet.params().stake_difficulty_window {
        told.extend(run("auto run", "auto run --once"));
        home.mine(1);
    }
    run(SECTION, "auto set --max-price 30 --keep 1000000 --tickets 1 --folder requests");
    told.extend(run("auto run", "auto run --once"));
    run(SECTION, "auto set --max-price 30 --keep 20 --tickets 1 --folder requests");
    told.extend(run("auto run", "auto run --once"));
    told.extend(run("auto run", "auto run --once"));
    run(SECTION, "auto show");
    home.mine(Network::Simnet.params().stake_difficulty_window);
    told.extend(run("auto run", "auto run --once"));
    home.mine(30);
    told.extend(run("auto run", "auto run --once"));
    run(SECTION, "auto off");
    let all = ["price", "late-in-window", "too-little", "signature-due", "done", "full", "lapsed"];
    let is = |it: &Value, word: &str| it["event"] == word || it["reason"] == word;
    let missing: Vec<_> = all.into_iter().filter(|word| !told.iter().any(|it| is(it, word))).collect();
    assert!(missing.is_empty(), "{missing:?} never came: {told:#?}");
}

/// Payments, a request that is given up, and a standing order.
pub(crate) fn payments(seen: &mut Seen) {
    let home = Home::new();
    let mut run = |section, line: &str| home.run(seen, section, line).pop().unwrap_or_default();
    let address = run("address", "address")["address"].as_str().unwrap().to_owned();
    run("demo fund", &format!("demo fund net {address} 1"));
    let sent = run("send, cancel ID --spend FILE", &format!("send {address} 1 --out sent"));
    run("cancel", &format!("cancel {}", sent["id"].as_str().unwrap()));
    let listed = run("cancel", "cancel");
    let mut purchases = listed.as_array().unwrap().iter().filter(|it| it["kind"] == "purchase");
    let id = purchases.next_back().unwrap()["id"].as_str().unwrap().to_owned();
    run("send, cancel ID --spend FILE", &format!("cancel {id} --spend back"));
    run("buy", "buy 1 --amount 25.5 --windows 40 --out order");
    home.sign("order", "order-answer");
    run("submit of a standing order", "submit order-answer --when-price-fits");
    let mut blocks = 0;
    while run("sync", "sync")["orders_sent"] == json!([]) {
        home.mine(1);
        blocks += 1;
        assert!(blocks < 20, "the price never came");
    }
    home.mine(2);
    run("buy", "buy 1 --amount 20 --windows 1 --out order-2");
    home.sign("order-2", "order-answer-2");
    run("submit of a standing order", "submit order-answer-2 --when-price-fits");
    home.mine(20);
    let synced = run("sync", "sync");
    assert_ne!(synced["orders_ended"], json!([]));
}

/// The whole path, told by its end.
pub(crate) fn demonstration(seen: &mut Seen) {
    let signer = Path::new(DCRCOLD).with_file_name("dcrcold-signer");
    assert!(signer.exists(), "{} is missing: build the workspace", signer.display());
    let home = Home::new();
    home.run(seen, "demo", &format!("demo --signer {}", signer.display()));
}
