//! The device of a `World` here: Speculos, and somebody who reads its screens and presses its buttons meanwhile.

use std::net::SocketAddr;
use std::sync::Mutex;
use std::thread::{self, sleep};
use std::time::Duration;

use dcrcold_signer::seed::Bip39Words;
use dcrcold_simulator::NAMED;

use crate::emulator::{Button, Emulator, Tools};
use crate::screen::Screen;

/// The name of the device's words.
pub const SEED: &str = "speculos";

/// A Speculos that hosts connect to.
pub struct Wire {
    pub address: SocketAddr,
    emulator: Mutex<Emulator>,
}

impl Wire {
    pub fn new(name: &str) -> Self {
        let (_, words) = NAMED.iter().find(|(known, _)| *known == name).unwrap();
        let seed = Bip39Words::parse(words).unwrap().to_seed("").unwrap();
        let emulator = Emulator::start(&Tools::find().unwrap(), seed.as_bytes());
        Self { address: emulator.address(), emulator: Mutex::new(emulator) }
    }

    /// Says yes to all that is asked while something runs; what it gave, and the screens.
    pub fn approving<T: Send>(&self, run: impl FnOnce() -> T + Send) -> (T, Vec<Screen>) {
        let mut emulator = self.emulator.lock().unwrap();
        emulator.forget_screens();
        thread::scope(|scope| {
            let running = scope.spawn(run);
            let mut seen = Vec::new();
            while !running.is_finished() {
                match emulator.screen() {
                    Some(screen) if !screen.is_home() => {
                        seen.push(screen);
                        emulator.push(Button::Right);
                    }
                    _ => sleep(Duration::from_millis(20)),
                }
            }
            (running.join().unwrap(), seen)
        })
    }
}
