//! What people have in their twelve lists.

use alumx_domain::user::ProfileList;

use super::career::{Career, Cast};
use super::dice::{Dice, Words};

impl Cast {
    /// About `count` items of a list of somebody with this career.
    pub(super) fn items(
        &self,
        dice: &mut Dice,
        career: &Career,
        list: ProfileList,
        count: u32,
    ) -> Vec<String> {
        let field = career.field;
        let (graduation, now) = (career.graduation, career.now);
        let plain = |dice: &mut Dice, words: &Words| {
            let items = words.some(dice, count);
            items.into_iter().map(str::to_owned).collect()
        };
        match list {
            ProfileList::Skills => plain(dice, &field.skills),
            ProfileList::TechStack => plain(dice, &field.tools),
            ProfileList::Frameworks => plain(dice, &field.frameworks),
            ProfileList::CommunicationSkills => plain(dice, &self.communication),
            ProfileList::SoftSkills => plain(dice, &self.soft_skills),
            ProfileList::Hobbies => plain(dice, &self.hobbies),
            ProfileList::Languages => told(dice, &self.languages, count, |dice, language| {
                format!("{language} ({})", self.levels.one(dice))
            }),
            ProfileList::Projects => told(dice, &field.subjects, count, |dice, subject| {
                format!("Built a {subject} {}", self.purposes.one(dice))
            }),
            ProfileList::Certifications => {
                told(dice, &field.certifications, count, |dice, name| {
                    format!("{name} ({})", year(dice, graduation - 3, now))
                })
            }
            ProfileList::Internships => told(dice, &field.titles, count, |dice, title| {
                let year = year(dice, graduation - 4, graduation.min(now));
                format!("{title} intern at {}, {year}", self.company(dice))
            }),
            ProfileList::Experience => {
                // From the first job after school to today's; students have worked beside it.
                let mut from = graduation.min(now - 2);
                told(dice, &field.titles, count, |dice, title| {
                    let until = year(dice, from, (from + 6).min(now));
                    let station = format!("{title} at {} ({from}–{until})", self.company(dice));
                    from = until;
                    station
                })
            }
            ProfileList::Education => {
                let degrees = ["BSc", "MSc", "PhD"].into_iter().zip([0, 2, 6]);
                // Who studies tells of the degree to come, others of those they have.
                let told =
                    degrees.take_while(|(_, later)| graduation + later <= now.max(graduation));
                let taken = told.take(count as usize).map(|(degree, later)| {
                    let (school, year) = (self.schools.one(dice), graduation + later);
                    format!("{degree} {}, {school} ({year})", field.department)
                });
                taken.collect()
            }
        }
    }
}

/// About `count` of the words, each with something said about it.
fn told(
    dice: &mut Dice,
    words: &Words,
    count: u32,
    mut tell: impl FnMut(&mut Dice, &str) -> String,
) -> Vec<String> {
    let items = words.some(dice, count);
    items.into_iter().map(|item| tell(dice, item)).collect()
}

/// A year from one to another.
fn year(dice: &mut Dice, from: i32, to: i32) -> i32 {
    let years = u32::try_from(to - from).unwrap_or_default();
    from + i32::try_from(dice.between(0, years)).unwrap_or_default()
}
