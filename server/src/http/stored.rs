//! A recording that is in object storage only, in whole or in one range (RFC 9110 §14), sent as it is read there.

use std::ops::Range;

use axum::{
    body::Body,
    extract::Request,
    http::{HeaderMap, Method, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use service::storage::InStorage;

/// What of it is asked for.
#[derive(Debug, PartialEq, Eq)]
enum Asked {
    All,
    Part(Range<u64>),
    /// It has no such bytes.
    Nothing,
}

pub fn serve(stored: &InStorage, request: &Request) -> Response {
    let (length, tag) = (stored.bytes(), format!("\"{}\"", stored.tag()));
    let headers = request.headers();
    let known = headers.get(header::IF_NONE_MATCH).and_then(|tags| tags.to_str().ok());
    if known.is_some_and(|tags| tags.split(',').any(|known| known.trim() == tag)) {
        return (StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response();
    }
    let (status, range) = match asked(headers, length, &tag) {
        Asked::All => (StatusCode::OK, 0..length),
        Asked::Part(range) => (StatusCode::PARTIAL_CONTENT, range),
        Asked::Nothing => {
            let all = format!("bytes */{length}");
            return (StatusCode::RANGE_NOT_SATISFIABLE, [(header::CONTENT_RANGE, all)]).into_response();
        }
    };
    // Whoever asks for the head only does not need it read.
    let body = match *request.method() {
        Method::HEAD => Body::empty(),
        _ => Body::from_stream(stored.read(range.clone())),
    };
    let described = [
        (header::CONTENT_TYPE, "video/mp4".to_owned()),
        (header::ACCEPT_RANGES, "bytes".to_owned()),
        (header::CONTENT_LENGTH, (range.end - range.start).to_string()),
        (header::ETAG, tag),
    ];
    let mut response = (status, described, body).into_response();
    if status == StatusCode::PARTIAL_CONTENT {
        let which = format!("bytes {}-{}/{length}", range.start, range.end.saturating_sub(1));
        let which = which.try_into().expect("digits make a header value");
        response.headers_mut().insert(header::CONTENT_RANGE, which);
    }
    response
}

/// What is not understood, and several ranges at once, are answered with all of it, as may be done.
fn asked(headers: &HeaderMap, length: u64, tag: &str) -> Asked {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    // Of another file, or by its date, of which we have none.
    if headers.contains_key(header::IF_RANGE) && text(header::IF_RANGE) != Some(tag) {
        return Asked::All;
    }
    let Some(range) = text(header::RANGE).and_then(|range| range.strip_prefix("bytes=")?.split_once('-')) else {
        return Asked::All;
    };
    let number = |digits: &str| {
        let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        plain.then(|| digits.parse::<u64>().unwrap_or(u64::MAX))
    };
    let range = match (range.0.trim(), range.1.trim()) {
        ("", last) => number(last).map(|last| length.saturating_sub(last)..length),
        (first, "") => number(first).map(|first| first..length),
        (first, last) => number(first)
            .zip(number(last))
            .filter(|(first, last)| first <= last)
            .map(|(first, last)| first..length.min(last.saturating_add(1))),
    };
    match range {
        None => Asked::All,
        Some(range) if range.is_empty() => Asked::Nothing,
        Some(range) => Asked::Part(range),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_hundred(fields: &[(header::HeaderName, &'static str)]) -> Asked {
        let fields = fields.iter().cloned().map(|(name, value)| (name, header::HeaderValue::from_static(value)));
        asked(&fields.collect(), 100, "\"tag\"")
    }

    #[test]
    fn a_range_is_read_as_browsers_write_it() {
        for (range, part) in [
            ("bytes=0-", 0..100),
            ("bytes=0-0", 0..1),
            ("bytes=10-19", 10..20),
            ("bytes=90-1000", 90..100),
            ("bytes=-10", 90..100),
            ("bytes=-1000", 0..100),
            ("bytes=5-99999999999999999999999", 5..100),
        ] {
            assert_eq!(of_hundred(&[(header::RANGE, range)]), Asked::Part(part), "{range}");
        }
        for none in ["bytes=100-", "bytes=100-200", "bytes=-0", "bytes=99999999999999999999999-"] {
            assert_eq!(of_hundred(&[(header::RANGE, none)]), Asked::Nothing, "{none}");
        }
        for all in ["bytes=2-1", "bytes=", "bytes=-", "bytes=a-b", "bytes=0-1,5-6", "bytes=+1-2", "seconds=1-2"] {
            assert_eq!(of_hundred(&[(header::RANGE, all)]), Asked::All, "{all}");
        }
        assert_eq!(of_hundred(&[]), Asked::All);
    }

    #[test]
    fn a_range_of_another_file_is_answered_with_all_of_this_one() {
        let range = (header::RANGE, "bytes=5-");
        assert_eq!(of_hundred(&[range.clone(), (header::IF_RANGE, "\"tag\"")]), Asked::Part(5..100));
        for other in ["\"other\"", "W/\"tag\"", "Wed, 21 Oct 2015 07:28:00 GMT"] {
            assert_eq!(of_hundred(&[range.clone(), (header::IF_RANGE, other)]), Asked::All);
        }
    }
}
