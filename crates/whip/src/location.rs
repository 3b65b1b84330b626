//! Resolving a `Location` against the address that the response came from (RFC 3986 §5.2): it may be relative, and a
//! redirected `POST` was answered by another address than the one it was sent to.

/// The absolute form of `reference`. `None` if `base` is not an `http` or `https` address, if the result is not one either,
/// or if it would leave `https` for `http` (RFC 9725 §5: HTTPS is required).
pub fn resolve(base: &str, reference: &str) -> Option<String> {
    let reference = reference.trim();
    if [base, reference].iter().any(|it| it.contains(|it: char| it.is_whitespace() || it.is_control())) {
        return None;
    }
    let base = Parts::parse(base);
    let reference = Parts::parse(reference);
    let base_scheme = base.scheme.filter(|it| is_http(it))?;
    base.authority.filter(|it| !it.is_empty())?;

    let target = if reference.scheme.is_some() || reference.authority.is_some() {
        Parts { scheme: reference.scheme.or(base.scheme), ..reference }
    } else if reference.path.is_empty() {
        Parts { query: reference.query.or(base.query), ..base }
    } else {
        Parts { path: reference.path, query: reference.query, ..base }
    };
    let path = if reference.scheme.is_none()
        && reference.authority.is_none()
        && !reference.path.is_empty()
        && !reference.path.starts_with('/')
    {
        let directory = base.path.rfind('/').map_or("/", |slash| &base.path[..=slash]);
        [directory, reference.path].concat()
    } else {
        target.path.to_owned()
    };

    let scheme = target.scheme.filter(|it| is_http(it))?;
    if base_scheme.eq_ignore_ascii_case("https") && !scheme.eq_ignore_ascii_case("https") {
        return None;
    }
    let authority = target.authority.filter(|it| !it.is_empty())?;
    let mut url = [scheme, "://", authority].concat();
    url.push_str(&remove_dot_segments(&path));
    if let Some(query) = target.query {
        url.push('?');
        url.push_str(query);
    }
    Some(url)
}

fn is_http(scheme: &str) -> bool {
    scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http")
}

/// RFC 3986 §3, without the fragment: it is never sent.
#[derive(Clone, Copy)]
struct Parts<'a> {
    scheme: Option<&'a str>,
    authority: Option<&'a str>,
    path: &'a str,
    query: Option<&'a str>,
}

impl<'a> Parts<'a> {
    fn parse(text: &'a str) -> Self {
        let text = text.split('#').next().unwrap_or_default();
        let (text, query) = text.split_once('?').map_or((text, None), |(before, query)| (before, Some(query)));
        let (scheme, text) = match text.split_once(':') {
            Some((scheme, rest)) if is_scheme(scheme) => (Some(scheme), rest),
            _ => (None, text),
        };
        let (authority, path) = match text.strip_prefix("//") {
            None => (None, text),
            Some(rest) => {
                let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
                (Some(authority), path)
            }
        };
        Self { scheme, authority, path, query }
    }
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'))
}

/// RFC 3986 §5.2.4, for a path that is absolute or empty.
fn remove_dot_segments(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    let mut segments = path.split('/').skip(1).peekable();
    while let Some(segment) = segments.next() {
        let last = segments.peek().is_none();
        match segment {
            "." => {}
            ".." => {
                kept.pop();
            }
            _ => {
                kept.push(segment);
                continue;
            }
        }
        if last {
            kept.push("");
        }
    }
    kept.iter().fold(String::new(), |path, segment| path + "/" + segment)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// RFC 3986 §5.4, on http.
    #[test]
    fn c15_the_examples_of_rfc_3986_resolve() {
        for (reference, expected) in [
            ("g", "http://a/b/c/g"),
            ("./g", "http://a/b/c/g"),
            ("g/", "http://a/b/c/g/"),
            ("/g", "http://a/g"),
            ("//g", "http://g"),
            ("?y", "http://a/b/c/d;p?y"),
            ("g?y", "http://a/b/c/g?y"),
            ("#s", "http://a/b/c/d;p?q"),
            ("g#s", "http://a/b/c/g"),
            (";x", "http://a/b/c/;x"),
            ("", "http://a/b/c/d;p?q"),
            (".", "http://a/b/c/"),
            ("./", "http://a/b/c/"),
            ("..", "http://a/b/"),
            ("../g", "http://a/b/g"),
            ("../../g", "http://a/g"),
            ("../../../g", "http://a/g"),
            ("/./g", "http://a/g"),
            ("/../g", "http://a/g"),
            ("g.", "http://a/b/c/g."),
            ("..g", "http://a/b/c/..g"),
            ("./g/.", "http://a/b/c/g/"),
            ("g/../h", "http://a/b/c/h"),
            ("g?y/../x", "http://a/b/c/g?y/../x"),
        ] {
            assert_eq!(resolve("http://a/b/c/d;p?q", reference).as_deref(), Some(expected), "{reference}");
        }
    }

    #[test]
    fn c4_a_location_is_absolute_or_relative_to_the_final_address() {
        let base = "https://edge.example.net:8443/whip/endpoint?x=1";
        for (location, expected) in [
            ("https://other.example.net/r/1?a=b", "https://other.example.net/r/1?a=b"),
            ("/whip/endpoint/42", "https://edge.example.net:8443/whip/endpoint/42"),
            ("endpoint/42", "https://edge.example.net:8443/whip/endpoint/42"),
            ("//third.example.net/42", "https://third.example.net/42"),
            ("HTTPS://Other.example.net/r", "HTTPS://Other.example.net/r"),
        ] {
            assert_eq!(resolve(base, location).as_deref(), Some(expected));
        }
        assert_eq!(resolve("https://a.example", "b").as_deref(), Some("https://a.example/b"));
    }

    #[test]
    fn c21_https_is_never_left() {
        assert_eq!(resolve("https://a.example/", "http://a.example/r"), None);
        assert_eq!(resolve("http://a.example/", "https://a.example/r").as_deref(), Some("https://a.example/r"));
        for location in ["javascript:alert(1)", "/a b", "/a\r\nb", "mailto:a@b", "https://", "http:"] {
            assert_eq!(resolve("https://a.example/", location), None, "{location}");
        }
        for base in
            ["", "/relative", "ftp://a.example/", "https:///x", "https://a.example/ b/", "https://a.exam\u{8}ple/"]
        {
            assert_eq!(resolve(base, "/r"), None, "{base}");
        }
    }

    proptest! {
        #[test]
        fn a_result_is_absolute_and_resolves_to_itself(reference in "[a-c:/.?#@ \u{e9}]{0,30}") {
            if let Some(url) = resolve("https://h.example/p/q?r", &reference) {
                prop_assert!(url.starts_with("https://"));
                prop_assert_eq!(resolve("https://other.example/", &url), Some(url));
            }
        }
    }
}
