//! "Backup recording" in the form of a new service.

use domain::{Provider, document::Installation};
use leptos::prelude::*;

#[component]
pub fn BackupField(
    installation: Installation,
    /// `on` or `off`, when the server sent a plain form back.
    typed: Option<String>,
) -> impl IntoView {
    let Installation { providers, .. } = installation;
    let possible = providers.len() > 1;
    let ticked = possible && typed.is_none_or(|typed| typed == "on");
    let words = backup_words(&providers);
    view! {
        <fieldset class="choices">
            <legend>"Backup recording"</legend>
            <label class="choice">
                <input
                    type="checkbox"
                    name="backup"
                    value="on"
                    checked=ticked
                    disabled=!possible
                    aria-describedby="backup-hint"
                />
                <span>
                    <strong>"Keep a second copy in the cloud"</strong>
                    <small id="backup-hint">{words}</small>
                </span>
            </label>
        </fieldset>
    }
}

fn backup_words(providers: &[Provider]) -> String {
    match providers {
        [] => "Not set up on this installation. The service is recorded on this server; a second, independent copy \
               needs a cloud account."
            .into(),
        [only] => format!(
            "The service is recorded on this server and at {}. A copy at a second provider needs an account there.",
            only.name()
        ),
        [first, others @ ..] => {
            let others: Vec<_> = others.iter().map(|provider| provider.name()).collect();
            format!("Also at {}, independently of the copy at {}.", others.join(" and "), first.name())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_had_is_said() {
        assert!(backup_words(&[]).starts_with("Not set up"));
        assert!(backup_words(&[Provider::Cloudflare]).contains("at Cloudflare. A copy at a second"));
        assert_eq!(backup_words(&Provider::ALL), "Also at Mux, independently of the copy at Cloudflare.");
    }
}
