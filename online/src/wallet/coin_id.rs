//! How people name coins: by the transaction and the output, or by the address that they lie at.

use std::fmt;
use std::str::FromStr;

use dcrcold_core::hash::TxId;
use dcrcold_signer::address::{Address, AddressError};
use dcrcold_signer::tx::OutPoint;

use crate::prepare::Spendable;

/// A coin by its transaction and output; prints `id:index`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CoinId {
    /// The transaction.
    pub tx: TxId,
    /// The position of the output.
    pub output: u32,
}

/// Why a text names no coin.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CoinIdError {
    /// It is not an id, a colon and a number.
    #[error("expected a coin as ID:INDEX, 64 hexadecimal digits and a number")]
    NotACoin,
    /// It is no address either.
    #[error("expected a coin as ID:INDEX, or an address: {0}")]
    Address(#[from] AddressError),
}

impl fmt::Display for CoinId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.tx, self.output)
    }
}

impl FromStr for CoinId {
    type Err = CoinIdError;

    fn from_str(text: &str) -> Result<Self, CoinIdError> {
        let (tx, output) = text.split_once(':').ok_or(CoinIdError::NotACoin)?;
        // A sign in front of a number is read elsewhere, and another text for the same coin is a mistake here.
        let digits = output.bytes().all(|byte| byte.is_ascii_digit());
        let output = output.parse().ok().filter(|_| digits).ok_or(CoinIdError::NotACoin)?;
        Ok(Self { tx: tx.parse().map_err(|_| CoinIdError::NotACoin)?, output })
    }
}

impl From<OutPoint> for CoinId {
    fn from(outpoint: OutPoint) -> Self {
        Self { tx: outpoint.id, output: outpoint.index }
    }
}

impl From<&Spendable> for CoinId {
    fn from(coin: &Spendable) -> Self {
        Self { tx: coin.parent, output: coin.output }
    }
}

/// A coin, or all coins of an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CoinsOf {
    /// One coin.
    Coin(CoinId),
    /// All coins of an address.
    Address(Address),
}

impl From<CoinId> for CoinsOf {
    fn from(coin: CoinId) -> Self {
        Self::Coin(coin)
    }
}

impl FromStr for CoinsOf {
    type Err = CoinIdError;

    fn from_str(text: &str) -> Result<Self, CoinIdError> {
        if text.contains(':') { Ok(Self::Coin(text.parse()?)) } else { Ok(Self::Address(text.parse()?)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "011601132acd0101a53b41f85a4eb2311b1a22c6795ebcf69088d20807976c4d";

    #[test]
    fn a_coin_prints_as_it_is_read() {
        for output in [0, 7, u32::MAX] {
            let text = format!("{ID}:{output}");
            assert_eq!(text.parse::<CoinId>().unwrap().to_string(), text);
            assert!(matches!(text.parse(), Ok(CoinsOf::Coin(_))));
        }
    }

    #[test]
    fn what_names_no_coin_is_refused() {
        let texts = [ID.to_owned(), format!("{ID}:"), format!("{ID}:+1"), format!("{ID}:4294967296"), ":0".into()];
        let short = format!("{}:0", &ID[1..]);
        for text in texts.iter().chain([&short]) {
            assert_eq!(text.parse::<CoinId>(), Err(CoinIdError::NotACoin), "{text}");
        }
        assert!(matches!("Ssnothing".parse::<CoinsOf>(), Err(CoinIdError::Address(_))));
    }
}
