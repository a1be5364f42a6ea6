//! The connection: a device that drips, floods, says too much, or nothing.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use dcrcold::device_tcp::{DeviceTcp, LinkError};
use dcrcold_core::apdu::Command;
use dcrcold_signer::device::{Apdu, DeviceError, Exchange, Session};

/// A device that does so with its one connection.
fn device(acts: impl FnOnce(TcpStream) + Send + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || acts(listener.accept().unwrap().0));
    address
}

/// Waits for the first command, five bytes after their length.
fn command(stream: &mut TcpStream) {
    stream.read_exact(&mut [0; 9]).unwrap();
}

fn short(_: &Apdu) -> Duration {
    Duration::from_millis(300)
}

fn first_failure(address: SocketAddr) -> (LinkError, DeviceTcp) {
    let mut link = DeviceTcp::connect(address).unwrap().with_patience(short);
    let error = link.exchange(&Command::Abort.write()).unwrap_err();
    (error, link)
}

/// After a failure nothing is sent any more: the next reply could be that of another command.
fn is_over(mut link: DeviceTcp) {
    assert!(matches!(link.exchange(&Command::Abort.write()), Err(LinkError::Lost)));
}

#[test]
fn a_device_that_says_nothing_is_given_up() {
    let (error, link) = first_failure(device(|mut stream| {
        command(&mut stream);
        thread::sleep(Duration::from_secs(5));
    }));
    assert!(matches!(error, LinkError::Timeout { after } if after == Duration::from_millis(300)), "{error}");
    is_over(link);
}

#[test]
fn a_reply_that_drips_is_given_up_at_the_same_time() {
    let started = Instant::now();
    let (error, link) = first_failure(device(|mut stream| {
        command(&mut stream);
        stream.write_all(&[0, 0, 0, 200]).unwrap();
        while stream.write_all(&[7]).is_ok() {
            thread::sleep(Duration::from_millis(50));
        }
    }));
    assert!(matches!(error, LinkError::Timeout { .. }), "{error}");
    // 200 bytes would have taken ten seconds.
    assert!(started.elapsed() < Duration::from_secs(5));
    is_over(link);
}

#[test]
fn a_reply_without_end_is_not_read() {
    let (error, link) = first_failure(device(|mut stream| {
        command(&mut stream);
        stream.write_all(&u32::MAX.to_be_bytes()).unwrap();
        while stream.write_all(&[7; 4096]).is_ok() {}
    }));
    assert!(matches!(error, LinkError::TooLong { found: u32::MAX }), "{error}");
    is_over(link);
}

#[test]
fn a_reply_one_byte_too_long_is_not_read() {
    let (error, link) = first_failure(device(|mut stream| {
        command(&mut stream);
        stream.write_all(&[0, 0, 1, 0]).unwrap();
        thread::sleep(Duration::from_secs(5));
    }));
    assert!(matches!(error, LinkError::TooLong { found: 256 }), "{error}");
    is_over(link);
}

#[test]
fn a_reply_that_nobody_asked_for_is_no_reply_to_the_next_command() {
    let address = device(|mut stream| {
        command(&mut stream);
        // Two at once: the second one would be taken for the reply to `version`.
        stream.write_all(&[0, 0, 0, 0, 0x90, 0, 0, 0, 0, 0, 0x90, 0]).unwrap();
        thread::sleep(Duration::from_secs(5));
    });
    let failure = Session::open(DeviceTcp::connect(address).unwrap().with_patience(short)).err().unwrap();
    assert!(matches!(failure, DeviceError::Connection(LinkError::Unasked)), "{failure}");
}

#[test]
fn a_reply_cut_off_is_a_lost_device() {
    for reply in [&[][..], &[0, 0], &[0, 0, 0, 2, 7], &[0, 0, 0, 0, 0x90]] {
        let (error, link) = first_failure(device(move |mut stream| {
            command(&mut stream);
            stream.write_all(reply).unwrap();
        }));
        assert!(matches!(error, LinkError::Lost), "{error}");
        is_over(link);
    }
    println!("replies cut off: 4 cases");
}
