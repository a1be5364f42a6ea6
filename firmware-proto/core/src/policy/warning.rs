//! The names of warnings: what a person decides about, and no rule does.

use core::fmt;

/// Declares the warnings with their names and meanings.
macro_rules! warnings {
    ($($variant:ident $name:literal $meaning:literal,)+) => {
        /// What a review warns of on a page of its own. Names are fixed for ever; new ones are appended.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Warning {
            $(#[doc = concat!("`", $name, "`: ", $meaning, ".")] $variant,)+
        }

        impl Warning {
            /// Every warning, in the order of the pages.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The name of the warning, as documents and scripts write it.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// What is so, in a few words.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning,)+ }
            }
        }
    };
}

warnings! {
    MemoryEmpty "memory-empty" "the signer does not know what its keys signed before",
    MemoryIncomplete "memory-incomplete" "the signer has lost requests that were approved before",
    IndexUnmarked "index-unmarked" "an index is high and the signer does not know how far indexes have come",
    OutpointSignedBefore "outpoint-signed-before" "another approved request spends the same coin",
    VoterIndexUsedBefore "voter-index-used-before" "another approved request names the same key of the voter",
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
