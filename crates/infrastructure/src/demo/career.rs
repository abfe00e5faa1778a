//! What people studied and where they work.

use alumx_domain::account::Role;

use super::dice::{Dice, Words};
use super::fields::{self, FIELDS};
use super::names::CULTURES;
use super::phrases::Phrases;
use super::{places, talk_words};

/// A culture, ready to draw from.
pub(super) struct Names {
    pub share: u32,
    pub first: Words,
    pub last: Words,
}

/// A department, ready to draw from.
pub(super) struct Field {
    share: u32,
    pub department: &'static str,
    pub skills: Words,
    pub tools: Words,
    pub frameworks: Words,
    pub titles: Words,
    pub certifications: Words,
    pub subjects: Words,
}

/// All that people are made of.
pub(super) struct Cast {
    pub cultures: Vec<Names>,
    fields: Vec<Field>,
    pub locations: Words,
    pub schools: Words,
    company_stems: Words,
    company_kinds: Words,
    pub communication: Words,
    pub soft_skills: Words,
    pub hobbies: Words,
    pub languages: Words,
    pub levels: Words,
    pub purposes: Words,
    pub interests: Words,
    pub days: Words,
    pub phrases: Phrases,
}

/// A person's way.
pub(super) struct Career<'a> {
    pub field: &'a Field,
    /// When they leave, or left, the school.
    pub graduation: i32,
    pub location: &'static str,
    pub company: Option<String>,
    pub title: Option<String>,
    pub about: String,
    /// The year.
    pub now: i32,
}

impl Cast {
    pub(super) fn new() -> Self {
        let names = CULTURES.iter().map(|culture| Names {
            share: culture.share,
            first: Words::new(culture.first),
            last: Words::new(culture.last),
        });
        let fields = FIELDS.iter().map(|field| Field {
            share: field.share,
            department: field.department,
            skills: Words::new(field.skills),
            tools: Words::new(field.tools),
            frameworks: Words::new(field.frameworks),
            titles: Words::new(field.titles),
            certifications: Words::new(field.certifications),
            subjects: Words::new(field.subjects),
        });
        Self {
            cultures: names.collect(),
            fields: fields.collect(),
            locations: Words::new(places::LOCATIONS),
            schools: Words::new(places::SCHOOLS),
            company_stems: Words::new(places::COMPANY_STEMS),
            company_kinds: Words::new(places::COMPANY_KINDS),
            communication: Words::new(fields::COMMUNICATION),
            soft_skills: Words::new(fields::SOFT_SKILLS),
            hobbies: Words::new(fields::HOBBIES),
            languages: Words::new(fields::LANGUAGES),
            levels: Words::new(fields::LEVELS),
            purposes: Words::new(fields::PURPOSES),
            interests: Words::new(fields::INTERESTS),
            days: Words::new(talk_words::DAYS),
            phrases: Phrases::new(),
        }
    }

    /// Any field, each as often as people are in it.
    pub(super) fn any_field(&self, dice: &mut Dice) -> &Field {
        dice.share(&self.fields, |field| field.share)
    }

    /// The field of a department.
    pub(super) fn field_of(&self, department: &str) -> Option<&Field> {
        let mut fields = self.fields.iter();
        fields.find(|field| field.department == department)
    }

    pub(super) fn career(&self, dice: &mut Dice, role: Role, now: i32) -> Career<'_> {
        let field = self.any_field(dice);
        let years = |years: u32| i32::try_from(years).unwrap_or_default();
        let graduation = match role {
            Role::Student => now + years(dice.below(5)),
            Role::Professor => now - 8 - years(dice.below(32)),
            // Young alumni are many: the smaller of two throws.
            _ => now - years(dice.below(42).min(dice.below(42))),
        };
        let title = field.titles.one(dice);
        let (company, title) = match role {
            Role::Student if dice.chance(70) => (None, None),
            Role::Student => (
                Some(self.company(dice)),
                Some(format!("Working student, {title}")),
            ),
            Role::Professor => (None, Some(format!("Professor of {}", field.department))),
            _ => (Some(self.company(dice)), Some(title.to_owned())),
        };
        let doing = match (&title, &company) {
            (Some(title), Some(company)) => format!("{title} at {company}"),
            (Some(title), None) => title.clone(),
            _ => format!(
                "Student of {}, to graduate in {graduation}",
                field.department
            ),
        };
        let [skill, tool] = [field.skills.one(dice), field.tools.one(dice)];
        let [interest, hobby] = [self.interests.one(dice), self.hobbies.one(dice)];
        let about = format!(
            "{doing}. I work with {tool} and care about {interest}.\n\
             Ask me about {skill} or {hobby}.",
        );
        Career {
            field,
            graduation,
            location: self.locations.one(dice),
            company,
            title,
            about,
            now,
        }
    }

    pub(super) fn company(&self, dice: &mut Dice) -> String {
        format!(
            "{} {}",
            self.company_stems.one(dice),
            self.company_kinds.one(dice)
        )
    }
}
