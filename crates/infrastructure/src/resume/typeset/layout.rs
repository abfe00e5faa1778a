//! A resume laid out on pages.

use alumx_application::resume::generated::GeneratedResume;
use alumx_domain::account::Role;
use alumx_domain::user::WebUrl;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::flow::{Flow, MARGIN, TEXT_WIDTH};
use super::fonts::{FontSet, Ink, Style, Weight};
use super::lines::{Line, paragraph};
use super::section::{BODY, Block, HEADING_WIDTH, MUTED, SECTIONS, Setter};

/// How many lines each part may have: the first budget with which all fits on the pages is taken.
/// With the last one, any profile does.
const BUDGETS: [usize; 14] = [150, 60, 44, 34, 26, 20, 16, 13, 10, 8, 6, 5, 4, 3];

const NAME: Style = Style {
    weight: Weight::Bold,
    size: 25.0,
    leading: 33.0,
    ink: Ink::Text,
};
const LONG_NAME: Style = Style {
    size: 18.0,
    leading: 24.0,
    ..NAME
};
const HEADLINE: Style = Style {
    size: 11.5,
    leading: 17.0,
    ink: Ink::Accent,
    ..BODY
};
const HEADING: Style = Style {
    weight: Weight::Bold,
    ink: Ink::Accent,
    ..BODY
};
const LINK: Style = Style {
    ink: Ink::Accent,
    ..BODY
};
const SMALL: Style = Style {
    size: 7.8,
    leading: 11.0,
    ..MUTED
};

/// The resume on at most two pages. What had to be left out, or can't be set, is said at its end.
pub fn lay_out(resume: &GeneratedResume, fonts: &FontSet) -> Flow {
    let is_too_much = |budget: &usize| attempt(resume, fonts, *budget).is_overfull();
    // Halved again and again, not tried one by one: a long profile is set four times.
    let fits = BUDGETS.partition_point(is_too_much);
    let budget = BUDGETS.get(fits).or(BUDGETS.last());
    attempt(resume, fonts, budget.copied().unwrap_or_default())
}

fn attempt(resume: &GeneratedResume, fonts: &FontSet, budget: usize) -> Flow {
    let mut flow = Flow::new();
    let mut setter = Setter::new(fonts, budget);
    let name = header(&mut flow, &mut setter, resume);
    let profile = &resume.profile;
    if profile.about.is_some() || profile.lists.iter().any(|(_, items)| !items.is_empty()) {
        flow.skip(8.0);
        flow.rule();
    }
    if let Some(about) = &profile.about {
        let blocks = setter.text(about);
        section(&mut flow, "About", blocks, fonts);
    }
    for (list, heading) in SECTIONS {
        let items = profile.lists.get(list);
        if !items.is_empty() && !flow.is_overfull() {
            let blocks = setter.list(list, items);
            section(&mut flow, heading, blocks, fonts);
        }
    }
    notes(&mut flow, &setter);
    flow.number(|page, pages| {
        let name = Line::fitted(&name, TEXT_WIDTH * 0.8, SMALL, fonts).text;
        Line::new(&format!("{name} · {page} of {pages}"), SMALL, fonts)
    });
    flow
}

/// Who it is: name, headline, facts, links. Returns the name as it can be set.
fn header(flow: &mut Flow, setter: &mut Setter<'_>, resume: &GeneratedResume) -> String {
    let fonts = setter.fonts;
    let name = setter.settable(&resume.profile.name);
    let line = Line::new(&name, NAME, fonts);
    if line.width <= TEXT_WIDTH {
        flow.line(MARGIN, line);
    } else {
        wrapped(flow, &name, LONG_NAME, 4, fonts);
    }
    if let Some(headline) = resume.headline() {
        let headline = setter.settable(&headline);
        wrapped(flow, &headline, HEADLINE, 4, fonts);
    }
    flow.skip(2.0);
    let facts = setter.settable(&facts(resume).join("\u{A0}· "));
    wrapped(flow, &facts, MUTED, 5, fonts);
    links(flow, setter, resume);
    name
}

fn wrapped(flow: &mut Flow, text: &str, style: Style, most: usize, fonts: &FontSet) {
    for line in paragraph(text, TEXT_WIDTH, style, most, fonts).0 {
        flow.line(MARGIN, line);
    }
}

fn facts(resume: &GeneratedResume) -> Vec<String> {
    let profile = &resume.profile;
    let role = match profile.role {
        Role::Student => Some("Student".to_owned()),
        Role::Professor => Some("Professor".to_owned()),
        Role::Alumni | Role::Admin => None,
    };
    let department = profile.department.as_ref().map(ToString::to_string);
    let year = profile
        .graduation_year
        .map(|y| format!("Class of {}", y.get()));
    let location = profile.location.as_ref().map(ToString::to_string);
    [role, department, year, location]
        .into_iter()
        .flatten()
        .collect()
}

/// One behind the other as far as there is room, each to be clicked.
fn links(flow: &mut Flow, setter: &mut Setter<'_>, resume: &GeneratedResume) {
    const GAP: f32 = 16.0;
    let profile = &resume.profile;
    let email = resume
        .email()
        .map(|email| (email.to_string(), mailto(email)));
    let pages = [
        &profile.portfolio_url,
        &profile.linkedin_url,
        &profile.github_url,
    ];
    let pages = pages.into_iter().flatten();
    let pages = pages.map(|url| (shown(url).to_owned(), url.to_uri()));
    let mut x = MARGIN;
    let mut none = true;
    for (text, uri) in email.into_iter().chain(pages) {
        let text = setter.settable(&text);
        let line = Line::fitted(&text, TEXT_WIDTH * 0.62, LINK, setter.fonts);
        if !none && x + line.width > MARGIN + TEXT_WIDTH {
            flow.skip(LINK.leading);
            x = MARGIN;
        }
        let width = line.width;
        flow.link_beside(x, line, uri);
        x += width + GAP;
        none = false;
    }
    if !none {
        flow.skip(LINK.leading);
    }
}

/// The URL as people write it.
fn shown(url: &WebUrl) -> &str {
    let shown = url.split_once("://").map_or(&**url, |(_, rest)| rest);
    shown
        .strip_prefix("www.")
        .unwrap_or(shown)
        .trim_end_matches('/')
}

fn mailto(email: &str) -> String {
    const ADDRESS: &AsciiSet = &NON_ALPHANUMERIC
        .remove(b'@')
        .remove(b'.')
        .remove(b'-')
        .remove(b'_')
        .remove(b'~');
    format!("mailto:{}", utf8_percent_encode(email, ADDRESS))
}

/// A heading on the left and beside it what it heads.
fn section(flow: &mut Flow, heading: &str, blocks: Vec<Block>, fonts: &FontSet) {
    const LEFT: f32 = MARGIN + HEADING_WIDTH;
    flow.skip(11.0);
    for (index, block) in blocks.into_iter().enumerate() {
        // Few lines are not parted, and of many at least two stay together.
        let together = if block.lines.len() <= 4 {
            block.lines.len()
        } else {
            2
        };
        flow.keep_together((0..together).map(|_| BODY.leading).sum());
        if index == 0 {
            flow.beside(MARGIN, Line::new(heading, HEADING, fonts));
        }
        if block.has_bullet {
            flow.beside(LEFT, Line::new("•", HEADING, fonts));
        }
        for line in block.lines {
            flow.line(LEFT + block.indent, line);
        }
        flow.skip(2.0);
    }
}

/// What the reader should know about the document itself.
fn notes(flow: &mut Flow, setter: &Setter<'_>) {
    const CUT: &str = "The profile says more than is set here on two pages: what ends in … or \
                       “and … more” goes on there.";
    let cut = setter.is_cut.then(|| CUT.to_owned());
    let notes: Vec<Line> = [cut, setter.missing.note()]
        .into_iter()
        .flatten()
        .flat_map(|note| paragraph(&note, TEXT_WIDTH, SMALL, 4, setter.fonts).0)
        .collect();
    if notes.is_empty() {
        return;
    }
    flow.skip(14.0);
    flow.keep_together(notes.iter().map(|line| line.style.leading).sum());
    flow.rule();
    flow.skip(5.0);
    for line in notes {
        flow.line(MARGIN, line);
    }
}
