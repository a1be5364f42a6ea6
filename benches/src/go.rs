use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

/// The program in `benches/peers`, which measures dcrd's own modules: a line in, `WORK SIZE ITERATIONS`, a line out, the
/// nanoseconds that one iteration took.
pub struct Go {
    child: Child,
    requests: ChildStdin,
    replies: BufReader<ChildStdout>,
}

impl Go {
    /// Builds and starts the program; none where Go or the modules are not to be had, which it says on standard error.
    #[must_use]
    pub fn start() -> Option<Self> {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers");
        let program = std::env::temp_dir().join(format!("dcrcold-peers-{}", std::process::id()));
        let built = Command::new("go").arg("build").arg("-o").arg(&program).arg(".").current_dir(source).status();
        if !built.is_ok_and(|status| status.success()) {
            eprintln!("not measured: dcrd's Go modules, which need the go command and its module proxy");
            return None;
        }
        let child = Command::new(&program).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        // The running program keeps its file.
        let _ = std::fs::remove_file(&program);
        let mut child = child.ok()?;
        let (requests, replies) = (child.stdin.take()?, BufReader::new(child.stdout.take()?));
        Some(Self { child, requests, replies })
    }

    /// Measures one kind of work.
    ///
    /// # Panics
    /// When the program ends or answers something else than a number.
    pub fn measure(&mut self, work: &str, size: usize, iterations: u32) -> Duration {
        writeln!(self.requests, "{work} {size} {iterations}").expect("the peers program reads its input to the end");
        let mut reply = String::new();
        self.replies.read_line(&mut reply).expect("the peers program answers each line");
        let nanoseconds: f64 = reply.trim().parse().expect("the peers program answers with a number");
        Duration::from_secs_f64(nanoseconds / 1e9)
    }
}

impl Drop for Go {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
