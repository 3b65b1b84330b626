//! How the pass of a mourner who said the passcode travels: a cookie for each place under which that service lies, and
//! for no other service.

use std::time::Duration;

use domain::{Slug, Token};

use crate::cookie;

/// Longer than a service is shown by default; a new passcode ends it at once.
const PASS_LIFE: Duration = Duration::from_secs(60 * 24 * 60 * 60);

#[derive(Debug, Clone)]
pub struct PassCookie {
    name: &'static str,
    attributes: &'static str,
}

impl PassCookie {
    pub fn for_site(public_url: &str) -> Self {
        if public_url.starts_with("https://") {
            // Not `__Host-`: that would send every service's pass with every request.
            Self { name: "__Secure-everlight-watch", attributes: "Secure; HttpOnly; SameSite=Lax" }
        } else {
            Self { name: "everlight-watch", attributes: "HttpOnly; SameSite=Lax" }
        }
    }

    /// `Set-Cookie`, for the page with its events and recordings, and for the live picture both ways.
    pub fn set(&self, slug: &Slug, pass: &Token) -> [String; 3] {
        ["watch", "whep", "hls"].map(|place| {
            let (name, attributes, age) = (self.name, self.attributes, PASS_LIFE.as_secs());
            format!("{name}={}; Path=/{place}/{slug}; {attributes}; Max-Age={age}", pass.expose())
        })
    }

    /// The pass in `Cookie` headers.
    pub fn read<'a>(&self, headers: impl Iterator<Item = &'a str>) -> Option<Token> {
        cookie::find(self.name, headers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pass_goes_to_its_own_service_only() {
        let cookie = PassCookie::for_site("https://live.example.com");
        let (slug, pass) = (Slug::from_random([1; 16]), Token::from_bytes([2; 32]));
        for (header, place) in cookie.set(&slug, &pass).iter().zip(["watch", "whep", "hls"]) {
            assert!(header.starts_with("__Secure-everlight-watch=0202"), "{header}");
            for attribute in [&format!("Path=/{place}/{slug};"), "Secure;", "HttpOnly;", "SameSite=Lax;"] {
                assert!(header.contains(attribute), "{header} lacks {attribute}");
            }
        }
    }

    #[test]
    fn a_pass_is_found_among_other_cookies() {
        let cookie = PassCookie::for_site("http://localhost:3000");
        let pass = Token::from_bytes([2; 32]);
        let header = format!("a=b; everlight-watch=junk; everlight-watch={}", pass.expose());
        assert_eq!(cookie.read([header.as_str()].into_iter()), Some(pass));
        assert_eq!(cookie.read(["everlight=1", "x"].into_iter()), None);
    }
}
