//! Follows the drawing operators of a page and gives every shown string with its position.

use super::font::{self, Font};
use super::lexer::{Lexer, Token};
use lopdf::{Dictionary, Document, Object, ObjectId, Stream};
use std::collections::BTreeMap;
use std::rc::Rc;

/// Bytes that the drawing operators of one page or form may decompress to.
const CONTENT_BYTES_MAX: usize = 128 << 20;
/// Forms within forms.
const FORM_DEPTH_MAX: u32 = 12;
/// Strings kept of one page: a page of solid text has a few thousand.
const SPANS_MAX: usize = 400_000;
/// Saved graphics states.
const STATES_MAX: usize = 512;

/// A shown string.
#[derive(Clone, Debug)]
pub(super) struct Span {
    /// Where it begins along the direction of writing, in points.
    pub(super) x: f64,
    /// Where it ends.
    pub(super) end: f64,
    /// Height of its baseline, growing upwards.
    pub(super) y: f64,
    /// Size of the letters in points.
    pub(super) size: f64,
    /// Quarter turns of the direction of writing.
    pub(super) turn: u8,
    /// The text.
    pub(super) text: String,
}

/// Fonts already read, so that pages that share them read them once.
#[derive(Default)]
pub(super) struct Fonts {
    by_id: BTreeMap<ObjectId, Rc<Font>>,
}

/// What a page shows.
#[derive(Default)]
pub(super) struct Shown {
    /// Strings in the order they are drawn.
    pub(super) spans: Vec<Span>,
    /// Whether some drawing operators could not be read or were too many.
    pub(super) lost: bool,
}

/// The strings of page `page`.
pub(super) fn shown(document: &Document, page: ObjectId, fonts: &mut Fonts) -> Shown {
    let mut content = Vec::new();
    let mut shown = Shown::default();
    for id in document.get_page_contents(page) {
        let part = document.get_object(id).ok().and_then(|object| object.as_stream().ok());
        match part.map(|stream| stream.get_plain_content_with_limit(CONTENT_BYTES_MAX)) {
            Some(Ok(bytes)) if content.len() + bytes.len() <= CONTENT_BYTES_MAX => {
                content.extend_from_slice(&bytes);
                content.push(b'\n');
            }
            _ => shown.lost = true,
        }
    }
    let mut resources = Vec::new();
    if let Ok((own, ids)) = document.get_page_resources(page) {
        resources.extend(own);
        resources.extend(ids.into_iter().filter_map(|id| document.get_dictionary(id).ok()));
    }
    let mut drawing = Drawing { document, fonts, shown: &mut shown, forms: Vec::new() };
    drawing.run(&content, &resources, State::default(), 0);
    shown
}

type Matrix = [f64; 6];
const IDENTITY: Matrix = [1.0, 0.0, 0.0, 1.0, 0.0, 0.0];

/// First `a`, then `b`.
fn multiply(a: &Matrix, b: &Matrix) -> Matrix {
    let [a0, a1, a2, a3, a4, a5] = *a;
    let [b0, b1, b2, b3, b4, b5] = *b;
    [
        a0 * b0 + a1 * b2,
        a0 * b1 + a1 * b3,
        a2 * b0 + a3 * b2,
        a2 * b1 + a3 * b3,
        a4 * b0 + a5 * b2 + b4,
        a4 * b1 + a5 * b3 + b5,
    ]
}

#[derive(Clone)]
struct State {
    matrix: Matrix,
    font: Option<Rc<Font>>,
    size: f64,
    letter_space: f64,
    word_space: f64,
    stretch: f64,
    leading: f64,
    rise: f64,
}

impl Default for State {
    fn default() -> State {
        State {
            matrix: IDENTITY,
            font: None,
            size: 0.0,
            letter_space: 0.0,
            word_space: 0.0,
            stretch: 1.0,
            leading: 0.0,
            rise: 0.0,
        }
    }
}

struct Drawing<'d, 'f> {
    document: &'d Document,
    fonts: &'f mut Fonts,
    shown: &'f mut Shown,
    /// Forms being drawn: one that draws itself is not followed.
    forms: Vec<ObjectId>,
}

impl<'d> Drawing<'d, '_> {
    fn run(&mut self, content: &[u8], resources: &[&'d Dictionary], state: State, depth: u32) {
        let mut lexer = Lexer::new(content);
        let mut operands: Vec<Token> = Vec::new();
        let mut states: Vec<State> = Vec::new();
        let mut state = state;
        let (mut text, mut line) = (IDENTITY, IDENTITY);
        while let Some(token) = lexer.next() {
            let Token::Word(word) = token else {
                if operands.len() < 1 << 16 {
                    operands.push(token);
                }
                continue;
            };
            let numbers = |count: usize| -> Vec<f64> {
                let mut numbers: Vec<f64> = operands
                    .iter()
                    .filter_map(|token| if let Token::Number(n) = token { Some(*n) } else { None })
                    .collect();
                numbers.resize(count.max(numbers.len()), 0.0);
                numbers.split_off(numbers.len() - count)
            };
            let number = || numbers(1).first().copied().unwrap_or(0.0);
            let matrix = || Matrix::try_from(numbers(6)).unwrap_or(IDENTITY);
            let mut next_line = |tx: f64, ty: f64, text: &mut Matrix| {
                line = multiply(&[1.0, 0.0, 0.0, 1.0, tx, ty], &line);
                *text = line;
            };
            match word.as_slice() {
                b"q" if states.len() < STATES_MAX => states.push(state.clone()),
                b"Q" => state = states.pop().unwrap_or(state),
                b"cm" => state.matrix = multiply(&matrix(), &state.matrix),
                b"BT" => (text, line) = (IDENTITY, IDENTITY),
                b"Tm" => {
                    line = matrix();
                    text = line;
                }
                b"Td" | b"TD" => {
                    let offset = numbers(2);
                    let (tx, ty) = (offset.first().copied(), offset.get(1).copied());
                    if word == b"TD" {
                        state.leading = -ty.unwrap_or(0.0);
                    }
                    next_line(tx.unwrap_or(0.0), ty.unwrap_or(0.0), &mut text);
                }
                b"T*" => next_line(0.0, -state.leading, &mut text),
                b"Tc" => state.letter_space = number(),
                b"Tw" => state.word_space = number(),
                b"Tz" => state.stretch = number() / 100.0,
                b"TL" => state.leading = number(),
                b"Ts" => state.rise = number(),
                b"Tf" => {
                    state.size = number();
                    if let Some(Token::Name(name)) = operands.iter().find(|t| matches!(t, Token::Name(_))) {
                        state.font = Some(self.font(resources, name));
                    }
                }
                b"Tj" | b"TJ" => self.show(&operands, &state, &mut text),
                b"'" => {
                    next_line(0.0, -state.leading, &mut text);
                    self.show(&operands, &state, &mut text);
                }
                b"\"" => {
                    let spaces = numbers(2);
                    state.word_space = spaces.first().copied().unwrap_or(0.0);
                    state.letter_space = spaces.get(1).copied().unwrap_or(0.0);
                    next_line(0.0, -state.leading, &mut text);
                    operands.retain(|token| matches!(token, Token::Text(_)));
                    self.show(&operands, &state, &mut text);
                }
                b"ID" => lexer.skip_inline_image(),
                b"Do" => {
                    if let Some(Token::Name(name)) = operands.last() {
                        self.form(resources, name, &state, depth);
                    }
                }
                _ => {}
            }
            operands.clear();
            if self.shown.spans.len() >= SPANS_MAX {
                self.shown.lost = true;
                return;
            }
        }
    }

    /// The font that `name` means in the resources.
    fn font(&mut self, resources: &[&'d Dictionary], name: &[u8]) -> Rc<Font> {
        let Some(entry) = resource(self.document, resources, b"Font", name) else {
            return Rc::new(Font::unknown());
        };
        let load = || match font::dereferenced(self.document, entry) {
            Some(Object::Dictionary(dictionary)) => Rc::new(Font::load(self.document, dictionary)),
            _ => Rc::new(Font::unknown()),
        };
        match entry {
            Object::Reference(id) => Rc::clone(self.fonts.by_id.entry(*id).or_insert_with(load)),
            _ => load(),
        }
    }

    /// Draws a form.
    fn form(&mut self, resources: &[&'d Dictionary], name: &[u8], state: &State, depth: u32) {
        let Some(entry) = resource(self.document, resources, b"XObject", name) else { return };
        let id = entry.as_reference().unwrap_or((0, 0));
        let Some(Object::Stream(stream)) = font::dereferenced(self.document, entry) else { return };
        if !stream.dict.get(b"Subtype").is_ok_and(|kind| kind.as_name().is_ok_and(|n| n == b"Form")) {
            return;
        }
        if depth >= FORM_DEPTH_MAX || self.forms.contains(&id) {
            self.shown.lost = true;
            return;
        }
        let Ok(content) = stream.get_plain_content_with_limit(CONTENT_BYTES_MAX) else {
            self.shown.lost = true;
            return;
        };
        let mut own: Vec<&Dictionary> = Vec::new();
        own.extend(font::get(self.document, &stream.dict, b"Resources").and_then(|o| o.as_dict().ok()));
        own.extend_from_slice(resources);
        let mut state = state.clone();
        if let Some(matrix) = form_matrix(self.document, stream) {
            state.matrix = multiply(&matrix, &state.matrix);
        }
        self.forms.push(id);
        self.run(&content, &own, state, depth + 1);
        self.forms.pop();
    }

    /// Shows the strings among `operands`; numbers between them move by thousandths of the size.
    fn show(&mut self, operands: &[Token], state: &State, text: &mut Matrix) {
        let Some(font) = &state.font else { return };
        for token in operands {
            match token {
                Token::Number(move_by) => {
                    let tx = -move_by / 1000.0 * state.size * state.stretch;
                    *text = multiply(&[1.0, 0.0, 0.0, 1.0, tx, 0.0], text);
                }
                Token::Text(bytes) => {
                    let mut shown = String::new();
                    let mut advance = 0.0;
                    font.decode(bytes, |part, glyph| {
                        shown.push_str(part);
                        let word = if glyph.is_blank { state.word_space } else { 0.0 };
                        advance +=
                            (glyph.width / 1000.0 * state.size + state.letter_space + word) * state.stretch;
                    });
                    let matrix = multiply(text, &state.matrix);
                    *text = multiply(&[1.0, 0.0, 0.0, 1.0, advance, 0.0], text);
                    let end = multiply(text, &state.matrix);
                    self.shown.spans.extend(span(shown, state, &matrix, &end));
                }
                _ => {}
            }
        }
    }
}

/// A span from where its text begins and ends, turned so that it runs to the right.
fn span(text: String, state: &State, from: &Matrix, to: &Matrix) -> Option<Span> {
    let [a, b, c, d, x0, y0] = *from;
    let (x1, y1) = (to[4], to[5]);
    let size = state.size.abs() * c.hypot(d);
    if text.is_empty() || !(x0.is_finite() && y0.is_finite() && x1.is_finite() && y1.is_finite()) {
        return None;
    }
    let turn = match (a.abs() >= b.abs(), a >= 0.0, b >= 0.0) {
        (true, true, _) => 0,
        (false, _, true) => 1,
        (true, false, _) => 2,
        (false, _, false) => 3,
    };
    let (x, end, y) = match turn {
        0 => (x0, x1, y0),
        1 => (y0, y1, -x0),
        2 => (-x0, -x1, -y0),
        _ => (-y0, -y1, x0),
    };
    let y = y - state.rise * d.abs().max(b.abs()).min(1.0);
    Some(Span { x, end: end.max(x), y, size: if size > 0.0 { size } else { 1.0 }, turn, text })
}

/// What `name` means under `kind` in the nearest resources that hold it.
fn resource<'d>(
    document: &'d Document,
    resources: &[&'d Dictionary],
    kind: &[u8],
    name: &[u8],
) -> Option<&'d Object> {
    resources
        .iter()
        .find_map(|resources| font::get(document, resources, kind)?.as_dict().ok()?.get(name).ok())
}

fn form_matrix(document: &Document, stream: &Stream) -> Option<Matrix> {
    let list = font::get(document, &stream.dict, b"Matrix")?.as_array().ok()?;
    let numbers: Vec<f64> = list.iter().filter_map(font::number).collect();
    Matrix::try_from(numbers).ok()
}
