//! The framing on a socket, and clients that do not keep to it.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at what it did not expect"
)]

mod support;

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use dcrcold_core::apdu::{Apdu, Command, Exchange, Failure, Reply, Status};
use dcrcold_simulator::{Answer, Person, Script, ServeError, Server, Simulator, TestSeed};
use support::{SEED, Trip, send};

/// Longer than any of these tests takes, so that one that hangs fails.
const PATIENCE: Duration = Duration::from_secs(60);

struct Client(TcpStream);

impl Client {
    fn to(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        Self(stream)
    }

    fn framed(command: &[u8]) -> Vec<u8> {
        [&u32::try_from(command.len()).unwrap().to_be_bytes(), command].concat()
    }

    fn reply(&mut self) -> io::Result<Vec<u8>> {
        let mut length = [0; 4];
        self.0.read_exact(&mut length)?;
        let mut reply = vec![0; u32::from_be_bytes(length) as usize + 2];
        self.0.read_exact(&mut reply)?;
        Ok(reply)
    }

    fn is_cut_off(&mut self) -> bool {
        match self.0.read(&mut [0]) {
            Ok(length) => length == 0,
            Err(error) => error.kind() == io::ErrorKind::ConnectionReset,
        }
    }
}

impl Exchange for Client {
    type Error = io::Error;

    fn exchange(&mut self, command: &Apdu) -> io::Result<Reply> {
        self.0.write_all(&Self::framed(command.as_bytes()))?;
        Ok(Reply::from_bytes(&self.reply()?).unwrap())
    }
}

/// A device for so many clients.
fn served(script: Script, clients: usize) -> (SocketAddr, JoinHandle<Simulator<Person>>) {
    let server = Server::bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = server.address().unwrap();
    let device = thread::spawn(move || {
        let mut device = Simulator::new(&TestSeed::named(SEED).unwrap(), Person::new(script)).unwrap();
        (0..clients).for_each(|_| server.serve_one(&mut device).unwrap());
        device
    });
    (address, device)
}

#[test]
fn a_whole_purchase_goes_over_the_wire() {
    let trip = Trip::named("twenty tickets");
    let (address, device) = served(Script::approve(), 1);
    let mut client = Client::to(address);
    trip.name_voter(&mut client);
    trip.stream(&mut client).unwrap();
    assert_eq!(trip.answer(&mut client).unwrap(), trip.answer_of_the_signer());
    drop(client);
    assert!(!device.join().unwrap().user().shown().is_empty());
}

#[test]
fn bytes_come_in_any_pieces() {
    let (address, device) = served(Script::approve(), 1);
    let mut client = Client::to(address);
    client.0.set_nodelay(true).unwrap();
    let version = Client::framed(Command::Version.write().as_bytes());
    for byte in &version {
        client.0.write_all(&[*byte]).unwrap();
        thread::sleep(Duration::from_millis(2));
    }
    let expected = [1, 0, 24, 0, 20, 0, 3, 0b110, 255, 0x90, 0];
    assert_eq!(client.reply().unwrap(), expected);
    // Several in one piece, and half of the next one with them.
    client.0.write_all(&[&version[..], &version, &version[..3]].concat()).unwrap();
    assert_eq!((client.reply().unwrap(), client.reply().unwrap()), (expected.to_vec(), expected.to_vec()));
    client.0.write_all(&version[3..]).unwrap();
    assert_eq!(client.reply().unwrap(), expected);
    drop(client);
    device.join().unwrap();
}

#[test]
fn what_is_no_command_is_answered_and_what_is_too_long_is_cut_off() {
    let bad = [vec![], vec![0xdc], vec![0xe0, 0, 0, 0, 0], vec![0; 260], vec![0xdc, 99, 0, 0, 0]];
    let too_long = [261_u32, 65_536, u32::MAX];
    let (address, device) = served(Script::approve(), 1 + too_long.len());
    let mut client = Client::to(address);
    for command in &bad {
        client.0.write_all(&Client::framed(command)).unwrap();
        let status = client.reply().unwrap();
        assert!([[0x67, 0], [0x6d, 0], [0x6e, 0]].contains(&status[..].try_into().unwrap()), "{command:02x?}");
    }
    drop(client);
    for length in too_long {
        let mut client = Client::to(address);
        client.0.write_all(&length.to_be_bytes()).unwrap();
        assert!(client.is_cut_off(), "{length}");
    }
    device.join().unwrap();
    println!("framing: {} bad commands, {} too long", bad.len(), too_long.len());
}

#[test]
fn the_operating_system_names_the_app() {
    let (address, device) = served(Script::approve(), 1);
    let mut client = Client::to(address);
    client.0.write_all(&Client::framed(&[0xb0, 1, 0, 0, 0])).unwrap();
    let expected = [&[1, 17][..], b"dcrcold simulator", &[5], b"0.1.0", &[1, 0, 0x90, 0]].concat();
    assert_eq!(client.reply().unwrap(), expected);
    drop(client);
    device.join().unwrap();
}

#[test]
fn a_second_client_waits_until_the_first_has_gone() {
    let (address, device) = served(Script::approve(), 2);
    let mut first = Client::to(address);
    send(&mut first, &Command::Version).unwrap();
    let mut second = Client::to(address);
    second.0.write_all(&Client::framed(Command::Version.write().as_bytes())).unwrap();
    second.0.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
    assert!(second.reply().is_err(), "the first one is connected");
    send(&mut first, &Command::Version).unwrap();
    drop(first);
    second.0.set_read_timeout(Some(PATIENCE)).unwrap();
    assert_eq!(second.reply().unwrap().len(), 9 + 2);
    drop(second);
    device.join().unwrap();
}

#[test]
fn a_client_that_vanishes_in_mid_review_leaves_a_device_that_works() {
    let trip = Trip::named("two outputs");
    let pause = Duration::from_millis(200);
    let (address, device) = served(Script::of([Answer::approve().wait(2, pause)]), 3);
    let mut client = Client::to(address);
    trip.stream(&mut client).unwrap();
    let gone = Instant::now();
    client.0.write_all(&Client::framed(Command::Approve(trip.id).write().as_bytes())).unwrap();
    drop(client);
    // The next one is served when the person has decided. It begins as every session does, and nothing is left.
    let mut client = Client::to(address);
    assert_eq!(send(&mut client, &Command::Abort), Ok(vec![]));
    assert!(gone.elapsed() >= pause);
    assert_eq!(send(&mut client, &Command::Signature(0)), Err(Failure::Status(Status::OutOfOrder)));
    // In mid-command, too.
    client.0.write_all(&Client::framed(&trip.request)[..7]).unwrap();
    drop(client);
    let mut client = Client::to(address);
    trip.stream(&mut client).unwrap();
    assert_eq!(trip.answer(&mut client).unwrap(), trip.answer_of_the_signer());
    drop(client);
    device.join().unwrap();
}

#[test]
fn only_this_machine_can_connect() {
    for address in ["0.0.0.0:0", "192.0.2.1:0", "[::]:0", "[2001:db8::1]:0"] {
        let address: SocketAddr = address.parse().unwrap();
        assert!(matches!(Server::bind(address), Err(ServeError::NotLoopback(refused)) if refused == address));
    }
    let server = Server::bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let taken = server.address().unwrap();
    assert!(matches!(Server::bind(taken), Err(ServeError::Listen { address, .. }) if address == taken));
}
