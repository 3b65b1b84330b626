//! The mourner's page. The server renders it whole and it is never hydrated: a small script (`public/player.js`) brings
//! the picture, so that an old tablet need not load the application.
//!
//! The markup holds every phase. `data-phase` on `<main>` says which one is, `data-when` on an element in which ones it
//! shows; the style sheet does the rest, and the script only changes `data-phase`.

#[cfg(not(feature = "ssr"))]
use leptos::prelude::*;

/// In the browser's build there is no such page: going there means loading it.
#[cfg(not(feature = "ssr"))]
#[component]
pub fn WatchPage() -> impl IntoView {
    Effect::new(move |_| {
        let _ = window().location().reload();
    });
}

#[cfg(feature = "ssr")]
pub use self::server::WatchPage;

#[cfg(feature = "ssr")]
mod server {
    use domain::document::{OtherService, WatchDocument, WatchPhase};
    use leptos::prelude::*;
    use leptos_meta::{Meta, Title};
    use leptos_router::hooks::{use_params_map, use_query_map};

    use crate::{
        api::{ApiError, watch::load_watch_page},
        components::header::Flame,
        shell::HlsLibrary,
    };

    #[component]
    pub fn WatchPage() -> impl IntoView {
        let slug = use_params_map().with_untracked(|params| params.get("slug")).unwrap_or_default();
        let said = use_query_map().with_untracked(|query| query.get("passcode"));
        view! {
            <Preview/>
            <Suspense>
                {
                    let (slug, said) = (slug.clone(), said.clone());
                    // No resource: nothing hydrates here, so the data need not be in the page a second time.
                    Suspend::new(async move {
                        match load_watch_page(slug.clone()).await {
                            Ok(document) => view! { <Watch document=document/> }.into_any(),
                            Err(ApiError::PasscodeNeeded) => view! { <AskPasscode slug=slug said=said/> }.into_any(),
                            Err(error) => view! { <NotHere error=error/> }.into_any(),
                        }
                    })
                }
            </Suspense>
        }
    }

    /// What chat programs show of a link: nothing of anybody.
    #[component]
    fn Preview() -> impl IntoView {
        view! {
            <Meta property="og:title" content="A memorial service"/>
            <Meta property="og:description" content="Open this link to watch. There is nothing to install and nothing to pay."/>
            <Meta property="og:type" content="website"/>
            <Meta name="description" content="Open this link to watch a memorial service."/>
        }
    }

    const fn phase_name(phase: WatchPhase) -> &'static str {
        match phase {
            WatchPhase::Before => "before",
            WatchPhase::Live => "live",
            WatchPhase::Interrupted => "interrupted",
            WatchPhase::Ended => "ended",
            WatchPhase::Withheld => "withheld",
            WatchPhase::Recorded => "recorded",
        }
    }

    #[component]
    fn Watch(document: WatchDocument) -> impl IntoView {
        let slug = document.slug.to_string();
        let starts = document.scheduled_start_time.map(domain::Timestamp::millis);
        let local = document.scheduled_local;
        let no_time = local.is_none();
        let (utc, label) = local.clone().map(|local| (local.utc, local.label)).unzip();
        let no_description = document.description.is_empty();
        // The place's own wall clock: the script says the viewer's time too where it differs.
        let wall_clock = local.as_ref().map(|local| format!("{}T{}", local.date, local.time));
        let own_hls = format!("/hls/{slug}/index.m3u8");
        let live_hls = document.live_hls.clone().unwrap_or_else(|| if document.hls { own_hls } else { String::new() });
        // A provider's HLS, where the browser does not play it by itself; loaded after a tap.
        let library =
            document.live_hls.is_some().then(|| use_context::<HlsLibrary>().map(|library| library.0)).flatten();
        let no_script_hls = live_hls.clone();
        let recording_url = document.recording_url.clone();
        let download = document.download.clone();
        let until = document.until.clone();
        let no_until = until.is_none();
        view! {
            <Title text=document.name.clone()/>
            <main
                class="watch"
                data-slug=slug
                data-phase=phase_name(document.phase)
                data-starts=starts
                data-wall-clock=wall_clock
                data-recordings=document.recordings.join(" ")
                data-webrtc=document.webrtc.to_string()
                data-hls=live_hls
                data-library=library
            >
                <header class="watch-head">
                    <p class="in-memory">"In memory of"</p>
                    <h1 id="name">{document.name}</h1>
                    <p id="title" class="service-title">{document.title}</p>
                </header>
                <div class="stage" id="stage">
                    <div class="curtain" data-when="before ended withheld">
                        <Flame/>
                        <p data-when="before">"The service has not begun."</p>
                        <p data-when="before" id="countdown" class="countdown"></p>
                        <p data-when="ended withheld">"The service has ended."</p>
                    </div>
                    <div class="picture" data-when="live interrupted">
                        <video id="live" playsinline muted autoplay aria-label="The service, live"></video>
                        <div class="curtain sound-only">
                            <Flame/>
                            <p>"You hear the service. The picture is off and uses no data."</p>
                        </div>
                        <p class="over" data-when="interrupted">"The picture will return."</p>
                        <p class="over" id="connecting" data-when="live">"The picture is coming\u{2026}"</p>
                        <button type="button" id="sound" class="button sound" hidden>"Tap to hear sound"</button>
                    </div>
                    <video
                        id="recording"
                        data-when="recorded"
                        controls
                        playsinline
                        preload="metadata"
                        src=recording_url
                        aria-label="The recording of the service"
                    ></video>
                </div>
                <div class="picture-bar">
                    <span data-when="live"><span class="badge" data-state="live">"Live"</span></span>
                    <span class="bar-live" data-when="live interrupted">
                        <button type="button" id="mute" class="button quiet" hidden>"Sound off"</button>
                        <button type="button" id="full" class="button quiet" hidden>"Full screen"</button>
                        <button type="button" id="listen" class="button quiet" hidden>"Sound only (saves data)"</button>
                    </span>
                    <button type="button" id="larger" class="button quiet" aria-pressed="false" hidden>"Larger text"</button>
                </div>
                <noscript>
                    <p data-when="before">"Please load this page again when the service begins."</p>
                    <div data-when="live interrupted">
                        <p>"Your browser runs no scripts here. This player may work:"</p>
                        <video controls playsinline preload="none" src=no_script_hls></video>
                    </div>
                    <p data-when="ended withheld">"Please load this page again later."</p>
                </noscript>
                <div class="say" role="status">
                    <p data-when="before">"Keep this page open: the picture will appear by itself."</p>
                    <p data-when="interrupted">
                        "The connection at the service is interrupted. Keep this page open: the picture will return."
                    </p>
                    <p data-when="ended">"The recording is being prepared and will appear here."</p>
                    <p data-when="withheld">
                        "The recording will be shown here when the family has approved it. Please come back to this page."
                    </p>
                    <p data-when="recorded">"The service has ended. This is the recording."</p>
                </div>
                <section class="about">
                    <p id="when" class="when" hidden=no_time>
                        <time id="time" datetime=utc>{label}</time>
                    </p>
                    <p id="your-time" class="muted" hidden></p>
                    <p id="description" class="description" hidden=no_description>{document.description}</p>
                    <p data-when="recorded">
                        <a id="download" class="button" href=download.clone() hidden=download.is_none() download="">
                            "Keep the recording"
                        </a>
                    </p>
                    <p id="until" class="muted" data-when="ended withheld recorded" hidden=no_until>
                        "It can be watched until "<span id="until-day">{until}</span>"."
                    </p>
                </section>
                <Others services=document.others/>
            </main>
            <footer class="watch-foot">"Watching is free. We never ask for money to watch."</footer>
        }
    }

    /// The memorial's other services that this one's mourners are told of.
    #[component]
    fn Others(services: Vec<OtherService>) -> impl IntoView {
        (!services.is_empty()).then(|| {
            let rows = services.into_iter().map(|service| {
                view! {
                    <li>
                        <a href=format!("/watch/{}", service.slug) rel="external">{service.title}</a>
                        <span class="muted">
                            {service.scheduled_local.map(|local| view! { <time datetime=local.utc>{local.label}</time> })}
                            " " {phase_words(service.phase)}
                        </span>
                    </li>
                }
            });
            view! {
                <nav class="others" aria-labelledby="others">
                    <h2 id="others">"The other services"</h2>
                    <ul class="plain">{rows.collect_view()}</ul>
                </nav>
            }
        })
    }

    const fn phase_words(phase: WatchPhase) -> &'static str {
        match phase {
            WatchPhase::Before => "",
            WatchPhase::Live | WatchPhase::Interrupted => "Now",
            WatchPhase::Ended | WatchPhase::Withheld => "Ended",
            WatchPhase::Recorded => "Recording",
        }
    }

    /// Nothing of the service is in it: not even the name.
    #[component]
    fn AskPasscode(slug: String, said: Option<String>) -> impl IntoView {
        let trouble = match said.as_deref() {
            Some("wrong") => Some(
                "That is not the passcode. Please look at the message that you were sent, and type it once more. Large \
                 or small letters and spaces do not matter.",
            ),
            Some("later") => Some("That was tried too often. Please wait a minute, then type it once more."),
            _ => None,
        };
        let described = trouble.map(|_| "passcode-trouble");
        view! {
            <Title text="A memorial service"/>
            <main class="page narrow welcome">
                <Flame/>
                <h1>"A memorial service"</h1>
                <p>"Please type the passcode that came with your invitation. This device will remember it."</p>
                <form method="post" action=format!("/watch/{slug}/passcode") class="form passcode">
                    {trouble.map(|words| view! { <p id="passcode-trouble" role="alert" class="form-error">{words}</p> })}
                    <label class="field">
                        <span>"Passcode"</span>
                        <input
                            type="text"
                            name="passcode"
                            required
                            autocomplete="one-time-code"
                            autocapitalize="none"
                            spellcheck="false"
                            maxlength="200"
                            aria-invalid=described.map(|_| "true")
                            aria-describedby=described
                        />
                    </label>
                    <button type="submit" class="button primary large">"Watch the service"</button>
                </form>
                <p class="muted">"No passcode? Please ask the person who sent you the link."</p>
            </main>
            <footer class="watch-foot">"Watching is free. We never ask for money to watch."</footer>
        }
    }

    #[component]
    fn NotHere(error: ApiError) -> impl IntoView {
        let title = match error {
            ApiError::NotFound => "This page is not here",
            ApiError::NoLongerShown => "The time to watch is over",
            _ => "One moment, please",
        };
        view! {
            <Title text=title/>
            <main class="page narrow welcome">
                <Flame/>
                <h1>{title}</h1>
                {match error {
                    ApiError::NotFound => view! {
                        <p>"The link may be incomplete, or the page was taken down by the family."</p>
                        <p>"Please open the link that you were sent once more, or ask the person who sent it."</p>
                    }.into_any(),
                    ApiError::NoLongerShown => view! {
                        <p>"This service was shown here for a while, as the family wished, and is not shown any more."</p>
                        <p>"If you missed it, please ask the family: they may be able to show it again."</p>
                    }.into_any(),
                    error => view! { <p>{error.to_string()}</p> }.into_any(),
                }}
            </main>
            <footer class="watch-foot">"Watching is free. We never ask for money to watch."</footer>
        }
    }
}
