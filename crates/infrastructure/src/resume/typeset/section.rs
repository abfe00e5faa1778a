//! The parts of a resume, each set within a budget of lines.

use alumx_domain::user::ProfileList;

use super::flow::TEXT_WIDTH;
use super::fonts::{FontSet, Ink, Style, Weight};
use super::lines::{Line, paragraph};
use super::missing::Missing;

/// The column of headings, left of what they head.
pub const HEADING_WIDTH: f32 = 104.0;
/// How far items are indented behind their bullets.
const INDENT: f32 = 11.0;
const COLUMN: f32 = TEXT_WIDTH - HEADING_WIDTH;

/// Items of at most this many characters follow each other on a line.
const SHORT: usize = 60;
/// More characters than a line ever holds, were they all the narrowest letter.
const LINE_CHARACTERS: usize = 160;

pub const BODY: Style = Style {
    weight: Weight::Regular,
    size: 9.5,
    leading: 13.6,
    ink: Ink::Text,
};
pub const MUTED: Style = Style {
    ink: Ink::Muted,
    ..BODY
};

/// The lists in the order of a resume, with their headings.
pub const SECTIONS: [(ProfileList, &str); 12] = [
    (ProfileList::Experience, "Experience"),
    (ProfileList::Internships, "Internships"),
    (ProfileList::Education, "Education"),
    (ProfileList::Projects, "Projects"),
    (ProfileList::Skills, "Skills"),
    (ProfileList::TechStack, "Tech stack"),
    (ProfileList::Frameworks, "Frameworks"),
    (ProfileList::Certifications, "Certifications"),
    (ProfileList::Languages, "Languages"),
    (ProfileList::CommunicationSkills, "Communication"),
    (ProfileList::SoftSkills, "Soft skills"),
    (ProfileList::Hobbies, "Interests"),
];

/// Lines that belong together.
#[derive(Debug, Default)]
pub struct Block {
    pub has_bullet: bool,
    /// Points.
    pub indent: f32,
    pub lines: Vec<Line>,
}

/// Sets parts of a resume, and keeps in mind what could not be set and whether all was.
pub struct Setter<'a> {
    pub fonts: &'a FontSet,
    /// How many lines each part may have, a line that says how much is left out aside.
    pub budget: usize,
    pub missing: Missing,
    pub is_cut: bool,
}

impl<'a> Setter<'a> {
    pub fn new(fonts: &'a FontSet, budget: usize) -> Self {
        Self {
            fonts,
            budget,
            missing: Missing::default(),
            is_cut: false,
        }
    }

    /// The text as the fonts can set it.
    pub fn settable(&mut self, text: &str) -> String {
        self.missing.replace(text, self.fonts)
    }

    /// Running text with line breaks of its own.
    pub fn text(&mut self, text: &str) -> Vec<Block> {
        let mut blocks = Vec::new();
        let mut left = self.budget;
        for part in text.lines().filter(|part| !part.trim().is_empty()) {
            if left == 0 {
                self.is_cut = true;
                blocks.push(Block {
                    lines: vec![Line::new("…", MUTED, self.fonts)],
                    ..Block::default()
                });
                break;
            }
            let part = self.settable(part);
            let (lines, whole) = paragraph(&part, COLUMN, BODY, left, self.fonts);
            left -= lines.len();
            blocks.push(Block {
                lines,
                ..Block::default()
            });
            if !whole {
                self.is_cut = true;
                break;
            }
        }
        blocks
    }

    /// The items of a list: stations one below the other, short words one behind the other.
    pub fn list(&mut self, list: ProfileList, items: &[String]) -> Vec<Block> {
        let are_stations = matches!(
            list,
            ProfileList::Experience
                | ProfileList::Internships
                | ProfileList::Education
                | ProfileList::Projects
                | ProfileList::Certifications
        );
        let are_short = items.iter().all(|item| item.chars().count() <= SHORT);
        if are_short && !are_stations {
            self.running(items)
        } else {
            self.bulleted(items)
        }
    }

    fn bulleted(&mut self, items: &[String]) -> Vec<Block> {
        let mut blocks = Vec::new();
        let mut left = self.budget;
        for (index, item) in items.iter().enumerate() {
            let mut missing = self.missing.clone();
            let text = missing.replace(item, self.fonts);
            // The first item is shown in any case, cut if need be.
            let most = if index == 0 { left } else { left + 1 };
            let (lines, whole) = paragraph(&text, COLUMN - INDENT, BODY, most, self.fonts);
            if lines.len() > left || left == 0 {
                self.is_cut = true;
                let more = format!("and {} more", items.len() - index);
                let more = Line::new(&more, MUTED, self.fonts);
                // With the item before, so that it never stands alone on a page.
                if let Some(Block { lines, .. }) = blocks.last_mut() {
                    lines.push(more);
                }
                break;
            }
            self.is_cut |= !whole;
            self.missing = missing;
            left -= lines.len();
            blocks.push(Block {
                has_bullet: !lines.is_empty(),
                indent: INDENT,
                lines,
            });
        }
        blocks
    }

    fn running(&mut self, items: &[String]) -> Vec<Block> {
        let mut missing = Missing::default();
        let texts: Vec<_> = items
            .iter()
            .map(|item| missing.replace(item, self.fonts))
            .collect();
        let set = |count: usize| {
            let mut shown: Vec<_> = texts[..count].iter().map(String::as_str).collect();
            let more = format!("and {} more", items.len() - count);
            if count < items.len() {
                shown.push(&more);
            }
            shown.retain(|text| !text.is_empty());
            // The dot stays at the end of its line.
            let text = shown.join("\u{A0}· ");
            if text.chars().count() > self.budget.saturating_mul(LINE_CHARACTERS) {
                return None; // Known without setting it.
            }
            let (lines, whole) = paragraph(&text, COLUMN, BODY, self.budget, self.fonts);
            whole.then_some(lines)
        };
        // As many items as fit, mostly all of them; one always does.
        let (mut fits, mut too_many) = (0, items.len() + 1);
        let mut lines = Vec::new();
        let mut next = items.len();
        while too_many - fits > 1 {
            match set(next) {
                Some(set) => (fits, lines) = (next, set),
                None => too_many = next,
            }
            next = usize::midpoint(fits, too_many);
        }
        for item in &items[..fits] {
            self.missing.replace(item, self.fonts);
        }
        self.is_cut |= fits < items.len();
        vec![Block {
            lines,
            ..Block::default()
        }]
    }
}
