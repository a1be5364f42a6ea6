//! Times, as seconds and as text.

/// Seconds in a day.
const DAY: i64 = 86_400;

/// Seconds since 1970, UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnixTime(pub i64);

impl UnixTime {
    /// The day in UTC, as in 2026-11-21.
    #[must_use]
    pub fn date(self) -> String {
        // Days are counted from 1 March of year 0, so that the leap day is the last of its year.
        let days = self.0.div_euclid(DAY) + 719_468;
        let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
        let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * shifted + 2) / 5 + 1;
        let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        format!("{year}-{month:02}-{day:02}")
    }

    /// The time in UTC, as in 2026-11-21 22:05:48.
    #[must_use]
    pub fn stamp(self) -> String {
        format!("{} {}", self.date(), self.of_day())
    }

    /// The time as RFC 3339 has it, as in 2026-11-21T22:05:48Z.
    #[must_use]
    pub fn rfc3339(self) -> String {
        format!("{}T{}Z", self.date(), self.of_day())
    }

    fn of_day(self) -> String {
        let seconds = self.0.rem_euclid(DAY);
        format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
    }
}

/// Tells the time.
pub trait Clock {
    /// The time now.
    fn now(&self) -> UnixTime;
}

/// The computer's own clock.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> UnixTime {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        UnixTime(since.map_or(0, |since| i64::try_from(since.as_secs()).unwrap_or(i64::MAX)))
    }
}

#[cfg(test)]
mod tests {
    use super::UnixTime;

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
            assert_eq!(UnixTime(time).date(), expected);
        }
        let time = UnixTime(1_795_229_251);
        assert_eq!((time.stamp(), time.rfc3339()), ("2026-11-21 02:47:31".into(), "2026-11-21T02:47:31Z".into()));
    }
}
