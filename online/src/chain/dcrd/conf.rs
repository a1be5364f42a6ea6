//! The configuration files of dcrd and dcrctl.

use std::io;
use std::path::Path;

use zeroize::Zeroizing;

use super::error::SettingsError;

/// The options of one file, in its order. Values may be passwords and are wiped.
#[derive(Default)]
pub(super) struct Conf(Vec<(String, Zeroizing<String>)>);

impl Conf {
    /// Reads a file; one that does not exist has no options.
    pub(super) fn read(path: &Path) -> Result<Self, SettingsError> {
        match std::fs::read_to_string(path).map(Zeroizing::new) {
            Ok(text) => Ok(Self::parse(&text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(source) => Err(SettingsError::Unreadable { path: path.to_owned(), source }),
        }
    }

    /// Reads lines `option=value`. Lines that begin with `;` or `#` are comments, section titles mean nothing.
    ///
    /// Source: go-flags `ini.go`, which both programs use.
    pub(super) fn parse(text: &str) -> Self {
        let options = text.lines().map(str::trim).filter(|line| !line.starts_with([';', '#', '[']));
        let pairs = options.filter_map(|line| line.split_once('='));
        Self(pairs.map(|(name, value)| (name.trim().to_ascii_lowercase(), unquote(value.trim()))).collect())
    }

    /// The value of an option, the last one if it is there more than once; an empty value is none.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.all(name).last()
    }

    /// All values of an option.
    pub(super) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        let named = self.0.iter().filter(move |(option, _)| option == name);
        named.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// Tells whether a yes-or-no option is set.
    pub(super) fn is_set(&self, name: &str) -> bool {
        self.get(name).is_some_and(|value| matches!(value, "1" | "t" | "T" | "true" | "TRUE" | "True"))
    }
}

/// Takes the quotes off a value, and the backslashes before quotes and backslashes.
fn unquote(value: &str) -> Zeroizing<String> {
    let Some(inner) = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else {
        return Zeroizing::new(value.to_owned());
    };
    let mut plain = Zeroizing::new(String::with_capacity(inner.len()));
    let mut characters = inner.chars();
    while let Some(character) = characters.next() {
        plain.push(if character == '\\' { characters.next().unwrap_or('\\') } else { character });
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_read_as_the_daemons_do() {
        let conf = Conf::parse(
            "[Application Options]\n; rpcuser=comment\n# rpcuser=comment\n RPCUser = alice \nrpcpass=\"a=b\\\"c\"\n\
             rpclisten=127.0.0.1\nrpclisten=[::1]:19556\nsimnet=1\nempty=\nnonsense\n",
        );
        assert_eq!(conf.get("rpcuser"), Some("alice"));
        assert_eq!(conf.get("rpcpass"), Some("a=b\"c"));
        assert_eq!(conf.all("rpclisten").collect::<Vec<_>>(), ["127.0.0.1", "[::1]:19556"]);
        assert!(conf.is_set("simnet") && !conf.is_set("testnet"));
        assert_eq!((conf.get("empty"), conf.get("nonsense")), (None, None));
    }
}
