//! A connection that comes back.

use std::thread;

use dcrcold_core::net::Network;

use super::client::Client;
use super::error::RpcError;
use super::methods;
use super::settings::Settings;
use super::socket::Socket;

/// A checked connection to a daemon, made anew when it breaks.
pub struct Session {
    settings: Settings,
    network: Network,
    interface: (&'static str, u32),
    client: Option<Client<Socket>>,
}

impl Session {
    /// Connects to dcrd and checks network and version.
    ///
    /// # Errors
    /// [`RpcError`] naming the step that failed.
    pub fn open(settings: Settings, network: Network) -> Result<Self, RpcError> {
        Self::open_to(settings, network, methods::DCRD_INTERFACE)
    }

    /// Connects to a daemon that has the interface of the name and major version.
    ///
    /// # Errors
    /// [`RpcError`] naming the step that failed.
    pub fn open_to(settings: Settings, network: Network, interface: (&'static str, u32)) -> Result<Self, RpcError> {
        let mut session = Self { settings, network, interface, client: None };
        session.client = Some(session.connect()?);
        Ok(session)
    }

    /// The network that was checked.
    #[must_use]
    pub fn network(&self) -> Network {
        self.network
    }

    /// Runs `call`, again on a new connection when the old one broke. The call must bear being run twice.
    ///
    /// # Errors
    /// What `call` returns, or why there is no new connection.
    pub fn run<R>(&mut self, mut call: impl FnMut(&mut Client<Socket>) -> Result<R, RpcError>) -> Result<R, RpcError> {
        let mut pauses = self.settings.timeouts.reconnect.clone().into_iter();
        loop {
            match self.attempt(&mut call) {
                Err(error) if error.is_passing() => match pauses.next() {
                    Some(pause) => thread::sleep(pause),
                    None => return Err(error),
                },
                outcome => return outcome,
            }
        }
    }

    fn attempt<R>(&mut self, call: impl FnOnce(&mut Client<Socket>) -> Result<R, RpcError>) -> Result<R, RpcError> {
        let mut client = match self.client.take() {
            Some(client) => client,
            None => self.connect()?,
        };
        let outcome = call(&mut client);
        if outcome.as_ref().err().is_none_or(RpcError::is_answer) {
            self.client = Some(client);
        }
        outcome
    }

    fn connect(&self) -> Result<Client<Socket>, RpcError> {
        let socket = Socket::open(&self.settings)?;
        let mut client = Client::new(socket, self.settings.timeouts.reply);
        // dcrd lets in whoever shows no password, and ends the connection at the first call.
        methods::check_version(&mut client, self.interface).map_err(|error| match error {
            RpcError::Disconnected { address, .. } => RpcError::ClosedUnanswered { address },
            other => other,
        })?;
        methods::check_network(&mut client, self.network)?;
        Ok(client)
    }
}
