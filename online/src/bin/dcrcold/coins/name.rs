//! Coins as people name them: in full, or by the few digits that narrow terminals show.

use std::str::FromStr;

use dcrcold::wallet::{CoinId, CoinIdError, CoinsOf, Wallet};
use dcrcold_core::hash::TxId;
use dcrcold_signer::cli::{Failure, FailureKind};

use crate::failure::Explain;

/// How many digits of a transaction's id are shown, and enough to name a coin of the wallet.
const DIGITS: usize = 8;

/// A coin by the first digits of its transaction's id, and its output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Short {
    digits: String,
    output: u32,
}

impl Short {
    fn read(text: &str) -> Option<Self> {
        let (digits, output) = text.split_once(':').filter(|(digits, _)| digits.len() >= DIGITS)?;
        // With the rest of an id behind them, the digits are read as all of one is.
        let padded = format!("{digits:0<width$}:{output}", width = size_of::<TxId>() * 2);
        let id: CoinId = padded.parse().ok()?;
        Some(Self { digits: digits.to_lowercase(), output: id.output })
    }

    /// The one coin of the wallet that begins so.
    fn find(&self, wallet: &Wallet) -> Result<CoinId, Failure> {
        let Self { digits, output } = self;
        let ids = wallet.coins().explain()?.into_iter().map(|coin| CoinId::from(coin.outpoint));
        let mut meant = ids.filter(|id| id.output == *output && id.tx.to_string().starts_with(digits));
        let usage = |message: String| Failure::new(FailureKind::Usage, message);
        match (meant.next(), meant.next()) {
            (Some(id), None) => Ok(id),
            (None, _) => {
                Err(usage(format!("coin {digits}:{output} is none that the account has"))
                    .hint("dcrcold coins lists them"))
            }
            (Some(_), Some(_)) => {
                Err(usage(format!("several coins begin with {digits}"))
                    .hint("give more digits of the transaction's id"))
            }
        }
    }
}

/// What names coins of the wallet, in full, or one coin by the beginning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Named<T> {
    /// In full.
    Whole(T),
    /// By the beginning.
    Short(Short),
}

/// A coin of the wallet.
pub(crate) type CoinName = Named<CoinId>;
/// A coin of the wallet, or all coins of an address.
pub(crate) type CoinsName = Named<CoinsOf>;

impl<T: FromStr<Err = CoinIdError>> FromStr for Named<T> {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = |error| match error {
            CoinIdError::NotACoin => format!("expected a coin as ID:INDEX, of whose ID {DIGITS} digits are enough"),
            other => other.to_string(),
        };
        let short = |error| Short::read(text).map(Self::Short).ok_or_else(|| wrong(error));
        text.parse().map(Self::Whole).or_else(short)
    }
}

impl<T: Copy + From<CoinId>> Named<T> {
    /// What of the wallet is meant.
    pub(crate) fn find(&self, wallet: &Wallet) -> Result<T, Failure> {
        match self {
            Self::Whole(whole) => Ok(*whole),
            Self::Short(short) => short.find(wallet).map(T::from),
        }
    }

    /// What several names mean.
    pub(crate) fn find_all(names: &[Self], wallet: &Wallet) -> Result<Vec<T>, Failure> {
        names.iter().map(|name| name.find(wallet)).collect()
    }
}

/// A coin's name where there is little room.
pub(super) fn short(coin: &str) -> String {
    match coin.split_once(':') {
        Some((id, output)) => format!("{}:{output}", &id[..DIGITS.min(id.len())]),
        None => coin.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "011601132acd0101a53b41f85a4eb2311b1a22c6795ebcf69088d20807976c4d";

    #[test]
    fn a_coin_is_named_by_what_narrow_terminals_show() {
        let whole = format!("{ID}:7");
        assert_eq!(short(&whole), "01160113:7");
        assert_eq!(whole.parse(), Ok(CoinName::Whole(whole.parse().unwrap())));
        let short = Short { digits: "01160113".into(), output: 7 };
        assert_eq!("01160113:7".parse(), Ok(CoinName::Short(short.clone())));
        assert_eq!("01160113:7".parse(), Ok(CoinsName::Short(short)));
    }

    #[test]
    fn what_names_no_coin_is_refused() {
        let expected = Err("expected a coin as ID:INDEX, of whose ID 8 digits are enough".to_owned());
        for text in ["0116011:7", "01160113", "01160113:", "01160113:+7", "0116011g:7", "01160113..6c4d:7"] {
            assert_eq!(text.parse::<CoinName>(), expected, "{text}");
        }
        assert_eq!(format!("{ID}0:7").parse::<CoinName>(), expected);
    }
}
