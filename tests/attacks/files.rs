//! Attacks on the program from outside: files that are something else, change while they are read, or lie in the way.
//! Somebody approves whatever id the host names; what counts is whether an answer is there at the end.

use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::fs::symlink;
use std::process::{Command, Output, Stdio};

use dcrcold_core::policy::Limits;
use dcrcold_signer::keystore::Access;
use dcrcold_signer::sealed::{Kdf, Randomness};
use dcrcold_signer::transfer::{Capacity, Encode, WatchExport, seal_hot_keys};
use dcrcold_signer::voter::VoterSecrets;

use crate::body::seal;
use crate::cold::{NETWORK, atoms, encoded, foreign_voter};
use crate::disk::{PASSPHRASE, passphrase};
use crate::harness::Victim;
use crate::machine::{Machine, id_of, stderr};

/// What every attack below is compared with.
#[test]
fn an_honest_file_is_no_attack() {
    let machine = Machine::new();
    let request = encoded(&machine.cold.purchase(1));
    fs::write(machine.path("request"), &request).unwrap();
    let output = machine.sign(&id_of(&request));
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(machine.answer(), Victim::new().signs(&request));
}

#[test]
fn has_an_answer_signed_instead_of_a_request() {
    let machine = Machine::new();
    let answer = Victim::new().signs(&encoded(&machine.cold.purchase(1)));
    machine.refuses(&answer.to_container(NETWORK).unwrap().encode(), 7, "error: kind-unexpected");
}

#[test]
fn has_a_watch_export_signed_instead_of_a_request() {
    let machine = Machine::new();
    let export = WatchExport {
        account: machine.cold.path(),
        key: machine.cold.account,
        parent_fingerprint: [0; 4],
        derivation: machine.cold.contents.derivation(),
        own_voter: None,
        capacity: Capacity::HOST,
        name: "main".parse().unwrap(),
        birthday: None,
    };
    machine.refuses(&export.to_container(NETWORK).unwrap().encode(), 7, "error: kind-unexpected");
}

#[test]
fn has_a_voter_export_signed_instead_of_a_request() {
    let export = foreign_voter().to_container(NETWORK).unwrap().encode();
    Machine::new().refuses(&export, 7, "error: kind-unexpected");
}

#[test]
fn has_hot_keys_signed_instead_of_a_request() {
    let machine = Machine::new();
    let (master, path) = (machine.cold.contents.master().unwrap(), machine.cold.path());
    let (generation, name) = (dcrcold_core::path::Generation::FIRST, "main".parse().unwrap());
    let secrets = VoterSecrets::derive(&master, path.coin_type, path.account, generation, name).unwrap();
    let randomness = Randomness { salt: [1; 16], nonce: [2; 24] };
    let hot = seal_hot_keys(NETWORK, &secrets, &passphrase(), Kdf::with_memory(8).unwrap(), &randomness).unwrap();
    machine.refuses(&hot.encode(), 7, "error: kind-unexpected");
}

#[test]
fn has_the_key_store_signed_instead_of_a_request() {
    let machine = Machine::new();
    // Its magic is that of a container with the version K.
    machine.refuses(&fs::read(machine.disk.store()).unwrap(), 7, "error: version-unknown");
}

#[test]
fn has_nothing_signed() {
    Machine::new().refuses(&[], 7, "cut off");
}

#[test]
fn has_three_mib_read() {
    let machine = Machine::new();
    let mut request = encoded(&machine.cold.purchase(1));
    request.resize(3 << 20, 0);
    machine.refuses(&request, 7, "more than");
}

#[test]
fn has_a_bomb_unpacked_by_the_program() {
    let machine = Machine::new();
    let mut request = encoded(&machine.cold.purchase(1))[..47].to_vec();
    request[10] = 1;
    request.extend(miniz_oxide::deflate::compress_to_vec(&vec![0; 1 << 26], 1));
    machine.refuses(&request, 7, "deflated body");
}

#[test]
fn has_a_folder_read_for_a_request() {
    let machine = Machine::new();
    fs::create_dir(machine.path("request")).unwrap();
    let (before, output) = (machine.memory(), machine.sign(&"00".repeat(32)));
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    machine.nothing_left(&output, &before);
}

/// Zeros without end: the reading stops at the bound.
#[test]
fn has_a_device_read_for_a_request() {
    let machine = Machine::new();
    symlink("/dev/zero", machine.path("request")).unwrap();
    let (before, output) = (machine.memory(), machine.sign(&"00".repeat(32)));
    assert!(matches!(output.status.code(), Some(1 | 7)), "{}", stderr(&output));
    machine.nothing_left(&output, &before);
}

/// Each rule's name reaches the person by way of the program too.
#[test]
fn has_more_locked_than_the_program_allows() {
    let machine = Machine::new();
    let mut hostile = machine.cold.purchase(1);
    (hostile.amount, hostile.claim.price) = (atoms(40_000_000_001), Some(atoms(40_000_000_001)));
    hostile.parents = vec![machine.cold.parent(&[atoms(50_000_000_000)])];
    machine.refuses(&encoded(&hostile), 3, "error: amount-above-limit");
}

#[test]
fn has_a_damaged_request_signed() {
    let machine = Machine::new();
    let mut request = encoded(&machine.cold.purchase(1));
    *request.last_mut().unwrap() ^= 1;
    machine.refuses(&request, 7, "error: id-mismatch");
}

#[test]
fn uses_an_approval_of_another_request() {
    let machine = Machine::new();
    let (honest, hostile) = (encoded(&machine.cold.purchase(1)), encoded(&machine.cold.purchase(2)));
    fs::write(machine.path("request"), &hostile).unwrap();
    let (before, output) = (machine.memory(), machine.sign(&id_of(&honest)));
    assert_eq!(output.status.code(), Some(4), "{}", stderr(&output));
    assert!(stderr(&output).contains("error: --approve is"), "{}", stderr(&output));
    machine.nothing_left(&output, &before);
}

#[test]
fn uses_the_first_half_of_an_approval() {
    let machine = Machine::new();
    let request = encoded(&machine.cold.purchase(1));
    fs::write(machine.path("request"), &request).unwrap();
    let (before, output) = (machine.memory(), machine.sign(&id_of(&request)[..32]));
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    machine.nothing_left(&output, &before);
}

/// The program waits for its passphrase with the first request read; then another one lies in its place.
fn exchanged_while_the_program_waits(honest: &[u8], hostile: &[u8], approve: &str) -> (Machine, Output) {
    let machine = Machine::new();
    let request = machine.path("request");
    assert!(Command::new("mkfifo").arg(&request).status().unwrap().success());
    let args = ["--passphrase-file", "-", "sign", "request", "--out", "answer", "--approve", approve];
    let mut child = machine.command(&args).stdin(Stdio::piped()).spawn().unwrap();
    // Opening a pipe waits for its reader, and the last byte is read when the writer is gone.
    File::options().write(true).open(&request).unwrap().write_all(honest).unwrap();
    fs::remove_file(&request).unwrap();
    fs::write(&request, hostile).unwrap();
    child.stdin.take().unwrap().write_all(PASSPHRASE.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    (machine, output)
}

#[test]
fn exchanges_the_request_between_review_and_signing() {
    let cold = Victim::new().cold;
    let (honest, hostile) = (encoded(&cold.purchase(1)), encoded(&cold.purchase(2)));
    let (machine, output) = exchanged_while_the_program_waits(&honest, &hostile, &id_of(&honest));
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let answer = machine.answer();
    assert_eq!((answer.request.to_string(), answer.tickets.len()), (id_of(&honest), 1));
    assert_eq!(answer, Victim::new().signs(&honest));
}

#[test]
fn exchanges_the_request_and_approves_the_new_one() {
    let cold = Victim::new().cold;
    let (honest, hostile) = (encoded(&cold.purchase(1)), encoded(&cold.purchase(2)));
    let (machine, output) = exchanged_while_the_program_waits(&honest, &hostile, &id_of(&hostile));
    assert_eq!(output.status.code(), Some(4), "{}", stderr(&output));
    assert!(!machine.path("answer").exists() && !machine.disk.journal().exists());
}

#[test]
fn has_the_key_store_overwritten_by_an_answer() {
    let machine = Machine::new();
    let request = encoded(&machine.cold.purchase(1));
    fs::write(machine.path("request"), &request).unwrap();
    let before = machine.memory();
    let id = id_of(&request);
    let args = ["--passphrase-file", "passphrase", "sign", "request", "--out", "keystore", "--approve", &id];
    let output = machine.command(&args).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    machine.nothing_left(&output, &before);
}

/// A link on the stick, to a file that is not on it.
#[test]
fn has_a_file_made_where_a_link_points() {
    let machine = Machine::new();
    let request = encoded(&machine.cold.purchase(1));
    fs::write(machine.path("request"), &request).unwrap();
    symlink(machine.path("elsewhere"), machine.path("answer")).unwrap();
    let (before, output) = (machine.memory(), machine.sign(&id_of(&request)));
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert!(!machine.path("elsewhere").exists(), "written through a link");
    assert_eq!(machine.memory(), before);
}

#[test]
fn has_a_request_read_that_is_a_link_to_the_passphrase() {
    let machine = Machine::new();
    symlink(machine.path("passphrase"), machine.path("request")).unwrap();
    let (before, output) = (machine.memory(), machine.sign(&"00".repeat(32)));
    assert_eq!(output.status.code(), Some(7), "{}", stderr(&output));
    assert!(!stderr(&output).contains(PASSPHRASE), "{}", stderr(&output));
    machine.nothing_left(&output, &before);
}

#[test]
fn raises_a_limit_without_the_passphrase() {
    let machine = Machine::new();
    let before = machine.memory();
    fs::write(machine.path("guess"), "battery staple").unwrap();
    let output = machine.command(&["--passphrase-file", "guess", "limits", "--ticket", "10000"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert_eq!(machine.memory(), before);
    assert_eq!(*machine.disk.open(Access::Read).contents().limits(), Limits::DEFAULT);
}

/// A voter export for another network, approved by its id.
fn registers(export: &[u8]) -> (Machine, Output) {
    let machine = Machine::new();
    fs::write(machine.path("voter"), export).unwrap();
    let before = machine.memory();
    let args = ["--passphrase-file", "passphrase", "voter", "add", "voter", "--approve", &id_of(export)];
    let output = machine.command(&args).output().unwrap();
    assert_eq!(machine.memory(), before, "{}", stderr(&output));
    (machine, output)
}

#[test]
fn registers_a_voter_of_another_network() {
    let export = foreign_voter().to_container(dcrcold_core::net::Network::Simnet).unwrap().encode();
    let (_, output) = registers(&export);
    assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
    assert!(stderr(&output).contains("network-mismatch"), "{}", stderr(&output));
}

#[test]
fn registers_the_spending_account_as_a_voter() {
    let mut voter = foreign_voter();
    voter.name = "box 2".parse().unwrap();
    voter.accounts[0] = Victim::new().cold.account;
    let (_, output) = registers(&voter.to_container(NETWORK).unwrap().encode());
    assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
    assert!(stderr(&output).contains("voter-is-spending-account"), "{}", stderr(&output));
}

#[test]
fn registers_a_request_as_a_voter() {
    let (_, output) = registers(&encoded(&Victim::new().cold.purchase(1)));
    assert_eq!(output.status.code(), Some(7), "{}", stderr(&output));
}

#[test]
fn registers_a_voter_whose_name_paints_over_the_screen() {
    let mut export = foreign_voter().to_container(NETWORK).unwrap().encode();
    let name = export.windows(4).position(|window| window == *b"\x63box").unwrap();
    export[name + 1] = 0x1b;
    seal(&mut export);
    let machine = Machine::new();
    fs::write(machine.path("voter"), &export).unwrap();
    let id: String = base16ct::lower::encode_string(&export[15..47]);
    let args = ["--passphrase-file", "passphrase", "voter", "add", "voter", "--approve", &id];
    let output = machine.command(&args).output().unwrap();
    assert_eq!(output.status.code(), Some(7), "{}", stderr(&output));
    assert!(!output.stderr.contains(&0x1b) && !output.stdout.contains(&0x1b));
}
