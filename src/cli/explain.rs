//! What the library's errors mean to a person: an exit code, and what can be done.
//!
//! Every variant is named, also where its words say all that can be said: a new one asks what can be done about it.
#![warn(clippy::wildcard_enum_match_arm)]

use std::io;

use dcrcold_core::rule::{Refusal, Rule};

use super::{Failure, FailureKind};
use crate::file::FileError;
use crate::hd::HdError;
use crate::journal::JournalError;
use crate::key::KeyError;
use crate::keystore::{ContentsError, KeyStoreError};
use crate::receive::{ReceiveError, Wanted};
use crate::sandbox::SandboxError;
use crate::scan::camera::CameraError;
use crate::sealed::SealedError;
use crate::seed::SeedError;
use crate::signer::{RememberError, SignerError};
use crate::transfer::TransferError;

impl From<FileError> for Failure {
    fn from(error: FileError) -> Self {
        let failure = |kind| Self::caused(kind, &error);
        match &error {
            FileError::Exists { .. } => failure(FailureKind::Failed).hint("choose another name, or move the file away"),
            FileError::TooLarge { .. } => failure(FailureKind::Malformed),
            FileError::Io { source, .. } if source.kind() == io::ErrorKind::StorageFull => {
                failure(FailureKind::Failed).hint("no part of it was written; make room and try again")
            }
            FileError::Io { .. } => failure(FailureKind::Failed),
        }
    }
}

impl From<SandboxError> for Failure {
    fn from(error: SandboxError) -> Self {
        let failure = Self::caused(FailureKind::Failed, &error);
        match error {
            SandboxError::Socket { number, .. } => {
                failure.hint(format!("start the program with descriptor {number} closed; in a shell: {number}>&-"))
            }
            SandboxError::Descriptors(_) => failure.hint("mount /proc"),
            SandboxError::Limit { .. } | SandboxError::Architecture(_) | SandboxError::Filter(_) => {
                failure.hint("keys are used only where the kernel lets a program give up its rights (seccomp)")
            }
        }
    }
}

impl From<SealedError> for Failure {
    fn from(error: SealedError) -> Self {
        let failure = |kind| Self::caused(kind, &error);
        match error {
            SealedError::WrongPassphrase => {
                failure(FailureKind::Failed).hint("try again; if the passphrase is right, use a backup of the file")
            }
            SealedError::Memory { .. } | SealedError::NoRandomness => failure(FailureKind::Failed),
            SealedError::EmptyPassphrase => failure(FailureKind::Usage),
            SealedError::NotSealed
            | SealedError::Truncated { .. }
            | SealedError::Version { .. }
            | SealedError::Kdf { .. } => failure(FailureKind::Malformed),
        }
    }
}

impl From<TransferError> for Failure {
    fn from(error: TransferError) -> Self {
        let failure = Self::caused(FailureKind::Malformed, &error);
        match error {
            TransferError::Sealed(error) => error.into(),
            TransferError::Truncated { .. } | TransferError::IdMismatch { .. } | TransferError::Inflate { .. } => {
                failure.hint("copy the file again from where it was made")
            }
            TransferError::Version { .. } => failure.hint("it was made by a newer dcrcold; update this one"),
            TransferError::NotATransfer
            | TransferError::Trailing { .. }
            | TransferError::UnknownKind { .. }
            | TransferError::WrongKind { .. }
            | TransferError::UnknownNetwork { .. }
            | TransferError::UnknownFlags { .. }
            | TransferError::TooLarge { .. }
            | TransferError::Body { .. } => failure,
        }
    }
}

impl From<ReceiveError> for Failure {
    fn from(error: ReceiveError) -> Self {
        let failure = |kind| Self::caused(kind, &error);
        match &error {
            ReceiveError::HotKeys(_) => failure(FailureKind::Refused).hint("move them as a file, and only once"),
            ReceiveError::Kind { found, .. } => match Wanted::of(found.kind) {
                Some(Wanted::Answer) => failure(FailureKind::Malformed).hint("it is for `dcrcold scan`, online"),
                Some(Wanted::Request) => {
                    failure(FailureKind::Malformed).hint("it is for `dcrcold-signer sign --scan`, offline")
                }
                Some(Wanted::WatchExport) => {
                    failure(FailureKind::Malformed).hint("it is for `dcrcold wallet import --scan`, online")
                }
                Some(Wanted::VoterExport) => {
                    failure(FailureKind::Malformed).hint("it is for `dcrcold-signer voter add --scan`, offline")
                }
                None => failure(FailureKind::Malformed),
            },
            ReceiveError::Network { .. } => {
                failure(FailureKind::Malformed).hint("choose the right wallet with --wallet FILE")
            }
            ReceiveError::Stream(_) => failure(FailureKind::Malformed)
                .hint("scan again from the beginning; if it comes again, the file that is shown is damaged"),
        }
    }
}

impl From<CameraError> for Failure {
    fn from(error: CameraError) -> Self {
        let failure = Self::caused(FailureKind::Device, &error);
        let failure = match &error {
            CameraError::None => failure.hint("plug one in; ls -l /dev/video* shows which are there"),
            CameraError::NoneOfUse { .. } => failure.hint("name one with --camera=DEVICE to try it all the same"),
            CameraError::Busy { .. } => failure.hint("close the other program; `fuser -v /dev/video*` names it"),
            CameraError::Forbidden { .. } => {
                failure.hint("become a member of the group video (sudo usermod -aG video $USER), then log in again")
            }
            CameraError::Missing { .. }
            | CameraError::NoCamera { .. }
            | CameraError::NoFormat { .. }
            | CameraError::NotUnderstood { .. }
            | CameraError::Io { .. } => failure,
        };
        failure.hint("without a camera: pictures with --frames FILE, or lines of a hand scanner with --text")
    }
}

impl From<Refusal> for Failure {
    #[expect(clippy::wildcard_enum_match_arm, reason = "a rule's name and meaning say what is wrong with the request")]
    fn from(refusal: Refusal) -> Self {
        let kind = if is_malformed(refusal.rule) { FailureKind::Malformed } else { FailureKind::Refused };
        let failure = Self::new(kind, refusal);
        match refusal.rule {
            Rule::KindUnexpected => failure.hint("give a request: the file that dcrcold wrote for signing"),
            Rule::IdMismatch => failure.hint("the file was altered or damaged; copy it again from where it was made"),
            Rule::NetworkMismatch | Rule::NetworkCoinMismatch => {
                failure.hint("use the key store of the request's network, with --store")
            }
            Rule::AccountUnknown => failure.hint("use the key store that holds this account, with --store"),
            Rule::VoterUnknown => failure.hint("register the voter with `dcrcold-signer voter add`"),
            Rule::IndexTooFar => failure
                .hint(
                    "a restore might not find what is sent there; give up requests that were never signed with \
                     `dcrcold cancel`, and prepare this one anew",
                )
                .hint(
                    "if these keys signed on another machine meanwhile, say so with \
                     `dcrcold-signer limits --forget-signed`",
                ),
            _ => failure,
        }
    }
}

/// Whether breaking a rule means that the bytes are no request, and not that the request is refused.
const fn is_malformed(rule: Rule) -> bool {
    matches!(
        rule,
        Rule::VersionUnknown
            | Rule::KindUnexpected
            | Rule::FlagsUnknown
            | Rule::IdMismatch
            | Rule::NotCanonical
            | Rule::TooLarge
            | Rule::ParentMalformed
            | Rule::TicketMalformed
            | Rule::LabelUnprintable
    )
}

impl From<KeyStoreError> for Failure {
    fn from(error: KeyStoreError) -> Self {
        match error {
            KeyStoreError::File(error) => error.into(),
            KeyStoreError::Sealed(error @ SealedError::WrongPassphrase) => {
                Self::from(error).hint("or make the key store again from its words with `dcrcold-signer restore`")
            }
            KeyStoreError::Sealed(error) => error.into(),
            KeyStoreError::InUse { .. } => Self::caused(FailureKind::Failed, &error)
                .hint("close the other dcrcold-signer, or wait until it is done"),
            KeyStoreError::OnlyRead { .. } => Self::caused(FailureKind::Failed, &error),
            KeyStoreError::Contents(_) => Self::caused(FailureKind::Malformed, &error),
        }
    }
}

impl From<JournalError> for Failure {
    fn from(error: JournalError) -> Self {
        match error {
            JournalError::File(error) => error.into(),
            JournalError::Full { .. } => Self::caused(FailureKind::Failed, &error)
                .hint("move the journal away, and tell the next review with `dcrcold-signer limits --forget-signed`"),
            JournalError::Changed { .. } | JournalError::NoRandomness => Self::caused(FailureKind::Failed, &error),
        }
    }
}

impl From<ContentsError> for Failure {
    fn from(error: ContentsError) -> Self {
        Self::caused(FailureKind::Failed, &error)
    }
}

impl From<SignerError> for Failure {
    fn from(error: SignerError) -> Self {
        match error {
            SignerError::Refused(refusal) => refusal.into(),
            SignerError::Remember(RememberError::Journal(error)) => error.into(),
            SignerError::Remember(RememberError::KeyStore(error)) => error.into(),
            SignerError::Keys(_) | SignerError::Fault(_) => Self::caused(FailureKind::Failed, &error),
        }
    }
}

impl From<SeedError> for Failure {
    fn from(error: SeedError) -> Self {
        let no_randomness = error == SeedError::NoRandomness;
        Self::caused(if no_randomness { FailureKind::Failed } else { FailureKind::Malformed }, &error)
    }
}

impl From<HdError> for Failure {
    fn from(error: HdError) -> Self {
        Self::caused(FailureKind::Failed, &error)
    }
}

impl From<KeyError> for Failure {
    fn from(error: KeyError) -> Self {
        Self::caused(FailureKind::Failed, &error)
    }
}
