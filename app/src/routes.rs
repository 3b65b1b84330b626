//! Every page and its address, but for the streamer's (`/go/{stream}`, [`crate::pages::go`]), which is a root of its own.

use leptos::prelude::*;
use leptos_meta::provide_meta_context;
use leptos_router::{
    SsrMode,
    components::{Route, Router, Routes},
    path,
};

use crate::pages::{
    account::AccountPage, admin::AdminPage, audit::AuditPage, code::CodePage, home::HomePage, invite::InvitePage,
    login::LoginPage, memorial::MemorialPage, not_found::NotFound, numbers::NumbersPage, people::PeoplePage,
    setup::SetupPage, today::TodayPage, watch::WatchPage,
};

/// The application. Runs once a request on the server and once in the browser.
///
/// Every page is sent when all of its data is there (`SsrMode::Async`): status, title and text are then right without
/// any script, and the pages are small enough that streaming would gain nothing.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    view! {
        <Router>
            <Routes fallback=NotFound>
                <Route path=path!("/") view=HomePage ssr=SsrMode::Async/>
                <Route path=path!("/setup") view=SetupPage ssr=SsrMode::Async/>
                <Route path=path!("/login") view=LoginPage ssr=SsrMode::Async/>
                <Route path=path!("/login/code") view=CodePage ssr=SsrMode::Async/>
                <Route path=path!("/invite") view=InvitePage ssr=SsrMode::Async/>
                <Route path=path!("/account") view=AccountPage ssr=SsrMode::Async/>
                <Route path=path!("/admin/people") view=PeoplePage ssr=SsrMode::Async/>
                <Route path=path!("/admin/audit") view=AuditPage ssr=SsrMode::Async/>
                <Route path=path!("/admin/numbers") view=NumbersPage ssr=SsrMode::Async/>
                <Route path=path!("/admin") view=AdminPage ssr=SsrMode::Async/>
                <Route path=path!("/admin/today") view=TodayPage ssr=SsrMode::Async/>
                <Route path=path!("/admin/memorials/:id") view=MemorialPage ssr=SsrMode::Async/>
                <Route path=path!("/watch/:slug") view=WatchPage ssr=SsrMode::Async/>
            </Routes>
        </Router>
    }
}
