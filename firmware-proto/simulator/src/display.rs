//! The screen of a device as text.

use std::io::Write;

use dcrcold_core::apdu::{Fault, Prompt, Turn, User};
use dcrcold_core::screen::{Screen, Size};

/// The device whose screen is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Model {
    /// 128 x 64 pixels and two buttons: 8 rows of 16 characters.
    #[default]
    Nano,
    /// A touch screen: 20 rows of 32 characters, with buttons drawn below.
    Touch,
}

impl Model {
    /// How much text fits between title and buttons.
    #[must_use]
    pub const fn size(self) -> Size {
        match self {
            Self::Nano => Size::NANO,
            Self::Touch => Size::new(32, 18).expect("there is room for something"),
        }
    }

    /// Draws a screen with its frame, a line for each row.
    #[must_use]
    pub fn draw(self, screen: &Screen<'_>) -> String {
        let columns = self.size().columns();
        let edge = format!("+{}+\n", "-".repeat(columns));
        let row = |text: &str| format!("|{text:<columns$}|\n");
        let rows: String = (0..self.size().rows()).map(|number| row(screen.row(number).as_str())).collect();
        format!("{edge}{}{rows}{}{edge}", row(&screen.to_string()), row(self.buttons(screen)))
    }

    /// What the buttons do: the last screen of a question says yes where others go on.
    const fn buttons(self, screen: &Screen<'_>) -> &'static str {
        let goes_on = screen.goes_on() || matches!(screen.prompt(), Prompt::Page { .. });
        match (self, goes_on) {
            (Self::Nano, true) => "<  both: no    >",
            (Self::Nano, false) => "<  both: no  yes",
            (Self::Touch, true) => "[ back ]     [ no ]     [ next ]",
            (Self::Touch, false) => "[ back ]     [ no ]     [ yes  ]",
        }
    }
}

/// Draws all screens that somebody is shown, for a record.
pub struct Recorded<U, W> {
    /// Who is shown them.
    pub user: U,
    /// Where they are drawn.
    pub to: W,
    model: Model,
}

impl<U, W: Write> Recorded<U, W> {
    /// Writes what `user` is shown, as `model` shows it.
    pub const fn new(user: U, model: Model, to: W) -> Self {
        Self { user, to, model }
    }
}

impl<U: User, W: Write> User for Recorded<U, W> {
    fn ask(&mut self, prompt: &Prompt<'_>) -> Result<Turn, Fault> {
        for screen in (0..).map_while(|number| Screen::of(prompt, self.model.size(), number)) {
            writeln!(self.to, "{}", self.model.draw(&screen)).map_err(|_| Fault::Failed)?;
        }
        self.to.flush().map_err(|_| Fault::Failed)?;
        self.user.ask(prompt)
    }
}
