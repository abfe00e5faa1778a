//! One opening.

use alumx_domain::account::Role;
use alumx_domain::clock::Timestamp;
use alumx_domain::job_post::{EmploymentType, Expiry, NewJobPost, PostImage, PostImages};
use alumx_domain::text::InvalidValue;
use alumx_domain::user::WebUrl;
use chrono::TimeDelta;

use super::career::Cast;
use super::crowd::Someone;
use super::dice::{Dice, Words};
use super::phrases::Subject;

impl Cast {
    /// What an opening of this author is about.
    pub(super) fn opening_subject<'a>(
        &'a self,
        dice: &mut Dice,
        author: &'a Someone,
    ) -> Subject<'a> {
        let field = self.field(dice, author);
        let mut subject = self.subject(dice, field);
        if let Some(company) = &author.company {
            subject.company = company.to_string();
        }
        if let Some(location) = &author.location {
            subject.place = location;
        }
        subject
    }

    /// The opening with this number, as its author posted it at `at`.
    pub(super) fn opening(
        &self,
        dice: &mut Dice,
        author: &Someone,
        subject: &Subject,
        number: u64,
        at: Timestamp,
    ) -> Result<NewJobPost, InvalidValue> {
        let chair = author.role == Role::Professor;
        let (employment_type, _) = *dice.share(
            &[
                (EmploymentType::FullTime, if chair { 25 } else { 60 }),
                (EmploymentType::PartTime, if chair { 45 } else { 12 }),
                (EmploymentType::Contract, if chair { 10 } else { 8 }),
                (EmploymentType::Internship, 20),
            ],
            |(_, share)| *share,
        );
        let titles = match employment_type {
            EmploymentType::Internship => &self.phrases.internships,
            _ if chair => &self.phrases.chair_titles,
            _ => &self.phrases.titles,
        };
        let company = if chair {
            format!("Department of {}", subject.field.department)
        } else {
            subject.company.clone()
        };
        let (company, location) = (Some(company), Some(subject.place.to_owned()));
        let expires_at = expiry(dice, at)?;
        Ok(NewJobPost {
            title: self.say(dice, titles, subject).try_into()?,
            company: company
                .filter(|_| dice.chance(95))
                .map(TryInto::try_into)
                .transpose()?,
            location: location
                .filter(|_| dice.chance(90))
                .map(TryInto::try_into)
                .transpose()?,
            employment_type,
            description: self.description(dice, chair, subject).try_into()?,
            apply_url: if dice.chance(70) {
                Some(format!("https://example.org/careers/{number}").try_into()?)
            } else {
                None
            },
            expires_at,
            images: images(dice, number)?,
        })
    }

    fn description(&self, dice: &mut Dice, chair: bool, subject: &Subject) -> String {
        let phrases = &self.phrases;
        let intros = if chair {
            &phrases.chair_intros
        } else {
            &phrases.intros
        };
        let mut text = self.say(dice, intros, subject);
        for (heading, points) in [
            ("What you will do", &phrases.tasks),
            ("What you bring", &phrases.wishes),
            ("What we offer", &phrases.offers),
        ] {
            text.push_str("\n\n");
            text.push_str(heading);
            text.push(':');
            self.list(dice, points, subject, &mut text);
        }
        text.push_str("\n\n");
        text.push_str(&self.say(dice, &phrases.closings, subject));
        text
    }

    fn list(&self, dice: &mut Dice, points: &Words, subject: &Subject, text: &mut String) {
        let count = dice.between(3, 6);
        for point in points.some(dice, count) {
            text.push_str("\n- ");
            text.push_str(&self.fill(dice, point, subject));
        }
    }
}

/// Most end some weeks later, some never.
fn expiry(dice: &mut Dice, at: Timestamp) -> Result<Option<Expiry>, InvalidValue> {
    let days = TimeDelta::days(dice.between(14, 120).into());
    if dice.chance(80) {
        Expiry::after(at, at + days).map(Some)
    } else {
        Ok(None)
    }
}

/// Some have one to three.
fn images(dice: &mut Dice, number: u64) -> Result<PostImages, InvalidValue> {
    let count = if dice.chance(15) {
        dice.between(1, 3)
    } else {
        0
    };
    let image = |nth| {
        let url = format!("https://images.example.org/jobs/{number}-{nth}.jpg");
        WebUrl::try_from(url).map(PostImage::Linked)
    };
    let images: Result<Vec<_>, _> = (1..=count).map(image).collect();
    PostImages::try_from(images?)
}
