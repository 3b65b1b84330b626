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
    use domain::document::{WatchDocument, WatchPhase};
    use leptos::prelude::*;
    use leptos_meta::Title;
    use leptos_router::hooks::use_params_map;

    use crate::{
        api::{ApiError, watch::load_watch_page},
        components::header::Flame,
    };

    #[component]
    pub fn WatchPage() -> impl IntoView {
        let slug = use_params_map().with_untracked(|params| params.get("slug")).unwrap_or_default();
        view! {
            <Suspense>
                {
                    let slug = slug.clone();
                    // No resource: nothing hydrates here, so the data need not be in the page a second time.
                    Suspend::new(async move {
                        match load_watch_page(slug).await {
                            Ok(document) => view! { <Watch document=document/> }.into_any(),
                            Err(error) => view! { <NotHere error=error/> }.into_any(),
                        }
                    })
                }
            </Suspense>
        }
    }

    const fn phase_name(phase: WatchPhase) -> &'static str {
        match phase {
            WatchPhase::Before => "before",
            WatchPhase::Live => "live",
            WatchPhase::Interrupted => "interrupted",
            WatchPhase::Ended => "ended",
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
        let no_script_hls = live_hls.clone();
        let recording_url = document.recording_url.clone();
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
            >
                <header class="watch-head">
                    <p class="in-memory">"In memory of"</p>
                    <h1 id="name">{document.name}</h1>
                    <p id="title" class="service-title">{document.title}</p>
                </header>
                <div class="stage" id="stage">
                    <div class="curtain" data-when="before ended">
                        <Flame/>
                        <p data-when="before">"The service has not begun."</p>
                        <p data-when="before" id="countdown" class="countdown"></p>
                        <p data-when="ended">"The service has ended."</p>
                    </div>
                    <div class="picture" data-when="live interrupted">
                        <video id="live" playsinline muted autoplay aria-label="The service, live"></video>
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
                <div class="picture-bar" data-when="live interrupted">
                    <span data-when="live"><span class="badge" data-state="live">"Live"</span></span>
                    <button type="button" id="mute" class="button quiet" hidden>"Sound off"</button>
                    <button type="button" id="full" class="button quiet" hidden>"Full screen"</button>
                </div>
                <noscript>
                    <p data-when="before">"Please load this page again when the service begins."</p>
                    <div data-when="live interrupted">
                        <p>"Your browser runs no scripts here. This player may work:"</p>
                        <video controls playsinline preload="none" src=no_script_hls></video>
                    </div>
                    <p data-when="ended">"Please load this page again later."</p>
                </noscript>
                <div class="say" role="status">
                    <p data-when="before">"Keep this page open: the picture will appear by itself."</p>
                    <p data-when="interrupted">
                        "The connection at the service is interrupted. Keep this page open: the picture will return."
                    </p>
                    <p data-when="ended">"The recording is being prepared and will appear here."</p>
                    <p data-when="recorded">"The service has ended. This is the recording."</p>
                </div>
                <section class="about">
                    <p id="when" class="when" hidden=no_time>
                        <time id="time" datetime=utc>{label}</time>
                    </p>
                    <p id="your-time" class="muted" hidden></p>
                    <p id="description" class="description" hidden=no_description>{document.description}</p>
                </section>
            </main>
            <footer class="watch-foot">"Watching is free. We never ask for money to watch."</footer>
        }
    }

    #[component]
    fn NotHere(error: ApiError) -> impl IntoView {
        view! {
            <Title text="Not found"/>
            <main class="page narrow welcome">
                <Flame/>
                {if error != ApiError::NotFound {
                    view! { <h1>"One moment, please"</h1> <p>{error.to_string()}</p> }.into_any()
                } else {
                    view! {
                        <h1>"This page is not here"</h1>
                        <p>"The link may be incomplete, or the page was taken down by the family."</p>
                        <p>"Please open the link that you were sent once more, or ask the person who sent it."</p>
                    }.into_any()
                }}
            </main>
            <footer class="watch-foot">"Watching is free. We never ask for money to watch."</footer>
        }
    }
}
