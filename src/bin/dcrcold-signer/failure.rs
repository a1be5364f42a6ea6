//! Why a command fails: the exit status, one `error:` line, and `hint:` lines where a person can act.

use std::error::Error;
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::Path;
use std::process::ExitCode;

use dcrcold_core::rule::{Refusal, Rule};
use dcrcold_signer::file::FileError;
use dcrcold_signer::hd::HdError;
use dcrcold_signer::key::KeyError;
use dcrcold_signer::keystore::{ContentsError, KeyStoreError};
use dcrcold_signer::sealed::SealedError;
use dcrcold_signer::seed::SeedError;
use dcrcold_signer::signer::SignerError;
use dcrcold_signer::transfer::TransferError;

/// The exit statuses; documented in the help and never given another meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    /// Something did not work.
    Failed = 1,
    /// The arguments are wrong.
    Usage = 2,
    /// A rule of the policy says no.
    Refused = 3,
    /// The person said no.
    Declined = 4,
    /// A file or a text is not what it should be.
    Malformed = 7,
}

/// A failed command.
#[derive(Debug)]
pub(crate) struct Failure {
    status: Status,
    message: String,
    hints: Vec<String>,
}

impl Failure {
    pub(crate) fn new(status: Status, message: impl Into<String>) -> Self {
        Self { status, message: message.into(), hints: Vec::new() }
    }

    fn of(status: Status, error: &dyn Error) -> Self {
        let mut message = error.to_string();
        let mut source = error.source();
        while let Some(error) = source {
            let _ = write!(message, ": {error}");
            source = error.source();
        }
        Self::new(status, message)
    }

    #[must_use]
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// The same failure, naming the file that it is about.
    #[must_use]
    pub(crate) fn about(self, file: &Path) -> Self {
        Self { message: format!("{}: {}", file.display(), self.message), ..self }
    }

    /// Prints the failure and gives the exit status.
    pub(crate) fn report(self) -> ExitCode {
        let mut stderr = io::stderr().lock();
        // Nothing can be done about a standard error that is closed.
        let _ = writeln!(stderr, "error: {}", printable(&self.message));
        for hint in &self.hints {
            let _ = writeln!(stderr, "hint: {}", printable(hint));
        }
        ExitCode::from(self.status as u8)
    }
}

/// Reports what clap says in our own form; help and version are no failures.
pub(crate) fn usage(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() {
        // Whoever closes the pipe has read enough.
        let _ = error.print();
        return ExitCode::SUCCESS;
    }
    let text = error.render().to_string();
    let mut paragraphs = text.split("\n\n").map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "));
    let message = paragraphs.next().unwrap_or_default();
    let mut failure = Failure::new(Status::Usage, message.strip_prefix("error: ").unwrap_or(&message));
    for paragraph in paragraphs.filter(|paragraph| !paragraph.is_empty()) {
        let hint = paragraph.strip_prefix("tip: ").unwrap_or(&paragraph).trim_end_matches('.');
        failure = failure.hint(hint.replacen("Usage", "usage", 1).replacen("For more", "for more", 1));
    }
    failure.report()
}

/// Replaces control characters: a file name on a foreign disk must not command the terminal.
pub(crate) fn printable(text: &str) -> String {
    text.chars().map(|character| if character.is_control() { '\u{fffd}' } else { character }).collect()
}

impl From<FileError> for Failure {
    fn from(error: FileError) -> Self {
        let failure = Self::of(Status::Failed, &error);
        match &error {
            FileError::Exists { .. } => failure.hint("choose another name, or move the file away"),
            FileError::TooLarge { .. } => Self { status: Status::Malformed, ..failure },
            FileError::Io { source, .. } if source.kind() == io::ErrorKind::StorageFull => {
                failure.hint("nothing was changed; make room and try again")
            }
            _ => failure,
        }
    }
}

impl From<SealedError> for Failure {
    fn from(error: SealedError) -> Self {
        match error {
            SealedError::WrongPassphrase => Self::of(Status::Failed, &error)
                .hint("try again; if the passphrase is right, restore the key store from its seed words"),
            SealedError::Memory { .. } | SealedError::NoRandomness => Self::of(Status::Failed, &error),
            SealedError::EmptyPassphrase => Self::of(Status::Usage, &error),
            _ => Self::of(Status::Malformed, &error),
        }
    }
}

impl From<KeyStoreError> for Failure {
    fn from(error: KeyStoreError) -> Self {
        match error {
            KeyStoreError::File(error) => error.into(),
            KeyStoreError::Sealed(error) => error.into(),
            KeyStoreError::InUse { .. } => {
                Self::of(Status::Failed, &error).hint("close the other dcrcold-signer, or wait until it is done")
            }
            _ => Self::of(Status::Malformed, &error),
        }
    }
}

impl From<ContentsError> for Failure {
    fn from(error: ContentsError) -> Self {
        Self::of(Status::Failed, &error)
    }
}

impl From<TransferError> for Failure {
    fn from(error: TransferError) -> Self {
        let failure = Self::of(Status::Malformed, &error);
        match &error {
            TransferError::Sealed(error) => (*error).into(),
            TransferError::Truncated { .. } | TransferError::IdMismatch { .. } | TransferError::Inflate { .. } => {
                failure.hint("copy the file again from where it was made")
            }
            TransferError::Version { .. } => failure.hint("it was made by a newer dcrcold; update this one"),
            _ => failure,
        }
    }
}

impl From<SignerError> for Failure {
    fn from(error: SignerError) -> Self {
        match error {
            SignerError::Refused(refusal) => refusal.into(),
            _ => Self::of(Status::Failed, &error),
        }
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        let failure = Self::of(if is_malformed(refusal.rule) { Status::Malformed } else { Status::Refused }, &refusal);
        match refusal.rule {
            Rule::KindUnexpected => failure.hint("give a request: the file that dcrcold wrote for signing"),
            Rule::IdMismatch => failure.hint("the file was altered or damaged; copy it again from where it was made"),
            Rule::NetworkMismatch | Rule::NetworkCoinMismatch => {
                failure.hint("use the key store of the request's network, with --store")
            }
            Rule::AccountUnknown => failure.hint("use the key store that holds this account, with --store"),
            Rule::VoterUnknown => failure.hint("register the voter with `dcrcold-signer voter add`"),
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

impl From<SeedError> for Failure {
    fn from(error: SeedError) -> Self {
        let status = if error == SeedError::NoRandomness { Status::Failed } else { Status::Malformed };
        Self::of(status, &error)
    }
}

impl From<HdError> for Failure {
    fn from(error: HdError) -> Self {
        Self::of(Status::Failed, &error)
    }
}

impl From<KeyError> for Failure {
    fn from(error: KeyError) -> Self {
        Self::of(Status::Failed, &error)
    }
}
