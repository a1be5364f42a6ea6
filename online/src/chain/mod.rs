//! Where blocks come from and transactions go to.

pub mod work;
