//! What each command may open once the box is closed.

use std::path::{Path, PathBuf};

use dcrcold_signer::cli::{Failure, FailureKind};
use dcrcold_signer::file::{self, NewFolders};
use dcrcold_signer::sandbox::Grants;
use dcrcold_signer::scanning::{Input, SourceArgs};

use crate::cli::{Cli, Command, VoterArgs, VoterCommand};
use crate::input::is_stdio;
use crate::store;

/// What a command may open, and the folders that were made for it: what does not exist cannot be granted, and what lies
/// above it should not be.
pub(crate) struct Prepared {
    pub(crate) grants: Grants,
    pub(crate) made: NewFolders,
    /// What codes are scanned with: a camera is opened before the box is closed, and no other can be afterwards.
    pub(crate) input: Option<Input>,
}

/// The files that the command line names, each of which lies in a folder that exists afterwards, if it is to be made.
/// Files with secrets are not among them: they are open already.
pub(crate) fn prepare(cli: &Cli) -> Result<Prepared, Failure> {
    let grants = Grants::terminal();
    let store = || store::path(&cli.global);
    let grants = match &cli.command {
        Command::New(_) => return make(grants, &store()?),
        Command::Restore(args) => return make(read(grants, &args.backup), &store()?),
        Command::Backup(args) => write(grants, &args.out).read_replaced(&store()?),
        Command::Passphrase(_) => grants.replace(&store()?),
        // A generation may have to be noted.
        Command::Export(args) if args.generation.is_some() => write(grants, &args.out).replace(&store()?),
        Command::Export(args) => write(grants, &args.out).read_replaced(&store()?),
        Command::Voter(args) => match &args.command {
            VoterCommand::Add(args) => pictures(read(grants, &args.file), &args.source).replace(&store()?),
            VoterCommand::List(_) => grants.read_replaced(&store()?),
        },
        Command::Inspect(args) if args.review => read(grants, [&args.file]).read_replaced(&store()?),
        Command::Inspect(args) => read(grants, [&args.file]),
        // The journal lies beside the key store, and both grow.
        Command::Sign(args) => {
            let grants = pictures(read(grants, &args.request), &args.source);
            write(grants, &args.out).replace(&store()?)
        }
        Command::Limits(args) if args.change() => grants.replace(&store()?),
        Command::Limits(_) | Command::Address(_) => grants.read_replaced(&store()?),
        Command::SelfTest(_) | Command::Completions(_) => grants,
    };
    let input = match &cli.command {
        Command::Sign(args) => scanned(args.scan, &args.source)?,
        Command::Voter(VoterArgs { command: VoterCommand::Add(args) }) => scanned(args.scan, &args.source)?,
        _ => None,
    };
    Ok(Prepared { grants, made: NewFolders::default(), input })
}

/// Opens a camera if one is asked for.
fn scanned(scan: bool, source: &SourceArgs) -> Result<Option<Input>, Failure> {
    if scan {
        return source.prepare().map(Some);
    }
    if source.is_given() {
        let failure = Failure::new(FailureKind::Usage, "a source of codes is named, but nothing is to be scanned");
        return Err(failure.hint("give --scan"));
    }
    Ok(None)
}

fn make(grants: Grants, store: &Path) -> Result<Prepared, Failure> {
    let made = file::make_folder_of(store)?;
    let grants = grants.replace(store);
    // Without a key store in them they are to go again.
    let grants = made.above().into_iter().fold(grants, Grants::remove_folders);
    Ok(Prepared { grants, made, input: None })
}

fn read<'a>(grants: Grants, files: impl IntoIterator<Item = &'a PathBuf>) -> Grants {
    files.into_iter().filter(|file| !is_stdio(file)).fold(grants, |grants, file| grants.read(file))
}

fn write<'a>(grants: Grants, files: impl IntoIterator<Item = &'a PathBuf>) -> Grants {
    files.into_iter().filter(|file| !is_stdio(file)).fold(grants, |grants, file| grants.replace(file))
}

fn pictures(grants: Grants, source: &SourceArgs) -> Grants {
    source.file().into_iter().fold(grants, Grants::read_pictures)
}
