//! Codes out of the page and into it: what is shown is read by the reader, what is scanned is told as what it is.

use std::time::Instant;

use dcrcold_core::net::Network;
use dcrcold_signer::qr::{Assembly, Density, Frame, Picture, Stream};
use dcrcold_signer::scan::image::Luma;
use dcrcold_signer::scan::reader::Reader;
use dcrcold_signer::transfer::{Container, Kind};
use serde_json::Value;

use crate::server::{Server, transfer};

const WIDTH: usize = 1280;
const HEIGHT: usize = 720;
/// Symbols of one transfer that the test shows at most.
const ENOUGH: usize = 400;

/// Modules as a picture of a camera, that fill most of it.
fn photograph(side: usize, is_dark: impl Fn(usize, usize) -> bool) -> Vec<u8> {
    let (scale, zone) = (HEIGHT / (side + 8), 4);
    let left = (WIDTH - side * scale) / 2;
    let mut pixels = vec![60; WIDTH * HEIGHT];
    for y in 0..(side + 2 * zone) * scale {
        for x in 0..(side + 2 * zone) * scale {
            let (column, row) = (x / scale, y / scale);
            let inside = (zone..zone + side).contains(&column) && (zone..zone + side).contains(&row);
            let dark = inside && is_dark(column - zone, row - zone);
            pixels[y * WIDTH + x + left - zone * scale] = if dark { 30 } else { 225 };
        }
    }
    pixels
}

/// A picture as the page sends it.
fn body(pixels: &[u8]) -> Vec<u8> {
    let side = |length: usize| u16::try_from(length).unwrap().to_le_bytes();
    [&side(WIDTH)[..], &side(HEIGHT), pixels].concat()
}

/// Pictures of a transfer's codes.
pub(crate) fn pictures(transfer: &Container, density: Density) -> Vec<Vec<u8>> {
    let stream = Stream::new(transfer.encode()).unwrap();
    let mut parts = stream.parts();
    let frames = stream.source_symbols().div_ceil(density.symbols());
    let draw = |frame: &Frame, density| {
        let picture = Picture::of(frame, density).unwrap();
        body(&photograph(picture.width(), |x, y| picture.is_dark(x, y)))
    };
    match stream.whole() {
        Some((frame, density)) => vec![draw(&frame, density)],
        None => (0..frames).map(|_| draw(&Frame::Part(parts.next_at(density)), density)).collect(),
    }
}

pub(crate) fn show(server: &Server, pictures: &[Vec<u8>]) -> Value {
    let mut report = Value::Null;
    for picture in pictures {
        let answer = server.post("/api/scan/picture", picture);
        assert_eq!(answer.status, 200, "{}", answer.text());
        report = answer.value();
    }
    report
}

fn frame(server: &Server, version: u8, first: u64) -> Value {
    let id = server.request.id();
    server.get(&format!("/api/requests/{id}/frame?version={version}&first={first}"))
}

/// The modules of a frame as the page gets them.
fn read_back(reader: &mut Reader, frame: &Value) -> Vec<String> {
    let side = usize::try_from(frame["width"].as_u64().unwrap()).unwrap();
    let bits = base16ct::lower::decode_vec(frame["dark"].as_str().unwrap()).unwrap();
    let pixels = photograph(side, |x, y| bits[(y * side + x) / 8] & (0x80 >> ((y * side + x) % 8)) != 0);
    let (width, height) = (u32::try_from(WIDTH).unwrap(), u32::try_from(HEIGHT).unwrap());
    reader.read(&Luma::new(width, height, pixels).unwrap())
}

#[test]
fn a_request_is_read_back_from_its_frames_whatever_their_size() {
    let (server, mut reader) = (Server::start(), Reader::new());
    let about = server.get(&format!("/api/requests/{}", server.request.id()));
    assert_eq!((&about["kind"], &about["network"]), (&"a purchase request".into(), &"simnet".into()));
    assert_eq!(about["whole"], Value::Null);
    let (mut first, mut assembly, mut frames) = (0, None::<Assembly>, 0);
    // The size changes with every frame and every third one is missed.
    for version in Density::ALL.map(Density::version).into_iter().cycle().take(ENOUGH) {
        let drawn = frame(&server, version, first);
        first = drawn["next"].as_u64().unwrap();
        frames += 1;
        if frames % 3 == 0 {
            continue;
        }
        let texts = read_back(&mut reader, &drawn);
        let [text] = &texts[..] else { panic!("version {version}: {} codes", texts.len()) };
        let Frame::Part(part) = Frame::parse(text.as_bytes()).unwrap() else { panic!("not a part") };
        let assembly = assembly.get_or_insert_with(|| Assembly::new(&part));
        assembly.take(&part).unwrap();
        if let Some(transfer) = assembly.transfer() {
            assert_eq!(transfer.unwrap(), server.request);
            println!("request: {frames} frames shown, {} symbols needed", assembly.progress().needed);
            return;
        }
    }
    panic!("{frames} frames were not enough");
}

#[test]
fn frames_that_do_not_exist_are_not_drawn() {
    let server = Server::start();
    let id = server.request.id();
    let other = transfer(Kind::Send, 9).id().to_string();
    let queries =
        ["version=21&first=0", "version=20", "first=0", "version=20&first=16777216", "version=-1&first=0", ""];
    for query in queries {
        let answer = server.ask("GET", &format!("/api/requests/{id}/frame?{query}"), b"");
        assert_eq!(answer.status, 404, "{query}");
    }
    let unknown = server.ask("GET", &format!("/api/requests/{other}"), b"");
    assert_eq!((unknown.status, &unknown.value()["hints"][0]), (409, &"ask for another".into()));
    for path in
        ["/api/requests/", "/api/requests/00", "/api/requests/../wallet", "/api/requests/x/frame", "/../main.js", "//"]
    {
        assert_eq!(server.ask("GET", path, b"").status, 404, "{path}");
    }
    println!("frames that are not: {} cases", queries.len() + 7);
    assert_eq!(queries.len() + 7, 13);
}

#[test]
fn an_answer_is_received_by_two_pages_and_kept_when_one_is_loaded_again() {
    let server = Server::start();
    let answer = transfer(Kind::Answer, 4_000);
    let pictures = pictures(&answer, Density::V20);
    let begun = Instant::now();
    let half = show(&server, &pictures[..2]);
    assert_eq!(
        (half["last"].as_str(), half["symbols"].as_u64(), half["answer"].is_null()),
        (Some("new"), Some(20), true)
    );
    assert_eq!(server.get("/api/scan")["symbols"], 20, "another page sees the same");
    let again = show(&server, &pictures[..2]);
    assert_eq!((again["symbols"].as_u64(), again["known"].as_u64()), (Some(20), Some(2)));
    let report = show(&server, &pictures[2..]);
    assert_eq!(report["answer"]["id"], answer.id().to_string());
    assert_eq!(report["symbols"], report["needed"]);
    let count = pictures.len() + 2;
    println!("answer: {count} pictures of 1280 x 720 in {} ms", begun.elapsed().as_millis());
    let restarted = server.post("/api/scan/restart", b"{}").value();
    assert_eq!((restarted["needed"].as_u64(), restarted["answer"].is_null()), (Some(0), true));
}

#[test]
fn only_answers_for_this_network_are_taken() {
    let mut cases = 0;
    let other_network = Container::new(Kind::Answer, Network::Mainnet, vec![1; 40]).unwrap();
    let kinds = Kind::ALL.into_iter().filter(|kind| *kind != Kind::Answer).map(|kind| transfer(kind, 60));
    for shown in kinds.chain([other_network, transfer(Kind::Answer, 0)]) {
        let server = Server::start();
        let report = show(&server, &pictures(&shown, Density::V10));
        let refused = report["refused"]["error"].as_str().unwrap();
        println!("{refused}");
        let expected = match (shown.kind(), shown.network()) {
            (Kind::Answer, Network::Mainnet) => "expected one for simnet".to_owned(),
            (Kind::Answer, _) => "answers no request of this wallet".to_owned(),
            (Kind::HotKeys, _) => "whoever sees them keeps them".to_owned(),
            (kind, _) => format!("scanned {kind} for simnet"),
        };
        assert!(refused.contains(&expected), "{refused}");
        assert!(report["answer"].is_null());
        let id = format!(r#"{{"id":"{}"}}"#, shown.id());
        assert_eq!(server.post("/api/submit", id.as_bytes()).status, 409, "what was refused is not sent");
        assert!(server.submitted.lock().unwrap().is_empty());
        cases += 1;
    }
    println!("refused: {cases} cases");
    assert_eq!(cases, 8);
}

#[test]
fn codes_of_another_answer_wait_until_a_person_turns_to_them() {
    let server = Server::start();
    let (first, second) = (transfer(Kind::Answer, 3_000), transfer(Kind::Answer, 60));
    show(&server, &pictures(&first, Density::V20)[..1]);
    let report = show(&server, &pictures(&second, Density::V20));
    assert_eq!(
        (report["last"].as_str(), report["other"].is_string(), report["answer"].is_null()),
        (Some("other"), true, true)
    );
    let turned = server.post("/api/scan/turn", b"{}").value();
    assert_eq!(turned["answer"]["id"], second.id().to_string());
}

/// Another page may have received the rest of the first one meanwhile, or have had it refused.
#[test]
fn who_turns_to_another_answer_goes_on_with_it_whatever_became_of_the_first() {
    let mut cases = 0;
    let second = transfer(Kind::Answer, 4_000);
    for first in [transfer(Kind::Answer, 3_000), transfer(Kind::Send, 3_000)] {
        let server = Server::start();
        let (pictures_of_first, others) = (pictures(&first, Density::V20), pictures(&second, Density::V20));
        show(&server, &pictures_of_first[..1]);
        assert!(show(&server, &others[..1])["other"].is_string());
        let whole = show(&server, &pictures_of_first[1..]);
        assert_ne!(whole["answer"].is_null(), whole["refused"].is_null(), "{whole}");
        let turned = server.post("/api/scan/turn", b"{}").value();
        assert_eq!((&turned["answer"], &turned["refused"]), (&Value::Null, &Value::Null), "{turned}");
        let id = format!(r#"{{"id":"{}"}}"#, first.id());
        assert_eq!(server.post("/api/submit", id.as_bytes()).status, 409, "the first one is not shown any more");
        assert_eq!(show(&server, &others)["answer"]["id"], second.id().to_string());
        cases += 1;
    }
    println!("turned away from: {cases} cases");
    assert_eq!(cases, 2);
}

#[test]
fn what_is_no_picture_is_refused_and_what_has_no_code_is_nothing() {
    let server = Server::start();
    let sized = |width: u16, height: u16, pixels: usize| {
        [&width.to_le_bytes()[..], &height.to_le_bytes(), &vec![128; pixels]].concat()
    };
    let bad = [
        sized(0, 0, 0),
        sized(0, 10, 0),
        sized(10, 10, 99),
        sized(10, 10, 101),
        sized(1281, 1, 1281),
        sized(1, 1281, 1281),
        sized(65_535, 65_535, 100),
        Vec::new(),
        vec![1, 0, 1],
    ];
    for body in &bad {
        assert_eq!(server.post("/api/scan/picture", body).status, 409, "{:?}", &body[..body.len().min(4)]);
    }
    for good in [sized(1, 1, 1), sized(720, 1280, 921_600), sized(1280, 720, 921_600)] {
        let report = server.post("/api/scan/picture", &good).value();
        assert_eq!((report["last"].as_str(), report["needed"].as_u64()), (Some("nothing"), Some(0)));
    }
    let foreign = qr_of_something_else();
    assert_eq!(show(&server, &[foreign])["last"], "foreign");
    println!("pictures: {} cases", bad.len() + 4);
    assert_eq!(bad.len() + 4, 13);
}

/// A code with a link, as posters have them.
fn qr_of_something_else() -> Vec<u8> {
    let code = qrcode::QrCode::new(b"https://decred.org").unwrap();
    body(&photograph(code.width(), |x, y| code[(x, y)] == qrcode::Color::Dark))
}
