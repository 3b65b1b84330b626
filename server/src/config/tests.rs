use super::*;

fn check(settings: &[(&str, &str)], environment: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let mut figment = Figment::from(Serialized::defaults(Written::default()));
    for (name, value) in settings {
        figment = figment.merge((*name, *value));
    }
    let environment: std::collections::HashMap<_, _> = environment.iter().copied().collect();
    Config::check(&figment, |name| environment.get(name).map(|value| (*value).to_owned()))
}

#[test]
fn nothing_set_is_a_server_on_this_computer() {
    let config = check(&[], &[]).unwrap();
    assert_eq!(config.public_url, "http://localhost:3000");
    assert_eq!(config.database_url, "sqlite://data/everlight.db?mode=rwc");
    assert_eq!(config.tls, Tls::Off);
}

#[test]
fn each_wrong_value_is_named_in_a_sentence() {
    for (name, value, variable) in [
        ("addr", "3000", "EVERLIGHT_ADDR"),
        ("addr", " ", "EVERLIGHT_ADDR"),
        ("public_url", "live.example.com", "EVERLIGHT_PUBLIC_URL"),
        ("public_url", "https://live.example.com/app", "EVERLIGHT_PUBLIC_URL"),
        ("webrtc_addr", "udp", "EVERLIGHT_WEBRTC_ADDR"),
        ("webrtc_tcp_addr", "tcp", "EVERLIGHT_WEBRTC_TCP_ADDR"),
        ("webrtc_public_ip", "example.com", "EVERLIGHT_WEBRTC_PUBLIC_IP"),
        ("trusted_proxies", "my-proxy", "EVERLIGHT_TRUSTED_PROXIES"),
        ("tls", "yes", "EVERLIGHT_TLS"),
        ("tls", "acme", "EVERLIGHT_PUBLIC_URL"),
        ("route", "relay", "EVERLIGHT_ROUTE"),
        ("log_format", "xml", "EVERLIGHT_LOG_FORMAT"),
        ("metrics_addr", "9100", "EVERLIGHT_METRICS_ADDR"),
        ("redirect_addr", "80", "EVERLIGHT_REDIRECT_ADDR"),
        ("min_free_mb", "5 GB", "EVERLIGHT_MIN_FREE_MB"),
        ("delete_after", "a month", "EVERLIGHT_DELETE_AFTER"),
        ("delete_after", "0", "EVERLIGHT_DELETE_AFTER"),
        ("security_contact", "http://example.com", "EVERLIGHT_SECURITY_CONTACT"),
        ("security_contact", "me@example.com\nContact: else", "EVERLIGHT_SECURITY_CONTACT"),
    ] {
        let error = check(&[(name, value)], &[]).unwrap_err().to_string();
        assert!(error.contains(variable), "{name}={value}: {error}");
    }
}

#[test]
fn whoever_is_told_of_vulnerabilities_has_an_address_or_a_page() {
    for (written, taken) in [
        ("", None),
        ("security@example.com", Some("mailto:security@example.com")),
        ("mailto:security@example.com", Some("mailto:security@example.com")),
        ("https://example.com/security", Some("https://example.com/security")),
    ] {
        assert_eq!(check(&[("security_contact", written)], &[]).unwrap().security_contact.as_deref(), taken);
    }
}

#[test]
fn a_wrong_database_address_is_not_repeated() {
    let error = check(&[], &[("DATABASE_URL", "mysql://root:hunter2@db")]).unwrap_err().to_string();
    assert!(!error.contains("hunter2"), "{error}");
    assert!(matches!(check(&[], &[("DATABASE_URL", "")]), Err(ConfigError::Empty { .. })));
}

#[test]
fn every_setting_is_explained() {
    let explained = include_str!("../../../.env.example");
    let settings = serde_json::to_value(Written::default()).unwrap();
    let names = settings.as_object().unwrap().keys().map(|name| format!("EVERLIGHT_{}", name.to_uppercase()));
    let others = [
        "DATABASE_URL",
        "LEPTOS_SITE_ROOT",
        "CLOUDFLARE_ACCOUNT_ID",
        "CLOUDFLARE_API_TOKEN",
        "CLOUDFLARE_BASE_URL",
        "CLOUDFLARE_WEBHOOK_SECRET",
        "CLOUDFLARE_NOTIFICATION_SECRET",
        "CLOUDFLARE_SIGNING_KEY_ID",
        "CLOUDFLARE_SIGNING_PEM",
        "MUX_TOKEN_ID",
        "MUX_TOKEN_SECRET",
        "MUX_BASE_URL",
        "MUX_WEBHOOK_SECRET",
        "MUX_WEBHOOK_SECRET_PREVIOUS",
        "MUX_SIGNING_KEY",
        "MUX_PRIVATE_KEY",
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        "OTEL_EXPORTER_OTLP_HEADERS",
        "OTEL_SERVICE_NAME",
        "OTEL_TRACES_SAMPLER_ARG",
    ];
    for name in names.chain(others.map(str::to_owned)) {
        assert!(explained.contains(&format!("#{name}=")), "{name} is missing from .env.example");
    }
}

#[test]
fn the_settings_file_is_one_that_the_server_takes() {
    let file = Figment::from(Serialized::defaults(Written::default()))
        .merge(Toml::string(include_str!("../../../Leptos.toml")).nested())
        .select(SECTION);
    Config::check(&file, |_| None).unwrap();
}

#[test]
fn several_public_addresses_are_taken() {
    let config = check(&[("webrtc_public_ip", "203.0.113.9, 2001:db8::9")], &[]).unwrap();
    assert_eq!(config.webrtc_public_ips.len(), 2);
}
