//! German.

use super::Word;

pub(super) const fn text(word: Word) -> &'static str {
    match word {
        // The page, and before the camera is open
        Word::FilmTheService => "Die Feier filmen",
        Word::NeedsScripts => {
            "Um die Feier zu filmen, braucht diese Seite JavaScript. Bitte schalten Sie es ein, oder öffnen Sie den Link in einem anderen Browser."
        }
        Word::TooOld => {
            "Dieser Browser ist zu alt, um damit zu filmen. Bitte öffnen Sie den Link auf einem anderen Telefon oder in einem anderen Browser: Ein iPhone braucht iOS 16 oder neuer, ein Android-Telefon Chrome 97 oder neuer."
        }
        Word::NotLoaded => {
            "Diese Seite wurde nicht vollständig geladen. Bitte prüfen Sie Ihre Verbindung, und laden Sie die Seite neu."
        }
        Word::WaitsForPicture => {
            "Die Übertragung läuft und wartet auf ihr Bild. Starten Sie die Kamera, um sie fortzusetzen."
        }
        Word::AllowBothFirst => {
            "Zuerst fragt Ihr Browser, ob diese Seite Kamera und Mikrofon benutzen darf. Bitte erlauben Sie beides, damit alle, die nicht kommen können, sehen und hören."
        }
        Word::NobodySeesYet => "Niemand sieht oder hört etwas, bis Sie auf „Übertragung beginnen“ tippen.",
        Word::StartCamera => "Kamera starten",
        Word::AllowBoth => "Bitte erlauben Sie Kamera und Mikrofon.",
        Word::StartingCamera => "Die Kamera wird gestartet…",
        Word::NothingAsks => "Werden Sie nicht gefragt?",
        Word::NothingAsksWhat => {
            "Ihr Browser sollte fragen, ob diese Seite Kamera und Mikrofon benutzen darf. Schauen Sie oben auf den Bildschirm. Wenn dort keine Frage steht, kann dieser Browser nicht filmen."
        }
        // The picture is seen, and the way to being live
        Word::AnotherPhoneFilms => {
            "Ein anderes Telefon filmt diese Feier gerade. Wenn Sie hier beginnen, übernimmt dieses Telefon."
        }
        Word::OnlyYouSee => {
            "Noch sehen nur Sie dieses Bild. Halten Sie das Telefon quer, oder stellen Sie es hin, wo es fest steht."
        }
        Word::GoLive => "Übertragung beginnen",
        Word::RehearseFirst => "Erst proben: 10 Sekunden, nur für Sie",
        Word::PlugIn => {
            "Bevor Sie beginnen: Stecken Sie das Telefon ans Ladekabel, und schalten Sie „Nicht stören“ ein, damit kein Anruf dazwischenkommt."
        }
        Word::Connecting => "Wird verbunden…",
        Word::Cancel => "Abbrechen",
        Word::TryAgain => "Noch einmal versuchen",
        Word::TryAgainNow => "Jetzt noch einmal versuchen",
        // On air
        Word::OnAir => "Auf Sendung",
        Word::End => "Beenden",
        Word::EndForEverybody => "Die Übertragung für alle beenden, die zusehen?",
        Word::YesEnd => "Ja, beenden",
        Word::KeepStreaming => "Weiter übertragen",
        Word::Ending => "Die Übertragung wird beendet…",
        Word::CameraIsOff => "Ihre Kamera ist aus, und es wird nichts mehr gesendet.",
        Word::KeepTrying => {
            "Der Server war zum Abschluss nicht erreichbar. Bitte lassen Sie diese Seite offen: Wir versuchen es weiter."
        }
        Word::FlipCamera => "Kamera wechseln",
        Word::Mute => "Ton aus",
        Word::TurnSoundOn => "Ton an",
        Word::CameraSees => "Was Ihre Kamera sieht",
        Word::MicrophoneIsOff => "Ihr Mikrofon ist aus: Niemand hört etwas",
        Word::Reconnecting => "Die Verbindung wird wiederhergestellt… Ihr Bild kommt zurück.",
        // Something else has the camera
        Word::CameraInterrupted => "Ihre Kamera wurde unterbrochen",
        Word::CameraTaken => {
            "Ein Anruf oder eine andere App hat sie vielleicht übernommen. Die Übertragung läuft weiter, und wer zusieht, liest, dass das Bild zurückkommt."
        }
        Word::BringPictureBack => "Bild zurückholen",
        Word::MicrophoneInterrupted => "Ihr Mikrofon wurde unterbrochen",
        Word::MicrophoneTaken => {
            "Ein Anruf oder eine andere App hat es vielleicht übernommen. Die Übertragung läuft weiter, aber es ist nichts zu hören."
        }
        Word::BringSoundBack => "Ton zurückholen",
        Word::BringingBack => "Wird zurückgeholt…",
        Word::HangUp => "Legen Sie auf, oder schließen Sie die andere App, und tippen Sie dann auf den Knopf.",
        // What arrives
        Word::WhatArrives => "Was beim Server ankommt",
        Word::AskingServer => "Der Server wird gefragt…",
        Word::PictureReceived => "Bild empfangen",
        Word::Saved => "Gesichert",
        Word::Watching => "Sehen zu",
        Word::NotYet => "noch nicht",
        Word::SecondsAgo => "vor {0} s",
        Word::ArrivesElsewhere => "Geht direkt zu Cloudflare, wo es gezeigt und nicht aufgezeichnet wird",
        Word::ArrivalAwaited => "Warten auf das erste Bild…",
        Word::BothArrive => "Bild und Ton kommen an",
        Word::ArrivesWeakly => "Die Verbindung ist schwach",
        Word::NoSoundArrives => "Es kommt kein Ton an",
        Word::OnlySilence => "Es kommt nur Stille an",
        Word::NoPictureArrives => "Es kommt kein Bild an",
        Word::ServerUnheard => "Von der Gegenseite ist nichts zu hören",
        Word::RecordingDiskFull => {
            "Die Festplatte des Servers ist voll: Die Feier wird live gezeigt, aber nicht aufgezeichnet. Bitte sagen Sie der Person Bescheid, die Ihnen den Link geschickt hat."
        }
        Word::NotBeingRecorded => {
            "Der Server kann nicht aufzeichnen: Die Feier wird live gezeigt, aber nicht aufgezeichnet. Bitte sagen Sie der Person Bescheid, die Ihnen den Link geschickt hat."
        }
        Word::DiskNearlyFull => {
            "Die Festplatte des Servers ist fast voll. Die Feier wird noch aufgezeichnet. Bitte sagen Sie der Person Bescheid, die Ihnen den Link geschickt hat."
        }
        // What this phone notices
        Word::PictureBlack => "Das Bild ist schwarz.",
        Word::PictureBlackWhat => "Verdeckt etwas die Kamera?",
        Word::PictureStill => "Das Bild steht still.",
        Word::PictureStillWhat => "Wechseln Sie die Kamera und wieder zurück.",
        Word::NothingHeard => "Es ist nichts zu hören.",
        Word::NothingHeardWhat => "Ziehen Sie Kopfhörer ab, und achten Sie darauf, dass nichts das Mikrofon verdeckt.",
        Word::ScreenMaySleep => "Dieser Bildschirm könnte von selbst ausgehen.",
        Word::IphoneStaysOn => {
            "Stellen Sie in den Einstellungen des iPhones unter „Anzeige & Helligkeit“ die automatische Sperre auf „Nie“, bis hier steht, dass Sie diese Seite schließen dürfen."
        }
        Word::PhoneStaysOn => {
            "Stellen Sie in den Einstellungen des Telefons unter „Display“ die längste Zeit ein, bis der Bildschirm ausgeht, und berühren Sie ihn ab und zu."
        }
        Word::ComputerStaysOn => {
            "Schalten Sie in den Einstellungen des Computers den Ruhezustand aus, bis hier steht, dass Sie diese Seite schließen dürfen."
        }
        Word::EndedElsewhere => "Die Übertragung wurde anderswo beendet.",
        Word::NoCopyIsKept => "Auf diesem Telefon wird keine Sicherheitskopie behalten.",
        Word::PhoneIsFull => "Dieses Telefon ist voll: Die Sicherheitskopie endet hier. Die Übertragung geht weiter.",
        Word::CopyEndsHere => {
            "Die Sicherheitskopie endet hier: Dieses Telefon konnte nichts mehr davon speichern. Die Übertragung geht weiter."
        }
        Word::CopyCannotBeKept => "Dieser Browser kann keine Sicherheitskopie behalten. Die Übertragung geht weiter.",
        // More
        Word::More => "Mehr",
        Word::Camera => "Kamera",
        Word::Microphone => "Mikrofon",
        Word::Sound => "Ton",
        Word::Music => "Musik und Sprache",
        Word::MusicHint => "Wie der Raum klingt: für Gesang, eine Orgel, jemanden vorn.",
        Word::Voice => "Sprache nah am Telefon",
        Word::VoiceHint => "Weniger Geräusche und Hall. Musik klingt schlechter.",
        Word::Picture => "Bild",
        Word::Good => "Gut",
        Word::SavesData => "Spart Daten",
        Word::GoodAnHour => "etwa 1,2 GB in der Stunde",
        Word::SavesDataAnHour => "etwa 0,3 GB in der Stunde",
        Word::KeepCopy => "Eine Sicherheitskopie auf diesem Telefon behalten",
        Word::CopyTakes => {
            "Sie enthält, was verloren geht, wenn die Verbindung abbricht, und wird nach der Feier abgeliefert. Sie braucht {0}."
        }
        Word::RoomFor => "Auf diesem Telefon ist Platz für {0}.",
        Word::NoCopyPossible => "Dieser Browser kann keine Sicherheitskopie behalten.",
        Word::Minutes => "{0} Minuten",
        Word::OneHour => "1 Stunde",
        Word::Hours => "{0} Stunden",
        Word::ManyHours => "mehr als 10 Stunden",
        // The rehearsal
        Word::Measuring => "Die Verbindung wird gemessen…",
        Word::SaySomething => "Sagen Sie etwas. Noch {0} Sekunden.",
        Word::LookingAtArrived => "Es wird angesehen, was ankam…",
        Word::NobodyElseSees => "Niemand sonst sieht oder hört das.",
        Word::StopRehearsal => "Probe abbrechen",
        Word::RehearsalFailed => "Die Probe hat nicht geklappt",
        Word::RehearsalFailedWhat => {
            "Der Server war nicht erreichbar. Prüfen Sie, ob dieses Gerät online ist, und proben Sie noch einmal."
        }
        Word::RehearseAgain => "Noch einmal proben",
        Word::BackToCamera => "Zurück zur Kamera",
        Word::SecondsArrived => "{0} Sekunden Bild kamen an. Ihre Verbindung sendet {1}.",
        Word::YourRehearsal => "Ihre Probe, wie sie ankam",
        Word::WhatTheyWillSee => "Das werden alle sehen. Jetzt kann es sonst niemand sehen, und es wird weggeworfen.",
        Word::Ready => "Bereit",
        Word::ReadyBut => "Bereit, aber …",
        Word::NotReady => "Nicht bereit, denn …",
        Word::FoundNothing => "es kam nichts an",
        Word::FoundNothingWhat => {
            "Dieses Netz scheint Video zu sperren. Wechseln Sie vom WLAN zu mobilen Daten oder umgekehrt, und proben Sie noch einmal."
        }
        Word::FoundNoPicture => "es kam kein Bild an",
        Word::FoundNoPictureWhat => "Schließen Sie andere Apps, die die Kamera benutzen, und proben Sie noch einmal.",
        Word::FoundNoSound => "es kam kein Ton an",
        Word::FoundNoSoundWhat => "Schließen Sie andere Apps, die das Mikrofon benutzen, und proben Sie noch einmal.",
        Word::FoundVeryWeak => "die Verbindung ist zu schwach",
        Word::FoundVeryWeakWhat => {
            "Gehen Sie näher an das WLAN, oder benutzen Sie mobile Daten an einem Ort mit gutem Empfang. Proben Sie noch einmal."
        }
        Word::FoundWeak => "die Verbindung ist schwach",
        Word::FoundWeakWhat => "Das Bild ist vielleicht nicht scharf. Näher am WLAN wird es besser.",
        Word::FoundDetour => "dieses Netz ist nicht für Live-Bilder gemacht",
        Word::FoundDetourWhat => {
            "Das Bild nimmt einen Umweg und kann ab und zu stocken. Mit mobilen Daten oder einem anderen WLAN wird es besser."
        }
        Word::FoundDark => "das Bild ist dunkel",
        Word::FoundDarkWhat => "Nehmen Sie weg, was die Kamera verdeckt, und schalten Sie das Licht ein.",
        Word::FoundSilent => "es ist nichts zu hören",
        Word::FoundSilentWhat => "Ziehen Sie Kopfhörer ab, und achten Sie darauf, dass nichts das Mikrofon verdeckt.",
        Word::FoundScreen => "der Bildschirm könnte von selbst ausgehen",
        Word::FoundScreenWhat => "Stellen Sie die Bildschirmsperre auf „nie“, bis die Feier vorbei ist.",
        Word::FoundNoCopy => "dieses Telefon behält keine Sicherheitskopie",
        Word::FoundNoCopyWhat => {
            "Die Feier wird nur auf dem Server aufgezeichnet. Eine aktuelle Version von Safari oder Chrome behält auch hier eine Kopie."
        }
        Word::FoundLittleRoom => "auf diesem Telefon ist wenig Platz",
        Word::FoundLittleRoomWhat => "Löschen Sie Videos oder Apps, damit zwei Stunden Sicherheitskopie Platz haben.",
        Word::FoundBattery => "der Akku ist schwach",
        Word::FoundBatteryWhat => "Stecken Sie das Telefon ans Ladekabel: Eine Stunde Filmen braucht viel davon.",
        // What can go wrong
        Word::LinkIncomplete => "Dieser Link ist nicht vollständig",
        Word::LinkIncompleteWhat => {
            "Ein Teil des Links fehlt. Öffnen Sie ihn noch einmal aus der Nachricht, die Sie bekommen haben, oder kopieren Sie den ganzen Link."
        }
        Word::LinkWrong => "Dieser Link funktioniert nicht",
        Word::LinkWrongWhat => {
            "Vielleicht wurde er durch einen neueren ersetzt. Fragen Sie die Person, die ihn geschickt hat, nach dem aktuellen Link."
        }
        Word::LinkOfAnother => "Dieser Link gehört zu einer anderen Feier",
        Word::LinkOfAnotherWhat => "Fragen Sie die Person, die ihn geschickt hat, nach dem Link zu dieser Feier.",
        Word::LinkEnded => "Dieser Link gilt nicht mehr",
        Word::LinkEndedWhat => {
            "Die Feier ist vorbei, oder der Link galt nur für eine bestimmte Zeit. Fragen Sie die Person, die ihn geschickt hat, wenn Sie noch filmen müssen."
        }
        Word::LinkTooEarly => "Dieser Link funktioniert noch nicht",
        Word::LinkTooEarlyWhat => {
            "Er funktioniert ab einem Tag vor der Feier. Bitte öffnen Sie ihn dann noch einmal: Ab dann können Sie auch proben."
        }
        Word::ServiceUnknown => "Diese Feier ist nicht zu finden",
        Word::ServiceUnknownWhat => {
            "Vielleicht wurde sie entfernt. Fragen Sie die Person, die Ihnen den Link geschickt hat."
        }
        Word::PageInsecure => "Diese Seite ist nicht sicher",
        Word::PageInsecureWhat => {
            "Browser erlauben die Kamera nur auf sicheren Seiten. Öffnen Sie den Link mit https:// am Anfang."
        }
        Word::NoCameraHere => "Die Kamera kann hier nicht benutzt werden",
        Word::NoCameraHereWhat => {
            "Das kommt oft vor, wenn der Link in einer anderen App geöffnet ist, etwa in einem Messenger. Öffnen Sie ihn lieber in Safari oder Chrome."
        }
        Word::CannotStream => "Dieser Browser kann nicht übertragen",
        Word::CannotStreamWhat => {
            "Öffnen Sie den Link in einer aktuellen Version von Safari, Chrome, Edge oder Firefox."
        }
        Word::Denied => "Kamera und Mikrofon sind nicht erlaubt",
        Word::DeniedWhat => {
            "Erlauben Sie dieser Seite beides: Tippen Sie auf das Zeichen neben der Adresse, dann auf die Einstellungen für Kamera und Mikrofon. Auf einem iPhone: Einstellungen, dann der Browser, dann Kamera und Mikrofon. Versuchen Sie es dann noch einmal."
        }
        Word::DeviceMissing => "Es wurde keine Kamera oder kein Mikrofon gefunden",
        Word::DeviceMissingWhat => {
            "Schließen Sie das Fehlende an, oder öffnen Sie den Link auf einem Telefon. Versuchen Sie es dann noch einmal."
        }
        Word::DeviceBusy => "Die Kamera oder das Mikrofon wird gerade benutzt",
        Word::DeviceBusyWhat => {
            "Schließen Sie andere Apps und Seiten, die sie benutzen, etwa einen Anruf. Versuchen Sie es dann noch einmal."
        }
        Word::DeviceInterrupted => "Die Kamera wurde unterbrochen",
        Word::DeviceInterruptedWhat => "Etwas anderes brauchte sie für einen Augenblick. Versuchen Sie es noch einmal.",
        Word::DeviceUnknown => "Die Kamera konnte nicht gestartet werden",
        Word::DeviceUnknownWhat => {
            "Versuchen Sie es noch einmal. Wenn es weiter nicht geht, schließen Sie den Browser, und öffnen Sie den Link erneut."
        }
        Word::ServerFull => "Im Augenblick ist kein Platz",
        Word::ServerFullWhat => {
            "Gerade werden andere Feiern übertragen. Wir versuchen es weiter und machen weiter, sobald Platz ist."
        }
        Word::DiskFull => "Der Server hat keinen Platz für eine Aufzeichnung",
        Word::DiskFullWhat => {
            "Bitte sagen Sie der Person Bescheid, die Ihnen den Link geschickt hat. Wir versuchen es weiter und machen weiter, sobald Platz ist."
        }
        Word::ServerFault => "Der Server hat eine Störung",
        Word::ServerFaultWhat => {
            "Wir versuchen es weiter. Wenn es lange dauert, sagen Sie der Person Bescheid, die Ihnen den Link geschickt hat."
        }
        Word::Refused => "Der Server hat die Übertragung nicht angenommen",
        Word::RefusedWhat => {
            "Versuchen Sie es noch einmal. Wenn es weiter nicht geht, sagen Sie der Person Bescheid, die Ihnen den Link geschickt hat."
        }
        Word::NetworkDown => "Keine Verbindung zum Server",
        Word::NetworkDownWhat => {
            "Prüfen Sie, ob dieses Gerät online ist, über WLAN oder mobile Daten. Wir versuchen es weiter."
        }
        Word::NoPath => "Das Bild kommt nicht durch",
        Word::NoPathWhat => {
            "Dieses Netz scheint Video zu sperren. Wechseln Sie vom WLAN zu mobilen Daten oder umgekehrt. Wir versuchen es weiter."
        }
        Word::TakenOver => "Ein anderes Telefon filmt jetzt",
        Word::TakenOverWhat => {
            "Es hat mit demselben Link übernommen, und von diesem Telefon wird nichts mehr gezeigt. Was dieses Telefon behalten hat, wird nach der Feier abgeliefert: Lassen Sie diese Seite offen, oder öffnen Sie den Link dann noch einmal. Um wieder mit diesem Telefon zu filmen, tippen Sie auf „Noch einmal versuchen“."
        }
        Word::Answer => "Für die Person, die Ihnen hilft: Antwort {0}.",
        // How to allow it, and another browser
        Word::MayNotUse => "Diese Seite darf Kamera und Mikrofon nicht benutzen. So erlauben Sie beides:",
        Word::ThenTryAgain => "Tippen Sie dann auf „Noch einmal versuchen“.",
        Word::OpenElsewhere => {
            "Oder öffnen Sie den Link in {0} oder auf einem anderen Telefon. Wer ihn hat, kann filmen: Geben Sie ihn sonst niemandem."
        }
        Word::ThisLink => "Dieser Link",
        Word::Copy => "Kopieren",
        Word::Copied => "Kopiert",
        Word::SafariOrChrome => "Chrome oder Safari",
        Word::InsideApp => "Sie sind in {0}",
        Word::InsideSomeApp => "Sie sind in einer anderen App",
        Word::InsideAppWhy => {
            "Die Kamera funktioniert hier oft nicht, oder sie hört auf, wenn eine Nachricht kommt. Bitte öffnen Sie den Link in Safari oder Chrome:"
        }
        Word::PageSymbolSettings => {
            "Tippen Sie auf das Seitensymbol links neben der Adresse, dann auf „Website-Einstellungen“."
        }
        Word::SetToAllow => "Stellen Sie Kamera und Mikrofon auf „Erlauben“.",
        Word::SafariInSettings => "Wenn das nicht hilft: Einstellungen, Apps, Safari, dann Kamera und Mikrofon.",
        Word::AppInSettings => "Öffnen Sie die Einstellungen des iPhones, dann Apps, dann {0}.",
        Word::SwitchOn => "Schalten Sie Kamera und Mikrofon ein.",
        Word::SymbolPermissions => "Tippen Sie auf das Symbol links neben der Adresse, dann auf „Berechtigungen“.",
        Word::ChromeInSettings => {
            "Wenn sie dort nicht stehen: Einstellungen des Telefons, Apps, Chrome, Berechtigungen."
        }
        Word::LockPermissions => "Tippen Sie auf das Schloss links neben der Adresse, dann auf „Berechtigungen“.",
        Word::AllowDevices => "Erlauben Sie Kamera und Mikrofon.",
        Word::SamsungInSettings => {
            "Wenn das nicht hilft: Einstellungen des Telefons, Apps, Samsung Internet, Berechtigungen."
        }
        Word::TapLock => "Tippen Sie auf das Schloss links neben der Adresse.",
        Word::TapBlocked => "Tippen Sie neben Kamera und Mikrofon auf „Blockiert“, sodass dort „Erlaubt“ steht.",
        Word::FirefoxInSettings => "Wenn das nicht hilft: Einstellungen des Telefons, Apps, Firefox, Berechtigungen.",
        Word::MenuSafari => "Wählen Sie im Menü Safari, dann „Einstellungen für diese Website“.",
        Word::ClickCamera => "Klicken Sie auf die durchgestrichene Kamera links neben der Adresse.",
        Word::RemoveBlock => "Heben Sie die Sperre von Kamera und Mikrofon auf.",
        Word::ClickSymbol => "Klicken Sie auf das Symbol links neben der Adresse.",
        Word::CopyLinkBelow => "Kopieren Sie den Link unten.",
        Word::PasteInBrowser => "Öffnen Sie Safari oder Chrome, und fügen Sie den Link in die Adresszeile ein.",
        // After the service
        Word::HasEnded => "Die Übertragung ist beendet",
        Word::WasOnAir => "Sie dauerte {0}. Es wird nichts mehr gesendet.",
        Word::OnServer => "Auf dem Server",
        Word::BeingClosed => "wird abgeschlossen…",
        Word::FromPhone => "Von diesem Telefon",
        Word::Delivered => "Abgeliefert",
        Word::RecordingWillBe => {
            "Die Aufzeichnung wird unter demselben Link sein, unter dem zugesehen wurde. Danke, dass Sie gefilmt haben."
        }
        Word::Saving => "Wird gesichert…",
        Word::KeepPageOpen => "Bitte lassen Sie diese Seite offen.",
        Word::Safe => "Sicher: {0} Kopien, {1}.",
        Word::SafeChecked => "Sicher: {0} Kopien, {1}, Ton und Bild geprüft.",
        Word::MayClose => "Sie dürfen diese Seite schließen.",
        Word::NotSafe => "Noch nicht sicher, denn {0}.",
        Word::OneCopy => "es gibt nur eine Kopie",
        Word::OneCopyWhat => {
            "Die Aufzeichnung auf dem Server ist vollständig. Auf diesem Telefon ist nichts mehr zu tun: Sie dürfen diese Seite schließen."
        }
        Word::AllShort => "keine Kopie der Aufzeichnung ist vollständig",
        Word::AllShortWhat => {
            "Was ankam, ist gespeichert. Bitte sagen Sie der Person Bescheid, die Ihnen den Link geschickt hat. Sie dürfen diese Seite schließen."
        }
        Word::NonePlays => "noch lässt sich keine Aufzeichnung abspielen",
        Word::NonePlaysWhat => {
            "Bitte sagen Sie der Person Bescheid, die Ihnen den Link geschickt hat, und lassen Sie dieses Telefon, wie es ist: Löschen Sie im Browser keine Daten."
        }
        Word::NotDelivered => "die Festplatte des Servers ist voll",
        Word::NotDeliveredWhat => {
            "Bitte sagen Sie der Person Bescheid, die Ihnen den Link geschickt hat. Dieses Telefon behält seine Kopie und sendet sie, sobald Platz ist."
        }
        Word::NoWay => "dieses Telefon erreicht den Server nicht",
        Word::NoWayWhat => {
            "Bitte suchen Sie eine bessere Verbindung, etwa ein WLAN. Dieses Telefon behält seine Kopie. Sie können den Link auch später noch einmal öffnen."
        }
        Word::OnItsWay => "unterwegs…",
        Word::BeingChecked => "wird geprüft…",
        Word::LengthChecked => "{0}, geprüft",
        Word::LengthShort => "{0}, nicht vollständig",
        Word::ServerCopyMissing => {
            "Die Aufzeichnung konnte nicht fertiggestellt werden. Was ankam, liegt weiter auf dem Server."
        }
        Word::PhoneCopyMissing => {
            "Aus dem, was dieses Telefon gesendet hat, konnte keine Datei werden. Es liegt weiter auf dem Server."
        }
        Word::CopyDeleted => "gelöscht",
        Word::LookingForCopy => "die Sicherheitskopie wird gesucht…",
        Word::PartDelivered => "{0} von {1} abgeliefert",
        Word::MinuteLeft => "noch etwa eine Minute",
        Word::MinutesLeft => "noch etwa {0} Minuten",
        Word::OnMobileData => {
            "Dieses Telefon nutzt mobile Daten. Wenn es hier WLAN gibt, wechseln Sie dorthin: Es geht von selbst weiter."
        }
        Word::StillToDeliver => "Es sind noch {0} abzuliefern. Wir versuchen es weiter.",
        Word::AllDelivered => "abgeliefert",
        Word::NoCopyWasKept => "es wurde keine Sicherheitskopie behalten",
        // How it went
        Word::HowDidItGo => "Wie ist es gelaufen?",
        Word::NeedNotAnswer => "Für die, die Ihnen den Link geschickt haben. Sie müssen nicht antworten.",
        Word::Stars => "Sterne",
        Word::OneStar => "1 Stern",
        Word::SomeStars => "{0} Sterne",
        Word::SomeWords => "Ein Wort, wenn Sie mögen",
        Word::Send => "Senden",
        Word::Sending => "Wird gesendet…",
        Word::NotKept => "Das konnte nicht behalten werden. Trotzdem danke.",
        Word::ThankYou => "Danke.",
        // In numbers
        Word::DecimalMark => ",",
        Word::Megabytes => "{0} MB",
        Word::Gigabytes => "{0} GB",
    }
}
