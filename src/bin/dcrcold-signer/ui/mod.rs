//! The full-screen side of the program: the terminal as a grid of characters, and what is shown on it.

pub(crate) mod added;
pub(crate) mod keys;
mod paint;
pub(crate) mod review;
pub(crate) mod seed;
mod signals;
pub(crate) mod terminal;
