//! Status words.

use core::fmt;

/// Declares the status words.
macro_rules! statuses {
    ($($code:literal $variant:ident $meaning:literal,)+) => {
        /// The last two bytes of a reply. Codes are fixed for ever; broken rules have codes of their own,
        /// [`Status::RULES`] and the code of the rule.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u16)]
        #[non_exhaustive]
        pub enum Status {
            $(#[doc = concat!($meaning, ".")] $variant = $code,)+
        }

        impl Status {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// What it means, in a few words.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning,)+ }
            }
        }
    };
}

statuses! {
    0x6700 Length "the length is not that of this command",
    0x6901 OutOfOrder "the command is not allowed in this state",
    0x6982 Locked "the device is locked",
    0x6985 Declined "the person declined",
    0x6a80 Data "the data do not mean anything",
    0x6b00 Parameters "a parameter is out of range",
    0x6d00 Instruction "the command is unknown",
    0x6e00 Class "the class is unknown",
    0x6f01 Failed "the device could not use a key",
    0x9000 Done "done",
}

impl Status {
    /// What is added to the code of a rule; rules have codes below 0x80.
    pub const RULES: u16 = 0x6a00;

    /// The status word.
    #[must_use]
    pub const fn code(self) -> u16 {
        self as u16
    }

    /// The status with a code.
    #[must_use]
    pub fn from_code(code: u16) -> Option<Self> {
        Self::ALL.iter().copied().find(|status| status.code() == code)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.meaning())
    }
}
