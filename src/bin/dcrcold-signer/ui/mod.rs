//! The full-screen side of the program: what is shown on the terminal as a grid of characters.

pub(crate) mod added;
pub(crate) mod review;
pub(crate) mod seed;
