//! How the page looks: on large and small screens, light and dark, with large letters; and what axe-core says of it.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::json;

use crate::chromium::{self, Camera, Chromium};
use crate::film;
use crate::world::World;

/// Where the pictures are left, to be looked at.
const PICTURES: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/web");
const WINDOWS: [(u32, u32); 3] = [(1280, 800), (360, 640), (800, 400)];

/// axe-core, or nothing after saying that it is not there.
fn axe() -> Option<String> {
    let path: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.tools/axe/node_modules/axe-core/axe.min.js");
    let text = fs::read_to_string(path).ok();
    if text.is_none() {
        chromium::skip("axe-core not found: scripts/setup test");
    }
    text
}

/// The parts of the page, each with what shows that it is there.
fn parts(world: &World) -> Vec<(&'static str, String, &'static str)> {
    let requests = world.online(&["cancel"]);
    let id = requests[0]["id"].as_str().unwrap();
    vec![
        ("requests", "#requests".into(), "document.querySelector('#request-list a')"),
        ("show", format!("#show/{id}"), "document.querySelector('#code').dataset.count"),
        ("scan", "#scan".into(), "!document.querySelector('#view-scan').hidden"),
        ("tickets", "#tickets".into(), "document.querySelector('#tickets-picture svg, #tickets-none:not([hidden])')"),
    ]
}

/// A wallet whose tickets are in several states.
fn with_tickets() -> World {
    let world = World::new();
    for (tickets, blocks) in [("2", "20"), ("3", "3"), ("1", "1")] {
        let bought = world.online(&["buy", tickets, "--headroom", "10", "--out", "request"]);
        world.cold(&["sign", "request", "--out", "answer", "--approve", bought["id"].as_str().unwrap()]);
        world.online(&["submit", "answer"]);
        world.online(&["demo", "mine", "net", blocks]);
        world.online(&["sync"]);
        fs::remove_file(world.path("request")).unwrap();
        fs::remove_file(world.path("answer")).unwrap();
    }
    world.online(&["buy", "1", "--out", "request"]);
    world
}

#[test]
fn every_part_fits_every_window_and_axe_finds_nothing() {
    let Some(program) = chromium::find() else { return };
    let axe = axe();
    let world = with_tickets();
    let web = world.serve();
    film::write(&world.path("film.y4m"), &[film::blank()]);
    let mut browser = Chromium::start(&program, &Camera::Film(&world.path("film.y4m")));
    browser.go(&web.link);
    browser.wait("document.querySelector('#request-list a')");
    if let Some(axe) = &axe {
        browser.value(&format!("{axe};0"));
    }
    let (mut cases, mut rules) = (0, 0);
    for (name, place, there) in parts(&world) {
        browser.value(&format!("location.hash = {place:?}"));
        browser.wait(there);
        if name == "scan" {
            browser.value("document.querySelector('#scan-start').click()");
            browser.wait("document.querySelector('#scan-video').videoWidth > 0");
        }
        for ((width, height), scheme) in WINDOWS.into_iter().flat_map(|window| [(window, "light"), (window, "dark")]) {
            browser.window(width, height);
            let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
            browser.call("Emulation.setEmulatedMedia", json!({ "features": features }));
            for letters in ["100%", "200%"] {
                browser.value(&format!(
                    "document.documentElement.style.fontSize = {letters:?}; dispatchEvent(new Event('resize'))"
                ));
                fits(&mut browser, &format!("{name} {width} {scheme} {letters}"));
                let zoomed = if letters == "200%" { "-zoomed" } else { "" };
                keep(&mut browser, &format!("{name}-{width}-{scheme}{zoomed}"));
                cases += 1;
            }
            browser.value("document.documentElement.style.fontSize = ''; dispatchEvent(new Event('resize'))");
            if axe.is_some() {
                rules += accessible(&mut browser, &format!("{name} {width} {scheme}"));
            }
        }
        is_black_on_white(&mut browser, name);
    }
    println!("looks: {cases} cases, {rules} checks of axe-core passed, pictures in {PICTURES}");
    assert_eq!(cases, 48);
    browser.check_quiet(web.origin());
}

/// Leaves a picture of all of the page.
pub(crate) fn keep(browser: &mut Chromium, name: &str) {
    fs::create_dir_all(PICTURES).unwrap();
    fs::write(Path::new(PICTURES).join(format!("{name}.png")), browser.whole_screenshot()).unwrap();
}

#[test]
fn who_wants_less_motion_gets_fewer_codes_a_second() {
    let Some(program) = chromium::find() else { return };
    let world = World::new();
    let bought = world.online(&["buy", "2", "--out", "request"]);
    let web = world.serve();
    let mut browser = Chromium::start(&program, &Camera::Real);
    for (motion, pace) in [("reduce", "2 a second"), ("no-preference", "8 a second")] {
        let features = json!([{ "name": "prefers-reduced-motion", "value": motion }]);
        browser.call("Emulation.setEmulatedMedia", json!({ "features": features }));
        browser.go(&web.link);
        browser.wait("document.querySelector('#request-list a')");
        browser.value(&format!("location.hash = '#show/{}'", bought["id"].as_str().unwrap()));
        browser.wait("document.querySelector('#code').dataset.count");
        // Codes so small that one does not hold all of it.
        while !browser.text("#show-state").contains("version 6.") {
            browser.press("-");
            browser.wait("!document.querySelector('#show-state').innerText.includes('holds all')");
        }
        browser.wait_for_text("#show-state", pace);
        browser.go("about:blank");
    }
    browser.check_quiet(web.origin());
}

/// Nothing reaches beyond the window's sides.
fn fits(browser: &mut Chromium, what: &str) {
    let beyond = browser.value(
        "[...document.querySelectorAll('main *, header *')].filter(it => it.getClientRects().length && !it.closest('svg') \
         && it.getBoundingClientRect().right > innerWidth + 1).map(it => it.id || it.className || it.tagName)",
    );
    assert_eq!(beyond, json!([]), "{what}");
    let cut = browser.value(
        "[...document.querySelectorAll('svg text')].filter(it => it.getClientRects().length \
         && it.getBoundingClientRect().right > it.closest('svg').getBoundingClientRect().right + 1).map(it => it.textContent)",
    );
    assert_eq!(cut, json!([]), "{what}: words of a picture are cut");
    let wide = browser.value("document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth");
    assert_eq!(wide, 0, "{what}: it scrolls sideways");
}

/// Codes have the colours that readers need, whatever the page's are.
fn is_black_on_white(browser: &mut Chromium, name: &str) {
    if name == "show" {
        let tones = browser.value(
            "(() => { const code = document.querySelector('#code'); const pen = code.getContext('2d'); \
             const { data } = pen.getImageData(0, 0, code.width, code.height); \
             return [...new Set(new Uint32Array(data.buffer))].map(it => it.toString(16)).sort() })()",
        );
        assert_eq!(tones, json!(["ff000000", "ffffffff"]));
        let paper = browser.value("getComputedStyle(document.querySelector('.code')).backgroundColor");
        assert_eq!(paper, "rgb(255, 255, 255)", "the quiet zone is white too");
    }
}

/// axe-core finds nothing; says how many of its checks passed.
fn accessible(browser: &mut Chromium, what: &str) -> u64 {
    let result = browser.value(
        "axe.run(document, { resultTypes: ['violations'], preload: false }).then(found => ({ passed: found.passes.length, \
         broken: found.violations.map(it => `${it.id}: ${it.nodes.map(node => node.target.join(' ')).join(', ')}`) }))",
    );
    assert_eq!(result["broken"], json!([]), "{what}");
    let passed = result["passed"].as_u64().unwrap();
    assert!(passed > 10, "{what}: axe-core looked at nothing");
    passed
}
