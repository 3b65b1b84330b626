//! What a server function answers when it cannot do what was asked: in words for people, with no detail of the inside.

use leptos::prelude::FromServerFnError;
use serde::{Deserialize, Serialize};
use server_fn::{codec::JsonEncoding, error::ServerFnErrorErr};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum ApiError {
    #[error("Please sign in.")]
    SignedOut,
    #[error("That is not here. It may have been deleted.")]
    NotFound,
    /// They may see it, and not do this; the sentence says whom to ask.
    #[error("{0}")]
    Forbidden(String),
    /// What was typed cannot be; the sentence says what to mend.
    #[error("{0}")]
    Invalid(String),
    /// A mourner's link is right, and a passcode is asked for besides.
    #[error("Please enter the passcode that you were sent.")]
    PasscodeNeeded,
    #[error("This service is not shown any more.")]
    NoLongerShown,
    #[error("Too many attempts. Please wait a moment and try again.")]
    TooMany,
    #[error("Too many attempts. Please wait {} and try again.", duration_words(*.0))]
    Wait(u64),
    /// We could not do it; nothing was lost.
    #[error("{0}")]
    Unavailable(String),
    #[error("The connection was interrupted. Please try again.")]
    Connection,
}

fn duration_words(seconds: u64) -> String {
    match seconds {
        0..=1 => "a second".into(),
        2..120 => format!("{seconds} seconds"),
        _ => format!("{} minutes", seconds.div_ceil(60)),
    }
}

impl FromServerFnError for ApiError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(_: ServerFnErrorErr) -> Self {
        Self::Connection
    }
}

#[cfg(feature = "ssr")]
impl ApiError {
    /// The HTTP status that says the same.
    pub const fn status(&self) -> http::StatusCode {
        match self {
            Self::SignedOut => http::StatusCode::UNAUTHORIZED,
            Self::NotFound => http::StatusCode::NOT_FOUND,
            Self::Forbidden(_) => http::StatusCode::FORBIDDEN,
            Self::Invalid(_) => http::StatusCode::UNPROCESSABLE_ENTITY,
            // The page that asks for it is a good answer; what it guards answers 403.
            Self::PasscodeNeeded => http::StatusCode::OK,
            Self::NoLongerShown => http::StatusCode::GONE,
            Self::TooMany | Self::Wait(_) => http::StatusCode::TOO_MANY_REQUESTS,
            Self::Unavailable(_) => http::StatusCode::SERVICE_UNAVAILABLE,
            Self::Connection => http::StatusCode::BAD_REQUEST,
        }
    }
}

#[cfg(feature = "ssr")]
impl From<service::Error> for ApiError {
    fn from(error: service::Error) -> Self {
        match error {
            service::Error::SignedOut => Self::SignedOut,
            service::Error::NotFound => Self::NotFound,
            service::Error::Forbidden(reason) => Self::Forbidden(reason.into()),
            service::Error::Wait(seconds) => Self::Wait(seconds),
            service::Error::Invalid(reason) => Self::Invalid(reason),
            service::Error::PasscodeNeeded => Self::PasscodeNeeded,
            service::Error::NoLongerShown => Self::NoLongerShown,
            service::Error::TooMany => Self::TooMany,
            error @ (service::Error::Elsewhere
            | service::Error::Store(_)
            | service::Error::Media(_)
            | service::Error::Internal(_)) => {
                tracing::error!(error.kind = "server_fn", %error, "a request could not be carried out");
                Self::Unavailable("That did not work just now. Nothing was lost; please try again.".into())
            }
        }
    }
}
