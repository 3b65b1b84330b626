//! "Who may watch?" in "New service" and "Edit service".

use domain::privacy::PrivacyDocument;
use leptos::prelude::*;
use leptos_router::params::ParamsMap;

/// What stands in the fields at first. The passcode never does: only its hash is known.
#[derive(Debug, Clone, Default)]
pub struct PrivacyInitial {
    has_passcode: bool,
    needs_approval: bool,
    downloads: bool,
    listed: bool,
    until: String,
}

impl From<&PrivacyDocument> for PrivacyInitial {
    fn from(privacy: &PrivacyDocument) -> Self {
        Self {
            has_passcode: privacy.passcode,
            needs_approval: privacy.needs_approval,
            downloads: privacy.downloads,
            listed: privacy.listed,
            until: privacy.until_date.clone(),
        }
    }
}

impl PrivacyInitial {
    /// What was typed, when the server sent a plain form back.
    #[must_use]
    pub fn or_typed(self, query: &ParamsMap) -> Self {
        let ticked = |name, before| query.get_str(name).map_or(before, |typed| typed == "on");
        Self {
            has_passcode: self.has_passcode,
            needs_approval: ticked("needs_approval", self.needs_approval),
            downloads: ticked("downloads", self.downloads),
            listed: ticked("listed", self.listed),
            until: query.get("until").unwrap_or(self.until),
        }
    }
}

#[component]
pub fn PrivacyFieldset(initial: PrivacyInitial) -> impl IntoView {
    let hint = if initial.has_passcode {
        "There is one already. Leave this empty to keep it; a new one shuts out whoever knows only the old one."
    } else {
        "Those who watch type it once. Leave it empty and the link alone is enough."
    };
    view! {
        <fieldset class="choices">
            <legend>"Who may watch?"</legend>
            <label class="field">
                <span>"Passcode " <small>"(may be empty)"</small></span>
                <input
                    type="text"
                    name="privacy[passcode]"
                    autocomplete="off"
                    autocapitalize="none"
                    spellcheck="false"
                    maxlength="80"
                    aria-describedby="passcode-hint"
                />
                <small id="passcode-hint">{hint} " At least six letters or digits."</small>
            </label>
            {initial.has_passcode.then(|| view! {
                <Tick name="privacy[no_passcode]" title="No passcode any more" hint="The link alone is enough." ticked=false/>
            })}
            <Tick
                name="privacy[needs_approval]"
                title="Hide the recording until it is approved"
                hint="The live picture is shown as always. The recording waits until you show it."
                ticked=initial.needs_approval
            />
            <Tick
                name="privacy[downloads]"
                title="Those who watch may keep the recording"
                hint="They see a button to download it."
                ticked=initial.downloads
            />
            <Tick
                name="privacy[listed]"
                title="Mention it with the other services"
                hint="The viewer pages of this memorial\u{2019}s other services lead here."
                ticked=initial.listed
            />
            <label class="field">
                <span>"Last day to watch " <small>"(may be empty)"</small></span>
                <input type="date" name="privacy[until]" value=initial.until aria-describedby="until-hint"/>
                <small id="until-hint">"Empty means 30 days after the service. Nothing is deleted then: it is no longer shown."</small>
            </label>
        </fieldset>
    }
}

#[component]
fn Tick(name: &'static str, title: &'static str, hint: &'static str, ticked: bool) -> impl IntoView {
    view! {
        <label class="choice">
            <input type="checkbox" name=name value="on" checked=ticked/>
            <span>
                <strong>{title}</strong>
                <small>{hint}</small>
            </span>
        </label>
    }
}
