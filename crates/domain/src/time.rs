//! Moments, dates and zones as values. Arithmetic with calendars happens on the server, display in the browser.

use std::{fmt, str::FromStr, time::Duration};

use serde::{Deserialize, Serialize};

/// A moment, in Unix milliseconds, UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// Time passed since `earlier`; zero when `earlier` is later.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    #[must_use]
    pub fn plus(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)))
    }
}

/// A day without a time, as people write dates of birth and death. Sorted by time.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CivilDate {
    year: i16,
    month: u8,
    day: u8,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("Please write the date as year-month-day, for example 1941-05-09.")]
pub struct InvalidDate;

impl CivilDate {
    pub const fn year(self) -> i16 {
        self.year
    }
    /// 1 to 12.
    pub const fn month(self) -> u8 {
        self.month
    }
    /// 1 to 31.
    pub const fn day(self) -> u8 {
        self.day
    }
}

const fn days_in_month(year: i16, month: u8) -> u8 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

impl FromStr for CivilDate {
    type Err = InvalidDate;

    /// `YYYY-MM-DD`, as `<input type="date">` sends it.
    fn from_str(text: &str) -> Result<Self, InvalidDate> {
        let mut parts = text.split('-');
        let (Some(y), Some(m), Some(d), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
            return Err(InvalidDate);
        };
        let digits = |text: &str, length| text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit());
        if !(digits(y, 4) && digits(m, 2) && digits(d, 2)) {
            return Err(InvalidDate);
        }
        let (year, month, day): (i16, u8, u8) = match (y.parse(), m.parse(), d.parse()) {
            (Ok(year), Ok(month), Ok(day)) => (year, month, day),
            _ => return Err(InvalidDate),
        };
        let exists = year >= 1000 && (1..=12).contains(&month) && day >= 1 && day <= days_in_month(year, month);
        if exists { Ok(Self { year, month, day }) } else { Err(InvalidDate) }
    }
}

impl fmt::Display for CivilDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl fmt::Debug for CivilDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl TryFrom<String> for CivilDate {
    type Error = InvalidDate;

    fn try_from(text: String) -> Result<Self, InvalidDate> {
        text.parse()
    }
}

impl From<CivilDate> for String {
    fn from(date: CivilDate) -> Self {
        date.to_string()
    }
}

/// The name of a time zone, for example `Europe/Berlin`. Its form is checked here, its existence on the server, which
/// has the IANA database.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TimeZoneName(String);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("That is not a time zone we know. Please choose one from the list, for example Europe/London.")]
pub struct InvalidTimeZone;

impl TimeZoneName {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for TimeZoneName {
    type Err = InvalidTimeZone;

    fn from_str(text: &str) -> Result<Self, InvalidTimeZone> {
        let well_formed = (1..=64).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'_' | b'-' | b'+'))
            && !text.starts_with('/')
            && !text.contains("//");
        if well_formed { Ok(Self(text.to_owned())) } else { Err(InvalidTimeZone) }
    }
}

impl TryFrom<String> for TimeZoneName {
    type Error = InvalidTimeZone;

    fn try_from(text: String) -> Result<Self, InvalidTimeZone> {
        text.parse()
    }
}

impl From<TimeZoneName> for String {
    fn from(zone: TimeZoneName) -> Self {
        zone.0
    }
}

impl fmt::Display for TimeZoneName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn dates_that_do_not_exist_are_refused() {
        for text in [
            "2023-02-29",
            "1900-02-29",
            "2024-13-01",
            "2024-00-10",
            "2024-04-31",
            "0999-01-01",
            "24-1-1",
            "+024-01-01",
            "",
        ] {
            assert_eq!(text.parse::<CivilDate>(), Err(InvalidDate), "{text}");
        }
        assert_eq!("2000-02-29".parse::<CivilDate>().unwrap().to_string(), "2000-02-29");
    }

    #[test]
    fn zones_that_could_be_paths_are_refused() {
        for text in ["", "/etc/passwd", "../../etc", "Europe//Berlin", "Europe/Ber lin"] {
            assert!(text.parse::<TimeZoneName>().is_err(), "{text}");
        }
        assert!("America/Argentina/Buenos_Aires".parse::<TimeZoneName>().is_ok());
    }

    proptest! {
        #[test]
        fn dates_round_trip(year in 1000i16..=9999, month in 1u8..=12, day in 1u8..=28) {
            let text = format!("{year:04}-{month:02}-{day:02}");
            prop_assert_eq!(text.parse::<CivilDate>().unwrap().to_string(), text);
        }

        #[test]
        fn any_text_is_parsed_without_a_panic(text: String) {
            let _ = (text.parse::<CivilDate>(), text.parse::<TimeZoneName>());
        }
    }
}
