//! What a price window is foretold to become, against what becomes of it on the embedded network.

use dcrcold::chain::{ChainSource, PriceWindow};
use dcrcold_core::amount::Height;
use dcrcold_core::hash::Hash160;
use dcrcold_core::net::Network;
use dcrcold_signer::block::BlockHeader;

use crate::world::World;

const WINDOWS: u32 = 150;
const WINDOW: u32 = Network::Simnet.params().stake_difficulty_window;

/// A window in which somebody buys as he likes: nothing, or up to what blocks hold.
fn mine_window(world: &mut World, foretold: &mut Vec<PriceWindow>) {
    let appetite = [0, 0, 0, 0, 1, 3, 6, 20][world.dice.roll(8) as usize];
    for _ in 0..WINDOW {
        let price = world.ticket_price();
        for _ in 0..world.dice.roll(appetite + 1) {
            // A coin that the price has outgrown buys nothing.
            let _ = world.buy_for(Hash160::from_bytes([5; 20]));
            world.fund_stranger(price * 11 / 10);
        }
        if appetite > 0 {
            world.fund_stranger(price * 11 / 10);
        }
        world.mine(1);
        foretold.push(world.sim.price().unwrap());
    }
}

/// How many tickets left the lottery between two tips because they were never called, which no header foretells.
fn expired(headers: &[BlockHeader], from: Height, to: Height) -> u32 {
    let params = Network::Simnet.params();
    let at = |height: u32| &headers[height as usize - 1];
    let came: u32 = (from.0..to.0).map(|height| u32::from(at(height - params.ticket_maturity).fresh_stake)).sum();
    let called = (to.0 - from.0) * params.tickets_per_block;
    at(from.0).pool_size + came - called - at(to.0).pool_size
}

#[test]
fn what_comes_lies_in_the_range_that_was_foretold() {
    let mut world = World::new(41);
    world.lazy = false;
    // Up to the last block of a window.
    while world.sim.price().unwrap().blocks_left < WINDOW {
        world.mine(1);
    }
    let mut foretold = vec![world.sim.price().unwrap()];
    let (mut inside, mut below, mut rose, mut early) = (0, 0, 0, 0);
    for _ in 0..WINDOWS {
        // The last one tells of the window after this.
        let started = foretold.pop().unwrap();
        mine_window(&mut world, &mut foretold);
        let (now, last) = (world.sim.price().unwrap(), foretold.pop().unwrap());
        let headers = world.sim.headers_after(&[]).unwrap();
        rose += u32::from(now.next > started.next);
        for window in foretold.drain(..).chain([started]) {
            assert_eq!((window.ends(), window.next), (started.ends(), started.next));
            early += u32::from(window.blocks_left == WINDOW);
            if (window.estimate.min..=window.estimate.max).contains(&now.next) {
                inside += 1;
            } else {
                let expired = expired(&headers, window.tip.height, now.tip.height);
                assert!(now.next < window.estimate.min && expired > 0, "{window:?}, {}", now.next);
                below += 1;
            }
        }
        foretold.push(last);
    }
    println!(
        "price windows: {WINDOWS}, {rose} of them rose; {inside} estimates hold, {below} are above what came because tickets \
         expired"
    );
    assert_eq!((inside + below, early), (WINDOWS * WINDOW, WINDOWS));
    assert!(below * 100 <= inside, "expiry is rare");
    assert!(rose > WINDOWS / 4 && rose < WINDOWS * 3 / 4, "the price moves both ways");
}
