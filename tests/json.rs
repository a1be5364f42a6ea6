//! What `--json` prints, compared with docs/json.md: every field of every command, and no others.
#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

#[path = "cmd/online.rs"]
mod files;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

const DCRCOLD: &str = env!("CARGO_BIN_EXE_dcrcold");

/// Commands on the embedded network, in an order in which each finds what it shows; behind each the section of the page.
const RUNS: &[(&str, &str)] = &[
    ("wallet show", "wallet show"),
    ("--wallet fresh.db wallet import watch", "wallet show"),
    ("--wallet fresh.db sync", "sync"),
    ("sync", "sync"),
    ("balance", "balance"),
    ("address", "address"),
    ("stakeinfo", "stakeinfo"),
    ("stakeinfo --network simnet", "stakeinfo"),
    ("cancel", "cancel"),
    ("coins", "coins"),
    ("coins freeze COIN", "coins freeze"),
    ("coins thaw COIN", "coins freeze"),
    ("coins label COIN savings", "coins label"),
    ("coins", "coins"),
    ("submit answer", "submit"),
    ("demo mine net 2", "demo new"),
    ("submit answer", "submit"),
    ("demo mine net 2", "demo new"),
    ("sync", "sync"),
    ("balance", "balance"),
    ("coins", "coins"),
    ("tickets", "tickets"),
    ("export", "export"),
    ("buy 1 --out bought", "buy"),
    ("send ADDRESS 1 --out sent", "send"),
    ("demo mine net 20", "demo new"),
    ("sync", "sync"),
    ("balance", "balance"),
    ("voter list", "voter list"),
    ("voter import hot --passphrase-file passphrase", "voter import"),
    ("voter choices", "voter choices"),
    ("voter run --once --passphrase-file passphrase", "voter run"),
    ("voter status", "voter status"),
    ("doctor", "doctor"),
    ("vsp status", "vsp status"),
    ("vsp choices", "vsp choices"),
    ("--wallet listed/wallet.db vsp list", "vsp list"),
    ("demo new other", "demo new"),
    ("demo fund net ADDRESS 1", "demo fund"),
];

/// How many commands and fields were compared last; one that is lost is noticed.
const COMMANDS: usize = 24;
const FIELDS: usize = 269;

/// The fields that a command printed, each with the types of its values.
#[derive(Default)]
struct Seen(BTreeMap<String, BTreeSet<&'static str>>);

impl Seen {
    fn add(&mut self, path: &str, value: &Value) {
        let kind = match value {
            Value::Null => "none",
            Value::Bool(_) => "yes or no",
            Value::Number(_) => "number",
            Value::String(_) => "text",
            Value::Array(_) => "list",
            Value::Object(_) => "object",
        };
        if !path.is_empty() {
            self.0.entry(path.to_owned()).or_default().insert(kind);
        }
        match value {
            Value::Array(items) => items.iter().for_each(|item| self.add(&format!("{path}[]"), item)),
            Value::Object(fields) => {
                let below = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
                fields.iter().for_each(|(name, value)| self.add(&below(name), value));
            }
            _ => {}
        }
    }
}

fn run_all() -> BTreeMap<&'static str, Seen> {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("files");
    files::fill(&folder);
    let mut seen: BTreeMap<&str, Seen> = BTreeMap::new();
    let (mut coin, mut address) = (String::new(), String::new());
    for (line, section) in RUNS {
        let mut command = Command::new(DCRCOLD);
        command.args(["--json", "--source", "sim:net"]).current_dir(&folder).env_clear().env("HOME", home.path());
        command.env("TZ", "UTC");
        if !line.starts_with("--wallet") {
            command.args(["--wallet", "wallet.db"]);
        }
        command.args(line.split(' ').map(|word| match word {
            "COIN" => coin.as_str(),
            "ADDRESS" => address.as_str(),
            word => word,
        }));
        let output = command.output().unwrap();
        let (printed, said) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
        // A voter that does not run, and what doctor finds, are told as failures, with the facts.
        assert!(output.status.success() || ["voter status", "doctor"].contains(line), "{line}: {said}");
        let values = serde_json::Deserializer::from_str(&printed).into_iter().collect::<Result<Vec<Value>, _>>();
        for value in values.unwrap_or_else(|error| panic!("{line}: {error}\n{printed}")) {
            if *section == "coins" {
                coin = value[0]["coin"].as_str().unwrap().to_owned();
            }
            if let ("address", Some(shown)) = (*section, value["address"].as_str()) {
                address = shown.to_owned();
            }
            seen.entry(section).or_default().add("", &value);
        }
    }
    seen
}

/// The fields of each section of the page: path, type, and whether it may be none.
fn page() -> BTreeMap<String, BTreeMap<String, String>> {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/json.md")).unwrap();
    let mut sections: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    for section in text.split("\n## `dcrcold ").skip(1) {
        let (heading, rest) = section.split_once('\n').unwrap();
        let own = rest.split("\n## ").next().unwrap();
        let row = |line: &str| {
            let mut cells = line.strip_prefix("| `")?.split(" | ");
            Some((cells.next()?.trim_end_matches('`').to_owned(), cells.next()?.to_owned()))
        };
        sections.insert(heading.split('`').next().unwrap().to_owned(), own.lines().filter_map(row).collect());
    }
    sections
}

/// Whether the page's type of a field covers a value.
fn allows(told: &str, kind: &str) -> bool {
    let (told, may_be_none) = told.strip_suffix(" or none").map_or((told, false), |told| (told, true));
    told == kind || (may_be_none && kind == "none")
}

/// Whether a field lies in a list that had no items, or in an object that was none.
fn is_below_nothing(found: &BTreeMap<String, BTreeSet<&'static str>>, path: &str) -> bool {
    let above = path.match_indices(['[', '.']).map(|(end, _)| &path[..end]);
    let is_empty = |above: &str| {
        let below = |it: &String| it.starts_with(above) && it.as_str() != above;
        (above.is_empty() || found.contains_key(above)) && !found.keys().any(below)
    };
    above.into_iter().any(is_empty)
}

#[test]
fn every_field_is_on_the_page_and_every_field_of_the_page_is_there() {
    let (seen, page) = (run_all(), page());
    let (mut fields, mut wrong) = (0, Vec::new());
    for (section, Seen(found)) in &seen {
        let told = page.get(*section).unwrap_or_else(|| panic!("{section} is not on the page"));
        for (path, kinds) in found {
            match told.get(path) {
                None => wrong.push(format!("{section}: {path} is not on the page")),
                Some(told) if !kinds.iter().all(|kind| allows(told, kind)) => {
                    wrong.push(format!("{section}: {path} is {kinds:?}, the page says {told}"));
                }
                Some(_) => fields += 1,
            }
        }
        let missing = told.keys().filter(|path| !found.contains_key(*path) && !is_below_nothing(found, path));
        wrong.extend(missing.map(|path| format!("{section}: {path} is on the page and nowhere else")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    println!("docs/json.md: {fields} fields of {} commands compared", seen.len());
    assert_eq!((seen.len(), fields), (COMMANDS, FIELDS));
}
