//! French.

use super::Word;

pub(super) const fn text(word: Word) -> &'static str {
    match word {
        // The page, and before the camera is open
        Word::FilmTheService => "Filmer la cérémonie",
        Word::NeedsScripts => {
            "Pour filmer la cérémonie, cette page a besoin de JavaScript. Veuillez l’activer, ou ouvrir le lien dans un autre navigateur."
        }
        Word::TooOld => {
            "Ce navigateur est trop ancien pour filmer. Veuillez ouvrir le lien sur un autre téléphone ou dans un autre navigateur\u{a0}: un iPhone a besoin d’iOS 16 ou plus récent, un téléphone Android de Chrome 97 ou plus récent."
        }
        Word::NotLoaded => {
            "Cette page ne s’est pas chargée entièrement. Veuillez vérifier votre connexion et recharger la page."
        }
        Word::WaitsForPicture => "La cérémonie est en direct et attend son image. Démarrez la caméra pour continuer.",
        Word::AllowBothFirst => {
            "D’abord, votre navigateur demandera si cette page peut utiliser la caméra et le micro. Veuillez autoriser les deux, pour que ceux qui ne peuvent pas venir voient et entendent."
        }
        Word::NobodySeesYet => {
            "Personne ne voit ni n’entend rien tant que vous n’avez pas touché «\u{a0}Commencer\u{a0}»."
        }
        Word::StartCamera => "Démarrer la caméra",
        Word::AllowBoth => "Veuillez autoriser la caméra et le micro.",
        Word::StartingCamera => "La caméra démarre…",
        Word::NothingAsks => "On ne vous demande rien\u{a0}?",
        Word::NothingAsksWhat => {
            "Votre navigateur devrait demander si cette page peut utiliser la caméra et le micro. Regardez en haut de l’écran. S’il n’y a pas de question, ce navigateur ne peut pas filmer."
        }
        // The picture is seen, and the way to being live
        Word::AnotherPhoneFilms => {
            "Un autre téléphone filme cette cérémonie en ce moment. Si vous commencez ici, ce téléphone prend le relais."
        }
        Word::OnlyYouSee => {
            "Pour l’instant, vous seul voyez cette image. Tenez le téléphone à l’horizontale, ou posez-le là où il est bien stable."
        }
        Word::GoLive => "Commencer",
        Word::RehearseFirst => "Répéter d’abord\u{a0}: 10 secondes, rien que pour vous",
        Word::PlugIn => {
            "Avant de commencer\u{a0}: branchez le téléphone et activez «\u{a0}Ne pas déranger\u{a0}», pour qu’aucun appel n’interrompe."
        }
        Word::Connecting => "Connexion…",
        Word::Cancel => "Annuler",
        Word::TryAgain => "Réessayer",
        Word::TryAgainNow => "Réessayer maintenant",
        // On air
        Word::OnAir => "En direct",
        Word::End => "Terminer",
        Word::EndForEverybody => "Terminer la diffusion pour tous ceux qui regardent\u{a0}?",
        Word::YesEnd => "Oui, terminer",
        Word::KeepStreaming => "Continuer la diffusion",
        Word::Ending => "La diffusion se termine…",
        Word::CameraIsOff => "Votre caméra est éteinte et plus rien n’est envoyé.",
        Word::KeepTrying => {
            "Le serveur n’a pas pu être joint pour terminer. Gardez cette page ouverte, s’il vous plaît\u{a0}: nous continuons d’essayer."
        }
        Word::FlipCamera => "Changer de caméra",
        Word::Mute => "Couper le son",
        Word::TurnSoundOn => "Remettre le son",
        Word::CameraSees => "Ce que voit votre caméra",
        Word::MicrophoneIsOff => "Votre micro est coupé\u{a0}: personne n’entend rien",
        Word::Reconnecting => "Reconnexion… votre image va revenir.",
        // Something else has the camera
        Word::CameraInterrupted => "Votre caméra a été interrompue",
        Word::CameraTaken => {
            "Un appel ou une autre application l’a peut-être prise. La cérémonie est toujours en direct, et ceux qui regardent lisent que l’image va revenir."
        }
        Word::BringPictureBack => "Rétablir l’image",
        Word::MicrophoneInterrupted => "Votre micro a été interrompu",
        Word::MicrophoneTaken => {
            "Un appel ou une autre application l’a peut-être pris. La cérémonie est toujours en direct, mais on n’entend rien."
        }
        Word::BringSoundBack => "Rétablir le son",
        Word::BringingBack => "Rétablissement en cours…",
        Word::HangUp => "Raccrochez ou fermez l’autre application, puis touchez le bouton.",
        // What arrives
        Word::WhatArrives => "Ce qui arrive au serveur",
        Word::AskingServer => "On demande au serveur…",
        Word::PictureReceived => "Image reçue",
        Word::Saved => "Enregistré",
        Word::Watching => "Regardent",
        Word::NotYet => "pas encore",
        Word::SecondsAgo => "il y a {0} s",
        Word::ArrivesElsewhere => "Envoyé directement à Cloudflare, qui le montre et ne l’enregistre pas",
        Word::ArrivalAwaited => "En attente de la première image…",
        Word::BothArrive => "L’image et le son arrivent",
        Word::ArrivesWeakly => "La connexion est faible",
        Word::NoSoundArrives => "Aucun son n’arrive",
        Word::OnlySilence => "Seul le silence arrive",
        Word::NoPictureArrives => "Aucune image n’arrive",
        Word::ServerUnheard => "Aucune nouvelle de l’autre côté",
        Word::RecordingDiskFull => {
            "Le disque du serveur est plein : la cérémonie est montrée en direct, mais pas enregistrée. Prévenez la personne qui vous a envoyé le lien."
        }
        Word::NotBeingRecorded => {
            "Le serveur ne peut pas enregistrer : la cérémonie est montrée en direct, mais pas enregistrée. Prévenez la personne qui vous a envoyé le lien."
        }
        Word::DiskNearlyFull => {
            "Le disque du serveur est presque plein. La cérémonie est encore enregistrée. Prévenez la personne qui vous a envoyé le lien."
        }
        // What this phone notices
        Word::PictureBlack => "L’image est noire.",
        Word::PictureBlackWhat => "Quelque chose couvre-t-il la caméra\u{a0}?",
        Word::PictureStill => "L’image est figée.",
        Word::PictureStillWhat => "Changez de caméra, puis revenez à la première.",
        Word::NothingHeard => "On n’entend rien.",
        Word::NothingHeardWhat => "Débranchez les écouteurs et vérifiez que rien ne couvre le micro.",
        Word::ScreenMaySleep => "Cet écran peut s’éteindre tout seul.",
        Word::IphoneStaysOn => {
            "Dans les Réglages de l’iPhone, «\u{a0}Luminosité et affichage\u{a0}», mettez le verrouillage automatique sur «\u{a0}Jamais\u{a0}», jusqu’à ce que cette page dise que vous pouvez la fermer."
        }
        Word::PhoneStaysOn => {
            "Dans les Paramètres du téléphone, «\u{a0}Affichage\u{a0}», choisissez la mise en veille la plus longue, et touchez l’écran de temps en temps."
        }
        Word::ComputerStaysOn => {
            "Dans les réglages de l’ordinateur, désactivez la mise en veille jusqu’à ce que cette page dise que vous pouvez la fermer."
        }
        Word::EndedElsewhere => "La diffusion a été terminée ailleurs.",
        Word::NoCopyIsKept => "Aucune copie de sécurité n’est gardée sur ce téléphone.",
        Word::PhoneIsFull => "Ce téléphone est plein\u{a0}: la copie de sécurité s’arrête ici. La diffusion continue.",
        Word::CopyEndsHere => {
            "La copie de sécurité s’arrête ici\u{a0}: ce téléphone n’a pas pu en enregistrer davantage. La diffusion continue."
        }
        Word::CopyCannotBeKept => "Ce navigateur ne peut pas garder de copie de sécurité. La diffusion continue.",
        // More
        Word::More => "Plus",
        Word::Camera => "Caméra",
        Word::Microphone => "Micro",
        Word::Sound => "Son",
        Word::Music => "Musique et paroles",
        Word::MusicHint => "Comme la salle sonne\u{a0}: pour le chant, un orgue, quelqu’un à l’avant.",
        Word::Voice => "Paroles près du téléphone",
        Word::VoiceHint => "Moins de bruit et d’écho. La musique sonne moins bien.",
        Word::Picture => "Image",
        Word::Good => "Bonne",
        Word::SavesData => "Économise les données",
        Word::GoodAnHour => "environ 1,2 Go par heure",
        Word::SavesDataAnHour => "environ 0,3 Go par heure",
        Word::KeepCopy => "Garder une copie de sécurité sur ce téléphone",
        Word::CopyTakes => {
            "Elle contient ce qui se perd quand la connexion se coupe, et est livrée après la cérémonie. Elle prend {0}."
        }
        Word::RoomFor => "Il y a de la place pour {0} sur ce téléphone.",
        Word::NoCopyPossible => "Ce navigateur ne peut pas garder de copie de sécurité.",
        Word::Minutes => "{0} minutes",
        Word::OneHour => "1 heure",
        Word::Hours => "{0} heures",
        Word::ManyHours => "plus de 10 heures",
        // The rehearsal
        Word::Measuring => "Mesure de la connexion…",
        Word::SaySomething => "Dites quelque chose. Il reste {0} secondes.",
        Word::LookingAtArrived => "On regarde ce qui est arrivé…",
        Word::NobodyElseSees => "Personne d’autre ne voit ni n’entend cela.",
        Word::StopRehearsal => "Arrêter la répétition",
        Word::RehearsalFailed => "La répétition n’a pas fonctionné",
        Word::RehearsalFailedWhat => {
            "Le serveur n’a pas pu être joint. Vérifiez que cet appareil est en ligne, et répétez encore une fois."
        }
        Word::RehearseAgain => "Répéter encore",
        Word::BackToCamera => "Retour à la caméra",
        Word::SecondsArrived => "{0} secondes d’image sont arrivées. Votre connexion envoie {1}.",
        Word::YourRehearsal => "Votre répétition, telle qu’elle est arrivée",
        Word::WhatTheyWillSee => "C’est ce qu’ils verront. Personne d’autre ne peut le voir, et c’est effacé.",
        Word::Ready => "Tout est prêt",
        Word::ReadyBut => "Prêt, mais …",
        Word::NotReady => "Pas prêt, car …",
        Word::FoundNothing => "rien n’est arrivé",
        Word::FoundNothingWhat => {
            "Ce réseau semble bloquer la vidéo. Passez du Wi-Fi aux données mobiles, ou l’inverse, et répétez encore une fois."
        }
        Word::FoundNoPicture => "aucune image n’est arrivée",
        Word::FoundNoPictureWhat => {
            "Fermez les autres applications qui utilisent la caméra, et répétez encore une fois."
        }
        Word::FoundNoSound => "aucun son n’est arrivé",
        Word::FoundNoSoundWhat => "Fermez les autres applications qui utilisent le micro, et répétez encore une fois.",
        Word::FoundVeryWeak => "la connexion est trop faible",
        Word::FoundVeryWeakWhat => {
            "Rapprochez-vous du Wi-Fi, ou utilisez les données mobiles là où la réception est bonne. Répétez encore une fois."
        }
        Word::FoundWeak => "la connexion est faible",
        Word::FoundWeakWhat => "L’image ne sera peut-être pas nette. Plus près du Wi-Fi, elle sera meilleure.",
        Word::FoundDetour => "ce réseau n’est pas fait pour le direct",
        Word::FoundDetourWhat => {
            "L’image fait un détour et peut s’arrêter par moments. Avec les données mobiles ou un autre Wi-Fi, ce sera mieux."
        }
        Word::FoundDark => "l’image est sombre",
        Word::FoundDarkWhat => "Enlevez ce qui couvre la caméra, et allumez la lumière.",
        Word::FoundSilent => "on n’entend rien",
        Word::FoundSilentWhat => "Débranchez les écouteurs et vérifiez que rien ne couvre le micro.",
        Word::FoundScreen => "l’écran peut s’éteindre tout seul",
        Word::FoundScreenWhat => {
            "Mettez le verrouillage de l’écran sur «\u{a0}jamais\u{a0}» jusqu’à la fin de la cérémonie."
        }
        Word::FoundNoCopy => "ce téléphone ne garde pas de copie de sécurité",
        Word::FoundNoCopyWhat => {
            "La cérémonie n’est enregistrée que sur le serveur. Une version récente de Safari ou de Chrome en garde aussi une copie ici."
        }
        Word::FoundLittleRoom => "il y a peu de place sur ce téléphone",
        Word::FoundLittleRoomWhat => {
            "Supprimez des vidéos ou des applications, pour que deux heures de copie de sécurité y tiennent."
        }
        Word::FoundBattery => "la batterie est faible",
        Word::FoundBatteryWhat => "Branchez le téléphone\u{a0}: une heure de tournage en consomme beaucoup.",
        // What can go wrong
        Word::LinkIncomplete => "Ce lien n’est pas complet",
        Word::LinkIncompleteWhat => {
            "Il manque une partie du lien. Ouvrez-le encore une fois depuis le message reçu, ou copiez le lien en entier."
        }
        Word::LinkWrong => "Ce lien ne fonctionne pas",
        Word::LinkWrongWhat => {
            "Il a peut-être été remplacé par un plus récent. Demandez le lien actuel à la personne qui vous l’a envoyé."
        }
        Word::LinkOfAnother => "Ce lien appartient à une autre cérémonie",
        Word::LinkOfAnotherWhat => "Demandez le lien de cette cérémonie à la personne qui vous l’a envoyé.",
        Word::LinkEnded => "Ce lien n’est plus valable",
        Word::LinkEndedWhat => {
            "La cérémonie est terminée, ou le lien n’était valable qu’un certain temps. Si vous devez encore filmer, demandez à la personne qui vous l’a envoyé."
        }
        Word::LinkTooEarly => "Ce lien ne fonctionne pas encore",
        Word::LinkTooEarlyWhat => {
            "Il fonctionne à partir d’un jour avant la cérémonie. Ouvrez-le alors encore une fois\u{a0}: vous pourrez aussi répéter."
        }
        Word::ServiceUnknown => "Cette cérémonie est introuvable",
        Word::ServiceUnknownWhat => "Elle a peut-être été retirée. Demandez à la personne qui vous a envoyé le lien.",
        Word::PageInsecure => "Cette page n’est pas sécurisée",
        Word::PageInsecureWhat => {
            "Les navigateurs n’autorisent la caméra que sur des pages sécurisées. Ouvrez le lien avec https:// au début."
        }
        Word::NoCameraHere => "La caméra ne peut pas être utilisée ici",
        Word::NoCameraHereWhat => {
            "Cela arrive souvent dans une autre application, comme une messagerie. Ouvrez plutôt le lien dans Safari ou Chrome."
        }
        Word::CannotStream => "Ce navigateur ne peut pas diffuser",
        Word::CannotStreamWhat => "Ouvrez le lien dans une version récente de Safari, Chrome, Edge ou Firefox.",
        Word::Denied => "La caméra et le micro ne sont pas autorisés",
        Word::DeniedWhat => {
            "Autorisez les deux pour cette page\u{a0}: touchez le symbole à côté de l’adresse, puis les réglages de la caméra et du micro. Sur un iPhone\u{a0}: Réglages, le navigateur, Caméra et Micro. Puis réessayez."
        }
        Word::DeviceMissing => "Aucune caméra ou aucun micro n’a été trouvé",
        Word::DeviceMissingWhat => "Branchez ce qui manque, ou ouvrez le lien sur un téléphone. Puis réessayez.",
        Word::DeviceBusy => "La caméra ou le micro est déjà utilisé",
        Word::DeviceBusyWhat => {
            "Fermez les autres applications et pages qui les utilisent, comme un appel. Puis réessayez."
        }
        Word::DeviceInterrupted => "La caméra a été interrompue",
        Word::DeviceInterruptedWhat => "Autre chose en a eu besoin un instant. Réessayez.",
        Word::DeviceUnknown => "La caméra n’a pas pu démarrer",
        Word::DeviceUnknownWhat => {
            "Réessayez. Si cela ne fonctionne toujours pas, fermez le navigateur et ouvrez le lien encore une fois."
        }
        Word::ServerFull => "Il n’y a pas de place pour le moment",
        Word::ServerFullWhat => {
            "D’autres cérémonies sont diffusées en ce moment. Nous continuons d’essayer, et reprenons dès qu’il y a de la place."
        }
        Word::DiskFull => "Le serveur n’a pas de place pour un enregistrement",
        Word::DiskFullWhat => {
            "Prévenez la personne qui vous a envoyé le lien. Nous continuons d’essayer, et reprenons dès qu’il y a de la place."
        }
        Word::ServerFault => "Le serveur a un problème",
        Word::ServerFaultWhat => {
            "Nous continuons d’essayer. Si cela dure, prévenez la personne qui vous a envoyé le lien."
        }
        Word::Refused => "Le serveur n’a pas accepté la diffusion",
        Word::RefusedWhat => {
            "Réessayez. Si cela ne fonctionne toujours pas, prévenez la personne qui vous a envoyé le lien."
        }
        Word::NetworkDown => "Pas de connexion au serveur",
        Word::NetworkDownWhat => {
            "Vérifiez que cet appareil est en ligne, par Wi-Fi ou données mobiles. Nous continuons d’essayer."
        }
        Word::NoPath => "L’image ne passe pas",
        Word::NoPathWhat => {
            "Ce réseau semble bloquer la vidéo. Passez du Wi-Fi aux données mobiles, ou l’inverse. Nous continuons d’essayer."
        }
        Word::TakenOver => "Un autre téléphone filme maintenant",
        Word::TakenOverWhat => {
            "Il a pris le relais avec le même lien, et plus rien de ce téléphone n’est montré. Ce que ce téléphone a gardé sera livré après la cérémonie\u{a0}: laissez cette page ouverte, ou rouvrez le lien à ce moment-là. Pour filmer de nouveau avec ce téléphone, touchez «\u{a0}Réessayer\u{a0}»."
        }
        Word::Answer => "Pour la personne qui vous aide\u{a0}: réponse {0}.",
        // How to allow it, and another browser
        Word::MayNotUse => "Cette page ne peut pas utiliser la caméra et le micro. Pour autoriser les deux\u{a0}:",
        Word::ThenTryAgain => "Puis touchez «\u{a0}Réessayer\u{a0}».",
        Word::OpenElsewhere => {
            "Ou ouvrez le lien dans {0}, ou sur un autre téléphone. Quiconque l’a peut filmer\u{a0}: ne le donnez à personne d’autre."
        }
        Word::ThisLink => "Ce lien",
        Word::Copy => "Copier",
        Word::Copied => "Copié",
        Word::SafariOrChrome => "Chrome ou Safari",
        Word::InsideApp => "Vous êtes dans {0}",
        Word::InsideSomeApp => "Vous êtes dans une autre application",
        Word::InsideAppWhy => {
            "Souvent, la caméra ne fonctionne pas ici, ou s’arrête quand un message arrive. Veuillez ouvrir le lien dans Safari ou Chrome\u{a0}:"
        }
        Word::PageSymbolSettings => {
            "Touchez le symbole de page à gauche de l’adresse, puis «\u{a0}Réglages du site web\u{a0}»."
        }
        Word::SetToAllow => "Mettez Caméra et Micro sur «\u{a0}Autoriser\u{a0}».",
        Word::SafariInSettings => "Si cela ne suffit pas\u{a0}: Réglages, Apps, Safari, puis Caméra et Micro.",
        Word::AppInSettings => "Ouvrez les Réglages de l’iPhone, puis Apps, puis {0}.",
        Word::SwitchOn => "Activez Caméra et Micro.",
        Word::SymbolPermissions => "Touchez le symbole à gauche de l’adresse, puis «\u{a0}Autorisations\u{a0}».",
        Word::ChromeInSettings => {
            "S’ils n’y figurent pas\u{a0}: Paramètres du téléphone, Applications, Chrome, Autorisations."
        }
        Word::LockPermissions => "Touchez le cadenas à gauche de l’adresse, puis «\u{a0}Autorisations\u{a0}».",
        Word::AllowDevices => "Autorisez Caméra et Micro.",
        Word::SamsungInSettings => {
            "Si cela ne suffit pas\u{a0}: Paramètres du téléphone, Applications, Samsung Internet, Autorisations."
        }
        Word::TapLock => "Touchez le cadenas à gauche de l’adresse.",
        Word::TapBlocked => {
            "Touchez «\u{a0}Bloqué\u{a0}» à côté de Caméra et Micro, pour qu’il soit écrit «\u{a0}Autorisé\u{a0}»."
        }
        Word::FirefoxInSettings => {
            "Si cela ne suffit pas\u{a0}: Paramètres du téléphone, Applications, Firefox, Autorisations."
        }
        Word::MenuSafari => "Dans le menu, choisissez Safari, puis «\u{a0}Réglages pour ce site web\u{a0}».",
        Word::ClickCamera => "Cliquez sur la caméra barrée à gauche de l’adresse.",
        Word::RemoveBlock => "Levez le blocage de la caméra et du micro.",
        Word::ClickSymbol => "Cliquez sur le symbole à gauche de l’adresse.",
        Word::CopyLinkBelow => "Copiez le lien ci-dessous.",
        Word::PasteInBrowser => "Ouvrez Safari ou Chrome, et collez le lien dans la barre d’adresse.",
        // After the service
        Word::HasEnded => "La diffusion est terminée",
        Word::WasOnAir => "Elle a duré {0}. Plus rien n’est envoyé.",
        Word::OnServer => "Sur le serveur",
        Word::BeingClosed => "en cours de clôture…",
        Word::FromPhone => "De ce téléphone",
        Word::Delivered => "Livré",
        Word::RecordingWillBe => "L’enregistrement sera au même lien que la diffusion. Merci d’avoir filmé.",
        Word::Saving => "Sauvegarde en cours…",
        Word::KeepPageOpen => "Gardez cette page ouverte, s’il vous plaît.",
        Word::Safe => "En sûreté\u{a0}: {0} copies, {1}.",
        Word::SafeChecked => "En sûreté\u{a0}: {0} copies, {1}, son et image vérifiés.",
        Word::MayClose => "Vous pouvez fermer cette page.",
        Word::NotSafe => "Pas encore en sûreté, car {0}.",
        Word::OneCopy => "il n’y a qu’une copie",
        Word::OneCopyWhat => {
            "L’enregistrement sur le serveur est complet. Il n’y a plus rien à faire sur ce téléphone\u{a0}: vous pouvez fermer cette page."
        }
        Word::AllShort => "aucune copie de l’enregistrement n’est complète",
        Word::AllShortWhat => {
            "Ce qui est arrivé est enregistré. Prévenez la personne qui vous a envoyé le lien. Vous pouvez fermer cette page."
        }
        Word::NonePlays => "aucun enregistrement ne peut encore être lu",
        Word::NonePlaysWhat => {
            "Prévenez la personne qui vous a envoyé le lien, et laissez ce téléphone tel qu’il est\u{a0}: n’effacez pas les données du navigateur."
        }
        Word::NotDelivered => "le disque du serveur est plein",
        Word::NotDeliveredWhat => {
            "Prévenez la personne qui vous a envoyé le lien. Ce téléphone garde sa copie, et l’envoie dès qu’il y a de la place."
        }
        Word::NoWay => "ce téléphone ne peut pas joindre le serveur",
        Word::NoWayWhat => {
            "Cherchez une meilleure connexion, par exemple en Wi-Fi. Ce téléphone garde sa copie. Vous pouvez aussi rouvrir le lien plus tard."
        }
        Word::OnItsWay => "en route…",
        Word::BeingChecked => "en cours de vérification…",
        Word::LengthChecked => "{0}, vérifié",
        Word::LengthShort => "{0}, incomplet",
        Word::ServerCopyMissing => "L’enregistrement n’a pas pu être préparé. Ce qui est arrivé reste sur le serveur.",
        Word::PhoneCopyMissing => {
            "Ce que ce téléphone a envoyé n’a pas pu devenir un fichier. Cela reste sur le serveur."
        }
        Word::CopyDeleted => "supprimée",
        Word::LookingForCopy => "recherche de la copie de sécurité…",
        Word::PartDelivered => "{0} sur {1} livrés",
        Word::MinuteLeft => "encore une minute environ",
        Word::MinutesLeft => "encore {0} minutes environ",
        Word::OnMobileData => {
            "Ce téléphone utilise les données mobiles. S’il y a du Wi-Fi ici, passez-y\u{a0}: la livraison continue d’elle-même."
        }
        Word::StillToDeliver => "Il reste {0} à livrer. Nous continuons d’essayer.",
        Word::AllDelivered => "livrée",
        Word::NoCopyWasKept => "aucune copie de sécurité n’a été gardée",
        // How it went
        Word::HowDidItGo => "Comment cela s’est-il passé\u{a0}?",
        Word::NeedNotAnswer => "Pour ceux qui vous ont envoyé le lien. Vous n’êtes pas obligé de répondre.",
        Word::Stars => "Étoiles",
        Word::OneStar => "1 étoile",
        Word::SomeStars => "{0} étoiles",
        Word::SomeWords => "Un mot, si vous le souhaitez",
        Word::Send => "Envoyer",
        Word::Sending => "Envoi…",
        Word::NotKept => "Cela n’a pas pu être gardé. Merci quand même.",
        Word::ThankYou => "Merci.",
        // In numbers
        Word::DecimalMark => ",",
        Word::Megabytes => "{0} Mo",
        Word::Gigabytes => "{0} Go",
    }
}
