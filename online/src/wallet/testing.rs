//! The made-up chain of the wallet's tests, for tests that need to look inside.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[path = "../../../tests/wallet/chain.rs"]
pub(crate) mod chain;
#[path = "../../../tests/wallet/fixture.rs"]
pub(crate) mod fixture;
#[path = "../../../tests/common/order.rs"]
pub(crate) mod order;
