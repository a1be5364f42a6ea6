//! What happens when answers of the server come late, in another order, or not at all.

use serde_json::Value;

use crate::chromium::{self, Camera, Chromium};
use crate::world::{Web, World};

/// Has the page wait with some answers until it is told to go on; `plain` asks as the page does, without waiting.
const HOLD: &str = "(() => {
    const real = fetch;
    const headers = { Authorization: `Bearer ${sessionStorage.getItem('secret')}`, 'Content-Type': 'application/json' };
    window.plain = (path, options = {}) => real(path, { headers, ...options }).then((it) => it.json());
    window.release = {};
    window.hold = (end) => new Promise((done) => (release[end] = done));
    window.held = { about: hold('about'), frame: hold('frame'), sync: hold('sync') };
    window.fetch = async (path, options) => {
        const answer = await real(path, options);
        const end = path.includes('/frame?') ? 'frame' : path.startsWith('/api/requests/') ? 'about' : path.slice(5);
        await held[end];
        return answer;
    };
    return 0;
})()";
const BUTTONS: [&str; 5] = ["pause", "slower", "faster", "coarser", "denser"];

fn opened(program: &str) -> (World, Web, Chromium, String) {
    let world = World::new();
    let bought = world.online(&["buy", "2", "--out", "request"]);
    let web = world.serve();
    let mut browser = Chromium::start(program, &Camera::Real);
    browser.go(&web.link);
    browser.wait("document.querySelector('#request-list a')");
    browser.value(HOLD);
    (world, web, browser, bought["id"].as_str().unwrap().to_owned())
}

fn press_all(browser: &mut Chromium) {
    for button in BUTTONS {
        browser.value(&format!("document.querySelector('#show-{button}').click()"));
    }
}

#[test]
fn buttons_before_the_first_code_do_no_harm() {
    let Some(program) = chromium::find() else { return };
    let (_world, web, mut browser, id) = opened(&program);
    browser.value(&format!("location.hash = '#show/{id}'"));
    browser.wait("!document.querySelector('#view-show').hidden");
    press_all(&mut browser);
    assert_eq!(browser.text("#show-pause"), "Pause");
    browser.value("release.about()");
    browser.wait("document.querySelector('#show-words').innerText");
    press_all(&mut browser);
    assert_eq!(browser.value("document.querySelector('#code').dataset.count ?? null"), Value::Null);
    assert_eq!(browser.value("document.querySelector('#show-pause').ariaPressed"), "true");
    browser.value("release.frame()");
    // Paused, and seen all the same.
    browser.wait("document.querySelector('#code').dataset.count === '1'");

    // Whoever leaves while the request is asked for finds no keys at work elsewhere.
    browser.value("location.hash = '#scan'; held.about = hold('about'); 0");
    browser.wait("!document.querySelector('#view-scan').hidden");
    browser.value(&format!("location.hash = '#show/{id}'"));
    browser.wait("!document.querySelector('#view-show').hidden");
    browser.value("location.hash = '#scan'");
    browser.wait("!document.querySelector('#view-scan').hidden");
    browser.value("release.about(); new Promise((done) => setTimeout(done, 300))");
    let taken = "(() => { const key = new KeyboardEvent('keydown', { key: '-', cancelable: true, bubbles: true });
        document.body.dispatchEvent(key); return key.defaultPrevented })()";
    assert_eq!(browser.value(taken), false);
    browser.check_quiet(web.origin());
}

#[test]
fn the_work_of_another_tab_is_not_taken_for_ones_own() {
    let Some(program) = chromium::find() else { return };
    let (world, web, mut browser, _) = opened(&program);
    let done =
        "(async () => { let job; do job = await plain('/api/job'); while (job.state === 'running'); return job })()";
    browser.enter("nav a[href='#tickets']");
    browser.wait("document.activeElement.id === 'title-tickets'");
    browser.enter("#tickets-sync");
    browser.wait("plain('/api/job').then((job) => job !== null)");
    let mine = browser.value(done);
    // Before the page hears of it, another one has begun the same anew.
    world.online(&["demo", "mine", "net", "3"]);
    browser.value("plain('/api/sync', { method: 'POST', body: '{}' })");
    let other = browser.value(done);
    let heights = [&mine, &other].map(|job| job["result"]["height"].as_u64().unwrap());
    assert_eq!(heights[0] + 3, heights[1]);
    browser.value("release.sync()");
    browser.wait_for_text("#tickets-said", &format!("At block {}.", heights[0]));
    browser.check_quiet(web.origin());
}

#[test]
fn a_scan_that_cannot_begin_anew_says_so() {
    let Some(program) = chromium::find() else { return };
    let (_world, mut web, mut browser, _) = opened(&program);
    browser.value("location.hash = '#scan'");
    browser.wait("document.activeElement.id === 'title-scan'");
    let origin = web.origin().to_owned();
    web.interrupt();
    for button in ["restart", "turn"] {
        browser.value("document.querySelector('#scan-problem').hidden = true");
        browser.value(&format!("document.querySelector('#scan-{button}').click()"));
        browser.wait_for_text("#scan-problem", "No answer from dcrcold web");
    }
    browser.check_quiet(&origin);
}
