//! The two programs as processes of their own, tied to this one: when it ends, they end.

use std::env::current_exe;
use std::ffi::OsStr;
use std::io::{PipeReader, Write, pipe};
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use clap::CommandFactory;
use dcrcold_signer::cli::{Failure, FailureKind};
use rustix::io::{FdFlags, fcntl_setfd};

use crate::cli::{Cli, DemoArgs};
use crate::settings::settings;

/// The name of the offline program.
const SIGNER: &str = "dcrcold-signer";
/// The name of the program that stands for a device.
const SIMULATOR: &str = "dcrcold-simulator";

/// Where the two programs are.
pub(super) struct Programs {
    pub(super) online: PathBuf,
    pub(super) cold: PathBuf,
}

/// What a process printed.
pub(super) struct Printed {
    pub(super) stdout: String,
    pub(super) stderr: String,
}

impl Programs {
    /// Finds this program and the one that holds the keys, beside this one or where it was said to be.
    pub(super) fn find(args: &DemoArgs) -> Result<Self, Failure> {
        let failed = |error| Failure::new(FailureKind::Failed, format!("cannot find this program: {error}"));
        let online = current_exe().map_err(failed)?;
        let (what, option, name, named) = match &args.device {
            Some(named) => ("simulator", "--device", SIMULATOR, named),
            None => ("signer", "--signer", SIGNER, &args.signer),
        };
        let cold = named.clone().unwrap_or_else(|| online.with_file_name(name));
        if !cold.exists() {
            let failure = Failure::new(FailureKind::Failed, format!("there is no {what} at {}", cold.display()));
            return Err(failure.hint(format!("build both programs, or name the {what} with {option} FILE")));
        }
        Ok(Self { online, cold })
    }
}

/// A command to be run in a folder, with secrets handed over through pipes.
pub(super) struct Run {
    command: Command,
    folder: PathBuf,
    pipes: Vec<PipeReader>,
}

impl Run {
    pub(super) fn new(program: &Path, folder: PathBuf) -> Self {
        let mut command = Command::new(program);
        command.current_dir(&folder).stdin(Stdio::null());
        // What is set for the user's own wallet is not meant for the one of the demonstration.
        command.env("DCRCOLD_CONFIG", "/dev/null");
        for setting in settings(&Cli::command()).into_values().filter(|arg| arg.get_long() != Some("config")) {
            command.env_remove(setting.get_env().unwrap_or_default());
        }
        command.arg("--die-with").arg(std::process::id().to_string());
        Self { command, folder, pipes: Vec::new() }
    }

    pub(super) fn args<S: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = S>) -> Self {
        self.command.args(args);
        self
    }

    /// Adds an option whose value is a file with this secret: a pipe that never touches the disk.
    pub(super) fn secret(mut self, option: &str, secret: &str) -> Result<Self, Failure> {
        let failed = |error| Failure::new(FailureKind::Failed, format!("cannot make a pipe: {error}"));
        let (reader, mut writer) = pipe().map_err(failed)?;
        // A pipe holds far more than a line, so this does not wait for the reader.
        writeln!(writer, "{secret}").map_err(failed)?;
        fcntl_setfd(&reader, FdFlags::empty()).map_err(|error| failed(error.into()))?;
        self.command.arg(option).arg(format!("/dev/fd/{}", reader.as_raw_fd()));
        self.pipes.push(reader);
        Ok(self)
    }

    /// Runs the command to its end.
    pub(super) fn finish(mut self) -> Result<Printed, Failure> {
        let name = self.command.get_program().to_string_lossy().into_owned();
        let output = self.command.output().map_err(|error| {
            Failure::new(FailureKind::Failed, format!("cannot run {name} in {}: {error}", self.folder.display()))
        })?;
        check(&name, &output)
    }
}

fn check(name: &str, output: &Output) -> Result<Printed, Failure> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let printed = Printed { stdout: text(&output.stdout), stderr: text(&output.stderr) };
    if output.status.success() {
        return Ok(printed);
    }
    let said = printed.stderr.lines().last().unwrap_or("nothing").to_owned();
    Err(Failure::new(FailureKind::Failed, format!("{name} ended with {}: {said}", output.status)))
}
