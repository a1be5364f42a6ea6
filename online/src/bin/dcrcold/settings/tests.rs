use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt::Debug;
use std::fs;

use clap::CommandFactory;
use tempfile::TempDir;

use super::{CONFIG, Places, Refused, read, settings};
use crate::cli::{Cli, Command, SourceName};

/// A setting: its command line, what shows it, and a value for the file, the environment and the command line.
struct Case {
    name: &'static str,
    /// Arguments that show it, before which the option stands if it is one of the whole program.
    args: &'static [&'static str],
    /// Further settings that it cannot be without, the same everywhere.
    with: &'static [(&'static str, &'static str)],
    shown: fn(&Cli) -> String,
    default: &'static str,
    values: [&'static str; 3],
}

fn debug(value: impl Debug) -> String {
    format!("{value:?}")
}

fn path(value: Option<&std::path::PathBuf>) -> String {
    value.map_or_else(|| "none".into(), |path| path.display().to_string())
}

fn text(value: Option<&String>) -> String {
    value.cloned().unwrap_or_else(|| "none".into())
}

fn network(cli: &Cli) -> String {
    let Command::Stakeinfo(options) = &cli.command else { panic!("another command") };
    options.network.map_or_else(|| "none".into(), |network| network.to_string())
}

fn proxy(cli: &Cli) -> String {
    cli.common.peer.proxy.map_or_else(|| "none".into(), |proxy| proxy.to_string())
}

const SYNC: &[&str] = &["sync"];

/// Every setting.
const CASES: [Case; 13] = [
    Case {
        name: "wallet",
        args: SYNC,
        with: &[],
        shown: |cli| path(cli.common.wallet.as_ref()),
        default: "none",
        values: ["/f", "/e", "/l"],
    },
    Case {
        name: "atoms",
        args: SYNC,
        with: &[],
        shown: |cli| debug(cli.common.atoms),
        default: "false",
        values: ["true", "false", "true"],
    },
    Case {
        name: "color",
        args: SYNC,
        with: &[],
        shown: |cli| cli.common.color.to_string(),
        default: "auto",
        values: ["always", "never", "auto"],
    },
    Case {
        name: "source",
        args: SYNC,
        with: &[],
        shown: |cli| debug(&cli.common.source),
        default: "none",
        values: ["sim:/f", "spv", "sim:/l"],
    },
    Case {
        name: "network",
        args: &["stakeinfo"],
        with: &[],
        shown: network,
        default: "none",
        values: ["simnet", "testnet3", "mainnet"],
    },
    Case {
        name: "proxy",
        args: &["vsp", "list"],
        with: &[],
        shown: proxy,
        default: "none",
        values: ["127.0.0.1:1", "127.0.0.1:2", "127.0.0.1:3"],
    },
    Case {
        name: "peer",
        args: SYNC,
        with: &[],
        shown: |cli| debug(&cli.common.peer.peers),
        default: "[]",
        values: ["192.0.2.1", "192.0.2.2", "192.0.2.3"],
    },
    Case {
        name: "dcrd",
        args: SYNC,
        with: &[],
        shown: |cli| text(cli.common.dcrd.dcrd.as_ref()),
        default: "none",
        values: ["f", "e", "l"],
    },
    Case {
        name: "dcrd-cert",
        args: SYNC,
        with: &[],
        shown: |cli| path(cli.common.dcrd.dcrd_cert.as_ref()),
        default: "none",
        values: ["/f", "/e", "/l"],
    },
    Case {
        name: "dcrd-user",
        args: SYNC,
        with: &[("dcrd-password-file", "/x")],
        shown: |cli| text(cli.common.dcrd.dcrd_user.as_ref()),
        default: "none",
        values: ["f", "e", "l"],
    },
    Case {
        name: "dcrd-password-file",
        args: SYNC,
        with: &[("dcrd-user", "x")],
        shown: |cli| path(cli.common.dcrd.dcrd_password_file.as_ref()),
        default: "none",
        values: ["/f", "/e", "/l"],
    },
    Case {
        name: "dcrd-client-cert",
        args: SYNC,
        with: &[("dcrd-client-key", "/x")],
        shown: |cli| path(cli.common.dcrd.dcrd_client_cert.as_ref()),
        default: "none",
        values: ["/f", "/e", "/l"],
    },
    Case {
        name: "dcrd-client-key",
        args: SYNC,
        with: &[("dcrd-client-cert", "/x")],
        shown: |cli| path(cli.common.dcrd.dcrd_client_key.as_ref()),
        default: "none",
        values: ["/f", "/e", "/l"],
    },
];

/// A folder with a configuration file, an environment, and a command line.
struct Machine {
    folder: TempDir,
    variables: BTreeMap<String, String>,
}

impl Machine {
    fn new(file: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("dcrcold.toml"), file).unwrap();
        Self { folder, variables: BTreeMap::new() }
    }

    fn with(mut self, variable: &str, value: &str) -> Self {
        self.variables.insert(variable.into(), value.into());
        self
    }

    fn read(&self, line: &[&str]) -> Result<Cli, Refused> {
        let variable = |name: &str| self.variables.get(name).map(OsString::from);
        let places = Places { variable: &variable, usual: Some(self.folder.path().join("dcrcold.toml")) };
        let line: Vec<_> = ["dcrcold"].iter().chain(line).map(OsString::from).collect();
        read(&line, &places)
    }

    fn refusal(&self, line: &[&str]) -> String {
        match self.read(line) {
            Err(Refused::Settings(failure)) => {
                let text = failure.to_string().replace(&self.folder.path().display().to_string(), "[DIR]");
                [vec![text], failure.hints().to_vec()].concat().join(" | ")
            }
            Err(refused) => panic!("{refused:?}"),
            Ok(cli) => panic!("taken: {cli:?}"),
        }
    }
}

fn line_of(name: &str, value: &str) -> String {
    match name {
        "atoms" => format!("{name} = {value}\n"),
        "peer" => format!("{name} = [\"{value}\"]\n"),
        _ => format!("{name} = \"{value}\"\n"),
    }
}

fn variable(name: &str) -> String {
    format!("DCRCOLD_{}", name.to_uppercase().replace('-', "_"))
}

#[test]
fn the_command_line_counts_before_the_environment_the_file_and_the_default() {
    let mut count = 0;
    for case in &CASES {
        let Case { name, args, values: [of_file, of_environment, of_line], .. } = case;
        let lines =
            case.with.iter().map(|(name, value)| line_of(name, value)).collect::<String>() + &line_of(name, of_file);
        let options: Vec<_> =
            case.with.iter().chain([&(*name, *of_line)]).map(|(name, value)| format!("--{name}={value}")).collect();
        let line: Vec<_> = args.iter().copied().chain(options.iter().map(String::as_str)).collect();
        let set = |machine: Machine| {
            let with = case.with.iter().fold(machine, |machine, (name, value)| machine.with(&variable(name), value));
            with.with(&variable(name), of_environment)
        };
        let expect = |what: &str, machine: &Machine, line: &[&str], expected: &str| {
            let cli = machine.read(line).unwrap_or_else(|refused| panic!("{name} from {what}: {refused:?}"));
            let shown = (case.shown)(&cli).to_lowercase();
            assert!(
                shown.contains(&expected.trim_start_matches("sim:").to_lowercase()),
                "{name} from {what}: {shown}, not {expected}"
            );
        };
        expect("default", &Machine::new(""), args, case.default);
        expect("file", &Machine::new(&lines), args, of_file);
        expect("environment", &set(Machine::new("")), args, of_environment);
        expect("environment over file", &set(Machine::new(&lines)), args, of_environment);
        expect("line over file", &Machine::new(&lines), &line, of_line);
        expect("line over environment", &set(Machine::new("")), &line, of_line);
        expect("line over both", &set(Machine::new(&lines)), &line, of_line);
        count += 7;
    }
    println!("precedence of settings: {count} cases");
    assert_eq!(count, 91);
}

/// The table above knows all settings, and their variables are named after them.
#[test]
fn every_setting_is_known_by_its_name() {
    let mut command = Cli::command();
    command.build();
    let settings = settings(&command);
    let expected: std::collections::BTreeSet<_> = CASES.iter().map(|case| case.name).chain([CONFIG]).collect();
    assert_eq!(settings.keys().map(String::as_str).collect::<std::collections::BTreeSet<_>>(), expected);
    for (name, arg) in &settings {
        assert_eq!(arg.get_env().unwrap().to_str().unwrap(), variable(name));
        assert!(arg.is_hide_env_values_set(), "--help says what {} is", variable(name));
    }
}

#[test]
fn what_makes_no_sense_is_named_with_its_place() {
    let keys = "the keys are atoms, color, dcrd, dcrd-cert, dcrd-client-cert, dcrd-client-key, dcrd-password-file, dcrd-user, network, peer, proxy, source, wallet";
    let cases = [
        ("\nwalet = \"x\"", format!("[DIR]/dcrcold.toml: line 2: unknown key `walet` | {keys}")),
        ("[mainnet]\nwallet = \"x\"", format!("[DIR]/dcrcold.toml: line 1: unknown key `mainnet` | {keys}")),
        ("config = \"x\"", format!("[DIR]/dcrcold.toml: line 1: unknown key `config` | {keys}")),
        (
            "dcrd-password = \"x\"",
            "[DIR]/dcrcold.toml: line 1: unknown key `dcrd-password` | secrets stand neither here nor in the environment: name the file that holds one".into(),
        ),
        ("source = 'node'", "[DIR]/dcrcold.toml: line 1: node is not what --source takes: expected dcrd, spv or sim:DIR".into()),
        ("color = 'red'", "[DIR]/dcrcold.toml: line 1: red is not what --color takes: expected auto, always, never".into()),
        ("atoms = \"yes\"", "[DIR]/dcrcold.toml: line 1: expected true or false for `atoms`".into()),
        ("wallet = 3", "[DIR]/dcrcold.toml: line 1: expected a text in quotes for `wallet`".into()),
        ("peer = 1", "[DIR]/dcrcold.toml: line 1: expected a text in quotes, or several in brackets, for `peer`".into()),
        ("atoms = true\natoms = true", "[DIR]/dcrcold.toml: line 2: duplicate key".into()),
        ("atoms", "[DIR]/dcrcold.toml: line 1: key with no value, expected `=`".into()),
    ];
    for (file, expected) in &cases {
        assert_eq!(Machine::new(file).refusal(SYNC), *expected, "{file}");
    }
    let expected = "DCRCOLD_PEER: nobody is not what --peer takes: expected an IP address or onion service, with or without a port";
    assert_eq!(Machine::new("").with("DCRCOLD_PEER", "192.0.2.1, nobody").refusal(SYNC), expected);
    assert!(Machine::new("").refusal(&["sync", "--config", "/nowhere/x"]).starts_with("/nowhere/x: cannot read it: "));
    println!("settings that make no sense: {} cases", cases.len() + 2);
    assert_eq!(cases.len() + 2, 13);
}

#[test]
fn files_are_seen_from_the_folder_of_the_file() {
    let machine = Machine::new("wallet = 'cold.db'\nsource = 'sim:net'\ndcrd-cert = '/etc/rpc.cert'");
    let common = machine.read(SYNC).unwrap().common;
    assert_eq!(common.wallet, Some(machine.folder.path().join("cold.db")));
    assert_eq!(common.source, Some(SourceName::Sim(machine.folder.path().join("net"))));
    assert_eq!(common.dcrd.dcrd_cert, Some("/etc/rpc.cert".into()));
}

/// A login on the command line is not mixed with one in the file.
#[test]
fn ways_to_log_in_are_not_mixed() {
    let file = "dcrd-user = 'me'\ndcrd-password-file = '/p'";
    let dcrd = |machine: &Machine, line: &[&str]| machine.read(line).unwrap().common.dcrd;
    let line = ["sync", "--dcrd-client-cert=/c", "--dcrd-client-key=/k"];
    assert_eq!(dcrd(&Machine::new(file), &line).dcrd_user, None);
    assert_eq!(dcrd(&Machine::new(file), SYNC).dcrd_user, Some("me".into()));
    let machine = Machine::new(file).with("DCRCOLD_DCRD_CLIENT_CERT", "/c").with("DCRCOLD_DCRD_CLIENT_KEY", "/k");
    assert_eq!(dcrd(&machine, SYNC).dcrd_password_file, None);
}

#[test]
fn who_names_a_dcrd_means_it() {
    let machine = Machine::new("source = 'spv'");
    assert_eq!(machine.read(&["sync", "--dcrd", "localhost"]).unwrap().common.named_source(), Some(SourceName::Dcrd));
    assert_eq!(machine.read(SYNC).unwrap().common.named_source(), Some(SourceName::Spv));
}

/// An account's network is in the watch file; a setting for devices is no contradiction.
#[test]
fn a_setting_contradicts_no_option_of_the_command_line() {
    let machine = Machine::new("network = 'simnet'").with("DCRCOLD_NETWORK", "testnet3");
    assert!(machine.read(&["wallet", "import", "watch"]).is_ok());
}

#[test]
fn a_variable_that_is_empty_says_nothing() {
    let machine = Machine::new("wallet = '/f'").with("DCRCOLD_WALLET", "");
    assert_eq!(machine.read(SYNC).unwrap().common.wallet, Some("/f".into()));
}
