//! Rules for files: what the command line names can be opened, and nothing else (Landlock).

use std::fs;
use std::path::{Path, PathBuf};

use landlock::{
    ABI, Access, AccessFs, AccessNet, BitFlags, LandlockStatus, PathBeneath, RestrictionStatus, Ruleset, RulesetAttr,
    RulesetCreated, RulesetCreatedAttr, RulesetError, RulesetStatus, Scope, make_bitflags,
};
use rustix::fs::{Mode, OFlags, open};

use crate::file::folder;

/// The newest version of Landlock whose rights are asked for. An older kernel enforces those that it knows.
const NEWEST: ABI = ABI::V7;
/// The terminal of whoever started the program.
const TERMINAL: &str = "/dev/tty";
/// Randomness for those who read it as a file.
const RANDOM: &str = "/dev/urandom";

/// What may be opened when the box is closed.
#[derive(Clone, Debug)]
pub struct Grants(Vec<(PathBuf, BitFlags<AccessFs>)>);

/// What stands in place of the rules for files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileRules {
    /// The rules hold, all or those that this version of Landlock knows.
    Enforced {
        /// The version.
        version: String,
    },
    /// There are none.
    Missing {
        /// Why not.
        reason: String,
    },
}

impl Grants {
    /// The terminal and randomness, which every command may need.
    #[must_use]
    pub fn terminal() -> Self {
        let terminal = make_bitflags!(AccessFs::{ReadFile | WriteFile | IoctlDev});
        Self(vec![(TERMINAL.into(), terminal), (RANDOM.into(), AccessFs::ReadFile.into())])
    }

    /// Adds a file to be read.
    #[must_use]
    pub fn read(mut self, file: &Path) -> Self {
        self.0.push((file.to_owned(), AccessFs::ReadFile.into()));
        self
    }

    /// Adds a file of pictures, or a folder of them with what lies below it.
    #[must_use]
    pub fn read_pictures(mut self, path: &Path) -> Self {
        let rights =
            if path.is_dir() { make_bitflags!(AccessFs::{ReadFile | ReadDir}) } else { AccessFs::ReadFile.into() };
        self.0.push((path.to_owned(), rights));
        self
    }

    /// Adds a file to be read under a lock, which may be replaced at any moment: all of its folder can be read.
    #[must_use]
    pub fn read_replaced(self, file: &Path) -> Self {
        self.folders_of(file, make_bitflags!(AccessFs::{ReadFile | ReadDir}))
    }

    /// Adds a file to be written whole: a new one beside it, which then takes its name.
    #[must_use]
    pub fn replace(self, file: &Path) -> Self {
        let rights = make_bitflags!(AccessFs::{ReadFile | WriteFile | ReadDir | MakeReg | RemoveFile | Truncate});
        self.folders_of(file, rights)
    }

    /// Adds a folder below which empty folders can be removed.
    #[must_use]
    pub fn remove_folders(mut self, folder: &Path) -> Self {
        self.0.push((folder.to_owned(), AccessFs::RemoveDir.into()));
        self
    }

    /// A link is followed: the file lies, and is replaced, where the link points to.
    fn folders_of(mut self, file: &Path, rights: BitFlags<AccessFs>) -> Self {
        self.0.push((folder(file).to_owned(), rights));
        if let Ok(file) = fs::canonicalize(file) {
            self.0.push((folder(&file).to_owned(), rights));
        }
        self
    }

    pub(super) fn enforce(&self) -> FileRules {
        match self.restrict() {
            Ok(status) => FileRules::from(status),
            Err(error) => FileRules::Missing { reason: error.to_string() },
        }
    }

    fn restrict(&self) -> Result<RestrictionStatus, RulesetError> {
        let mut rules = Ruleset::default()
            .handle_access(AccessFs::from_all(NEWEST))?
            .handle_access(AccessNet::from_all(NEWEST))?
            .scope(Scope::from_all(NEWEST))?
            .create()?;
        for (path, rights) in &self.0 {
            allow(&mut rules, path, *rights);
        }
        rules.restrict_self()
    }
}

/// Allows what can be allowed. A path that does not exist is left to whoever opens it and finds that it does not; an
/// unnamed pipe, as in `/dev/fd/3`, takes no rule and needs none.
fn allow(mut rules: &mut RulesetCreated, path: &Path, rights: BitFlags<AccessFs>) {
    // `PathFd` would do, but with musl the standard library drops the flag that says not to really open it.
    if let Ok(opened) = open(path, OFlags::PATH | OFlags::CLOEXEC, Mode::empty()) {
        let _ = (&mut rules).add_rule(PathBeneath::new(opened, rights));
    }
}

impl From<RestrictionStatus> for FileRules {
    fn from(status: RestrictionStatus) -> Self {
        let enforced = status.ruleset != RulesetStatus::NotEnforced;
        match status.landlock {
            LandlockStatus::Available { effective_abi, .. } if enforced => {
                Self::Enforced { version: effective_abi.to_string() }
            }
            LandlockStatus::NotImplemented => Self::Missing { reason: "this kernel has no Landlock".to_owned() },
            LandlockStatus::NotEnabled => Self::Missing { reason: "Landlock is switched off".to_owned() },
            _ => Self::Missing { reason: "Landlock does not enforce them".to_owned() },
        }
    }
}
