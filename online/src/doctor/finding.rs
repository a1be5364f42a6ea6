//! Findings: what can be found, how much it matters, and how it is told.

use std::fmt::Display;

use serde::Serialize;

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// It is as it should be, and good to know.
    Note,
    /// It may cost something later, or is somebody else's work here.
    Warning,
    /// Nothing goes on before a person does something.
    Problem,
}

impl Severity {
    /// The name, as screens and JSON write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Problem => "problem",
        }
    }
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident = $name:literal, $severity:ident;)*) => {
        /// What can be found.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind {
            $($(#[$doc])* $kind,)*
        }

        impl Kind {
            /// All that can be found, in the order in which it is looked for.
            pub const ALL: &[Self] = &[$(Self::$kind),*];

            /// The name, which never changes.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$kind => $name),* }
            }

            /// How much it matters.
            #[must_use]
            pub const fn severity(self) -> Severity {
                match self { $(Self::$kind => Severity::$severity),* }
            }
        }
    };
}

kinds! {
    /// There is no wallet.
    WalletMissing = "wallet-missing", Problem;
    /// The file is something else.
    WalletForeign = "wallet-foreign", Problem;
    /// A later version of this program wrote the file.
    WalletNewer = "wallet-newer", Problem;
    /// An earlier version did; the next command brings it up to date.
    WalletOlder = "wallet-older", Note;
    /// What is in the file does not hold together.
    WalletDamaged = "wallet-damaged", Problem;
    /// Others than its owner may read or write the file.
    WalletOpenToOthers = "wallet-open-to-others", Problem;
    /// Another process is at work on it.
    WalletInUse = "wallet-in-use", Note;
    /// An interrupted program left a file behind.
    FileLeftBehind = "file-left-behind", Note;
    /// The headers that were fetched from peers cannot be used; they are fetched again.
    CacheDamaged = "cache-damaged", Warning;
    /// The addresses of peers cannot be used; they are looked for again.
    PeersDamaged = "peers-damaged", Note;
    /// A copy of the wallet's file cannot be used.
    BackupUseless = "backup-useless", Problem;
    /// A copy of the wallet's file lacks what a seed cannot bring back.
    BackupBehind = "backup-behind", Warning;
    /// The source of blocks cannot be asked.
    SourceUnreachable = "source-unreachable", Problem;
    /// The source knows less of the chain than the wallet.
    SourceBehind = "source-behind", Warning;
    /// The last block is from long ago.
    TipOld = "tip-old", Warning;
    /// The last block is from the future.
    ClockBehind = "clock-behind", Problem;
    /// There are blocks that the wallet has not searched.
    WalletBehind = "wallet-behind", Note;
    /// Other blocks took the place of those that the wallet searched.
    BlocksReplaced = "blocks-replaced", Note;
    /// A request was made and reached nobody.
    RequestUnwritten = "request-unwritten", Warning;
    /// A request waits for its answer.
    RequestWaits = "request-waits", Note;
    /// A request is signed and kept until the price fits.
    StandingOrder = "standing-order", Note;
    /// Another request takes the place of one.
    RequestReplaced = "request-replaced", Note;
    /// A request or its tickets can be of no use any more.
    RequestExpired = "request-expired", Problem;
    /// A coin of a request is gone.
    RequestCoinGone = "request-coin-gone", Problem;
    /// Two requests want one coin.
    CoinWantedTwice = "coin-wanted-twice", Problem;
    /// An answer is here, and nothing of it was sent.
    AnswerUnsent = "answer-unsent", Problem;
    /// A part of what was answered was not sent.
    PartUnsent = "part-unsent", Problem;
    /// What was sent waits to be mined.
    Unmined = "unmined", Note;
    /// What was sent is neither mined nor does the network have it.
    Dropped = "dropped", Warning;
    /// Coins are left alone because somebody wants it so.
    CoinsFrozen = "coins-frozen", Note;
    /// A ticket that was bought for a VSP is with none.
    TicketWithoutVsp = "ticket-without-vsp", Problem;
    /// A VSP does not go on with a ticket.
    VspTrouble = "vsp-trouble", Problem;
    /// Something is left to be done with a VSP.
    VspUnfinished = "vsp-unfinished", Warning;
    /// A request for registrations waits for its answer.
    RegistrationWaits = "registration-waits", Note;
    /// No voter known here votes with a ticket.
    VoterUnknown = "voter-unknown", Warning;
    /// The hot keys that vote with a ticket are not here.
    HotKeysElsewhere = "hot-keys-elsewhere", Warning;
    /// A file of hot keys cannot be read.
    HotFileDamaged = "hot-file-damaged", Problem;
    /// Others than its owner may read or write a file of hot keys.
    HotFileOpenToOthers = "hot-file-open-to-others", Problem;
}

/// Something that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What.
    pub kind: Kind,
    /// A sentence about it, without a full stop.
    pub sentence: String,
    /// What can be done.
    pub hint: String,
}

/// What was looked at, and what was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// What was looked at.
    pub examined: Vec<String>,
    /// What was found.
    pub findings: Vec<Finding>,
}

impl Report {
    /// Notes something that was found.
    pub fn found(&mut self, kind: Kind, sentence: impl Display, hint: impl Display) {
        self.findings.push(Finding { kind, sentence: sentence.to_string(), hint: hint.to_string() });
    }

    /// Notes that something was looked at.
    pub fn examined(&mut self, what: impl Display) {
        self.examined.push(what.to_string());
    }

    /// How many findings are of a severity.
    #[must_use]
    pub fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|finding| finding.kind.severity() == severity).count()
    }
}
