//! The instructions of commands.

use super::CLA;

/// Declares the instructions.
macro_rules! instructions {
    ($($code:literal $variant:ident $name:literal $meaning:literal,)+) => {
        /// What a command does; its second byte. Codes are fixed for ever.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        #[non_exhaustive]
        pub enum Instruction {
            $(#[doc = concat!($meaning, ".")] $variant = $code,)+
        }

        impl Instruction {
            /// All of them, in the order of their codes.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The instruction with a code.
            #[must_use]
            pub const fn from_code(code: u8) -> Option<Self> {
                match code {
                    $($code => Some(Self::$variant),)+
                    _ => None,
                }
            }

            /// Its name in docs/ledger-protocol.md.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }
        }
    };
}

instructions! {
    0 Version "version" "Says which versions and sizes the device has",
    1 Account "account" "Gives the public key of a spending account",
    2 Address "address" "Shows an address",
    3 Register "register" "Shows a voter and gives a MAC for it",
    4 Voter "voter" "Names the voter of the next request",
    5 Begin "begin" "Begins a request",
    6 Stream "stream" "Continues a request",
    7 Approve "approve" "Shows a request and asks the person",
    8 Page "page" "Gives a page of the review",
    9 Signature "signature" "Gives a signature of the approved request",
    10 Abort "abort" "Forgets the request",
}

impl Instruction {
    /// The second byte of its commands.
    #[must_use]
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// The instruction of bytes that are a command of this protocol by their first two.
    #[must_use]
    pub const fn of(command: &[u8]) -> Option<Self> {
        match command {
            [CLA, code, ..] => Self::from_code(*code),
            _ => None,
        }
    }

    /// Whether a person may be asked before the reply comes.
    #[must_use]
    pub const fn asks_a_person(self) -> bool {
        matches!(self, Self::Account | Self::Address | Self::Register | Self::Approve)
    }

    /// Whether P1 is the number of a page or signature; it is 0 otherwise.
    pub(super) const fn is_numbered(self) -> bool {
        matches!(self, Self::Page | Self::Signature)
    }
}
