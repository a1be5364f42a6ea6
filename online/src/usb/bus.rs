//! Where devices are found and what carries single commands, so that tests can bring their own.

use std::fmt;
use std::path::PathBuf;

use super::error::UsbError;

/// A Ledger that is plugged in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Its node below `/dev`. Another one after it was plugged in again, or when its app changed.
    pub path: PathBuf,
    /// Its serial number, which most models share.
    pub serial: Option<String>,
    /// What it calls itself.
    pub product: Option<String>,
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path.display())?;
        match (&self.product, &self.serial) {
            (Some(product), Some(serial)) => write!(f, " ({product}, serial number {serial})"),
            (Some(name), None) => write!(f, " ({name})"),
            (None, Some(serial)) => write!(f, " (serial number {serial})"),
            (None, None) => Ok(()),
        }
    }
}

/// Knows the devices that are plugged in.
pub trait Bus {
    /// All Ledgers.
    ///
    /// # Errors
    /// [`UsbError::Library`].
    fn devices(&mut self) -> Result<Vec<Found>, UsbError>;

    /// Opens one of them, and throws away what it still had to say.
    ///
    /// # Errors
    /// [`UsbError::Permission`], [`UsbError::Unplugged`], [`UsbError::Library`].
    fn open(&mut self, found: &Found) -> Result<Box<dyn Link>, UsbError>;
}

/// Carries a command and brings the reply back, however long it takes.
pub trait Link: Send {
    /// Waits until there is a reply or the device is gone.
    ///
    /// # Errors
    /// [`UsbError::Unplugged`], [`UsbError::Garbled`], [`UsbError::Library`].
    fn exchange(&mut self, command: &[u8]) -> Result<Vec<u8>, UsbError>;
}
