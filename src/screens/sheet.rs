//! Pages as text, put together by what they are about.

use std::fmt;

use dcrcold_core::review::{Origin, Page, Topic};

/// What belongs together and is shown together where there is room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sheet {
    /// What it is about.
    pub heading: String,
    /// How it is shown.
    pub tone: Tone,
    /// What it says.
    pub entries: Vec<Entry>,
}

/// How a sheet is shown, not by a colour alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Signing makes it true.
    Plain,
    /// A person has to decide about it.
    Warning,
    /// Nobody here can check it.
    Claimed,
}

/// A label and what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What it is about.
    pub label: String,
    /// What is so, line by line.
    pub lines: Vec<String>,
}

impl Entry {
    /// Takes a label and a value that prints in one or more lines.
    #[must_use]
    pub fn new(label: impl Into<String>, value: impl fmt::Display) -> Self {
        Self { label: label.into(), lines: value.to_string().lines().map(str::to_owned).collect() }
    }
}

impl Sheet {
    /// The pages of a review: a sheet for each warning, and one for each other topic.
    #[must_use]
    pub fn of_review<'a>(pages: impl Iterator<Item = Page<'a>>) -> Vec<Self> {
        let mut sheets: Vec<(Topic, Self)> = Vec::new();
        for page in pages {
            let entry = Entry::new(page.label, page.value);
            let tone = match page.origin {
                Origin::Checked => Tone::Plain,
                Origin::Warned(_) => Tone::Warning,
                Origin::Claimed => Tone::Claimed,
            };
            match sheets.last_mut() {
                Some((topic, sheet)) if *topic == page.topic && tone != Tone::Warning => sheet.entries.push(entry),
                _ => {
                    let heading = page.topic.heading().to_owned();
                    sheets.push((page.topic, Self { heading, tone, entries: vec![entry] }));
                }
            }
        }
        sheets.into_iter().map(|(_, sheet)| sheet).collect()
    }

    /// Sheets as plain lines: the heading, the labels, their values indented. No line is longer than 68 characters when
    /// no line of a value is longer than 64.
    #[must_use]
    pub fn plain(sheets: &[Self]) -> Vec<String> {
        let mut lines = Vec::new();
        let mut above = None;
        for sheet in sheets {
            if above != Some(&sheet.heading) {
                lines.extend(above.map(|_| String::new()));
                lines.push(format!("-- {} --", sheet.heading));
            }
            above = Some(&sheet.heading);
            for entry in &sheet.entries {
                lines.push(entry.label.clone());
                lines.extend(entry.lines.iter().map(|line| format!("    {line}")));
            }
        }
        lines
    }
}
