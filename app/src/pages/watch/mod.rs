//! The mourner's page. The server renders it whole and it is never hydrated: a small script (`public/player.js`) brings
//! the picture, so that an old tablet need not load the application.
//!
//! The markup holds every phase. `data-phase` on `<main>` says which one is, `data-when` on an element in which ones it
//! shows; the style sheet does the rest, and the script only changes `data-phase`.

#[cfg(feature = "ssr")]
mod words;

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

    use super::words::Words;
    use crate::{
        api::{ApiError, watch::load_watch_page},
        components::{header::Flame, portrait::Portrait},
        shell::{HlsLibraries, language},
    };

    /// In the language of whoever looks at the page.
    fn words() -> &'static Words {
        Words::of(language())
    }

    #[component]
    pub fn WatchPage() -> impl IntoView {
        let slug = use_params_map().with_untracked(|params| params.get("slug")).unwrap_or_default();
        let said = use_query_map().with_untracked(|query| query.get("passcode"));
        let words = words();
        view! {
            <Preview words=words/>
            <Suspense>
                {
                    let (slug, said) = (slug.clone(), said.clone());
                    // No resource: nothing hydrates here, so the data need not be in the page a second time.
                    Suspend::new(async move {
                        match load_watch_page(slug.clone()).await {
                            Ok(document) => view! { <Watch document=document words=words/> }.into_any(),
                            Err(ApiError::PasscodeNeeded) => view! { <AskPasscode slug=slug said=said words=words/> }.into_any(),
                            Err(error) => view! { <NotHere error=error words=words/> }.into_any(),
                        }
                    })
                }
            </Suspense>
        }
    }

    /// What chat programs show of a link: nothing of anybody.
    #[component]
    fn Preview(words: &'static Words) -> impl IntoView {
        view! {
            <Meta property="og:title" content=words.service/>
            <Meta property="og:description" content=words.preview/>
            <Meta property="og:type" content="website"/>
            <Meta name="description" content=words.preview/>
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
    fn Watch(document: WatchDocument, words: &'static Words) -> impl IntoView {
        let slug = document.slug.to_string();
        let starts = document.scheduled_start_time.map(domain::Timestamp::millis);
        let local = document.scheduled_local;
        let no_time = local.is_none();
        let (utc, label) =
            local.clone().map(|local| (words.moment(&local), local.utc)).map(|(label, utc)| (utc, label)).unzip();
        let no_description = document.description.is_empty();
        // The place's own wall clock: the script says the viewer's time too where it differs.
        let wall_clock = local.as_ref().map(|local| format!("{}T{}", local.date, local.time));
        let own_hls = format!("/hls/{slug}/index.m3u8");
        let live_hls = document.live_hls.clone().unwrap_or_else(|| if document.hls { own_hls } else { String::new() });
        // A provider's HLS, where the browser does not play it by itself; loaded after a tap.
        let (library, captions) =
            use_context::<HlsLibraries>().map(|HlsLibraries { plain, captions }| (plain, captions)).unzip();
        let no_script_hls = live_hls.clone();
        let recording_url = document.recording_url.clone();
        let download = document.download.clone();
        let until = document.until.as_deref().map(|until| words.day(until));
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
                data-overflow=document.overflow_hls
                data-library=library
                data-captions=captions
                data-words=words.player.json()
            >
                <header class="watch-head">
                    {document.portrait.map(|src| view! { <Portrait src=src name=document.name.clone()/> })}
                    <p class="in-memory">{words.in_memory_of}</p>
                    <h1 id="name">{document.name}</h1>
                    <p id="title" class="service-title">{document.title}</p>
                </header>
                <div class="stage" id="stage">
                    <div class="curtain" data-when="before ended withheld">
                        <Flame/>
                        <p data-when="before">{words.not_begun}</p>
                        <p data-when="before" id="countdown" class="countdown"></p>
                        <p data-when="ended withheld">{words.ended}</p>
                    </div>
                    <div class="picture" data-when="live interrupted">
                        <video id="live" playsinline muted autoplay aria-label=words.live_video></video>
                        <div class="curtain sound-only">
                            <Flame/>
                            <p>{words.picture_off}</p>
                        </div>
                        <p class="over" data-when="interrupted">{words.will_return}</p>
                        <p class="over" id="connecting" data-when="live">{words.coming}</p>
                        <button type="button" id="sound" class="button sound" hidden>{words.player.hear}</button>
                    </div>
                    <video
                        id="recording"
                        data-when="recorded"
                        controls
                        playsinline
                        preload="metadata"
                        src=recording_url
                        aria-label=words.recording_video
                    ></video>
                </div>
                <div class="picture-bar">
                    <span data-when="live"><span class="badge" data-state="live">{words.live}</span></span>
                    <span class="bar-live" data-when="live interrupted">
                        <button type="button" id="mute" class="button quiet" hidden>{words.sound_off}</button>
                        <button type="button" id="full" class="button quiet" hidden>{words.full_screen}</button>
                        <button type="button" id="captions" class="button quiet" aria-pressed="false" hidden>{words.captions}</button>
                        <button type="button" id="listen" class="button quiet" hidden>{words.player.sound_only}</button>
                    </span>
                    <button type="button" id="larger" class="button quiet" aria-pressed="false" hidden>{words.larger_text}</button>
                </div>
                <noscript>
                    <p data-when="before">{words.reload_at_beginning}</p>
                    <div data-when="live interrupted">
                        <p>{words.no_scripts}</p>
                        <video controls playsinline preload="none" src=no_script_hls></video>
                    </div>
                    <p data-when="ended withheld">{words.reload_later}</p>
                </noscript>
                <div class="say" role="status">
                    <p data-when="before">{words.keep_open}</p>
                    // Whoever sees, sees the picture.
                    <p data-when="live" class="only-aloud">{words.shown_now}</p>
                    <p data-when="interrupted">
                        {words.interrupted}
                    </p>
                    <p data-when="ended">{words.being_prepared}</p>
                    <p data-when="withheld">
                        {words.waits_for_family}
                    </p>
                    <p data-when="recorded">{words.this_is_the_recording}</p>
                </div>
                <section class="about">
                    <p id="when" class="when" hidden=no_time>
                        <time id="time" datetime=utc>{label}</time>
                    </p>
                    <p id="your-time" class="muted" hidden></p>
                    <p id="description" class="description" hidden=no_description>{document.description}</p>
                    <p data-when="recorded">
                        <a id="download" class="button" href=download.clone() hidden=download.is_none() download="">
                            {words.keep_recording}
                        </a>
                    </p>
                    <p id="until" class="muted" data-when="ended withheld recorded" hidden=no_until>
                        {words.until}<span id="until-day">{until}</span>"."
                    </p>
                </section>
                <Others services=document.others words=words/>
            </main>
            <footer class="watch-foot">{words.never_money}</footer>
        }
    }

    /// The memorial's other services that this one's mourners are told of.
    #[component]
    fn Others(services: Vec<OtherService>, words: &'static Words) -> impl IntoView {
        (!services.is_empty()).then(|| {
            let rows = services.into_iter().map(|service| {
                view! {
                    <li>
                        <a href=format!("/watch/{}", service.slug) rel="external">{service.title}</a>
                        <span class="muted">
                            {service.scheduled_local.map(|local| {
                                let moment = words.moment(&local);
                                view! { <time datetime=local.utc>{moment}</time> }
                            })}
                            " " {phase_words(service.phase, words)}
                        </span>
                    </li>
                }
            });
            view! {
                <nav class="others" aria-labelledby="others">
                    <h2 id="others">{words.others}</h2>
                    <ul class="plain">{rows.collect_view()}</ul>
                </nav>
            }
        })
    }

    const fn phase_words(phase: WatchPhase, words: &Words) -> &'static str {
        match phase {
            WatchPhase::Before => "",
            WatchPhase::Live | WatchPhase::Interrupted => words.now,
            WatchPhase::Ended | WatchPhase::Withheld => words.over,
            WatchPhase::Recorded => words.recording,
        }
    }

    /// Nothing of the service is in it: not even the name.
    #[component]
    fn AskPasscode(slug: String, said: Option<String>, words: &'static Words) -> impl IntoView {
        let trouble = match said.as_deref() {
            Some("wrong") => Some(words.passcode_wrong),
            Some("later") => Some(words.passcode_later),
            _ => None,
        };
        let described = trouble.map(|_| "passcode-trouble");
        view! {
            <Title text=words.service/>
            <main class="page narrow welcome">
                <Flame/>
                <h1>{words.service}</h1>
                <p>{words.passcode_please}</p>
                <form method="post" action=format!("/watch/{slug}/passcode") class="form passcode">
                    {trouble.map(|trouble| view! { <p id="passcode-trouble" role="alert" class="form-error">{trouble}</p> })}
                    <label class="field">
                        <span>{words.passcode}</span>
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
                    <button type="submit" class="button primary large">{words.watch}</button>
                </form>
                <p class="muted">{words.no_passcode}</p>
            </main>
            <footer class="watch-foot">{words.never_money}</footer>
        }
    }

    #[component]
    fn NotHere(error: ApiError, words: &'static Words) -> impl IntoView {
        let title = match error {
            ApiError::NotFound => words.not_here,
            ApiError::NoLongerShown => words.no_longer,
            _ => words.one_moment,
        };
        view! {
            <Title text=title/>
            <main class="page narrow welcome">
                <Flame/>
                <h1>{title}</h1>
                {match error {
                    ApiError::NotFound => view! {
                        <p>{words.not_here_why}</p>
                        <p>{words.not_here_what}</p>
                    }.into_any(),
                    ApiError::NoLongerShown => view! {
                        <p>{words.no_longer_why}</p>
                        <p>{words.no_longer_what}</p>
                    }.into_any(),
                    _ => view! { <p>{words.try_again}</p> }.into_any(),
                }}
            </main>
            <footer class="watch-foot">{words.never_money}</footer>
        }
    }
}
