//! The success metrics as a table, for administrators.

use std::{fmt::Write as _, sync::Arc};

use axum::{
    Extension,
    extract::{Query, State},
    http::{HeaderValue, header},
    response::{IntoResponse as _, Response},
};
use domain::{
    statistics::Estimate,
    success::{COMPATIBILITY, CONNECTION, CREATION, Period, RECORDING, Report, SATISFACTION, Target, Times, Verdict},
};
use serde::Deserialize;
use service::{Actor, Everlight};

use super::reply;

#[derive(Debug, Deserialize)]
pub struct Chosen {
    #[serde(default)]
    period: String,
}

pub async fn table(
    State(everlight): State<Arc<Everlight>>,
    Extension(actor): Extension<Actor>,
    Query(Chosen { period }): Query<Chosen>,
) -> Response {
    let period = Period::named(&period);
    let report = match everlight.success().report(&actor, period).await {
        Ok(report) => report,
        Err(error) => return reply::service_error(&error),
    };
    let name = format!("attachment; filename=\"everlight-numbers-{}.csv\"", period.name());
    let disposition = HeaderValue::try_from(name).unwrap_or(HeaderValue::from_static("attachment"));
    let kind = HeaderValue::from_static("text/csv; charset=utf-8");
    ([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, disposition)], csv(&report)).into_response()
}

/// Every text in it is ours, or of the closed lists of `domain::software`: none needs quotes, and none is a formula.
fn csv(report: &Report) -> String {
    let mut text = "metric,of,unit,n,value,low95,high95,target,verdict\n".to_owned();
    let mut times = |metric, of: &str, times: &Times, target: Option<Target>| {
        line(&mut text, metric, &format!("{of}p95"), "ms", times.slow, target);
        line(&mut text, metric, &format!("{of}median"), "ms", times.median, None);
    };
    times("creation", "", &report.creation, Some(CREATION));
    times("connection", "", &report.connection, Some(CONNECTION));
    for row in &report.software {
        let software = row.software.map_or("another browser".to_owned(), |software| software.to_string());
        times("connection", &format!("{software}: "), &row.connection, None);
    }
    for (metric, of, unit, found, target) in [
        ("recording", "any copy", "share", report.any_copy, Some(RECORDING)),
        ("recording", "complete copy", "share", report.complete_copy, Some(RECORDING)),
        ("recording", "two complete copies", "share", report.two_copies, Some(RECORDING)),
        ("compatibility", "versions of phones", "share", report.compatibility, Some(COMPATIBILITY)),
        ("satisfaction", "stars", "stars", report.satisfaction, Some(SATISFACTION)),
        ("services", "by phone", "share", report.by_phone, None),
        ("services", "with backup", "share", report.with_backup, None),
    ] {
        line(&mut text, metric, of, unit, found, target);
    }
    for row in report.software.iter().filter(|row| row.tries > 0) {
        let software = row.software.map_or("another browser".to_owned(), |software| software.to_string());
        line(&mut text, "minute", &software, "share", domain::statistics::share(row.minutes, row.tries), None);
    }
    text
}

fn line(text: &mut String, metric: &str, of: &str, unit: &str, found: Option<Estimate>, target: Option<Target>) {
    let number = |value: Option<f64>| value.map(|value| format!("{value:.4}")).unwrap_or_default();
    let verdict = target.map_or("", |target| match target.judge(found.as_ref()) {
        Verdict::Met => "met",
        Verdict::Missed => "missed",
        Verdict::TooFew => "too few",
    });
    let target = target.map_or(String::new(), |target| match target {
        Target::AtLeast(least) => format!(">={least}"),
        Target::Below(most) => format!("<{most}"),
    });
    let n = found.map_or(0, |found| found.n);
    let (value, low, high) = (
        number(found.map(|found| found.value)),
        number(found.and_then(|it| it.low)),
        number(found.and_then(|it| it.high)),
    );
    // Writing to a String cannot fail.
    let _ = writeln!(text, "{metric},{of},{unit},{n},{value},{low},{high},{target},{verdict}");
}
