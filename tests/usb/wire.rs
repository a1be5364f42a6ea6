//! A bus with simulated devices: what a cable, an impatient program or a person at the plug can do to it.

#![allow(unreachable_pub, reason = "one test takes all of this module")]

use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

use dcrcold::usb::{Bus, Found, Link, UsbError};
use dcrcold_simulator::{Person, Script, Simulator, TestSeed};

/// A device on the wire.
pub struct Device {
    simulator: Simulator<Person>,
    /// What it has said and nobody has read.
    said: VecDeque<Vec<u8>>,
    /// What it is going to say right after it was opened, whoever asked for it: an entry for each opening.
    pub late: VecDeque<Vec<u8>>,
    /// It is gone at this command, counted from 0 since it was opened.
    pub gone_at: Option<u32>,
    /// It falls silent at this command, until somebody sends something here.
    pub silent_at: Option<(u32, Receiver<()>)>,
    commands: u32,
    pub opened: u32,
}

/// Devices by their nodes.
pub struct Wire {
    pub found: Vec<Found>,
    pub device: Arc<Mutex<Device>>,
}

impl Wire {
    /// One device with a test seed and a person who says yes.
    pub fn new() -> Self {
        let person = Person::new(Script::approve());
        let simulator = Simulator::new(&TestSeed::named("abandon").unwrap(), person).unwrap();
        let device = Device {
            simulator,
            said: VecDeque::new(),
            late: VecDeque::new(),
            gone_at: None,
            silent_at: None,
            commands: 0,
            opened: 0,
        };
        Self { found: vec![found("/dev/hidraw7")], device: Arc::new(Mutex::new(device)) }
    }

    /// Falls silent at a command until what is returned is used.
    pub fn silent_at(&self, command: u32) -> Sender<()> {
        let (wake, silence) = channel();
        self.device.lock().unwrap().silent_at = Some((command, silence));
        wake
    }

    /// Plugs a device in that was unplugged.
    pub fn plug_in(&self) {
        let mut device = self.device.lock().unwrap();
        device.simulator.restart();
        device.said.clear();
        device.gone_at = None;
    }
}

pub fn found(path: &str) -> Found {
    Found { path: path.into(), serial: Some("0001".to_owned()), product: Some("Nano S Plus".to_owned()) }
}

impl Bus for Wire {
    fn devices(&mut self) -> Result<Vec<Found>, UsbError> {
        Ok(self.found.clone())
    }

    fn open(&mut self, _: &Found) -> Result<Box<dyn Link>, UsbError> {
        let mut device = self.device.lock().unwrap();
        device.opened += 1;
        device.commands = 0;
        device.said.clear();
        let late = device.late.pop_front();
        device.said.extend(late);
        Ok(Box::new(Open(Arc::clone(&self.device))))
    }
}

/// An open device: writes first and reads then, whatever it is that there is to read, as the transport does.
struct Open(Arc<Mutex<Device>>);

impl Link for Open {
    fn exchange(&mut self, command: &[u8]) -> Result<Vec<u8>, UsbError> {
        let mut device = self.0.lock().unwrap();
        let number = device.commands;
        device.commands += 1;
        if device.gone_at.is_some_and(|gone| number >= gone) {
            return Err(UsbError::Unplugged);
        }
        let reply = device.simulator.answer(command).as_bytes().to_vec();
        device.said.push_back(reply);
        if let Some((_, silence)) = device.silent_at.take_if(|(at, _)| *at == number) {
            drop(device);
            // Whoever goes away without a word unplugs it.
            silence.recv().map_err(|_| UsbError::Unplugged)?;
            device = self.0.lock().unwrap();
        }
        Ok(device.said.pop_front().expect("a reply was just added"))
    }
}
