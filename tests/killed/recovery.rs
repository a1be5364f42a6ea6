//! The recipes of docs/recovery.md, each by the two built programs on the embedded network.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use crate::world::{DCRCOLD, World, prose};

/// The recipes: each has a test of this name, and the page names it.
const RECIPES: [&str; 7] = [
    "only_the_words_are_left",
    "an_old_wallet_file_is_brought_back",
    "an_answer_was_lost",
    "the_hot_keys_were_lost",
    "the_online_machine_was_lost",
    "the_offline_machine_was_lost",
    "the_wallet_file_is_damaged",
];

/// Both machines: the folder `now` online, the folder `cold` offline.
struct Machines(World);

impl Machines {
    fn new(world: World) -> Self {
        world.copy("base", "now");
        let machines = Self(world);
        machines.new_cold("cold");
        machines
    }

    /// An offline machine on which the words were typed.
    fn new_cold(&self, name: &str) {
        let folder = self.0.path(name);
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("passphrase"), "correct horse\n").unwrap();
        fs::write(folder.join("seed"), "07".repeat(32)).unwrap();
        self.cold(name, &["restore", "--network", "simnet", "--kdf-memory", "8", "--seed-file", "seed"]);
    }

    fn cold(&self, name: &str, args: &[&str]) -> String {
        let signer = Path::new(DCRCOLD).with_file_name("dcrcold-signer");
        assert!(signer.exists(), "{} is missing: build the workspace", signer.display());
        let mut command = Command::new(signer);
        command.args(["--store", "keystore", "--passphrase-file", "passphrase"]).args(args);
        command.current_dir(self.0.path(name)).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let output: Output = command.output().unwrap();
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    fn online(&self, args: &[&str]) -> String {
        self.0.ok("now", args)
    }

    fn carry(&self, from: (&str, &str), to: (&str, &str)) {
        fs::copy(self.0.path(from.0).join(from.1), self.0.path(to.0).join(to.1)).unwrap();
    }

    /// Carries a request to the offline machine, has it signed there, and carries the answer back.
    fn trip(&self, cold: &str, request: &str, answer: &str) {
        self.carry(("now", request), (cold, request));
        let id = self.0.id("now", request);
        self.cold(cold, &["sign", request, "--out", answer, "--approve", &id]);
        self.carry((cold, answer), ("now", answer));
    }

    /// A purchase of two tickets, mined.
    fn purchase(&self) {
        self.online(&["buy", "2", "--out", "bought"]);
        self.trip("cold", "bought", "bought-answer");
        self.online(&["submit", "bought-answer"]);
        self.0.sim("now").mine(2).unwrap();
        self.online(&["sync"]);
        assert_eq!(self.tickets(), 2);
    }

    fn tickets(&self) -> usize {
        self.0.wallet("now").tickets().unwrap().len()
    }

    /// What the account owns; which request bought the tickets is not on the chain.
    fn balance(&self) -> Value {
        let mut balance: Value = serde_json::from_str(&self.online(&["--json", "balance"])).unwrap();
        balance["tickets"].as_array_mut().unwrap().iter_mut().for_each(|tickets| tickets["request"] = Value::Null);
        balance
    }

    /// A wallet made anew from the watch file of an offline machine.
    fn wallet_from(&self, cold: &str) {
        self.cold(cold, &["export", "watch", "--out", "watch"]);
        self.carry((cold, "watch"), ("now", "watch-again"));
        self.online(&["wallet", "import", "watch-again"]);
        self.online(&["sync"]);
    }
}

#[test]
fn only_the_words_are_left() {
    let machines = Machines::new(World::without_request());
    machines.purchase();
    let before = machines.balance();
    fs::remove_dir_all(machines.0.path("cold")).unwrap();
    fs::remove_file(machines.0.path("now").join("wallet.db")).unwrap();

    machines.new_cold("found");
    machines.wallet_from("found");
    assert_eq!((machines.balance(), machines.tickets()), (before, 2));
    // And it goes on: another ticket, signed by the machine that was made of the words.
    machines.online(&["buy", "1", "--out", "next"]);
    machines.trip("found", "next", "next-answer");
    machines.online(&["submit", "next-answer"]);
}

#[test]
fn an_old_wallet_file_is_brought_back() {
    let machines = Machines::new(World::without_request());
    let copied = machines.online(&["wallet", "backup", "backup.db"]);
    assert!(copied.contains("searched     to block 242"), "{copied}");
    machines.purchase();
    let before = machines.balance();
    let compared = prose(&machines.online(&["doctor", "--offline", "--backup", "backup.db"]));
    assert!(compared.contains("backup.db lacks 1 request, 1 answer, 2 registrations"), "{compared}");
    machines.carry(("now", "backup.db"), ("now", "wallet.db"));
    machines.online(&["sync"]);
    assert_eq!((machines.balance(), machines.tickets()), (before, 2));
}

#[test]
fn an_answer_was_lost() {
    let machines = Machines::new(World::without_request());
    machines.online(&["buy", "2", "--out", "bought"]);
    machines.trip("cold", "bought", "answer-1");
    let first = fs::read(machines.0.path("now").join("answer-1")).unwrap();
    fs::remove_file(machines.0.path("now").join("answer-1")).unwrap();
    // Signed again, it is the same answer.
    machines.trip("cold", "bought", "answer-2");
    assert_eq!(fs::read(machines.0.path("now").join("answer-2")).unwrap(), first);
    let sent = machines.online(&["submit", "answer-2"]);
    assert!(sent.contains("3 transactions sent, 0 were known before"), "{sent}");

    // Read once, and lost before anything of it was sent: the wallet kept it.
    machines.0.sim("now").mine(2).unwrap();
    machines.online(&["sync"]);
    machines.online(&["buy", "1", "--out", "next"]);
    machines.trip("cold", "next", "next-answer");
    let id = machines.0.id("now", "next");
    let args = ["--wallet", "wallet.db", "--source", "sim:nowhere"];
    let output = machines.0.command("now", None, &args, &["submit", "next-answer"]).output().unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.contains(&format!("send it with: dcrcold submit --kept {id}")), "{told}");
    fs::remove_file(machines.0.path("now").join("next-answer")).unwrap();
    let (code, shown, _) = machines.0.run("now", &["doctor"]);
    assert!(code == 1 && prose(&shown).contains(&format!("dcrcold submit --kept {id} sends it")), "{shown}");
    let printed = machines.online(&["--json", "submit", "--kept", &id, "--print"]);
    let printed: Value = serde_json::from_str(&printed).unwrap();
    assert_eq!(printed["tickets"].as_array().unwrap().len(), 1);
    let sent = machines.online(&["submit", "--kept", &id]);
    assert!(sent.contains("2 transactions sent, 0 were known before"), "{sent}");
    assert!(machines.online(&["submit", "--kept", &id]).contains("0 transactions sent, 2 were known before"));
}

#[test]
fn the_hot_keys_were_lost() {
    let machines = Machines::new(World::without_request());
    machines.purchase();
    let told = prose(&machines.online(&["doctor", "--offline"]));
    assert!(told.contains("who votes with 2 tickets, are not here"), "{told}");
    fs::write(machines.0.path("cold").join("hot-passphrase"), "battery staple\n").unwrap();
    let export =
        ["export", "hot", "--out", "hot-again", "--hot-passphrase-file", "hot-passphrase", "--kdf-memory", "8"];
    machines.cold("cold", &export);
    machines.carry(("cold", "hot-again"), ("now", "hot-again"));
    machines.carry(("cold", "hot-passphrase"), ("now", "hot-passphrase"));
    machines.online(&["voter", "import", "hot-again", "--passphrase-file", "hot-passphrase"]);
    let told = prose(&machines.online(&["doctor", "--offline"]));
    assert!(!told.contains("hot keys of voter"), "{told}");
    machines.online(&["voter", "run", "--once", "--passphrase-file", "hot-passphrase"]);
}

#[test]
fn the_online_machine_was_lost() {
    let machines = Machines::new(World::without_request());
    machines.purchase();
    let before = machines.balance();
    fs::remove_file(machines.0.path("now").join("wallet.db")).unwrap();
    machines.wallet_from("cold");
    assert_eq!((machines.balance(), machines.tickets()), (before, 2));
}

#[test]
fn the_offline_machine_was_lost() {
    let machines = Machines::new(World::without_request());
    machines.purchase();
    machines.online(&["buy", "1", "--out", "waiting"]);
    fs::remove_dir_all(machines.0.path("cold")).unwrap();
    machines.new_cold("found");
    // What waits is signed by the machine that was made of the words.
    machines.trip("found", "waiting", "late-answer");
    let sent = machines.online(&["submit", "late-answer"]);
    assert!(sent.contains("2 transactions sent"), "{sent}");
}

#[test]
fn the_wallet_file_is_damaged() {
    let machines = Machines::new(World::without_request());
    machines.purchase();
    let before = machines.balance();
    let file = machines.0.path("now").join("wallet.db");
    let mut bytes = fs::read(&file).unwrap();
    bytes[4 * 4096..8 * 4096].fill(0xa5);
    fs::write(&file, bytes).unwrap();
    let (code, shown, _) = machines.0.run("now", &["doctor", "--offline"]);
    assert!(code == 1 && shown.contains("problem: wallet.db: "), "{shown}");
    fs::rename(&file, machines.0.path("now").join("damaged.db")).unwrap();
    // A crash left its journal, which would be mixed with the new wallet.
    let journal = machines.0.path("now").join("wallet.db-wal");
    fs::write(&journal, b"pages of the damaged wallet").unwrap();
    machines.cold("cold", &["export", "watch", "--out", "first-watch"]);
    machines.carry(("cold", "first-watch"), ("now", "first-watch"));
    let (code, _, told) = machines.0.run("now", &["wallet", "import", "first-watch"]);
    assert!(code == 1 && told.contains("hint: it is a part of the wallet's file that was here"), "{told}");
    let (_, shown, _) = machines.0.run("now", &["doctor", "--offline"]);
    assert!(prose(&shown).contains("note: wallet.db-wal is left of a wallet that was here"), "{shown}");
    fs::rename(&journal, machines.0.path("now").join("damaged.db-wal")).unwrap();
    machines.wallet_from("cold");
    assert_eq!((machines.balance(), machines.tickets()), (before, 2));
}

#[test]
fn the_page_names_the_test_of_each_recipe() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/recovery.md")).unwrap();
    let own = include_str!("recovery.rs");
    for name in RECIPES {
        assert!(own.contains(&format!("#[test]\nfn {name}()")), "{name} is no test");
        assert_eq!(page.matches(&format!("`{name}`")).count(), 1, "the page does not name {name}");
    }
    let recipes = page.lines().filter(|line| line.starts_with("## ")).count();
    println!("recipes: {recipes}");
    assert_eq!(recipes, RECIPES.len() + 2, "each recipe has a heading, and so have the doctor and what is kept where");
}
