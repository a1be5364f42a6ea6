//! What a device says it is and takes.

use dcrcold_core::apdu::{Instruction, MAC_LENGTH, MAJOR, MAX_NAME, network_bit};
use dcrcold_core::net::Network;

use super::error::Lie;
use crate::transfer::Capacity;

/// The data of the longest command: account, name, three keys and chain codes, MAC.
const LONGEST_DATA: usize = 9 + 1 + MAX_NAME + 3 * 65 + MAC_LENGTH;
/// The length of the reply of version 1.0; later ones append to it.
const LENGTH: usize = 9;

/// What a device takes, by its reply to `version`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// The minor version of the protocol; the major one is 1.
    pub minor: u8,
    /// What it takes in one request, but never more than a host takes.
    pub capacity: Capacity,
    /// A [`network_bit`] each.
    networks: u8,
    /// The most bytes of data in a command.
    most_data: u8,
}

/// A reply to `version`.
pub(super) enum Version {
    /// One of this protocol.
    Known(Capabilities),
    /// Another major version.
    Other { major: u8, minor: u8 },
}

impl Capabilities {
    /// Reads the reply to `version`; a later minor version may have appended to it.
    pub(super) fn read(data: &[u8]) -> Result<Version, Lie> {
        let short = || Lie::Length { command: Instruction::Version.name(), found: data.len(), expected: LENGTH };
        let (&[major, minor], rest) = data.split_first_chunk::<2>().ok_or_else(short)?;
        if major != MAJOR {
            return Ok(Version::Other { major, minor });
        }
        let (&[i0, i1, t0, t1, highest_kind, networks, most_data], _) =
            rest.split_first_chunk::<7>().ok_or_else(short)?;
        let [inputs, tickets] = [[i0, i1], [t0, t1]].map(|bytes| u32::from(u16::from_le_bytes(bytes)));
        if inputs == 0 || tickets == 0 || usize::from(most_data) < LONGEST_DATA {
            return Err(Lie::Capabilities { inputs, tickets, most_data });
        }
        let capacity = Capacity {
            inputs: inputs.min(Capacity::HOST.inputs),
            tickets: tickets.min(Capacity::HOST.tickets),
            highest_kind: highest_kind.min(Capacity::HOST.highest_kind),
        };
        Ok(Version::Known(Self { minor, capacity, networks, most_data }))
    }

    /// Whether it takes requests for a network.
    #[must_use]
    pub const fn serves(&self, network: Network) -> bool {
        self.networks & network_bit(network) != 0
    }

    /// How many bytes of a request go into one command.
    pub(super) fn chunk(&self) -> usize {
        self.most_data.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(data: &[u8]) -> Capabilities {
        match Capabilities::read(data) {
            Ok(Version::Known(capabilities)) => capabilities,
            _ => panic!("not taken: {data:?}"),
        }
    }

    #[test]
    fn a_later_minor_version_may_say_more() {
        let first = known(&[1, 0, 24, 0, 20, 0, 3, 6, 255]);
        assert_eq!(first.capacity, Capacity { inputs: 24, tickets: 20, highest_kind: 3 });
        assert_eq!(Network::ALL.map(|network| first.serves(network)), [false, true, true]);
        let later = known(&[1, 9, 24, 0, 20, 0, 3, 6, 255, 7, 7]);
        assert_eq!(later, Capabilities { minor: 9, ..first });
    }

    #[test]
    fn another_major_version_is_told_by_its_first_two_bytes() {
        assert!(matches!(Capabilities::read(&[2, 1]), Ok(Version::Other { major: 2, minor: 1 })));
    }

    #[test]
    fn a_device_never_raises_what_a_host_takes() {
        assert_eq!(known(&[1, 0, 255, 255, 255, 255, 255, 255, 255]).capacity, Capacity::HOST);
    }

    #[test]
    fn what_no_device_can_be_is_a_lie() {
        let cases: [&[u8]; 6] = [
            &[],
            &[1],
            &[1, 0, 24, 0, 20, 0, 3, 7],
            &[1, 0, 0, 0, 20, 0, 3, 7, 255],
            &[1, 0, 24, 0, 0, 0, 3, 7, 255],
            &[1, 0, 24, 0, 20, 0, 3, 7, 252],
        ];
        for data in cases {
            assert!(Capabilities::read(data).is_err(), "{data:?}");
        }
        println!("replies to version that are lies: {} cases", cases.len());
    }
}
