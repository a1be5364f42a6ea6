//! Ticket prices that move while a request travels: what is foretold of them, and what becomes of an answer that is late.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]
#![allow(dead_code, unreachable_pub, reason = "the modules of other tests are not used to the last function")]

#[path = "../wallet/chain.rs"]
mod chain;
#[path = "../wallet/dice.rs"]
mod dice;
#[path = "../wallet/fixture.rs"]
mod fixture;
mod late;
#[path = "../common/order.rs"]
mod order;
#[path = "../common/purse.rs"]
mod purse;
mod screens;
mod standing;
mod trip;
mod window;
#[path = "../wallet/world.rs"]
mod world;
