//! Amounts as people want to read them.

use dcrcold_core::amount::Amount;

/// The unit in which amounts are printed for people; JSON has atoms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Money {
    Dcr,
    Atoms,
}

impl Money {
    /// An amount with its unit.
    pub(crate) fn of(self, amount: Amount) -> String {
        format!("{} {}", self.number(amount), self.unit())
    }

    /// An amount without its unit.
    pub(crate) fn number(self, amount: Amount) -> String {
        match self {
            Self::Dcr => format!("{amount:#}"),
            Self::Atoms => amount.atoms().to_string(),
        }
    }

    /// An amount of either sign, in atoms, without its unit.
    pub(crate) fn signed(self, atoms: i64) -> String {
        let sign = if atoms < 0 { "-" } else { "+" };
        format!("{sign}{}", self.number(Amount::from_atoms(atoms.unsigned_abs()).unwrap_or_default()))
    }

    /// The unit, for the head of a column.
    pub(crate) const fn unit(self) -> &'static str {
        match self {
            Self::Dcr => "DCR",
            Self::Atoms => "atoms",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_have_the_unit_that_was_asked_for() {
        let amount = Amount::from_atoms(123_456_789).unwrap();
        assert_eq!(
            (Money::Dcr.of(amount), Money::Atoms.of(amount)),
            ("1.23456789 DCR".into(), "123456789 atoms".into())
        );
        assert_eq!((Money::Dcr.signed(-1), Money::Atoms.signed(7)), ("-0.00000001".into(), "+7".into()));
    }
}
