//! One measured figure, and a table of them.

use anyhow::{Context, Result};
use serde_json::Value;

#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Goal {
    Below(f64),
    AtMost(f64),
    AtLeast(f64),
}

impl Goal {
    fn parse(goal: &Value) -> Option<Self> {
        let number = |key: &str| goal[key].as_f64();
        let below = number("below").map(Self::Below);
        below.or_else(|| number("atMost").map(Self::AtMost)).or_else(|| number("atLeast").map(Self::AtLeast))
    }

    fn reached(self, value: f64) -> bool {
        match self {
            Self::Below(limit) => value < limit,
            Self::AtMost(limit) => value <= limit,
            Self::AtLeast(limit) => value >= limit,
        }
    }

    fn shown(self, value: f64, unit: &str) -> String {
        let (sign, limit) = match self {
            Self::Below(limit) => ("<", limit),
            Self::AtMost(limit) => ("≤", limit),
            Self::AtLeast(limit) => ("≥", limit),
        };
        let outcome = if self.reached(value) { "reached" } else { "MISSED" };
        format!("{sign} {limit} {unit}").trim_end().to_owned() + ": " + outcome
    }
}

/// What was measured, once or more often.
#[derive(Debug)]
pub struct Figure {
    pub name: String,
    pub unit: String,
    pub values: Vec<f64>,
    pub goal: Option<Goal>,
}

impl Figure {
    /// A line of what the measurements in the browser report (`end2end/bench/report.ts`).
    pub fn parse(line: &str) -> Result<Self> {
        let value: Value = serde_json::from_str(line)?;
        let text = |key: &str| value[key].as_str().map(str::to_owned).with_context(|| format!("no {key}: {line}"));
        let values = value["values"].as_array().with_context(|| format!("no values: {line}"))?;
        let values: Vec<f64> = values.iter().filter_map(Value::as_f64).collect();
        Ok(Self { name: text("name")?, unit: text("unit")?, values, goal: Goal::parse(&value["goal"]) })
    }

    fn row(&self) -> [String; 5] {
        let mut sorted = self.values.clone();
        sorted.sort_by(f64::total_cmp);
        let (Some(median), [least, .., most]) = (median(&sorted), sorted.as_slice()) else {
            let value = sorted.first().copied();
            let shown = value.map_or_else(|| "not measured".to_owned(), |value| format!("{value:.0} {}", self.unit));
            let goal = self.goal.zip(value).map(|(goal, value)| goal.shown(value, &self.unit)).unwrap_or_default();
            return [self.name.clone(), shown, String::new(), String::new(), goal];
        };
        let digits = if median < 10.0 { 1 } else { 0 };
        [
            self.name.clone(),
            format!("{median:.digits$} {}", self.unit),
            format!("{least:.digits$} to {most:.digits$}"),
            sorted.len().to_string(),
            self.goal.map(|goal| goal.shown(median, &self.unit)).unwrap_or_default(),
        ]
    }
}

fn median(sorted: &[f64]) -> Option<f64> {
    let middle = sorted.len() / 2;
    let upper = *sorted.get(middle)?;
    Some(if sorted.len() % 2 == 1 { upper } else { (sorted[middle - 1] + upper) / 2.0 })
}

/// Lines with columns under one another: what, median, range, how often, goal.
pub fn table(figures: &[Figure]) -> String {
    let head = ["", "median", "range", "n", "goal"].map(str::to_owned);
    let rows: Vec<[String; 5]> = [head].into_iter().chain(figures.iter().map(Figure::row)).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths = [0, 1, 2, 3].map(width);
    let line = |[name, median, range, n, goal]: &[String; 5]| {
        let [a, b, c, d] = widths;
        let line = format!("{name:<a$}  {median:>b$}  {range:>c$}  {n:>d$}  {goal}");
        line.trim_end().to_owned() + "\n"
    };
    rows.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_is_shown_by_its_median_range_and_goal() {
        let line = r#"{"name":"WHIP","unit":"ms","values":[120,90,200],"goal":{"below":150}}"#;
        let row = Figure::parse(line).unwrap().row();
        assert_eq!(row, ["WHIP", "120 ms", "90 to 200", "3", "< 150 ms: reached"].map(str::to_owned));
    }

    #[test]
    fn one_value_has_no_range_and_may_miss_its_goal() {
        let line = r#"{"name":"Go page","unit":"KiB","values":[251],"goal":{"atMost":250}}"#;
        let row = Figure::parse(line).unwrap().row();
        assert_eq!(row, ["Go page", "251 KiB", "", "", "≤ 250 KiB: MISSED"].map(str::to_owned));
    }

    #[test]
    fn medians() {
        assert_eq!(median(&[]), None);
        assert_eq!(median(&[1.0, 2.0, 9.0]), Some(2.0));
        assert_eq!(median(&[1.0, 2.0, 4.0, 9.0]), Some(3.0));
    }

    #[test]
    fn columns_stand_under_one_another() {
        let figure =
            |name: &str| Figure { name: name.to_owned(), unit: "ms".to_owned(), values: vec![1.0], goal: None };
        let table = table(&[figure("a"), figure("longer")]);
        let ends: Vec<Option<usize>> = table.lines().skip(1).map(|line| line.find("1 ms")).collect();
        assert_eq!(ends[0], ends[1]);
    }
}
