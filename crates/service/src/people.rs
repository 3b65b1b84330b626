//! Funeral homes, who works there, and the families of memorials.

use domain::{Action, Grant, HomeId, HomeName, MemorialId, Role, UserId, access::may_reset, audit::Deed};
use store::UserRow;
pub use store::{HomeRow, InvitationRow};

use crate::{Actor, Error, Everlight, audit::About, memorials::found};

#[derive(Debug)]
pub struct People<'a>(pub(crate) &'a Everlight);

/// People, and those who were invited and did not come yet.
#[derive(Debug, Default)]
pub struct Group {
    pub people: Vec<Person>,
    pub invitations: Vec<InvitationRow>,
}

#[derive(Debug)]
pub struct Person {
    pub id: UserId,
    pub email: String,
    pub role: Role,
    /// Whether it is the one who asks.
    pub oneself: bool,
    /// Whether whoever asks may make them a link for a new password.
    pub may_reset: bool,
    /// Whether a code is asked for when they sign in.
    pub second_step: bool,
}

impl People<'_> {
    /// The funeral homes whose people the actor may see, each with them.
    pub async fn homes(&self, actor: &Actor) -> Result<Vec<(HomeRow, Group)>, Error> {
        let homes = match actor.role() {
            Some(Role::Administrator) => self.0.store.homes().await?,
            Some(Role::Director(home)) => self.0.store.home(home).await?.into_iter().collect(),
            _ => return Err(Error::Forbidden("Please ask a director of your funeral home to do this.")),
        };
        let mut groups = Vec::new();
        for home in homes {
            let group = self.staff(actor, &[Role::Director(home.id), Role::Assistant(home.id)]).await?;
            groups.push((home, group));
        }
        Ok(groups)
    }

    pub async fn administrators(&self, actor: &Actor) -> Result<Group, Error> {
        actor.must_be_administrator()?;
        self.staff(actor, &[Role::Administrator]).await
    }

    async fn staff(&self, actor: &Actor, roles: &[Role]) -> Result<Group, Error> {
        let mut group = Group::default();
        for role in roles {
            for user in self.0.store.users_with_role(*role).await? {
                group.people.push(self.person(actor, user).await?);
            }
            let grant = match role {
                Role::Administrator => Grant::Administrator,
                Role::Director(home) => Grant::Director(*home),
                Role::Assistant(home) => Grant::Assistant(*home),
                Role::Family => continue,
            };
            group.invitations.extend(self.0.store.open_invitations(grant, self.0.now()).await?);
        }
        Ok(group)
    }

    /// The family of a memorial.
    pub async fn family(&self, actor: &Actor, memorial: MemorialId) -> Result<Group, Error> {
        self.0.memorial_for(actor, Action::Invite, memorial).await?;
        let mut group = Group {
            people: Vec::new(),
            invitations: self.0.store.open_invitations(Grant::Family(memorial), self.0.now()).await?,
        };
        for user in self.0.store.members_of(memorial).await? {
            group.people.push(self.person(actor, user).await?);
        }
        Ok(group)
    }

    async fn person(&self, actor: &Actor, user: UserRow) -> Result<Person, Error> {
        let oneself = actor.user() == Some(user.id);
        let may_reset = !oneself && self.may_reset(actor, &user).await?;
        let second_step = self.0.store.second_factor(user.id).await?.is_some_and(|factor| factor.confirmed);
        Ok(Person { id: user.id, email: user.email, role: user.role, oneself, may_reset, second_step })
    }

    pub(crate) async fn may_reset(&self, actor: &Actor, user: &UserRow) -> Result<bool, Error> {
        match actor.role() {
            Some(role) => self.may_reset_as(role, user).await,
            None => Ok(false),
        }
    }

    /// Whether somebody of this role may, by what the person is and sees today.
    pub(crate) async fn may_reset_as(&self, role: Role, user: &UserRow) -> Result<bool, Error> {
        let places = self.0.store.homes_of_memberships(user.id).await?;
        Ok(may_reset(role, user.role, &places))
    }

    /// Every funeral home by name, for whoever may say to which one a memorial belongs.
    pub async fn home_names(&self, actor: &Actor) -> Result<Vec<HomeRow>, Error> {
        match actor.role() {
            Some(Role::Administrator) => Ok(self.0.store.homes().await?),
            _ => Ok(Vec::new()),
        }
    }

    pub async fn create_home(&self, actor: &Actor, name: String) -> Result<HomeId, Error> {
        actor.must_be_administrator()?;
        let (millis, random) = self.0.id_parts();
        let home = HomeRow { id: HomeId::from_parts(millis, random), name: HomeName::try_from(name)? };
        self.0.store.insert_home(&home, self.0.now()).await?;
        self.0.note(actor, Deed::HomeCreated, home.name).await?;
        Ok(home.id)
    }

    pub async fn rename_home(&self, actor: &Actor, id: HomeId, name: String) -> Result<(), Error> {
        actor.must_be_administrator()?;
        let name = HomeName::try_from(name)?;
        found(self.0.store.rename_home(id, &name).await?)?;
        self.0.note(actor, Deed::HomeRenamed, name).await
    }

    /// Takes an administrator's or an employee's role away. Nobody takes away their own: somebody is always left.
    pub async fn remove(&self, actor: &Actor, id: UserId) -> Result<(), Error> {
        let user = self.0.store.user(id).await?.ok_or(Error::NotFound)?;
        let grant = match user.role {
            Role::Administrator => Grant::Administrator,
            Role::Director(home) => Grant::Director(home),
            Role::Assistant(home) => Grant::Assistant(home),
            Role::Family => return Err(Error::NotFound),
        };
        // Whoever may give the role may take it.
        if !actor.role().is_some_and(|role| grant.may_be_given_by(role)) {
            return Err(self.0.no_grant(actor, grant));
        }
        if actor.user() == Some(id) {
            return Err(Error::Invalid("This is you. Please ask somebody else to remove your account.".into()));
        }
        self.0.store.remove_staff(id, self.0.now()).await?;
        self.0.note(actor, Deed::PersonRemoved, user.email).await
    }

    pub async fn remove_family(&self, actor: &Actor, memorial: MemorialId, id: UserId) -> Result<(), Error> {
        let place = self.0.memorial_for(actor, Action::RemoveFamily, memorial).await?;
        let user = self.0.store.user(id).await?.ok_or(Error::NotFound)?;
        found(self.0.store.remove_member(memorial, id).await?)?;
        // Otherwise they could come back by a link that they made before.
        self.0.store.withdraw_family_invitations(memorial, id, self.0.now()).await?;
        let words = format!("{}: {}", place.details.name.as_str(), user.email);
        let what = About { words, memorial: Some(memorial) };
        self.0.note(actor, Deed::FamilyRemoved, what).await
    }
}
