//! Times as text: in UTC, or where the person is.

use dcrcold::wallet::UnixTime;
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Seconds in a day.
pub(crate) const DAY: i64 = 86_400;

/// The day of a time in UTC, as in 2026-11-21.
pub(crate) fn date(time: UnixTime) -> String {
    // Days are counted from 1 March of year 0, so that the leap day is the last of its year.
    let days = time.0.div_euclid(DAY) + 719_468;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year}-{month:02}-{day:02}")
}

/// A time in UTC, as in 2026-11-21 22:05:48.
pub(crate) fn stamp(time: UnixTime) -> String {
    let seconds = time.0.rem_euclid(DAY);
    format!("{} {:02}:{:02}:{:02}", date(time), seconds / 3600, seconds / 60 % 60, seconds % 60)
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

    use super::{UnixTime, date, in_zone, stamp};

    #[test]
    fn times_of_a_place_say_which() {
        let time = UnixTime(1_795_229_251);
        assert_eq!(in_zone(time, TimeZone::UTC), "2026-11-21 02:47 UTC");
        assert_eq!(in_zone(time, TimeZone::fixed(offset(-5))), "2026-11-20 21:47 -05");
        assert_eq!(in_zone(UnixTime(i64::MAX), TimeZone::UTC), stamp(UnixTime(i64::MAX)));
    }

    #[test]
    fn days_have_their_dates() {
        let cases = [
            (0, "1970-01-01"),
            (86_399, "1970-01-01"),
            (951_782_400, "2000-02-29"),
            (1_795_229_251, "2026-11-21"),
            (4_107_542_400, "2100-03-01"),
        ];
        for (time, expected) in cases {
            assert_eq!(date(UnixTime(time)), expected);
        }
        assert_eq!(stamp(UnixTime(1_795_229_251)), "2026-11-21 02:47:31");
    }
}
