//! A standing order, kept and sent from the page.

use std::fs;

use dcrcold_core::amount::Amount;
use dcrcold_signer::qr::Density;
use dcrcold_signer::transfer::Container;

use crate::chromium::{self, Camera, Chromium};
use crate::film;
use crate::looks;
use crate::world::World;

#[test]
fn an_order_is_kept_by_one_button_and_sent_when_its_price_comes() {
    let Some(program) = chromium::find() else { return };
    let world = World::new();
    let stake = world.online(&["stakeinfo"]);
    let atoms = |name: &str| stake[name].as_u64().unwrap();
    let (price, expected) = (atoms("price"), atoms("next_window_expected"));
    assert!(expected < price, "the price is about to fall: {stake}");
    let amount = format!("{:#}", Amount::from_atoms(u64::midpoint(price, expected)).unwrap());
    let bought = world.online(&["buy", "1", "--amount", &amount, "--windows", "3", "--out", "order"]);
    world.cold(&["sign", "order", "--out", "answer", "--approve", bought["id"].as_str().unwrap()]);
    let answer = Container::parse(&fs::read(world.path("answer")).unwrap()).unwrap();

    let web = world.serve();
    film::write(&world.path("film.y4m"), &film::of(&answer, Density::V10));
    let mut browser = Chromium::start(&program, &Camera::Film(&world.path("film.y4m")));
    browser.window(1280, 900);
    browser.go(&web.link);
    browser.wait("document.querySelector('#request-list a')");
    browser.enter("nav a[href='#scan']");
    browser.enter("#scan-start");
    browser.wait("document.activeElement.id === 'scan-answer-title'");
    let facts = browser.text("#scan-facts");
    assert!(facts.contains(&format!("1 ticket, {amount} DCR each")), "{facts}");
    // Now it does not fit, and nothing is sent.
    browser.enter("#scan-submit");
    browser.wait_for_text("#scan-problem", "--when-price-fits");
    browser.enter("#scan-order");
    browser.wait("document.activeElement.id === 'scan-outcome-title'");
    looks::keep(&mut browser, "order");
    let outcome = browser.text("#scan-result");
    assert!(outcome.contains("Kept as a standing order") && outcome.contains(&amount), "{outcome}");
    assert_eq!(world.online(&["cancel"])[0]["standing"], true);
    assert_eq!(world.online(&["tickets"]).as_array().unwrap().len(), 0);

    world.online(&["demo", "mine", "net", &stake["blocks_left"].to_string()]);
    browser.enter("#scan-outcome a");
    browser.enter("#tickets-sync");
    browser.wait_for_text("#tickets-said", "sent: its price came");
    browser.wait("document.querySelectorAll('#tickets-rows tr').length === 1");
    looks::keep(&mut browser, "order-sent");
    browser.check_quiet(web.origin());
}
