//! The rules of staking: ticket prices, subsidies, the lottery, and what votes and revocations pay.
//!
//! Everything here is arithmetic over given data; nothing looks at a chain.

pub mod choices;
pub mod difficulty;
pub mod estimate;
pub mod lottery;
pub mod payout;
pub mod revocation;
pub mod subsidy;
pub mod ticket;
pub mod vote;
pub mod vsp_fee;
