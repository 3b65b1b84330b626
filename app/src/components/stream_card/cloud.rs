//! The copies in the cloud before they are recordings: whether each provider is ready for the service.

use domain::{
    MemorialId, Route, StreamId,
    document::{CloudPlace, StreamDocument},
    provision::ProvisionState,
};
use leptos::{form::ActionForm, prelude::*};

use crate::{
    api::streams::RetryProviders,
    components::{
        form::{FormError, action_error},
        words::{kept_back_words, place_words, route_words},
    },
};

#[component]
pub fn CloudPart(id: StreamId, memorial_id: MemorialId, document: RwSignal<StreamDocument>) -> impl IntoView {
    let retry = ServerAction::<RetryProviders>::new();
    let error = action_error(retry);
    let route = Memo::new(move |_| document.with(|document| document.route));
    let over = Memo::new(move |_| document.with(|document| document.status.is_over()));
    // Afterwards the copies speak for themselves; only what keeps one is said here.
    let places = Memo::new(move |_| {
        let mut places = document.with(|document| document.cloud.clone());
        places.retain(|place| !over.get() || is_troubled(place));
        places
    });
    let providers = Memo::new(move |_| {
        document.with(|document| document.cloud.iter().map(|place| place.provider).collect::<Vec<_>>())
    });
    let kept_back = Memo::new(move |_| document.with(|document| kept_back_words(document.route, &document.kept_back)));
    let troubled = Memo::new(move |_| places.with(|places| places.iter().any(is_troubled)));
    view! {
        <Show when=move || !places.with(Vec::is_empty) || !kept_back.with(String::is_empty)>
            <section class="card-part cloud">
                <h3>"Copies in the cloud"</h3>
                <p class="muted">{move || route_words(route.get(), &providers.get())}</p>
                <Show when=move || !kept_back.with(String::is_empty)>
                    <p class="notice">{kept_back}</p>
                </Show>
                <Show when=move || route.get() == Route::Direct && !over.get()>
                    <p class="notice">
                        "This service goes straight to Cloudflare, which does not record what a phone sends. Only a copy \
                         on the phone itself can be kept."
                    </p>
                </Show>
                <ul class="plain">
                    {move || places.get().into_iter().map(|place| view! {
                        <li data-provider=place.provider.name()>
                            <strong>{place.provider.name()}</strong> ": " {place_words(&place)}
                        </li>
                    }).collect_view()}
                </ul>
                <Show when=move || troubled.get()>
                    <ActionForm action=retry>
                        <input type="hidden" name="id" value=id.to_string()/>
                        <input type="hidden" name="memorial_id" value=memorial_id.to_string()/>
                        <button type="submit" class="button" disabled=move || retry.pending().get()>"Try again now"</button>
                        <FormError message=error/>
                    </ActionForm>
                </Show>
            </section>
        </Show>
    }
    .into_any()
}

const fn is_troubled(place: &CloudPlace) -> bool {
    matches!(place.provision, ProvisionState::NotAvailable { .. }) || place.trouble.is_some()
}
