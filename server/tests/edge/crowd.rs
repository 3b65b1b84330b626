//! Many at once.

use std::sync::Arc;

use axum::http::StatusCode;

use crate::support::{Reply, Site};

/// How often each page is asked for, all at the same time.
const EACH: u8 = 60;

/// Pages are rendered on several threads; what one of them has done with must not be missing in another.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_page_is_rendered_however_many_are_at_once() {
    let site = Arc::new(Site::open().await);
    let (stream, _) = site.stream().await;
    let pages = [
        "/login".into(),
        "/account".into(),
        "/admin".into(),
        "/admin/today".into(),
        "/admin/people".into(),
        "/admin/audit".into(),
        "/admin/numbers".into(),
        format!("/admin/memorials/{}", stream.memorial_id),
        format!("/admin/memorials/{}?new", stream.memorial_id),
        format!("/watch/{}", stream.slug),
        format!("/go/{}", stream.id),
    ];
    let mut asked = tokio::task::JoinSet::new();
    for number in 0..EACH {
        for page in &pages {
            let (site, page) = (Arc::clone(&site), page.clone());
            asked.spawn(async move {
                let headers = [("cookie", site.cookie.as_str())];
                // Each from another address: limits are not what is tested here.
                let reply = Reply::read(site.begin([198, 18, 1, number], "GET", &page, &headers, "").await).await;
                (page, reply)
            });
        }
    }
    for (page, reply) in asked.join_all().await {
        assert_eq!(reply.status, StatusCode::OK, "{page}");
        assert!(reply.body.contains("</html>"), "{page} broke off: {}", reply.body);
    }
}
