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
mod tests;
