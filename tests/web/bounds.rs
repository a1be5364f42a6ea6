//! What a client may take: bytes, time, places. None of it stops the server or keeps others out for long.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::server::{Answer, Server, message, rest};

/// Clients that are served at once.
const PLACES: usize = 24;

fn is_alive(server: &Server) {
    assert_eq!(server.ask("GET", "/api/wallet", b"").status, 200);
}

#[test]
fn garbage_is_answered_or_dropped_and_nothing_else_happens() {
    let server = Server::start();
    let good = message("GET", "/api/wallet", b"", server.lines());
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut roll = |sides: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state >> 33).unwrap() % sides
    };
    let (mut answered, mut cases) = (0, 0);
    for round in 0..600 {
        let mut bytes = match round % 3 {
            0 => (0..roll(400)).map(|_| u8::try_from(roll(256)).unwrap()).collect(),
            1 => good[..roll(good.len())].to_vec(),
            _ => {
                let mut bytes = good.clone();
                for _ in 0..=roll(4) {
                    let place = roll(bytes.len());
                    bytes[place] = u8::try_from(roll(256)).unwrap();
                }
                bytes
            }
        };
        // Ends what would be waited for.
        bytes.extend(b"\r\n\r\n");
        let mut stream = server.connect();
        let _ = stream.write_all(&bytes);
        let _ = stream.shutdown(std::net::Shutdown::Write);
        let answer = rest(&mut stream);
        answered += usize::from(!answer.is_empty());
        assert!(answer.is_empty() || answer.starts_with(b"HTTP/1.1 "), "{bytes:?}");
        cases += 1;
    }
    is_alive(&server);
    println!("garbage: {cases} cases, {answered} answered");
    assert!(cases == 600 && answered > 300);
}

#[test]
fn lengths_have_an_end() {
    let server = Server::start();
    let host = server.address;
    let cases = [
        (format!("GET /{} HTTP/1.1\r\n", "a".repeat(9_000)), 431),
        (format!("GET / HTTP/1.1\r\nHost: {host}\r\nX: {}", "a".repeat(9_000)), 431),
        (format!("GET / HTTP/1.1\r\n{}\r\n", "a: b\r\n".repeat(60)), 431),
        (post(&server, "/api/submit", "257"), 413),
        (post(&server, "/api/scan/picture", "921605"), 413),
        (post(&server, "/api/scan/picture", "999999999"), 413),
        (post(&server, "/api/scan/picture", "18446744073709551616"), 400),
        (post(&server, "/api/submit", "-1"), 400),
        (
            format!(
                "GET /api/wallet HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {}\r\nContent-Length: 1\r\n\r\n",
                server.secret
            ),
            413,
        ),
        (format!("POST /api/sync HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding: chunked\r\n\r\n"), 411),
    ];
    for (text, status) in &cases {
        assert_eq!(Answer::parse(&server.send(text.as_bytes())).status, *status, "{}", &text[..40]);
    }
    is_alive(&server);
    println!("lengths: {} cases", cases.len());
    assert_eq!(cases.len(), 10);
}

/// A head that claims a length.
fn post(server: &Server, path: &str, length: &str) -> String {
    let text = String::from_utf8(message("POST", path, b"", server.lines())).unwrap();
    text.replace("Content-Length: 0", &format!("Content-Length: {length}"))
}

#[test]
fn a_refused_body_is_not_waited_for_and_the_refusal_arrives() {
    let server = Server::start();
    let mut lines = server.lines();
    lines.retain(|(name, _)| *name != "Authorization");
    let body = vec![7; 900_000];
    let answer = Answer::parse(&server.send(&message("POST", "/api/scan/picture", &body, lines)));
    assert_eq!((answer.status, answer.line("Connection")), (401, Some("close")));
}

#[test]
fn several_requests_in_one_connection_are_answered_in_order() {
    let server = Server::start();
    let one = |path: &str| String::from_utf8(message("GET", path, b"", server.lines())).unwrap();
    let stays = |path: &str| one(path).replace("Connection: close\r\n", "");
    let all = [stays("/api/scan"), stays("/api/wallet"), one("/api/requests")].concat();
    let text = String::from_utf8(server.send(all.as_bytes())).unwrap();
    let found: Vec<_> = text.split("HTTP/1.1 ").skip(1).map(|part| part.rsplit("\r\n\r\n").next().unwrap()).collect();
    assert_eq!(found.len(), 3);
    assert!(found[0].contains("needed") && found[1].contains("simnet") && found[2].starts_with('['), "{found:?}");
}

/// Sends one byte after the other until the server has enough, and says after how long that was.
fn drip(mut stream: TcpStream) -> (Duration, Vec<u8>) {
    let begun = Instant::now();
    stream.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
    let mut answer = Vec::new();
    loop {
        let mut part = [0; 4096];
        match stream.read(&mut part) {
            Ok(0) => break,
            Ok(length) => answer.extend(&part[..length]),
            Err(error) if matches!(error.kind(), std::io::ErrorKind::WouldBlock) => {}
            Err(_) => break,
        }
        if stream.write_all(b"a").is_err() {
            break;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "a dripping client is kept");
    }
    (begun.elapsed(), answer)
}

#[test]
fn clients_that_drip_are_given_up() {
    let server = Server::start();
    let begun = |bytes: &str| {
        let mut stream = server.connect();
        stream.write_all(bytes.as_bytes()).unwrap();
        stream
    };
    let (in_head, of_head) = drip(begun("GET /"));
    let (in_body, of_body) = drip(begun(&post(&server, "/api/scan/picture", "900000")));
    println!("dripping clients: 2 cases, given up after {} and {} ms", in_head.as_millis(), in_body.as_millis());
    assert_eq!(Answer::parse(&of_head).status, 408);
    assert_eq!(Answer::parse(&of_body).status, 408);
    is_alive(&server);
}

#[test]
fn places_are_limited_and_come_back() {
    let server = Server::start();
    // Clients are taken in the order in which they come.
    let held: Vec<_> = (0..PLACES).map(|_| server.connect()).collect();
    let turned_away = Answer::parse(&rest(&mut server.connect()));
    assert_eq!(turned_away.status, 503);
    drop(held);
    let until = Instant::now() + Duration::from_secs(20);
    while server.ask("GET", "/api/wallet", b"").status != 200 {
        assert!(Instant::now() < until, "the places do not come back");
    }
    println!("places: {PLACES} held, one more turned away");
}

#[test]
fn a_server_that_nobody_asks_ends() {
    use dcrcold::web::Ended;
    let server = Server::with_idle(Duration::from_secs(3));
    std::thread::sleep(Duration::from_secs(1));
    is_alive(&server);
    let since = Instant::now();
    // Those without the link keep nothing alive.
    while since.elapsed() < Duration::from_secs(2) {
        server.ask_with("GET", "/", b"", server.lines());
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(server.end(), Ended::Idle);
}
