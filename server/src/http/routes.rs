//! Every route. Who may use each is said in [`super::access`]; what is not named there is for staff only.

use std::path::Path;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware::from_fn,
    routing::{any, get, head, post},
};
use leptos_axum::{LeptosRoutes as _, generate_route_list};

use super::{
    Edge, api, events, export, files, hls, numbers, openapi, pages, portraits, progress, recordings, rehearsal,
    smaller, streamer, uploads, viewer, webhooks, whep, whip,
};

pub fn routes(edge: &Edge, site: &Path) -> Router<Edge> {
    Router::new()
        // Operations
        .route("/healthz", get(files::healthy))
        .route("/readyz", get(files::ready))
        .route("/.well-known/security.txt", get(files::security_contact))
        // Whoever films (WHIP, RFC 9725)
        .route("/whip/{stream}", post(whip::publish).options(whip::discover).get(whip::nothing))
        .route(
            "/whip/{stream}/{session}",
            get(whip::nothing).patch(whip::patch).delete(whip::hang_up).options(whip::discover_session),
        )
        .route("/go/{stream}", get(pages::streamer))
        .route("/api/go/{stream}/check", post(streamer::check))
        .route("/api/go/{stream}/end", post(streamer::end))
        .route("/api/go/{stream}/feedback", post(streamer::rate))
        .route("/api/go/{stream}/connected", post(streamer::connected).layer(DefaultBodyLimit::max(128)))
        .route("/api/go/{stream}/events", get(progress::events))
        .route("/api/go/{stream}/rehearsal", post(rehearsal::conclude))
        .route("/api/go/{stream}/rehearsal/speed", post(rehearsal::speed))
        .route("/api/go/{stream}/rehearsal/finish", post(rehearsal::finish))
        .route("/api/go/{stream}/rehearsal.mp4", get(rehearsal::file))
        // What their phone kept (tus 1.0)
        .route("/uploads/{stream}", post(uploads::create).options(uploads::discover))
        .route("/uploads/{stream}/delivered", post(uploads::delivered))
        .route(
            "/uploads/{stream}/{upload}",
            head(uploads::status).patch(uploads::append).delete(uploads::terminate).options(uploads::discover),
        )
        // Whoever watches (WHEP, LL-HLS, recordings)
        .route("/whep/{slug}", post(whep::view).options(whep::discover).get(whep::nothing).head(whep::head))
        .route(
            "/whep/{slug}/{session}",
            get(whep::nothing).patch(whep::patch).delete(whep::hang_up).options(whep::discover_session),
        )
        .route("/hls/{slug}/{file}", get(hls::file))
        .route("/watch/{slug}/passcode", post(viewer::enter))
        .route("/watch/{slug}/events", get(events::for_viewers))
        .route("/watch/{slug}/recordings/{file}", get(recordings::for_viewers))
        .route("/watch/{slug}/portrait/{file}", get(portraits::for_viewers))
        // Staff
        .route("/api/streams/{id}/events", get(events::for_staff))
        .route("/api/today/events", get(events::of_today))
        .route("/recordings/{file}", get(recordings::for_staff))
        .route("/admin/numbers.csv", get(numbers::table))
        .route("/admin/memorials/{id}/export.zip", get(export::memorial))
        .route(
            "/admin/memorials/{id}/portrait",
            post(portraits::give).layer(DefaultBodyLimit::max(portraits::BODY_LIMIT)),
        )
        .route("/admin/memorials/{id}/portrait/remove", post(portraits::remove))
        .route("/admin/memorials/{id}/portrait/{file}", get(portraits::of_memorial))
        // Programs
        .route("/api/openapi.json", get(openapi::description))
        .route("/api/streams/create-whip", post(api::create_whip))
        // Providers
        .route("/api/webhooks/mux", post(webhooks::mux))
        .route("/api/webhooks/cloudflare/stream", post(webhooks::cloudflare_stream))
        .route("/api/webhooks/cloudflare/live", post(webhooks::cloudflare_live))
        // Server functions, each under its own name
        .route("/api/{*function}", any(pages::server_function))
        // Pages
        .leptos_routes_with_handler(
            generate_route_list(app::App),
            get(pages::page).layer(from_fn(smaller::mourners_page)),
        )
        // Files that were built
        .nest_service("/pkg", files::built(site))
        .fallback(pages::file_or_not_found)
        .with_state(edge.clone())
}
