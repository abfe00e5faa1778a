//! Lines flowing down pages.

use super::lines::Line;

/// A4, in points.
pub const PAGE_WIDTH: f32 = 595.28;
pub const PAGE_HEIGHT: f32 = 841.89;
/// Left and right of the text.
pub const MARGIN: f32 = 56.0;
pub const TEXT_WIDTH: f32 = PAGE_WIDTH - 2.0 * MARGIN;
const TOP: f32 = 54.0;
const BOTTOM: f32 = PAGE_HEIGHT - 62.0;

/// The most pages that a resume has.
pub const MAX_PAGES: usize = 2;

/// How much of a line's height is above its baseline.
const ASCENT: f32 = 0.77;

/// What is drawn on a page.
#[derive(Debug)]
pub enum Mark {
    Text { x: f32, baseline: f32, line: Line },
    Rule { y: f32 },
    Link(Link),
}

/// Where a link can be clicked, and where it leads to.
#[derive(Debug)]
pub struct Link {
    pub left: f32,
    pub top: f32,
    pub width: f32,
    pub height: f32,
    pub uri: String,
}

/// Pages that fill from top to bottom.
#[derive(Debug)]
pub struct Flow {
    pages: Vec<Vec<Mark>>,
    y: f32,
    overfull: bool,
}

impl Flow {
    pub fn new() -> Self {
        Self {
            pages: vec![Vec::new()],
            y: TOP,
            overfull: false,
        }
    }

    pub fn pages(&self) -> &[Vec<Mark>] {
        &self.pages
    }

    /// Whether there was more than the pages hold; it was dropped.
    pub fn is_overfull(&self) -> bool {
        self.overfull
    }

    /// Leaves room, but none at the top of a page.
    pub fn skip(&mut self, height: f32) {
        if self.y > TOP {
            self.y += height;
        }
    }

    /// Goes on on the next page unless this much fits on this one.
    pub fn keep_together(&mut self, height: f32) {
        if self.y + height <= BOTTOM {
            return;
        }
        if self.pages.len() < MAX_PAGES {
            self.pages.push(Vec::new());
            self.y = TOP;
        } else {
            self.overfull = true;
        }
    }

    /// Sets a line and goes on below it.
    pub fn line(&mut self, x: f32, line: Line) {
        self.keep_together(line.style.leading);
        let below = self.y + line.style.leading;
        self.beside(x, line);
        self.y = below;
    }

    /// Sets a line and goes on beside it.
    pub fn beside(&mut self, x: f32, line: Line) {
        let baseline = self.y + line.style.leading * ASCENT;
        self.mark(Mark::Text { x, baseline, line });
    }

    /// Sets a line that leads somewhere and goes on beside it.
    pub fn link_beside(&mut self, x: f32, line: Line, uri: String) {
        self.mark(Mark::Link(Link {
            left: x,
            top: self.y,
            width: line.width,
            height: line.style.leading,
            uri,
        }));
        self.beside(x, line);
    }

    /// A rule from margin to margin.
    pub fn rule(&mut self) {
        self.mark(Mark::Rule { y: self.y });
    }

    /// Numbers the pages, if there are several.
    pub fn number(&mut self, footer: impl Fn(usize, usize) -> Line) {
        let count = self.pages.len();
        for (index, page) in self.pages.iter_mut().enumerate().filter(|_| count > 1) {
            let line = footer(index + 1, count);
            page.push(Mark::Text {
                x: PAGE_WIDTH - MARGIN - line.width,
                baseline: PAGE_HEIGHT - 32.0,
                line,
            });
        }
    }

    fn mark(&mut self, mark: Mark) {
        if self.overfull {
            return;
        }
        if let Some(page) = self.pages.last_mut() {
            page.push(mark);
        }
    }
}
