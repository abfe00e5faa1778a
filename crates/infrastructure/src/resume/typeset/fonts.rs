//! The two fonts, and text turned into glyphs.

use krilla::text::{Font, GlyphId, KrillaGlyph};
use rustybuzz::{Direction, UnicodeBuffer};

const REGULAR: &[u8] = include_bytes!("../../../fonts/NotoSans-Regular.ttf");
const BOLD: &[u8] = include_bytes!("../../../fonts/NotoSans-Bold.ttf");

/// How a text looks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Style {
    pub weight: Weight,
    /// Points.
    pub size: f32,
    /// From one baseline to the next, in points.
    pub leading: f32,
    pub ink: Ink,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    Regular,
    Bold,
}

/// The colours of the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ink {
    Text,
    Muted,
    Accent,
}

pub struct FontSet {
    regular: Face,
    bold: Face,
}

struct Face {
    shaper: rustybuzz::Face<'static>,
    font: Font,
}

impl Face {
    fn new(data: &'static [u8]) -> Option<Self> {
        Some(Self {
            shaper: rustybuzz::Face::from_slice(data, 0)?,
            font: Font::new(data.into(), 0)?,
        })
    }
}

impl FontSet {
    pub fn new() -> Option<Self> {
        Some(Self {
            regular: Face::new(REGULAR)?,
            bold: Face::new(BOLD)?,
        })
    }

    fn face(&self, weight: Weight) -> &Face {
        match weight {
            Weight::Regular => &self.regular,
            Weight::Bold => &self.bold,
        }
    }

    pub fn font(&self, weight: Weight) -> Font {
        self.face(weight).font.clone()
    }

    /// Whether both fonts have this character.
    pub fn has(&self, character: char) -> bool {
        [&self.regular, &self.bold]
            .iter()
            .all(|face| face.shaper.glyph_index(character).is_some())
    }

    /// The glyphs of a text that the fonts have, in ems and from left to right.
    pub fn shape(&self, text: &str, weight: Weight) -> Vec<KrillaGlyph> {
        let shaper = &self.face(weight).shaper;
        let mut buffer = UnicodeBuffer::new();
        buffer.push_str(text);
        buffer.guess_segment_properties();
        buffer.set_direction(Direction::LeftToRight);
        let output = rustybuzz::shape(shaper, &[], buffer);
        let (infos, positions) = (output.glyph_infos(), output.glyph_positions());
        #[expect(clippy::cast_precision_loss, reason = "font units are far below 2^24")]
        let ems = |units: i32| units as f32 / shaper.units_per_em() as f32;
        let glyphs = infos.iter().zip(positions).enumerate();
        glyphs
            .map(|(at, (info, position))| {
                let next = infos[at..].iter().find(|i| i.cluster != info.cluster);
                let end = next.map_or(text.len(), |next| next.cluster as usize);
                KrillaGlyph::new(
                    GlyphId::new(info.glyph_id),
                    ems(position.x_advance),
                    ems(position.x_offset),
                    ems(position.y_offset),
                    ems(position.y_advance),
                    info.cluster as usize..end,
                    None,
                )
            })
            .collect()
    }
}
