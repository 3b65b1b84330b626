//! Small charts, drawn as SVG. What each shows is said in words besides.

use domain::{
    statistics::Estimate,
    success::{Target, Times},
};
use leptos::prelude::*;

use super::words::Unit;

const WIDTH: u32 = 330;
/// From the bottom of the bars upwards.
const TALL: u32 = 90;
const GROUND: u32 = 105;

/// One bar for each, with what stands under it.
#[component]
fn Bars(counts: Vec<u64>, labels: Vec<String>, label: String, children: Children) -> impl IntoView {
    let (most, wide) =
        (counts.iter().copied().max().unwrap_or(0).max(1), WIDTH / u32::try_from(counts.len()).unwrap_or(1));
    let bars = counts.into_iter().zip(0_u32..).map(|(count, place)| {
        let tall = u32::try_from(count * u64::from(TALL) / most).unwrap_or(TALL);
        // Also one of a thousand is seen.
        let tall = if count > 0 { tall.max(2) } else { 0 };
        let (x, y) = (place * wide, GROUND - tall);
        view! {
            <rect class="bar" x=x + 2 y=y width=wide - 4 height=tall/>
            {(count > 0).then(|| view! { <text x=x + wide / 2 y=y - 4>{count}</text> })}
        }
    });
    view! {
        <svg class="chart" viewBox=format!("0 0 {WIDTH} 125") role="img" aria-label=label>
            {bars.collect_view()}
            <line class="axis" x1="0" y1=GROUND x2=WIDTH y2=GROUND/>
            {labels.into_iter().zip(0_u32..).map(|(label, place)| view! {
                <text x=place * wide + wide / 2 y="121">{label}</text>
            }).collect_view()}
            {children()}
        </svg>
    }
}

/// How long something took: one bar for each half second, and the target as a line.
#[component]
pub fn TimesChart(times: Times, target_ms: u32) -> impl IntoView {
    let last = times.spread.len() - 1;
    let upper = |place: usize| f64::from(Times::STEP_MS) * (place + 1) as f64;
    let said = times.spread.iter().enumerate().filter(|(_, count)| **count > 0).map(|(place, count)| {
        if place == last {
            format!("longer: {count}")
        } else {
            format!("up to {}: {count}", Unit::Seconds.text(upper(place)))
        }
    });
    let said: Vec<String> = said.collect();
    let label = format!(
        "How long it took. {}. The target is {}.",
        if said.is_empty() { "Nothing yet".to_owned() } else { said.join("; ") },
        Unit::Seconds.text(target_ms.into())
    );
    // What a bar ends with, in seconds; every other is enough.
    let labels = (0..times.spread.len()).map(|place| match place {
        place if place == last => "more".to_owned(),
        place if place % 2 == 1 => Unit::Seconds.text(upper(place)),
        _ => String::new(),
    });
    let target = target_ms / Times::STEP_MS * (WIDTH / Times::STEPS as u32);
    view! {
        <Bars counts=times.spread.to_vec() labels=labels.collect() label=label>
            <line class="target" x1=target y1="0" x2=target y2=GROUND/>
        </Bars>
    }
}

/// How often each number of stars was given.
#[component]
pub fn StarsChart(stars: [u64; 5]) -> impl IntoView {
    let said: Vec<String> = (1..).zip(stars).map(|(number, count)| format!("{number}: {count}")).collect();
    let label = format!("How often each number of stars was given. {}.", said.join("; "));
    let labels = (1..=5).map(|number| format!("{number} ★")).collect();
    view! { <Bars counts=stars.to_vec() labels=labels label=label>{()}</Bars> }
}

/// A share as a dot, its interval as a bar, and the target as a line.
#[component]
pub fn ShareChart(found: Estimate, #[prop(into)] target: Option<Target>) -> impl IntoView {
    let low = found.low.unwrap_or(0.0);
    // What lies close to the whole is looked at closely.
    let begin = [0.9, 0.5, 0.0].into_iter().find(|begin| *begin <= low).unwrap_or(0.0);
    let x = move |share: f64| format!("{:.1}", 6.0 + (share - begin).max(0.0) / (1.0 - begin) * 318.0);
    let text = |share| Unit::Percent.text(share);
    let (from, to) = (x(low), x(found.high.unwrap_or(1.0)));
    let target = target.map(|(Target::AtLeast(at) | Target::Below(at))| at);
    let label = format!(
        "{}, between {} and {}.{}",
        text(found.value),
        text(low),
        text(found.high.unwrap_or(1.0)),
        target.map(|at| format!(" The target is {}.", text(at))).unwrap_or_default()
    );
    view! {
        <svg class="chart" viewBox=format!("0 0 {WIDTH} 46") role="img" aria-label=label>
            <line class="axis" x1="6" y1="16" x2="324" y2="16"/>
            <line class="interval" x1=from y1="16" x2=to y2="16"/>
            {target.map(|at| view! { <line class="target" x1=x(at) y1="2" x2=x(at) y2="30"/> })}
            <circle class="dot" cx=x(found.value) cy="16" r="6"/>
            <text class="first" x="6" y="44">{text(begin)}</text>
            <text class="last" x="324" y="44">"100 %"</text>
        </svg>
    }
}
