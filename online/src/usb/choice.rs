//! Which of the devices that are plugged in.

use std::path::Path;

use super::bus::Found;
use super::error::UsbError;

/// The device with the path or serial number that was asked for, or the only one.
pub(super) fn choose(found: Vec<Found>, wanted: Option<&str>) -> Result<Found, UsbError> {
    if found.is_empty() {
        return Err(UsbError::NoDevice);
    }
    let fits = |device: &Found| {
        wanted.is_none_or(|wanted| device.path == Path::new(wanted) || device.serial.as_deref() == Some(wanted))
    };
    let mut fitting: Vec<Found> = found.iter().filter(|device| fits(device)).cloned().collect();
    match (fitting.len(), wanted) {
        (1, _) => Ok(fitting.remove(0)),
        (0, Some(wanted)) => Err(UsbError::NotThere { wanted: wanted.to_owned(), found }),
        _ => Err(UsbError::Several { found: fitting }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn device(path: &str, serial: &str) -> Found {
        Found { path: path.into(), serial: Some(serial.to_owned()), product: None }
    }

    #[test]
    fn a_device_is_chosen_by_path_or_serial_number_and_never_guessed() {
        let all = vec![device("/dev/hidraw0", "0001"), device("/dev/hidraw3", "0001"), device("/dev/hidraw4", "abcd")];
        let one = vec![all[0].clone()];
        assert_eq!(choose(one.clone(), None).unwrap(), all[0]);
        assert_eq!(choose(all.clone(), Some("/dev/hidraw3")).unwrap(), all[1]);
        assert_eq!(choose(all.clone(), Some("abcd")).unwrap(), all[2]);
        assert!(matches!(choose(Vec::new(), None), Err(UsbError::NoDevice)));
        assert!(matches!(choose(Vec::new(), Some("abcd")), Err(UsbError::NoDevice)));
        assert!(matches!(choose(all.clone(), None), Err(UsbError::Several { found }) if found.len() == 3));
        assert!(matches!(choose(all, Some("0001")), Err(UsbError::Several { found }) if found.len() == 2));
        assert!(matches!(choose(one, Some("abcd")), Err(UsbError::NotThere { wanted, .. }) if wanted == "abcd"));
    }
}
