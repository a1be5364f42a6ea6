//! A `dcrcold voter run` that a test starts and ends, and what it wrote.
#![allow(unreachable_pub, reason = "a part of several tests")]

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::Value;

/// The process of a voting box, killed with this value at the latest.
pub struct VoterProcess {
    folder: PathBuf,
    patience: Duration,
    child: Option<Child>,
}

impl VoterProcess {
    /// One that is not started yet, will write its events and problems to files in `folder`, and may take so long to
    /// begin or to end.
    pub fn new(folder: PathBuf, patience: Duration) -> Self {
        Self { folder, patience, child: None }
    }

    /// Starts it and waits until `status`, asked again and again, says that it has caught up.
    pub fn start(&mut self, mut command: Command, mut status: Command) {
        let log = |name| File::options().create(true).append(true).open(self.folder.join(name)).unwrap();
        let child = command.stdin(Stdio::null()).stdout(log("events")).stderr(log("problems")).spawn().unwrap();
        let process = child.id();
        self.child = Some(child);
        let mut status = || status_of(&mut status);
        let begin = Instant::now();
        while !status().is_some_and(|status| status["process"] == process && status["caught_up"] == true) {
            assert!(begin.elapsed() < self.patience, "the voter does not begin: {}", self.text("problems"));
            sleep(Duration::from_millis(20));
        }
    }

    /// Ends it as a crash does.
    pub fn kill(&mut self) {
        let mut child = self.child.take().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// Ends it as systemd does.
    pub fn terminate(&mut self) {
        let mut child = self.child.take().unwrap();
        assert!(Command::new("kill").arg("-TERM").arg(child.id().to_string()).status().unwrap().success());
        let begin = Instant::now();
        while child.try_wait().unwrap().is_none() && begin.elapsed() < self.patience {
            sleep(Duration::from_millis(10));
        }
        let ended = child.try_wait().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(ended.expect("the voter ends in time").success(), "{}", self.text("problems"));
    }

    /// A file in its folder, empty if there is none.
    pub fn text(&self, name: &str) -> String {
        fs::read_to_string(self.folder.join(name)).unwrap_or_default()
    }

    /// Every vote by block and ticket; one of them refused, or told twice as different ones, ends the test.
    pub fn votes(&self) -> BTreeMap<(String, String), String> {
        let mut votes = BTreeMap::new();
        for line in self.text("events").lines() {
            let event: Value = serde_json::from_str(line).unwrap();
            if event["event"] == "late" {
                continue;
            }
            assert_eq!(event["event"], "voted", "{line}");
            let text = |key: &str| event[key].as_str().unwrap().to_owned();
            let vote = text("vote");
            let before = votes.insert((text("block"), text("ticket")), vote.clone());
            assert!(before.is_none_or(|before| before == vote), "{line}");
        }
        votes
    }
}

/// What `voter status` prints, once there is something.
pub fn status_of(command: &mut Command) -> Option<Value> {
    serde_json::from_slice(&command.output().unwrap().stdout).ok()
}

impl Drop for VoterProcess {
    fn drop(&mut self) {
        if self.child.is_some() {
            self.kill();
        }
    }
}
