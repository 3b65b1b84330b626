//! Who may do what, over every address there is: an address or a server function that is not in these tables fails the
//! test, and so does one whose answer to anybody changes.

use axum::http::StatusCode;
use domain::{Grant, MemorialId, StreamId, UserId};
use leptos_axum::generate_route_list;

use crate::support::Site;

const OK: u16 = 200;
const MADE: u16 = 201;
const ELSEWHERE: u16 = 303;
const TO_SIGN_IN: u16 = ELSEWHERE;
const SIGNED_OUT: u16 = 401;
const FORBIDDEN: u16 = 403;
const HIDDEN: u16 = 404;
const INVALID: u16 = 422;
/// The secret is not configured.
const CLOSED: u16 = 503;

/// In the order of the tables' columns.
const WHO: [&str; 4] =
    ["nobody", "family of another memorial", "director of another funeral home", "assistant of this one"];

struct Town {
    site: Site,
    cookies: [String; 4],
    /// Of the family of this memorial.
    niece: String,
    memorial: MemorialId,
    stream: StreamId,
    /// One more, to be ended.
    other_stream: StreamId,
    slug: String,
    home: String,
    invitation: String,
    director: UserId,
    relative: UserId,
}

impl Town {
    /// Two funeral homes, each with a memorial. Everything that is asked for is of the first.
    async fn new() -> Self {
        let site = Site::open().await;
        let people = site.everlight.people();
        let home = people.create_home(&site.actor, "Hillside".into()).await.unwrap();
        let other = people.create_home(&site.actor, "Riverside".into()).await.unwrap();
        let (stream, _) = site.stream_of(home).await;
        let (elsewhere, _) = site.stream_of(other).await;
        site.invited(Grant::Director(home), "director@hillside.example").await;
        let (_, niece) = site.invited(Grant::Family(stream.memorial_id), "niece@example.com").await;
        let (_, family) = site.invited(Grant::Family(elsewhere.memorial_id), "uncle@example.com").await;
        let (_, director) = site.invited(Grant::Director(other), "director@riverside.example").await;
        let (_, assistant) = site.invited(Grant::Assistant(home), "assistant@hillside.example").await;
        let invitation =
            site.everlight.invitations().create(&site.actor, Grant::Director(home), "Grace").await.unwrap();
        let form = service::streams::StreamForm {
            title: "Burial".into(),
            time_zone: "Europe/London".into(),
            method: "phone-browser".into(),
            ..Default::default()
        };
        let second = site.everlight.streams().create(&site.actor, stream.memorial_id, form).await.unwrap();
        let groups = people.homes(&site.actor).await.unwrap();
        let hillside = groups.iter().find(|(row, _)| row.id == home).unwrap();
        let at = |email: &str| hillside.1.people.iter().find(|person| person.email == email).unwrap().id;
        let family_of = people.family(&site.actor, stream.memorial_id).await.unwrap();
        Self {
            director: at("director@hillside.example"),
            relative: family_of.people[0].id,
            cookies: [String::new(), family, director, assistant],
            niece,
            memorial: stream.memorial_id,
            stream: stream.id,
            other_stream: second.id,
            slug: stream.slug.to_string(),
            home: home.to_string(),
            invitation: invitation.to_string(),
            site,
        }
    }

    async fn ask(&self, who: usize, method: &str, path: &str, kind: &str, body: &str) -> u16 {
        let headers =
            [("cookie", self.cookies[who].as_str()), ("content-type", kind), ("sec-fetch-site", "same-origin")];
        // Each from another address: limits are not what is tested here.
        let from = [192, 0, 2, u8::try_from(who).unwrap()];
        self.site.begin(from, method, path, &headers, body).await.status().as_u16()
    }

    /// The form of each server function, and what each caller is answered.
    fn functions(&self) -> Vec<(&'static str, String, [u16; 4])> {
        let Self { memorial, stream, other_stream, slug, home, invitation, director, relative, .. } = self;
        let everybody = |status| [status; 4];
        let of_memorial = [SIGNED_OUT, HIDDEN, HIDDEN, OK];
        let by_director = [SIGNED_OUT, HIDDEN, HIDDEN, FORBIDDEN];
        let by_administrator = [SIGNED_OUT, FORBIDDEN, FORBIDDEN, FORBIDDEN];
        let signed_in = [SIGNED_OUT, OK, OK, OK];
        let person = "name=Ada&born=&died=&time_zone=Europe/London";
        let service = "title=Funeral&description=&date=&time=&time_zone=Europe/London&method=phone-browser";
        let token = "0".repeat(64);
        let credentials = "email=nobody@example.com&password=not the password";
        vec![
            ("setup_needed", String::new(), everybody(OK)),
            ("set_up", format!("token={token}&{credentials}"), everybody(INVALID)),
            ("sign_in", credentials.into(), everybody(INVALID)),
            ("who_am_i", String::new(), everybody(OK)),
            // No session waits for a code.
            ("enter_code", "code=000000".into(), everybody(SIGNED_OUT)),
            ("load_second_step", String::new(), signed_in),
            ("begin_second_step", String::new(), signed_in),
            ("confirm_second_step", "code=nonsense".into(), [SIGNED_OUT, INVALID, INVALID, INVALID]),
            ("turn_off_second_step", "password=not the password".into(), [SIGNED_OUT, INVALID, INVALID, INVALID]),
            ("remove_second_step", format!("id={director}"), [SIGNED_OUT, HIDDEN, HIDDEN, HIDDEN]),
            ("read_invitation", format!("token={token}"), everybody(INVALID)),
            ("accept_invitation", format!("token={token}&{credentials}"), everybody(INVALID)),
            ("load_watch_page", format!("slug={slug}"), everybody(OK)),
            ("load_account", String::new(), signed_in),
            ("end_session", "handle=0123456789abcdef".into(), [SIGNED_OUT, HIDDEN, HIDDEN, HIDDEN]),
            (
                "change_password",
                "present=not the password&new=another good password".into(),
                [SIGNED_OUT, INVALID, INVALID, INVALID],
            ),
            ("time_zones", String::new(), signed_in),
            ("list_homes", String::new(), signed_in),
            ("list_memorials", "archived=false".into(), signed_in),
            ("load_today", String::new(), [SIGNED_OUT, FORBIDDEN, OK, OK]),
            ("load_memorial", format!("id={memorial}"), of_memorial),
            ("create_memorial", person.into(), [SIGNED_OUT, FORBIDDEN, OK, OK]),
            ("edit_memorial", format!("id={memorial}&{person}"), of_memorial),
            ("archive_memorial", format!("id={memorial}&archived=true"), by_director),
            ("delete_memorial", format!("id={memorial}"), by_director),
            ("create_stream", format!("memorial_id={memorial}&{service}"), of_memorial),
            ("edit_stream", format!("id={stream}&{service}"), of_memorial),
            ("retry_providers", format!("id={stream}&memorial_id={memorial}"), of_memorial),
            ("reveal_access", format!("id={stream}"), of_memorial),
            ("replace_link", format!("id={stream}&memorial_id={memorial}"), of_memorial),
            ("end_stream", format!("id={other_stream}&memorial_id={memorial}"), of_memorial),
            ("delete_stream", format!("id={stream}&memorial_id={memorial}"), by_director),
            // What only mourners see later; family may, too.
            ("approve_recording", format!("id={stream}&memorial_id={memorial}&shown=true"), of_memorial),
            ("show_until", format!("id={stream}&memorial_id={memorial}&until="), of_memorial),
            // There is no recording that could be shortened.
            (
                "trim_recording",
                format!("id={stream}&memorial_id={memorial}&begin=&end="),
                [SIGNED_OUT, HIDDEN, HIDDEN, INVALID],
            ),
            ("load_people", String::new(), [SIGNED_OUT, FORBIDDEN, OK, FORBIDDEN]),
            ("create_home", "name=Lakeside".into(), by_administrator),
            ("rename_home", format!("id={home}&name=Lakeside"), by_administrator),
            ("load_audit", String::new(), by_administrator),
            ("load_numbers", String::new(), by_administrator),
            ("invite_staff", format!("role=director&home={home}&label=Eve"), by_director),
            ("invite_family", format!("memorial_id={memorial}&label=Eve"), by_director),
            ("remove_person", format!("id={director}"), by_director),
            ("remove_family", format!("memorial_id={memorial}&id={relative}"), by_director),
            ("reset_password", format!("id={director}"), [SIGNED_OUT, HIDDEN, HIDDEN, HIDDEN]),
            ("reveal_invitation", format!("id={invitation}"), by_director),
            ("withdraw_invitation", format!("id={invitation}"), by_director),
            // Last: it does what it says.
            ("sign_out", String::new(), signed_in),
        ]
    }
}

fn name_of(path: &str) -> &str {
    path.trim_start_matches("/api/").trim_end_matches(|letter: char| letter.is_ascii_digit())
}

#[tokio::test]
async fn every_server_function_answers_everybody_as_the_table_says() {
    let town = Town::new().await;
    let table = town.functions();
    let known: Vec<_> = server_fn::axum::server_fn_paths().collect();
    for (path, _) in &known {
        let name = name_of(path);
        assert!(table.iter().any(|(listed, ..)| *listed == name), "{name} is in no table: who may call it?");
    }
    for (name, form, expected) in table {
        let (path, method) = known.iter().find(|(path, _)| name_of(path) == name).expect("it was renamed or removed");
        for (who, expected) in expected.into_iter().enumerate() {
            let kind = "application/x-www-form-urlencoded";
            let status = town.ask(who, method.as_str(), path, kind, &form).await;
            assert_eq!(status, expected, "{name} asked by {}", WHO[who]);
        }
    }
    // What was refused did not happen all the same.
    let everlight = &town.site.everlight;
    let memorial = everlight.memorials().get(&town.site.actor, town.memorial).await.unwrap();
    assert_eq!(memorial.archived_at, None);
    everlight.streams().get(&town.site.actor, town.stream).await.unwrap();
    let family = everlight.people().family(&town.site.actor, town.memorial).await.unwrap();
    assert_eq!((family.people.len(), family.invitations.len()), (1, 0));
    let homes = everlight.people().homes(&town.site.actor).await.unwrap();
    let hillside = homes.iter().find(|(home, _)| home.name.as_str() == "Hillside").expect("it has its name");
    assert_eq!((hillside.1.people.len(), hillside.1.invitations.len()), (2, 1));
    assert_eq!(homes.len(), 2);
}

/// The family decides over the recording, invites more of the family, and leaves the service itself to the funeral home.
#[tokio::test]
async fn a_family_does_with_its_own_memorial_what_is_a_familys_and_nothing_else() {
    const OWN: [(&str, u16); 8] = [
        ("list_memorials", OK),
        ("load_memorial", OK),
        ("load_watch_page", OK),
        ("approve_recording", OK),
        ("show_until", OK),
        // There is no recording that could be shortened: it was not refused.
        ("trim_recording", INVALID),
        ("invite_family", OK),
        ("list_homes", OK),
    ];
    let town = Town::new().await;
    let known: Vec<_> = server_fn::axum::server_fn_paths().collect();
    for (name, form, others) in town.functions() {
        let (path, method) = known.iter().find(|(path, _)| name_of(path) == name).expect("it was renamed or removed");
        let headers = [
            ("cookie", town.niece.as_str()),
            ("content-type", "application/x-www-form-urlencoded"),
            ("sec-fetch-site", "same-origin"),
        ];
        let status = town.site.begin([192, 0, 2, 77], method.as_str(), path, &headers, &form).await.status().as_u16();
        let own = OWN.iter().find(|(own, _)| *own == name).map(|(_, status)| *status);
        // Over what is no memorial's, a family is like any other.
        let [_, family_elsewhere, ..] = others;
        match own {
            Some(expected) => assert_eq!(status, expected, "{name}"),
            None if family_elsewhere == HIDDEN => assert!([FORBIDDEN, HIDDEN].contains(&status), "{name}: {status}"),
            None => assert_eq!(status, family_elsewhere, "{name}"),
        }
    }
}

#[tokio::test]
async fn every_page_answers_everybody_as_the_table_says() {
    let town = Town::new().await;
    let memorial = format!("/admin/memorials/{}", town.memorial);
    let watch = format!("/watch/{}", town.slug);
    let table: [(&str, &str, [u16; 4]); 13] = [
        ("/", "/", [OK; 4]),
        ("/setup", "/setup", [OK; 4]),
        ("/login", "/login", [OK; 4]),
        ("/login/code", "/login/code", [OK; 4]),
        ("/invite", "/invite", [OK; 4]),
        ("/watch/:slug", &watch, [OK; 4]),
        ("/account", "/account", [TO_SIGN_IN, OK, OK, OK]),
        ("/admin", "/admin", [TO_SIGN_IN, OK, OK, OK]),
        ("/admin/today", "/admin/today", [TO_SIGN_IN, FORBIDDEN, OK, OK]),
        ("/admin/people", "/admin/people", [TO_SIGN_IN, FORBIDDEN, OK, FORBIDDEN]),
        ("/admin/audit", "/admin/audit", [TO_SIGN_IN; 4]),
        ("/admin/numbers", "/admin/numbers", [TO_SIGN_IN; 4]),
        ("/admin/memorials/:id", &memorial, [TO_SIGN_IN, HIDDEN, HIDDEN, OK]),
    ];
    for page in generate_route_list(app::App) {
        // The list says `{slug}`, the pages `:slug`.
        let path = match page.path() {
            "" => "/".to_owned(),
            path => path.replace('{', ":").replace('}', ""),
        };
        assert!(table.iter().any(|(listed, ..)| *listed == path), "{path} is in no table: who may open it?");
    }
    for (page, path, expected) in table {
        for (who, expected) in expected.into_iter().enumerate() {
            assert_eq!(town.ask(who, "GET", path, "", "").await, expected, "{page} opened by {}", WHO[who]);
        }
    }
}

/// The route, and how it is asked: method, address, kind and text of the body; and what each caller is answered.
type Row<'a> = (&'a str, &'a str, String, &'a str, &'a str, [u16; 4]);

#[tokio::test]
async fn every_other_route_answers_everybody_as_the_table_says() {
    let town = Town::new().await;
    let (stream, nothing) = (town.stream, "01a2046e-2607-75cd-8770-eef5e0a25fa8");
    let unknown = "00000000000000000000000000";
    let session = "0123456789abcdef0123456789abcdef";
    let create = format!(r#"{{"memorialId":"{}","title":"Wake"}}"#, town.memorial);
    // A session opens nothing of these: they ask for a token, a slug or a signature.
    let token = [SIGNED_OUT; 4];
    let nowhere = [HIDDEN; 4];
    let sdp = "application/sdp";
    let json = "application/json";
    let table: Vec<Row<'_>> = vec![
        ("/healthz", "GET", "/healthz".into(), "", "", [OK; 4]),
        ("/readyz", "GET", "/readyz".into(), "", "", [OK; 4]),
        ("/api/openapi.json", "GET", "/api/openapi.json".into(), "", "", [OK; 4]),
        ("/.well-known/security.txt", "GET", "/.well-known/security.txt".into(), "", "", [OK; 4]),
        ("/whip/{stream}", "POST", format!("/whip/{stream}"), sdp, crate::support::OFFER, token),
        ("/whip/{stream}/{session}", "DELETE", format!("/whip/{stream}/{session}"), "", "", token),
        ("/go/{stream}", "GET", format!("/go/{stream}"), "", "", [OK; 4]),
        ("/api/go/{stream}/check", "POST", format!("/api/go/{stream}/check"), "", "", token),
        ("/api/go/{stream}/end", "POST", format!("/api/go/{stream}/end"), "", "", token),
        ("/api/go/{stream}/events", "GET", format!("/api/go/{stream}/events"), "", "", token),
        ("/api/go/{stream}/rehearsal", "POST", format!("/api/go/{stream}/rehearsal"), json, r#"{"remarks":[]}"#, token),
        (
            "/api/go/{stream}/feedback",
            "POST",
            format!("/api/go/{stream}/feedback"),
            json,
            r#"{"stars":5,"remarks":""}"#,
            token,
        ),
        (
            "/api/go/{stream}/connected",
            "POST",
            format!("/api/go/{stream}/connected"),
            json,
            r#"{"afterMs":812}"#,
            token,
        ),
        ("/api/go/{stream}/rehearsal/speed", "POST", format!("/api/go/{stream}/rehearsal/speed"), "", "x", token),
        ("/api/go/{stream}/rehearsal/finish", "POST", format!("/api/go/{stream}/rehearsal/finish"), "", "", token),
        ("/api/go/{stream}/rehearsal.mp4", "GET", format!("/api/go/{stream}/rehearsal.mp4"), "", "", token),
        ("/uploads/{stream}/delivered", "POST", format!("/uploads/{stream}/delivered"), json, r#"{"takes":[]}"#, token),
        ("/uploads/{stream}/{upload}", "DELETE", format!("/uploads/{stream}/{nothing}"), "", "", token),
        ("/whep/{slug}", "POST", format!("/whep/{unknown}"), sdp, crate::support::OFFER, nowhere),
        ("/whep/{slug}/{session}", "DELETE", format!("/whep/{unknown}/{session}"), "", "", nowhere),
        ("/hls/{slug}/{file}", "GET", format!("/hls/{unknown}/index.m3u8"), "", "", nowhere),
        ("/watch/{slug}/events", "GET", format!("/watch/{unknown}/events"), "", "", nowhere),
        (
            "/watch/{slug}/recordings/{file}",
            "GET",
            format!("/watch/{unknown}/recordings/{nothing}.mp4"),
            "",
            "",
            nowhere,
        ),
        (
            "/watch/{slug}/passcode",
            "POST",
            format!("/watch/{unknown}/passcode"),
            "application/x-www-form-urlencoded",
            "passcode=x",
            // Back to the page, which says that it is not here.
            [ELSEWHERE; 4],
        ),
        ("/watch/{slug}/portrait/{file}", "GET", format!("/watch/{unknown}/portrait/{nothing}.jpg"), "", "", nowhere),
        // Without a picture in it the form comes back.
        (
            "/admin/memorials/{id}/portrait",
            "POST",
            format!("/admin/memorials/{}/portrait", town.memorial),
            "multipart/form-data; boundary=x",
            "--x--\r\n",
            [SIGNED_OUT, HIDDEN, HIDDEN, ELSEWHERE],
        ),
        (
            "/admin/memorials/{id}/portrait/remove",
            "POST",
            format!("/admin/memorials/{}/portrait/remove", town.memorial),
            "",
            "",
            [SIGNED_OUT, HIDDEN, HIDDEN, ELSEWHERE],
        ),
        (
            "/admin/memorials/{id}/portrait/{file}",
            "GET",
            format!("/admin/memorials/{}/portrait/{nothing}.jpg", town.memorial),
            "",
            "",
            [TO_SIGN_IN, HIDDEN, HIDDEN, HIDDEN],
        ),
        (
            "/recordings/{file}",
            "GET",
            format!("/recordings/{nothing}.mp4"),
            "",
            "",
            [TO_SIGN_IN, HIDDEN, HIDDEN, HIDDEN],
        ),
        (
            "/admin/memorials/{id}/export.zip",
            "GET",
            format!("/admin/memorials/{}/export.zip", town.memorial),
            "",
            "",
            [TO_SIGN_IN, HIDDEN, HIDDEN, OK],
        ),
        // To sign in, or back to where they may be.
        ("/admin/numbers.csv", "GET", "/admin/numbers.csv".into(), "", "", [ELSEWHERE; 4]),
        (
            "/api/streams/{id}/events",
            "GET",
            format!("/api/streams/{stream}/events"),
            "",
            "",
            [SIGNED_OUT, HIDDEN, HIDDEN, OK],
        ),
        ("/api/today/events", "GET", "/api/today/events".into(), "", "", [SIGNED_OUT, FORBIDDEN, OK, OK]),
        (
            "/api/streams/create-whip",
            "POST",
            "/api/streams/create-whip".into(),
            json,
            &create,
            [SIGNED_OUT, HIDDEN, HIDDEN, MADE],
        ),
        ("/api/webhooks/mux", "POST", "/api/webhooks/mux".into(), json, "{}", [CLOSED; 4]),
        ("/api/webhooks/cloudflare/stream", "POST", "/api/webhooks/cloudflare/stream".into(), json, "{}", [CLOSED; 4]),
        ("/api/webhooks/cloudflare/live", "POST", "/api/webhooks/cloudflare/live".into(), json, "{}", [CLOSED; 4]),
        ("/api/{*function}", "POST", "/api/no_such_function1".into(), "", "", [SIGNED_OUT, 400, 400, 400]),
    ];
    let written = include_str!("../../src/http/routes.rs");
    // Needs header fields of its own, and is tried in `uploads.rs`.
    let elsewhere = ["/uploads/{stream}"];
    for route in written.split(".route(").skip(1) {
        let path = route.split('"').nth(1).expect("a route has an address");
        let listed = table.iter().any(|(listed, ..)| *listed == path) || elsewhere.contains(&path);
        assert!(listed, "{path} is in no table: who may use it?");
    }
    let mut otherwise = Vec::new();
    for (route, method, path, kind, body, expected) in &table {
        for (who, expected) in expected.iter().enumerate() {
            let status = town.ask(who, method, path, kind, body).await;
            if status != *expected {
                otherwise.push(format!("{method} {route} by {}: {status}, not {expected}", WHO[who]));
            }
        }
    }
    assert_eq!(otherwise, Vec::<String>::new());
}

/// A token of one funeral home makes services there and nowhere else, and does nothing but that.
#[tokio::test]
async fn a_programs_token_reaches_one_home() {
    let town = Town::new().await;
    let accounts = town.site.everlight.accounts();
    let own = accounts.create_api_token("booking", Some("Hillside")).await.unwrap();
    let other = accounts.create_api_token("booking", Some("Riverside")).await.unwrap();
    assert!(accounts.create_api_token("booking", Some("Lakeside")).await.is_err());
    let body = format!(r#"{{"memorialId":"{}","title":"Wake"}}"#, town.memorial);
    for (token, expected) in [(own, StatusCode::CREATED), (other, StatusCode::NOT_FOUND)] {
        let bearer = crate::support::bearer(&token);
        let headers = [("content-type", "application/json"), ("authorization", bearer.as_str())];
        let reply = town.site.send("POST", "/api/streams/create-whip", &headers, &body).await;
        assert_eq!(reply.status, expected, "{}", reply.body);
        let events = format!("/api/streams/{}/events", town.stream);
        assert_eq!(town.site.send("GET", &events, &headers, "").await.status, StatusCode::UNAUTHORIZED);
    }
}
