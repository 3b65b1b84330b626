//! Calendars and time zones, which only the server knows.

use domain::{TimeZoneName, Timestamp, document::LocalTime, stream::InvalidStream};
use jiff::{civil, tz::TimeZone};

/// The moment that a form's day and time mean in a zone; both empty mean "no time yet". A time that the change to
/// summer time skips is taken as the moment after the gap, one that happens twice as the first.
pub(crate) fn moment(date: &str, time: &str, zone: &TimeZoneName) -> Result<Option<Timestamp>, InvalidStream> {
    let zone = time_zone(zone)?;
    if date.trim().is_empty() && time.trim().is_empty() {
        return Ok(None);
    }
    let date: civil::Date = date.trim().parse().map_err(|_| InvalidStream::Time)?;
    let time: civil::Time = time.trim().parse().map_err(|_| InvalidStream::Time)?;
    let zoned = date.to_datetime(time).to_zoned(zone).map_err(|_| InvalidStream::Time)?;
    Ok(Some(Timestamp(zoned.timestamp().as_millisecond())))
}

/// Refuses a zone that the IANA database does not have.
pub(crate) fn check_zone(zone: &TimeZoneName) -> Result<(), domain::time::InvalidTimeZone> {
    time_zone(zone).map(|_| ())
}

fn time_zone(zone: &TimeZoneName) -> Result<TimeZone, domain::time::InvalidTimeZone> {
    TimeZone::get(zone.as_str()).map_err(|_| domain::time::InvalidTimeZone)
}

/// A moment as programs write it: RFC 3339 with a zone, such as `2026-11-24T14:30:00Z`, or Unix milliseconds.
pub fn parse(moment: &serde_json::Value) -> Option<Timestamp> {
    match moment {
        serde_json::Value::Number(millis) => millis.as_i64().map(Timestamp),
        serde_json::Value::String(text) => {
            text.parse::<jiff::Timestamp>().ok().map(|moment| Timestamp(moment.as_millisecond()))
        }
        _ => None,
    }
}

/// A moment as people at the place write it.
pub fn local(moment: Timestamp, zone: &TimeZoneName) -> Option<LocalTime> {
    let utc = jiff::Timestamp::from_millisecond(moment.millis()).ok()?;
    let zoned = utc.to_zoned(time_zone(zone).ok()?);
    Some(LocalTime {
        label: zoned.strftime("%A, %-d %B %Y, %H:%M (%Z)").to_string(),
        date: zoned.strftime("%Y-%m-%d").to_string(),
        time: zoned.strftime("%H:%M").to_string(),
        utc: utc.strftime(RFC_3339).to_string(),
    })
}

const RFC_3339: &str = "%Y-%m-%dT%H:%M:%SZ";

/// A moment for programs: `2026-11-24T14:30:00Z`.
pub fn rfc3339(moment: Timestamp) -> String {
    jiff::Timestamp::from_millisecond(moment.millis()).unwrap_or_default().strftime(RFC_3339).to_string()
}

/// A moment as names of files have it, so that their order is that of time: `20261124T143000Z`.
pub fn compact(moment: Timestamp) -> String {
    let utc = jiff::Timestamp::from_millisecond(moment.millis()).unwrap_or_default();
    utc.strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// A moment for people who may be anywhere: `26 November 2026, 14:30 UTC`.
pub fn utc_words(moment: Timestamp) -> String {
    let utc = jiff::Timestamp::from_millisecond(moment.millis());
    utc.map(|utc| utc.strftime("%-d %B %Y, %H:%M UTC").to_string()).unwrap_or_default()
}

/// Whether two moments are on the same day at this place.
pub(crate) fn same_day(one: Timestamp, other: Timestamp, zone: &TimeZoneName) -> bool {
    let day = |moment| local(moment, zone).map(|local| local.date);
    day(one).is_some_and(|date| Some(date) == day(other))
}

/// A day as people at the place write it: `3 January 2027`.
pub(crate) fn day(moment: Timestamp, zone: &TimeZoneName) -> Option<String> {
    let utc = jiff::Timestamp::from_millisecond(moment.millis()).ok()?;
    Some(utc.to_zoned(time_zone(zone).ok()?).strftime("%-d %B %Y").to_string())
}

/// The last moment of a form's day in a zone; empty means "no day chosen".
pub(crate) fn end_of_day(date: &str, zone: &TimeZoneName) -> Result<Option<Timestamp>, InvalidStream> {
    if date.trim().is_empty() {
        return Ok(None);
    }
    let date: civil::Date = date.trim().parse().map_err(|_| InvalidStream::Until)?;
    let zone = time_zone(zone)?;
    let next = date.tomorrow().and_then(|day| day.to_zoned(zone)).map_err(|_| InvalidStream::Until)?;
    Ok(Some(Timestamp(next.timestamp().as_millisecond() - 1)))
}

/// Names of zones that can be chosen: places, not abbreviations.
pub fn zone_names() -> Vec<String> {
    let places =
        ["Africa/", "America/", "Antarctica/", "Asia/", "Atlantic/", "Australia/", "Europe/", "Indian/", "Pacific/"];
    let mut names: Vec<String> = jiff::tz::db()
        .available()
        .map(|name| name.to_string())
        .filter(|name| places.iter().any(|place| name.starts_with(place)) || name == "UTC")
        .collect();
    names.sort_unstable();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone(name: &str) -> TimeZoneName {
        name.parse().unwrap()
    }

    #[test]
    fn a_time_is_meant_where_the_service_is() {
        let berlin = moment("2026-11-24", "14:30", &zone("Europe/Berlin")).unwrap().unwrap();
        let london = moment("2026-11-24", "13:30", &zone("Europe/London")).unwrap().unwrap();
        assert_eq!(berlin, london);
        let local = local(berlin, &zone("Europe/Berlin")).unwrap();
        assert_eq!(local.label, "Tuesday, 24 November 2026, 14:30 (CET)");
        assert_eq!((local.date.as_str(), local.time.as_str()), ("2026-11-24", "14:30"));
        assert_eq!(local.utc, "2026-11-24T13:30:00Z");
    }

    #[test]
    fn a_time_may_be_open_but_not_half_said() {
        assert_eq!(moment("", " ", &zone("Europe/Berlin")), Ok(None));
        assert_eq!(moment("2026-11-24", "", &zone("Europe/Berlin")), Err(InvalidStream::Time));
        assert_eq!(moment("tomorrow", "14:30", &zone("Europe/Berlin")), Err(InvalidStream::Time));
    }

    #[test]
    fn a_last_day_is_meant_to_its_end_where_the_service_is() {
        let end = end_of_day("2026-12-24", &zone("Europe/Berlin")).unwrap().unwrap();
        let local = local(end, &zone("Europe/Berlin")).unwrap();
        assert_eq!((local.date.as_str(), local.time.as_str()), ("2026-12-24", "23:59"));
        assert_eq!(day(end, &zone("Europe/Berlin")).as_deref(), Some("24 December 2026"));
        assert_eq!(end_of_day(" ", &zone("Europe/Berlin")), Ok(None));
        for text in ["soon", "2026-02-30", "9999-12-31"] {
            assert_eq!(end_of_day(text, &zone("Europe/Berlin")), Err(InvalidStream::Until), "{text}");
        }
    }

    #[test]
    fn the_hour_that_summer_time_skips_is_taken_as_the_one_after() {
        let skipped = moment("2026-03-29", "02:30", &zone("Europe/Berlin")).unwrap().unwrap();
        assert_eq!(local(skipped, &zone("Europe/Berlin")).unwrap().time, "03:30");
    }

    #[test]
    fn a_day_is_that_of_the_place() {
        let (berlin, new_york) = (zone("Europe/Berlin"), zone("America/New_York"));
        let evening = moment("2026-11-24", "23:30", &berlin).unwrap().unwrap();
        let an_hour_later = evening.plus(std::time::Duration::from_secs(3600));
        assert!(!same_day(evening, an_hour_later, &berlin));
        assert!(same_day(evening, an_hour_later, &new_york));
    }

    #[test]
    fn a_zone_that_does_not_exist_is_refused() {
        assert!(matches!(moment("", "", &zone("Europe/Atlantis")), Err(InvalidStream::TimeZone(_))));
        assert!(zone_names().contains(&"Europe/Berlin".to_owned()));
    }
}
