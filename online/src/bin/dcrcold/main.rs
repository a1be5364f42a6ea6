//! The online companion.

fn main() {}
