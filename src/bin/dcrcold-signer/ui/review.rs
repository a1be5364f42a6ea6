//! The full-screen review: screen by screen to the end, then the check words.

use dcrcold_core::hash::TransferId;
use dcrcold_core::words::check_words;
use dcrcold_signer::cli::Failure;
use dcrcold_signer::screens::{Approval, Pager, Sheet, Turned, Verdict};
use dcrcold_signer::terminal::{Event, Key, Screen};

/// Shows everything and gets the check words; `None` when the person declines.
pub(crate) fn run(title: &'static str, sheets: Vec<Sheet>, id: &TransferId) -> Result<Option<[String; 4]>, Failure> {
    let mut screen = Screen::open()?;
    let mut pager = Pager::new(title, sheets, screen.size());
    let mut approval = Approval::new(title, id.to_string(), check_words(id));
    // What was pressed before the first page was there was not meant for it.
    screen.forget_typed()?;
    while read(&mut screen, &mut pager)? {
        // A key that turned pages too eagerly must not count here.
        screen.forget_typed()?;
        match ask(&mut screen, &mut approval)? {
            Asked::Words(words) => return Ok(Some(words)),
            Asked::Back => {}
            Asked::Declined => return Ok(None),
        }
    }
    Ok(None)
}

/// Turns pages. Whether the person went on behind the last one.
fn read(screen: &mut Screen, pager: &mut Pager) -> Result<bool, Failure> {
    loop {
        screen.draw(|grid| {
            pager.resize(grid.area.as_size());
            pager.show(grid);
            None
        })?;
        let Event::Key(key) = screen.event()? else { continue };
        match key {
            Key::Enter | Key::Char(' ') | Key::Down | Key::Right | Key::PageDown => match pager.forward() {
                Turned::Screen => {}
                Turned::End => return Ok(true),
            },
            Key::Up | Key::Left | Key::PageUp | Key::Backspace => pager.back(),
            Key::Home => pager.restart(),
            Key::Char('q' | 'Q') | Key::Escape | Key::Control('c' | 'd') => return Ok(false),
            _ => {}
        }
    }
}

enum Asked {
    Words([String; 4]),
    Back,
    Declined,
}

fn ask(screen: &mut Screen, approval: &mut Approval) -> Result<Asked, Failure> {
    loop {
        screen.draw(|grid| Some(approval.show(grid)))?;
        let Event::Key(key) = screen.event()? else { continue };
        match key {
            Key::Enter => match approval.enter() {
                Verdict::Open => {}
                Verdict::Approved(words) => return Ok(Asked::Words(words)),
                Verdict::Declined => return Ok(Asked::Declined),
            },
            Key::Char(character) => approval.put(character),
            Key::Backspace => approval.erase(),
            Key::Up | Key::PageUp => return Ok(Asked::Back),
            Key::Escape | Key::Control('c' | 'd') => return Ok(Asked::Declined),
            _ => {}
        }
    }
}
