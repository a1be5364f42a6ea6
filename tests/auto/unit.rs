//! The units of systemd: they say what systemd reads, start what there is, and keep their boxes closed.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const DCRCOLD: &str = env!("CARGO_BIN_EXE_dcrcold");
/// Where the units expect the program.
const INSTALLED: &str = "/usr/local/bin/dcrcold";
/// What each service must deny itself.
const CLOSED: [(&str, &str); 18] = [
    ("NoNewPrivileges", "yes"),
    ("ProtectSystem", "strict"),
    ("ProtectHome", "yes"),
    ("PrivateTmp", "yes"),
    ("PrivateDevices", "yes"),
    ("ProtectKernelTunables", "yes"),
    ("ProtectKernelModules", "yes"),
    ("RestrictAddressFamilies", "AF_INET AF_INET6"),
    ("RestrictNamespaces", "yes"),
    ("LockPersonality", "yes"),
    ("MemoryDenyWriteExecute", "yes"),
    ("SystemCallFilter", "@system-service ~@privileged @resources"),
    ("IPAddressDeny", "any"),
    ("IPAddressAllow", "localhost"),
    ("PrivateUsers", "yes"),
    ("ProcSubset", "pid"),
    ("CapabilityBoundingSet", ""),
    ("LimitCORE", "0"),
];

fn units() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/systemd");
    let mut units: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    units.sort();
    units
}

fn services() -> Vec<PathBuf> {
    units().into_iter().filter(|unit| unit.extension().is_some_and(|it| it == "service")).collect()
}

/// The settings of a unit, as systemd joins its lines; of one that is there more than once all that it is.
fn settings(path: &Path) -> BTreeMap<String, String> {
    let text = fs::read_to_string(path).unwrap().replace("\\\n", " ");
    let lines = text.lines().filter(|line| !line.starts_with(['#', '[']) && !line.is_empty());
    let mut settings: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in lines.map(|line| line.split_once('=').unwrap()) {
        let all = settings.entry(name.to_owned()).or_default();
        let gap = if all.is_empty() { "" } else { " " };
        *all = format!("{all}{gap}{value}");
    }
    settings
}

#[test]
fn services_keep_their_boxes_closed() {
    for service in services() {
        let settings = settings(&service);
        for (name, value) in CLOSED {
            assert_eq!(settings.get(name).map(String::as_str), Some(value), "{}: {name}", service.display());
        }
        assert!(settings["User"].starts_with("dcrcold-"), "{}", service.display());
    }
    println!("{} services, {} settings each", services().len(), CLOSED.len());
    assert_eq!(services().len(), 2);
}

/// The arguments are ones that the program has: it fails for want of a wallet or of keys, and not over its usage.
#[test]
fn services_start_what_there_is() {
    for service in services() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["dcrd-password", "hot-passphrase"] {
            fs::write(folder.path().join(name), "secret\n").unwrap();
        }
        let start = settings(&service)["ExecStart"].replace(INSTALLED, DCRCOLD);
        let place = folder.path().to_str().unwrap();
        let start = start.replace("${STATE_DIRECTORY}", place).replace("${CREDENTIALS_DIRECTORY}", place);
        let mut words = start.split_whitespace();
        let output = Command::new(words.next().unwrap()).args(words).env("HOME", place).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{}: {said}", service.display());
        assert!(said.contains("no wallet at") || said.contains("hot keys"), "{said}");
    }
}

/// Whoever has systemd asks systemd.
#[test]
fn systemd_reads_the_units() {
    if Command::new("systemd-analyze").arg("--version").output().is_err() {
        return crate::skip::skipped("systemd-analyze not found; the other tests parse the units");
    }
    let folder = tempfile::tempdir().unwrap();
    let copies = units().into_iter().map(|unit| {
        let copy = folder.path().join(unit.file_name().unwrap());
        // It wants to see the program.
        fs::write(&copy, fs::read_to_string(unit).unwrap().replace(INSTALLED, DCRCOLD)).unwrap();
        copy
    });
    let copies: Vec<_> = copies.collect();
    let output = Command::new("systemd-analyze").args(["verify", "--man=no"]).args(&copies).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    let ours: Vec<_> = said.lines().filter(|line| line.contains("dcrcold")).collect();
    assert!(output.status.success() && ours.is_empty(), "{said}");
    let services: Vec<_> = copies.iter().filter(|unit| unit.extension().is_some_and(|it| it == "service")).collect();
    // Tenths of what systemd calls exposure, from 0 to 100.
    let judged =
        Command::new("systemd-analyze").args(["security", "--offline=true", "--threshold=10"]).args(&services).output();
    let judged = judged.unwrap();
    assert!(judged.status.success(), "{}", String::from_utf8_lossy(&judged.stdout));
    println!("{} units verified, {} services with an exposure of 1.0 at most", copies.len(), services.len());
    assert_eq!((copies.len(), services.len()), (3, 2));
}
