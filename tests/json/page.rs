//! docs/json.md: a section for what each command prints, with a row for each field.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use crate::seen::Found;

/// The section of the commands that print no JSON.
const NONE: &str = "What prints no JSON";

/// What nobody here can bring about: a network that refuses a standing order; tests/price has one.
const NEVER: [(&str, &str); 1] = [("sync", "orders_refused[]")];

/// The types of the fields of each section, by their paths.
pub(crate) struct Page {
    sections: BTreeMap<String, BTreeMap<String, String>>,
    without: String,
}

impl Page {
    pub(crate) fn read() -> Self {
        let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/json.md")).unwrap();
        let (mut sections, mut without) = (BTreeMap::new(), String::new());
        for section in text.split("\n## ").skip(1) {
            let (heading, rest) = section.split_once('\n').unwrap();
            if heading == NONE {
                rest.clone_into(&mut without);
            } else {
                sections.insert(plain(heading), rest.lines().filter_map(row).collect());
            }
        }
        Self { sections, without }
    }

    pub(crate) fn sections(&self) -> impl Iterator<Item = &str> {
        self.sections.keys().map(String::as_str)
    }

    pub(crate) fn has(&self, section: &str) -> bool {
        self.sections.contains_key(section)
    }

    /// Whether a heading names a command, with or without arguments, or says that it prints no JSON.
    pub(crate) fn tells_of(&self, command: &str) -> bool {
        let named = |name: &str| name == command || name.strip_prefix(command).is_some_and(is_arguments);
        self.sections().flat_map(|heading| heading.split(", ")).any(named)
            || self.without.contains(&format!("`{command}`"))
    }

    /// The type of a field; what is like another section has the fields of that one.
    fn told(&self, section: &str, path: &str) -> Option<&str> {
        let fields = &self.sections[section];
        if let Some(told) = fields.get(path) {
            return Some(told);
        }
        // The names in a map are anybody's, and what they stand for is text.
        if path.rsplit_once('.').is_some_and(|(above, _)| fields.get(above).is_some_and(|told| told == "map")) {
            return Some("text");
        }
        let like = |(above, told): (&String, &String)| {
            let (other, below) = (told.strip_prefix("like ")?, path.strip_prefix(above.as_str())?);
            Some((plain(other), below.trim_start_matches('.').to_owned()))
        };
        let (other, below) = fields.iter().find_map(like)?;
        self.sections.get_key_value(&other).and_then(|(other, _)| self.told(other, &below))
    }

    /// All fields of a section, those of sections that it is like among them.
    fn fields(&self, section: &str) -> Vec<String> {
        let mut fields = Vec::new();
        for (path, told) in &self.sections[section] {
            fields.push(path.clone());
            if let Some(other) = told.strip_prefix("like ") {
                let dot = |below: &str| if below.starts_with('[') { "" } else { "." };
                fields.extend(self.fields(&plain(other)).iter().map(|below| format!("{path}{}{below}", dot(below))));
            }
        }
        fields
    }

    /// Compares what a command printed with its section; how many fields were as they are told.
    pub(crate) fn compare(&self, section: &str, found: &Found, wrong: &mut Vec<String>) -> usize {
        let mut right = 0;
        for (path, kinds) in found {
            match self.told(section, path) {
                None => wrong.push(format!("{section}: {path} is not on the page")),
                Some(told) if !kinds.iter().all(|kind| allows(told, kind)) => {
                    wrong.push(format!("{section}: {path} is {kinds:?}, the page says {told}"));
                }
                Some(_) => right += 1,
            }
        }
        let never = |path: &String| NEVER.contains(&(section, path));
        let missing = self.fields(section).into_iter().filter(|path| !found.contains_key(path) && !never(path));
        wrong.extend(missing.map(|path| format!("{section}: {path} was never printed")));
        right
    }
}

/// A heading without the signs that make its names stand out.
fn plain(heading: &str) -> String {
    heading.replace('`', "").replace("dcrcold ", "")
}

/// The arguments or the words behind a command's name, not another command's name.
fn is_arguments(rest: &str) -> bool {
    rest.strip_prefix(' ').is_some_and(|rest| {
        rest.starts_with('-') || rest.starts_with("of ") || rest.chars().all(|letter| !letter.is_lowercase())
    })
}

fn row(line: &str) -> Option<(String, String)> {
    let mut cells = line.strip_prefix("| `")?.split(" | ");
    Some((cells.next()?.trim_end_matches('`').to_owned(), cells.next()?.to_owned()))
}

/// Whether the page's type of a field covers a value.
fn allows(told: &str, kind: &str) -> bool {
    let told = told.strip_suffix(" or absent").unwrap_or(told);
    let (told, may_be_none) = told.strip_suffix(" or none").map_or((told, false), |told| (told, true));
    let is = match told {
        "map" => "object",
        told if told.starts_with("like ") => "list",
        told => told,
    };
    is == kind || (may_be_none && kind == "none")
}

/// The kinds of values that a field had.
pub(crate) type Kinds = BTreeSet<&'static str>;
