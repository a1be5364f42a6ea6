//! A device behind the TCP framing of Speculos: a command after its length in four bytes, big endian; back the length of
//! the data, data and status word.
//!
//! Clients are served one after the other; who comes while another one is connected waits. A client that goes away changes
//! nothing at the device, as a device does not notice that a program at its host has ended: that is why a session begins
//! with abort.
//!
//! Source: Speculos `mcu/apdu.py`, which serves clients in the same way but gives the replies to the newest one.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};

use dcrcold_core::apdu::{MAX_DATA, User};

use crate::device::Simulator;

/// The longest command. A client that announces a longer one is cut off before anything is read or allocated for it.
const LONGEST: usize = 5 + MAX_DATA;

/// Where clients of a simulated device connect.
pub struct Server(TcpListener);

/// Why a device is not served.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// An address that other machines can reach.
    #[error("{0} can be reached from other machines, expected a loopback address such as 127.0.0.1")]
    NotLoopback(SocketAddr),
    /// The address cannot be used.
    #[error("cannot listen at {address}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// No client can connect any more.
    #[error("cannot take a connection")]
    Accept(#[from] io::Error),
}

impl Server {
    /// Listens at an address; port 0 takes any free one.
    ///
    /// # Errors
    /// [`ServeError::NotLoopback`], [`ServeError::Listen`].
    pub fn bind(address: SocketAddr) -> Result<Self, ServeError> {
        if !address.ip().is_loopback() {
            return Err(ServeError::NotLoopback(address));
        }
        TcpListener::bind(address).map(Self).map_err(|source| ServeError::Listen { address, source })
    }

    /// Where it listens.
    ///
    /// # Errors
    /// [`ServeError::Accept`].
    pub fn address(&self) -> Result<SocketAddr, ServeError> {
        Ok(self.0.local_addr()?)
    }

    /// Serves the next client until it goes away.
    ///
    /// # Errors
    /// [`ServeError::Accept`]; what a client does wrong only ends its connection.
    pub fn serve_one<U: User>(&self, simulator: &mut Simulator<U>) -> Result<(), ServeError> {
        let (client, _) = self.0.accept()?;
        // How it ended is the client's business.
        let _ = converse(client, simulator);
        Ok(())
    }
}

fn converse<U: User>(mut client: TcpStream, simulator: &mut Simulator<U>) -> io::Result<()> {
    client.set_nodelay(true)?;
    loop {
        let mut length = [0; 4];
        client.read_exact(&mut length)?;
        let length = usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX);
        let mut room = [0; LONGEST];
        let command = room.get_mut(..length).ok_or(io::ErrorKind::InvalidData)?;
        client.read_exact(command)?;
        let reply = simulator.answer(command);
        let reply = reply.as_bytes();
        let data = u32::try_from(reply.len().saturating_sub(2)).unwrap_or_default();
        client.write_all(&[&data.to_be_bytes(), reply].concat())?;
    }
}
