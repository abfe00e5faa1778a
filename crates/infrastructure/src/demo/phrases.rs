//! Sentences with gaps, and what fills them.

use super::career::{Cast, Field};
use super::dice::{Dice, Words};
use super::{job_words, talk_words};

/// Sentences by what they are for.
pub(super) struct Phrases {
    pub titles: Words,
    pub internships: Words,
    pub chair_titles: Words,
    pub intros: Words,
    pub chair_intros: Words,
    pub tasks: Words,
    pub wishes: Words,
    pub offers: Words,
    pub closings: Words,
    pub comments: Words,
    pub answers: Words,
    pub greetings: Words,
    pub talk: Words,
    pub group_talk: Words,
    pub replies: Words,
    group_names: Words,
}

impl Phrases {
    pub(super) fn new() -> Self {
        Self {
            titles: Words::new(job_words::TITLES),
            internships: Words::new(job_words::INTERNSHIPS),
            chair_titles: Words::new(job_words::CHAIR_TITLES),
            intros: Words::new(job_words::INTROS),
            chair_intros: Words::new(job_words::CHAIR_INTROS),
            tasks: Words::new(job_words::TASKS),
            wishes: Words::new(job_words::WISHES),
            offers: Words::new(job_words::OFFERS),
            closings: Words::new(job_words::CLOSINGS),
            comments: Words::new(job_words::COMMENTS),
            answers: Words::new(job_words::ANSWERS),
            greetings: Words::new(talk_words::GREETINGS),
            talk: Words::new(talk_words::TALK),
            group_talk: Words::new(talk_words::GROUP_TALK),
            replies: Words::new(talk_words::REPLIES),
            group_names: Words::new(talk_words::GROUP_NAMES),
        }
    }
}

/// What somebody writes about. Within a text it stays the same; everything else that fills gaps
/// is drawn anew each time.
pub(super) struct Subject<'a> {
    pub field: &'a Field,
    pub title: String,
    pub company: String,
    pub place: &'a str,
}

impl Cast {
    /// Something that people in this field write about.
    pub(super) fn subject<'a>(&'a self, dice: &mut Dice, field: &'a Field) -> Subject<'a> {
        Subject {
            field,
            title: field.titles.one(dice).to_owned(),
            company: self.company(dice),
            place: self.locations.one(dice),
        }
    }

    /// One of the sentences, without gaps, each as often as the others.
    pub(super) fn chat(&self, dice: &mut Dice, sentences: &Words, subject: &Subject) -> String {
        let sentence = sentences.any(dice);
        self.fill(dice, sentence, subject)
    }

    /// One of the sentences, without gaps, the first ones more often.
    pub(super) fn say(&self, dice: &mut Dice, sentences: &Words, subject: &Subject) -> String {
        let sentence = sentences.one(dice);
        self.fill(dice, sentence, subject)
    }

    /// The name of a group.
    pub(super) fn group_name(&self, dice: &mut Dice, subject: &Subject) -> String {
        self.say(dice, &self.phrases.group_names, subject)
    }

    /// The sentence with its gaps filled. A gap is the name of what fills it, in braces.
    pub(super) fn fill(&self, dice: &mut Dice, sentence: &str, subject: &Subject) -> String {
        let mut filled = String::with_capacity(sentence.len() + 32);
        let mut rest = sentence;
        while let Some((before, (gap, after))) = rest
            .split_once('{')
            .and_then(|(before, rest)| Some((before, rest.split_once('}')?)))
        {
            filled.push_str(before);
            filled.push_str(self.word(dice, gap, subject));
            rest = after;
        }
        filled.push_str(rest);
        filled
    }

    fn word<'a>(&self, dice: &mut Dice, gap: &str, subject: &'a Subject) -> &'a str {
        let field = subject.field;
        match gap {
            "title" => &subject.title,
            "company" => &subject.company,
            "place" => subject.place,
            "skill" => field.skills.one(dice),
            "tool" => field.tools.one(dice),
            "framework" => field.frameworks.one(dice),
            "subject" => field.subjects.one(dice),
            "department" => field.department,
            "hobby" => self.hobbies.one(dice),
            "interest" => self.interests.one(dice),
            "day" => self.days.one(dice),
            // No such gap: seen by a test.
            _ => "{}",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::dice::Topic;
    use super::*;

    #[test]
    fn no_sentence_keeps_a_gap() {
        let cast = Cast::new();
        let mut dice = Dice::new(1, Topic::Post, 1);
        let phrases = &cast.phrases;
        let all = [
            &phrases.titles,
            &phrases.internships,
            &phrases.chair_titles,
            &phrases.intros,
            &phrases.chair_intros,
            &phrases.tasks,
            &phrases.wishes,
            &phrases.offers,
            &phrases.closings,
            &phrases.comments,
            &phrases.answers,
            &phrases.greetings,
            &phrases.talk,
            &phrases.group_talk,
            &phrases.replies,
            &phrases.group_names,
        ];

        for sentences in all {
            for sentence in sentences.all() {
                let field = cast.any_field(&mut dice);
                let subject = cast.subject(&mut dice, field);
                let said = cast.fill(&mut dice, sentence, &subject);
                assert!(!said.contains(['{', '}']), "{sentence}");
            }
        }
    }
}
