//! Which browser this is, and what a person has to tap in it so that the page gets camera and microphone.

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
    InApp(&'static str),
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
    ("GSA/", "the Google app"),
];

impl Browser {
    /// `touch`: whether the device has a touch screen. An iPad's browser says that it is a Mac's.
    pub fn of(user_agent: &str, touch: bool) -> Self {
        let is = |part: &str| user_agent.contains(part);
        if let Some((_, app)) = APPS.iter().find(|(mark, _)| is(mark)) {
            return Self::InApp(app);
        }
        if is("; wv)") {
            return Self::InApp("another app");
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
    pub const fn better(self) -> &'static str {
        match self {
            Self::IosSafari | Self::IosOther(_) => "Safari",
            _ => "Chrome or Safari",
        }
    }

    /// What to tap after camera and microphone were refused.
    pub fn steps(self) -> &'static [&'static str] {
        match self {
            Self::IosSafari => &[
                "Tap the page symbol to the left of the address, then \u{201c}Website Settings\u{201d}.",
                "Set Camera and Microphone to \u{201c}Allow\u{201d}.",
                "If that does not help: Settings, Apps, Safari, then Camera and Microphone.",
            ],
            Self::IosOther("Firefox") => {
                &["Open the iPhone\u{2019}s Settings, then Apps, then Firefox.", "Switch Camera and Microphone on."]
            }
            Self::IosOther("Edge") => {
                &["Open the iPhone\u{2019}s Settings, then Apps, then Edge.", "Switch Camera and Microphone on."]
            }
            Self::IosOther(_) => {
                &["Open the iPhone\u{2019}s Settings, then Apps, then Chrome.", "Switch Camera and Microphone on."]
            }
            Self::AndroidChrome => &[
                "Tap the symbol to the left of the address, then \u{201c}Permissions\u{201d}.",
                "Switch Camera and Microphone on.",
                "If they are not listed: the phone\u{2019}s Settings, Apps, Chrome, Permissions.",
            ],
            Self::Samsung => &[
                "Tap the lock to the left of the address, then \u{201c}Permissions\u{201d}.",
                "Allow Camera and Microphone.",
                "If that does not help: the phone\u{2019}s Settings, Apps, Samsung Internet, Permissions.",
            ],
            Self::AndroidFirefox => &[
                "Tap the lock to the left of the address.",
                "Tap \u{201c}Blocked\u{201d} beside Camera and Microphone, so that it says \u{201c}Allowed\u{201d}.",
                "If that does not help: the phone\u{2019}s Settings, Apps, Firefox, Permissions.",
            ],
            Self::DesktopSafari => &[
                "In the menu, choose Safari, then \u{201c}Settings for This Website\u{201d}.",
                "Set Camera and Microphone to \u{201c}Allow\u{201d}.",
            ],
            Self::DesktopFirefox => &[
                "Click the crossed-out camera to the left of the address.",
                "Remove the block of Camera and Microphone.",
            ],
            Self::Desktop => &["Click the symbol to the left of the address.", "Switch Camera and Microphone on."],
            Self::InApp(_) => {
                &["Copy the link below.", "Open Safari or Chrome, and paste the link into the address bar."]
            }
        }
    }

    /// How to keep the screen on where a page cannot.
    pub const fn screen_stays_on(self) -> &'static str {
        match self {
            Self::IosSafari | Self::IosOther(_) | Self::InApp(_) => {
                "In the iPhone\u{2019}s Settings, Display & Brightness, set Auto-Lock to \u{201c}Never\u{201d} until the service is over."
            }
            Self::AndroidChrome | Self::Samsung | Self::AndroidFirefox => {
                "In the phone\u{2019}s Settings, Display, set the screen time-out to the longest time, and touch the screen now and then."
            }
            Self::DesktopSafari | Self::DesktopFirefox | Self::Desktop => {
                "In the computer\u{2019}s settings, switch off sleep until the service is over."
            }
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
                Browser::InApp("Facebook"),
            ),
            (
                "Mozilla/5.0 (Linux; Android 14; SM-S918B; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/126.0 Mobile Safari/537.36 Instagram 335.0",
                true,
                Browser::InApp("Instagram"),
            ),
            (
                "Mozilla/5.0 (Linux; Android 14; SM-S918B; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/126.0 Mobile Safari/537.36",
                true,
                Browser::InApp("another app"),
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
            InApp("Facebook"),
        ] {
            assert!(
                browser.steps().len() >= 2 && browser.steps().iter().all(|step| step.ends_with('.')),
                "{browser:?}"
            );
        }
    }
}
