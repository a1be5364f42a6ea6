//! Times as text: in UTC, or where the person is.

use dcrcold::wallet::UnixTime;
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Seconds in a day.
pub(crate) const DAY: i64 = 86_400;

/// The day of a time in UTC, as in 2026-11-21.
pub(crate) fn date(time: UnixTime) -> String {
    time.date()
}

/// A time in UTC, as in 2026-11-21 22:05:48.
pub(crate) fn stamp(time: UnixTime) -> String {
    time.stamp()
}

/// A time where the person is, to the minute, as in 2026-11-21 23:05 CET.
pub(crate) fn local(time: UnixTime) -> String {
    in_zone(time, TimeZone::system())
}

fn in_zone(time: UnixTime, zone: TimeZone) -> String {
    match Timestamp::from_second(time.0) {
        Ok(time) => time.to_zoned(zone).strftime("%Y-%m-%d %H:%M %Z").to_string(),
        Err(_) => stamp(time),
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz::{TimeZone, offset};

    use super::{UnixTime, in_zone, stamp};

    #[test]
    fn times_of_a_place_say_which() {
        let time = UnixTime(1_795_229_251);
        assert_eq!(in_zone(time, TimeZone::UTC), "2026-11-21 02:47 UTC");
        assert_eq!(in_zone(time, TimeZone::fixed(offset(-5))), "2026-11-20 21:47 -05");
        assert_eq!(in_zone(UnixTime(i64::MAX), TimeZone::UTC), stamp(UnixTime(i64::MAX)));
    }
}
