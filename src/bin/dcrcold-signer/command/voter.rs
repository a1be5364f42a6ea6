//! `voter`: registers voters of other machines and lists those that requests may name.

use dcrcold_core::net::Network;
use dcrcold_core::path::VoterAccount;
use dcrcold_core::rule::Rule;
use dcrcold_signer::cli::{Failure, FailureKind, Stop};
use dcrcold_signer::hd::ExtendedKeyData;
use dcrcold_signer::keystore::{Access, Contents};
use dcrcold_signer::receive::Wanted;
use dcrcold_signer::scanning::Input;
use dcrcold_signer::screens::{Entry, Sheet, Tone};
use dcrcold_signer::seed::words_of;
use dcrcold_signer::signer::check_voter;
use dcrcold_signer::transfer::{Container, Content, TransferError};
use dcrcold_signer::voter::{VoterKeys, fingerprint, own_accounts};

use crate::cli::{Global, VoterAddArgs, VoterArgs, VoterCommand};
use crate::facts::Facts;
use crate::input::one_stdin;
use crate::output::{Output, tell};
use crate::prompt::{self, Approval, Review};
use crate::{scan, store};

pub(crate) fn run(global: &Global, args: &VoterArgs, input: Option<Input>, output: &Output) -> Result<(), Stop> {
    match &args.command {
        VoterCommand::Add(args) => add(global, args, input, output),
        VoterCommand::List(_) => list(global, output),
    }
}

fn add(global: &Global, args: &VoterAddArgs, input: Option<Input>, output: &Output) -> Result<(), Stop> {
    one_stdin([global.passphrase_path(), args.file.as_deref(), args.source.stdin()])?;
    let taken = scan::take(global, Wanted::VoterExport, args.file.as_deref(), input, args.approve.is_some())?;
    let (container, voter) = read(&taken.bytes).map_err(|error| {
        let failure = Failure::from(error.clone()).about(taken.name);
        match error {
            TransferError::WrongKind { .. } => failure.hint("give the file that `dcrcold voter new` wrote"),
            _ => failure,
        }
    })?;
    let mut key_store = store::open(global, Access::Write)?;
    let contents = key_store.contents();
    let (found, expected) = (container.network(), contents.network());
    if found != expected {
        let rule = Rule::NetworkMismatch;
        let message = format!("{rule}: the voter is for {found}, the key store for {expected}");
        return Err(Failure::new(FailureKind::Refused, message)
            .hint("use the key store of the voter's network, with --store")
            .into());
    }
    check_voter(contents, &contents.master()?, &voter, None)?;
    let mut shown = facts(&voter, found);
    shown.append(Facts::default().text("id", container.id()));
    let review =
        Review { title: "dcrcold-signer: register a voter", sheets: sheets(&voter, found), id: container.id() };
    match review.approval(args.approve, global.plain)? {
        Approval::Id(given) if given != *container.id() => return Err(prompt::other_id(&given, container.id()).into()),
        Approval::Id(_) | Approval::Words(_) => {}
    }
    let name = voter.name.clone();
    key_store.update(|contents| Ok::<_, Failure>(contents.add_voter(voter)?))?;
    taken.done();
    if output.json() {
        return output.facts(&shown);
    }
    tell(format_args!("Requests may name the voter {name} from now on."));
    Ok(())
}

/// What registering a voter means, and all that makes it.
fn sheets(voter: &VoterKeys, network: Network) -> Vec<Sheet> {
    let print = voter.fingerprint(network);
    let words = words_of(*print.as_bytes());
    let mut lines = Vec::new();
    for word in words.split(' ').collect::<Vec<_>>().chunks(4) {
        lines.push(word.join(" "));
    }
    let sheet = |heading: &str, entries| Sheet { heading: heading.to_owned(), tone: Tone::Plain, entries };
    let about = vec![
        Entry::new("Network", network),
        Entry::new("Name", format_args!("\"{}\"", voter.name)),
        Entry::new(
            "Its keys",
            "may vote with tickets that you sign for from now on,\nand may be paid for the voter's purse; never your coins",
        ),
    ];
    let mut sheets = vec![
        sheet("register a voter of another machine", about),
        sheet(
            "compare with the other machine",
            vec![Entry::new("Fingerprint", print), Entry::new("In words", lines.join("\n"))],
        ),
    ];
    for (account, name) in VoterAccount::ALL.into_iter().zip(["voting", "alt-sign", "purse"]) {
        let [key, chain_code] = hex(voter.account(account));
        let entries = vec![Entry::new("Public key", key), Entry::new("Chain code", chain_code)];
        sheets.push(sheet(&format!("{name} account"), entries));
    }
    sheets
}

fn read(bytes: &[u8]) -> Result<(Container, VoterKeys), TransferError> {
    let container = Container::parse(bytes)?;
    let voter = VoterKeys::from_container(&container)?;
    Ok((container, voter))
}

/// Everything that makes a voter, in a form that can be compared with another screen.
pub(super) fn facts(voter: &VoterKeys, network: Network) -> Facts {
    let print = voter.fingerprint(network);
    let mut facts = Facts::default()
        .text("name", &voter.name)
        .text("network", network)
        .text("fingerprint", print)
        .with("fingerprint_words", words_of(*print.as_bytes()).as_str());
    for (account, [key, chain_code]) in VoterAccount::ALL.into_iter().zip([
        ["voting_key", "voting_chain_code"],
        ["alt_sign_key", "alt_sign_chain_code"],
        ["purse_key", "purse_chain_code"],
    ]) {
        facts.append(account_facts(voter.account(account), key, chain_code));
    }
    facts
}

fn account_facts(account: &ExtendedKeyData, key: &'static str, chain_code: &'static str) -> Facts {
    let [key_hex, chain_code_hex] = hex(account);
    Facts::default().with(key, key_hex).with(chain_code, chain_code_hex)
}

fn hex(account: &ExtendedKeyData) -> [String; 2] {
    [&account.key().to_bytes()[..], account.chain_code()].map(base16ct::lower::encode_string)
}

fn list(global: &Global, output: &Output) -> Result<(), Stop> {
    let key_store = store::open(global, Access::Read)?;
    let list = voters(key_store.contents())?;
    output.list(&list)
}

/// The own voters of every account and generation, then the registered ones.
fn voters(contents: &Contents) -> Result<Vec<Facts>, Failure> {
    let (network, master) = (contents.network(), contents.master()?);
    let mut list = Vec::new();
    for entry in contents.accounts() {
        for generation in contents.generations() {
            let accounts = own_accounts(&master, contents.coin_type(), entry.account, *generation)?;
            let accounts = accounts.map(|account| *account.public().node());
            let facts = Facts::default().text("fingerprint", fingerprint(network, &accounts)).with("origin", "own");
            let facts = facts.text("name", &entry.name).with("account", entry.account.number());
            list.push(facts.with("generation", generation.number()));
        }
    }
    for voter in contents.voters() {
        let facts = Facts::default().text("fingerprint", voter.fingerprint(network)).with("origin", "registered");
        list.push(facts.text("name", &voter.name));
    }
    Ok(list)
}
