//! `vsp register` when not all is well: other voters, what holds tickets up, and a node that is away for a while.

use std::fs;
use std::process::Output;

use dcrcold::voter::HotVoter;
use dcrcold_core::amount::Amount;
use dcrcold_core::path::{Index, VoterAccount};
use dcrcold_core::script::{Payee, Payment};
use dcrcold_signer::sealed::Passphrase;

use super::vsp::http::Fault;
use super::vsp::rules::Refusal;
use super::{Container, DCRCOLD, Encode, Fingerprint, Network, REGISTER, SUBMIT, World, files, trace};

pub(super) const PASSPHRASE: [&str; 2] = ["--passphrase-file", "hot-passphrase"];

impl World {
    pub(super) fn run(&self, args: &[&str]) -> (i32, String, String) {
        let output = self.command("prepared", &[DCRCOLD], args).output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        println!("$ dcrcold {}\n{}{}", args.join(" "), text(&output.stdout), text(&output.stderr));
        (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
    }

    /// The hot keys in a file of the cold side.
    pub(super) fn hot(&self, file: &str) -> HotVoter {
        let passphrase = Passphrase::new("correct horse".to_owned().into()).unwrap();
        let sealed = fs::read(self.path("prepared").join(file)).unwrap();
        HotVoter::open(&Container::parse(&sealed).unwrap(), &passphrase).unwrap()
    }

    fn tickets(&self) -> Vec<String> {
        let wallet = dcrcold::wallet::Wallet::open(&self.path("prepared").join("wallet.db")).unwrap();
        wallet.tickets().unwrap().iter().map(|ticket| ticket.id.to_string()).collect()
    }

    pub(super) fn fill_purse(&self, hot: &HotVoter) {
        let payee = Payee::KeyHash(hot.public().hash(VoterAccount::Purse, Index::FIRST).unwrap());
        let script = Payment { tag: None, payee }.script();
        self.node.sim().fund(script.as_bytes(), Amount::from_atoms(100_000_000).unwrap()).unwrap();
        self.node.mine(1, &[&self.vsp]);
    }

    fn hot_file(&self, voter: &Fingerprint) -> std::path::PathBuf {
        self.path("prepared").join("voters").join(format!("{voter}.hot"))
    }
}

#[test]
fn tickets_of_the_generation_before_a_leak_are_registered_with_the_next_one() {
    let world = World::new();
    world.ok("prepared", &SUBMIT);
    world.node.mine(2, &[&world.vsp]);
    let [before, next] = ["hot", "hot-next"].map(|file| world.hot(file));
    world.ok("prepared", &[&["voter", "rotate", "hot-next"], &PASSPHRASE[..]].concat());
    world.ok("prepared", &["sync"]);
    let tickets = world.tickets();
    let register: Vec<_> = ["vsp", "register", "--ticket", &tickets[0], "--ticket", &tickets[1]].into();
    let with = |more: &[&'static str]| [register.clone(), PASSPHRASE.to_vec(), more.to_vec()].concat();

    // The keys that vote are not here: nothing is asked of the cold side.
    let (kept, away) = (world.hot_file(&before.fingerprint()), world.path("away"));
    fs::rename(&kept, &away).unwrap();
    let (code, _, said) = world.run(&with(&["--out", "request-next"]));
    assert_eq!(code, 1);
    let expected = format!("voted by a key of voter {}, whose hot keys are not here", before.fingerprint());
    assert!(said.contains(&expected) && said.contains("hint:") && said.contains("voter import"), "{said}");
    assert!(!world.path("prepared").join("request-next").exists());
    fs::rename(&away, &kept).unwrap();

    let (code, _, said) = world.run(&with(&[]));
    assert!(code == 2 && said.contains("--out FILE"), "{said}");
    let (code, shown, said) = world.run(&with(&["--out", "request-next"]));
    assert!(code == 0 && shown.contains("request-next, 2 tickets"), "{shown}{said}");
    let request = fs::read(world.path("prepared").join("request-next")).unwrap();
    let id = *Container::parse(&request).unwrap().id();
    let answer = files::sign(&request, &id).to_container(Network::Simnet).unwrap().encode();
    fs::write(world.path("prepared").join("answer-next"), answer).unwrap();
    world.ok("prepared", &["submit", "answer-next"]);

    let (code, _, said) = world.run(&with(&[]));
    assert!(code == 1 && said.contains("2 tickets are held up: the fees take"), "the new purse is empty: {said}");
    world.fill_purse(&next);
    let args = [&register[..], &PASSPHRASE[..], &["--watch"]].concat();
    world.watch_with(&args);
    let (_, shown, _) = world.run(&["--json", "vsp", "status"]);
    assert_eq!(shown.matches(&format!("\"voter\": \"{}\"", next.fingerprint())).count(), 2);
    let (code, _, said) =
        world.run(&[&register[..], &PASSPHRASE[..], &["--voter", &before.fingerprint().to_string()]].concat());
    assert!(code == 1 && said.contains(&format!("--voter {}", next.fingerprint())), "{said}");

    let export = world.ok("prepared", &["vsp", "evidence", &tickets[0], PASSPHRASE[0], PASSPHRASE[1]]);
    fs::write(world.path("prepared").join("evidence.json"), &export.stdout).unwrap();
    world.ok("prepared", &["vsp", "evidence", "--check", "evidence.json"]);
    let voting = |ticket: &String| {
        let row = world.vsp.rules(|rules| rules.rows[&ticket.parse().unwrap()].clone());
        (0..9).any(|index| {
            let key = before.wif(Index::new(index).unwrap()).unwrap();
            row.voting_key.as_deref() == Some(&*key.to_text())
        })
    };
    assert!(tickets.iter().all(voting), "the VSP has the keys of the voter before");
}

#[test]
fn what_holds_tickets_up_makes_the_exit_code() {
    let world = World::new();
    world.ok("prepared", &SUBMIT);
    world.node.mine(2, &[&world.vsp]);
    let refuses = |code, status, text| Fault::Refuses(Refusal(code, status, text));
    let cases = [
        ("setaltsignaddr", Fault::Hangup, 6, "cannot be reached"),
        ("setaltsignaddr", refuses(1, 500, "internal error"), 6, "code 1,"),
        ("setaltsignaddr", refuses(13, 400, "not a valid ticket tx"), 1, "code 13,"),
        ("feeaddress", refuses(7, 400, "ticket not eligible to vote"), 1, "code 7,"),
        ("feeaddress", Fault::Altered, 6, "not signed"),
    ];
    let mut count = 0;
    for (endpoint, fault, expected, text) in cases {
        world.vsp.fault(endpoint, fault);
        let (code, _, said) = world.run(&REGISTER);
        assert!(code == expected && said.contains("is held up: ") && said.contains(text), "{endpoint} {code}: {said}");
        count += 1;
    }
    let mut held = |args: &[&str], expected, text| {
        let (code, _, said) = world.run(&[&REGISTER[..], args].concat());
        assert!(code == expected && said.contains("is held up: ") && said.contains(text), "{code}: {said}");
        count += 1;
    };
    held(&["--max-fee", "0.00000001"], 3, "the limit is 0.00000001 DCR");
    world.vsp.rules(|rules| rules.closed = true);
    held(&[], 6, "takes no new tickets");
    world.vsp.rules(|rules| rules.closed = false);
    // The change of the first fee is not there yet.
    held(&[], 1, "and the purse has 0.00000000 DCR");
    println!("exit codes of held-up tickets: {count} cases");
    assert_eq!(count, 8);
    // Once the change is there the next try succeeds, however late it comes.
    world.node.mine(3, &[&world.vsp]);
    world.watch();
}

/// `strace` lets the journal of the embedded network fail for some calls, as a node that is restarted does.
#[test]
fn a_watch_lives_through_a_node_that_is_away() {
    if trace::is_missing() {
        return;
    }
    let world = World::new();
    world.ok("prepared", &SUBMIT);
    world.node.mine(1, &[&world.vsp]);
    let inject = "inject=flock:error=EIO:when=61..64";
    let strace = ["strace", "-f", "-o", "/dev/null", "-e", "trace=flock", "-e", inject, DCRCOLD];
    // Enough to be confirmed, too few to be called.
    let output: Output = world.watch_by(&strace, &[&REGISTER[..], &["--watch"]].concat(), 15);
    let said = String::from_utf8_lossy(&output.stderr);
    println!("{said}");
    assert!(output.status.success(), "{said}");
    assert_eq!(said.matches("note: the chain cannot be asked").count(), 1, "it is said once: {said}");
    assert_eq!(said.matches("note: going on").count(), 1, "{said}");
    let shown = String::from_utf8_lossy(&output.stdout);
    assert_eq!(shown.matches("confirmed  confirmed").count(), 2, "it went on to the end: {shown}");
}
