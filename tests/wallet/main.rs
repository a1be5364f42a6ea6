//! The wallet over chains that are made up: what it finds, what it takes back, where it goes on, whom it believes.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]
#![allow(unreachable_pub, reason = "the modules of a test have no other users")]

#[path = "../common/between.rs"]
mod between;
mod chain;
mod chaos;
mod dice;
mod fixture;
mod history;
mod ledger;
mod lies;
mod live;
mod model;
mod notes;
mod observed;
#[path = "../common/order.rs"]
mod order;
mod payments;
mod purchases;
mod receive;
mod reorganisations;
mod restakes;
mod restarts;
mod search;
mod sends;
mod tickets;
mod world;

#[path = "../common/purse.rs"]
mod purse;
