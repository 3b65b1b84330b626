//! The cards of the success metrics.

mod charts;
mod words;

use domain::{
    software::Software,
    statistics::Estimate,
    success::{COMPATIBILITY, CONNECTION, CREATION, Millis, RECORDING, Report, Row, SATISFACTION, Target, Times},
};
use leptos::prelude::*;

use self::{
    charts::{ShareChart, StarsChart, TimesChart},
    words::{Unit, interval_words, target_words, verdict_name, verdict_words},
};

#[component]
pub fn Cards(report: Report) -> impl IntoView {
    let Report { creation, connection, software, .. } = report;
    let share = |what, found, target| view! { <Share what=what found=found target=target/> };
    view! {
        <div class="cards">
            <Card name="Creating a service" about="From the request to the stored answer, measured by this server.">
                <Time times=creation target=CREATION/>
            </Card>
            <Card
                name="Going live"
                about="From the tap on \u{201c}Go live\u{201d} to the news that the picture arrives, measured by the phones. Services that go past this server are not measured."
            >
                <Time times=connection target=CONNECTION/>
                <SoftwareTable rows=software/>
            </Card>
            <Card name="Recordings" about="Of the services that were on air, began in this time and are over.">
                {share("With a complete copy", report.complete_copy, Some(RECORDING))}
                {share("With two complete copies that do not depend on each other", report.two_copies, Some(RECORDING))}
                {share("With any copy that plays", report.any_copy, Some(RECORDING))}
            </Card>
            <Card
                name="Phones it works with"
                about="Of the versions of browsers and systems of phones and tablets that went live: with how many a minute of picture and sound came at least once. A browser that could not open the camera is not known here."
            >
                {share("Versions with which it works", report.compatibility, Some(COMPATIBILITY))}
            </Card>
            <Card name="Satisfaction" about="The stars that whoever filmed gave after the service, from one to five.">
                <Figure what="On average" unit=Unit::Stars found=report.satisfaction target=Some(SATISFACTION)/>
                {report.satisfaction.map(|_| view! { <StarsChart stars=report.stars/> })}
            </Card>
            <Card name="How services are made" about="Of the services that were created in this time. There is no target.">
                {share("To be filmed with a phone", report.by_phone, None)}
                {share("With a second copy", report.with_backup, None)}
            </Card>
        </div>
    }
}

#[component]
fn Card(name: &'static str, about: &'static str, children: Children) -> impl IntoView {
    let id = name.to_lowercase().replace(' ', "-");
    let labelled_by = id.clone();
    view! {
        <section class="card numbers" aria-labelledby=labelled_by>
            <h2 id=id>{name}</h2>
            <p class="muted">{about}</p>
            {children()}
        </section>
    }
}

/// A number, whether it is as it should be, and how sure that is.
#[component]
fn Figure(what: &'static str, unit: Unit, found: Option<Estimate>, target: Option<Target>) -> impl IntoView {
    view! {
        <h3>{what}</h3>
        <p class="number">{found.map_or("–".to_owned(), |found| unit.text(found.value))}</p>
        {target.map(|target| view! {
            <p>
                <span class="verdict" data-verdict=verdict_name(target.judge(found.as_ref()))>{verdict_words(target, found.as_ref())}</span>
                " "{target_words(unit, target)}
            </p>
        })}
        {match (found, target) {
            (Some(found), _) => Some(view! { <p class="muted">{interval_words(unit, found)}</p> }),
            (None, None) => Some(view! { <p class="muted">{"Nothing was counted yet.".to_owned()}</p> }),
            (None, Some(_)) => None,
        }}
    }
}

#[component]
fn Share(what: &'static str, found: Option<Estimate>, target: Option<Target>) -> impl IntoView {
    view! {
        <Figure what=what unit=Unit::Percent found=found target=target/>
        {found.map(|found| view! { <ShareChart found=found target=target/> })}
    }
}

#[component]
fn Time(times: Times, target: Target) -> impl IntoView {
    let (Target::Below(target_ms) | Target::AtLeast(target_ms)) = target;
    let (slow, median) = (times.slow, times.median);
    view! {
        <Figure what="Nineteen of twenty take no longer than" unit=Unit::Seconds found=slow target=Some(target)/>
        {slow.map(|_| view! { <TimesChart spread=times.spread target_ms=target_ms.clamp(0.0, Millis::MAX.into()) as u32/> })}
        <Figure what="Half take no longer than" unit=Unit::Seconds found=median target=None/>
    }
}

#[component]
fn SoftwareTable(rows: Vec<Row>) -> impl IntoView {
    if rows.is_empty() {
        return None;
    }
    let name = |software: Option<Software>| software.map_or("Another browser".to_owned(), |it| it.to_string());
    let time = |found: Option<Estimate>| found.map_or("–".to_owned(), |found| Unit::Seconds.text(found.value));
    Some(view! {
        <h3 id="by-browser">"By browser and system"</h3>
        <div class="wide" role="region" aria-labelledby="by-browser" tabindex="0">
            <table>
                <thead>
                    <tr>
                        <th scope="col">"Browser and system"</th>
                        <th scope="col">"Measured"</th>
                        <th scope="col">"Half within"</th>
                        <th scope="col">"19 of 20 within"</th>
                        <th scope="col">"A minute came"</th>
                    </tr>
                </thead>
                <tbody>
                    {rows.into_iter().map(|row| view! {
                        <tr>
                            <th scope="row">{name(row.software)}</th>
                            <td>{row.connection.median.map_or(0, |found| found.n)}</td>
                            <td>{time(row.connection.median)}</td>
                            <td>{time(row.connection.slow)}</td>
                            <td>{if row.tries > 0 { format!("{} of {}", row.minutes, row.tries) } else { "–".to_owned() }}</td>
                        </tr>
                    }).collect_view()}
                </tbody>
            </table>
        </div>
    })
}
