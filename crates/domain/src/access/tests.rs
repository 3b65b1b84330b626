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
