use jiff::Timestamp;
use serde::{Deserialize, Deserializer};

/// A time in any of the forms that Mux uses: seconds since 1970 as a number (webhooks) or as a string (API), or ISO 8601
/// (the envelope of a webhook).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Time(pub Timestamp);

impl Time {
    fn read(value: &serde_json::Value) -> Option<Self> {
        let seconds = |seconds: i64| Timestamp::from_second(seconds).ok();
        let time = match value {
            serde_json::Value::Number(number) => {
                #[expect(clippy::cast_possible_truncation, reason = "saturates, and is then out of range")]
                let whole = number.as_i64().or_else(|| number.as_f64().map(|n| n as i64));
                whole.and_then(seconds)
            }
            serde_json::Value::String(text) => {
                let text = text.trim();
                text.parse::<i64>().ok().and_then(seconds).or_else(|| text.parse().ok())
            }
            _ => None,
        };
        time.map(Self)
    }
}

/// A time that cannot be read is no reason to lose what it belongs to.
pub(crate) fn maybe<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Time>, D::Error> {
    Ok(Time::read(&serde_json::Value::deserialize(deserializer)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_form_of_a_time_is_read() {
        let expected = Some(Time(Timestamp::from_second(1_527_110_899).unwrap()));
        let forms = [json!(1_527_110_899), json!("1527110899"), json!("2018-05-23T21:28:19Z"), json!(1_527_110_899.0)];
        for form in forms {
            assert_eq!(Time::read(&form), expected, "{form}");
        }
        for nonsense in [json!(null), json!(""), json!("soon"), json!([]), json!(i64::MAX), json!(1e300)] {
            assert_eq!(Time::read(&nonsense), None, "{nonsense}");
        }
    }
}
