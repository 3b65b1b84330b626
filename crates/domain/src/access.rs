//! Who may do what with a memorial and everything that belongs to it. The whole policy: pure, and in one place.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{HomeId, MemorialId, UserId, ids::InvalidId};

/// What a person is. Written as `administrator`, `director:{home}`, `assistant:{home}` or `family`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Role {
    /// Sees and does everything.
    Administrator,
    /// Sees the memorials of their funeral home, and says who works there.
    Director(HomeId),
    /// Prepares and follows the services of their funeral home.
    Assistant(HomeId),
    /// Sees the memorials that they were invited to.
    Family,
}

/// How far a program's token reaches. Written as `all` or `home:{home}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    All,
    Home(HomeId),
}

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    Person(Role),
    Program(Scope),
}

/// A memorial, as far as rights go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub home: Option<HomeId>,
    /// Whether the person who asks was invited to it as family.
    pub member: bool,
}

/// What somebody wants with a memorial or with a service of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    View,
    Download,
    /// To say what of the recording mourners are shown, and how long.
    Approve,
    /// To see and invite the family.
    Invite,
    /// To take a member of the family out again.
    RemoveFamily,
    /// To give and take away the picture of the person.
    Portray,
    Edit,
    Archive,
    /// To delete a memorial with its services, for good.
    Delete,
    /// To say which funeral home it belongs to.
    Assign,
    CreateStream,
    EditStream,
    EndStream,
    DeleteStream,
    /// To see and replace the link of the person who films.
    Film,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    Allowed,
    /// They may see it, and not do this. In words for people.
    Refused(&'static str),
    /// They may not know that it exists.
    Hidden,
}

/// How somebody stands to one memorial.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Relation {
    Administrator,
    Director,
    Assistant,
    Family,
    Program,
}

impl Action {
    pub const ALL: [Self; 15] = [
        Self::View,
        Self::Download,
        Self::Approve,
        Self::Invite,
        Self::RemoveFamily,
        Self::Portray,
        Self::Edit,
        Self::Archive,
        Self::Delete,
        Self::Assign,
        Self::CreateStream,
        Self::EditStream,
        Self::EndStream,
        Self::DeleteStream,
        Self::Film,
    ];

    /// The table.
    const fn allowed_to(self) -> &'static [Relation] {
        use Relation::{Administrator, Assistant, Director, Family, Program};
        match self {
            Self::View => &[Administrator, Director, Assistant, Family, Program],
            Self::CreateStream => &[Administrator, Director, Assistant, Program],
            Self::Download | Self::Approve | Self::Portray => &[Administrator, Director, Assistant, Family],
            Self::Edit | Self::EditStream | Self::EndStream | Self::Film => &[Administrator, Director, Assistant],
            Self::Invite => &[Administrator, Director, Family],
            Self::RemoveFamily | Self::Archive | Self::Delete | Self::DeleteStream => &[Administrator, Director],
            Self::Assign => &[Administrator],
        }
    }
}

impl Relation {
    /// Why something is not for them.
    const fn refusal(self) -> &'static str {
        match self {
            Self::Administrator | Self::Director => "Only an administrator may do this.",
            Self::Assistant => "Please ask a director of your funeral home to do this.",
            Self::Family => "Please ask the funeral home to do this.",
            Self::Program => "This token may create services and nothing else.",
        }
    }
}

impl Who {
    fn relation(self, place: Place) -> Option<Relation> {
        let at_home = |home| place.home == Some(home);
        match self {
            Self::Person(Role::Administrator) => Some(Relation::Administrator),
            Self::Person(Role::Director(home)) if at_home(home) => Some(Relation::Director),
            Self::Person(Role::Assistant(home)) if at_home(home) => Some(Relation::Assistant),
            // Staff of another funeral home have relatives, too.
            Self::Person(_) => place.member.then_some(Relation::Family),
            Self::Program(Scope::All) => Some(Relation::Program),
            Self::Program(Scope::Home(home)) => at_home(home).then_some(Relation::Program),
        }
    }
}

/// Whether somebody may do something with a memorial.
pub fn decide(who: Who, place: Place, action: Action) -> Decision {
    match who.relation(place) {
        None => Decision::Hidden,
        Some(relation) if action.allowed_to().contains(&relation) => Decision::Allowed,
        Some(relation) => Decision::Refused(relation.refusal()),
    }
}

/// The funeral home of a memorial that somebody makes, when they ask for `wanted`; or why they may not.
pub fn home_of_new(who: Who, wanted: Option<HomeId>) -> Result<Option<HomeId>, &'static str> {
    match who {
        Who::Person(Role::Administrator) => Ok(wanted),
        Who::Person(Role::Director(home) | Role::Assistant(home)) if wanted.is_none_or(|wanted| wanted == home) => {
            Ok(Some(home))
        }
        Who::Person(Role::Director(_) | Role::Assistant(_)) => {
            Err("A memorial that you make belongs to your own funeral home.")
        }
        Who::Person(Role::Family) => Err(Relation::Family.refusal()),
        Who::Program(_) => Err(Relation::Program.refusal()),
    }
}

/// What a link gives to whoever uses it. Written as a role, `family:{memorial}` or `password:{user}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grant {
    Administrator,
    Director(HomeId),
    Assistant(HomeId),
    /// Of one memorial.
    Family(MemorialId),
    /// A new password for an account that there is.
    Password(UserId),
}

impl Grant {
    /// Whether somebody may give it to somebody else. `Family` and `Password` depend on more than the role: [`decide`]
    /// with [`Action::Invite`], and [`may_reset`].
    pub fn may_be_given_by(self, role: Role) -> bool {
        match (self, role) {
            (Self::Administrator | Self::Director(_) | Self::Assistant(_), Role::Administrator) => true,
            (Self::Director(home) | Self::Assistant(home), Role::Director(own)) => home == own,
            _ => false,
        }
    }
}

/// Whether somebody may set a person's password anew, which is to become that person: only who sees everything that
/// the person sees. `places` are the funeral homes of the memorials that the person was invited to.
pub fn may_reset(role: Role, person: Role, places: &[Option<HomeId>]) -> bool {
    match role {
        Role::Administrator => true,
        Role::Director(own) => {
            let of_home = match person {
                Role::Director(home) | Role::Assistant(home) => home == own,
                Role::Family => !places.is_empty(),
                Role::Administrator => false,
            };
            of_home && places.iter().all(|place| *place == Some(own))
        }
        Role::Assistant(_) | Role::Family => false,
    }
}

impl Role {
    pub const fn home(self) -> Option<HomeId> {
        match self {
            Self::Director(home) | Self::Assistant(home) => Some(home),
            Self::Administrator | Self::Family => None,
        }
    }

    /// Whether there is somebody to invite, and remove, at a page of its own.
    pub const fn manages_people(self) -> bool {
        matches!(self, Self::Administrator | Self::Director(_))
    }
}

fn parts(text: &str) -> (&str, Option<&str>) {
    text.split_once(':').map_or((text, None), |(name, of)| (name, Some(of)))
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Administrator => f.write_str("administrator"),
            Self::Director(home) => write!(f, "director:{home}"),
            Self::Assistant(home) => write!(f, "assistant:{home}"),
            Self::Family => f.write_str("family"),
        }
    }
}

impl FromStr for Role {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        match parts(text) {
            ("administrator", None) => Ok(Self::Administrator),
            ("director", Some(home)) => Ok(Self::Director(home.parse()?)),
            ("assistant", Some(home)) => Ok(Self::Assistant(home.parse()?)),
            ("family", None) => Ok(Self::Family),
            _ => Err(InvalidId("role")),
        }
    }
}

impl TryFrom<String> for Role {
    type Error = InvalidId;

    fn try_from(text: String) -> Result<Self, InvalidId> {
        text.parse()
    }
}

impl From<Role> for String {
    fn from(role: Role) -> Self {
        role.to_string()
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("all"),
            Self::Home(home) => write!(f, "home:{home}"),
        }
    }
}

impl FromStr for Scope {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        match parts(text) {
            ("all", None) => Ok(Self::All),
            ("home", Some(home)) => Ok(Self::Home(home.parse()?)),
            _ => Err(InvalidId("scope")),
        }
    }
}

impl fmt::Display for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Administrator => Role::Administrator.fmt(f),
            Self::Director(home) => Role::Director(*home).fmt(f),
            Self::Assistant(home) => Role::Assistant(*home).fmt(f),
            Self::Family(memorial) => write!(f, "family:{memorial}"),
            Self::Password(user) => write!(f, "password:{user}"),
        }
    }
}

impl FromStr for Grant {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        match parts(text) {
            ("administrator", None) => Ok(Self::Administrator),
            ("director", Some(home)) => Ok(Self::Director(home.parse()?)),
            ("assistant", Some(home)) => Ok(Self::Assistant(home.parse()?)),
            ("family", Some(memorial)) => Ok(Self::Family(memorial.parse()?)),
            ("password", Some(user)) => Ok(Self::Password(user.parse()?)),
            _ => Err(InvalidId("grant")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn home(number: u8) -> HomeId {
        HomeId::from_parts(1, [number; 10])
    }

    fn roles() -> impl Strategy<Value = Role> {
        let homes = (0u8..3).prop_map(home);
        prop_oneof![
            Just(Role::Administrator),
            homes.clone().prop_map(Role::Director),
            homes.prop_map(Role::Assistant),
            Just(Role::Family),
        ]
    }

    fn whos() -> impl Strategy<Value = Who> {
        prop_oneof![
            roles().prop_map(Who::Person),
            Just(Who::Program(Scope::All)),
            (0u8..3).prop_map(|number| Who::Program(Scope::Home(home(number)))),
        ]
    }

    fn places() -> impl Strategy<Value = Place> {
        (proptest::option::of((0u8..3).prop_map(home)), any::<bool>()).prop_map(|(home, member)| Place { home, member })
    }

    fn actions() -> impl Strategy<Value = Action> {
        proptest::sample::select(Action::ALL.to_vec())
    }

    proptest! {
        /// Nobody may do anything with what they may not see, and what they may see is never said not to exist.
        #[test]
        fn seeing_comes_first(who in whos(), place in places(), action in actions()) {
            let seen = decide(who, place, Action::View);
            prop_assert!(!matches!(seen, Decision::Refused(_)));
            prop_assert_eq!(seen == Decision::Hidden, decide(who, place, action) == Decision::Hidden);
        }

        /// Only administrators, and tokens for all, see what is of another home and not their family's.
        #[test]
        fn no_home_sees_another(who in whos(), place in places(), action in actions()) {
            let own = match who {
                Who::Person(Role::Administrator) | Who::Program(Scope::All) => true,
                Who::Person(role) => place.member || role.home().is_some_and(|home| place.home == Some(home)),
                Who::Program(Scope::Home(home)) => place.home == Some(home),
            };
            if !own {
                prop_assert_eq!(decide(who, place, action), Decision::Hidden);
            }
        }

        #[test]
        fn an_administrator_may_do_everything(place in places(), action in actions()) {
            prop_assert_eq!(decide(Who::Person(Role::Administrator), place, action), Decision::Allowed);
        }

        /// To set a password is to become that person: nobody comes to see more by it.
        #[test]
        fn a_reset_gives_nobody_more_than_they_had(
            role in roles(),
            person in roles(),
            homes in proptest::collection::vec(proptest::option::of((0u8..3).prop_map(home)), 0..4),
            place in places(),
            action in actions(),
        ) {
            if may_reset(role, person, &homes) {
                let place = Place { member: false, ..place };
                let as_person = Place { member: homes.contains(&place.home), ..place };
                if decide(Who::Person(person), as_person, action) == Decision::Allowed {
                    prop_assert_eq!(decide(Who::Person(role), place, action), Decision::Allowed);
                }
            }
        }

        /// Nobody gives a role that reaches further than their own.
        #[test]
        fn a_grant_gives_nobody_more_than_the_giver_has(role in roles(), given in roles(), place in places(), action in actions()) {
            let grant: Result<Grant, _> = given.to_string().parse();
            if let Ok(grant) = grant && grant.may_be_given_by(role) {
                let place = Place { member: false, ..place };
                if decide(Who::Person(given), place, action) == Decision::Allowed {
                    prop_assert_eq!(decide(Who::Person(role), place, action), Decision::Allowed);
                }
            }
        }

        #[test]
        fn roles_and_scopes_are_read_as_they_were_written(role in roles(), number in 0u8..3) {
            prop_assert_eq!(role.to_string().parse::<Role>().unwrap(), role);
            for scope in [Scope::All, Scope::Home(home(number))] {
                prop_assert_eq!(scope.to_string().parse::<Scope>().unwrap(), scope);
            }
        }

        #[test]
        fn no_text_gives_a_role_by_accident(text in "\\PC*") {
            prop_assume!(!["administrator", "family"].contains(&text.as_str()));
            prop_assert!(text.parse::<Role>().is_err());
        }
    }

    /// The table in full, so that a change of it is seen.
    #[test]
    fn the_table() {
        let own = Place { home: Some(home(1)), member: false };
        let invited = Place { home: Some(home(1)), member: true };
        let may = |who, place| {
            Action::ALL
                .into_iter()
                .filter(move |action| decide(who, place, *action) == Decision::Allowed)
                .collect::<Vec<_>>()
        };
        use Action::*;
        let person = Who::Person;
        assert_eq!(may(person(Role::Administrator), own), Action::ALL);
        assert_eq!(
            may(person(Role::Director(home(1))), own),
            [
                View,
                Download,
                Approve,
                Invite,
                RemoveFamily,
                Portray,
                Edit,
                Archive,
                Delete,
                CreateStream,
                EditStream,
                EndStream,
                DeleteStream,
                Film
            ]
        );
        assert_eq!(
            may(person(Role::Assistant(home(1))), own),
            [View, Download, Approve, Portray, Edit, CreateStream, EditStream, EndStream, Film]
        );
        assert_eq!(may(person(Role::Family), invited), [View, Download, Approve, Invite, Portray]);
        assert_eq!(may(person(Role::Director(home(2))), invited), [View, Download, Approve, Invite, Portray]);
        assert_eq!(may(person(Role::Director(home(2))), own), []);
        assert_eq!(may(person(Role::Family), own), []);
        assert_eq!(may(Who::Program(Scope::All), own), [View, CreateStream]);
        assert_eq!(may(Who::Program(Scope::Home(home(2))), own), []);
    }

    #[test]
    fn a_new_memorial_is_of_ones_own_home() {
        let director = Who::Person(Role::Director(home(1)));
        assert_eq!(home_of_new(director, None), Ok(Some(home(1))));
        assert!(home_of_new(director, Some(home(2))).is_err());
        assert_eq!(home_of_new(Who::Person(Role::Administrator), Some(home(2))), Ok(Some(home(2))));
        assert!(home_of_new(Who::Person(Role::Family), None).is_err());
        assert!(home_of_new(Who::Program(Scope::All), None).is_err());
    }
}
