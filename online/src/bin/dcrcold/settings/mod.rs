//! Settings: options that the environment and a configuration file may give where the command line is silent.
//!
//! An option is a setting when its description names a variable of the environment (`env`). The key in the file is the
//! option's name. What is given there becomes the option's default, so one reader takes it all.

mod file;
#[cfg(test)]
mod tests;

use std::any::TypeId;
use std::collections::BTreeMap;
use std::error::Error;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use clap::builder::Resettable;
use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Command, CommandFactory, FromArgMatches, value_parser};
use dcrcold_signer::cli::{Failure, FailureKind};

use crate::cli::{Cli, SourceName};
use file::File;

/// The option that names the file, which the file itself cannot.
const CONFIG: &str = "config";
/// The ways to log in at dcrd: whoever names one of these means none of what stands behind.
const LOGIN: [&str; 4] = ["dcrd-user", "dcrd-password-file", "dcrd-client-cert", "dcrd-client-key"];

/// Why there is nothing to run.
#[derive(Debug)]
pub(crate) enum Refused {
    /// The command line makes no sense, or asks for help.
    Usage(clap::Error),
    /// The environment or the file does.
    Settings(Failure),
}

impl From<Failure> for Refused {
    fn from(failure: Failure) -> Self {
        Self::Settings(failure)
    }
}

/// Where settings come from beside the command line.
pub(crate) struct Places<'a> {
    /// A variable of the environment.
    pub(crate) variable: &'a dyn Fn(&str) -> Option<OsString>,
    /// The file that is read when none is named, where it exists.
    pub(crate) usual: Option<PathBuf>,
}

/// The options that are settings, by their names; `config` among them.
pub(crate) fn settings(command: &Command) -> BTreeMap<String, Arg> {
    let own = command.get_arguments().filter(|arg| arg.get_env().is_some());
    let mut found: BTreeMap<_, _> = own.filter_map(|arg| Some((arg.get_long()?.to_owned(), arg.clone()))).collect();
    command.get_subcommands().for_each(|child| found.extend(settings(child)));
    found
}

/// Reads a command line: what it says, else the environment, else the file, else the defaults.
///
/// # Errors
/// [`Refused`]: what is wrong, and in which of these places.
pub(crate) fn read(line: &[OsString], places: &Places<'_>) -> Result<Cli, Refused> {
    let plain = Cli::command();
    let Ok(named) = loosely(plain.clone(), line) else { return strictly(plain.clone(), &plain, line) };
    let settings = settings(&plain);
    let given = given(&settings, &named, places)?;
    strictly(fill(plain.clone(), &given), &plain, line)
}

/// Which options the command line names, whatever else it says. No value is looked at: looking may open files.
fn loosely(command: Command, line: &[OsString]) -> Result<ArgMatches, clap::Error> {
    fn any_values(command: Command) -> Command {
        let takes_any = |arg: Arg| match arg.get_action().takes_values() {
            true => arg.value_parser(value_parser!(OsString)),
            false => arg,
        };
        command.mut_args(takes_any).mut_subcommands(any_values)
    }
    any_values(command).ignore_errors(true).try_get_matches_from(line)
}

/// Reads the command line; help is that of the plain command, without anybody's settings.
fn strictly(command: Command, plain: &Command, line: &[OsString]) -> Result<Cli, Refused> {
    let matches = command.try_get_matches_from(line).or_else(|error| match error.use_stderr() {
        true => Err(error),
        false => plain.clone().try_get_matches_from(line),
    });
    matches.and_then(|matches| Cli::from_arg_matches(&matches)).map_err(Refused::Usage)
}

/// What each setting is outside of the command line.
fn given(
    settings: &BTreeMap<String, Arg>,
    named: &ArgMatches,
    places: &Places<'_>,
) -> Result<BTreeMap<String, Vec<OsString>>, Failure> {
    let variables = variables(settings, places)?;
    let config = named.get_one(CONFIG).cloned().or_else(|| variables.get(CONFIG)?.first().cloned());
    let file = match config {
        Some(path) => File::read(PathBuf::from(path))?,
        None => places
            .usual
            .as_ref()
            .filter(|path| path.exists())
            .map_or(Ok(File::default()), |path| File::read(path.clone()))?,
    };
    let from_file = file.values(settings)?;
    let on_line =
        |name: &str| named.try_contains_id(name).is_ok() && named.value_source(name) == Some(ValueSource::CommandLine);
    let mut given = from_file;
    let logs_in = |layer: &BTreeMap<String, Vec<OsString>>| LOGIN.iter().any(|name| layer.contains_key(*name));
    if logs_in(&variables) {
        given.retain(|name, _| !LOGIN.contains(&name.as_str()));
    }
    given.extend(variables);
    // Who names a dcrd means it, whatever the source is otherwise.
    if settings.keys().any(|name| name.starts_with("dcrd") && on_line(&name.replace('-', "_"))) {
        given.remove("source");
    }
    if LOGIN.iter().any(|name| on_line(&name.replace('-', "_"))) {
        given.retain(|name, _| !LOGIN.contains(&name.as_str()));
    }
    Ok(given)
}

/// What the environment says. A variable that is empty says nothing.
fn variables(
    settings: &BTreeMap<String, Arg>,
    places: &Places<'_>,
) -> Result<BTreeMap<String, Vec<OsString>>, Failure> {
    let mut found = BTreeMap::new();
    for (name, arg) in settings {
        let variable = arg.get_env().unwrap_or_default().to_string_lossy().into_owned();
        let Some(text) = (places.variable)(&variable).filter(|text| !text.is_empty()) else { continue };
        let values = split(arg, &text);
        for value in &values {
            check(arg, value).map_err(|reason| Failure::new(FailureKind::Usage, format!("{variable}: {reason}")))?;
        }
        found.insert(name.clone(), values);
    }
    Ok(found)
}

/// The values of a variable: several, with commas in between, where the option may be given several times.
fn split(arg: &Arg, text: &OsStr) -> Vec<OsString> {
    match text.to_str() {
        Some(text) if is_list(arg) => text.split(',').map(|value| value.trim().into()).collect(),
        _ => vec![text.to_owned()],
    }
}

/// Whether an option may be given several times.
fn is_list(arg: &Arg) -> bool {
    matches!(arg.get_action(), ArgAction::Append)
}

/// Whether an option's value is a file's name, or has one in it.
fn is_path(arg: &Arg) -> bool {
    let kind = arg.get_value_parser().type_id();
    kind == TypeId::of::<PathBuf>() || kind == TypeId::of::<SourceName>()
}

/// Reads a value as the option does, to say what is wrong with it before anything else is looked at.
fn check(arg: &Arg, value: &OsStr) -> Result<(), String> {
    let alone = Arg::new("value").value_parser(arg.get_value_parser().clone()).allow_hyphen_values(true);
    let read = Command::new("settings").no_binary_name(true).arg(alone).try_get_matches_from([value]);
    read.map(drop).map_err(|error| {
        let reason = error.source().map_or_else(|| possible(arg), ToString::to_string);
        format!("{} is not what --{} takes: {reason}", value.to_string_lossy(), arg.get_long().unwrap_or_default())
    })
}

/// The values that an option takes, where they are few.
fn possible(arg: &Arg) -> String {
    let values: Vec<_> = arg.get_possible_values().iter().map(|value| value.get_name().to_owned()).collect();
    format!("expected {}", values.join(", "))
}

/// Puts what was given in the place of defaults, and takes the environment out of the reader's hands: what stands there
/// must not contradict options that the command line names.
fn fill(command: Command, given: &BTreeMap<String, Vec<OsString>>) -> Command {
    let filled = |arg: Arg| {
        let values = arg.get_long().and_then(|name| given.get(name)).cloned();
        match values {
            Some(values) if arg.get_env().is_some() => arg.env(Resettable::Reset).default_values(values.iter()),
            _ => arg.env(Resettable::Reset),
        }
    };
    command.mut_args(filled).mut_subcommands(|child| fill(child, given))
}
