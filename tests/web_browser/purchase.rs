//! A whole purchase by light alone, with the keyboard alone.

use std::fs;
use std::time::{Duration, Instant};

use dcrcold_signer::qr::{Assembly, Density, Frame};
use dcrcold_signer::scan::reader::Reader;
use dcrcold_signer::transfer::{Container, Kind};

use crate::chromium::{self, Camera, Chromium};
use crate::film;
use crate::looks;
use crate::world::World;

const TICKETS: usize = 8;

/// The transfer that the page shows, read from pictures of the page.
fn read_screen(browser: &mut Chromium) -> (Container, usize) {
    let (mut reader, mut assembly, mut codes) = (Reader::new(), None::<Assembly>, 0);
    let until = Instant::now() + Duration::from_secs(30);
    while Instant::now() < until {
        for text in reader.read(&browser.photograph()) {
            codes += 1;
            match Frame::parse(text.as_bytes()).unwrap() {
                Frame::Whole(bytes) => return (Container::parse(&bytes).unwrap(), codes),
                Frame::Part(part) => {
                    let assembly = assembly.get_or_insert_with(|| Assembly::new(&part));
                    assembly.take(&part).unwrap();
                    if let Some(transfer) = assembly.transfer() {
                        return (transfer.unwrap(), codes);
                    }
                }
            }
        }
    }
    panic!("the page's codes give no transfer: {}", browser.text("#show-state"));
}

/// The request out of the page: as the one code that it begins with, and as many small ones.
fn show(browser: &mut Chromium, words: &str) -> Container {
    browser.enter("#request-list a");
    browser.wait("document.querySelector('#code').dataset.count");
    assert!(browser.text("#show-words") == words, "the words of `buy` are shown");
    let (whole, _) = read_screen(browser);
    while !browser.text("#show-state").contains("version 6.") {
        browser.press("-");
        browser.wait("!document.querySelector('#show-state').innerText.includes('holds all')");
    }
    browser.press(">");
    browser.wait_for_text("#show-said", "10 codes a second");
    let (request, codes) = read_screen(browser);
    assert_eq!(request, whole);
    browser.press(" ");
    browser.wait_for_text("#show-state", "paused");
    let count = browser.value("document.querySelector('#code').dataset.count");
    std::thread::sleep(Duration::from_millis(400));
    assert_eq!(browser.value("document.querySelector('#code').dataset.count"), count, "paused codes stand still");
    println!("request: {} bytes read from {codes} codes on the screen", request.encode().len());
    request
}

/// The answer into the page: half of it, then the page is loaded again, then the rest.
fn scan(browser: &mut Chromium, world: &World, answer: &Container) {
    let pictures = film::of(answer, Density::V10);
    film::write(&world.path("film.y4m"), &pictures[..2]);
    browser.enter("#view-show a[href='#scan']");
    browser.wait("document.activeElement.id === 'title-scan'");
    browser.enter("#scan-start");
    browser.wait("document.querySelector('#scan-progress').value === 6");
    browser.enter("#scan-stop");
    browser.call("Page.reload", serde_json::json!({}));
    browser.wait("document.querySelector('#scan-progress')?.value === 6");
    assert!(!browser.text("#wallet").is_empty(), "the link's secret is kept in the tab");
    film::write(&world.path("film.y4m"), &pictures[2..]);
    browser.enter("#scan-start");
    browser.wait("document.activeElement.id === 'scan-answer-title'");
    let timings = browser.value(
        "(all => [all.length, all.reduce((sum, it) => sum + it.duration, 0) / all.length])\
         (performance.getEntriesByType('resource').filter(it => it.name.endsWith('/api/scan/picture')))",
    );
    println!("answer: {} pictures of 640 x 480, {} ms each from the page to its answer", timings[0], timings[1]);
    assert_eq!(
        browser.value("document.querySelector('#scan-video').srcObject"),
        serde_json::Value::Null,
        "the camera is off"
    );
}

#[test]
fn a_purchase_goes_through_the_page_by_light_and_keyboard_alone() {
    let Some(program) = chromium::find() else { return };
    let (begun, world) = (Instant::now(), World::new());
    let bought = world.online(&["buy", &TICKETS.to_string(), "--out", "request"]);
    let words = bought["check_words"].as_str().unwrap();
    let mut web = world.serve();
    film::write(&world.path("film.y4m"), &[film::blank()]);
    let mut browser = Chromium::start(&program, &Camera::Film(&world.path("film.y4m")));
    browser.window(1280, 900);
    browser.go(&web.link);
    browser.wait("document.querySelector('#request-list a')");
    assert_eq!(
        browser.value("location.href"),
        format!("{}/#requests", web.origin()),
        "the secret left the address bar"
    );

    let request = show(&mut browser, words);
    assert_eq!(request.encode(), fs::read(world.path("request")).unwrap());
    fs::write(world.path("request-by-light"), request.encode()).unwrap();
    world.cold(&["sign", "request-by-light", "--out", "answer", "--approve", &request.id().to_string()]);
    let answer = Container::parse(&fs::read(world.path("answer")).unwrap()).unwrap();
    assert_eq!(answer.kind(), Kind::Answer);

    scan(&mut browser, &world, &answer);
    looks::keep(&mut browser, "answer");
    let facts = browser.text("#scan-facts");
    assert!(facts.contains(words) && facts.contains("8 tickets") && facts.contains("each verified"), "{facts}");
    assert_eq!(world.online(&["tickets"]).as_array().unwrap().len(), 0, "nothing is sent before the button is pressed");
    browser.enter("#scan-submit");
    browser.wait("document.activeElement.id === 'scan-outcome-title'");
    looks::keep(&mut browser, "outcome");
    let outcome = browser.text("#scan-result");
    let tickets = world.online(&["tickets"]);
    let ids: Vec<_> = tickets.as_array().unwrap().iter().map(|ticket| ticket["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), TICKETS);
    assert!(ids.iter().all(|id| outcome.contains(id)) && outcome.contains("9 transactions sent"), "{outcome}");

    world.online(&["demo", "mine", "net", "3"]);
    browser.enter("#scan-outcome a");
    browser.wait("document.querySelectorAll('#tickets-rows tr').length === 8");
    browser.enter("#tickets-sync");
    browser.wait_for_text("#tickets-said", "At block 245");
    browser.wait_for_text("#tickets-rows", "immature");
    browser.wait("document.querySelector('#tickets-picture svg') && document.querySelector('#stake-picture svg')");
    let requests = browser.check_quiet(web.origin());
    println!("purchase: {requests} questions to the server, none elsewhere, {} s", begun.elapsed().as_secs());
    web.interrupt();
    browser.press("Enter");
    browser.enter("nav a[href='#requests']");
    browser.wait_for_text("#alert", "No answer from dcrcold web");
}
