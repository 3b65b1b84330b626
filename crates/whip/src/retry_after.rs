//! `Retry-After` (RFC 9110 §10.2.3): seconds, or one of the three forms of an HTTP date (§5.6.7).

use std::time::Duration;

/// How long to wait, given the time since the Unix epoch. A date that has passed is no wait. `None` if the value is neither
/// a number of seconds nor a date.
pub fn wait(value: &str, now: Duration) -> Option<Duration> {
    let value = value.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // More digits than fit are still a very long wait.
        return Some(Duration::from_secs(value.parse().unwrap_or(u64::from(u32::MAX))));
    }
    let date = http_date(value, now.as_secs())?;
    Some(Duration::from_secs(date).saturating_sub(now))
}

/// Seconds since the epoch of `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT` or
/// `Sun Nov  6 08:49:37 1994`.
fn http_date(value: &str, now: u64) -> Option<u64> {
    let words: Vec<&str> = value.split([' ', '-']).filter(|it| !it.is_empty()).collect();
    let (day, month, year, time) = match words.as_slice() {
        [_, day, month, year, time, "GMT"] => (*day, *month, *year, *time),
        [_, month, day, time, year] => (*day, *month, *year, *time),
        _ => return None,
    };
    let day = number(day, 1..=2).filter(|it| (1..=31).contains(it))?;
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let month = MONTHS.iter().position(|it| *it == month)? as u64 + 1;
    let year = match year.len() {
        2 => full_year(number(year, 2..=2)?, now),
        _ => number(year, 4..=4).filter(|it| *it >= 1970)?,
    };
    let mut clock = time.split(':').map(|it| number(it, 2..=2));
    let (hour, minute, second) = (clock.next()??, clock.next()??, clock.next()??);
    if clock.next().is_some() || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    Some(((days_since_epoch(year, month, day) * 24 + hour) * 60 + minute) * 60 + second)
}

fn number(digits: &str, length: std::ops::RangeInclusive<usize>) -> Option<u64> {
    (length.contains(&digits.len()) && digits.bytes().all(|it| it.is_ascii_digit())).then(|| digits.parse().ok())?
}

/// A two-digit year that would lie more than 50 years ahead is the most recent one in the past (RFC 9110 §5.6.7).
fn full_year(two_digits: u64, now: u64) -> u64 {
    let this_year = 1970 + now / 31_556_952;
    let year = this_year / 100 * 100 + two_digits;
    if year > this_year + 50 { year - 100 } else { year }
}

/// Of a date in the Gregorian calendar, from 1970 on. Counting years from March puts the leap day at their end.
fn days_since_epoch(year: u64, month: u64, day: u64) -> u64 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days_before_year = year * 365 + year / 4 - year / 100 + year / 400;
    let days_before_month = (month * 153 + 2) / 5;
    // 719 468 days lie between 1 March of year 0 and the epoch.
    days_before_year + days_before_month + day - 1 - 719_468
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const EXAMPLE: Duration = Duration::from_secs(784_111_777);

    #[test]
    fn c16_seconds_are_read() {
        assert_eq!(wait("120", Duration::ZERO), Some(Duration::from_secs(120)));
        assert_eq!(wait(" 0 ", Duration::ZERO), Some(Duration::ZERO));
        assert!(wait("99999999999999999999999", Duration::ZERO) > Some(Duration::from_secs(86_400)));
    }

    #[test]
    fn c16_all_forms_of_a_date_are_read() {
        for date in ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"] {
            let now = EXAMPLE - Duration::from_secs(5);
            assert_eq!(wait(date, now), Some(Duration::from_secs(5)), "{date}");
            assert_eq!(wait(date, EXAMPLE + Duration::from_secs(5)), Some(Duration::ZERO), "{date}");
        }
    }

    #[test]
    fn c16_leap_days_and_years_are_right() {
        assert_eq!(days_since_epoch(1970, 1, 1), 0);
        assert_eq!(days_since_epoch(2000, 2, 29), 11_016);
        assert_eq!(days_since_epoch(2026, 11, 22), 20_779);
        assert_eq!(days_since_epoch(2100, 3, 1), 47_541);
    }

    #[test]
    fn c16_anything_else_is_no_wait() {
        for value in
            ["", "-1", "1.5", "soon", "Sun, 32 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:49:37 GMT", "6 Nov"]
        {
            assert_eq!(wait(value, EXAMPLE), None, "{value}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(value in "[A-Za-z0-9:,. \u{e9}-]{0,40}", now in any::<u32>()) {
            let _ = wait(&value, Duration::from_secs(now.into()));
        }
    }
}
