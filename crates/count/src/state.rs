//! Saving a count and taking it up again.
//!
//! What is large stands in the store; the saved state is the rest: how long each run was, the shapes, the sums.
//! It holds no value and no hash of one. Numbers are little-endian, and the last 32 bytes are the SHA-256 of
//! what comes before them, so that a state cut short by a crash is noticed.

use crate::batch::{KindTally, REASONS};
use crate::shape::{Flags, Shape, Shapes};
use crate::spill::SpillStore;
use crate::tally::{FileLog, Small, put_number, take_number};
use crate::{CountError, Tally, TallyOptions};
use sha2::{Digest, Sha256};
use zhunsheng_model::{Date, Kind, KindSet};

/// First bytes of a saved state, with its version.
const MAGIC: &[u8] = b"zhunsheng count 1\n";

impl Tally {
    /// Moves everything held into the store and returns what [`Tally::resume`] needs to go on from here.
    ///
    /// The count itself can go on too. The state is of use only with the store as it is now or longer.
    ///
    /// # Errors
    /// [`CountError::Spill`] when the store fails; the count cannot go on then.
    pub fn checkpoint(&mut self) -> Result<Vec<u8>, CountError> {
        self.guarded(|tally| {
            tally.small.close_shape_run(&mut tally.runs)?;
            tally.small.files.close();
            tally.runs.spill(false)?;
            Ok(save(&tally.small, tally.runs.stored()))
        })
    }

    /// Goes on from a saved state. What the store holds beyond it is cut off.
    ///
    /// # Errors
    /// [`CountError::StateUnusable`] when the state is damaged or does not fit the store, or was made by another
    /// version; [`CountError::ReferenceChanged`] when ages were reckoned at another day; [`CountError::Spill`].
    pub fn resume(
        options: TallyOptions,
        store: Box<dyn SpillStore>,
        state: &[u8],
    ) -> Result<Tally, CountError> {
        let (small, stored) = load(state)?;
        if small.reference != options.reference {
            return Err(CountError::ReferenceChanged {
                batch: options.reference.to_string(),
                tally: small.reference.to_string(),
            });
        }
        let mut tally = Tally::with(store, options, small);
        tally.runs.restore(stored)?;
        Ok(tally)
    }
}

fn save(small: &Small, stored: &[u64]) -> Vec<u8> {
    let mut to = MAGIC.to_vec();
    let mut put = |number: u64| put_number(&mut to, number);
    let date = small.reference;
    let (year, month, day) = (date.year(), date.month(), date.day());
    [u64::from(year), u64::from(month), u64::from(day), u64::from(small.records)]
        .into_iter()
        .for_each(&mut put);
    put(stored.len() as u64);
    stored.iter().copied().for_each(&mut put);
    put(small.shapes.list().len() as u64);
    for shape in small.shapes.list() {
        put((shape.kinds.0 >> 64) as u64);
        put(shape.kinds.0 as u64);
        put(shape.data_sets);
        put(u64::from(shape.flags.0));
        put(shape.more.len() as u64);
        for (kind, more) in &shape.more {
            put(u64::from(*kind));
            put(u64::from(*more));
        }
    }
    put(small.kinds.len() as u64);
    put(REASONS as u64);
    for kind in &small.kinds {
        [kind.valid, kind.masked, kind.placeholder].into_iter().for_each(&mut put);
        kind.invalid.into_iter().for_each(&mut put);
    }
    put(small.files.bytes.len() as u64);
    to.extend_from_slice(&small.files.bytes);
    let digest = Sha256::digest(&to);
    to.extend_from_slice(&digest);
    to
}

fn load(state: &[u8]) -> Result<(Small, Vec<u64>), CountError> {
    let unusable = |detail| CountError::StateUnusable { detail };
    let (body, digest) = state.split_last_chunk::<32>().ok_or(unusable("it is too short"))?;
    let body = body.strip_prefix(MAGIC).ok_or(unusable("another version made it"))?;
    if Sha256::new().chain_update(MAGIC).chain_update(body).finalize().as_slice() != digest {
        return Err(unusable("it is damaged"));
    }
    read(body).ok_or(unusable("it does not have the expected parts"))
}

fn read(mut from: &[u8]) -> Option<(Small, Vec<u64>)> {
    let from = &mut from;
    let year = u16::try_from(take_number(from)?).ok()?;
    let month = u8::try_from(take_number(from)?).ok()?;
    let day = u8::try_from(take_number(from)?).ok()?;
    let reference = Date::new(year, month, day)?;
    let records = u32::try_from(take_number(from)?).ok()?;
    let stored = (0..take_number(from)?).map(|_| take_number(from)).collect::<Option<Vec<u64>>>()?;
    if stored.len() != crate::RUNS as usize {
        return None;
    }
    let mut shapes = Shapes::default();
    for number in 0..take_number(from)? {
        let kinds = u128::from(take_number(from)?) << 64 | u128::from(take_number(from)?);
        let data_sets = take_number(from)?;
        let flags = Flags(u8::try_from(take_number(from)?).ok()?);
        let mut more = Vec::new();
        for _ in 0..take_number(from)? {
            let kind = u8::try_from(take_number(from)?).ok()?;
            more.push((kind, u32::try_from(take_number(from)?).ok()?));
        }
        let shape = Shape { kinds: KindSet(kinds), more, data_sets, flags };
        if u64::from(shapes.number(&shape)) != number {
            return None;
        }
    }
    if take_number(from)? != Kind::ALL.len() as u64 || take_number(from)? != REASONS as u64 {
        return None;
    }
    let mut kinds = Vec::with_capacity(Kind::ALL.len());
    for _ in Kind::ALL {
        let mut tally = KindTally {
            valid: take_number(from)?,
            masked: take_number(from)?,
            placeholder: take_number(from)?,
            ..KindTally::default()
        };
        for count in &mut tally.invalid {
            *count = take_number(from)?;
        }
        kinds.push(tally);
    }
    let length = usize::try_from(take_number(from)?).ok()?;
    let files = FileLog::from_bytes(from.get(..length)?.to_vec());
    (from.len() == length)
        .then_some((Small { reference, records, shapes, shape_run: (0, 0), kinds, files }, stored))
}
