//! The picture of the person who is remembered: plain forms that give it and take it away, and the picture itself, for
//! staff and family at the memorial, for mourners under the address of their service.

use std::sync::Arc;

use axum::{
    Extension,
    extract::{Multipart, Path, State},
    http::{HeaderMap, header},
    response::{IntoResponse as _, Redirect, Response},
};
use domain::{MemorialId, PortraitId, Slug};
use service::{Actor, Error, Everlight, pictures};

use super::{reply, viewer};

/// What is read of a request, so that whoever chose too large a file is told so, instead of that the connection broke.
pub const BODY_LIMIT: usize = 4 * pictures::LARGEST;

/// `POST /admin/memorials/{id}/portrait`: the field `picture`.
pub async fn give(
    State(everlight): State<Arc<Everlight>>,
    Extension(actor): Extension<Actor>,
    Path(memorial): Path<String>,
    form: Multipart,
) -> Response {
    let Ok(memorial) = memorial.parse::<MemorialId>() else { return reply::not_found() };
    let given = async {
        everlight.portraits().may_give(&actor, memorial).await?;
        everlight.portraits().give(&actor, memorial, picture(form).await?).await
    };
    back(memorial, given.await)
}

/// `POST /admin/memorials/{id}/portrait/remove`
pub async fn remove(
    State(everlight): State<Arc<Everlight>>,
    Extension(actor): Extension<Actor>,
    Path(memorial): Path<String>,
) -> Response {
    let Ok(memorial) = memorial.parse::<MemorialId>() else { return reply::not_found() };
    back(memorial, everlight.portraits().remove(&actor, memorial).await)
}

pub async fn of_memorial(
    State(everlight): State<Arc<Everlight>>,
    Extension(actor): Extension<Actor>,
    Path((memorial, file)): Path<(String, String)>,
) -> Response {
    let Some((memorial, id)) = memorial.parse::<MemorialId>().ok().zip(portrait(&file)) else {
        return reply::not_found();
    };
    serve(everlight.portraits().of_memorial(&actor, memorial, id).await)
}

pub async fn for_viewers(
    State(everlight): State<Arc<Everlight>>,
    Path((slug, file)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    let Some((slug, id)) = slug.parse::<Slug>().ok().zip(portrait(&file)) else { return reply::not_found() };
    serve(match viewer::admit(&everlight, &slug, &headers).await {
        Ok(admission) => everlight.portraits().for_viewer(&admission, id).await,
        Err(error) => Err(error),
    })
}

fn portrait(file: &str) -> Option<PortraitId> {
    file.strip_suffix(".jpg")?.parse().ok()
}

/// The file in the form. Of one that is too large no more is kept than shows that it is.
async fn picture(mut form: Multipart) -> Result<Vec<u8>, Error> {
    let broken = |_| Error::Invalid("The picture did not arrive whole. Please try again.".into());
    let mut file = Vec::new();
    while let Some(mut field) = form.next_field().await.map_err(broken)? {
        let wanted = field.name() == Some("picture");
        while let Some(piece) = field.chunk().await.map_err(broken)? {
            if wanted && file.len() <= pictures::LARGEST {
                file.extend_from_slice(&piece);
            }
        }
    }
    Ok(file)
}

/// To the memorial's page; with the form once more, and why, where it was no picture.
fn back(memorial: MemorialId, result: Result<(), Error>) -> Response {
    let page = format!("/admin/memorials/{memorial}");
    match result {
        Ok(()) => Redirect::to(&page).into_response(),
        Err(Error::Invalid(why)) => {
            let why: String = url::form_urlencoded::byte_serialize(why.as_bytes()).collect();
            Redirect::to(&format!("{page}?portrait&error={why}")).into_response()
        }
        Err(error) => reply::service_error(&error),
    }
}

fn serve(jpeg: Result<Vec<u8>, Error>) -> Response {
    match jpeg {
        Ok(jpeg) => ([(header::CONTENT_TYPE, "image/jpeg")], jpeg).into_response(),
        Err(error) => reply::service_error(&error),
    }
}
