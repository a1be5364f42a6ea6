//! The configuration file: TOML, a key for each setting.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use clap::Arg;
use dcrcold_signer::cli::{Failure, FailureKind};
use toml::de::{DeTable, DeValue};

use super::{CONFIG, check, is_list, is_path};

/// What a person who looks for a place for a secret is told.
const SECRETS: &str = "secrets stand neither here nor in the environment: name the file that holds one";

/// A configuration file, or none.
#[derive(Default)]
pub(super) struct File {
    path: PathBuf,
    text: String,
}

impl File {
    /// Reads a file that must be there.
    pub(super) fn read(path: PathBuf) -> Result<Self, Failure> {
        let text = fs::read_to_string(&path)
            .map_err(|error| Failure::new(FailureKind::Failed, format!("cannot read it: {error}")).about(&path))?;
        Ok(Self { path, text })
    }

    /// What the file says of each setting.
    ///
    /// # Errors
    /// A failure that names the line: of a key that is no setting, or a value that the option would not take.
    pub(super) fn values(&self, settings: &BTreeMap<String, Arg>) -> Result<BTreeMap<String, Vec<OsString>>, Failure> {
        let table = DeTable::parse(&self.text).map_err(|error| {
            let message = error.message().lines().collect::<Vec<_>>().join(", ");
            self.refuse(error.span().unwrap_or_default().start, &message)
        })?;
        let mut found = BTreeMap::new();
        for (key, value) in table.get_ref() {
            let (name, at) = (key.get_ref().as_ref(), key.span().start);
            let Some(arg) = settings.get(name).filter(|_| name != CONFIG) else {
                return Err(self.unknown(at, name, settings));
            };
            let wrong = |reason: &str| self.refuse(value.span().start, reason);
            let texts = texts(arg, value.get_ref()).ok_or_else(|| wrong(&expected(arg)))?;
            let texts = texts.into_iter().map(|text| self.located(arg, text)).collect::<Vec<_>>();
            for text in &texts {
                check(arg, text).map_err(|reason| wrong(&reason))?;
            }
            found.insert(name.to_owned(), texts);
        }
        Ok(found)
    }

    /// A value; names of files are seen from the file's folder, and `~/` is the user's own.
    fn located(&self, arg: &Arg, text: String) -> OsString {
        if !is_path(arg) {
            return text.into();
        }
        let (before, name) = match text.split_once(':') {
            Some(("sim", folder)) => ("sim:", folder),
            _ if arg.get_long() == Some("source") => return text.into(),
            _ => ("", text.as_str()),
        };
        let path = match (name.strip_prefix("~/"), etcetera::home_dir()) {
            (Some(name), Ok(home)) => home.join(name),
            _ => self.path.parent().unwrap_or(Path::new("")).join(name),
        };
        let mut located = OsString::from(before);
        located.push(path);
        located
    }

    fn unknown(&self, at: usize, name: &str, settings: &BTreeMap<String, Arg>) -> Failure {
        let failure = self.refuse(at, &format!("unknown key `{name}`"));
        if ["pass", "secret", "seed", "words", "private"].iter().any(|word| name.contains(word)) {
            return failure.hint(SECRETS);
        }
        let names: Vec<_> = settings.keys().map(String::as_str).filter(|name| *name != CONFIG).collect();
        failure.hint(format!("the keys are {}", names.join(", ")))
    }

    fn refuse(&self, at: usize, message: &str) -> Failure {
        let line = self.text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1;
        Failure::new(FailureKind::Malformed, format!("line {line}: {message}")).about(&self.path)
    }
}

/// A value as the command line would give it.
fn texts(arg: &Arg, value: &DeValue<'_>) -> Option<Vec<String>> {
    let is_switch = arg.get_value_parser().type_id() == std::any::TypeId::of::<bool>();
    match value {
        DeValue::Boolean(value) if is_switch => Some(vec![value.to_string()]),
        DeValue::String(text) if !is_switch => Some(vec![text.to_string()]),
        DeValue::Array(values) if is_list(arg) => {
            values.iter().map(|value| value.get_ref().as_str().map(ToOwned::to_owned)).collect()
        }
        _ => None,
    }
}

fn expected(arg: &Arg) -> String {
    let name = arg.get_long().unwrap_or_default();
    if is_list(arg) {
        return format!("expected a text in quotes, or several in brackets, for `{name}`");
    }
    match arg.get_value_parser().type_id() == std::any::TypeId::of::<bool>() {
        true => format!("expected true or false for `{name}`"),
        false => format!("expected a text in quotes for `{name}`"),
    }
}
