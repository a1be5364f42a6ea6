//! A simulator behind Speculos' framing, on a port of its own.
#![allow(unreachable_pub, reason = "a part of the test")]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;

use dcrcold_simulator::{Person, Simulator, TestSeed};

/// The name of the device's words.
pub const SEED: &str = "abandon";

/// A simulator that listens for hosts, one after the other, for as long as the process lives.
pub struct Wire {
    pub address: SocketAddr,
    simulator: Arc<Mutex<Simulator<Person>>>,
    /// The connection is closed instead of this reply, counted from 0 in each connection.
    cut_at: Arc<Mutex<Option<u32>>>,
}

impl Wire {
    pub fn new(seed: &str) -> Self {
        let simulator = Simulator::new(&TestSeed::named(seed).unwrap(), Person::approving()).unwrap();
        let wire = Self {
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            simulator: Arc::new(Mutex::new(simulator)),
            cut_at: Arc::default(),
        };
        let listener = TcpListener::bind(wire.address).unwrap();
        let address = listener.local_addr().unwrap();
        let (simulator, cut_at) = (Arc::clone(&wire.simulator), Arc::clone(&wire.cut_at));
        thread::spawn(move || {
            for stream in listener.incoming() {
                let cut_at = cut_at.lock().unwrap().take();
                // A host that goes away in the middle is no failure of the device.
                let _ = serve(&mut stream.unwrap(), &simulator, cut_at);
            }
        });
        Self { address, ..wire }
    }

    pub fn simulator(&self) -> MutexGuard<'_, Simulator<Person>> {
        self.simulator.lock().unwrap()
    }

    /// Closes the next connection in the place of this reply, and restarts the device.
    pub fn cut_at(&self, reply: u32) {
        *self.cut_at.lock().unwrap() = Some(reply);
    }

    /// What the person was shown since the last time.
    pub fn shown(&self) -> Vec<String> {
        let mut simulator = self.simulator();
        let shown = simulator.user().shown().to_vec();
        simulator.user_mut().forget();
        shown
    }
}

/// The system of a device whose person is being asked: it answers in the place of the app, for as long as the process lives.
pub fn asking() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            // Length and head of a command without data.
            while stream.read_exact(&mut [0; 9]).is_ok() && stream.write_all(&[0, 0, 0, 0, 0x69, 0x01]).is_ok() {}
        }
    });
    address
}

fn serve(stream: &mut TcpStream, simulator: &Mutex<Simulator<Person>>, cut_at: Option<u32>) -> std::io::Result<()> {
    for number in 0.. {
        let mut length = [0; 4];
        stream.read_exact(&mut length)?;
        let mut command = vec![0; usize::try_from(u32::from_be_bytes(length)).unwrap()];
        stream.read_exact(&mut command)?;
        let mut simulator = simulator.lock().unwrap();
        let reply = simulator.answer(&command);
        if Some(number) == cut_at {
            simulator.restart();
            return Ok(());
        }
        let reply = reply.as_bytes();
        let data = u32::try_from(reply.len() - 2).unwrap();
        stream.write_all(&[&data.to_be_bytes(), reply].concat())?;
    }
    Ok(())
}
