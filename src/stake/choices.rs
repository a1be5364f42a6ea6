//! What votes choose: the agendas of the newest vote version, and when treasury spends are voted on.
//!
//! Source: dcrd `chaincfg` (`Deployments`, `TreasuryVoteInterval`), `blockchain/standalone/treasury.go`.

use dcrcold_core::amount::Height;
use dcrcold_core::net::Network;

use super::vote::VoteBits;

/// A rule change that is voted on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Agenda {
    /// Its name.
    pub id: &'static str,
    /// What it would change.
    pub description: &'static str,
    /// The choices and their bits; the first one abstains.
    pub choices: &'static [(&'static str, u16)],
}

/// DCP0013.
const MAX_TREASURY_SPEND: Agenda = Agenda {
    id: "maxtreasuryspend",
    description: "change maximum treasury expenditure policy as defined in DCP0013",
    choices: &[("abstain", 0), ("no", 0x0002), ("yes", 0x0004)],
};

/// The agendas of [`super::vote::newest_version`].
#[must_use]
pub const fn agendas(network: Network) -> &'static [Agenda] {
    match network {
        Network::Mainnet | Network::Testnet3 | Network::Simnet => &[MAX_TREASURY_SPEND],
    }
}

/// The bits of a choice on an agenda; `None` when the newest vote version has no such choice.
fn bits_of(network: Network, agenda: &str, choice: &str) -> Option<u16> {
    let agenda = agendas(network).iter().find(|known| known.id == agenda)?;
    agenda.choices.iter().find(|(id, _)| *id == choice).map(|(_, bits)| *bits)
}

/// The bits of a vote that approves the block before and makes these choices; unknown ones abstain.
#[must_use]
pub fn vote_bits<'a>(network: Network, choices: impl IntoIterator<Item = (&'a str, &'a str)>) -> VoteBits {
    let chosen = choices.into_iter().filter_map(|(agenda, choice)| bits_of(network, agenda, choice));
    VoteBits::new(chosen.fold(VoteBits::APPROVE, |bits, choice| bits | choice), super::vote::newest_version(network))
}

/// Whether votes on the block at `height` count for a treasury spend with this expiry.
///
/// dcrwallet asks the same with the height of the block voted on.
#[must_use]
pub const fn is_voted_on(network: Network, height: Height, expiry: u32) -> bool {
    let (interval, multiplier) = match network {
        Network::Mainnet => (288, 12),
        Network::Testnet3 => (60, 4),
        Network::Simnet => (48, 3),
    };
    let window = interval * multiplier;
    // An expiry lies two blocks above the end of the window, which is a multiple of the interval.
    match expiry.checked_sub(2) {
        Some(end) if end >= window && end.is_multiple_of(interval) => height.0 >= end - window && height.0 <= end,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices_are_bits_above_the_approval() {
        let bits = |choices: &[(&str, &str)]| vote_bits(Network::Mainnet, choices.iter().copied());
        assert_eq!((bits(&[]).bits, bits(&[]).version()), (0x0001, 11));
        assert_eq!(bits(&[("maxtreasuryspend", "yes")]).bits, 0x0005);
        assert_eq!(bits(&[("maxtreasuryspend", "no")]).bits, 0x0003);
        assert_eq!(bits(&[("maxtreasuryspend", "abstain"), ("of the past", "yes")]).bits, 0x0001);
        assert_eq!(vote_bits(Network::Simnet, []).version(), 12);
    }

    #[test]
    fn choices_of_an_agenda_have_bits_of_their_own() {
        for network in Network::ALL {
            for agenda in agendas(network) {
                assert_eq!(agenda.choices[0], ("abstain", 0), "{}", agenda.id);
                let bits: Vec<u16> = agenda.choices.iter().map(|(_, bits)| *bits).collect();
                assert!(bits.iter().all(|bit| bit & VoteBits::APPROVE == 0), "{}", agenda.id);
                assert!((1..bits.len()).all(|at| !bits[..at].contains(&bits[at])), "{}", agenda.id);
            }
        }
    }

    /// dcrd's `TestTSpendExpiry` on mainnet: an expiry two above a multiple of 288, a window of twelve times that.
    #[test]
    fn treasury_spends_are_voted_on_inside_of_their_window() {
        let voted = |height, expiry| is_voted_on(Network::Mainnet, Height(height), expiry);
        let (start, end) = (288 * 100, 288 * 112);
        assert_eq!([start - 1, start, end, end + 1].map(|height| voted(height, end + 2)), [false, true, true, false]);
        assert_eq!([0, 1, end, end + 1, end + 3].map(|expiry| voted(end, expiry)), [false; 5]);
        assert!(!voted(0, 288 * 12 + 1) && voted(0, 288 * 12 + 2));
    }
}
