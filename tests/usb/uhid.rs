//! A Ledger that the kernel makes up (uhid): the whole way through hidraw, hidapi and the transport's framing, with
//! nothing replaced but the plastic. Source: Linux `include/uapi/linux/uhid.h`.

use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;
use std::sync::mpsc::{Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use dcrcold::usb::{Bus, HidBus, LockFolder, Usb, UsbError};
use dcrcold_signer::device::{Apdu, DeviceError, Exchange, Session};
use dcrcold_simulator::{Person, Script, Simulator, TestSeed};

use crate::{account, locks};

const NODE: &str = "/dev/uhid";
const DESTROY: u32 = 1;
const OPEN: u32 = 4;
const OUTPUT: u32 = 6;
const CREATE2: u32 = 11;
const INPUT2: u32 = 12;
const LARGEST_DATA: usize = 4096;
/// Where the size of an output report stands, after type and data.
const OUTPUT_SIZE: usize = 4 + LARGEST_DATA;
/// The descriptor of a Ledger: vendor page ffa0, reports of 64 bytes both ways.
const DESCRIPTOR: [u8; 34] = [
    0x06, 0xa0, 0xff, 0x09, 0x01, 0xa1, 0x01, 0x09, 0x03, 0x15, 0x00, 0x26, 0xff, 0x00, 0x75, 0x08, 0x95, 0x40, 0x81,
    0x08, 0x09, 0x04, 0x15, 0x00, 0x26, 0xff, 0x00, 0x75, 0x08, 0x95, 0x40, 0x91, 0x08, 0xc0,
];
const USB: u16 = 3;
const LEDGER: u32 = 0x2c97;
const MODEL: u32 = 0x5011;
const REPORT: usize = 64;

/// What a test does to the device.
enum Cue {
    /// Says something by itself when it is opened next.
    Blurts(Vec<u8>),
    /// The plug is pulled when the next command was read.
    Unplug,
    /// The plug is pulled now.
    Gone,
}

/// A device in the kernel, and the thread that is its firmware.
struct Plugged {
    cues: Sender<Cue>,
    firmware: Option<JoinHandle<()>>,
}

impl Plugged {
    fn new(serial: &str) -> Self {
        let mut node = File::options().read(true).write(true).open(NODE).unwrap();
        node.write_all(&create(serial)).unwrap();
        let (cues, heard) = channel();
        let mut reader = node.try_clone().unwrap();
        let (events, arrived) = channel();
        thread::spawn(move || {
            let mut event = vec![0; 4 + 4376];
            while let Ok(read) = reader.read(&mut event) {
                if events.send(event[..read].to_vec()).is_err() {
                    break;
                }
            }
        });
        let firmware = thread::spawn(move || {
            let mut simulator =
                Simulator::new(&TestSeed::named("abandon").unwrap(), Person::new(Script::approve())).unwrap();
            let (mut command, mut blurts, mut unplug) = (Vec::new(), None, false);
            loop {
                match heard.try_recv() {
                    Ok(Cue::Blurts(reply)) => blurts = Some(reply),
                    Ok(Cue::Unplug) => unplug = true,
                    Ok(Cue::Gone) => break,
                    Err(_) => {}
                }
                let Ok(event) = arrived.recv_timeout(Duration::from_millis(20)) else { continue };
                match u32::from_ne_bytes(event[..4].try_into().unwrap()) {
                    OPEN => {
                        if let Some(reply) = blurts.take() {
                            say(&mut node, &reply);
                        }
                    }
                    OUTPUT => {
                        let size = usize::from(u16::from_ne_bytes(event[OUTPUT_SIZE..][..2].try_into().unwrap()));
                        // The number of the report stands in front of it.
                        let report = &event[4..4 + size][size - REPORT..];
                        if let Some(whole) = collect(&mut command, report) {
                            if unplug {
                                break;
                            }
                            say(&mut node, simulator.answer(&whole).as_bytes());
                        }
                    }
                    _ => {}
                }
            }
            let mut destroy = vec![0; 4];
            destroy.copy_from_slice(&DESTROY.to_ne_bytes());
            node.write_all(&destroy).unwrap();
        });
        Self { cues, firmware: Some(firmware) }
    }

    fn cue(&self, cue: Cue) {
        self.cues.send(cue).unwrap();
        thread::sleep(Duration::from_millis(60));
    }
}

impl Drop for Plugged {
    fn drop(&mut self) {
        let _ = self.cues.send(Cue::Gone);
        let _ = self.firmware.take().map(JoinHandle::join);
    }
}

fn create(serial: &str) -> Vec<u8> {
    let mut event = CREATE2.to_ne_bytes().to_vec();
    for (text, length) in [("Ledger Nano S Plus", 128), ("dcrcold/test", 64), (serial, 64)] {
        let mut field = text.as_bytes().to_vec();
        field.resize(length, 0);
        event.extend(field);
    }
    event.extend(u16::try_from(DESCRIPTOR.len()).unwrap().to_ne_bytes());
    event.extend(USB.to_ne_bytes());
    for number in [LEDGER, MODEL, 0, 0] {
        event.extend(number.to_ne_bytes());
    }
    event.extend(DESCRIPTOR);
    event.resize(4 + 128 + 64 + 64 + 4 + 16 + LARGEST_DATA, 0);
    event
}

/// Puts reports together: channel, tag, number, and in the first one the length.
fn collect(command: &mut Vec<u8>, report: &[u8]) -> Option<Vec<u8>> {
    assert_eq!(report[..3], [1, 1, 5]);
    if report[3..5] == [0, 0] {
        command.clear();
    }
    command.extend(&report[5..]);
    let length = usize::from(u16::from_be_bytes(command[..2].try_into().unwrap()));
    (command.len() >= 2 + length).then(|| std::mem::take(command)[2..2 + length].to_vec())
}

fn say(node: &mut File, reply: &[u8]) {
    let length = u16::try_from(reply.len()).unwrap().to_be_bytes();
    let all = [&length[..], reply].concat();
    for (number, piece) in (0_u16..).zip(all.chunks(REPORT - 5)) {
        let mut report = [&[1, 1, 5][..], &number.to_be_bytes(), piece].concat();
        report.resize(REPORT, 0);
        let mut event = INPUT2.to_ne_bytes().to_vec();
        event.extend(u16::try_from(REPORT).unwrap().to_ne_bytes());
        event.extend(report);
        node.write_all(&event).unwrap();
    }
}

/// Until there are so many devices.
fn wait_for(count: usize) -> HidBus {
    let began = Instant::now();
    loop {
        let mut bus = HidBus::new().unwrap();
        let found = bus.devices().unwrap();
        let there = found.iter().filter(|found| found.path.exists()).count();
        if there == count && found.len() == count {
            return bus;
        }
        assert!(began.elapsed() < Duration::from_secs(20), "{found:?}");
        thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_ledger_of_the_kernel_is_used_like_one_of_plastic() {
    if File::options().read(true).write(true).open(NODE).is_err() {
        println!("skipped: {NODE} not usable, for usb::a_ledger_of_the_kernel_is_used_like_one_of_plastic");
        return;
    }
    let (_place, locks) = locks();
    assert!(matches!(Usb::connect(&mut wait_for(0), None, &locks), Err(UsbError::NoDevice)));
    let first = Plugged::new("0001");
    let mut bus = wait_for(1);
    let usb = Usb::connect(&mut bus, Some("0001"), &locks).unwrap();
    assert!(usb.found().path.starts_with("/dev"));
    assert_eq!(usb.found().product.as_deref(), Some("Ledger Nano S Plus"));
    assert_eq!(usb.app().unwrap().name, "dcrcold simulator");
    let known = Session::open(usb).unwrap().account(account(), &mut |_| {}).unwrap();
    long_ones_arrive(&mut bus, &locks);
    late_ones_do_not(&first, &mut bus, &locks, known.key.key().to_bytes());
    two_are_told_apart(&locks);
    an_unplugged_one_is_noticed(first, &locks);
    println!("a Ledger of the kernel: 5 cases");
}

/// Commands and replies of several reports: everything from 0 to the longest.
fn long_ones_arrive(bus: &mut HidBus, locks: &LockFolder) {
    let mut usb = Usb::connect(bus, None, locks).unwrap();
    for length in [0, 1, 51, 52, 53, 110, 111, 112, 200, 255] {
        let head = [0xdc, 77, 0, 0, u8::try_from(length).unwrap()];
        let command = Apdu::from_bytes(&[&head[..], &vec![7; length]].concat()).unwrap();
        let reply = usb.exchange(&command).unwrap();
        assert_eq!(reply.as_bytes(), [0x6d, 0], "{length}");
    }
}

/// What it has to say when it is opened is thrown away.
fn late_ones_do_not(device: &Plugged, bus: &mut HidBus, locks: &LockFolder, key: [u8; 33]) {
    for late in [vec![0x69, 0x85], vec![0x90, 0x00], vec![1; 200]] {
        device.cue(Cue::Blurts(late));
        let usb = Usb::connect(bus, None, locks).unwrap();
        let account = Session::open(usb).unwrap().account(account(), &mut |_| {}).unwrap();
        assert_eq!(account.key.key().to_bytes(), key);
    }
}

fn two_are_told_apart(locks: &LockFolder) {
    let second = Plugged::new("0002");
    let mut bus = wait_for(2);
    assert!(matches!(Usb::connect(&mut bus, None, locks), Err(UsbError::Several { found }) if found.len() == 2));
    let usb = Usb::connect(&mut bus, Some("0002"), locks).unwrap();
    let path = usb.found().path.clone();
    assert!(matches!(Usb::connect(&mut bus, path.to_str(), locks), Err(UsbError::Busy { .. })));
    drop(usb);
    assert_eq!(Usb::connect(&mut bus, path.to_str(), locks).unwrap().found().serial.as_deref(), Some("0002"));
    drop(second);
    wait_for(1);
    assert!(!Path::new(&path).exists());
}

fn an_unplugged_one_is_noticed(device: Plugged, locks: &LockFolder) {
    let mut bus = wait_for(1);
    let usb = Usb::connect(&mut bus, None, locks).unwrap();
    let mut session = Session::open(usb).unwrap();
    device.cue(Cue::Unplug);
    let error = session.account(account(), &mut |_| {}).unwrap_err();
    assert!(matches!(error, DeviceError::Connection(UsbError::Unplugged)), "{error:?}");
    drop(session);
    drop(device);
    let _again = Plugged::new("0001");
    let usb = Usb::connect(&mut wait_for(1), None, locks).unwrap();
    Session::open(usb).unwrap().account(account(), &mut |_| {}).unwrap();
}
