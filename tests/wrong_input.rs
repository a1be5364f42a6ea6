//! Wrong input at every question of `dcrcold-signer`: it ends with the exit code that it should, makes nothing, and leaves
//! the terminal in order.
#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

#[path = "common/clumsy.rs"]
mod clumsy;
mod common;
#[path = "cmd/fixtures.rs"]
#[allow(dead_code, reason = "only cli_signer writes the files anew")]
mod fixtures;
#[path = "common/terminal.rs"]
mod terminal;

use std::fs;
use std::sync::LazyLock;
use std::thread;
use std::time::{Duration, Instant};

use clumsy::{CTRL_C, EVERYWHERE, Kind, LARGE, SIZES, Slip, end_after, names, slips};
use tempfile::TempDir;
use terminal::Terminal;

const SIGNER: &str = env!("CARGO_BIN_EXE_dcrcold-signer");
const WITH_PASSPHRASE: &str = "--store signed-before --passphrase-file passphrase";

/// How long a program that was told to end may take for it, on a machine that does other things too.
const MOMENT: Duration = Duration::from_millis(100);

static FILES: LazyLock<Vec<(&'static str, Vec<u8>)>> = LazyLock::new(fixtures::files);

fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in &*FILES {
        fs::write(folder.path().join(name), bytes).unwrap();
    }
    folder
}

fn start(folder: &TempDir, args: &str, size: (u16, u16)) -> Terminal {
    Terminal::start(SIGNER, &args.split(' ').collect::<Vec<_>>(), folder.path(), size, "xterm")
}

/// A question whose answer is not shown, and how to get there: what is asked before, with the answers.
struct Question {
    args: &'static str,
    before: &'static [(&'static str, &'static str)],
    asked: &'static str,
    /// The exit status after Enter alone, and after other text; nothing where the program asks on.
    empty: Option<i32>,
    text: Option<i32>,
}

const BIP39: &str = "legal winner thank year wave sausage worth useful legal winner thank yellow\n";

const fn question(
    args: &'static str,
    before: &'static [(&'static str, &'static str)],
    asked: &'static str,
    [empty, text]: [Option<i32>; 2],
) -> Question {
    Question { args, before, asked, empty, text }
}

const QUESTIONS: [Question; 16] = [
    question("--store keystore address", &[], "Passphrase of keystore:", [Some(2), Some(1)]),
    question("--store new/er/one new --kdf-memory 8", &[], "Passphrase of the new key store:", [Some(2), None]),
    question(
        "--store new/er/one new --kdf-memory 8",
        &[("Passphrase of the new key store:", "one\n")],
        "Once more:",
        [Some(2), Some(4)],
    ),
    question("--store signed-before --passphrase-file passphrase passphrase", &[], "New passphrase:", [Some(2), None]),
    question(
        "--store keystore --passphrase-file passphrase backup --out new",
        &[],
        "Passphrase of the backup file:",
        [Some(2), None],
    ),
    question(
        "--store keystore --passphrase-file passphrase export hot --out new",
        &[],
        "Passphrase of the hot file:",
        [Some(2), None],
    ),
    question(
        "--store new/one restore --kdf-memory 8 --backup backup",
        &[],
        "Passphrase of the backup file:",
        [Some(2), Some(1)],
    ),
    question(
        "--store new/one --passphrase-file passphrase restore --kdf-memory 8 --hex",
        &[],
        "The hexadecimal digits of the seed:",
        [Some(7); 2],
    ),
    question(
        "--plain --store new/one --passphrase-file passphrase restore --kdf-memory 8",
        &[],
        "The words of the seed:",
        [Some(7); 2],
    ),
    question(
        "--plain --store new/one --passphrase-file passphrase restore --kdf-memory 8 --bip39",
        &[],
        "The words of the hardware wallet:",
        [Some(7); 2],
    ),
    question(
        "--plain --store new/one --passphrase-file passphrase restore --kdf-memory 8 --bip39",
        &[("The words of the hardware wallet:", BIP39)],
        "Passphrase that belongs to the words",
        [None; 2],
    ),
    question(
        "--plain --store new/one --passphrase-file passphrase restore --kdf-memory 8 --bip39",
        &[("The words of the hardware wallet:", BIP39), ("Passphrase that belongs to the words", "TREZOR\n")],
        "Once more:",
        [Some(4); 2],
    ),
    question(
        "--plain --store new/one --passphrase-file passphrase new --kdf-memory 8 --mix dice",
        &[],
        "Throws of a die, 1 to 6:",
        [Some(7); 2],
    ),
    question(
        "--plain --store new/one --passphrase-file passphrase new --kdf-memory 8 --mix text",
        &[],
        "What nobody can guess:",
        [Some(7), None],
    ),
    question(
        "--plain --store new/one --passphrase-file passphrase new --kdf-memory 8",
        &[],
        "Type all words again, or nothing to give up:",
        [Some(4); 2],
    ),
    question("--store signed-before limits --tickets 3", &[], "Passphrase of signed-before:", [Some(2), Some(1)]),
];

fn ends(question: &Question, slip: &Slip, size: (u16, u16)) {
    let folder = folder();
    let before = names(folder.path());
    let mut terminal = start(&folder, question.args, size);
    for (asked, answer) in question.before {
        terminal.wait(asked, |terminal| terminal.transcript.contains(asked));
        terminal.paste(answer.as_bytes());
    }
    terminal.wait(question.asked, |terminal| terminal.transcript.contains(question.asked));
    let at = terminal.transcript.len();
    let status = end_after(terminal, slip, |terminal| {
        ["Once more: ", "nothing to give up: "].iter().any(|question| terminal.transcript[at..].contains(question))
    });
    let expected = match slip.kind {
        Kind::Empty => question.empty.unwrap_or(4),
        Kind::Text => question.text.unwrap_or(4),
        Kind::End(status) => status,
    };
    assert_eq!(status, Some(expected), "{} at {} of {}", slip.name, question.asked, question.args);
    assert_eq!(names(folder.path()), before, "{} at {} of {}", slip.name, question.asked, question.args);
}

/// The first slips at every question, and the others at the first one.
#[test]
fn a_wrong_answer_that_is_not_shown_ends_as_it_should() {
    let slips = &slips();
    let cases: usize = thread::scope(|scope| {
        let at = |(number, question)| {
            scope.spawn(move || {
                let slips = &slips[..if number == 0 { slips.len() } else { EVERYWHERE }];
                let sizes = SIZES.into_iter().cycle().skip(number);
                slips.iter().zip(sizes).map(|(slip, size)| ends(question, slip, size)).count()
            })
        };
        let threads: Vec<_> = QUESTIONS.iter().enumerate().map(at).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    println!("slips at questions that show nothing: {cases} cases");
    assert_eq!(cases, 14 + 15 * 6);
}

/// Something on the whole terminal, the key that leads to it from whatever is there before, and how it may end.
struct Screen {
    args: &'static str,
    seen: &'static str,
    key: &'static str,
    ends: &'static [i32],
}

const fn screen(args: &'static str, seen: &'static str, key: &'static str, ends: &'static [i32]) -> Screen {
    Screen { args, seen, key, ends }
}

const SCREENS: [Screen; 12] = [
    screen("--store new/one --passphrase-file passphrase new --kdf-memory 8", "Write down these words", "", &[4]),
    screen("--store new/one --passphrase-file passphrase new --kdf-memory 8", "Type the words again", "\r", &[4]),
    screen("--store new/one --passphrase-file passphrase new --kdf-memory 8 --mix dice", "Throw a die", "", &[4]),
    screen("--store new/one --passphrase-file passphrase new --kdf-memory 8 --mix text", "Type what nobody", "", &[4]),
    screen("--store new/one --passphrase-file passphrase restore --kdf-memory 8", "Word 1 of 33", "", &[4]),
    screen("--store new/one --passphrase-file passphrase restore --kdf-memory 8 --bip39", "Word 1 of 24", "", &[4]),
    screen("--store keystore --passphrase-file passphrase backup", "These words are", "", &[0, 4]),
    screen("--store keystore --passphrase-file passphrase sign request --out new", "page 1 of", "", &[4]),
    screen("--store keystore --passphrase-file passphrase sign request --out new", "Type the four words", " ", &[4]),
    screen("--store keystore --passphrase-file passphrase voter add voter", "Type the four words", " ", &[4]),
    screen("--store keystore --passphrase-file passphrase voter add --scan --text", "Scan, paste or type", "", &[4]),
    screen("--store keystore --passphrase-file passphrase export watch --show", "q: done", "", &[0]),
];

impl Screen {
    fn start(&self, folder: &TempDir, size: (u16, u16)) -> Terminal {
        let mut terminal = start(folder, self.args, size);
        terminal.wait("the whole terminal", Terminal::alternate);
        for _ in 0..100 {
            if terminal.text().contains(self.seen) {
                return terminal;
            }
            terminal.paste(self.key.as_bytes());
            assert!(!is_over(&mut terminal), "{}: {}", self.args, terminal.text());
        }
        panic!("no {:?} in\n{}", self.seen, terminal.text());
    }

    /// Types all slips one after the other, as long as the program goes on, and starts it again where it has ended.
    fn survives(&self, slips: &[Slip], size: (u16, u16)) -> usize {
        let folder = folder();
        let before = names(folder.path());
        let mut terminal = self.start(&folder, size);
        let mut cases = 0;
        for slip in slips {
            // A screen is drawn for each key: enough of them to fill every field.
            let keys = slip.bytes.iter().take(500).map(|byte| if *byte == b'\n' { b'\r' } else { *byte });
            terminal.paste(&keys.collect::<Vec<_>>());
            if is_over(&mut terminal) {
                self.is_over_in_order(terminal, slip.name);
                terminal = self.start(&folder, size);
            }
            cases += 1;
        }
        terminal.paste(CTRL_C);
        assert!(terminal.ends_before("never", |_| false));
        self.is_over_in_order(terminal, "Ctrl-C");
        assert_eq!(names(folder.path()), before, "{}", self.args);
        cases
    }

    fn is_over_in_order(&self, terminal: Terminal, slip: &str) {
        assert!(!terminal.alternate() && terminal.in_order(), "{}: {slip}", self.args);
        let (status, transcript) = terminal.end();
        assert!(!transcript.contains("panicked"), "{}: {slip}: {transcript}", self.args);
        let expected = status.is_some_and(|status| self.ends.contains(&status));
        assert!(expected, "{}: {slip}: {status:?}: {transcript}", self.args);
    }
}

/// Whether the program ends within a moment.
fn is_over(terminal: &mut Terminal) -> bool {
    let until = Instant::now() + MOMENT;
    terminal.ends_before("a moment", |_| Instant::now() > until)
}

#[test]
fn wrong_keys_on_a_screen_do_nothing_that_cannot_be_ended() {
    let slips = &slips();
    let cases: usize = thread::scope(|scope| {
        let at = |(screen, size): (&'static Screen, _)| scope.spawn(move || screen.survives(slips, size));
        let threads: Vec<_> = SCREENS.iter().zip(SIZES.into_iter().cycle()).map(at).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    println!("slips on screens: {cases} cases");
    assert_eq!(cases, 12 * 14);
}

/// Lines on a terminal that does no more: nothing but the words approves, and every other end declines.
#[test]
fn a_wrong_line_approves_nothing() {
    let mut cases = 0;
    for args in ["sign request --out new", "voter add voter"] {
        for (slip, size) in slips().iter().zip(SIZES.into_iter().cycle()) {
            let folder = folder();
            let before = names(folder.path());
            let mut terminal = start(&folder, &format!("--plain {WITH_PASSPHRASE} {args}"), size);
            let asks = "Type the four check words to approve, or nothing to decline: ";
            let mut seen = 0;
            while !terminal.transcript.contains(asks) {
                let more = |terminal: &Terminal| terminal.transcript.matches("-- Enter: more").count();
                terminal.wait("a question", |terminal| more(terminal) > seen || terminal.transcript.contains(asks));
                if more(&terminal) > seen {
                    (seen, _) = (seen + 1, terminal.paste(b"\n"));
                }
            }
            terminal.paste(&slip.bytes);
            let asked = |terminal: &Terminal| terminal.transcript.matches(asks).count() > 1;
            if !terminal.ends_before("another question", asked) {
                terminal.paste(b"\x04");
            }
            assert!(terminal.ends_before("never", |_| false) && terminal.in_order());
            let (status, transcript) = terminal.end();
            // What ends any program that reads lines: Ctrl-C, and Ctrl-\.
            let killed = slip.bytes.iter().any(|byte| matches!(byte, 0x03 | 0x1c));
            assert_eq!(status, if killed { None } else { Some(4) }, "{}: {transcript}", slip.name);
            assert_eq!(names(folder.path()), before, "{}", slip.name);
            cases += 1;
        }
    }
    println!("slips at lines: {cases} cases");
    assert_eq!(cases, 2 * 14);
}

/// What is pasted behind an answer goes to nobody: least of all to the shell, which would run it and remember it.
#[test]
fn the_rest_of_what_is_pasted_is_no_command() {
    let folder = folder();
    let script = "\"$0\" --store keystore address; echo; echo shell; timeout --foreground 0.5 cat; echo end";
    let mut terminal = Terminal::start("sh", &["-c", script, SIGNER], folder.path(), LARGE, "xterm");
    terminal.wait_for("Passphrase of keystore:");
    terminal.paste(b"wrong\nrm -r everything\nsecret words\n");
    let (_, transcript) = terminal.end();
    let (_, after) = transcript.split_once("\nshell\n").unwrap();
    assert_eq!(after, "end\n", "{transcript}");
}
