//! A SOCKS5 proxy that notes who asked for what.

use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// A way to behave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    /// As Tor does: it prefers a login.
    Login,
    /// As `ssh -D` does: it knows no login.
    NoLogin,
    /// None of the logins is good enough.
    NoMethod,
    /// The login is refused.
    WrongLogin,
    /// The connection is refused.
    Refuses,
    /// Another protocol.
    Http,
    /// It hangs up.
    HangsUp,
}

#[derive(Default)]
struct Noted {
    /// Login and target of each connection.
    targets: Vec<(Option<String>, String)>,
}

pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    noted: Arc<Mutex<Noted>>,
}

impl Proxy {
    /// `names` are the only ones that it finds.
    pub(crate) fn start(manner: Manner, names: HashMap<String, SocketAddr>) -> Self {
        Self::on(TcpListener::bind("127.0.0.1:0").unwrap(), manner, names)
    }

    /// The same where somebody listens already.
    pub(crate) fn on(listener: TcpListener, manner: Manner, names: HashMap<String, SocketAddr>) -> Self {
        let address = listener.local_addr().unwrap();
        let noted = Arc::<Mutex<Noted>>::default();
        let notes = Arc::clone(&noted);
        // Ends with the test.
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (notes, names) = (Arc::clone(&notes), names.clone());
                thread::spawn(move || serve(stream.unwrap(), manner, &names, &notes));
            }
        });
        Self { address, noted }
    }

    /// Login and target of each connection.
    pub(crate) fn targets(&self) -> Vec<(Option<String>, String)> {
        self.noted.lock().unwrap().targets.clone()
    }
}

fn serve(stream: TcpStream, manner: Manner, names: &HashMap<String, SocketAddr>, noted: &Mutex<Noted>) {
    // Whether the client stays is its own affair.
    if let Ok(Some((stream, target))) = agree(stream, manner, names, noted) {
        let target = TcpStream::connect(target).unwrap();
        let (back, forth) = (target.try_clone().unwrap(), stream.try_clone().unwrap());
        thread::spawn(move || carry(back, stream));
        carry(forth, target);
    }
}

fn carry(mut from: TcpStream, mut to: TcpStream) {
    let _ = std::io::copy(&mut from, &mut to);
    let _ = to.shutdown(std::net::Shutdown::Both);
}

fn agree(
    mut stream: TcpStream,
    manner: Manner,
    names: &HashMap<String, SocketAddr>,
    noted: &Mutex<Noted>,
) -> std::io::Result<Option<(TcpStream, SocketAddr)>> {
    let [version, count] = bytes(&mut stream)?;
    assert_eq!(version, 5);
    let mut methods = vec![0; count.into()];
    stream.read_exact(&mut methods)?;
    let login = match manner {
        Manner::HangsUp => return Ok(None),
        Manner::Http => return stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").map(|()| None),
        Manner::NoMethod => return stream.write_all(&[5, 255]).map(|()| None),
        Manner::NoLogin => false,
        Manner::Login | Manner::WrongLogin | Manner::Refuses => methods.contains(&2),
    };
    stream.write_all(&[5, if login { 2 } else { 0 }])?;
    let user = if login { Some(log_in(&mut stream, manner)?) } else { None };
    if manner == Manner::WrongLogin {
        return Ok(None);
    }
    let (name, address) = target(&mut stream, names)?;
    noted.lock().unwrap().targets.push((user, name));
    let code = if manner == Manner::Refuses { 5 } else { 0 };
    stream.write_all(&[5, code, 0, 1, 0, 0, 0, 0, 0, 0])?;
    Ok(address.filter(|_| code == 0).map(|address| (stream, address)))
}

fn log_in(stream: &mut TcpStream, manner: Manner) -> std::io::Result<String> {
    let [version, length] = bytes(stream)?;
    assert_eq!(version, 1);
    let mut user = vec![0; length.into()];
    stream.read_exact(&mut user)?;
    let [length] = bytes(stream)?;
    stream.read_exact(&mut vec![0; length.into()])?;
    stream.write_all(&[1, u8::from(manner == Manner::WrongLogin)])?;
    Ok(String::from_utf8(user).unwrap())
}

/// What the client wants to be connected to, and where that is.
fn target(
    stream: &mut TcpStream,
    names: &HashMap<String, SocketAddr>,
) -> std::io::Result<(String, Option<SocketAddr>)> {
    let [version, command, _, kind] = bytes(stream)?;
    assert_eq!((version, command), (5, 1));
    if kind == 1 {
        let [a, b, c, d, high, low] = bytes(stream)?;
        let address = SocketAddr::from((Ipv4Addr::new(a, b, c, d), u16::from_be_bytes([high, low])));
        return Ok((address.to_string(), Some(address)));
    }
    assert_eq!(kind, 3);
    let [length] = bytes(stream)?;
    let mut name = vec![0; length.into()];
    stream.read_exact(&mut name)?;
    let _port: [u8; 2] = bytes(stream)?;
    let name = String::from_utf8(name).unwrap();
    let address = names.get(&name).copied();
    Ok((name, address))
}

fn bytes<const N: usize>(stream: &mut TcpStream) -> std::io::Result<[u8; N]> {
    let mut bytes = [0; N];
    stream.read_exact(&mut bytes)?;
    Ok(bytes)
}
