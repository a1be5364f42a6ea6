//! Every review on terminals of several sizes: nothing is cut, nothing is missing, and the end comes before approval.
//!
//! The files in `tests/review/screens` are what a person sees. `DCRCOLD_BLESS=1` writes them anew.

mod common;
#[path = "common/random.rs"]
mod random;
#[path = "common/signer.rs"]
mod signer;

use std::fs;

use common::{Vectors, folder, hex, list, text};
use dcrcold_core::hash::{Fingerprint, TransferId};
use dcrcold_core::machine::{Counter, Earlier, LISTED, Mark, Memory, NoMemory, Outpoint, Recall, Receiver};
use dcrcold_core::path::Index;
use dcrcold_core::policy::Limits;
use dcrcold_core::words::check_words;
use dcrcold_signer::screens::{Approval, Pager, Sheet, Tone, Turned};
use random::Random;
use ratatui_core::backend::TestBackend;
use ratatui_core::buffer::Cell;
use ratatui_core::layout::{Position, Size};
use ratatui_core::terminal::Terminal;
use serde_json::Value;
use signer::TestSigner;

/// The usual terminal, a smaller one, and the smallest.
const SIZES: [Size; 3] = [Size::new(80, 24), Size::new(60, 20), Size::new(40, 12)];

/// A memory that warns of everything, of more than a review lists.
struct Worried;

impl Worried {
    fn earlier(number: u32) -> Option<Earlier> {
        let request = TransferId::from_bytes([u8::try_from(number).expect("few"); 32]);
        let spent = dcrcold_core::amount::Amount::from_atoms(2_100_000_000_000_000).expect("all there is");
        (number as usize <= LISTED).then_some(Earlier { request, spent })
    }
}

impl Memory for Worried {
    fn recall(&mut self) -> Recall {
        Recall::Incomplete
    }

    fn mark(&mut self, _: Counter) -> Mark {
        Mark::Unknown
    }

    fn spent_by(&mut self, _: &Outpoint, _: &TransferId, number: u32) -> Option<Earlier> {
        Self::earlier(number)
    }

    fn named_by(&mut self, _: &Fingerprint, _: Index, _: &TransferId, number: u32) -> Option<Earlier> {
        Self::earlier(number)
    }
}

fn sheets(case: &Value, memory: &mut impl Memory) -> Vec<Sheet> {
    let mut signer = TestSigner::of(case);
    let mut receiver = Receiver::<256, 100>::default();
    receiver.push(&hex(&case["transfer"]["request"])).unwrap_or_else(|refusal| panic!("{refusal}"));
    match receiver.finish(&mut signer.keys, &mut signer.voters, memory, &Limits::DEFAULT) {
        Ok(reviewable) => Sheet::of_review(reviewable.pages()),
        Err(error) => panic!("{error:?}"),
    }
}

fn terminal(size: Size) -> Terminal<TestBackend> {
    Terminal::new(TestBackend::new(size.width, size.height)).expect("a terminal in memory cannot fail")
}

/// The rows that a person sees.
fn rows(terminal: &Terminal<TestBackend>) -> Vec<String> {
    let grid = terminal.backend().buffer();
    let columns = usize::from(grid.area.width);
    let rows = grid.content.chunks(columns).map(|row| row.iter().map(Cell::symbol).collect::<String>());
    rows.map(|row| row.trim_end().to_owned()).collect()
}

fn draw(pager: &mut Pager, terminal: &mut Terminal<TestBackend>) -> Vec<String> {
    terminal.draw(|frame| pager.show(frame.buffer_mut())).expect("a terminal in memory cannot fail");
    rows(terminal)
}

/// Everything that a review says, in order, as label and lines.
fn expected(sheets: &[Sheet]) -> Vec<&str> {
    let entries = sheets.iter().flat_map(|sheet| &sheet.entries);
    entries.flat_map(|entry| std::iter::once(&entry.label).chain(&entry.lines)).map(String::as_str).collect()
}

/// Reads lines off screens: a row that begins in the seventh column goes on with the line above it.
fn check_text(screens: &[Vec<String>], sheets: &[Sheet], what: &str) {
    let mut lines = expected(sheets).into_iter();
    let mut left = "";
    for row in screens.iter().flat_map(|rows| &rows[3..rows.len() - 1]).filter(|row| row.len() > 1) {
        let text = row[1..].trim_start();
        let column = row.len() - text.len();
        if column < 6 {
            assert_eq!(left, "", "{what}: a line is cut before {row:?}");
            left = lines.next().unwrap_or_else(|| panic!("{what}: {row:?} is not in the review"));
            assert!(!left.starts_with(' '), "the column would not tell");
        }
        let rest = left.strip_prefix(text);
        left = rest.unwrap_or_else(|| panic!("{what}: {row:?} where {left:?} should be")).trim_start();
    }
    assert_eq!((left, lines.next()), ("", None), "{what}: the end is missing");
}

/// Turns all pages at one size and gives the screens.
fn read(sheets: &[Sheet], size: Size) -> Vec<Vec<String>> {
    let mut terminal = terminal(size);
    let mut pager = Pager::new("review", sheets.to_vec(), size);
    let mut screens = Vec::new();
    loop {
        // Whoever turns pages that were not drawn gets nowhere.
        for _ in 0..100 {
            assert_eq!(pager.forward(), Turned::Screen);
        }
        assert!(!pager.seen_all());
        let (number, count) = pager.position();
        assert_eq!(number, screens.len() + 1);
        let rows = draw(&mut pager, &mut terminal);
        assert!(rows[0].ends_with(&format!("page {number} of {count}")), "{}", rows[0]);
        screens.push(rows);
        if pager.forward() == Turned::End {
            assert_eq!(number, count);
            assert!(pager.seen_all());
            return screens;
        }
        assert!(number < count);
    }
}

#[test]
fn every_line_of_every_review_is_seen_before_the_end() {
    let mut vectors = Vectors::load("builder.json");
    let mut screens = 0;
    vectors.each("cases", |case| {
        for size in SIZES {
            for sheets in [sheets(case, &mut NoMemory), sheets(case, &mut Worried)] {
                let seen = read(&sheets, size);
                check_text(&seen, &sheets, &format!("{} at {size}", text(&case["name"])));
                screens += seen.len();
            }
        }
    });
    vectors.elsewhere("refused");
    println!("screens: {screens} in {} reviews", 15 * 3 * 2);
    assert!(screens > 15 * 3 * 2 * 6);
    vectors.finish(15);
}

/// Every width and height that there is room for, with the longest review.
#[test]
fn nothing_is_cut_at_any_size() {
    let vectors = Vectors::load("builder.json");
    let cases = list(vectors.get("cases"));
    let largest =
        cases.iter().max_by_key(|case| expected(&sheets(case, &mut NoMemory)).len()).expect("there are cases");
    let sheets = sheets(largest, &mut Worried);
    let mut sizes = 0;
    for width in (40..=100).chain([200, 500]) {
        for height in [12, 13, 14, 17, 24, 50, 200] {
            let size = Size::new(width, height);
            check_text(&read(&sheets, size), &sheets, &format!("{size}"));
            sizes += 1;
        }
    }
    println!("sizes: {sizes} cases");
    assert_eq!(sizes, 63 * 7);
}

/// Whatever is pressed and however the terminal changes: the end counts as seen only when every line was drawn.
#[test]
fn no_way_to_the_end_leaves_out_a_line() {
    let vectors = Vectors::load("builder.json");
    let sheets = sheets(&list(vectors.get("cases"))[2], &mut Worried);
    // A few of the warnings are enough.
    let sheets = &sheets[sheets.len() - 10..];
    let all: Vec<char> = expected(sheets).concat().chars().filter(|c| *c != ' ').collect();
    let (mut rounds, mut steps) = (0, 0);
    for seed in 0..60 {
        let mut random = Random(seed);
        let mut size = SIZES[0];
        let mut pager = Pager::new("review", sheets.to_vec(), size);
        // The text that was drawn, each screen where it belongs.
        let mut drawn = vec![false; all.len()];
        while !pager.seen_all() {
            match random.below(10) {
                0 => size = Size::new(40 + u16::from(random.byte() % 60), 12 + u16::from(random.byte() % 30)),
                1 => pager.back(),
                2 if random.below(8) == 0 => pager.restart(),
                3 => drop(pager.forward()),
                _ => {
                    pager.forward();
                    pager.resize(size);
                    let mut terminal = terminal(size);
                    note(&draw(&mut pager, &mut terminal), &all, &mut drawn);
                }
            }
            pager.resize(size);
            steps += 1;
            assert!(steps < 1_000_000, "there is no way to the end");
        }
        assert!(drawn.iter().all(|drawn| *drawn), "seed {seed}");
        rounds += 1;
    }
    println!("ways to the end: {rounds} cases, {steps} steps");
    assert_eq!(rounds, 60);
}

/// Marks what stands on a screen. Where the same text stands twice in a review, both count as drawn.
fn note(rows: &[String], all: &[char], drawn: &mut [bool]) {
    let text = rows[3..rows.len() - 1].iter().filter(|row| row.len() > 1).map(|row| &row[1..]);
    let text: Vec<char> = text.flat_map(str::chars).filter(|c| *c != ' ').collect();
    for start in 0..=all.len() - text.len() {
        if all[start..start + text.len()] == text {
            drawn[start..start + text.len()].fill(true);
        }
    }
}

#[test]
fn another_size_keeps_the_text_at_the_top() {
    let vectors = Vectors::load("builder.json");
    let sheets = sheets(&list(vectors.get("cases"))[2], &mut Worried).split_off(12);
    let mut moves = 0;
    for from in SIZES {
        for to in SIZES {
            let mut pager = Pager::new("review", sheets.clone(), from);
            let mut before = terminal(from);
            loop {
                let top = draw(&mut pager, &mut before)[3].clone();
                pager.resize(to);
                let rows = draw(&mut pager, &mut terminal(to));
                // What was at the top is seen; where lines are as wide as before it is a row of its own.
                let first_word = top[1..].split_whitespace().next().expect("a row of text");
                assert!(rows[3..].iter().any(|row| row.contains(first_word)), "{from} to {to}: {top:?} in {rows:#?}");
                pager.resize(from);
                assert_eq!(draw(&mut pager, &mut before)[3], top, "{from} to {to} and back");
                moves += 1;
                if pager.forward() == Turned::End {
                    break;
                }
            }
        }
    }
    println!("changes of size: {moves} cases");
    assert!(moves > 100);
}

#[test]
fn the_words_are_asked_for_on_one_screen_of_any_size() {
    let longest = ["Christmas", "businessman", "Christmas", "businessman"];
    let mut sizes = 0;
    for (width, height) in (40..=100).flat_map(|width| [12, 13, 15, 16, 24, 60].map(|height| (width, height))) {
        let mut approval = Approval::new("dcrcold-signer: register a voter", "f".repeat(64), longest);
        let mut terminal = terminal(Size::new(width, height));
        let mut cursor = Position::ORIGIN;
        for typed in 0..70_usize {
            approval.put('x');
            if !typed.is_multiple_of(9) {
                continue;
            }
            terminal.draw(|frame| cursor = approval.show(frame.buffer_mut())).expect("in memory");
            let rows = rows(&terminal);
            let seen = rows.concat().replace(' ', "");
            assert!(seen.contains(&"f".repeat(64)) && seen.contains(&longest.concat()), "{rows:#?}");
            assert_eq!(seen.matches('x').count(), (typed + 1).min(64), "{rows:#?}");
            assert!(cursor.x < width && cursor.y < height - 1, "{cursor:?} in {rows:#?}");
            assert!(rows[usize::from(height - 1)].contains("Esc: decline"), "{rows:#?}");
        }
        sizes += 1;
    }
    println!("sizes of the last screen: {sizes} cases");
    assert_eq!(sizes, 61 * 6);
}

#[test]
fn screens_look_as_recorded() {
    let vectors = Vectors::load("builder.json");
    let cases = list(vectors.get("cases"));
    let named = |name: &str| cases.iter().find(|case| text(&case["name"]) == name).expect("a case of this name");
    let purchase = named("three tickets and a purse top-up");
    let id: TransferId = text(&purchase["transfer"]["id"]).parse().expect("an id");
    let mut files = 0;
    for size in SIZES {
        let size_name = format!("{}x{}", size.width, size.height);
        let mut reviews = vec![("purchase", sheets(purchase, &mut NoMemory))];
        if size == SIZES[0] {
            reviews.push(("send", sheets(named("two outputs and change"), &mut NoMemory)));
            reviews
                .push(("register", sheets(cases.iter().find(|case| case["kind"] == 3).expect("one"), &mut NoMemory)));
        }
        let warned: Vec<_> = sheets(purchase, &mut Worried).into_iter().filter(|it| it.tone == Tone::Warning).collect();
        reviews.push(("warnings", [&warned[..5], &warned[warned.len() - 1..]].concat()));
        for (name, sheets) in reviews {
            compare(&format!("{name}-{size_name}"), &read(&sheets, size));
            files += 1;
        }
        compare(&format!("words-{size_name}"), &words(&id, size));
        files += 1;
    }
    println!("recorded screens: {files} files");
    assert_eq!(files, 3 * 3 + 2);
}

/// The last screen: at first, with two words typed, and after wrong ones.
fn words(id: &TransferId, size: Size) -> Vec<Vec<String>> {
    let mut approval = Approval::new("review", id.to_string(), check_words(id));
    let mut terminal = terminal(size);
    let mut screens = Vec::new();
    for typed in ["", "two words", "\n"] {
        for character in typed.chars() {
            if character == '\n' { drop(approval.enter()) } else { approval.put(character) }
        }
        terminal.draw(|frame| _ = approval.show(frame.buffer_mut())).expect("in memory");
        screens.push(rows(&terminal));
    }
    screens
}

fn compare(name: &str, screens: &[Vec<String>]) {
    let border = |rows: &Vec<String>| format!("{}\n", rows.iter().map(|row| format!("|{row}\n")).collect::<String>());
    let shown: String = screens.iter().map(border).collect();
    let file = folder("review").join("screens").join(format!("{name}.txt"));
    if std::env::var_os("DCRCOLD_BLESS").is_some() {
        fs::write(&file, &shown).expect("the folder of the screens can be written");
    }
    let recorded = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    assert_eq!(shown, recorded, "{}", file.display());
}
