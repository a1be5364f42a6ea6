//! Speculos as a process: commands over its TCP port, buttons and screens over its REST port.

use std::env;
use std::fs::File;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use dcrcold_core::apdu::Reply;
use serde_json::Value;
use tempfile::TempDir;

use crate::screen::Screen;

/// Longer than anything takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(300);

/// What the tests need on a machine.
pub struct Tools {
    /// A Python that has Speculos.
    python: PathBuf,
    /// The program that runs inside.
    pub elf: PathBuf,
}

impl Tools {
    /// Finds Speculos and the program.
    ///
    /// # Errors
    /// What is missing, in words.
    pub fn find() -> Result<Self, String> {
        let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
        let python = env::var_os("DCRCOLD_SPECULOS").map_or(root.join(".tools/speculos/bin/python"), PathBuf::from);
        if !python.is_file() {
            return Err("speculos not found".into());
        }
        let built = "firmware-proto/speculos/target/thumbv8m.main-none-eabi/release/dcrcold-speculos";
        let elf = root.join(built);
        if elf.is_file() { Ok(Self { python, elf }) } else { Err(format!("{built} not found")) }
    }
}

/// The two buttons.
#[derive(Clone, Copy, Debug)]
pub enum Button {
    Left,
    Right,
    Both,
}

/// A running Speculos, ended with this value.
pub struct Emulator {
    child: Child,
    folder: TempDir,
    commands: TcpStream,
    rest: String,
    agent: ureq::Agent,
}

impl Emulator {
    /// Starts the program with the keys of a seed and waits for its first screen.
    pub fn start(tools: &Tools, seed: &[u8]) -> Self {
        // A port that was free may be somebody else's by now, so there are two attempts.
        let mut emulator = Self::attempt(tools, seed).or_else(|_| Self::attempt(tools, seed)).unwrap();
        let screen = emulator.next_screen();
        assert!(screen.is_home(), "{}", emulator.log());
        emulator
    }

    /// Starts it once.
    ///
    /// # Errors
    /// What it wrote, when it ended by itself.
    fn attempt(tools: &Tools, seed: &[u8]) -> Result<Self, String> {
        let folder = TempDir::new().unwrap();
        let [commands, rest] = free_ports();
        let mut child = speculos(tools, seed, [commands, rest], &folder);
        let agent = ureq::Agent::config_builder().timeout_global(Some(PATIENCE)).build().into();
        let begin = Instant::now();
        let commands = loop {
            if let Some(status) = child.try_wait().unwrap() {
                return Err(format!("Speculos ended, {status}: {}", log(&folder)));
            }
            if let Ok(stream) = TcpStream::connect(("127.0.0.1", commands)) {
                break stream;
            }
            assert!(begin.elapsed() < PATIENCE, "no Speculos: {}", log(&folder));
            sleep(Duration::from_millis(50));
        };
        commands.set_read_timeout(Some(PATIENCE)).unwrap();
        Ok(Self { child, folder, commands, rest: format!("http://127.0.0.1:{rest}"), agent })
    }

    /// What the process wrote.
    pub fn log(&self) -> String {
        log(&self.folder)
    }

    /// Where a host reaches the device.
    pub fn address(&self) -> SocketAddr {
        self.commands.peer_addr().unwrap()
    }

    /// The number of the process of Speculos, whose child runs the program.
    pub fn process(&self) -> u32 {
        self.child.id()
    }

    /// Sends a command; its reply is waited for by [`Self::reply`].
    pub fn send(&mut self, command: &[u8]) {
        let length = u32::try_from(command.len()).unwrap().to_be_bytes();
        self.commands.write_all(&[&length, command].concat()).unwrap();
    }

    /// The reply to the last command.
    pub fn reply(&mut self) -> Reply {
        let mut length = [0; 4];
        if let Err(error) = self.commands.read_exact(&mut length) {
            panic!("no reply: {error}: {}", self.log());
        }
        let mut bytes = vec![0; u32::from_be_bytes(length) as usize + 2];
        self.commands.read_exact(&mut bytes).unwrap();
        Reply::from_bytes(&bytes).expect("at most 257 bytes")
    }

    /// Forgets the screens so far, so that [`Self::next_screen`] waits for a new one.
    pub fn forget_screens(&mut self) {
        self.agent.delete(format!("{}/events", self.rest)).call().unwrap();
    }

    /// The last screen that was drawn since [`Self::forget_screens`], if there is one.
    pub fn screen(&mut self) -> Option<Screen> {
        // The REST port opens after the other one.
        let mut response = self.agent.get(format!("{}/events", self.rest)).call().ok()?;
        let events: Value = serde_json::from_str(&response.body_mut().read_to_string().unwrap()).unwrap();
        Screen::last_of(&events["events"])
    }

    /// The same, waited for.
    pub fn next_screen(&mut self) -> Screen {
        let begin = Instant::now();
        loop {
            if let Some(screen) = self.screen() {
                return screen;
            }
            let ended = self.child.try_wait().unwrap();
            assert!(ended.is_none() && begin.elapsed() < PATIENCE, "no screen, {ended:?}: {}", self.log());
            sleep(Duration::from_millis(5));
        }
    }

    /// Presses a button; the screens so far are forgotten.
    pub fn push(&mut self, button: Button) {
        self.forget_screens();
        let name = match button {
            Button::Left => "left",
            Button::Right => "right",
            Button::Both => "both",
        };
        let body = r#"{"action": "press-and-release", "delay": 0}"#;
        self.agent.post(format!("{}/button/{name}", self.rest)).send(body).unwrap();
    }

    /// Presses a button and waits for what is shown then.
    pub fn press(&mut self, button: Button) -> Screen {
        self.push(button);
        self.next_screen()
    }

    /// The screen as a picture, a PNG file.
    pub fn picture(&mut self) -> Vec<u8> {
        let mut response = self.agent.get(format!("{}/screenshot", self.rest)).call().unwrap();
        response.body_mut().read_to_vec().unwrap()
    }

    /// Sends a command over the REST port, beside the one that is under way.
    pub fn send_beside(&mut self, command: &[u8]) -> String {
        let body = format!(r#"{{"data": "{}"}}"#, base16ct::lower::encode_string(command));
        let mut response = self.agent.post(format!("{}/apdu", self.rest)).send(body).unwrap();
        let reply: Value = serde_json::from_str(&response.body_mut().read_to_string().unwrap()).unwrap();
        reply["data"].as_str().unwrap().to_owned()
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        // The emulated processor ends with its parent.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn log(folder: &TempDir) -> String {
    std::fs::read_to_string(folder.path().join("log")).unwrap_or_default()
}

fn free_ports() -> [u16; 2] {
    let free = || TcpListener::bind("127.0.0.1:0").unwrap();
    [free(), free()].map(|listener| listener.local_addr().unwrap().port())
}

fn speculos(tools: &Tools, seed: &[u8], [commands, rest]: [u16; 2], folder: &TempDir) -> Child {
    let log = File::create(folder.path().join("log")).unwrap();
    Command::new(&tools.python)
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/speculos/loopback.py"))
        .args(["--display", "headless", "--seed", &format!("hex:{}", base16ct::lower::encode_string(seed))])
        .args(["--apdu-port", &commands.to_string(), "--api-port", &rest.to_string()])
        .arg(&tools.elf)
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .stdout(log.try_clone().unwrap())
        .stderr(log)
        .spawn()
        .unwrap()
}
