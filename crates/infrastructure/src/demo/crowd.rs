//! The people of the network, as far as what they do depends on them.

use alumx_domain::account::{Role, UserId};
use alumx_domain::clock::Timestamp;
use alumx_domain::user::{Profile, ShortText};

use super::DemoPlan;
use super::career::{Cast, Field};
use super::dice::Dice;

/// One of them.
pub(super) struct Someone {
    pub id: UserId,
    pub role: Role,
    pub joined: Timestamp,
    pub department: Option<&'static str>,
    /// Not told of students.
    pub company: Option<ShortText>,
    /// Not told of students.
    pub location: Option<ShortText>,
}

/// All of them, in the order in which they joined.
#[derive(Default)]
pub(super) struct Crowd {
    people: Vec<Someone>,
    /// Those who may post jobs.
    authors: Vec<usize>,
    /// Those who have a resume.
    with_resume: Vec<Profile>,
    /// How many users there were before them. Whatever they do is numbered on from there, so that
    /// a second network differs from the first.
    pub before: u64,
}

impl Cast {
    /// What somebody is at home in; anything if that isn't told.
    pub(super) fn field(&self, dice: &mut Dice, someone: &Someone) -> &Field {
        let told = someone.department.and_then(|name| self.field_of(name));
        told.unwrap_or_else(|| self.any_field(dice))
    }
}

impl Crowd {
    pub(super) fn after(users: u64) -> Self {
        Self {
            before: users,
            ..Self::default()
        }
    }

    pub(super) fn welcome(&mut self, cast: &Cast, person: &Profile) {
        let student = person.role == Role::Student;
        if !student {
            self.authors.push(self.people.len());
        }
        let resumes = self.with_resume.len() as u64;
        let nth = self.people.len() as u64;
        if nth.is_multiple_of(DemoPlan::USERS_PER_RESUME) && resumes < DemoPlan::MOST_RESUMES {
            self.with_resume.push(person.clone());
        }
        let department = person.department.as_deref();
        let field = department.and_then(|department| cast.field_of(department));
        self.people.push(Someone {
            id: person.id,
            role: person.role,
            joined: person.created_at,
            department: field.map(|field| field.department),
            company: person.current_company.clone().filter(|_| !student),
            location: person.location.clone().filter(|_| !student),
        });
    }

    pub(super) fn people(&self) -> &[Someone] {
        &self.people
    }

    /// Those who have a resume, as they joined.
    pub(super) fn with_resume(&self) -> &[Profile] {
        &self.with_resume
    }

    /// How many had joined at this time.
    pub(super) fn count_by(&self, at: Timestamp) -> usize {
        self.people.partition_point(|someone| someone.joined <= at)
    }

    /// When there was somebody who may post jobs.
    pub(super) fn first_author_joined(&self) -> Option<Timestamp> {
        let first = self.authors.first()?;
        Some(self.people[*first].joined)
    }

    /// Somebody who may post jobs, and had joined at this time, when there was somebody.
    pub(super) fn author_by(&self, at: Timestamp, dice: &mut Dice) -> &Someone {
        let joined = |author: &usize| self.people[*author].joined <= at;
        let authors = index(self.authors.partition_point(joined));
        &self.people[self.authors[dice.rather_low(authors) as usize]]
    }
}

/// A number of people, of whom there are a million at most.
pub(super) fn index(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
