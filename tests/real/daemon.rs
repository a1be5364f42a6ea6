//! Child processes that cannot outlive the test.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};
use std::{env, iter};

/// How long a daemon may take to be ready, to follow the chain, or to end.
const PATIENCE: Duration = Duration::from_secs(60);

/// Hands the standard input to the program as descriptor 3, since dcrd takes 0 for none.
const LAUNCHER: &str = r#"exec "$0" "$@" 3<&0 </dev/null"#;

/// Starts the program and ends it when the standard input does.
const KEEPER: &str = r#""$0" "$@" </dev/null & daemon=$!; cat >/dev/null; kill "$daemon"; wait "$daemon""#;

/// A running daemon. It ends when this value is dropped, and also when the test is killed: it reads a pipe whose other
/// end is in the hands of the test (`piperx` of dcrd and dcrwallet).
pub struct Daemon {
    name: &'static str,
    child: Child,
    log: PathBuf,
}

impl Daemon {
    pub fn start(name: &'static str, binary: &Path, arguments: &[&OsStr], log: PathBuf) -> Self {
        let mut command = by_shell(LAUNCHER, binary, arguments);
        command.arg("--piperx=3");
        Self::spawn(name, command, log)
    }

    /// Starts a daemon that knows nothing of pipes in a working directory; a shell reads the pipe for it.
    pub fn start_in(folder: &Path, name: &'static str, binary: &Path, arguments: &[&OsStr], log: PathBuf) -> Self {
        let mut command = by_shell(KEEPER, binary, arguments);
        command.current_dir(folder);
        Self::spawn(name, command, log)
    }

    fn spawn(name: &'static str, mut command: Command, log: PathBuf) -> Self {
        let output = File::options().create(true).append(true).open(&log).unwrap();
        command.stdin(Stdio::piped()).stdout(output.try_clone().unwrap()).stderr(output);
        Self { name, child: command.spawn().unwrap(), log }
    }

    /// Waits until `probe` gives something; ends the test when the daemon dies or takes too long.
    pub fn wait<R>(&mut self, what: &str, mut probe: impl FnMut() -> Option<R>) -> R {
        let begin = Instant::now();
        loop {
            if let Some(found) = probe() {
                return found;
            }
            let ended = self.child.try_wait().unwrap();
            let name = format!("{}, process {},", self.name, self.id());
            assert!(ended.is_none(), "{name} ended while waiting for {what}: {}", self.last_lines());
            assert!(begin.elapsed() < PATIENCE, "{name} took too long: {what}: {}", self.last_lines());
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// Ends the daemon in its own way, or by force when that takes too long.
    pub fn stop(&mut self) {
        drop(self.child.stdin.take());
        let begin = Instant::now();
        while begin.elapsed() < PATIENCE {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            thread::sleep(Duration::from_millis(10));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// The process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// The end of what it logged.
    pub fn last_lines(&self) -> String {
        let log = fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<_> = log.lines().rev().take(8).collect();
        iter::once("").chain(lines.into_iter().rev()).collect::<Vec<_>>().join("\n  ")
    }
}

fn by_shell(script: &str, binary: &Path, arguments: &[&OsStr]) -> Command {
    let mut command = Command::new("sh");
    command.arg("-c").arg(script).arg(binary).args(arguments);
    command
}

impl Drop for Daemon {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Finds a program in the folder that `DECRED_BIN` names, or in `PATH`.
pub fn find(program: &str) -> Option<PathBuf> {
    let folders = env::var_os("DECRED_BIN").or_else(|| env::var_os("PATH"))?;
    env::split_paths(&folders).map(|folder| folder.join(program)).find(|path| path.is_file())
}

/// A port on loopback that was free a moment ago.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Writes a configuration file.
pub fn write_conf(path: &Path, lines: &[String]) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, format!("[Application Options]\n{}\n", lines.join("\n"))).unwrap();
}
