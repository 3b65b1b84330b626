//! The `Link` header field (RFC 8288), and the ICE servers that a WHIP server names in it (RFC 9725 §4.6).

use std::fmt;

/// One element of a `Link` field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// What stands between `<` and `>`, unresolved.
    pub target: String,
    /// Parameters in order, names in lower case.
    pub params: Vec<(String, String)>,
}

impl Link {
    /// The first parameter of that name.
    pub fn param(&self, name: &str) -> Option<&str> {
        self.params.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Whether `rel` holds this relation type; types are compared without case (RFC 8288 §2.1.1).
    pub fn has_rel(&self, rel: &str) -> bool {
        self.param("rel").is_some_and(|value| value.split_ascii_whitespace().any(|it| it.eq_ignore_ascii_case(rel)))
    }
}

/// Reads a field value, or several joined by commas as `Headers.get` of a browser returns them. What cannot be read is
/// skipped up to the next element: one server's slip must not cost the links beside it.
pub fn parse(value: &str) -> Vec<Link> {
    let mut links = Vec::new();
    let mut rest = value;
    loop {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        if rest.is_empty() {
            return links;
        }
        let Some((target, after)) = rest.strip_prefix('<').and_then(|it| it.split_once('>')) else {
            rest = skip_element(rest);
            continue;
        };
        let (params, after) = parse_params(after);
        links.push(Link { target: target.trim().to_owned(), params });
        rest = skip_element(after);
    }
}

/// `; name=value` as long as they come.
fn parse_params(mut rest: &str) -> (Vec<(String, String)>, &str) {
    let mut params = Vec::new();
    while let Some(after) = rest.trim_start().strip_prefix(';') {
        let after = after.trim_start();
        let end = after.find(['=', ';', ',', ' ', '\t']).unwrap_or(after.len());
        let (name, after) = after.split_at(end);
        let after = after.trim_start();
        let (value, after) = match after.strip_prefix('=').map(str::trim_start) {
            None => (String::new(), after),
            Some(quoted) if quoted.starts_with('"') => unquote(&quoted[1..]),
            Some(bare) => {
                let end = bare.find([';', ',', ' ', '\t']).unwrap_or(bare.len());
                (bare[..end].to_owned(), &bare[end..])
            }
        };
        if !name.is_empty() {
            params.push((name.to_ascii_lowercase(), value));
        }
        rest = after;
    }
    (params, rest)
}

/// The text up to the closing quote, escapes undone, and what follows it.
fn unquote(text: &str) -> (String, &str) {
    let mut value = String::new();
    let mut escaped = false;
    for (at, character) in text.char_indices() {
        match character {
            '\\' if !escaped => escaped = true,
            '"' if !escaped => return (value, &text[at + 1..]),
            _ => {
                value.push(character);
                escaped = false;
            }
        }
    }
    (value, "")
}

/// From the next comma that stands outside quotes.
fn skip_element(text: &str) -> &str {
    let mut quoted = false;
    let mut escaped = false;
    for (at, character) in text.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            ',' if !quoted => return &text[at..],
            _ => {}
        }
    }
    ""
}

/// A STUN or TURN server for the client's peer connection.
#[derive(Clone, PartialEq, Eq)]
pub struct IceServer {
    /// `stun:`, `stuns:`, `turn:` or `turns:`.
    pub url: String,
    pub username: Option<String>,
    pub credential: Option<String>,
}

/// The credential stays out of logs.
impl fmt::Debug for IceServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IceServer").field("url", &self.url).finish_non_exhaustive()
    }
}

impl IceServer {
    /// A `Link` field value for the `201`.
    pub fn to_link(&self) -> String {
        let mut link = format!("<{}>; rel=\"ice-server\"", self.url);
        for (name, value) in [("username", &self.username), ("credential", &self.credential)] {
            let Some(value) = value else { continue };
            link.push_str("; ");
            link.push_str(name);
            link.push_str("=\"");
            for character in value.chars() {
                if matches!(character, '"' | '\\') {
                    link.push('\\');
                }
                link.push(character);
            }
            link.push('"');
        }
        if self.credential.is_some() {
            link.push_str("; credential-type=\"password\"");
        }
        link
    }
}

/// The ICE servers among the links. Relations that are not known are ignored (RFC 9725 §4.9), and so are servers that a
/// browser would refuse (unknown scheme or credential type, TURN without credentials): one of them makes
/// `setConfiguration` throw for all.
pub fn ice_servers(value: &str) -> Vec<IceServer> {
    parse(value)
        .into_iter()
        .filter(|link| link.has_rel("ice-server"))
        .filter(|link| link.param("credential-type").is_none_or(|it| it.eq_ignore_ascii_case("password")))
        .map(|link| IceServer {
            username: link.param("username").map(str::to_owned),
            credential: link.param("credential").map(str::to_owned),
            url: link.target,
        })
        .filter(|server| match server.url.split_once(':') {
            Some((scheme, rest)) if !rest.is_empty() => match scheme.to_ascii_lowercase().as_str() {
                "stun" | "stuns" => true,
                "turn" | "turns" => server.username.is_some() && server.credential.is_some(),
                _ => false,
            },
            _ => false,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn server(url: &str, account: Option<(&str, &str)>) -> IceServer {
        IceServer {
            url: url.into(),
            username: account.map(|it| it.0.into()),
            credential: account.map(|it| it.1.into()),
        }
    }

    /// The example of RFC 9725 §4.6, as a browser joins its fields.
    const EXAMPLE: &str = "<stun:stun.example.net>; rel=\"ice-server\", \
        <turn:turn.example.net?transport=udp>; rel=\"ice-server\"; username=\"user\"; credential=\"myPassword\"; \
        credential-type=\"password\", \
        <turns:turn.example.net?transport=tcp>; rel=\"ice-server\"; username=\"user\"; credential=\"my,P;a\\\"ss\"; \
        credential-type=\"password\"";

    #[test]
    fn c17_ice_servers_are_read() {
        assert_eq!(
            ice_servers(EXAMPLE),
            [
                server("stun:stun.example.net", None),
                server("turn:turn.example.net?transport=udp", Some(("user", "myPassword"))),
                server("turns:turn.example.net?transport=tcp", Some(("user", "my,P;a\"ss"))),
            ]
        );
    }

    #[test]
    fn c17_servers_that_a_browser_would_refuse_are_left_out() {
        let value = "<turn:a.example>; rel=ice-server, <http://b.example>; rel=ice-server, <stun:>; rel=ice-server, \
            <turn:c.example>; rel=ice-server; username=u; credential=t; credential-type=oauth, \
            <STUN:d.example>; REL=\"ICE-SERVER other\"";
        assert_eq!(ice_servers(value), [server("STUN:d.example", None)]);
    }

    #[test]
    fn c20_unknown_relations_are_ignored() {
        let value = "<https://a.example/x>; rel=\"urn:ietf:params:whip:ext:core:server-sent-events\"; events=\"a,b\", \
            <stun:s.example>; rel=ice-server, <stun:no-rel.example>";
        assert_eq!(ice_servers(value), [server("stun:s.example", None)]);
    }

    #[test]
    fn what_cannot_be_read_costs_no_neighbour() {
        for broken in ["garbage", "<unclosed", "<a>; =x", "<a> stray; rel=\"x,y\"", "\"a,b\"", "<a>; rel"] {
            let value = format!("<stun:one>; rel=ice-server, {broken} , <stun:two>; rel=ice-server");
            let urls: Vec<_> = ice_servers(&value).into_iter().map(|it| it.url).collect();
            assert!(urls.contains(&"stun:one".to_owned()), "{broken}: {urls:?}");
            assert!(broken == "<unclosed" || urls.contains(&"stun:two".to_owned()), "{broken}: {urls:?}");
        }
    }

    #[test]
    fn the_credential_is_not_printed() {
        assert!(!format!("{:?}", server("turn:t", Some(("u", "secret")))).contains("secret"));
    }

    proptest! {
        #[test]
        fn s20_every_server_survives_writing_and_reading(
            host in "[a-z0-9.,;?=]{1,20}", account in prop::option::of(("[ -~]{0,20}", "[ -~]{0,20}")), copies in 1..4usize,
        ) {
            let scheme = if account.is_some() { "turn" } else { "stun" };
            let server = server(&format!("{scheme}:{host}"), account.as_ref().map(|(u, c)| (u.as_str(), c.as_str())));
            let value = vec![server.to_link(); copies].join(", ");
            prop_assert_eq!(ice_servers(&value), vec![server; copies]);
        }

        #[test]
        fn any_text_is_read(value in "[<>;,=\"\\\\ a-c\u{e9}]{0,60}") {
            let _ = parse(&value);
        }
    }
}
