//! Pages drawn as PDF.

use alumx_application::ports::TypesetterError;
use alumx_application::resume::generated::GeneratedResume;
use krilla::Document;
use krilla::action::{Action, LinkAction};
use krilla::annotation::{LinkAnnotation, Target};
use krilla::color::rgb;
use krilla::geom::{PathBuilder, Point, Rect};
use krilla::metadata::Metadata;
use krilla::page::PageSettings;
use krilla::paint::{Fill, Stroke};
use krilla::surface::Surface;

use super::flow::{Flow, Link, MARGIN, Mark, PAGE_HEIGHT, PAGE_WIDTH};
use super::fonts::{FontSet, Ink};
use super::unexpected;

/// The document. It holds no time and nothing random: the same resume makes the same bytes.
pub fn draw(
    resume: &GeneratedResume,
    flow: &Flow,
    fonts: &FontSet,
) -> Result<Vec<u8>, TypesetterError> {
    let mut document = Document::new();
    let settings = PageSettings::from_wh(PAGE_WIDTH, PAGE_HEIGHT)
        .ok_or_else(|| unexpected("a page has no area"))?;
    for marks in flow.pages() {
        let mut page = document.start_page_with(settings.clone());
        let mut surface = page.surface();
        for mark in marks {
            draw_mark(&mut surface, mark, fonts);
        }
        surface.finish();
        for mark in marks {
            if let Mark::Link(link) = mark
                && let Some(annotation) = annotation(link)
            {
                page.add_annotation(annotation.into());
            }
        }
        page.finish();
    }
    let name = resume.profile.name.to_string();
    let metadata = Metadata::new()
        .title(format!("Resume of {name}"))
        .authors(vec![name])
        .creator("AlumX".to_owned());
    document.set_metadata(metadata);
    document
        .finish()
        .map_err(|error| unexpected(format!("{error:?}")))
}

fn draw_mark(surface: &mut Surface<'_>, mark: &Mark, fonts: &FontSet) {
    match mark {
        Mark::Text { x, baseline, line } => {
            surface.set_fill(Some(Fill {
                paint: color(line.style.ink).into(),
                ..Fill::default()
            }));
            let font = fonts.font(line.style.weight);
            let start = Point::from_xy(*x, *baseline);
            surface.draw_glyphs(
                start,
                &line.glyphs,
                font,
                &line.text,
                line.style.size,
                false,
            );
        }
        Mark::Rule { y } => {
            let mut path = PathBuilder::new();
            path.move_to(MARGIN, *y);
            path.line_to(PAGE_WIDTH - MARGIN, *y);
            surface.set_fill(None);
            surface.set_stroke(Some(Stroke {
                paint: rgb::Color::new(203, 210, 220).into(),
                width: 0.6,
                ..Stroke::default()
            }));
            if let Some(path) = path.finish() {
                surface.draw_path(&path);
            }
            surface.set_stroke(None);
        }
        Mark::Link(_) => {}
    }
}

fn annotation(link: &Link) -> Option<LinkAnnotation> {
    let area = Rect::from_xywh(link.left, link.top, link.width, link.height)?;
    let action = Action::Link(LinkAction::new(link.uri.clone()));
    Some(LinkAnnotation::new(area, Target::Action(action)))
}

fn color(ink: Ink) -> rgb::Color {
    match ink {
        Ink::Text => rgb::Color::new(31, 36, 46),
        Ink::Muted => rgb::Color::new(98, 107, 122),
        Ink::Accent => rgb::Color::new(26, 82, 130),
    }
}
