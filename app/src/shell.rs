//! The HTML document around every page: what the browser loads, and under which policy.

use std::sync::Arc;

use domain::language::Language;
use leptos::{nonce::use_nonce, prelude::*};
use leptos_axum::ResponseOptions;
use leptos_meta::MetaTags;

use crate::{App, ShownAgain, Streamer, components::browser_streamer::words};

/// Addresses of the built files, with their content's hash in the name.
#[derive(Debug, Clone, serde::Deserialize)]
pub struct Assets {
    /// The application's WASM module, and its glue.
    pub js: String,
    pub wasm: String,
    /// The streamer's page's.
    pub streamer_js: String,
    pub streamer_wasm: String,
    pub css: String,
    /// The mourner's page's style sheet itself: it stands in the page, so that nothing has to be asked for before it is
    /// seen. Without it the page links to [`Self::css`].
    #[serde(skip)]
    pub mourner_style: Option<Arc<str>>,
    /// The mourner's player: a small module of its own, so that the picture does not wait for the WASM.
    pub player: String,
    /// hls.js, for providers' HLS in browsers that do not play it by themselves.
    pub hls: String,
    /// The same with captions, for those who ask for them.
    pub captions: String,
}

/// Where the mourner's player finds [`Assets::hls`] and [`Assets::captions`].
#[derive(Debug, Clone)]
pub struct HlsLibraries {
    pub plain: String,
    pub captions: String,
}

/// Where providers play what they hold, for the pages' policy: origins with spaces between, may be empty.
#[derive(Debug, Clone, Default)]
pub struct MediaSources(pub String);

/// The language of whoever looks at a page that families see.
pub(crate) fn language() -> Language {
    let parts = use_context::<http::request::Parts>();
    let asked = parts.as_ref().and_then(|parts| parts.headers.get(http::header::ACCEPT_LANGUAGE)?.to_str().ok());
    asked.map(Language::preferred).unwrap_or_default()
}

/// A page of the application. Pages of mourners load the player only, never the WASM.
pub fn shell(assets: &Assets) -> impl IntoView + use<> {
    let path = use_context::<http::request::Parts>().map(|parts| parts.uri.path().to_owned()).unwrap_or_default();
    let sheet = Style::Sheet(assets.css.clone());
    let (script, language, style) = if path.starts_with("/watch/") {
        let style = assets.mourner_style.clone().map_or(sheet, Style::Here);
        (Script::Module { js: assets.player.clone() }, language(), style)
    } else {
        // Staff's pages have English words only.
        let script = Script::Wasm { js: assets.js.clone(), wasm: assets.wasm.clone(), needed: false };
        (script, Language::English, sheet)
    };
    provide_context(HlsLibraries { plain: assets.hls.clone(), captions: assets.captions.clone() });
    document(view! { <App/> }, None, language, &script, style)
}

/// The streamer's page.
pub fn streamer_shell(assets: &Assets) -> impl IntoView + use<> {
    let script = Script::Wasm { js: assets.streamer_js.clone(), wasm: assets.streamer_wasm.clone(), needed: true };
    let language = language();
    let title = format!("{} · Everlight", words::say(words::Word::FilmTheService));
    let page = view! {
        <Streamer/>
        <p id="too-old" class="notice" role="alert" hidden>{words::say(words::Word::TooOld)}</p>
        <p id="not-loaded" class="notice" role="alert" hidden>{words::say(words::Word::NotLoaded)}</p>
        <script nonce=use_nonce()>{CANNOT_RUN}</script>
        // What no browser carries out: the module reads it.
        <script type="text/plain" id=words::ELEMENT>{words::lines(language)}</script>
    };
    document(page, Some(title), language, &script, Style::Sheet(assets.css.clone()))
}

/// Puts one of the notices in the place of the controls, which without the module do nothing. In the language of the oldest
/// browsers: where it finds after everything else that the page's own script was not understood, it says so by itself.
const CANNOT_RUN: &str = "\
function cannotRun(id){\
var notice=document.getElementById(id),controls=document.querySelector('.streamer-controls');\
controls.parentNode.replaceChild(notice,controls);notice.hidden=false}\
addEventListener('load',function(){window.understood||cannotRun('too-old')})";

/// Why the module does not run: a browser that refuses what it is given is too old (one that does not know
/// `'wasm-unsafe-eval'` takes the page's policy for a ban), and everything else is mended by loading the page again.
const WHY_NOT: &str = "\
cannotRun(typeof WebAssembly=='undefined'||e instanceof WebAssembly.CompileError||e instanceof EvalError||\
e instanceof SyntaxError?'too-old':'not-loaded')";

/// What a page looks like.
enum Style {
    /// The address of the sheet.
    Sheet(String),
    /// The sheet itself, which is ours.
    Here(Arc<str>),
}

/// What makes a page come alive.
enum Script {
    Module {
        js: String,
    },
    /// Glue that is given its module and exports `hydrate`.
    Wasm {
        js: String,
        wasm: String,
        /// The page does nothing without it, and says so; others have forms that work.
        needed: bool,
    },
}

impl Script {
    fn js(&self) -> &str {
        match self {
            Self::Module { js } | Self::Wasm { js, .. } => js,
        }
    }

    fn wasm(&self) -> Option<&str> {
        match self {
            Self::Module { .. } => None,
            Self::Wasm { wasm, .. } => Some(wasm),
        }
    }

    fn start(&self) -> String {
        match self {
            Self::Module { js } => format!("import('{js}')"),
            Self::Wasm { js, wasm, needed } => {
                let (before, after) =
                    use_context::<ShownAgain>().map(|again| in_the_address(&again)).unwrap_or_default();
                let (first, why_not) = if *needed { ("window.understood=true;", WHY_NOT) } else { ("", "") };
                format!(
                    "{first}{before}import('{js}')\
                     .then(m=>m.default({{module_or_path:'{wasm}'}}).then(()=>{{m.hydrate();{after}}}))\
                     .catch(e=>{{console.warn(e);{after}{why_not}}})"
                )
            }
        }
    }
}

/// What was typed is in the address of a page that shows a form again only while the module takes the page over: there it
/// looks. Nothing is asked for at that address.
fn in_the_address(again: &ShownAgain) -> (String, String) {
    let set = |query: &str| {
        // Whatever stands in a query, in a script it is a word.
        let word = serde_json::json!(format!("?{query}")).to_string().replace('<', "\\u003c");
        format!("history.replaceState(null,'',{word});")
    };
    (set(&again.full), set(&again.short))
}

fn document<Page: IntoView>(
    page: Page,
    title: Option<String>,
    language: Language,
    script: &Script,
    style: Style,
) -> impl IntoView + use<Page> {
    let nonce = use_nonce();
    if let (Some(nonce), Some(response)) = (&nonce, use_context::<ResponseOptions>())
        && let Ok(policy) = http::HeaderValue::from_str(&content_security_policy(
            nonce,
            &use_context::<MediaSources>().unwrap_or_default().0,
        ))
    {
        response.insert_header(http::header::CONTENT_SECURITY_POLICY, policy);
    }
    view! {
        <!DOCTYPE html>
        <html lang=language.code()>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover"/>
                <meta name="color-scheme" content="light dark"/>
                <meta name="robots" content="noindex"/>
                <link rel="icon" href="/favicon.ico" sizes="32x32"/>
                <link rel="icon" href="/icon.svg" type="image/svg+xml"/>
                {match style {
                    Style::Sheet(css) => view! { <link rel="stylesheet" href=css/> }.into_any(),
                    Style::Here(css) => view! { <style nonce=nonce.clone() inner_html=css.to_string()></style> }.into_any(),
                }}
                <link rel="modulepreload" href=script.js().to_owned()/>
                {script.wasm().map(|wasm| view! {
                    <link rel="preload" href=wasm.to_owned() r#as="fetch" r#type="application/wasm" crossorigin="anonymous"/>
                })}
                {title.map(|title| view! { <title>{title}</title> })}
                <MetaTags/>
            </head>
            <body>
                {page}
                <script type="module" nonce=nonce>{script.start()}</script>
            </body>
        </html>
    }
}

/// Nothing but what is named: <https://cheatsheetseries.owasp.org/cheatsheets/Content_Security_Policy_Cheat_Sheet.html>,
/// ASVS 5.0 §3.4.3. WASM needs `'wasm-unsafe-eval'`; recordings that are not sent yet are `blob:`.
fn content_security_policy(nonce: &str, media: &str) -> String {
    format!(
        "default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval'; style-src 'self' \
         'nonce-{nonce}'; img-src 'self' data:; font-src 'self'; connect-src 'self' {media}; media-src 'self' blob: {media}; worker-src \
         'self' blob:; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_no_script() {
        let again = ShownAgain { short: "again=1".into(), full: r#"x=');"</script><script>alert(1)&email=a"#.into() };
        let (before, after) = in_the_address(&again);
        assert_eq!(before, r#"history.replaceState(null,'',"?x=');\"\u003c/script>\u003cscript>alert(1)&email=a");"#);
        assert_eq!(after, r#"history.replaceState(null,'',"?again=1");"#);
    }

    #[test]
    fn a_module_that_does_not_run_is_nobodys_unhandled_error() {
        let start = |needed| Script::Wasm { js: "/a.js".into(), wasm: "/a.wasm".into(), needed }.start();
        assert!(
            start(false).starts_with("import('/a.js').then(")
                && start(false).ends_with(".catch(e=>{console.warn(e);})")
        );
        assert!(start(true).starts_with("window.understood=true;import(") && start(true).contains("cannotRun("));
    }
}
