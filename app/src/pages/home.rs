//! The quiet front page. There is no list of memorials: whoever may watch has a link.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::{
    api::account::{setup_needed, who_am_i},
    components::header::Flame,
};

#[component]
pub fn HomePage() -> impl IntoView {
    let state = Resource::new(
        || (),
        |()| async {
            let signed_in = matches!(who_am_i().await, Ok(Some(_)));
            (setup_needed().await.unwrap_or(false), signed_in)
        },
    );
    view! {
        <Title text="Everlight"/>
        <main class="page narrow welcome">
            <Flame/>
            <h1>"Everlight"</h1>
            <Suspense>
                {move || Suspend::new(async move {
                    match state.await {
                        (true, _) => view! {
                            <p>"Welcome. This is a new installation."</p>
                            <p>"To begin, open the set-up link that the program printed when it started."</p>
                        }.into_any(),
                        (false, signed_in) => view! {
                            <p>
                                "Everlight lets family and friends be present at a service from far away. One phone at \
                                 the service is enough, and the recording stays at the same address."
                            </p>
                            <p>"To watch, please open the link that the family or the funeral home sent you."</p>
                            {if signed_in {
                                view! { <a class="button" href="/admin">"To the memorials"</a> }
                            } else {
                                view! { <a class="button" href="/login">"Sign in (staff)"</a> }
                            }}
                        }.into_any(),
                    }
                })}
            </Suspense>
        </main>
    }
}
