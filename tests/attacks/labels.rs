//! The host writes on the reviewer's screen: a label that paints over the pages, runs backwards, or looks like a part of
//! the review. Only printable ASCII is read, and what is read is quoted, last, under a heading of its own.

use dcrcold_core::policy::Rule;
use dcrcold_core::request::Label;
use dcrcold_core::review::Origin;
use dcrcold_signer::cli::printable;
use dcrcold_signer::name::Name;
use dcrcold_signer::transfer::Purchase;

use crate::cold::encoded;
use crate::harness::{Victim, pairs};

fn is_unprintable(label: &[u8]) {
    let mut value = vec![0x78, u8::try_from(label.len()).unwrap()];
    if label.len() < 24 {
        value = vec![0x60 + value[1]];
    }
    value.extend(label);
    pairs(|mut body| {
        body.pairs.push((11, value));
        body.pairs.sort_by_key(|(key, _)| *key);
        body
    })
    .is_refused(Rule::LabelUnprintable);
    // The name of a voter is shown on the pages too.
    assert!(std::str::from_utf8(label).map_or(true, |label| label.parse::<Name>().is_err()), "as a voter's name");
}

#[test]
fn starts_a_page_of_its_own_by_a_line_break() {
    is_unprintable(b"rent\nFee: 0.00001 DCR");
}

#[test]
fn writes_over_the_line_by_a_carriage_return() {
    is_unprintable(b"rent\rBuy: 1 ticket");
}

#[test]
fn clears_the_screen() {
    is_unprintable(b"\x1b[2J\x1b[H");
}

#[test]
fn moves_the_cursor_up_to_an_amount() {
    is_unprintable(b"\x1b[20A0.1 DCR");
}

#[test]
fn clears_the_screen_by_one_byte() {
    is_unprintable(b"\xc2\x9b2J");
}

#[test]
fn has_the_terminal_answer_for_the_person() {
    is_unprintable(b"\x1b[6n");
}

#[test]
fn puts_a_link_on_the_screen() {
    is_unprintable(b"\x1b]8;;http://x\x07");
}

#[test]
fn takes_letters_back() {
    is_unprintable(b"300\x08\x08\x08003");
}

#[test]
fn ends_the_text_early() {
    is_unprintable(b"rent\0 to the attacker");
}

#[test]
fn pushes_the_rest_out_of_sight_by_tabs() {
    is_unprintable(b"rent\t\t\t\t\t\t\t\tx");
}

#[test]
fn hides_a_delete() {
    is_unprintable(b"rent\x7f");
}

#[test]
fn turns_the_text_around() {
    is_unprintable("\u{202e}RCD 1".as_bytes());
}

#[test]
fn embeds_text_from_right_to_left() {
    is_unprintable("\u{2067}RCD 1\u{2069}".as_bytes());
}

#[test]
fn writes_letters_that_nobody_sees() {
    is_unprintable("re\u{200b}nt".as_bytes());
}

#[test]
fn writes_letters_that_look_like_others() {
    is_unprintable("r\u{0435}nt".as_bytes());
}

#[test]
fn writes_wide_letters_that_break_the_line() {
    is_unprintable("\u{ff32}\u{ff25}".as_bytes());
}

#[test]
fn stacks_marks_over_the_lines_above() {
    is_unprintable("z\u{0310}\u{033f}\u{0315}".as_bytes());
}

#[test]
fn writes_what_is_no_text() {
    is_unprintable(&[0xff, 0xfe]);
}

#[test]
fn writes_a_letter_in_a_longer_form() {
    is_unprintable(&[0xc1, 0xa1]);
}

#[test]
fn writes_half_of_a_surrogate() {
    is_unprintable(&[0xed, 0xa0, 0x80]);
}

#[test]
fn pushes_the_pages_out_of_sight_by_a_long_label() {
    is_unprintable(&[b'x'; 65]);
}

#[test]
fn leaves_a_label_without_a_letter() {
    is_unprintable(b"");
}

/// A label that reads like a page stands between quotation marks, as the last but the claims, and is not checked.
#[test]
fn writes_a_label_that_reads_like_a_page() {
    let victim = Victim::new();
    let text = "Change: 500 DCR, checked by this signer";
    let label = Label::new(text.as_bytes());
    let request = encoded(&Purchase { label, ..victim.cold.purchase(1) });
    let reviewed = victim.review(&request).unwrap();
    let pages: Vec<_> = reviewed.request().pages().collect();
    let claimed = pages.iter().position(|page| page.origin == Origin::Claimed).unwrap();
    assert!(pages[claimed..].iter().all(|page| page.origin == Origin::Claimed), "nothing checked comes after a claim");
    let with: Vec<_> = (0..).zip(&pages).filter(|(_, page)| page.value.to_string().contains("Change: 500")).collect();
    let [(place, page)] = with[..] else { panic!("on {} pages", with.len()) };
    assert!(place >= claimed && page.label == "Label" && page.value.to_string() == format!("\"{text}\""), "{page}");
}

/// The name of a file is chosen by the host too, on the stick.
#[test]
fn paints_over_the_screen_by_the_name_of_a_file() {
    let plain = |letter| (' '..='~').contains(&letter);
    for name in ["\x1b[2J.request", "a\nb", "\u{202e}tseuqer", "\x07"] {
        let shown = printable(name);
        assert!(shown.chars().all(|letter| plain(letter) || letter == '\u{fffd}'), "{shown:?}");
    }
}
