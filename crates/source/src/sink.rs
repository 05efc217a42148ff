//! Who receives what is read, and what a format needs while it reads.

use crate::error::SourceError;
use crate::format;
use crate::input::Input;
use crate::limits::{Budget, Level, Limits, Meter};
use std::cell::Cell;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use zhunsheng_model::{Fragment, Place, Problem, ProblemKind, Step, TableFragment, TextFragment};

/// Receives what is read, in the order of the input.
pub trait Sink {
    /// A file, member or attachment is about to be read as `format` (its name, e.g. `csv`).
    fn opened(&mut self, place: &Place, format: &'static str);
    /// The next piece. [`ControlFlow::Break`] ends the reading.
    fn fragment(&mut self, fragment: Fragment) -> ControlFlow<()>;
    /// Something could not be read, or only with losses.
    fn problem(&mut self, problem: Problem);
    /// Where the cells of the next fragment stand in the text it was made from; only where the cells are no
    /// slices of it (rows of SQL dumps). For those who write the file again.
    fn layout(&mut self, _layout: &Layout) {}
}

/// Where the cells of a fragment stand in the text it was made from, which begins at its origin.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layout {
    /// Bytes of the text, as UTF-8; what follows in the fragment's buffer are cells without their escapes.
    pub text_bytes: usize,
    /// Of each cell its bytes in the text, without the quotation marks, and how they are written.
    pub cells: Vec<(std::ops::Range<usize>, CellForm)>,
}

/// How a cell of an SQL dump is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CellForm {
    /// As it stands: a number, an expression, or a string without escapes.
    Plain,
    /// A string with escapes: the mark around it, and whether backslashes escape too.
    Quoted(u8, bool),
    /// In a line of COPY.
    Copied,
}

/// How to read.
#[derive(Clone, Debug)]
pub struct ReadOptions {
    /// How far archives may grow.
    pub limits: Limits,
    /// Where big members that need random access are spooled; the spool files are removed after use.
    pub temp_dir: PathBuf,
    /// About how many bytes one lazy piece holds.
    pub chunk_bytes: usize,
}

impl Default for ReadOptions {
    fn default() -> ReadOptions {
        ReadOptions { limits: Limits::default(), temp_dir: std::env::temp_dir(), chunk_bytes: 4 << 20 }
    }
}

/// What a format needs while it reads one input: where it is, whom to give fragments, how to go deeper.
pub struct Context<'a> {
    pub(crate) place: Arc<Place>,
    /// What names of members are joined to: the file, and attachments on the way.
    pub(crate) base: Arc<str>,
    /// Name by which content of this input is taken (for ties): the last part of the path.
    pub(crate) name: Arc<str>,
    pub(crate) depth: u32,
    pub(crate) options: &'a ReadOptions,
    pub(crate) budget: Rc<Budget>,
    /// What came out of this input, when it is a container.
    pub(crate) level: Rc<Level>,
    pub(crate) sink: &'a mut dyn Sink,
    /// Next table number, shared by all parts of one file.
    pub(crate) tables: Rc<Cell<u32>>,
    /// Fragments handed over so far, by this context and those under it.
    pub(crate) fragments: u64,
}

impl Context<'_> {
    /// Where the input stands.
    pub fn place(&self) -> &Arc<Place> {
        &self.place
    }

    /// The place of a part of the input.
    pub fn place_of(&self, steps: &[Step]) -> Arc<Place> {
        if steps.is_empty() {
            return Arc::clone(&self.place);
        }
        let mut place = Place::clone(&self.place);
        place.steps.extend_from_slice(steps);
        Arc::new(place)
    }

    /// Name of the input, without folders; only a hint.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How many containers the input stands in.
    pub fn depth(&self) -> u32 {
        self.depth
    }

    /// Limits in force.
    pub fn limits(&self) -> &Limits {
        &self.options.limits
    }

    /// Folder for spooled files.
    pub fn temp_dir(&self) -> &Path {
        &self.options.temp_dir
    }

    /// About how many bytes a fragment should hold at most.
    pub fn chunk_bytes(&self) -> usize {
        self.options.chunk_bytes.max(1)
    }

    /// A table number not yet used in this file.
    pub fn next_table(&self) -> u32 {
        let number = self.tables.get();
        self.tables.set(number.saturating_add(1));
        number
    }

    /// Hands over a fragment.
    ///
    /// # Errors
    /// [`SourceError::Stopped`] when the receiver wants no more; return it at once.
    pub fn fragment(&mut self, fragment: Fragment) -> Result<(), SourceError> {
        self.fragments += 1;
        match self.sink.fragment(fragment) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(SourceError::Stopped),
        }
    }

    /// Hands over text.
    ///
    /// # Errors
    /// See [`Context::fragment`].
    pub fn text(&mut self, text: TextFragment) -> Result<(), SourceError> {
        self.fragment(Fragment::Text(text))
    }

    /// Hands over rows.
    ///
    /// # Errors
    /// See [`Context::fragment`].
    pub fn table(&mut self, table: TableFragment) -> Result<(), SourceError> {
        self.fragment(Fragment::Table(table))
    }

    /// Notes a problem of this input.
    pub fn problem(&mut self, kind: ProblemKind, detail: impl Into<String>, lost: bool) {
        let place = Place::clone(&self.place);
        self.sink.problem(Problem { place, kind, detail: detail.into(), lost });
    }

    /// Notes a problem of a part of this input.
    pub fn problem_at(&mut self, steps: &[Step], kind: ProblemKind, detail: impl Into<String>, lost: bool) {
        let place = Place::clone(&self.place_of(steps));
        self.sink.problem(Problem { place, kind, detail: detail.into(), lost });
    }

    /// Notes that member `name` of this container cannot be read at all.
    pub fn problem_member(&mut self, name: &str, kind: ProblemKind, detail: impl Into<String>) {
        let place = Place::file(format!("{}!{}", self.base, name));
        self.sink.problem(Problem { place, kind, detail: detail.into(), lost: true });
    }

    /// Reads a member of this container: its place is `outer!name`.
    ///
    /// What is wrong with the member is noted as a problem and is no error: the next member can be read.
    ///
    /// # Errors
    /// [`SourceError::Stopped`] when the receiver wants no more, [`SourceError::Limit`] when nothing more of the
    /// outer file may be read; return both at once.
    pub fn nested(&mut self, name: &str, input: Input<'_>) -> Result<(), SourceError> {
        let file: Arc<str> = format!("{}!{}", self.base, name).into();
        let place = Arc::new(Place::file(Arc::clone(&file)));
        self.descend(place, file, name, Rc::new(Cell::new(0)), input)
    }

    /// Reads a part that belongs to this same file (an attachment): its place is this place and `steps`.
    ///
    /// `name` is the part's own name; archives inside it are named `outer!name!member`.
    ///
    /// # Errors
    /// See [`Context::nested`].
    pub fn nested_part(&mut self, steps: &[Step], name: &str, input: Input<'_>) -> Result<(), SourceError> {
        let base: Arc<str> = format!("{}!{}", self.base, name).into();
        let place = self.place_of(steps);
        let tables = Rc::clone(&self.tables);
        self.descend(place, base, name, tables, input)
    }

    fn descend(
        &mut self,
        place: Arc<Place>,
        base: Arc<str>,
        name: &str,
        tables: Rc<Cell<u32>>,
        mut input: Input<'_>,
    ) -> Result<(), SourceError> {
        let depth = self.depth + 1;
        if let Err(hit) = self.budget.member(depth) {
            let problem = Problem {
                place: Place::clone(&place),
                kind: ProblemKind::LimitExceeded,
                detail: hit.to_string(),
                lost: true,
            };
            self.sink.problem(problem);
            return if hit.ends_all() { Err(hit.into()) } else { Ok(()) };
        }
        let meter = Rc::new(Meter::default());
        input.watch(Rc::clone(&meter), Some(Rc::clone(&self.level)));
        let level = Rc::new(Level::new(Rc::clone(&self.budget), meter, depth + 1));
        let mut child = Context {
            place,
            base,
            name: name.rsplit(['/', '\\']).next().unwrap_or(name).into(),
            depth,
            options: self.options,
            budget: Rc::clone(&self.budget),
            level,
            sink: &mut *self.sink,
            tables,
            fragments: 0,
        };
        let result = format::read(input, &mut child);
        self.fragments += child.fragments;
        match result {
            Ok(()) => Ok(()),
            Err(SourceError::Stopped) => Err(SourceError::Stopped),
            Err(error) => {
                let hit = self.budget.take_hit();
                if hit.is_some_and(|hit| hit.ends_all()) { Err(error) } else { Ok(()) }
            }
        }
    }
}
