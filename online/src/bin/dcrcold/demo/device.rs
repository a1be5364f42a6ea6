//! A simulated device as a process of its own, and what its screen shows.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use dcrcold_signer::cli::{Failure, FailureKind};

/// The person at the device approves everything that is asked.
const SCRIPT: &str = "approve\n";
/// How many screens of a Nano stand side by side.
const SIDE_BY_SIDE: usize = 4;

/// A device that runs until it is dropped.
pub(super) struct Device {
    child: Child,
    /// Where it listens.
    pub(super) address: String,
    screens: PathBuf,
    /// How many bytes of the screens were told already.
    told: usize,
}

impl Device {
    /// Starts the program in a folder.
    pub(super) fn start(program: &Path, folder: &Path) -> Result<Self, Failure> {
        let failed = |error| Failure::new(FailureKind::Failed, format!("cannot run {}: {error}", program.display()));
        let (script, screens) = (folder.join("person"), folder.join("screens"));
        fs::write(&script, SCRIPT).map_err(failed)?;
        let mut command = Command::new(program);
        command.arg("--die-with").arg(std::process::id().to_string());
        command.args(["--listen", "127.0.0.1:0", "--script"]).arg(script).arg("--screens").arg(&screens);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut device = Self { child: command.spawn().map_err(failed)?, address: String::new(), screens, told: 0 };
        let mut line = String::new();
        if let Some(stdout) = device.child.stdout.take() {
            BufReader::new(stdout).read_line(&mut line).map_err(failed)?;
        }
        let address = line.trim().strip_prefix("listening on ");
        let none = || Failure::new(FailureKind::Device, format!("{} does not say where it listens", program.display()));
        device.address = address.ok_or_else(none)?.to_owned();
        Ok(device)
    }

    /// The screens that were shown since the last time, as lines with some screens side by side.
    pub(super) fn news(&mut self) -> Result<Vec<String>, Failure> {
        let failed = |error| Failure::new(FailureKind::Failed, format!("{}: {error}", self.screens.display()));
        let text = fs::read_to_string(&self.screens).map_err(failed)?;
        let news = text.get(self.told..).unwrap_or_default();
        self.told = text.len();
        Ok(side_by_side(news))
    }
}

impl Drop for Device {
    fn drop(&mut self) {
        // Both fail only when it has ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn side_by_side(screens: &str) -> Vec<String> {
    let screens: Vec<Vec<&str>> = screens.split_terminator("\n\n").map(|screen| screen.lines().collect()).collect();
    let row = |screens: &[Vec<&str>]| -> Vec<String> {
        let height = screens.iter().map(Vec::len).max().unwrap_or_default();
        let line = |at| screens.iter().filter_map(|screen| screen.get(at).copied()).collect::<Vec<_>>().join(" ");
        (0..height).map(line).collect()
    };
    screens.chunks(SIDE_BY_SIDE).flat_map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::side_by_side;

    #[test]
    fn screens_stand_in_rows_of_four() {
        let screens: String = (1..=5).map(|number| format!("+-+\n|{number}|\n+-+\n\n")).collect();
        let expected = ["+-+ +-+ +-+ +-+", "|1| |2| |3| |4|", "+-+ +-+ +-+ +-+", "+-+", "|5|", "+-+"];
        assert_eq!(side_by_side(&screens), expected);
        assert!(side_by_side("").is_empty());
    }
}
