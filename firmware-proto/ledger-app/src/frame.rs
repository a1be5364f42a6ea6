//! Commands as the transport brings them: only short APDUs are commands.
//!
//! Knows nothing of the SDK, so that it is tested where there is none.

/// Class, instruction, two parameters, the length of the data.
pub const HEAD: usize = 5;

/// The class of the operating system's own commands, which has its own lengths.
const SYSTEM: u8 = 0xb0;

/// What a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Frame {
    /// A short APDU, whose length byte counts its data; or the operating system's business.
    Whole = 0,
    /// Less than the head of one.
    Cut = 1,
    /// A head, and not as many data as its length byte says. An APDU of extended length is one of these.
    Torn = 2,
}

impl Frame {
    /// Judges the bytes of a frame.
    pub fn of(bytes: &[u8]) -> Self {
        match bytes {
            [SYSTEM, ..] => Self::Whole,
            [_, _, _, _, length, data @ ..] if usize::from(*length) == data.len() => Self::Whole,
            [_, _, _, _, _, ..] => Self::Torn,
            _ => Self::Cut,
        }
    }

    /// The frame whose number this is.
    pub const fn from_number(number: u8) -> Self {
        match number {
            0 => Self::Whole,
            1 => Self::Cut,
            _ => Self::Torn,
        }
    }

    /// Brings a frame that is no command into a form that the SDK passes on: the head alone, zeros where it ended
    /// before, and a length byte of 0. Gives the length of what is left.
    pub fn make_passable(self, buffer: &mut [u8], length: usize) -> usize {
        if self == Self::Whole {
            return length;
        }
        let given = length.min(HEAD.saturating_sub(1));
        for byte in buffer.iter_mut().take(HEAD).skip(given) {
            *byte = 0;
        }
        HEAD
    }

    /// The length byte that the core is given with a head, so that it refuses what it has to: one that counts data
    /// which are not there, unless the frame is whole.
    pub fn length_byte(self, data: &[u8]) -> Option<u8> {
        match self {
            Self::Whole => u8::try_from(data.len()).ok(),
            Self::Cut => None,
            Self::Torn => Some(1),
        }
    }
}
