//! Every word of the mourner's page, in each language that there is. To add one: a [`Language`], its words here, and its
//! line in [`Words::of`].

use domain::{document::LocalTime, language::Language};
use serde::Serialize;

use crate::components::words::MONTHS;

pub(super) struct Words {
    pub(super) language: Language,
    pub(super) service: &'static str,
    pub(super) preview: &'static str,
    pub(super) in_memory_of: &'static str,
    pub(super) not_begun: &'static str,
    pub(super) ended: &'static str,
    pub(super) live_video: &'static str,
    pub(super) recording_video: &'static str,
    pub(super) picture_off: &'static str,
    pub(super) will_return: &'static str,
    pub(super) coming: &'static str,
    pub(super) live: &'static str,
    pub(super) sound_off: &'static str,
    pub(super) full_screen: &'static str,
    pub(super) captions: &'static str,
    pub(super) larger_text: &'static str,
    pub(super) reload_at_beginning: &'static str,
    pub(super) no_scripts: &'static str,
    pub(super) reload_later: &'static str,
    pub(super) keep_open: &'static str,
    pub(super) shown_now: &'static str,
    pub(super) interrupted: &'static str,
    pub(super) being_prepared: &'static str,
    pub(super) waits_for_family: &'static str,
    pub(super) this_is_the_recording: &'static str,
    pub(super) keep_recording: &'static str,
    pub(super) until: &'static str,
    pub(super) others: &'static str,
    pub(super) now: &'static str,
    pub(super) over: &'static str,
    pub(super) recording: &'static str,
    pub(super) never_money: &'static str,
    pub(super) passcode_wrong: &'static str,
    pub(super) passcode_later: &'static str,
    pub(super) passcode_please: &'static str,
    pub(super) passcode: &'static str,
    pub(super) watch: &'static str,
    pub(super) no_passcode: &'static str,
    pub(super) not_here: &'static str,
    pub(super) not_here_why: &'static str,
    pub(super) not_here_what: &'static str,
    pub(super) no_longer: &'static str,
    pub(super) no_longer_why: &'static str,
    pub(super) no_longer_what: &'static str,
    pub(super) one_moment: &'static str,
    pub(super) try_again: &'static str,
    pub(super) player: PlayerWords,
    /// `{day}`, `{month}` and `{year}` stand for themselves.
    date: &'static str,
    /// `{weekday}`, `{date}` and `{time}` stand for themselves.
    moment: &'static str,
    weekdays: [&'static str; 7],
    months: [&'static str; 12],
}

/// What the script says; it reads them from the page.
#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PlayerWords {
    pub(super) where_you_are: &'static str,
    /// `{}` stands for how long.
    pub(super) begins_in: &'static str,
    pub(super) any_moment: &'static str,
    pub(super) show_picture: &'static str,
    pub(super) sound_only: &'static str,
    pub(super) hear: &'static str,
    pub(super) watch: &'static str,
}

impl PlayerWords {
    /// For an attribute of the page.
    pub(super) fn json(self) -> String {
        serde_json::to_string(&self).unwrap_or_default()
    }
}

impl Words {
    pub(super) const fn of(language: Language) -> &'static Self {
        match language {
            Language::English => &ENGLISH,
            Language::German => &GERMAN,
            Language::Spanish => &SPANISH,
            Language::French => &FRENCH,
        }
    }

    /// `Tuesday, 24 November 2026, 14:30 (GMT)`, as people of this language write it.
    pub(super) fn moment(&self, local: &LocalTime) -> String {
        let Some((day, month, year)) = parts(&local.date).filter(|_| self.language != Language::English) else {
            return local.label.clone();
        };
        let weekday = self.weekdays.get(weekday(day, month, year)).copied().unwrap_or_default();
        let zone = local.label.rfind('(').map_or("", |at| &local.label[at..]);
        let moment = self.moment.replace("{weekday}", weekday).replace("{date}", &self.date(day, month, year));
        format!("{} {zone}", moment.replace("{time}", &local.time)).trim_end().to_owned()
    }

    /// A day that is written as `3 January 2027`.
    pub(super) fn day(&self, english: &str) -> String {
        let mut words = english.split(' ');
        let (day, month, year) = (words.next(), words.next(), words.next());
        let month = month.and_then(|month| ENGLISH.months.iter().position(|name| *name == month));
        match (day.and_then(|day| day.parse().ok()), month, year.and_then(|year| year.parse().ok())) {
            (Some(day), Some(month), Some(year)) => self.date(day, month + 1, year),
            _ => english.to_owned(),
        }
    }

    /// `month` counts from one.
    fn date(&self, day: usize, month: usize, year: usize) -> String {
        let month = self.months.get(month.saturating_sub(1)).copied().unwrap_or_default();
        let date = self.date.replace("{day}", &day.to_string()).replace("{month}", month);
        date.replace("{year}", &year.to_string())
    }
}

/// Of `2026-11-24`: day, month, year.
fn parts(date: &str) -> Option<(usize, usize, usize)> {
    let mut parts = date.splitn(3, '-').map(|part| part.parse().ok());
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    Some((day, month, year))
}

/// Sunday is 0 (Sakamoto's method).
fn weekday(day: usize, month: usize, year: usize) -> usize {
    const OFFSETS: [usize; 12] = [0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4];
    let year = if month < 3 { year.saturating_sub(1) } else { year };
    let offset = OFFSETS.get(month.saturating_sub(1)).copied().unwrap_or_default();
    (year + year / 4 - year / 100 + year / 400 + offset + day) % 7
}

static ENGLISH: Words = Words {
    language: Language::English,
    service: "A memorial service",
    preview: "Open this link to watch. There is nothing to install and nothing to pay.",
    in_memory_of: "In memory of",
    not_begun: "The service has not begun.",
    ended: "The service has ended.",
    live_video: "The service, live",
    recording_video: "The recording of the service",
    picture_off: "You hear the service. The picture is off and uses no data.",
    will_return: "The picture will return.",
    coming: "The picture is coming\u{2026}",
    live: "Live",
    sound_off: "Sound off",
    full_screen: "Full screen",
    captions: "Captions",
    larger_text: "Larger text",
    reload_at_beginning: "Please load this page again when the service begins.",
    no_scripts: "Your browser runs no scripts here. This player may work:",
    reload_later: "Please load this page again later.",
    keep_open: "Keep this page open: the picture will appear by itself.",
    shown_now: "The service is being shown now.",
    interrupted: "The connection at the service is interrupted. Keep this page open: the picture will return.",
    being_prepared: "The recording is being prepared and will appear here.",
    waits_for_family: "The recording will be shown here when the family has approved it. Please come back to this page.",
    this_is_the_recording: "The service has ended. This is the recording.",
    keep_recording: "Keep the recording",
    until: "It can be watched until ",
    others: "The other services",
    now: "Now",
    over: "Ended",
    recording: "Recording",
    never_money: "Watching is free. We never ask for money to watch.",
    passcode_wrong: "That is not the passcode. Please look at the message that you were sent, and type it once more. Large or small letters and spaces do not matter.",
    passcode_later: "That was tried too often. Please wait a minute, then type it once more.",
    passcode_please: "Please type the passcode that came with your invitation. This device will remember it.",
    passcode: "Passcode",
    watch: "Watch the service",
    no_passcode: "No passcode? Please ask the person who sent you the link.",
    not_here: "This page is not here",
    not_here_why: "The link may be incomplete, or the page was taken down by the family.",
    not_here_what: "Please open the link that you were sent once more, or ask the person who sent it.",
    no_longer: "The time to watch is over",
    no_longer_why: "This service was shown here for a while, as the family wished, and is not shown any more.",
    no_longer_what: "If you missed it, please ask the family: they may be able to show it again.",
    one_moment: "One moment, please",
    try_again: "That did not work just now. Please load this page again in a minute.",
    player: PlayerWords {
        where_you_are: "Where you are",
        begins_in: "It begins in {}.",
        any_moment: "It will begin any moment.",
        show_picture: "Show the picture",
        sound_only: "Sound only (saves data)",
        hear: "Tap to hear sound",
        watch: "Tap to watch",
    },
    date: "{day} {month} {year}",
    moment: "{weekday}, {date}, {time}",
    weekdays: ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"],
    months: MONTHS,
};

static GERMAN: Words = Words {
    language: Language::German,
    service: "Eine Trauerfeier",
    preview: "Öffnen Sie diesen Link, um dabei zu sein. Nichts ist zu installieren, nichts kostet etwas.",
    in_memory_of: "Wir nehmen Abschied von",
    not_begun: "Die Feier hat noch nicht begonnen.",
    ended: "Die Feier ist zu Ende.",
    live_video: "Die Feier, live",
    recording_video: "Die Aufzeichnung der Feier",
    picture_off: "Sie hören die Feier. Das Bild ist aus und verbraucht keine Daten.",
    will_return: "Das Bild kommt wieder.",
    coming: "Das Bild kommt gleich\u{2026}",
    live: "Live",
    sound_off: "Ton aus",
    full_screen: "Ganzer Bildschirm",
    captions: "Untertitel",
    larger_text: "Größere Schrift",
    reload_at_beginning: "Bitte laden Sie diese Seite neu, wenn die Feier beginnt.",
    no_scripts: "Ihr Browser führt hier keine Skripte aus. Vielleicht geht es so:",
    reload_later: "Bitte laden Sie diese Seite später noch einmal.",
    keep_open: "Lassen Sie diese Seite offen: Das Bild erscheint von selbst.",
    shown_now: "Die Feier wird jetzt gezeigt.",
    interrupted: "Die Verbindung am Ort der Feier ist unterbrochen. Lassen Sie diese Seite offen: Das Bild kommt wieder.",
    being_prepared: "Die Aufzeichnung wird vorbereitet und erscheint dann hier.",
    waits_for_family: "Die Aufzeichnung wird hier gezeigt, sobald die Familie zugestimmt hat. Bitte kommen Sie wieder auf diese Seite.",
    this_is_the_recording: "Die Feier ist zu Ende. Dies ist die Aufzeichnung.",
    keep_recording: "Aufzeichnung behalten",
    until: "Sie ist zu sehen bis ",
    others: "Die anderen Feiern",
    now: "Jetzt",
    over: "Zu Ende",
    recording: "Aufzeichnung",
    never_money: "Das Zusehen ist kostenlos. Wir verlangen dafür niemals Geld.",
    passcode_wrong: "Das ist nicht der Code. Bitte sehen Sie in der Nachricht nach, die Sie bekommen haben, und geben Sie ihn noch einmal ein. Groß- und Kleinschreibung und Leerzeichen spielen keine Rolle.",
    passcode_later: "Das wurde zu oft versucht. Bitte warten Sie eine Minute und geben Sie den Code dann noch einmal ein.",
    passcode_please: "Bitte geben Sie den Code ein, der mit Ihrer Einladung kam. Dieses Gerät merkt ihn sich.",
    passcode: "Code",
    watch: "Zur Feier",
    no_passcode: "Kein Code? Bitte fragen Sie die Person, die Ihnen den Link geschickt hat.",
    not_here: "Diese Seite gibt es nicht",
    not_here_why: "Der Link ist vielleicht unvollständig, oder die Familie hat die Seite entfernt.",
    not_here_what: "Bitte öffnen Sie den Link noch einmal, oder fragen Sie die Person, die ihn geschickt hat.",
    no_longer: "Die Zeit zum Ansehen ist vorbei",
    no_longer_why: "Diese Feier war hier eine Weile zu sehen, wie die Familie es wünschte, und ist es nun nicht mehr.",
    no_longer_what: "Wenn Sie sie verpasst haben, fragen Sie bitte die Familie: Vielleicht kann sie noch einmal gezeigt werden.",
    one_moment: "Einen Augenblick, bitte",
    try_again: "Das ging gerade nicht. Bitte laden Sie diese Seite in einer Minute noch einmal.",
    player: PlayerWords {
        where_you_are: "Bei Ihnen",
        begins_in: "Noch {} bis zum Beginn.",
        any_moment: "Sie beginnt jeden Augenblick.",
        show_picture: "Bild zeigen",
        sound_only: "Nur Ton (spart Daten)",
        hear: "Tippen, um zu hören",
        watch: "Tippen, um zuzusehen",
    },
    date: "{day}. {month} {year}",
    moment: "{weekday}, {date}, {time} Uhr",
    weekdays: ["Sonntag", "Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag"],
    months: [
        "Januar",
        "Februar",
        "März",
        "April",
        "Mai",
        "Juni",
        "Juli",
        "August",
        "September",
        "Oktober",
        "November",
        "Dezember",
    ],
};

static SPANISH: Words = Words {
    language: Language::Spanish,
    service: "Una ceremonia de despedida",
    preview: "Abra este enlace para verla. No hay que instalar ni pagar nada.",
    in_memory_of: "En memoria de",
    not_begun: "La ceremonia aún no ha comenzado.",
    ended: "La ceremonia ha terminado.",
    live_video: "La ceremonia, en directo",
    recording_video: "La grabación de la ceremonia",
    picture_off: "Está escuchando la ceremonia. La imagen está apagada y no gasta datos.",
    will_return: "La imagen volverá.",
    coming: "La imagen llega enseguida\u{2026}",
    live: "En directo",
    sound_off: "Quitar el sonido",
    full_screen: "Pantalla completa",
    captions: "Subtítulos",
    larger_text: "Texto más grande",
    reload_at_beginning: "Vuelva a cargar esta página cuando comience la ceremonia.",
    no_scripts: "Su navegador no ejecuta programas aquí. Tal vez funcione este reproductor:",
    reload_later: "Vuelva a cargar esta página más tarde.",
    keep_open: "Deje esta página abierta: la imagen aparecerá sola.",
    shown_now: "La ceremonia se muestra ahora.",
    interrupted: "La conexión en el lugar de la ceremonia se ha interrumpido. Deje esta página abierta: la imagen volverá.",
    being_prepared: "La grabación se está preparando y aparecerá aquí.",
    waits_for_family: "La grabación se mostrará aquí cuando la familia la apruebe. Vuelva a esta página más adelante.",
    this_is_the_recording: "La ceremonia ha terminado. Esta es la grabación.",
    keep_recording: "Guardar la grabación",
    until: "Se puede ver hasta el ",
    others: "Las otras ceremonias",
    now: "Ahora",
    over: "Terminada",
    recording: "Grabación",
    never_money: "Ver la ceremonia es gratis. Nunca pedimos dinero por verla.",
    passcode_wrong: "Ese no es el código. Mire el mensaje que recibió y escríbalo otra vez. Las mayúsculas y los espacios no importan.",
    passcode_later: "Se ha intentado demasiadas veces. Espere un minuto y escríbalo otra vez.",
    passcode_please: "Escriba el código que vino con su invitación. Este dispositivo lo recordará.",
    passcode: "Código",
    watch: "Ver la ceremonia",
    no_passcode: "¿No tiene código? Pregunte a la persona que le envió el enlace.",
    not_here: "Esta página no está aquí",
    not_here_why: "Puede que el enlace esté incompleto o que la familia haya retirado la página.",
    not_here_what: "Abra otra vez el enlace que recibió o pregunte a la persona que se lo envió.",
    no_longer: "El tiempo para verla ha terminado",
    no_longer_why: "Esta ceremonia se mostró aquí durante un tiempo, como deseaba la familia, y ya no se muestra.",
    no_longer_what: "Si no pudo verla, pregunte a la familia: tal vez puedan mostrarla de nuevo.",
    one_moment: "Un momento, por favor",
    try_again: "No ha funcionado en este momento. Vuelva a cargar esta página dentro de un minuto.",
    player: PlayerWords {
        where_you_are: "Donde usted está",
        begins_in: "Faltan {} para el comienzo.",
        any_moment: "Comenzará en cualquier momento.",
        show_picture: "Mostrar la imagen",
        sound_only: "Solo sonido (ahorra datos)",
        hear: "Toque para oír",
        watch: "Toque para ver",
    },
    date: "{day} de {month} de {year}",
    moment: "{weekday}, {date}, {time}",
    weekdays: ["domingo", "lunes", "martes", "miércoles", "jueves", "viernes", "sábado"],
    months: [
        "enero",
        "febrero",
        "marzo",
        "abril",
        "mayo",
        "junio",
        "julio",
        "agosto",
        "septiembre",
        "octubre",
        "noviembre",
        "diciembre",
    ],
};

static FRENCH: Words = Words {
    language: Language::French,
    service: "Une cérémonie d\u{2019}adieu",
    preview: "Ouvrez ce lien pour y assister. Il n\u{2019}y a rien à installer et rien à payer.",
    in_memory_of: "En mémoire de",
    not_begun: "La cérémonie n\u{2019}a pas encore commencé.",
    ended: "La cérémonie est terminée.",
    live_video: "La cérémonie, en direct",
    recording_video: "L\u{2019}enregistrement de la cérémonie",
    picture_off: "Vous entendez la cérémonie. L\u{2019}image est coupée et ne consomme pas de données.",
    will_return: "L\u{2019}image va revenir.",
    coming: "L\u{2019}image arrive\u{2026}",
    live: "En direct",
    sound_off: "Couper le son",
    full_screen: "Plein écran",
    captions: "Sous-titres",
    larger_text: "Texte plus grand",
    reload_at_beginning: "Veuillez recharger cette page quand la cérémonie commencera.",
    no_scripts: "Votre navigateur n\u{2019}exécute pas de scripts ici. Ce lecteur fonctionnera peut-être :",
    reload_later: "Veuillez recharger cette page plus tard.",
    keep_open: "Gardez cette page ouverte : l\u{2019}image apparaîtra d\u{2019}elle-même.",
    shown_now: "La cérémonie est montrée maintenant.",
    interrupted: "La connexion sur place est interrompue. Gardez cette page ouverte : l\u{2019}image va revenir.",
    being_prepared: "L\u{2019}enregistrement est en préparation et apparaîtra ici.",
    waits_for_family: "L\u{2019}enregistrement sera montré ici quand la famille l\u{2019}aura approuvé. Revenez sur cette page plus tard.",
    this_is_the_recording: "La cérémonie est terminée. Voici l\u{2019}enregistrement.",
    keep_recording: "Garder l\u{2019}enregistrement",
    until: "On peut le regarder jusqu\u{2019}au ",
    others: "Les autres cérémonies",
    now: "Maintenant",
    over: "Terminée",
    recording: "Enregistrement",
    never_money: "Regarder est gratuit. Nous ne demandons jamais d\u{2019}argent pour cela.",
    passcode_wrong: "Ce n\u{2019}est pas le bon code. Regardez le message que vous avez reçu et saisissez-le encore une fois. Les majuscules et les espaces ne comptent pas.",
    passcode_later: "Il y a eu trop d\u{2019}essais. Attendez une minute, puis saisissez-le encore une fois.",
    passcode_please: "Saisissez le code reçu avec votre invitation. Cet appareil s\u{2019}en souviendra.",
    passcode: "Code",
    watch: "Assister à la cérémonie",
    no_passcode: "Pas de code ? Demandez à la personne qui vous a envoyé le lien.",
    not_here: "Cette page n\u{2019}est pas ici",
    not_here_why: "Le lien est peut-être incomplet, ou la famille a retiré la page.",
    not_here_what: "Ouvrez encore une fois le lien reçu, ou demandez à la personne qui l\u{2019}a envoyé.",
    no_longer: "Il n\u{2019}est plus possible de la regarder",
    no_longer_why: "Cette cérémonie a été montrée ici un certain temps, comme la famille le souhaitait, et ne l\u{2019}est plus.",
    no_longer_what: "Si vous l\u{2019}avez manquée, demandez à la famille : elle pourra peut-être la montrer à nouveau.",
    one_moment: "Un instant, s\u{2019}il vous plaît",
    try_again: "Cela n\u{2019}a pas fonctionné. Veuillez recharger cette page dans une minute.",
    player: PlayerWords {
        where_you_are: "Chez vous",
        begins_in: "Début dans {}.",
        any_moment: "Elle va commencer d\u{2019}un instant à l\u{2019}autre.",
        show_picture: "Montrer l\u{2019}image",
        sound_only: "Son seul (économise les données)",
        hear: "Touchez pour entendre",
        watch: "Touchez pour regarder",
    },
    date: "{day} {month} {year}",
    moment: "{weekday} {date}, {time}",
    weekdays: ["dimanche", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi"],
    months: [
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ],
};

#[cfg(test)]
mod tests {
    use super::*;

    fn said(date: &str, time: &str, label: &str) -> [String; 4] {
        let local = LocalTime { label: label.into(), date: date.into(), time: time.into(), utc: String::new() };
        Language::ALL.map(|language| Words::of(language).moment(&local))
    }

    #[test]
    fn a_moment_is_written_as_each_language_does() {
        assert_eq!(
            said("2026-11-24", "14:30", "Tuesday, 24 November 2026, 14:30 (GMT)"),
            [
                "Tuesday, 24 November 2026, 14:30 (GMT)",
                "Dienstag, 24. November 2026, 14:30 Uhr (GMT)",
                "martes, 24 de noviembre de 2026, 14:30 (GMT)",
                "mardi 24 novembre 2026, 14:30 (GMT)",
            ]
        );
        assert_eq!(
            said("2028-02-29", "09:00", "Tuesday, 29 February 2028, 09:00 (CET)")[1],
            "Dienstag, 29. Februar 2028, 09:00 Uhr (CET)"
        );
    }

    #[test]
    fn a_day_is_written_as_each_language_does() {
        let days = Language::ALL.map(|language| Words::of(language).day("3 January 2027"));
        assert_eq!(days, ["3 January 2027", "3. Januar 2027", "3 de enero de 2027", "3 janvier 2027"]);
        assert_eq!(Words::of(Language::German).day("some day"), "some day");
    }

    #[test]
    fn each_language_says_how_long_it_is_until_the_beginning() {
        for language in Language::ALL {
            let words = Words::of(language);
            assert_eq!(words.language, language);
            assert!(words.player.begins_in.contains("{}"));
            assert!(words.player.json().contains("whereYouAre"));
        }
    }
}
