//! How a session travels.

use domain::Token;

use crate::accounts::{NewSession, SESSION_LIFE};

/// How a session travels: `__Host-` and `Secure` wherever the site is served over HTTPS (ASVS 5.0 §3.3).
#[derive(Debug, Clone)]
pub struct SessionCookie {
    name: &'static str,
    attributes: &'static str,
}

impl SessionCookie {
    pub fn for_site(public_url: &str) -> Self {
        if public_url.starts_with("https://") {
            Self { name: "__Host-everlight", attributes: "Path=/; Secure; HttpOnly; SameSite=Lax" }
        } else {
            Self { name: "everlight", attributes: "Path=/; HttpOnly; SameSite=Lax" }
        }
    }

    pub fn set(&self, session: &NewSession) -> String {
        format!("{}={}; {}; Max-Age={}", self.name, session.token.expose(), self.attributes, SESSION_LIFE.as_secs())
    }

    pub fn clear(&self) -> String {
        format!("{}=; {}; Max-Age=0", self.name, self.attributes)
    }

    /// The session's token in a `Cookie` header.
    pub fn read(&self, header: &str) -> Option<Token> {
        find(self.name, [header])
    }
}

/// The token in the cookie of this name. Of several of the name the first that parses counts.
pub(crate) fn find<'a>(name: &str, headers: impl IntoIterator<Item = &'a str>) -> Option<Token> {
    let pairs = headers.into_iter().flat_map(|header| header.split(';'));
    let pairs = pairs.filter_map(|pair| pair.trim().split_once('='));
    pairs.filter(|(found, _)| *found == name).find_map(|(_, value)| value.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cookie_of_an_https_site_cannot_be_set_by_a_neighbour() {
        let cookie = SessionCookie::for_site("https://live.example.com");
        let session = NewSession { token: Token::from_bytes([1; 32]), waiting: false };
        let header = cookie.set(&session);
        assert!(header.starts_with("__Host-everlight=0101"), "{header}");
        for attribute in ["Path=/", "Secure", "HttpOnly", "SameSite=Lax"] {
            assert!(header.contains(attribute), "{header} lacks {attribute}");
        }
        assert!(!header.contains("Domain"));
    }

    #[test]
    fn a_cookie_is_found_among_others() {
        let cookie = SessionCookie::for_site("http://localhost:3000");
        let token = Token::from_bytes([2; 32]);
        let header = format!("theme=dark; everlight=junk; everlight={}; x", token.expose());
        assert_eq!(cookie.read(&header), Some(token));
        assert_eq!(cookie.read("everlight="), None);
    }
}
