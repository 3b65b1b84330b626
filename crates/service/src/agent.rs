//! A browser in a few words, for people who look at their sessions (`Firefox on Windows`) and for statistics.

use domain::software::{Release, Software};

/// The mark of a browser in the header, and its name. Each also claims to be those below it.
const BROWSERS: [(&str, &str); 9] = [
    ("EdgiOS/", "Edge"),
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
];

/// The mark of a system, its name, and what it is called in a sentence.
const SYSTEMS: [(&str, &str, &str); 7] = [
    ("iPhone", "iOS", "an iPhone"),
    ("iPad", "iPadOS", "an iPad"),
    ("Android", "Android", "Android"),
    ("CrOS", "ChromeOS", "a Chromebook"),
    ("Windows", "Windows", "Windows"),
    ("Mac OS X", "macOS", "a Mac"),
    ("Linux", "Linux", "Linux"),
];

fn browser(user_agent: &str) -> Option<&'static (&'static str, &'static str)> {
    BROWSERS.iter().find(|(mark, _)| user_agent.contains(mark))
}

fn system(user_agent: &str) -> Option<&'static (&'static str, &'static str, &'static str)> {
    SYSTEMS.iter().find(|(mark, ..)| user_agent.contains(mark))
}

/// Of a `User-Agent` header. What is not known is "A browser": nothing of the header itself is kept.
pub fn words(user_agent: &str) -> String {
    match (browser(user_agent), system(user_agent)) {
        (Some((_, browser)), Some((.., device))) => format!("{browser} on {device}"),
        (Some((_, browser)), None) => (*browser).to_owned(),
        (None, _) => "A browser".to_owned(),
    }
}

pub(crate) fn is_android(user_agent: &str) -> bool {
    user_agent.contains("Android")
}

/// Families and major versions, for statistics. Where a browser says the same of every system, there is no number.
pub(crate) fn software(user_agent: &str) -> Option<Software> {
    let ((mark, browser), (_, system, _)) = (browser(user_agent)?, system(user_agent)?);
    let after = |mark: &str| number_after(user_agent, mark);
    let major = match *browser {
        "Safari" => after("Version/"),
        _ => after(mark),
    };
    let system_major = match *system {
        // Safari has the number of its system, which goes on counting where that of the header stands still.
        "iOS" | "iPadOS" if *browser == "Safari" => major,
        "iOS" | "iPadOS" => after(" OS "),
        // "K" is whatever device it is, and 10 then whatever version.
        "Android" if !user_agent.contains("Android 10; K") => after("Android "),
        _ => None,
    };
    let browser = Release::browser(browser, major).ok()?;
    Some(Software { browser, system: Release::system(system, system_major).ok()? })
}

/// The whole number that follows a mark, or the rest of the mark's word and a slash: `Edg/138`, `EdgA/138`.
fn number_after(user_agent: &str, mark: &str) -> Option<u16> {
    let (_, rest) = user_agent.split_once(mark)?;
    let rest = rest.trim_start_matches(|letter: char| letter.is_ascii_alphabetic()).trim_start_matches('/');
    let digits = rest.find(|letter: char| !letter.is_ascii_digit()).map_or(rest, |end| &rest[..end]);
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_are_told_apart() {
        for (agent, said) in [
            ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Windows"),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
                "Safari on an iPhone",
            ),
            (
                "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Mobile Safari/537.36",
                "Chrome on Android",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36 Edg/138.0.0.0",
                "Edge on Windows",
            ),
            ("curl/8.14.1", "A browser"),
            ("", "A browser"),
        ] {
            assert_eq!(words(agent), said, "{agent}");
        }
    }

    #[test]
    fn versions_are_told_where_browsers_tell_them() {
        let iphone =
            |rest: &str| format!("Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 {rest}");
        let android = |device: &str, rest: &str| format!("Mozilla/5.0 (Linux; {device}) AppleWebKit/537.36 {rest}");
        let chrome = "(KHTML, like Gecko) Chrome/138.0.0.0 Mobile Safari/537.36";
        for (agent, said) in [
            (iphone("(KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1"), "Safari 18 on iOS 18"),
            (iphone("(KHTML, like Gecko) Version/26.1 Mobile/15E148 Safari/604.1"), "Safari 26 on iOS 26"),
            (iphone("(KHTML, like Gecko) CriOS/138.0.1 Mobile/15E148 Safari/604.1"), "Chrome 138 on iOS 18"),
            (
                iphone("(KHTML, like Gecko) Version/18.0 EdgiOS/137.0.1 Mobile/15E148 Safari/604.1"),
                "Edge 137 on iOS 18",
            ),
            (android("Android 10; K", chrome), "Chrome 138 on Android"),
            (android("Android 14; SM-S911B", chrome), "Chrome 138 on Android 14"),
            (android("Android 10; K", &format!("{chrome} EdgA/137.0.0.0")), "Edge 137 on Android"),
            (
                "Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0".into(),
                "Firefox 140 on Android 15",
            ),
            (
                "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 HeadlessChrome/156.0.0.0 Safari/537.36".into(),
                "Chrome 156 on Linux",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/99999999".into(),
                "Firefox on Windows",
            ),
        ] {
            assert_eq!(software(&agent).unwrap().to_string(), said, "{agent}");
        }
        for agent in ["", "curl/8.14.1", "Mozilla/5.0 (OBS-Studio/30.2.3; Linux x86_64; en-US)", "Chrome/138"] {
            assert_eq!(software(agent), None, "{agent}");
        }
    }
}
