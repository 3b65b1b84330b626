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

/// A bar for each, and what stands under them: from the left, and in words.
#[component]
fn Bars(
    counts: Vec<u64>,
    marks: Vec<(u32, String)>,
    label: String,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let most = counts.iter().copied().max().unwrap_or(0).max(1);
    let wide = width_of_one(counts.len());
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
            {marks.into_iter().map(|(x, mark)| view! { <text x=x y="121">{mark}</text> }).collect_view()}
            {children.map(|children| children())}
        </svg>
    }
}

fn width_of_one(bars: usize) -> u32 {
    WIDTH / u32::try_from(bars).unwrap_or(WIDTH).max(1)
}

/// How long something took: one bar for each half second, and the target as a line.
#[component]
pub fn TimesChart(spread: [u64; Times::STEPS], target_ms: u32) -> impl IntoView {
    let wide = width_of_one(Times::STEPS);
    let longest = Times::STEP_MS * (Times::STEPS as u32 - 1);
    let said = spread.iter().zip(1_u32..).filter(|(count, _)| **count > 0).map(|(count, place)| {
        let upper = place * Times::STEP_MS;
        if upper > longest {
            format!("longer: {count}")
        } else {
            format!("up to {}: {count}", Unit::Seconds.text(upper.into()))
        }
    });
    let said: Vec<String> = said.collect();
    let target_said = Unit::Seconds.text(target_ms.into());
    let label = format!("How long it took. {}. The target is {target_said}.", said.join("; "));
    // Each whole second, where it is.
    let seconds = (1000..longest).step_by(1000).map(|ms| (ms / Times::STEP_MS * wide, Unit::Seconds.text(ms.into())));
    let more = (WIDTH - wide / 2, format!("> {}", Unit::Seconds.text(longest.into())));
    let target = target_ms / Times::STEP_MS * wide;
    view! {
        <Bars counts=spread.to_vec() marks=seconds.chain([more]).collect() label=label>
            <line class="target" x1=target y1="0" x2=target y2=GROUND/>
            <text class="first" x=target + 5 y="11">"target"</text>
        </Bars>
    }
}

/// How often each number of stars was given.
#[component]
pub fn StarsChart(stars: [u64; 5]) -> impl IntoView {
    let said: Vec<String> = (1..).zip(stars).map(|(number, count)| format!("{number}: {count}")).collect();
    let label = format!("How often each number of stars was given. {}.", said.join("; "));
    let wide = width_of_one(stars.len());
    let marks = (1..=5).map(|number| (number * wide - wide / 2, format!("{number} ★"))).collect();
    view! { <Bars counts=stars.to_vec() marks=marks label=label/> }
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
