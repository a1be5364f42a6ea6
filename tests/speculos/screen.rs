//! What a screen says, row by row.

use serde_json::Value;

/// Pixels of a row.
const HEIGHT: u64 = 8;
/// The row that says what the buttons do.
const BUTTONS: u64 = 7;

/// A screen, drawn as the simulator draws one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Screen(String);

impl Screen {
    /// The last screen of a list of text events, when it is complete.
    pub fn last_of(events: &Value) -> Option<Self> {
        let events = events.as_array()?;
        let top = |event: &Value| event["y"].as_u64().unwrap();
        let first = events.iter().rposition(|event| top(event) == 0)?;
        let lines = &events[first..];
        if top(lines.last()?) != BUTTONS * HEIGHT {
            return None;
        }
        let row = |number| {
            let line = lines.iter().find(|event| top(event) == number * HEIGHT);
            format!("|{:<16}|\n", line.map_or("", |event| event["text"].as_str().unwrap()))
        };
        let edge = "+----------------+\n";
        Some(Self(format!("{edge}{}{edge}", (0..=BUTTONS).map(row).collect::<String>())))
    }

    /// The screen as text, with its frame.
    pub fn drawn(&self) -> &str {
        &self.0
    }

    /// Whether a yes is taken here.
    pub fn asks(&self) -> bool {
        self.0.contains("|<  both: no  yes|")
    }

    /// Whether the device has nothing to ask.
    pub fn is_home(&self) -> bool {
        self.0.contains("|     ready      |")
    }
}
