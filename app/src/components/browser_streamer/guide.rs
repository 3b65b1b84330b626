//! Which browser this is, and what a person has to tap in it so that the page gets camera and microphone.

use super::words::{Word, say};

/// The browsers whose steps differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Browser {
    IosSafari,
    /// Chrome, Firefox or Edge on an iPhone, by their names in the settings.
    IosOther(&'static str),
    AndroidChrome,
    Samsung,
    AndroidFirefox,
    DesktopSafari,
    DesktopFirefox,
    /// Chrome and Edge.
    Desktop,
    /// A browser inside another app, by the app's name where it tells.
    InApp(Option<&'static str>),
}

const APPS: [(&str, &str); 12] = [
    ("FBAN", "Facebook"),
    ("FBAV", "Facebook"),
    ("Instagram", "Instagram"),
    ("musical_ly", "TikTok"),
    ("BytedanceWebview", "TikTok"),
    ("TikTok", "TikTok"),
    ("Snapchat", "Snapchat"),
    ("LinkedInApp", "LinkedIn"),
    ("Twitter", "X"),
    (" Line/", "Line"),
    ("MicroMessenger", "WeChat"),
    ("GSA/", "Google"),
];

impl Browser {
    /// `touch`: whether the device has a touch screen. An iPad's browser says that it is a Mac's.
    pub fn of(user_agent: &str, touch: bool) -> Self {
        let is = |part: &str| user_agent.contains(part);
        if let Some((_, app)) = APPS.iter().find(|(mark, _)| is(mark)) {
            return Self::InApp(Some(app));
        }
        if is("; wv)") {
            return Self::InApp(None);
        }
        if is("iPhone") || is("iPad") || (is("Macintosh") && touch) {
            return match () {
                () if is("CriOS") => Self::IosOther("Chrome"),
                () if is("FxiOS") => Self::IosOther("Firefox"),
                () if is("EdgiOS") => Self::IosOther("Edge"),
                () => Self::IosSafari,
            };
        }
        match () {
            () if is("SamsungBrowser") => Self::Samsung,
            () if is("Android") && is("Firefox") => Self::AndroidFirefox,
            () if is("Android") => Self::AndroidChrome,
            () if is("Firefox") => Self::DesktopFirefox,
            () if is("Safari") && !is("Chrome") && !is("Chromium") => Self::DesktopSafari,
            () => Self::Desktop,
        }
    }

    pub fn is_in_app(self) -> bool {
        matches!(self, Self::InApp(_))
    }

    /// The browser that opens the link properly on this device.
    pub fn better(self) -> &'static str {
        match self {
            Self::IosSafari | Self::IosOther(_) => "Safari",
            _ => say(Word::SafariOrChrome),
        }
    }

    /// Its name in the phone's settings, where the steps need it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::IosOther(name) => name,
            _ => "",
        }
    }

    /// What to tap after camera and microphone were refused. [`Browser::name`] belongs into it.
    pub const fn steps(self) -> &'static [Word] {
        use Word::*;
        match self {
            Self::IosSafari => &[PageSymbolSettings, SetToAllow, SafariInSettings],
            Self::IosOther(_) => &[AppInSettings, SwitchOn],
            Self::AndroidChrome => &[SymbolPermissions, SwitchOn, ChromeInSettings],
            Self::Samsung => &[LockPermissions, AllowDevices, SamsungInSettings],
            Self::AndroidFirefox => &[TapLock, TapBlocked, FirefoxInSettings],
            Self::DesktopSafari => &[MenuSafari, SetToAllow],
            Self::DesktopFirefox => &[ClickCamera, RemoveBlock],
            Self::Desktop => &[ClickSymbol, SwitchOn],
            Self::InApp(_) => &[CopyLinkBelow, PasteInBrowser],
        }
    }

    /// How to keep the screen on where a page cannot.
    pub const fn screen_stays_on(self) -> Word {
        match self {
            Self::IosSafari | Self::IosOther(_) | Self::InApp(_) => Word::IphoneStaysOn,
            Self::AndroidChrome | Self::Samsung | Self::AndroidFirefox => Word::PhoneStaysOn,
            Self::DesktopSafari | Self::DesktopFirefox | Self::Desktop => Word::ComputerStaysOn,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_are_told_apart() {
        for (agent, touch, browser) in [
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
                true,
                Browser::IosSafari,
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15",
                true,
                Browser::IosSafari,
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15",
                false,
                Browser::DesktopSafari,
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/126.0 Mobile/15E148 Safari/604.1",
                true,
                Browser::IosOther("Chrome"),
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) FxiOS/127.0 Mobile/15E148 Safari/605.1.15",
                true,
                Browser::IosOther("Firefox"),
            ),
            (
                "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36",
                true,
                Browser::AndroidChrome,
            ),
            (
                "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/25.0 Chrome/121.0.0.0 Mobile Safari/537.36",
                true,
                Browser::Samsung,
            ),
            ("Mozilla/5.0 (Android 14; Mobile; rv:127.0) Gecko/127.0 Firefox/127.0", true, Browser::AndroidFirefox),
            ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", false, Browser::DesktopFirefox),
            (
                "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36",
                false,
                Browser::Desktop,
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 [FBAN/FBIOS;FBAV/470.0]",
                true,
                Browser::InApp(Some("Facebook")),
            ),
            (
                "Mozilla/5.0 (Linux; Android 14; SM-S918B; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/126.0 Mobile Safari/537.36 Instagram 335.0",
                true,
                Browser::InApp(Some("Instagram")),
            ),
            (
                "Mozilla/5.0 (Linux; Android 14; SM-S918B; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/126.0 Mobile Safari/537.36",
                true,
                Browser::InApp(None),
            ),
        ] {
            assert_eq!(Browser::of(agent, touch), browser, "{agent}");
        }
    }

    #[test]
    fn each_browser_has_steps() {
        use Browser::*;
        for browser in [
            IosSafari,
            IosOther("Chrome"),
            IosOther("Firefox"),
            AndroidChrome,
            Samsung,
            AndroidFirefox,
            DesktopSafari,
            DesktopFirefox,
            Desktop,
            InApp(Some("Facebook")),
        ] {
            assert!(
                browser.steps().len() >= 2 && browser.steps().iter().all(|step| say(*step).ends_with('.')),
                "{browser:?}"
            );
        }
    }
}
