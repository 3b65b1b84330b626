//! One of several instances behind one address.

use store::Engine;

use super::{ConfigError, Tls, wrong};

const NAME: &str = "EVERLIGHT_INSTANCE_ADDR";

/// Where the others reach this one; `None` where there are no others.
pub(super) fn address(text: &str, database_url: &str, tls: &Tls) -> Result<Option<String>, ConfigError> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let address = text.trim_end_matches('/');
    let expected = "an address in your private network, such as http://10.0.0.2:8080, with nothing after the port";
    let parsed = url::Url::parse(address).ok().filter(|url| url.scheme() == "http" && url.host().is_some());
    if parsed.is_none_or(|url| url.path() != "/" || url.query().is_some() || !url.username().is_empty()) {
        return Err(wrong(NAME, text, expected));
    }
    if Engine::of(database_url) != Engine::Postgres {
        return Err(ConfigError::Needs {
            name: NAME,
            needed: "a PostgreSQL in DATABASE_URL, which instances can share,",
        });
    }
    // What stands before all of them speaks TLS; a certificate of each instance would be for a name that it has not.
    if *tls != Tls::Off {
        return Err(ConfigError::Needs { name: NAME, needed: "EVERLIGHT_TLS=off, behind something that speaks TLS," });
    }
    Ok(Some(address.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const POSTGRES: &str = "postgres://everlight@db/everlight";

    #[test]
    fn an_instance_is_alone_unless_it_says_where_it_is() {
        assert_eq!(address("", "sqlite:x", &Tls::SelfSigned).unwrap(), None);
        let here = address("http://10.0.0.2:8080/", POSTGRES, &Tls::Off).unwrap();
        assert_eq!(here.as_deref(), Some("http://10.0.0.2:8080"));
    }

    #[test]
    fn what_cannot_be_stops_the_start_with_a_sentence() {
        for wrong in
            ["10.0.0.2:8080", "https://10.0.0.2", "http://10.0.0.2/x", "http://10.0.0.2?x", "http://a@b", "http://"]
        {
            let error = address(wrong, POSTGRES, &Tls::Off).unwrap_err().to_string();
            assert!(error.contains(NAME) && error.contains("such as http://10.0.0.2:8080"), "{error}");
        }
        let error = address("http://10.0.0.2:8080", "sqlite://x", &Tls::Off).unwrap_err().to_string();
        assert!(error.contains("PostgreSQL"), "{error}");
        let error = address("http://10.0.0.2:8080", POSTGRES, &Tls::SelfSigned).unwrap_err().to_string();
        assert!(error.contains("EVERLIGHT_TLS=off"), "{error}");
    }
}
