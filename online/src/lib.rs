//! The online side of dcrcold: chain, wallet database and commands. It holds no spend key.

pub mod chain;
pub mod prepare;
pub mod voter;
pub mod wallet;
