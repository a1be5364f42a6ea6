//! Times as text: in UTC, or where the person is.

use dcrcold::wallet::UnixTime;
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Seconds in a day.
pub(crate) const DAY: i64 = 86_400;
/// How a time is told to the minute, with the name of its zone.
const MINUTE: &str = "%Y-%m-%d %H:%M %Z";

/// A time for JSON: in UTC, as RFC 3339 has it.
pub(crate) fn utc(time: UnixTime) -> String {
    time.rfc3339()
}

/// The day of a time where the person is, as in 2026-11-21.
pub(crate) fn day(time: UnixTime) -> String {
    in_zone(time, TimeZone::system(), "%Y-%m-%d")
}

/// A time where the person is, to the minute, as in 2026-11-21 23:05 CET.
pub(crate) fn local(time: UnixTime) -> String {
    in_zone(time, TimeZone::system(), MINUTE)
}

fn in_zone(time: UnixTime, zone: TimeZone, format: &str) -> String {
    match Timestamp::from_second(time.0) {
        Ok(time) => time.to_zoned(zone).strftime(format).to_string(),
        Err(_) => utc(time),
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz::{TimeZone, offset};

    use super::{MINUTE, UnixTime, in_zone, utc};

    #[test]
    fn times_of_a_place_say_which() {
        let time = UnixTime(1_795_229_251);
        assert_eq!(in_zone(time, TimeZone::UTC, MINUTE), "2026-11-21 02:47 UTC");
        assert_eq!(in_zone(time, TimeZone::fixed(offset(-5)), MINUTE), "2026-11-20 21:47 -05");
        assert_eq!(in_zone(UnixTime(i64::MAX), TimeZone::UTC, MINUTE), utc(UnixTime(i64::MAX)));
    }
}
