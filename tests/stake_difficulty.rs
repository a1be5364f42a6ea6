//! Ticket prices and their estimates against `stake_difficulty.json` and `stake_difficulty_headers.json`.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use common::{Vectors, list, number, parsed};
use dcrcold_core::amount::{Amount, Height};
use dcrcold_core::net::Network;
use dcrcold_signer::stake::difficulty::{PriceError, StakeHeader, headers_needed, next_price, retarget};
use dcrcold_signer::stake::estimate::{Purchases, estimate_price, following_window, next_window};
use dcrcold_signer::stake::subsidy::estimated_supply;
use serde_json::Value;

fn atoms(value: &Value) -> Amount {
    Amount::from_atoms(number(value)).unwrap()
}

#[test]
fn prices_are_those_of_dcrd() {
    let mut vectors = Vectors::load("stake_difficulty.json");
    vectors.each("calc_next", |row| {
        let network = parsed(&row["net"]);
        let (before, now) = (number(&row["prev_pool_size_all"]), number(&row["cur_pool_size_all"]));
        let next = retarget(network, Height(number(&row["next_height"])), atoms(&row["cur_diff"]), before, now);
        assert_eq!(next, Ok(atoms(&row["next_diff"])));
    });
    vectors.each("required", |row| {
        let network = parsed(&row["net"]);
        let chain = buy(network, &row["blocks"]);
        assert_eq!(price_after(network, &chain), Ok(atoms(&row["expected"])), "{}", row["name"]);
    });
    vectors.each("estimate", |row| {
        let network = parsed(&row["net"]);
        let chain = buy(network, &row["blocks"]);
        let most = row["use_max_tickets"].as_bool().unwrap();
        let purchases = if most { Purchases::Most } else { Purchases::Exactly(number(&row["new_tickets"])) };
        let estimate = estimate_price(network, tip(&chain), purchases, |height| at(&chain, height));
        assert_eq!(estimate, Ok(atoms(&row["expected"])), "{}", row["name"]);
    });
    vectors.each("estimate_supply_mainnet", |row| {
        let height = Height(u32::try_from(row["height"].as_i64().unwrap().max(0)).unwrap());
        assert_eq!(estimated_supply(Network::Mainnet, height), row["supply"]);
    });
    // The parameters again, which `network_params.json` has too.
    vectors.data_only("params", 2);
    vectors.finish(7 + 16 + 27 + 13);
}

fn tip(chain: &[StakeHeader]) -> Height {
    Height(u32::try_from(chain.len()).unwrap() - 1)
}

fn at(chain: &[StakeHeader], height: Height) -> Option<StakeHeader> {
    chain.get(usize::try_from(height.0).unwrap()).copied()
}

fn price_after(network: Network, chain: &[StakeHeader]) -> Result<Amount, PriceError> {
    next_price(network, tip(chain), |height| at(chain, height))
}

/// Builds a chain on an empty genesis block, each block with the tickets that a row says, at the price it says.
fn buy(network: Network, blocks: &Value) -> Vec<StakeHeader> {
    let params = network.params();
    let mut chain = vec![StakeHeader { pool_size: 0, fresh_stake: 0, price: params.minimum_stake_difficulty }];
    let mut live: i64 = 0;
    for row in list(blocks) {
        let price = atoms(&row["stake_diff"]);
        for _ in 0..number::<u32>(&row["count"]) {
            let height = chain.len();
            let header = StakeHeader {
                pool_size: u32::try_from(live).unwrap(),
                fresh_stake: number(&row["fresh_tickets"]),
                price,
            };
            // The rows say the price of the first block of each; here every block is held to the rule.
            assert_eq!(price_after(network, &chain), Ok(price), "height {height}");
            chain.push(header);
            let matured = height.checked_sub(params.ticket_maturity as usize).map_or(0, |then| chain[then].fresh_stake);
            live += i64::from(matured);
            if height >= params.stake_validation_height as usize {
                live -= i64::from(params.tickets_per_block);
            }
        }
    }
    chain
}

#[test]
fn prices_follow_from_headers_alone() {
    let mut vectors = Vectors::load("stake_difficulty_headers.json");
    vectors.one("chains", |chains| list(chains).iter().map(check_chain).sum());
    vectors.finish(95);
}

/// Checks all queries of a chain and returns how many there are.
fn check_chain(row: &Value) -> usize {
    let network: Network = parsed(&row["net"]);
    let first: u32 = number(&row["first_height"]);
    let (pools, fresh) = (list(&row["pool_size"]), list(&row["fresh_stake"]));
    let price = |height: Height| {
        let change = list(&row["sbits_changes"]).iter().rev().find(|change| number::<u32>(&change[0]) <= height.0);
        atoms(&change.unwrap()[1])
    };
    for query in list(&row["queries"]) {
        let tip = Height(number(&query["tip"]));
        // Only what the library says it needs, so that a client knows how many headers to keep.
        let lowest = (tip.0 + 1).saturating_sub(headers_needed(network));
        let header = |height: Height| {
            assert!((lowest..=tip.0).contains(&height.0), "asked for height {height} at tip {tip}");
            let place = usize::try_from(height.0.checked_sub(first)?).unwrap();
            let (pool_size, fresh_stake) = (number(pools.get(place)?), number(&fresh[place]));
            Some(StakeHeader { pool_size, fresh_stake, price: price(height) })
        };
        assert_eq!(next_price(network, tip, header), Ok(atoms(&query["next"])), "{query}");
        assert_eq!(tip.0 + 1, query["next_height"]);
        if let Some(lowest) = query.get("next_window_if_no_more_tickets") {
            let window = next_window(network, tip, header).unwrap();
            assert_eq!(window.lowest, atoms(lowest), "{query}");
            assert_eq!(window.highest, atoms(&query["next_window_if_all_blocks_full"]), "{query}");
            assert!((window.lowest..=window.highest).contains(&window.expected), "{query}");
            check_following(network, tip, header);
        }
    }
    list(&row["queries"]).len()
}

/// After the last block of a window the window after the next is foretold, with the same headers.
fn check_following(network: Network, tip: Height, header: impl Fn(Height) -> Option<StakeHeader>) {
    let (certain, following) = (next_window(network, tip, &header), following_window(network, tip, &header).unwrap());
    if !(tip.0 + 1).is_multiple_of(network.params().stake_difficulty_window) {
        assert_eq!(certain, Ok(following));
        return;
    }
    let price = next_price(network, tip, &header).unwrap();
    assert_eq!(certain.unwrap().highest, price, "what follows is certain");
    assert!((following.lowest..=following.highest).contains(&following.expected), "{following:?}");
    assert!(following.highest > price && following.lowest < following.highest, "{following:?}");
}

#[test]
fn estimates_are_those_of_a_running_dcrd() {
    let mut vectors = Vectors::parse("price_estimates.json", include_str!("data/price_estimates.json"));
    let column = |key: &str| list(vectors.get(key)).to_vec();
    let (pools, fresh, prices) = (column("pool_size"), column("fresh_stake"), column("sbits"));
    let first: u32 = number(vectors.get("first_height"));
    let header = |height: Height| {
        let place = usize::try_from(height.0.checked_sub(first)?).unwrap();
        let price = atoms(prices.get(place)?);
        Some(StakeHeader { pool_size: number(&pools[place]), fresh_stake: number(&fresh[place]), price })
    };
    vectors.each("queries", |query| {
        let tip = Height(number(&query["tip"]));
        let window = next_window(Network::Simnet, tip, header).unwrap();
        let known = [&query["min"], &query["expected"], &query["max"]].map(atoms);
        assert_eq!([window.lowest, window.expected, window.highest], known, "{query}");
        assert_eq!(next_price(Network::Simnet, tip, header), Ok(atoms(&query["next"])), "{query}");
    });
    ["first_height", "pool_size", "fresh_stake", "sbits"].into_iter().for_each(|key| vectors.elsewhere(key));
    vectors.finish(14);
}

#[test]
fn a_missing_header_is_named() {
    let header = StakeHeader { pool_size: 41_000, fresh_stake: 5, price: Amount::constant::<20_000_000_000>() };
    let boundary = 144 * 3000;
    let missing = Height(boundary - 145 - 255);
    let known = |height: Height| (height > missing).then_some(header);
    let found = next_price(Network::Mainnet, Height(boundary - 1), known);
    assert_eq!(found, Err(PriceError::MissingHeader { height: missing }));
}

#[test]
fn more_tickets_than_fit_are_refused() {
    let header = StakeHeader { pool_size: 41_000, fresh_stake: 5, price: Amount::constant::<20_000_000_000>() };
    let tip = Height(144 * 3000 + 141);
    let found = estimate_price(Network::Mainnet, tip, Purchases::Exactly(41), |_| Some(header));
    assert_eq!(found, Err(PriceError::TooManyTickets { tickets: 41, most: 40 }));
}
