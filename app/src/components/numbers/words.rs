//! Numbers, their intervals and their targets in words.

use domain::{
    statistics::Estimate,
    success::{Target, Verdict},
};

/// What a number counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Of milliseconds.
    Seconds,
    /// Of a share from 0 to 1.
    Percent,
    Stars,
}

impl Unit {
    pub fn text(self, value: f64) -> String {
        match self {
            Self::Seconds => format!("{} s", short(value / 1000.0)),
            Self::Percent => format!("{} %", short(value * 100.0)),
            Self::Stars => short(value),
        }
    }
}

/// With two digits behind the point at most, and none that say nothing.
fn short(value: f64) -> String {
    let text = format!("{value:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// `Of 12. The true number lies between 0.4 s and 1.2 s (95 % sure).`
pub fn interval_words(unit: Unit, found: Estimate) -> String {
    let Estimate { n, low, high, .. } = found;
    let text = |end| unit.text(end);
    let lies = match (low.map(text), high.map(text)) {
        (Some(low), Some(high)) => format!("The true number lies between {low} and {high} (95 % sure)."),
        (Some(low), None) => format!("The true number is {low} or more (95 % sure); so few do not say how much more."),
        (None, Some(high)) => {
            format!("The true number is {high} or less (95 % sure); so few do not say how much less.")
        }
        (None, None) => "So few do not say where the true number lies.".to_owned(),
    };
    format!("Of {n}. {lies}")
}

pub fn target_words(unit: Unit, target: Target) -> String {
    match target {
        Target::AtLeast(least) => format!("Target: {} or more.", unit.text(least)),
        Target::Below(most) => format!("Target: less than {}.", unit.text(most)),
    }
}

pub fn verdict_words(target: Target, found: Option<&Estimate>) -> &'static str {
    match (target.judge(found), found) {
        (Verdict::Met, _) => "The target is met.",
        (Verdict::Missed, _) => "The target is missed.",
        (Verdict::TooFew, None) => "Nothing was counted yet.",
        (Verdict::TooFew, Some(found)) if target.is_reached_by(found.value) => "Too few to say. So far it is met.",
        (Verdict::TooFew, Some(_)) => "Too few to say. So far it is missed.",
    }
}

pub const fn verdict_name(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Met => "met",
        Verdict::Missed => "missed",
        Verdict::TooFew => "too-few",
    }
}

#[cfg(test)]
mod tests {
    use domain::{
        statistics::share,
        success::{CONNECTION, RECORDING},
    };

    use super::*;

    #[test]
    fn numbers_are_as_short_as_they_can_be() {
        assert_eq!(Unit::Seconds.text(812.0), "0.81 s");
        assert_eq!(Unit::Seconds.text(2_000.0), "2 s");
        assert_eq!(Unit::Percent.text(0.999), "99.9 %");
        assert_eq!(Unit::Percent.text(1.0), "100 %");
        assert_eq!((Unit::Stars.text(4.5), Unit::Stars.text(0.0)), ("4.5".into(), "0".into()));
    }

    #[test]
    fn few_say_that_they_are_few() {
        let few = Estimate { n: 3, value: 700.0, low: None, high: None };
        assert_eq!(interval_words(Unit::Seconds, few), "Of 3. So few do not say where the true number lies.");
        assert_eq!(verdict_words(CONNECTION, Some(&few)), "Too few to say. So far it is met.");
        assert_eq!(verdict_words(CONNECTION, None), "Nothing was counted yet.");
        let known = share(9, 10).unwrap();
        assert_eq!(
            interval_words(Unit::Percent, known),
            "Of 10. The true number lies between 59.58 % and 98.21 % (95 % sure)."
        );
        assert_eq!(verdict_words(RECORDING, Some(&known)), "The target is missed.");
    }
}
