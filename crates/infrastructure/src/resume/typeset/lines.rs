//! Text broken into lines.

use std::ops::Range;

use krilla::text::KrillaGlyph;

use super::fonts::{FontSet, Style};

/// What doesn't stand before an ellipsis.
const PUNCTUATION: [char; 6] = [' ', '.', ',', ';', ':', '…'];

/// A line that is ready to be drawn.
#[derive(Debug, Clone)]
pub struct Line {
    pub text: String,
    pub glyphs: Vec<KrillaGlyph>,
    /// Points.
    pub width: f32,
    pub style: Style,
}

impl Line {
    /// The whole text as one line.
    pub fn new(text: &str, style: Style, fonts: &FontSet) -> Self {
        let glyphs = fonts.shape(text, style.weight);
        Self::cut(text, &glyphs, style)
    }

    /// The text as one line of at most `width`, cut with an ellipsis if it has to be.
    pub fn fitted(text: &str, width: f32, style: Style, fonts: &FontSet) -> Self {
        let line = Self::new(text, style, fonts);
        if line.width <= width {
            return line;
        }
        let ellipsis = Self::new("…", style, fonts).width;
        let places = places(&line.glyphs, style.size);
        let first = break_lines(text, &places, width - ellipsis, Break::Anywhere, 1);
        let end = first.first().map_or(0, |range| places[range.end - 1].end);
        let kept = text[..end].trim_end_matches(PUNCTUATION);
        Self::new(&format!("{kept}…"), style, fonts)
    }

    /// These glyphs of a text, without spaces at the end.
    fn cut(text: &str, glyphs: &[KrillaGlyph], style: Style) -> Self {
        let is_space = |glyph: &KrillaGlyph| &text[glyph.text_range.clone()] == " ";
        let length = glyphs.iter().rposition(|glyph| !is_space(glyph));
        let glyphs = &glyphs[..length.map_or(0, |last| last + 1)];
        let start = glyphs.first().map_or(0, |glyph| glyph.text_range.start);
        let end = glyphs.last().map_or(0, |glyph| glyph.text_range.end);
        let glyphs: Vec<_> = glyphs
            .iter()
            .map(|glyph| {
                let range = glyph.text_range.start - start..glyph.text_range.end - start;
                KrillaGlyph {
                    text_range: range,
                    ..glyph.clone()
                }
            })
            .collect();
        Self {
            text: text[start..end].to_owned(),
            width: glyphs.iter().map(|glyph| glyph.x_advance).sum::<f32>() * style.size,
            glyphs,
            style,
        }
    }
}

/// The text as at most `most` lines of at most `width`, and whether that is all of it; if not, the
/// last line ends in an ellipsis.
pub fn paragraph(
    text: &str,
    width: f32,
    style: Style,
    most: usize,
    fonts: &FontSet,
) -> (Vec<Line>, bool) {
    let glyphs = fonts.shape(text, style.weight);
    let places = places(&glyphs, style.size);
    let ranges = break_lines(text, &places, width, Break::Words, most);
    let whole = ranges.last().is_none_or(|last| last.end == glyphs.len());
    let mut lines: Vec<Line> = ranges
        .into_iter()
        .map(|range| Line::cut(text, &glyphs[range], style))
        .collect();
    if !whole && let Some(last) = lines.pop() {
        let ended = format!("{}…", last.text.trim_end_matches(PUNCTUATION));
        let ended = Line::new(&ended, style, fonts);
        lines.push(if ended.width <= width {
            ended
        } else {
            Line::fitted(&last.text, last.width - 0.1, style, fonts)
        });
    }
    (lines, whole)
}

/// A glyph's place in the text and on the line.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    pub start: usize,
    pub end: usize,
    pub advance: f32,
}

fn places(glyphs: &[KrillaGlyph], size: f32) -> Vec<Place> {
    let place = |glyph: &KrillaGlyph| Place {
        start: glyph.text_range.start,
        end: glyph.text_range.end,
        advance: glyph.x_advance * size,
    };
    glyphs.iter().map(place).collect()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Break {
    /// Between words, and within one that is longer than a line.
    Words,
    Anywhere,
}

/// Which glyphs stand on which line, each line as full as it can be; at most `most` lines. Spaces
/// at the end of a line take no room.
pub fn break_lines(
    text: &str,
    places: &[Place],
    width: f32,
    at: Break,
    most: usize,
) -> Vec<Range<usize>> {
    let mut lines = Vec::new();
    let (mut start, mut used) = (0, 0.0);
    // Where the line may end, and how long the rest would be.
    let mut possible: Option<(usize, f32)> = None;
    for (index, place) in places.iter().enumerate() {
        if lines.len() == most {
            return lines;
        }
        let letters = &text[place.start..place.end];
        let begins_cluster = index == 0 || places[index - 1].start != place.start;
        if index > start && begins_cluster {
            let before = &text[places[index - 1].start..places[index - 1].end];
            if at == Break::Anywhere || ends_word(before, letters) {
                possible = Some((index, used));
            }
        }
        if letters != " " && used + place.advance > width && index > start {
            let (end, until) = match possible {
                Some(possible) => possible,
                // A glyph that belongs to the one before follows it over the edge.
                None if !begins_cluster => {
                    used += place.advance;
                    continue;
                }
                None => (index, used),
            };
            lines.push(start..end);
            (start, used, possible) = (end, used - until, None);
        }
        used += place.advance;
    }
    if start < places.len() && lines.len() < most {
        lines.push(start..places.len());
    }
    lines
}

/// Whether a line may end between these.
fn ends_word(before: &str, after: &str) -> bool {
    match before {
        " " => after != " ",
        "-" | "–" | "—" | "/" => after.chars().all(char::is_alphabetic),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resume::typeset::fonts::{Ink, Weight};

    const STYLE: Style = Style {
        weight: Weight::Regular,
        size: 10.0,
        leading: 14.0,
        ink: Ink::Text,
    };

    /// Every letter is one point wide.
    fn broken(text: &str, width: f32) -> Vec<&str> {
        let places: Vec<_> = text
            .char_indices()
            .map(|(start, c)| Place {
                start,
                end: start + c.len_utf8(),
                advance: 1.0,
            })
            .collect();
        let lines = break_lines(text, &places, width, Break::Words, usize::MAX);
        lines
            .into_iter()
            .map(|line| &text[places[line.start].start..places[line.end - 1].end])
            .collect()
    }

    #[test]
    fn lines_end_between_words_and_are_as_full_as_can_be() {
        assert_eq!(broken("aa bb cc dd", 5.0), ["aa bb ", "cc dd"]);
        assert_eq!(broken("aa bb cc dd", 4.9), ["aa ", "bb ", "cc ", "dd"]);
        assert_eq!(broken("aa bb", 100.0), ["aa bb"]);
        assert_eq!(broken("", 5.0), [""; 0]);
    }

    #[test]
    fn a_word_longer_than_a_line_is_broken_within() {
        assert_eq!(broken("aaaaaaa bb", 3.0), ["aaa", "aaa", "a ", "bb"]);
        assert_eq!(broken("a bbbbb", 3.0), ["a ", "bbb", "bb"]);
        assert_eq!(broken("aaa", 0.5), ["a", "a", "a"]);
    }

    #[test]
    fn hyphens_and_slashes_end_words_but_not_before_numbers() {
        assert_eq!(broken("full-time", 6.0), ["full-", "time"]);
        assert_eq!(broken("aa and/or", 7.0), ["aa and/", "or"]);
        assert_eq!(broken("aaaa 2010-15", 9.0), ["aaaa ", "2010-15"]);
        assert_eq!(broken("aa\u{A0}bb cc", 5.0), ["aa\u{A0}bb ", "cc"]);
    }

    #[test]
    fn no_line_is_wider_than_it_may_be_and_no_letter_is_lost() {
        let fonts = FontSet::new().unwrap();
        let text = "Übermäßig lange Wörter wie Donaudampfschifffahrtsgesellschaft, ";
        let text = text.repeat(5);

        for width in [12.0, 60.0, 101.5, 369.0] {
            let (lines, whole) = paragraph(text.trim(), width, STYLE, usize::MAX, &fonts);

            assert!(
                whole && lines.iter().all(|line| line.width <= width),
                "{width}"
            );
            let set: String = lines.iter().map(|line| line.text.as_str()).collect();
            assert_eq!(set.replace(' ', ""), text.replace(' ', ""));
        }
    }

    #[test]
    fn what_is_beyond_the_last_line_is_cut_with_an_ellipsis() {
        let fonts = FontSet::new().unwrap();
        let text = "word ".repeat(100);

        let (lines, whole) = paragraph(text.trim(), 100.0, STYLE, 3, &fonts);

        assert_eq!((lines.len(), whole), (3, false));
        assert!(lines[2].text.ends_with("word…"), "{}", lines[2].text);
        assert!(lines.iter().all(|line| line.width <= 100.0));
        let fitted = Line::fitted(text.trim(), 100.0, STYLE, &fonts);
        assert!(fitted.width <= 100.0 && fitted.text.ends_with('…'));
        assert!(fitted.text.starts_with("word word"));
    }
}
