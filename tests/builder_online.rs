//! The builder vectors once more, through the online binary: request and answer in, signed transactions out.

mod common;
#[path = "common/signer.rs"]
mod signer;

use std::fs;
use std::process::{Command, Output};

use common::{Vectors, hex, number, text};
use dcrcold_core::path::Generation;
use dcrcold_signer::hd::Derivation;
use dcrcold_signer::transfer::{Capacity, Encode, OwnVoter, WatchExport};
use serde_json::Value;
use signer::TestSigner;
use tempfile::TempDir;

const MALFORMED: i32 = 7;

/// A wallet of the online binary that watches the account of a case and knows its voter.
struct Online(TempDir);

impl Online {
    fn of(case: &Value) -> Self {
        let online = Self(tempfile::tempdir().expect("a temporary folder"));
        let signer = TestSigner::of(case);
        let network = signer.keys.network();
        online.write("watch", &watch_export(case, &signer).to_container(network).expect("it fits").encode());
        online.succeed(&["wallet", "import", &online.path("watch"), "--birthday", "1000000"]);
        if text(&case["voter"]["origin"]) == "foreign" {
            let voter = signer.voters.public().expect("the case has a voter");
            online.write("voter", &voter.to_container(network).expect("it fits").encode());
            online.succeed(&["voter", "import", &online.path("voter")]);
        }
        online
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).to_str().expect("a temporary path is UTF-8").to_owned()
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        fs::write(self.0.path().join(name), bytes).expect("the temporary folder can be written");
    }

    fn run(&self, args: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dcrcold"));
        command.args(["--wallet", &self.path("wallet.db"), "--json"]).args(args).output().expect("dcrcold starts")
    }

    fn succeed(&self, args: &[&str]) -> Value {
        let output = self.run(args);
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).expect("facts are JSON")
    }

    fn submit(&self, request: &[u8], answer: &[u8]) -> Output {
        self.write("request", request);
        self.write("answer", answer);
        self.run(&["submit", "--print", "--request", &self.path("request"), &self.path("answer")])
    }
}

fn watch_export(case: &Value, signer: &TestSigner) -> WatchExport {
    let own = (text(&case["voter"]["origin"]) == "own").then(|| OwnVoter {
        generation: Generation::new(number(&case["voter"]["generation"])).expect("a generation"),
        accounts: signer.voters.public().expect("the case has a voter").accounts,
    });
    WatchExport {
        account: signer.keys.path(),
        key: *signer.keys.public().node(),
        parent_fingerprint: [0; 4],
        derivation: Derivation::Decred,
        own_voter: own,
        capacity: Capacity { inputs: 256, tickets: 100, highest_kind: 3 },
        name: "test".parse().expect("printable"),
        birthday: None,
    }
}

#[test]
fn the_binary_completes_every_answer_byte_for_byte() {
    let mut vectors = Vectors::load("builder.json");
    vectors.each("cases", |case| {
        let (transfer, result) = (&case["transfer"], &case["result"]);
        let output = Online::of(case).submit(&hex(&transfer["request"]), &hex(&transfer["answer"]));
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let printed: Value = serde_json::from_slice(&output.stdout).expect("facts are JSON");
        let funding = if result["signed"].is_null() { &result["split_signed"] } else { &result["signed"] };
        assert_eq!(&printed["funding"], funding, "signed split or send");
        let or_none = |value: &Value| value.as_array().cloned().unwrap_or_default();
        assert_eq!(or_none(&printed["tickets"]), or_none(&result["tickets_signed"]), "signed tickets");
        let registrations = or_none(&result["registrations"]);
        let printed = or_none(&printed["registrations"]);
        assert_eq!(printed.len(), registrations.len(), "number of registrations");
        for (printed, wanted) in printed.iter().zip(&registrations) {
            assert_eq!((&printed["body"], &printed["signature"]), (&wanted["body"], &wanted["signature"]));
        }
    });
    vectors.elsewhere("refused");
    vectors.finish(15);
}

/// One bit of one signature: nothing is completed, and the message says which signature is wrong.
#[test]
fn the_binary_takes_no_answer_with_a_wrong_signature() {
    let mut vectors = Vectors::load("builder.json");
    vectors.each("cases", |case| {
        let mut answer = hex(&case["transfer"]["answer"]);
        let last = answer.len() - 1;
        answer[last] ^= 1;
        let id = blake256::blake256(&[&[1, 4, answer[9]], &answer[47..]].concat());
        answer[15..47].copy_from_slice(&id);
        let output = Online::of(case).submit(&hex(&case["transfer"]["request"]), &answer);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(MALFORMED), "{stderr}");
        assert!(stderr.starts_with("error: ") && stderr.contains("signature"), "{stderr}");
        assert!(output.stdout.is_empty(), "nothing is printed");
    });
    vectors.elsewhere("refused");
    vectors.finish(15);
}
