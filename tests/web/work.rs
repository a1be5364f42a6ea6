//! What takes long, and what is sent: one thing at a time, only what was shown, only when it is asked for.

use std::fs;
use std::time::{Duration, Instant};

use dcrcold_signer::qr::{Density, Frame, Picture, Stream};
use dcrcold_signer::transfer::{Container, Kind};
use serde_json::Value;
use tempfile::TempDir;

use crate::codes::{pictures, show};
use crate::server::{Server, transfer};

/// Has the server scan an answer that fits into one code, and look at it.
fn scan(server: &Server, answer: &Container) {
    let report = send(server, answer);
    assert_eq!(report["answer"]["id"], answer.id().to_string(), "{report}");
}

/// What the server says to the picture of an answer that fits into one code.
fn send(server: &Server, answer: &Container) -> Value {
    let (frame, density) = Stream::new(answer.encode()).unwrap().whole().unwrap();
    assert!(matches!(frame, Frame::Whole(_)));
    let picture = Picture::of(&frame, density).unwrap();
    let (zone, scale) = (Picture::QUIET_ZONE, 5);
    let side = (picture.width() + 2 * zone) * scale;
    let dark = |x: usize, y: usize| x >= zone && y >= zone && picture.is_dark(x - zone, y - zone);
    let pixels = (0..side * side).map(|at| if dark(at % side / scale, at / side / scale) { 0 } else { 255 });
    let length = u16::try_from(side).unwrap().to_le_bytes();
    let body: Vec<u8> = length.into_iter().chain(length).chain(pixels).collect();
    server.post("/api/scan/picture", &body).value()
}

fn submit(server: &Server, id: &str) -> (u16, Value) {
    let answer = server.post("/api/submit", format!(r#"{{"id":"{id}"}}"#).as_bytes());
    (answer.status, answer.value())
}

/// The job once it does not run any more.
fn finished(server: &Server) -> Value {
    let until = Instant::now() + Duration::from_secs(20);
    while Instant::now() < until {
        let job = server.get("/api/job");
        if job["state"] != "running" {
            return job;
        }
    }
    panic!("the job never ends");
}

#[test]
fn nothing_is_sent_but_the_answer_that_was_shown() {
    let server = Server::start();
    server.gate.open();
    let (first, second) = (transfer(Kind::Answer, 60), transfer(Kind::Answer, 61));
    let bodies = [
        format!(r#"{{"id":"{}"}}"#, first.id()),
        "{}".to_owned(),
        String::new(),
        "[".to_owned(),
        r#"{"id":null}"#.to_owned(),
        r#"{"id":""}"#.to_owned(),
    ];
    for body in &bodies {
        assert_eq!(server.post("/api/submit", body.as_bytes()).status, 409, "{body}");
    }
    scan(&server, &first);
    server.post("/api/scan/restart", b"{}");
    scan(&server, &second);
    assert_eq!(submit(&server, &first.id().to_string()).0, 409, "another page still shows the first");
    assert!(server.submitted.lock().unwrap().is_empty());
    assert_eq!(submit(&server, &second.id().to_string()).0, 202);
    assert_eq!(finished(&server)["state"], "done");
    assert_eq!(*server.submitted.lock().unwrap(), [*second.id()]);
    println!("not sent: {} cases", bodies.len() + 1);
    assert_eq!(bodies.len() + 1, 7);
}

#[test]
fn a_standing_order_is_kept_only_where_that_is_asked_for() {
    let server = Server::start();
    server.gate.open();
    let answer = transfer(Kind::Answer, 60);
    let (mut sent, mut kept) = (0, 0);
    for (value, order) in [("true", true), ("false", false), ("1", false), (r#""true""#, false), ("null", false)] {
        scan(&server, &answer);
        let body = format!(r#"{{"id":"{}","when_price_fits":{value}}}"#, answer.id());
        assert_eq!(server.post("/api/submit", body.as_bytes()).status, 202, "{value}");
        assert_eq!(finished(&server)["result"]["standing"] == true, order, "{value}");
        (kept, sent) = (kept + usize::from(order), sent + usize::from(!order));
        assert_eq!(
            (server.ordered.lock().unwrap().len(), server.submitted.lock().unwrap().len()),
            (kept, sent),
            "{value}"
        );
    }
    println!("standing orders: {kept} kept, {sent} sent at once");
    assert_eq!((kept, sent), (1, 4));
}

#[test]
fn one_thing_is_done_at_a_time_and_the_others_are_told_so() {
    let server = Server::start();
    let answer = transfer(Kind::Answer, 60);
    scan(&server, &answer);
    // The request was looked at before, so that its frames need no desk.
    server.get(&format!("/api/requests/{}", server.request.id()));
    assert_eq!(server.post("/api/sync", b"{}").status, 202);
    let (status, busy) = submit(&server, &answer.id().to_string());
    assert_eq!((status, busy["error"].as_str()), (409, Some("sync is at work")));
    assert_eq!(server.post("/api/sync", b"{}").status, 409);
    assert_eq!(server.ask("GET", "/api/tickets", b"").status, 409);
    let frame = format!("/api/requests/{}/frame?version=20&first=0", server.request.id());
    assert_eq!(server.get(&frame)["version"], 20, "codes go on");
    assert_eq!(server.get("/api/scan")["answer"]["id"], answer.id().to_string());
    let until = Instant::now() + Duration::from_secs(20);
    while server.get("/api/job")["step"].is_null() {
        assert!(Instant::now() < until, "no step is told");
    }
    assert_eq!(server.get("/api/job")["step"]["what"], "blocks");
    server.gate.open();
    let job = finished(&server);
    assert_eq!(
        (job["state"].as_str(), job["name"].as_str(), job["result"]["height"].as_u64()),
        (Some("done"), Some("sync"), Some(2))
    );
    assert_eq!(submit(&server, &answer.id().to_string()).0, 202);
    assert_eq!(finished(&server)["name"], "submit");
    assert_eq!(submit(&server, &answer.id().to_string()).0, 202, "doing it again sends what is missing");
    finished(&server);
    assert_eq!(*server.submitted.lock().unwrap(), [*answer.id(); 2]);
}

#[test]
fn what_one_page_began_is_not_taken_for_what_another_one_did() {
    let server = Server::start();
    server.gate.open();
    assert_eq!(server.get("/api/job"), Value::Null);
    let mut numbers = Vec::new();
    for _ in 0..20 {
        let begun = server.post("/api/sync", b"{}").value();
        assert_eq!(begun["name"], "sync");
        numbers.push(begun["number"].as_u64().unwrap());
        finished(&server);
    }
    assert!(numbers.windows(2).all(|two| two[0] < two[1]), "{numbers:?}");
    let answer = transfer(Kind::Answer, 60);
    scan(&server, &answer);
    let begun = submit(&server, &answer.id().to_string()).1;
    assert_eq!(finished(&server)["number"], begun["number"]);
    // Other work has ended since, and each page gets its own.
    let mine = server.get(&format!("/api/job?number={}", numbers[19]));
    assert_eq!((mine["name"].as_str(), mine["result"]["height"].as_u64()), (Some("sync"), Some(2)));
    assert_eq!(server.get(&format!("/api/job?number={}", begun["number"]))["name"], "submit");
    for unknown in [numbers[0], 9_999] {
        assert_eq!(server.ask("GET", &format!("/api/job?number={unknown}"), b"").status, 404, "{unknown}");
    }
}

#[test]
fn the_frames_of_an_answer_are_kept_until_it_was_sent() {
    let [folder, copy] = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let kept = |folder: &TempDir| fs::read_dir(folder.path()).unwrap().count();
    let answer = transfer(Kind::Answer, 3_000);
    let pictures = pictures(&answer, Density::V20);
    let server = Server::keeping(folder.path());
    show(&server, &pictures[..1]);
    server.post("/api/scan/restart", b"{}");
    assert_eq!(kept(&folder), 0, "who begins anew has no use for them");
    let report = show(&server, &pictures);
    assert_eq!((report["answer"]["id"].as_str(), kept(&folder)), (Some(&*answer.id().to_string()), 1));
    // As if the power was cut before anything was sent: one picture brings all of it back.
    for file in fs::read_dir(folder.path()).unwrap().map(Result::unwrap) {
        fs::copy(file.path(), copy.path().join(file.file_name())).unwrap();
    }
    let server = Server::keeping(copy.path());
    server.gate.open();
    let report = show(&server, &pictures[1..2]);
    assert_eq!((report["answer"]["id"].as_str(), kept(&copy)), (Some(&*answer.id().to_string()), 1));
    assert_eq!(submit(&server, &answer.id().to_string()).0, 202);
    assert_eq!(finished(&server)["state"], "done");
    assert_eq!((server.submitted.lock().unwrap().len(), kept(&copy)), (1, 0));
}

#[test]
fn an_answer_scanned_during_other_work_is_looked_at_after_it() {
    let server = Server::start();
    let answer = transfer(Kind::Answer, 60);
    assert_eq!(server.post("/api/sync", b"{}").status, 202);
    let report = send(&server, &answer);
    assert!(report["answer"].is_null() && report["refused"].is_null(), "{report}");
    server.gate.open();
    assert_eq!(finished(&server)["state"], "done");
    assert_eq!(server.get("/api/scan")["answer"]["id"], answer.id().to_string());
}

#[test]
fn failures_are_told_in_the_words_of_the_command_line() {
    let server = Server::start();
    let failed = server.ask("GET", "/api/stake", b"");
    assert_eq!(failed.status, 409);
    assert_eq!(failed.value(), serde_json::json!({ "error": "the chain cannot be asked", "hints": ["start it"] }));
}
