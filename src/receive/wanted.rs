//! Which transfers may come as codes, and where.

use std::fmt;

use dcrcold_core::net::Network;
use dcrcold_core::words::check_words;

use super::ReceiveError;
use crate::transfer::{Container, Kind};

/// What a command scans for. Everything else is refused by name, whole and intact as it may be.
///
/// Hot keys are not among them: nothing shows them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// The online side takes signatures back, and nothing else.
    Answer,
    /// The signer takes requests.
    Request,
    /// A new wallet takes the public side of an account.
    WatchExport,
    /// The signer takes a voter to be registered.
    VoterExport,
}

impl Wanted {
    const fn takes(self, kind: Kind) -> bool {
        match self {
            Self::Answer => matches!(kind, Kind::Answer),
            Self::Request => kind.is_request(),
            Self::WatchExport => matches!(kind, Kind::WatchExport),
            Self::VoterExport => matches!(kind, Kind::VoterExport),
        }
    }

    /// Who takes a kind, if anybody does.
    #[must_use]
    pub fn of(kind: Kind) -> Option<Self> {
        [Self::Answer, Self::Request, Self::WatchExport, Self::VoterExport]
            .into_iter()
            .find(|wanted| wanted.takes(kind))
    }

    /// Sees that a transfer is of a kind that may come, and for the network of the wallet if that is known.
    ///
    /// # Errors
    /// [`ReceiveError::HotKeys`], [`ReceiveError::Kind`], [`ReceiveError::Network`].
    pub fn check(self, transfer: &Container, network: Option<Network>) -> Result<(), ReceiveError> {
        let found = || Scanned::of(transfer);
        match (transfer.kind(), network) {
            (Kind::HotKeys, _) => Err(ReceiveError::HotKeys(found())),
            (kind, _) if !self.takes(kind) => Err(ReceiveError::Kind { found: found(), expected: self }),
            (_, Some(expected)) if transfer.network() != expected => {
                Err(ReceiveError::Network { found: found(), expected })
            }
            _ => Ok(()),
        }
    }
}

impl fmt::Display for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Answer => "an answer",
            Self::Request => "a request",
            Self::WatchExport => "a watch export",
            Self::VoterExport => "a voter export",
        })
    }
}

/// What a person is told of a transfer before anything is done with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scanned {
    /// The kind.
    pub kind: Kind,
    /// The network.
    pub network: Network,
    /// Bytes of the transfer as a file with its body as it is.
    pub size: usize,
    /// The words that catch mix-ups: the same as on the screen that showed it.
    pub words: [&'static str; 4],
}

impl Scanned {
    /// Describes a transfer.
    #[must_use]
    pub fn of(transfer: &Container) -> Self {
        let size = transfer.body().len() + dcrcold_core::request::HEADER_LENGTH;
        Self { kind: transfer.kind(), network: transfer.network(), size, words: check_words(transfer.id()) }
    }
}

impl fmt::Display for Scanned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} for {}, {} bytes, check words {}", self.kind, self.network, self.size, self.words.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Wanted; 4] = [Wanted::Answer, Wanted::Request, Wanted::WatchExport, Wanted::VoterExport];

    #[test]
    fn each_kind_comes_where_it_belongs_and_nowhere_else() {
        let mut cases = 0;
        for kind in Kind::ALL {
            let transfer = Container::new(kind, Network::Simnet, vec![0xa0]).unwrap();
            for wanted in ALL {
                let taken = wanted.check(&transfer, None).is_ok();
                let belongs = match wanted {
                    Wanted::Answer => [Kind::Answer].contains(&kind),
                    Wanted::Request => [Kind::Purchase, Kind::Send, Kind::Register].contains(&kind),
                    Wanted::WatchExport => [Kind::WatchExport].contains(&kind),
                    Wanted::VoterExport => [Kind::VoterExport].contains(&kind),
                };
                assert_eq!(taken, belongs, "{kind} as {wanted}");
                assert_eq!(wanted.check(&transfer, Some(Network::Simnet)).is_ok(), belongs);
                assert!(wanted.check(&transfer, Some(Network::Mainnet)).is_err());
                cases += 1;
            }
        }
        println!("kinds: {cases} cases");
        assert_eq!(cases, 28);
    }

    #[test]
    fn hot_keys_are_refused_as_what_they_are() {
        let keys = Container::new(Kind::HotKeys, Network::Mainnet, vec![0]).unwrap();
        for wanted in ALL {
            assert!(matches!(wanted.check(&keys, None), Err(ReceiveError::HotKeys(_))));
        }
    }
}
