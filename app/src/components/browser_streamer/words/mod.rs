//! Every word of the page of whoever films, by its name. Each language is a file of its own, in which none can be left out.
//! To add one: a [`Language`], its file, and its line in [`text`].
//!
//! The module that runs on the phone holds no words at all: the server writes those of one language into the page, a line
//! each, and the module finds them by their place.

#[cfg(not(all(feature = "hydrate", target_arch = "wasm32")))]
mod english;
#[cfg(not(all(feature = "hydrate", target_arch = "wasm32")))]
mod french;
#[cfg(not(all(feature = "hydrate", target_arch = "wasm32")))]
mod german;
#[cfg(all(feature = "hydrate", target_arch = "wasm32"))]
mod in_page;
#[cfg(not(all(feature = "hydrate", target_arch = "wasm32")))]
mod on_server;
#[cfg(not(all(feature = "hydrate", target_arch = "wasm32")))]
mod spanish;

#[cfg(all(feature = "hydrate", target_arch = "wasm32"))]
pub use in_page::say;
#[cfg(not(all(feature = "hydrate", target_arch = "wasm32")))]
pub use on_server::{lines, say};

/// The id of the element in the page that holds the words.
pub const ELEMENT: &str = "words";

macro_rules! words {
    ($($word:ident)+) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Word {
            $($word),+
        }

        impl Word {
            pub const ALL: &[Self] = &[$(Self::$word),+];
        }
    };
}

words! {
    // The page, and before the camera is open
    FilmTheService NeedsScripts TooOld NotLoaded WaitsForPicture AllowBothFirst NobodySeesYet StartCamera AllowBoth StartingCamera
    NothingAsks NothingAsksWhat
    // The picture is seen, and the way to being live
    AnotherPhoneFilms OnlyYouSee GoLive RehearseFirst PlugIn Connecting Cancel TryAgain TryAgainNow
    // On air
    OnAir End EndForEverybody YesEnd KeepStreaming Ending CameraIsOff KeepTrying FlipCamera Mute TurnSoundOn CameraSees
    MicrophoneIsOff Reconnecting
    // Something else has the camera
    CameraInterrupted CameraTaken BringPictureBack MicrophoneInterrupted MicrophoneTaken BringSoundBack BringingBack HangUp
    // What arrives
    WhatArrives AskingServer PictureReceived Saved Watching NotYet SecondsAgo ArrivesElsewhere ArrivalAwaited BothArrive
    ArrivesWeakly NoSoundArrives OnlySilence NoPictureArrives ServerUnheard RecordingDiskFull NotBeingRecorded
    DiskNearlyFull
    // What this phone notices
    PictureBlack PictureBlackWhat PictureStill PictureStillWhat NothingHeard NothingHeardWhat ScreenMaySleep
    IphoneStaysOn PhoneStaysOn ComputerStaysOn EndedElsewhere NoCopyIsKept PhoneIsFull CopyEndsHere
    CopyCannotBeKept
    // More
    More Camera Microphone Sound Music MusicHint Voice VoiceHint Picture Good SavesData GoodAnHour SavesDataAnHour
    KeepCopy CopyTakes RoomFor NoCopyPossible Minutes OneHour Hours ManyHours
    // The rehearsal
    Measuring SaySomething LookingAtArrived NobodyElseSees StopRehearsal RehearsalFailed RehearsalFailedWhat RehearseAgain
    BackToCamera SecondsArrived YourRehearsal WhatTheyWillSee Ready ReadyBut NotReady
    FoundNothing FoundNothingWhat FoundNoPicture FoundNoPictureWhat FoundNoSound FoundNoSoundWhat FoundVeryWeak
    FoundVeryWeakWhat FoundWeak FoundWeakWhat FoundDetour FoundDetourWhat FoundDark FoundDarkWhat FoundSilent
    FoundSilentWhat FoundScreen
    FoundScreenWhat FoundNoCopy FoundNoCopyWhat FoundLittleRoom FoundLittleRoomWhat FoundBattery FoundBatteryWhat
    // What can go wrong
    LinkIncomplete LinkIncompleteWhat LinkWrong LinkWrongWhat LinkOfAnother LinkOfAnotherWhat LinkEnded LinkEndedWhat
    LinkTooEarly LinkTooEarlyWhat ServiceUnknown ServiceUnknownWhat PageInsecure PageInsecureWhat NoCameraHere
    NoCameraHereWhat CannotStream CannotStreamWhat Denied DeniedWhat DeviceMissing DeviceMissingWhat DeviceBusy
    DeviceBusyWhat DeviceInterrupted DeviceInterruptedWhat DeviceUnknown DeviceUnknownWhat ServerFull ServerFullWhat
    DiskFull DiskFullWhat ServerFault ServerFaultWhat Refused RefusedWhat NetworkDown NetworkDownWhat NoPath NoPathWhat
    TakenOver TakenOverWhat Answer
    // How to allow it, and another browser
    MayNotUse ThenTryAgain OpenElsewhere ThisLink Copy Copied SafariOrChrome InsideApp InsideSomeApp InsideAppWhy
    PageSymbolSettings SetToAllow SafariInSettings AppInSettings SwitchOn SymbolPermissions ChromeInSettings
    LockPermissions AllowDevices SamsungInSettings TapLock TapBlocked FirefoxInSettings MenuSafari ClickCamera RemoveBlock
    ClickSymbol CopyLinkBelow PasteInBrowser
    // After the service
    HasEnded WasOnAir OnServer BeingClosed FromPhone Delivered RecordingWillBe Saving KeepPageOpen Safe SafeChecked MayClose
    NotSafe OneCopy OneCopyWhat AllShort AllShortWhat NonePlays NonePlaysWhat NotDelivered NotDeliveredWhat NoWay NoWayWhat
    OnItsWay BeingChecked LengthChecked LengthShort ServerCopyMissing PhoneCopyMissing CopyDeleted LookingForCopy PartDelivered
    MinuteLeft MinutesLeft OnMobileData StillToDeliver
    AllDelivered NoCopyWasKept
    // How it went
    HowDidItGo NeedNotAnswer Stars OneStar SomeStars SomeWords Send Sending NotKept ThankYou
    // In numbers
    DecimalMark Megabytes Gigabytes
}

/// `1.2`, or `1,2` where that is how it is written.
pub fn tenths(whole: u64, tenth: u64) -> String {
    format!("{whole}{}{tenth}", say(Word::DecimalMark))
}

/// With values where the words have `{0}`, `{1}`.
pub fn fill(word: Word, values: &[&str]) -> String {
    let mut text = say(word).to_owned();
    for (place, value) in ["{0}", "{1}"].into_iter().zip(values) {
        text = text.replace(place, value);
    }
    text
}
