//! The HTTP edge: every route in one place, every layer in another, and who may use what in a third.

mod access;
mod api;
mod events;
mod export;
mod files;
mod followers;
mod forward;
mod guesses;
mod hls;
mod limits;
mod middleware;
mod numbers;
mod openapi;
mod pages;
mod portraits;
mod progress;
mod reads;
mod recordings;
mod refusals;
mod rehearsal;
mod reply;
mod routes;
mod smaller;
mod stored;
mod streamer;
mod uploads;
mod viewer;
mod webhooks;
mod whep;
mod whip;

use std::{net::IpAddr, path::PathBuf, sync::Arc};

use app::Assets;
use axum::extract::FromRef;
use leptos::config::LeptosOptions;
use service::{Everlight, cookie::SessionCookie, places::Places};

/// What handlers are given.
#[derive(Clone)]
pub struct Edge {
    pub everlight: Arc<Everlight>,
    pub cookie: SessionCookie,
    pub assets: Assets,
    pub leptos: LeptosOptions,
    pub media_sources: app::MediaSources,
    /// What was typed into forms that were refused.
    pub typed: app::TypedForms,
    limits: Arc<limits::Limits>,
    reads: Arc<reads::Reads>,
    refusals: Arc<refusals::Refusals>,
    /// What each network has of the streams of events for mourners.
    followers: Places,
    /// To other instances, where there are any.
    way: Option<Arc<forward::Way>>,
    security_contact: Option<String>,
    keep_to_https: bool,
}

/// How the site is served.
#[derive(Debug)]
pub struct Serving {
    /// The folder of the built pages, and their names.
    pub site: PathBuf,
    pub assets: Assets,
    /// Whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// Where providers play what they hold.
    pub media_sources: app::MediaSources,
    /// Who is told of a vulnerability.
    pub security_contact: Option<String>,
    /// Browsers are told never to come over plain HTTP again (HSTS). Not with a certificate that is only for this
    /// network: it would lock people out of the same name later.
    pub keep_to_https: bool,
}

impl std::fmt::Debug for Edge {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Edge").finish_non_exhaustive()
    }
}

impl FromRef<Edge> for Arc<Everlight> {
    fn from_ref(edge: &Edge) -> Self {
        Arc::clone(&edge.everlight)
    }
}

impl FromRef<Edge> for LeptosOptions {
    fn from_ref(edge: &Edge) -> Self {
        edge.leptos.clone()
    }
}

/// The whole site.
pub fn router(everlight: Arc<Everlight>, serving: Serving) -> axum::Router {
    let site_root = serving.site.to_string_lossy().into_owned();
    let edge = Edge {
        cookie: SessionCookie::for_site(&everlight.settings().public_url),
        way: forward::Way::for_site(&everlight).map(Arc::new),
        everlight,
        assets: serving.assets,
        leptos: LeptosOptions::builder().output_name("everlight").site_root(site_root).build(),
        media_sources: serving.media_sources,
        typed: app::TypedForms::default(),
        limits: Arc::new(limits::Limits::new(serving.trusted_proxies)),
        reads: Arc::default(),
        refusals: Arc::default(),
        followers: Places::new(followers::AT_ONCE),
        security_contact: serving.security_contact,
        keep_to_https: serving.keep_to_https,
    };
    middleware::around(routes::routes(&edge, &serving.site), &edge).with_state(edge)
}
