//! A Ledger on USB: sessions over a bus in process, and what becomes of them when something goes wrong; locks between
//! processes; and, where the kernel has uhid, the whole way through hidraw and the transport's framing.
#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

mod uhid;
mod wire;

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use dcrcold::usb::{LockFolder, Usb, UsbError};
use dcrcold_core::net::Network;
use dcrcold_core::path::{Account, AccountPath};
use dcrcold_signer::device::{DeviceError, Session, SpendingAccount, coin_type};
use tempfile::TempDir;
use wire::{Wire, found};

/// Nobody waits that long in a test.
const SOON: Duration = Duration::from_millis(50);

/// One test at a time: between fork and exec a child of another one holds the locks of all, as copies of their files.
static ALONE: Mutex<()> = Mutex::new(());

/// What lasts as long as a test.
struct Place {
    _alone: MutexGuard<'static, ()>,
    _folder: TempDir,
}

fn locks() -> (Place, LockFolder) {
    let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = tempfile::tempdir().unwrap();
    let locks = LockFolder::new(folder.path().join("run"));
    (Place { _alone: alone, _folder: folder }, locks)
}

fn account() -> SpendingAccount {
    let network = Network::Simnet;
    SpendingAccount {
        network,
        account: AccountPath { coin_type: coin_type(network), account: Account::new(0).unwrap() },
    }
}

fn fails(result: Result<Usb, UsbError>) -> UsbError {
    result.err().expect("it fails")
}

#[test]
fn a_session_runs_over_usb() {
    let (_place, locks) = locks();
    let mut wire = Wire::new();
    let usb = Usb::connect(&mut wire, None, &locks).unwrap();
    assert_eq!(usb.app().unwrap().name, "dcrcold simulator");
    assert_eq!(usb.found().to_string(), "/dev/hidraw7 (Nano S Plus, serial number 0001)");
    let first = Session::open(usb).unwrap().account(account(), &mut |_| {}).unwrap();
    // And once more, after it was closed.
    let usb = Usb::connect(&mut wire, Some("/dev/hidraw7"), &locks).unwrap();
    assert_eq!(Session::open(usb).unwrap().account(account(), &mut |_| {}).unwrap(), first);
}

#[test]
fn two_devices_are_named_and_none_is_taken() {
    let (_place, locks) = locks();
    let mut wire = Wire::new();
    wire.found.push(found("/dev/hidraw8"));
    let error = fails(Usb::connect(&mut wire, None, &locks));
    assert_eq!(
        error.to_string(),
        "2 Ledgers are plugged in: /dev/hidraw7 (Nano S Plus, serial number 0001), \
         /dev/hidraw8 (Nano S Plus, serial number 0001)"
    );
    assert_eq!(wire.device.lock().unwrap().opened, 0);
    assert_eq!(Usb::connect(&mut wire, Some("/dev/hidraw8"), &locks).unwrap().found().path, Path::new("/dev/hidraw8"));
}

#[test]
fn silence_ends_and_the_device_stays_taken_until_it_speaks() {
    let (_place, locks) = locks();
    let mut wire = Wire::new();
    let usb = Usb::connect(&mut wire, None, &locks).unwrap().with_patience(|_| SOON);
    // Two greetings, abort, version, and the account that nobody looks at.
    let wake = wire.silent_at(4);
    let mut session = Session::open(usb).unwrap();
    let error = session.account(account(), &mut |_| {}).unwrap_err();
    assert!(matches!(error, DeviceError::Connection(UsbError::Timeout { after: SOON })), "{error:?}");
    // What comes later is no answer to anything.
    let error = session.account(account(), &mut |_| {}).unwrap_err();
    assert!(matches!(error, DeviceError::Connection(UsbError::Unplugged)), "{error:?}");
    drop(session);
    assert!(matches!(fails(Usb::connect(&mut wire, None, &locks)), UsbError::Busy { .. }));
    wake.send(()).unwrap();
    let began = Instant::now();
    let usb = loop {
        match Usb::connect(&mut wire, None, &locks) {
            Err(UsbError::Busy { .. }) if began.elapsed() < Duration::from_secs(60) => thread::sleep(SOON),
            other => break other.unwrap(),
        }
    };
    Session::open(usb).unwrap().account(account(), &mut |_| {}).unwrap();
}

#[test]
fn a_device_unplugged_at_any_command_can_be_used_again() {
    let (_place, locks) = locks();
    let mut wire = Wire::new();
    let mut ran = 0;
    let run = |wire: &mut Wire| -> Result<(), DeviceError<UsbError>> {
        let usb = Usb::connect(wire, None, &locks).map_err(DeviceError::Connection)?;
        Session::open(usb)?.account(account(), &mut |_| {}).map(drop)
    };
    for command in 0..5 {
        wire.device.lock().unwrap().gone_at = Some(command);
        let error = run(&mut wire).unwrap_err();
        assert!(matches!(error, DeviceError::Connection(UsbError::Unplugged)), "{command}: {error:?}");
        wire.plug_in();
        run(&mut wire).unwrap();
        ran += 1;
    }
    println!("unplugged: {ran} cases");
    assert_eq!(ran, 5);
}

#[test]
fn what_another_program_had_asked_for_is_no_answer_to_us() {
    let (_place, locks) = locks();
    let declined = [0x69, 0x85].to_vec();
    let done = [0x90, 0x00].to_vec();
    let approved = [1, 0, 0, 0x90, 0x00].to_vec();
    let cases = [declined, done, approved];
    for late in &cases {
        let mut wire = Wire::new();
        wire.device.lock().unwrap().late = [late.clone()].into();
        let usb = Usb::connect(&mut wire, None, &locks).unwrap();
        assert_eq!(usb.app().unwrap().name, "dcrcold simulator");
        assert_eq!(wire.device.lock().unwrap().opened, 2);
        Session::open(usb).unwrap().account(account(), &mut |_| {}).unwrap();
        // A device that never stops is given up on.
        let mut wire = Wire::new();
        wire.device.lock().unwrap().late = vec![late.clone(); 9].into();
        assert!(matches!(fails(Usb::connect(&mut wire, None, &locks)), UsbError::Stale));
    }
    println!("late replies: {} cases", cases.len());
    assert_eq!(cases.len(), 3);
}

/// Another process with the lock: flock(1), which knows nothing of this program.
struct Other(Child);

impl Other {
    fn holds(file: &Path) -> Self {
        let script = "echo ready; exec sleep 600";
        let mut other = Command::new("flock");
        other.arg("--no-fork").arg(file).args(["sh", "-c", script]).stdout(Stdio::piped());
        let mut other = other.spawn().expect("util-linux is there on every Debian");
        let mut ready = [0; 6];
        std::io::Read::read_exact(other.stdout.as_mut().unwrap(), &mut ready).unwrap();
        Self(other)
    }

    fn dies(mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

fn can_be_locked_by_others(file: &Path) -> bool {
    Command::new("flock").arg("--nonblock").arg(file).arg("true").status().unwrap().success()
}

#[test]
fn one_process_at_a_time_talks_to_a_device() {
    let (_place, locks) = locks();
    let mut wire = Wire::new();
    let file = locks.file(&wire.found[0]);
    let usb = Usb::connect(&mut wire, None, &locks).unwrap();
    assert!(file.ends_with("dev-hidraw7.lock") && !can_be_locked_by_others(&file));
    assert!(matches!(fails(Usb::connect(&mut wire, None, &locks)), UsbError::Busy { .. }));
    drop(usb);
    assert!(can_be_locked_by_others(&file));
    let opened = wire.device.lock().unwrap().opened;
    let other = Other::holds(&file);
    let error = fails(Usb::connect(&mut wire, None, &locks));
    assert_eq!(error.to_string(), "another program talks to the Ledger at /dev/hidraw7");
    assert_eq!(wire.device.lock().unwrap().opened, opened, "a device that is taken is not even opened");
    // Another device is another lock.
    wire.found = vec![found("/dev/hidraw8")];
    drop(Usb::connect(&mut wire, None, &locks).unwrap());
    wire.found = vec![found("/dev/hidraw7")];
    other.dies();
    Usb::connect(&mut wire, None, &locks).unwrap();
}

#[test]
fn a_lock_folder_that_others_can_write_to_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let run = folder.path().join("run");
    fs::create_dir(&run).unwrap();
    fs::set_permissions(&run, Permissions::from_mode(0o777)).unwrap();
    let link = folder.path().join("link");
    std::os::unix::fs::symlink(folder.path(), &link).unwrap();
    for place in [run, link] {
        let error = fails(Usb::connect(&mut Wire::new(), None, &LockFolder::new(place.clone())));
        let text = error.to_string();
        assert_eq!(text, format!("cannot lock {}: it is not a folder of this user alone", place.display()));
    }
}

/// The transport hands every report to `log`. Here a logger that keeps everything gets nothing, in any build.
#[test]
fn nothing_that_passes_reaches_a_log() {
    struct Keeps;
    impl log::Log for Keeps {
        fn enabled(&self, _: &log::Metadata<'_>) -> bool {
            true
        }
        fn log(&self, record: &log::Record<'_>) {
            panic!("logged: {}", record.args());
        }
        fn flush(&self) {}
    }
    log::set_logger(&Keeps).unwrap();
    log::set_max_level(log::LevelFilter::Trace);
    log::info!("what the transport would say");
    assert_eq!(log::STATIC_MAX_LEVEL, log::LevelFilter::Off);
}
