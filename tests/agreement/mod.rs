//! The cases, the chain that they are on, and what dcrd said of them.

pub mod blocks;
pub mod case;
#[path = "../common/purse.rs"]
pub mod purse;
pub mod record;
pub mod show;
pub mod splits;
pub mod tickets;
pub mod votes;
pub mod world;
