//! English.

use super::Word;

pub(super) const fn text(word: Word) -> &'static str {
    match word {
        // The page, and before the camera is open
        Word::FilmTheService => "Film the service",
        Word::NeedsScripts => {
            "To film the service, this page needs JavaScript. Please switch it on, or open the link in another browser."
        }
        Word::TooOld => {
            "This browser is too old to film with. Please open the link on another phone or in another browser: an iPhone needs iOS 16 or later, an Android phone Chrome 97 or later."
        }
        Word::NotLoaded => "This page did not load completely. Please check your connection, and load the page again.",
        Word::WaitsForPicture => "The service is on air and waits for its picture. Start the camera to go on with it.",
        Word::AllowBothFirst => {
            "First, your browser will ask whether this page may use the camera and the microphone. Please allow both, so that those who cannot come can see and hear."
        }
        Word::NobodySeesYet => "Nobody sees or hears anything until you press “Go live”.",
        Word::StartCamera => "Start camera",
        Word::AllowBoth => "Please allow the camera and the microphone.",
        Word::StartingCamera => "Starting the camera…",
        Word::NothingAsks => "Does nothing ask you?",
        Word::NothingAsksWhat => {
            "Your browser should ask whether this page may use camera and microphone. Look at the top of the screen. If there is no question, this browser cannot film."
        }
        // The picture is seen, and the way to being live
        Word::AnotherPhoneFilms => {
            "Another phone is filming this service now. If you go live here, this phone takes over."
        }
        Word::OnlyYouSee => {
            "Only you see this picture so far. Hold the phone sideways, or set it down where it stands firmly."
        }
        Word::GoLive => "Go live",
        Word::RehearseFirst => "Rehearse first: 10 seconds, only for you",
        Word::PlugIn => {
            "Before you begin: plug the phone in, and switch “Do not disturb” on, so that no call interrupts."
        }
        Word::Connecting => "Connecting…",
        Word::Cancel => "Cancel",
        Word::TryAgain => "Try again",
        Word::TryAgainNow => "Try again now",
        // On air
        Word::OnAir => "On air",
        Word::End => "End",
        Word::EndForEverybody => "End the service for everybody who is watching?",
        Word::YesEnd => "Yes, end the service",
        Word::KeepStreaming => "Keep streaming",
        Word::Ending => "Ending the service…",
        Word::CameraIsOff => "Your camera is off and nothing is being sent any more.",
        Word::KeepTrying => "The server could not be reached to finish. Please keep this page open: we keep trying.",
        Word::FlipCamera => "Flip camera",
        Word::Mute => "Mute",
        Word::TurnSoundOn => "Turn sound on",
        Word::CameraSees => "What your camera sees",
        Word::MicrophoneIsOff => "Your microphone is off: nobody hears anything",
        Word::Reconnecting => "Reconnecting… your picture will return.",
        // Something else has the camera
        Word::CameraInterrupted => "Your camera was interrupted",
        Word::CameraTaken => {
            "A call or another app may have taken it. The service is still on air, and those who watch read that the picture will return."
        }
        Word::BringPictureBack => "Bring the picture back",
        Word::MicrophoneInterrupted => "Your microphone was interrupted",
        Word::MicrophoneTaken => {
            "A call or another app may have taken it. The service is still on air, but nothing can be heard."
        }
        Word::BringSoundBack => "Bring the sound back",
        Word::BringingBack => "Bringing it back…",
        Word::HangUp => "Hang up or close the other app, then touch the button.",
        // What arrives
        Word::WhatArrives => "What arrives at the server",
        Word::AskingServer => "Asking the server…",
        Word::PictureReceived => "Picture received",
        Word::Saved => "Saved",
        Word::Watching => "Watching",
        Word::NotYet => "not yet",
        Word::SecondsAgo => "{0} s ago",
        Word::ArrivesElsewhere => "Sent straight to Cloudflare, which shows it and does not record it",
        Word::ArrivalAwaited => "Waiting for the first picture…",
        Word::BothArrive => "Picture and sound arrive",
        Word::ArrivesWeakly => "The connection is weak",
        Word::NoSoundArrives => "No sound arrives",
        Word::OnlySilence => "Only silence arrives",
        Word::NoPictureArrives => "No picture arrives",
        Word::ServerUnheard => "Nothing is heard from the other end",
        Word::RecordingDiskFull => {
            "The disk of the server is full: the service is shown live, but not recorded. Please tell the person who sent you the link."
        }
        Word::NotBeingRecorded => {
            "The server cannot record: the service is shown live, but not recorded. Please tell the person who sent you the link."
        }
        Word::DiskNearlyFull => {
            "The disk of the server is nearly full. The service is still recorded. Please tell the person who sent you the link."
        }
        // What this phone notices
        Word::PictureBlack => "The picture is black.",
        Word::PictureBlackWhat => "Does something cover the camera?",
        Word::PictureStill => "The picture stands still.",
        Word::PictureStillWhat => "Flip the camera and flip it back.",
        Word::NothingHeard => "Nothing can be heard.",
        Word::NothingHeardWhat => "Unplug headphones, and make sure that nothing covers the microphone.",
        Word::ScreenMaySleep => "This screen may switch itself off.",
        Word::IphoneStaysOn => {
            "In the iPhone’s Settings, Display & Brightness, set Auto-Lock to “Never” until this page says that you may close it."
        }
        Word::PhoneStaysOn => {
            "In the phone’s Settings, Display, set the screen time-out to the longest time, and touch the screen now and then."
        }
        Word::ComputerStaysOn => {
            "In the computer’s settings, switch off sleep until this page says that you may close it."
        }
        Word::EndedElsewhere => "The service was ended elsewhere.",
        Word::NoCopyIsKept => "No safety copy is kept on this phone.",
        Word::PhoneIsFull => "This phone is full: the safety copy ends here. The service goes on.",
        Word::CopyEndsHere => {
            "The safety copy ends here: this phone could not store any more of it. The service goes on."
        }
        Word::CopyCannotBeKept => "This browser cannot keep a safety copy. The service goes on.",
        // More
        Word::More => "More",
        Word::Camera => "Camera",
        Word::Microphone => "Microphone",
        Word::Sound => "Sound",
        Word::Music => "Music and speech",
        Word::MusicHint => "As the room sounds: for singing, an organ, somebody at the front.",
        Word::Voice => "Speech close to the phone",
        Word::VoiceHint => "Less noise and echo. Music sounds worse.",
        Word::Picture => "Picture",
        Word::Good => "Good",
        Word::SavesData => "Saves data",
        Word::GoodAnHour => "about 1.2 GB an hour",
        Word::SavesDataAnHour => "about 0.3 GB an hour",
        Word::KeepCopy => "Keep a safety copy on this phone",
        Word::CopyTakes => {
            "It has what is lost when the connection breaks, and is delivered after the service. It takes {0}."
        }
        Word::RoomFor => "There is room for {0} on this phone.",
        Word::NoCopyPossible => "This browser cannot keep a safety copy.",
        Word::Minutes => "{0} minutes",
        Word::OneHour => "1 hour",
        Word::Hours => "{0} hours",
        Word::ManyHours => "more than 10 hours",
        // The rehearsal
        Word::Measuring => "Measuring the connection…",
        Word::SaySomething => "Say something. {0} seconds are left.",
        Word::LookingAtArrived => "Looking at what arrived…",
        Word::NobodyElseSees => "Nobody else sees or hears this.",
        Word::StopRehearsal => "Stop the rehearsal",
        Word::RehearsalFailed => "The rehearsal did not work",
        Word::RehearsalFailedWhat => {
            "The server could not be reached. Check that this device is online, and rehearse again."
        }
        Word::RehearseAgain => "Rehearse again",
        Word::BackToCamera => "Back to the camera",
        Word::SecondsArrived => "{0} seconds of picture arrived. Your connection sends {1}.",
        Word::YourRehearsal => "Your rehearsal, as it arrived",
        Word::WhatTheyWillSee => "This is what they will see. Nobody else can see it, and it is thrown away.",
        Word::Ready => "Ready",
        Word::ReadyBut => "Ready, but …",
        Word::NotReady => "Not ready, because …",
        Word::FoundNothing => "nothing arrived",
        Word::FoundNothingWhat => {
            "This network seems to block video. Switch from Wi-Fi to mobile data, or the other way round, and rehearse again."
        }
        Word::FoundNoPicture => "no picture arrived",
        Word::FoundNoPictureWhat => "Close other apps that use the camera, and rehearse again.",
        Word::FoundNoSound => "no sound arrived",
        Word::FoundNoSoundWhat => "Close other apps that use the microphone, and rehearse again.",
        Word::FoundVeryWeak => "the connection is too weak",
        Word::FoundVeryWeakWhat => {
            "Go closer to the Wi-Fi, or use mobile data at a place with good reception. Rehearse again."
        }
        Word::FoundWeak => "the connection is weak",
        Word::FoundWeakWhat => "The picture may not be sharp. Closer to the Wi-Fi it will be better.",
        Word::FoundDetour => "this network is not made for live pictures",
        Word::FoundDetourWhat => {
            "They come by a detour and may stop now and then. With mobile data, or another Wi-Fi, it will be better."
        }
        Word::FoundDark => "the picture is dark",
        Word::FoundDarkWhat => "Take off what covers the camera, and switch the lights on.",
        Word::FoundSilent => "nothing can be heard",
        Word::FoundSilentWhat => "Unplug headphones, and make sure that nothing covers the microphone.",
        Word::FoundScreen => "the screen may switch itself off",
        Word::FoundScreenWhat => "Set the screen lock to “never” until the service is over.",
        Word::FoundNoCopy => "this phone keeps no safety copy",
        Word::FoundNoCopyWhat => {
            "The service is recorded on the server only. A current version of Safari or Chrome keeps a copy here too."
        }
        Word::FoundLittleRoom => "there is little room on this phone",
        Word::FoundLittleRoomWhat => "Delete videos or apps, so that two hours of safety copy fit.",
        Word::FoundBattery => "the battery is low",
        Word::FoundBatteryWhat => "Plug the phone in: an hour of filming needs much of it.",
        // What can go wrong
        Word::LinkIncomplete => "This link is not complete",
        Word::LinkIncompleteWhat => {
            "Part of the link is missing. Open it again from the message you received, or copy the whole link."
        }
        Word::LinkWrong => "This link does not work",
        Word::LinkWrongWhat => {
            "It may have been replaced by a newer one. Ask the person who sent it to you for the current link."
        }
        Word::LinkOfAnother => "This link belongs to another service",
        Word::LinkOfAnotherWhat => "Ask the person who sent it to you for the link to this service.",
        Word::LinkEnded => "This link has ended",
        Word::LinkEndedWhat => {
            "The service is over, or the link was only good for a certain time. Ask the person who sent it to you if you still need to stream."
        }
        Word::LinkTooEarly => "This link does not work yet",
        Word::LinkTooEarlyWhat => {
            "It works from one day before the service. Please open it again then: you can also rehearse from that time on."
        }
        Word::ServiceUnknown => "We cannot find this service",
        Word::ServiceUnknownWhat => "It may have been removed. Ask the person who sent you the link.",
        Word::PageInsecure => "This page is not secure",
        Word::PageInsecureWhat => {
            "Browsers allow the camera on secure pages only. Open the link with https:// at its beginning."
        }
        Word::NoCameraHere => "The camera cannot be used here",
        Word::NoCameraHereWhat => {
            "This often happens inside another app, such as a messenger. Open the link in Safari or Chrome instead."
        }
        Word::CannotStream => "This browser cannot stream",
        Word::CannotStreamWhat => "Open the link in a current version of Safari, Chrome, Edge or Firefox.",
        Word::Denied => "The camera and microphone are not allowed",
        Word::DeniedWhat => {
            "Allow both for this page: tap the icon beside the address, then the camera and microphone settings. On an iPhone, Settings, then the browser, then Camera and Microphone. Then try again."
        }
        Word::DeviceMissing => "No camera or no microphone was found",
        Word::DeviceMissingWhat => "Connect one, or open the link on a phone. Then try again.",
        Word::DeviceBusy => "The camera or microphone is in use",
        Word::DeviceBusyWhat => "Close other apps and pages that use them, such as a call. Then try again.",
        Word::DeviceInterrupted => "The camera was interrupted",
        Word::DeviceInterruptedWhat => "Something else needed it for a moment. Try again.",
        Word::DeviceUnknown => "The camera could not be started",
        Word::DeviceUnknownWhat => {
            "Try again. If it still does not work, close the browser and open the link once more."
        }
        Word::ServerFull => "There is no room at the moment",
        Word::ServerFullWhat => {
            "Other services are being streamed right now. We keep trying, and go on as soon as there is room."
        }
        Word::DiskFull => "The server has no room for a recording",
        Word::DiskFullWhat => {
            "Please tell the person who sent you the link. We keep trying, and go on as soon as there is room."
        }
        Word::ServerFault => "The server has a problem",
        Word::ServerFaultWhat => "We keep trying. If it takes long, tell the person who sent you the link.",
        Word::Refused => "The server did not accept the stream",
        Word::RefusedWhat => "Try again. If it still does not work, tell the person who sent you the link.",
        Word::NetworkDown => "No connection to the server",
        Word::NetworkDownWhat => "Check that this device is online, by Wi-Fi or mobile data. We keep trying.",
        Word::NoPath => "The picture does not get through",
        Word::NoPathWhat => {
            "This network seems to block video. Switch from Wi-Fi to mobile data, or the other way round. We keep trying."
        }
        Word::TakenOver => "Another phone films now",
        Word::TakenOverWhat => {
            "It took over with the same link, and nothing of this phone is shown any more. What this phone kept is delivered after the service: keep this page open, or open the link again then. To film with this phone again, touch “Try again”."
        }
        Word::Answer => "For the person who helps you: answer {0}.",
        // How to allow it, and another browser
        Word::MayNotUse => "This page may not use camera and microphone. To allow both:",
        Word::ThenTryAgain => "Then touch “Try again”.",
        Word::OpenElsewhere => {
            "Or open the link in {0}, or on another phone. Whoever has it can film: give it to nobody else."
        }
        Word::ThisLink => "This link",
        Word::Copy => "Copy",
        Word::Copied => "Copied",
        Word::SafariOrChrome => "Chrome or Safari",
        Word::InsideApp => "You are inside {0}",
        Word::InsideSomeApp => "You are inside another app",
        Word::InsideAppWhy => {
            "The camera often does not work here, or stops when a message comes. Please open the link in Safari or Chrome:"
        }
        Word::PageSymbolSettings => "Tap the page symbol to the left of the address, then “Website Settings”.",
        Word::SetToAllow => "Set Camera and Microphone to “Allow”.",
        Word::SafariInSettings => "If that does not help: Settings, Apps, Safari, then Camera and Microphone.",
        Word::AppInSettings => "Open the iPhone’s Settings, then Apps, then {0}.",
        Word::SwitchOn => "Switch Camera and Microphone on.",
        Word::SymbolPermissions => "Tap the symbol to the left of the address, then “Permissions”.",
        Word::ChromeInSettings => "If they are not listed: the phone’s Settings, Apps, Chrome, Permissions.",
        Word::LockPermissions => "Tap the lock to the left of the address, then “Permissions”.",
        Word::AllowDevices => "Allow Camera and Microphone.",
        Word::SamsungInSettings => "If that does not help: the phone’s Settings, Apps, Samsung Internet, Permissions.",
        Word::TapLock => "Tap the lock to the left of the address.",
        Word::TapBlocked => "Tap “Blocked” beside Camera and Microphone, so that it says “Allowed”.",
        Word::FirefoxInSettings => "If that does not help: the phone’s Settings, Apps, Firefox, Permissions.",
        Word::MenuSafari => "In the menu, choose Safari, then “Settings for This Website”.",
        Word::ClickCamera => "Click the crossed-out camera to the left of the address.",
        Word::RemoveBlock => "Remove the block of Camera and Microphone.",
        Word::ClickSymbol => "Click the symbol to the left of the address.",
        Word::CopyLinkBelow => "Copy the link below.",
        Word::PasteInBrowser => "Open Safari or Chrome, and paste the link into the address bar.",
        // After the service
        Word::HasEnded => "The service has ended",
        Word::WasOnAir => "It was on air for {0}. Nothing is being sent any more.",
        Word::OnServer => "On the server",
        Word::BeingClosed => "being closed…",
        Word::FromPhone => "From this phone",
        Word::Delivered => "Delivered",
        Word::RecordingWillBe => "The recording will be at the same link where people watched. Thank you for filming.",
        Word::Saving => "Saving…",
        Word::KeepPageOpen => "Please keep this page open.",
        Word::Safe => "Safe: {0} copies, {1}.",
        Word::SafeChecked => "Safe: {0} copies, {1}, sound and picture checked.",
        Word::MayClose => "You may close this page.",
        Word::NotSafe => "Not yet safe, because {0}.",
        Word::OneCopy => "there is one copy only",
        Word::OneCopyWhat => {
            "The recording on the server is complete. Nothing more can be done on this phone: you may close this page."
        }
        Word::AllShort => "no copy of the recording is complete",
        Word::AllShortWhat => {
            "What was received is saved. Please tell the person who sent you the link. You may close this page."
        }
        Word::NonePlays => "no recording can be played yet",
        Word::NonePlaysWhat => {
            "Please tell the person who sent you the link, and keep this phone as it is: do not clear its browser."
        }
        Word::NotDelivered => "the disk of the server is full",
        Word::NotDeliveredWhat => {
            "Please tell the person who sent you the link. This phone keeps its copy, and sends it as soon as there is room."
        }
        Word::NoWay => "this phone cannot reach the server",
        Word::NoWayWhat => {
            "Please find a better connection, such as Wi-Fi. This phone keeps its copy. You can also open the link again later."
        }
        Word::OnItsWay => "on its way…",
        Word::BeingChecked => "being checked…",
        Word::LengthChecked => "{0}, checked",
        Word::LengthShort => "{0}, not complete",
        Word::ServerCopyMissing => "The recording could not be made ready. What was received is kept on the server.",
        Word::PhoneCopyMissing => "What this phone sent could not be made into one file. It is kept on the server.",
        Word::CopyDeleted => "deleted",
        Word::LookingForCopy => "looking for the safety copy…",
        Word::PartDelivered => "{0} of {1} delivered",
        Word::MinuteLeft => "about a minute left",
        Word::MinutesLeft => "about {0} minutes left",
        Word::OnMobileData => {
            "You are on mobile data. If there is Wi-Fi here, switch to it: the delivery goes on by itself."
        }
        Word::StillToDeliver => "You still have {0} to deliver. We keep trying.",
        Word::AllDelivered => "delivered",
        Word::NoCopyWasKept => "no safety copy was kept",
        // How it went
        Word::HowDidItGo => "How did it go?",
        Word::NeedNotAnswer => "For those who sent you the link. You need not answer.",
        Word::Stars => "Stars",
        Word::OneStar => "1 star",
        Word::SomeStars => "{0} stars",
        Word::SomeWords => "A word, if you like",
        Word::Send => "Send",
        Word::Sending => "Sending…",
        Word::NotKept => "That could not be kept. Thank you all the same.",
        Word::ThankYou => "Thank you.",
        // In numbers
        Word::DecimalMark => ".",
        Word::Megabytes => "{0} MB",
        Word::Gigabytes => "{0} GB",
    }
}
