//! Disks that take nothing more.

use std::fs;
use std::process::Command;

use crate::small_disk::SmallDisk;
use crate::{DCRCOLD, Home, stderr, stdout};

#[test]
fn a_full_standard_output_is_named() {
    let home = Home::new();
    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = home.sim(&["balance"]).stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let expected = "error: cannot write to standard output: No space left on device (os error 28)\n";
    assert_eq!(stderr(&output), expected);
}

#[test]
fn a_full_disk_loses_nothing() {
    let home = Home::new();
    let Some(disk) = SmallDisk::mount(home.path("disk"), "1m") else {
        // Without the right to mount, a limit on the size of files stands in.
        println!("full disk: a limit on the size of files");
        return limited_file_size(&home);
    };
    println!("full disk: a tmpfs of 1 MiB");
    fs::copy(home.path("wallet.db"), disk.folder().join("wallet.db")).unwrap();
    let on_disk = |args: &[&str]| {
        let args = [&["--wallet", "disk/wallet.db", "--source", "sim:net"], args].concat();
        home.command(&args).output().unwrap()
    };
    let before = stdout(&on_disk(&["balance"]));
    disk.fill();
    for args in [&["buy", "1", "--out", "request-2"][..], &["submit", "answer"], &["address", "--new"]] {
        let output = on_disk(args);
        assert_eq!(output.status.code(), Some(1), "{args:?}: {}", stderr(&output));
        assert!(stderr(&output).starts_with("error: wallet file: "), "{}", stderr(&output));
        assert!(stderr(&output).contains("\nhint: nothing was changed; "), "{}", stderr(&output));
    }
    let output = home.command(&["--wallet", "disk/new.db", "wallet", "import", "watch"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert!(!home.path("disk/new.db").exists());
    assert!(!home.path("request-2").exists());
    fs::remove_file(disk.filler()).unwrap();
    assert_eq!(stdout(&on_disk(&["balance"])), before);
    let output = on_disk(&["submit", "answer"]);
    assert!(output.status.success(), "{}", stderr(&output));
}

fn limited_file_size(home: &Home) {
    let before = stdout(&home.run(&["balance"]));
    let script = format!("trap '' XFSZ; ulimit -f 0; exec {DCRCOLD} \"$@\"");
    let mut shell = Command::new("sh");
    shell.current_dir(home.path("")).args(["-c", &script, "sh", "--wallet", "wallet.db", "--source", "sim:net"]);
    let output = shell.args(["buy", "1", "--out", "request-2"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert_eq!(stdout(&home.run(&["balance"])), before);
}

/// Tickets under a voter whose keys are nowhere could not be voted by anybody here.
#[test]
fn a_voter_whose_keys_cannot_be_kept_is_not_in_the_wallet() {
    let home = Home::new();
    let voters = || stdout(&home.run(&["--json", "voter", "list"]));
    let before = voters();
    fs::write(home.path("voters"), "no folder").unwrap();
    let new =
        ["voter", "new", "--name", "box", "--out", "new.pub", "--passphrase-file", "passphrase", "--kdf-memory", "8"];
    let failed = home.run(&new);
    assert_eq!(failed.status.code(), Some(1), "{}", stderr(&failed));
    fs::remove_file(home.path("voters")).unwrap();
    assert_eq!(voters(), before);
    assert!(home.run(&new).status.success());
    assert_ne!(voters(), before);
}
