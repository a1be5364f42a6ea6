//! What goes wrong with cameras, codes and wallets, in the page's words.

use std::fs;

use dcrcold_signer::qr::Density;
use dcrcold_signer::transfer::Container;
use serde_json::json;

use crate::chromium::{self, Camera, Chromium};
use crate::film;
use crate::world::World;

#[test]
fn a_request_before_the_camera_is_refused_by_name() {
    let Some(program) = chromium::find() else { return };
    let (world, web) = opened();
    let request = Container::parse(&fs::read(world.path("request")).unwrap()).unwrap();
    film::write(&world.path("film.y4m"), &film::of(&request, Density::V10));
    let mut browser = Chromium::start(&program, &Camera::Film(&world.path("film.y4m")));
    browser.go(&web.link);
    browser.wait("document.querySelector('#request-list a')");
    browser.enter("nav a[href='#scan']");
    browser.wait("document.activeElement.id === 'title-scan'");
    browser.enter("#scan-start");
    browser.wait_for_text("#scan-problem", "Scanned a purchase request for simnet");
    let words = browser.text("#scan-problem");
    assert!(words.contains("expected an answer"), "{words}");
    assert_eq!(browser.value("document.querySelector('#scan-answer').hidden"), true);
    assert_eq!(browser.value("document.querySelector('#scan-start').hidden"), true, "it would be refused again");

    film::write(&world.path("film.y4m"), &[film::blank()]);
    browser.enter("#scan-restart");
    browser.wait("document.querySelector('#scan-problem').hidden");
    browser.enter("#scan-start");
    browser.wait_for_text("#scan-said", "No code was read yet");
    // As if the time had passed.
    browser.value("{ const then = performance.now.bind(performance); performance.now = () => then() + 20001; 0 }");
    browser.wait_for_text("#scan-said", "No code was read for 20 seconds");
    browser.check_quiet(web.origin());
}

#[test]
fn a_camera_that_is_denied_or_absent_is_told_and_what_to_do_without() {
    let Some(program) = chromium::find() else { return };
    let (world, web) = opened();
    let film = world.path("film.y4m");
    film::write(&film, &[film::blank()]);
    let cases = [
        (Camera::Asked(&film), "denied", "The browser did not allow the camera"),
        (Camera::Real, "granted", "No camera was found"),
    ];
    for (camera, setting, expected) in cases {
        let mut browser = Chromium::start(&program, &camera);
        let permission = json!({ "permission": { "name": "camera" }, "setting": setting, "origin": web.origin() });
        browser.call("Browser.setPermission", permission);
        browser.go(&web.link);
        browser.wait("document.querySelector('#request-list a')");
        browser.enter("nav a[href='#scan']");
        browser.wait("document.activeElement.id === 'title-scan'");
        browser.enter("#scan-start");
        browser.wait_for_text("#scan-problem", expected);
        browser.wait_for_text("#scan-problem", "dcrcold submit FILE");
        browser.check_quiet(web.origin());
    }
}

#[test]
fn a_page_without_the_link_and_a_wallet_at_work_are_named() {
    let Some(program) = chromium::find() else { return };
    let (world, web) = opened();
    let mut browser = Chromium::start(&program, &Camera::Real);
    browser.go(&format!("{}/", web.origin()));
    browser.wait_for_text("#alert", "Open the link that dcrcold printed");
    browser.go(&web.link);
    browser.wait("document.querySelector('#request-list a')");
    let other = rusqlite::Connection::open(world.path("wallet.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    world.online(&["demo", "mine", "net", "1"]);
    browser.enter("nav a[href='#tickets']");
    browser.wait("document.activeElement.id === 'title-tickets'");
    browser.enter("#tickets-sync");
    browser.wait_for_text("#alert", "Another process is at work on the wallet");
    browser.check_quiet(web.origin());
}

/// Has the page wait for each camera until the test allows it, as a browser does that asks a person.
const ASKED: &str = "(() => {
    const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    window.asked = [];
    navigator.mediaDevices.getUserMedia = async (wanted) => {
        const stream = await real(wanted);
        await new Promise((allow) => asked.push({ allow, stream }));
        return stream;
    };
    window.live = () => asked.map(({ stream }) => stream.active);
    const list = navigator.mediaDevices.enumerateDevices.bind(navigator.mediaDevices);
    navigator.mediaDevices.enumerateDevices = async () => [...(await list()), ...(await list())];
    return 0;
})()";

#[test]
fn a_camera_that_is_allowed_too_late_is_given_up() {
    let Some(program) = chromium::find() else { return };
    let (world, web) = opened();
    film::write(&world.path("film.y4m"), &[film::blank()]);
    let mut browser = Chromium::start(&program, &Camera::Film(&world.path("film.y4m")));
    browser.go(&web.link);
    browser.wait("document.querySelector('#request-list a')");
    browser.value(ASKED);
    let start = "document.querySelector('#scan-start').click()";
    browser.value("location.hash = '#scan'");
    browser.wait("document.activeElement.id === 'title-scan'");
    // Who asked for it has left.
    browser.value(start);
    browser.wait("asked.length === 1");
    browser.value("location.hash = '#requests'");
    browser.wait("document.activeElement.id === 'title-requests'");
    browser.value("asked[0].allow()");
    browser.wait("!live()[0]");
    // Who asked twice gets one, and may stop it.
    browser.value("location.hash = '#scan'");
    browser.wait("document.activeElement.id === 'title-scan'");
    browser.value(start);
    browser.value(start);
    browser.wait("asked.length === 3");
    browser.value("asked.forEach(({ allow }) => allow())");
    browser.wait("document.activeElement.id === 'scan-stop'");
    assert_eq!(browser.value("live()"), json!([false, false, true]));
    // Beginning anew leaves the camera on, and the focus at a button that is seen.
    browser.value("document.querySelector('#scan-restart').click(); document.activeElement.blur()");
    browser.wait("document.activeElement.id === 'scan-stop'");
    // Another camera takes the place of the first, and the focus stays where one chooses.
    browser.wait("!document.querySelector('#scan-choice').hidden");
    let choose = "(() => { const it = document.querySelector('#scan-camera'); it.focus(); it.dispatchEvent(new Event('change')) })()";
    browser.value(choose);
    browser.wait("asked.length === 4");
    browser.value("asked[3].allow()");
    browser.wait("document.querySelector('#scan-video').videoWidth && !document.querySelector('#scan-stop').hidden");
    assert_eq!(browser.value("live()"), json!([false, false, false, true]));
    assert_eq!(browser.value("document.activeElement.id"), "scan-camera");
    browser.value("document.querySelector('#scan-stop').click()");
    assert_eq!(browser.value("live()"), json!([false, false, false, false]));
    browser.check_quiet(web.origin());
}

/// A wallet with a request, and its page.
fn opened() -> (World, crate::world::Web) {
    let world = World::new();
    world.online(&["buy", "2", "--out", "request"]);
    let web = world.serve();
    (world, web)
}
