//! Text messages to and from a daemon, whatever carries them.

use std::time::Instant;

use super::error::RpcError;

/// Carries the texts of one connection.
pub trait Transport {
    /// Host and port of the other side, for errors.
    fn address(&self) -> &str;

    /// Sends one message.
    ///
    /// # Errors
    /// [`RpcError`] when the connection is gone.
    fn send(&mut self, text: &str) -> Result<(), RpcError>;

    /// Takes the next message, or `None` when none has arrived by `until`.
    ///
    /// # Errors
    /// [`RpcError`] when the connection is gone, or what arrives is no text message of a bearable size.
    fn receive(&mut self, until: Instant) -> Result<Option<String>, RpcError>;
}
