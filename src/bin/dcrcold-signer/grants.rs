//! What each command may open once the box is closed.

use std::path::Path;

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
        Command::Restore(args) => return make(args.backup.iter().fold(grants, |it, file| read(it, file)), &store()?),
        Command::Backup(args) => args.out.iter().fold(grants, |it, out| write(it, out)).read_replaced(&store()?),
        Command::Passphrase(_) => grants.replace(&store()?),
        // A generation may have to be noted.
        Command::Export(args) if args.generation.is_some() => {
            args.out.iter().fold(grants, |it, out| write(it, out)).replace(&store()?)
        }
        Command::Export(args) => args.out.iter().fold(grants, |it, out| write(it, out)).read_replaced(&store()?),
        Command::Voter(args) => match &args.command {
            VoterCommand::Add(args) => {
                let grants = args.file.iter().fold(grants, |it, file| read(it, file));
                args.source.file().into_iter().fold(grants, Grants::read_pictures).replace(&store()?)
            }
            VoterCommand::List(_) => grants.read_replaced(&store()?),
        },
        Command::Inspect(args) if args.review => read(grants, &args.file).read_replaced(&store()?),
        Command::Inspect(args) => read(grants, &args.file),
        // The journal lies beside the key store, and both grow.
        Command::Sign(args) => {
            let grants = args.request.iter().fold(grants, |it, file| read(it, file));
            let grants = args.source.file().into_iter().fold(grants, Grants::read_pictures);
            args.out.iter().fold(grants, |it, out| write(it, out)).replace(&store()?)
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

fn read(grants: Grants, file: &Path) -> Grants {
    if is_stdio(file) { grants } else { grants.read(file) }
}

fn write(grants: Grants, file: &Path) -> Grants {
    if is_stdio(file) { grants } else { grants.replace(file) }
}
