//! Numbers of things in sentences.

use std::fmt::Display;

/// A number and what it counts, in the plural unless it is one.
#[must_use]
pub fn count<N: Copy + Display + PartialEq + From<u8>>(number: N, what: &str) -> String {
    if number == N::from(1) { format!("1 {what}") } else { format!("{number} {what}s") }
}

#[cfg(test)]
mod tests {
    use super::count;

    #[test]
    fn one_is_no_plural() {
        assert_eq!([0_u32, 1, 2].map(|number| count(number, "ticket")), ["0 tickets", "1 ticket", "2 tickets"]);
    }
}
