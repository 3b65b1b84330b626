//! Spanish.

use super::Word;

pub(super) const fn text(word: Word) -> &'static str {
    match word {
        // The page, and before the camera is open
        Word::FilmTheService => "Filmar la ceremonia",
        Word::NeedsScripts => {
            "Para filmar la ceremonia, esta página necesita JavaScript. Actívelo, por favor, o abra el enlace en otro navegador."
        }
        Word::TooOld => {
            "Este navegador es demasiado antiguo para filmar. Abra el enlace en otro teléfono o en otro navegador, por favor: un iPhone necesita iOS 16 o posterior; un teléfono Android, Chrome 97 o posterior."
        }
        Word::NotLoaded => {
            "Esta página no se ha cargado por completo. Compruebe su conexión y vuelva a cargar la página, por favor."
        }
        Word::WaitsForPicture => "La ceremonia está en directo y espera su imagen. Encienda la cámara para continuar.",
        Word::AllowBothFirst => {
            "Primero, su navegador preguntará si esta página puede usar la cámara y el micrófono. Permita los dos, por favor, para que quienes no pueden venir vean y oigan."
        }
        Word::NobodySeesYet => "Nadie ve ni oye nada hasta que usted pulse «Empezar».",
        Word::StartCamera => "Encender la cámara",
        Word::AllowBoth => "Permita la cámara y el micrófono, por favor.",
        Word::StartingCamera => "Encendiendo la cámara…",
        Word::NothingAsks => "¿No le preguntan nada?",
        Word::NothingAsksWhat => {
            "Su navegador debería preguntar si esta página puede usar la cámara y el micrófono. Mire en la parte de arriba de la pantalla. Si no hay ninguna pregunta, este navegador no puede filmar."
        }
        // The picture is seen, and the way to being live
        Word::AnotherPhoneFilms => {
            "Otro teléfono está filmando esta ceremonia ahora. Si empieza aquí, este teléfono toma su lugar."
        }
        Word::OnlyYouSee => {
            "Por ahora solo usted ve esta imagen. Sujete el teléfono en horizontal o colóquelo donde quede firme."
        }
        Word::GoLive => "Empezar",
        Word::RehearseFirst => "Ensayar antes: 10 segundos, solo para usted",
        Word::PlugIn => {
            "Antes de empezar: enchufe el teléfono y active «No molestar», para que ninguna llamada interrumpa."
        }
        Word::Connecting => "Conectando…",
        Word::Cancel => "Cancelar",
        Word::TryAgain => "Intentar de nuevo",
        Word::TryAgainNow => "Intentar de nuevo ahora",
        // On air
        Word::OnAir => "En directo",
        Word::End => "Terminar",
        Word::EndForEverybody => "¿Terminar la ceremonia para todos los que la ven?",
        Word::YesEnd => "Sí, terminar",
        Word::KeepStreaming => "Seguir transmitiendo",
        Word::Ending => "Terminando la ceremonia…",
        Word::CameraIsOff => "Su cámara está apagada y ya no se envía nada.",
        Word::KeepTrying => {
            "No se pudo llegar al servidor para terminar. Deje esta página abierta, por favor: seguimos intentándolo."
        }
        Word::FlipCamera => "Cambiar de cámara",
        Word::Mute => "Silenciar",
        Word::TurnSoundOn => "Activar el sonido",
        Word::CameraSees => "Lo que ve su cámara",
        Word::MicrophoneIsOff => "Su micrófono está apagado: nadie oye nada",
        Word::Reconnecting => "Conectando de nuevo… su imagen volverá.",
        // Something else has the camera
        Word::CameraInterrupted => "Su cámara se ha interrumpido",
        Word::CameraTaken => {
            "Puede que una llamada u otra aplicación la haya ocupado. La ceremonia sigue en directo, y quienes la ven leen que la imagen volverá."
        }
        Word::BringPictureBack => "Recuperar la imagen",
        Word::MicrophoneInterrupted => "Su micrófono se ha interrumpido",
        Word::MicrophoneTaken => {
            "Puede que una llamada u otra aplicación lo haya ocupado. La ceremonia sigue en directo, pero no se oye nada."
        }
        Word::BringSoundBack => "Recuperar el sonido",
        Word::BringingBack => "Recuperando…",
        Word::HangUp => "Cuelgue o cierre la otra aplicación y luego toque el botón.",
        // What arrives
        Word::WhatArrives => "Lo que llega al servidor",
        Word::AskingServer => "Preguntando al servidor…",
        Word::PictureReceived => "Imagen recibida",
        Word::Saved => "Guardado",
        Word::Watching => "Viendo",
        Word::NotYet => "todavía no",
        Word::SecondsAgo => "hace {0} s",
        Word::ArrivesElsewhere => "Se envía directamente a Cloudflare, que lo muestra y no lo graba",
        Word::ArrivalAwaited => "Esperando la primera imagen…",
        Word::BothArrive => "La imagen y el sonido llegan",
        Word::ArrivesWeakly => "La conexión es débil",
        Word::NoSoundArrives => "No llega el sonido",
        Word::OnlySilence => "Solo llega silencio",
        Word::NoPictureArrives => "No llega la imagen",
        Word::ServerUnheard => "No hay respuesta del otro lado",
        Word::RecordingDiskFull => {
            "El disco del servidor está lleno: la ceremonia se muestra en directo, pero no se graba. Avise a la persona que le envió el enlace."
        }
        Word::NotBeingRecorded => {
            "El servidor no puede grabar: la ceremonia se muestra en directo, pero no se graba. Avise a la persona que le envió el enlace."
        }
        Word::DiskNearlyFull => {
            "El disco del servidor está casi lleno. La ceremonia todavía se graba. Avise a la persona que le envió el enlace."
        }
        // What this phone notices
        Word::PictureBlack => "La imagen está negra.",
        Word::PictureBlackWhat => "¿Hay algo que tapa la cámara?",
        Word::PictureStill => "La imagen está detenida.",
        Word::PictureStillWhat => "Cambie de cámara y vuelva a la anterior.",
        Word::NothingHeard => "No se oye nada.",
        Word::NothingHeardWhat => "Desconecte los auriculares y compruebe que nada tape el micrófono.",
        Word::ScreenMaySleep => "Esta pantalla puede apagarse sola.",
        Word::IphoneStaysOn => {
            "En los Ajustes del iPhone, en «Pantalla y brillo», ponga el bloqueo automático en «Nunca» hasta que esta página diga que puede cerrarla."
        }
        Word::PhoneStaysOn => {
            "En los Ajustes del teléfono, en «Pantalla», elija el tiempo más largo hasta que se apague, y toque la pantalla de vez en cuando."
        }
        Word::ComputerStaysOn => {
            "En los ajustes del ordenador, desactive la suspensión hasta que esta página diga que puede cerrarla."
        }
        Word::EndedElsewhere => "La ceremonia se terminó desde otro lugar.",
        Word::NoCopyIsKept => "En este teléfono no se guarda copia de seguridad.",
        Word::PhoneIsFull => "Este teléfono está lleno: la copia de seguridad acaba aquí. La ceremonia continúa.",
        Word::CopyEndsHere => {
            "La copia de seguridad acaba aquí: este teléfono no ha podido guardar más. La ceremonia continúa."
        }
        Word::CopyCannotBeKept => "Este navegador no puede guardar una copia de seguridad. La ceremonia continúa.",
        // More
        Word::More => "Más",
        Word::Camera => "Cámara",
        Word::Microphone => "Micrófono",
        Word::Sound => "Sonido",
        Word::Music => "Música y voz",
        Word::MusicHint => "Como suena la sala: para el canto, un órgano, alguien al frente.",
        Word::Voice => "Voz cerca del teléfono",
        Word::VoiceHint => "Menos ruido y eco. La música suena peor.",
        Word::Picture => "Imagen",
        Word::Good => "Buena",
        Word::SavesData => "Ahorra datos",
        Word::GoodAnHour => "unos 1,2 GB por hora",
        Word::SavesDataAnHour => "unos 0,3 GB por hora",
        Word::KeepCopy => "Guardar una copia de seguridad en este teléfono",
        Word::CopyTakes => {
            "Contiene lo que se pierde cuando se corta la conexión y se entrega después de la ceremonia. Ocupa {0}."
        }
        Word::RoomFor => "En este teléfono hay sitio para {0}.",
        Word::NoCopyPossible => "Este navegador no puede guardar una copia de seguridad.",
        Word::Minutes => "{0} minutos",
        Word::OneHour => "1 hora",
        Word::Hours => "{0} horas",
        Word::ManyHours => "más de 10 horas",
        // The rehearsal
        Word::Measuring => "Midiendo la conexión…",
        Word::SaySomething => "Diga algo. Quedan {0} segundos.",
        Word::LookingAtArrived => "Mirando lo que ha llegado…",
        Word::NobodyElseSees => "Nadie más ve ni oye esto.",
        Word::StopRehearsal => "Detener el ensayo",
        Word::RehearsalFailed => "El ensayo no ha funcionado",
        Word::RehearsalFailedWhat => {
            "No se pudo llegar al servidor. Compruebe que este dispositivo tiene conexión y ensaye otra vez."
        }
        Word::RehearseAgain => "Ensayar otra vez",
        Word::BackToCamera => "Volver a la cámara",
        Word::SecondsArrived => "Llegaron {0} segundos de imagen. Su conexión envía {1}.",
        Word::YourRehearsal => "Su ensayo, tal como llegó",
        Word::WhatTheyWillSee => "Esto es lo que verán. Nadie más puede verlo ahora, y se borra.",
        Word::Ready => "Todo listo",
        Word::ReadyBut => "Listo, pero …",
        Word::NotReady => "No está listo, porque …",
        Word::FoundNothing => "no llegó nada",
        Word::FoundNothingWhat => {
            "Parece que esta red bloquea el vídeo. Cambie de wifi a datos móviles, o al revés, y ensaye otra vez."
        }
        Word::FoundNoPicture => "no llegó la imagen",
        Word::FoundNoPictureWhat => "Cierre otras aplicaciones que usen la cámara y ensaye otra vez.",
        Word::FoundNoSound => "no llegó el sonido",
        Word::FoundNoSoundWhat => "Cierre otras aplicaciones que usen el micrófono y ensaye otra vez.",
        Word::FoundVeryWeak => "la conexión es demasiado débil",
        Word::FoundVeryWeakWhat => {
            "Acérquese al wifi o use datos móviles en un lugar con buena cobertura. Ensaye otra vez."
        }
        Word::FoundWeak => "la conexión es débil",
        Word::FoundWeakWhat => "Puede que la imagen no sea nítida. Más cerca del wifi será mejor.",
        Word::FoundDetour => "esta red no está hecha para imágenes en directo",
        Word::FoundDetourWhat => {
            "La imagen da un rodeo y puede detenerse de vez en cuando. Con datos móviles u otro wifi será mejor."
        }
        Word::FoundDark => "la imagen está oscura",
        Word::FoundDarkWhat => "Quite lo que tapa la cámara y encienda la luz.",
        Word::FoundSilent => "no se oye nada",
        Word::FoundSilentWhat => "Desconecte los auriculares y compruebe que nada tape el micrófono.",
        Word::FoundScreen => "la pantalla puede apagarse sola",
        Word::FoundScreenWhat => "Ponga el bloqueo de pantalla en «nunca» hasta que termine la ceremonia.",
        Word::FoundNoCopy => "este teléfono no guarda copia de seguridad",
        Word::FoundNoCopyWhat => {
            "La ceremonia se graba solo en el servidor. Una versión actual de Safari o Chrome guarda también una copia aquí."
        }
        Word::FoundLittleRoom => "hay poco espacio en este teléfono",
        Word::FoundLittleRoomWhat => "Borre vídeos o aplicaciones, para que quepan dos horas de copia de seguridad.",
        Word::FoundBattery => "queda poca batería",
        Word::FoundBatteryWhat => "Enchufe el teléfono: una hora de filmación gasta mucha.",
        // What can go wrong
        Word::LinkIncomplete => "Este enlace no está completo",
        Word::LinkIncompleteWhat => {
            "Falta una parte del enlace. Ábralo otra vez desde el mensaje que recibió o copie el enlace entero."
        }
        Word::LinkWrong => "Este enlace no funciona",
        Word::LinkWrongWhat => {
            "Puede que haya uno más nuevo en su lugar. Pida el enlace actual a la persona que se lo envió."
        }
        Word::LinkOfAnother => "Este enlace es de otra ceremonia",
        Word::LinkOfAnotherWhat => "Pida el enlace de esta ceremonia a la persona que se lo envió.",
        Word::LinkEnded => "Este enlace ha caducado",
        Word::LinkEndedWhat => {
            "La ceremonia ha terminado, o el enlace valía solo por un tiempo. Si todavía necesita transmitir, pregunte a la persona que se lo envió."
        }
        Word::LinkTooEarly => "Este enlace todavía no funciona",
        Word::LinkTooEarlyWhat => {
            "Funciona desde un día antes de la ceremonia. Ábralo entonces otra vez: desde ese momento también puede ensayar."
        }
        Word::ServiceUnknown => "No encontramos esta ceremonia",
        Word::ServiceUnknownWhat => "Puede que se haya retirado. Pregunte a la persona que le envió el enlace.",
        Word::PageInsecure => "Esta página no es segura",
        Word::PageInsecureWhat => {
            "Los navegadores permiten la cámara solo en páginas seguras. Abra el enlace con https:// al principio."
        }
        Word::NoCameraHere => "Aquí no se puede usar la cámara",
        Word::NoCameraHereWhat => {
            "Esto ocurre a menudo dentro de otra aplicación, como una de mensajes. Abra el enlace en Safari o Chrome."
        }
        Word::CannotStream => "Este navegador no puede transmitir",
        Word::CannotStreamWhat => "Abra el enlace en una versión actual de Safari, Chrome, Edge o Firefox.",
        Word::Denied => "La cámara y el micrófono no están permitidos",
        Word::DeniedWhat => {
            "Permita los dos para esta página: toque el símbolo junto a la dirección y luego los ajustes de cámara y micrófono. En un iPhone: Ajustes, el navegador, Cámara y Micrófono. Después inténtelo de nuevo."
        }
        Word::DeviceMissing => "No se encontró cámara o micrófono",
        Word::DeviceMissingWhat => "Conecte lo que falta o abra el enlace en un teléfono. Después inténtelo de nuevo.",
        Word::DeviceBusy => "La cámara o el micrófono está en uso",
        Word::DeviceBusyWhat => {
            "Cierre otras aplicaciones y páginas que los usen, como una llamada. Después inténtelo de nuevo."
        }
        Word::DeviceInterrupted => "La cámara se interrumpió",
        Word::DeviceInterruptedWhat => "Otra cosa la necesitó por un momento. Inténtelo de nuevo.",
        Word::DeviceUnknown => "No se pudo encender la cámara",
        Word::DeviceUnknownWhat => {
            "Inténtelo de nuevo. Si sigue sin funcionar, cierre el navegador y abra el enlace otra vez."
        }
        Word::ServerFull => "En este momento no hay sitio",
        Word::ServerFullWhat => {
            "Ahora se están transmitiendo otras ceremonias. Seguimos intentándolo y continuamos en cuanto haya sitio."
        }
        Word::DiskFull => "El servidor no tiene sitio para una grabación",
        Word::DiskFullWhat => {
            "Avise a la persona que le envió el enlace. Seguimos intentándolo y continuamos en cuanto haya sitio."
        }
        Word::ServerFault => "El servidor tiene un problema",
        Word::ServerFaultWhat => "Seguimos intentándolo. Si tarda mucho, avise a la persona que le envió el enlace.",
        Word::Refused => "El servidor no aceptó la transmisión",
        Word::RefusedWhat => "Inténtelo de nuevo. Si sigue sin funcionar, avise a la persona que le envió el enlace.",
        Word::NetworkDown => "Sin conexión con el servidor",
        Word::NetworkDownWhat => {
            "Compruebe que este dispositivo tiene conexión, por wifi o datos móviles. Seguimos intentándolo."
        }
        Word::NoPath => "La imagen no llega",
        Word::NoPathWhat => {
            "Parece que esta red bloquea el vídeo. Cambie de wifi a datos móviles, o al revés. Seguimos intentándolo."
        }
        Word::TakenOver => "Otro teléfono filma ahora",
        Word::TakenOverWhat => {
            "Ha tomado el relevo con el mismo enlace, y ya no se muestra nada de este teléfono. Lo que este teléfono guardó se entrega después de la ceremonia: deje esta página abierta, o abra el enlace de nuevo entonces. Para volver a filmar con este teléfono, toque «Intentar de nuevo»."
        }
        Word::Answer => "Para la persona que le ayude: respuesta {0}.",
        // How to allow it, and another browser
        Word::MayNotUse => "Esta página no puede usar la cámara y el micrófono. Para permitirlos:",
        Word::ThenTryAgain => "Después toque «Intentar de nuevo».",
        Word::OpenElsewhere => {
            "O abra el enlace en {0} o en otro teléfono. Quien lo tenga puede filmar: no se lo dé a nadie más."
        }
        Word::ThisLink => "Este enlace",
        Word::Copy => "Copiar",
        Word::Copied => "Copiado",
        Word::SafariOrChrome => "Chrome o Safari",
        Word::InsideApp => "Está dentro de {0}",
        Word::InsideSomeApp => "Está dentro de otra aplicación",
        Word::InsideAppWhy => {
            "Aquí la cámara a menudo no funciona, o se detiene cuando llega un mensaje. Abra el enlace en Safari o Chrome:"
        }
        Word::PageSymbolSettings => {
            "Toque el símbolo de la página a la izquierda de la dirección y luego «Ajustes del sitio web»."
        }
        Word::SetToAllow => "Ponga Cámara y Micrófono en «Permitir».",
        Word::SafariInSettings => "Si eso no ayuda: Ajustes, Apps, Safari, y luego Cámara y Micrófono.",
        Word::AppInSettings => "Abra los Ajustes del iPhone, luego Apps y luego {0}.",
        Word::SwitchOn => "Active Cámara y Micrófono.",
        Word::SymbolPermissions => "Toque el símbolo a la izquierda de la dirección y luego «Permisos».",
        Word::ChromeInSettings => "Si no aparecen: los Ajustes del teléfono, Aplicaciones, Chrome, Permisos.",
        Word::LockPermissions => "Toque el candado a la izquierda de la dirección y luego «Permisos».",
        Word::AllowDevices => "Permita Cámara y Micrófono.",
        Word::SamsungInSettings => {
            "Si eso no ayuda: los Ajustes del teléfono, Aplicaciones, Samsung Internet, Permisos."
        }
        Word::TapLock => "Toque el candado a la izquierda de la dirección.",
        Word::TapBlocked => "Toque «Bloqueado» junto a Cámara y Micrófono, para que diga «Permitido».",
        Word::FirefoxInSettings => "Si eso no ayuda: los Ajustes del teléfono, Aplicaciones, Firefox, Permisos.",
        Word::MenuSafari => "En el menú, elija Safari y luego «Ajustes para este sitio web».",
        Word::ClickCamera => "Haga clic en la cámara tachada a la izquierda de la dirección.",
        Word::RemoveBlock => "Quite el bloqueo de Cámara y Micrófono.",
        Word::ClickSymbol => "Haga clic en el símbolo a la izquierda de la dirección.",
        Word::CopyLinkBelow => "Copie el enlace de abajo.",
        Word::PasteInBrowser => "Abra Safari o Chrome y pegue el enlace en la barra de direcciones.",
        // After the service
        Word::HasEnded => "La ceremonia ha terminado",
        Word::WasOnAir => "Estuvo en directo {0}. Ya no se envía nada.",
        Word::OnServer => "En el servidor",
        Word::BeingClosed => "se está cerrando…",
        Word::FromPhone => "De este teléfono",
        Word::Delivered => "Entregado",
        Word::RecordingWillBe => "La grabación estará en el mismo enlace donde se vio. Gracias por filmar.",
        Word::Saving => "Guardando…",
        Word::KeepPageOpen => "Deje esta página abierta, por favor.",
        Word::Safe => "A salvo: {0} copias, {1}.",
        Word::SafeChecked => "A salvo: {0} copias, {1}, sonido e imagen comprobados.",
        Word::MayClose => "Puede cerrar esta página.",
        Word::NotSafe => "Todavía no está a salvo, porque {0}.",
        Word::OneCopy => "solo hay una copia",
        Word::OneCopyWhat => {
            "La grabación en el servidor está completa. En este teléfono no se puede hacer nada más: puede cerrar esta página."
        }
        Word::AllShort => "ninguna copia de la grabación está completa",
        Word::AllShortWhat => {
            "Lo que llegó está guardado. Avise a la persona que le envió el enlace. Puede cerrar esta página."
        }
        Word::NonePlays => "aún no se puede reproducir ninguna grabación",
        Word::NonePlaysWhat => {
            "Avise a la persona que le envió el enlace y deje este teléfono como está: no borre los datos del navegador."
        }
        Word::NotDelivered => "el disco del servidor está lleno",
        Word::NotDeliveredWhat => {
            "Avise a la persona que le envió el enlace. Este teléfono conserva su copia y la envía en cuanto haya sitio."
        }
        Word::NoWay => "este teléfono no puede llegar al servidor",
        Word::NoWayWhat => {
            "Busque una conexión mejor, como una wifi. Este teléfono conserva su copia. También puede abrir el enlace más tarde."
        }
        Word::OnItsWay => "en camino…",
        Word::BeingChecked => "se está comprobando…",
        Word::LengthChecked => "{0}, comprobado",
        Word::LengthShort => "{0}, no está completo",
        Word::ServerCopyMissing => "La grabación no se pudo preparar. Lo que llegó está guardado en el servidor.",
        Word::PhoneCopyMissing => {
            "Con lo que envió este teléfono no se pudo hacer un archivo. Está guardado en el servidor."
        }
        Word::CopyDeleted => "borrada",
        Word::LookingForCopy => "buscando la copia de seguridad…",
        Word::PartDelivered => "{0} de {1} entregados",
        Word::MinuteLeft => "queda aproximadamente un minuto",
        Word::MinutesLeft => "quedan unos {0} minutos",
        Word::OnMobileData => {
            "Este teléfono usa datos móviles. Si aquí hay wifi, cámbiese a ella: la entrega continúa sola."
        }
        Word::StillToDeliver => "Todavía quedan {0} por entregar. Seguimos intentándolo.",
        Word::AllDelivered => "entregada",
        Word::NoCopyWasKept => "no se guardó copia de seguridad",
        // How it went
        Word::HowDidItGo => "¿Cómo ha ido?",
        Word::NeedNotAnswer => "Para quienes le enviaron el enlace. No hace falta que responda.",
        Word::Stars => "Estrellas",
        Word::OneStar => "1 estrella",
        Word::SomeStars => "{0} estrellas",
        Word::SomeWords => "Unas palabras, si quiere",
        Word::Send => "Enviar",
        Word::Sending => "Enviando…",
        Word::NotKept => "No se pudo guardar. Gracias de todos modos.",
        Word::ThankYou => "Gracias.",
        // In numbers
        Word::DecimalMark => ",",
        Word::Megabytes => "{0} MB",
        Word::Gigabytes => "{0} GB",
    }
}
