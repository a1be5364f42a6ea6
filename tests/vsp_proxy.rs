//! Over a SOCKS5 proxy: names are told to it and looked up by nobody else; an onion service is asked in no other way.
#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread;
use std::time::Duration;

use dcrcold::vsp_client::{HttpSettings, VspClient, VspError};

fn settings() -> HttpSettings {
    let patience = Duration::from_secs(5);
    HttpSettings { connect: patience, whole: patience, ..HttpSettings::default() }
}

#[test]
fn the_proxy_is_told_names_and_looks_them_up() {
    let names = [("http://abcdefghij.onion", "abcdefghij.onion", 80_u16), ("vsp.invalid", "vsp.invalid", 443)];
    for (address, host, port) in names {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let proxy = Some(listener.local_addr().unwrap());
        let server = thread::spawn(move || {
            let (mut client, _) = listener.accept().unwrap();
            let mut greeting = [0; 2];
            client.read_exact(&mut greeting).unwrap();
            client.read_exact(&mut vec![0; greeting[1].into()]).unwrap();
            client.write_all(&[5, 0]).unwrap();
            let mut asked = [0; 5];
            client.read_exact(&mut asked).unwrap();
            // Version 5, connect, reserved, a name, and its length.
            assert_eq!(asked[..4], [5, 1, 0, 3]);
            let mut name = vec![0; asked[4].into()];
            client.read_exact(&mut name).unwrap();
            let mut port = [0; 2];
            client.read_exact(&mut port).unwrap();
            client.write_all(&[5, 4, 0, 1, 0, 0, 0, 0, 0, 0]).unwrap();
            (String::from_utf8(name).unwrap(), u16::from_be_bytes(port))
        });
        let client = VspClient::new(address.parse().unwrap(), None, &HttpSettings { proxy, ..settings() });
        let error = client.info().unwrap_err();
        assert!(matches!(error, VspError::Unreachable { .. }), "{error}");
        assert_eq!(server.join().unwrap(), (host.to_owned(), port));
    }
    println!("names told to a proxy: {}", names.len());
}

#[test]
fn an_onion_service_is_not_looked_up_without_a_proxy() {
    let client = VspClient::new("http://abcdefghij.onion".parse().unwrap(), None, &settings());
    let error = client.info().unwrap_err();
    assert_eq!(error.to_string(), "http://abcdefghij.onion is an onion service, which only a Tor proxy reaches");
    assert!(!error.is_temporary());
}
