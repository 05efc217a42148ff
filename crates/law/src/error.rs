//! What can go wrong when the law is read or looked up.

use zhunsheng_model::Date;

/// Why the embedded law cannot be read: a defect of the program that its tests show.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LawError {
    /// The packed file is cut off or has no such part.
    #[error("part `{part}` of the embedded law is missing")]
    Missing {
        /// Name of the part.
        part: String,
    },
    /// A part cannot be unpacked or has another form.
    #[error("part `{part}` of the embedded law cannot be read: {detail}")]
    Broken {
        /// Name of the part.
        part: String,
        /// What the reader said.
        detail: String,
    },
}

/// Why no text can be given for a law, a date, an article or a passage.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Absent {
    /// The name is that of no instrument held here.
    #[error("no instrument named `{name}` is held")]
    Unknown {
        /// The name as given.
        name: String,
    },
    /// An instrument that is known but whose text is not held.
    #[error("the text of 《{title}》 is not held: {note}")]
    NotHeld {
        /// Its title.
        title: String,
        /// Why, or what took its place.
        note: String,
    },
    /// The oldest version held takes effect only later.
    #[error("no version of 《{title}》 is held for {date}: the oldest one takes effect on {effective}")]
    NotYet {
        /// Title of the instrument.
        title: String,
        /// The date asked for.
        date: Date,
        /// When the oldest version held takes effect.
        effective: Date,
    },
    /// The versions held were no longer in force.
    #[error("no version of 《{title}》 is held for {date}: the one held was in force until {until}")]
    Ended {
        /// Title of the instrument.
        title: String,
        /// The date asked for.
        date: Date,
        /// Last day of the newest version before that date.
        until: Date,
    },
    /// The instrument is held only as single sentences without article numbers.
    #[error("of 《{title}》 only single sentences are held, without their articles")]
    QuotedOnly {
        /// Title of the instrument.
        title: String,
    },
    /// A place without the name of its instrument.
    #[error("{article} stands without the name of an instrument")]
    Unnamed {
        /// The article as written.
        article: String,
    },
    /// The version has no such article.
    #[error("《{title}》 has no article `{article}`")]
    NoArticle {
        /// Title of the instrument.
        title: String,
        /// The article as asked for.
        article: String,
    },
    /// The article has no such paragraph or item.
    #[error("《{title}》{label} has no {locator}")]
    NoPassage {
        /// Title of the instrument.
        title: String,
        /// Label of the article.
        label: String,
        /// The passage as asked for.
        locator: String,
    },
}
