//! How many streams of events of mourners one network may hold open. Each is a connection and a reader of the database; a
//! congregation behind one address has as many as it needs, and nobody takes all of them. Whoever films and staff are known
//! by their token or session: they are never shut out by a crowd beside them.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    body::Body,
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use futures::StreamExt as _;

use super::{Edge, reply};

const AT_ONCE: u32 = 500;
/// Seconds after which whoever was refused may ask again.
const AGAIN: u64 = 30;

#[derive(Clone)]
pub struct Followers {
    open: Arc<Mutex<HashMap<IpAddr, u32>>>,
    most: u32,
}

impl Default for Followers {
    fn default() -> Self {
        Self { open: Arc::default(), most: AT_ONCE }
    }
}

impl Followers {
    fn begin(&self, network: IpAddr) -> Option<Following> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(network).or_default();
        (*count < self.most).then(|| {
            *count += 1;
            Following { followers: self.clone(), network }
        })
    }
}

/// One open stream.
struct Following {
    followers: Followers,
    network: IpAddr,
}

impl Drop for Following {
    fn drop(&mut self) {
        let mut open = self.followers.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.network) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.network);
            }
        }
    }
}

/// A middleware.
pub async fn limit(State(edge): State<Edge>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    if !(path.starts_with("/watch/") && path.ends_with("/events")) {
        return next.run(request).await;
    }
    let Some(following) = edge.followers.begin(edge.limits.asker(&request)) else { return reply::too_many(AGAIN) };
    // It counts until the last byte was sent, or the other side is gone.
    next.run(request).await.map(|body| {
        Body::from_stream(body.into_data_stream().map(move |part| {
            let _open = &following;
            part
        }))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_network_has_so_many_and_the_others_have_theirs() {
        let followers = Followers { most: 2, ..Followers::default() };
        let [one, other]: [IpAddr; 2] = [[192, 0, 2, 1].into(), [192, 0, 2, 2].into()];
        let first = followers.begin(one).unwrap();
        let _second = followers.begin(one).unwrap();
        assert!(followers.begin(one).is_none());
        assert!(followers.begin(other).is_some());
        drop(first);
        assert!(followers.begin(one).is_some(), "who leaves makes room");
    }

    #[test]
    fn nothing_is_kept_of_who_has_gone() {
        let followers = Followers::default();
        drop(followers.begin([192, 0, 2, 1].into()));
        assert!(followers.open.lock().unwrap().is_empty());
    }
}
