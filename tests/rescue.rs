//! The recipe of docs/rescue.md, as it stands there, on files that the program wrote.
#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

mod common;

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use common::{Vectors, list, text};

const SIGNER: &str = env!("CARGO_BIN_EXE_dcrcold-signer");
const PASSPHRASE: &str = "grüße an \"alle\" ";
/// The most lines that somebody copies by hand.
const MOST_LINES: usize = 30;

/// The only block of Python on the page.
fn recipe() -> String {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/rescue.md")).unwrap();
    let mut blocks = page.split("```python\n").skip(1);
    let (code, _) = blocks.next().unwrap().split_once("\n```").unwrap();
    assert!(blocks.next().is_none());
    code.to_owned()
}

/// A Python that has the two packages: the one in the PATH, or the system's, for which packages are installed.
fn python() -> &'static str {
    let has_both = |python: &&str| {
        let import = ["-c", "import argon2.low_level, nacl.bindings"];
        Command::new(python).args(import).output().is_ok_and(|output| output.status.success())
    };
    ["python3", "/usr/bin/python3"].into_iter().find(has_both).expect(
        "no Python has the packages of docs/rescue.md: install python3-argon2 and python3-nacl, or run scripts/setup",
    )
}

fn signer(folder: &Path, args: &[&str]) {
    let mut command = Command::new(SIGNER);
    command.current_dir(folder).args(["--passphrase-file", "passphrase"]).args(args);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
}

fn rescue(folder: &Path, python: &str, file: &str, passphrase: &str) -> Output {
    let mut child = Command::new(python)
        .current_dir(folder)
        .args(["-c", &recipe(), file])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(format!("{passphrase}\n").as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

#[test]
fn the_seed_comes_back_without_the_program() {
    let (python, folder) = (python(), tempfile::tempdir().unwrap());
    let (folder, mut cases) = (folder.path(), 0);
    fs::write(folder.join("passphrase"), format!("{PASSPHRASE}\n")).unwrap();
    let vectors = Vectors::load("seed_words.json");
    let mut seeds: Vec<_> = list(vectors.get("seeds")).iter().map(|row| text(&row["seed"]).to_owned()).collect();
    seeds.extend(["5a".repeat(16), "c3".repeat(23), "c3".repeat(24), "81".repeat(64)]);
    let options: [(&str, u32, bool); 4] =
        [("mainnet", 42, false), ("mainnet", 20, true), ("testnet3", 11, false), ("simnet", 115, true)];
    for (seed, (network, coin_type, strict)) in seeds.iter().zip(options.into_iter().cycle()) {
        fs::write(folder.join("seed"), seed).unwrap();
        let store = format!("store-{cases}");
        let coin = coin_type.to_string();
        let mut args = vec!["--store", &store, "restore", "--seed-file", "seed", "--kdf-memory", "8"];
        args.extend(["--network", network, "--coin-type", &coin]);
        args.extend(strict.then_some("--strict"));
        signer(folder, &args);
        let copy = format!("{store}-copy");
        let backup = ["backup", "--out", &copy, "--backup-passphrase-file", "passphrase", "--kdf-memory", "9"];
        signer(folder, &[&["--store", &store][..], &backup].concat());
        let derivation = if strict { "strict BIP-32" } else { "Decred, as dcrwallet" };
        let expected =
            format!("seed       {seed}\nnetwork    {network}\ncoin type  {coin_type}\nderivation {derivation}\n");
        for file in [&store, &copy] {
            let output = rescue(folder, python, file, PASSPHRASE);
            assert_eq!(
                String::from_utf8_lossy(&output.stdout),
                expected,
                "{}",
                String::from_utf8_lossy(&output.stderr)
            );
            assert!(!rescue(folder, python, file, "wrong").status.success());
            cases += 1;
        }
    }
    println!("rescued: {cases} cases");
    assert_eq!(cases, 2 * 11);
}

#[test]
fn the_recipe_can_be_copied_by_hand() {
    let recipe = recipe();
    assert!(recipe.lines().count() <= MOST_LINES, "{} lines", recipe.lines().count());
    assert!(recipe.lines().all(|line| line.len() <= 100));
}
