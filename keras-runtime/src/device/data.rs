//! The data of a call on a device: what a row is made of, and whether all rows are there at once or come in pieces.
//!
//! Rows that are all there are gathered by the steps, in the order that these are told. Rows that come in pieces are gathered on the
//! host: those of an execution lie one behind the other, in the order in which its steps take them. A region of such data has room for
//! two pieces, one for each turn, so that one is copied while the steps before read the other.

use std::ops::Range;

use super::builder::len;
use super::engine::{Space, TURNS, Usage};
use super::memory::{Data, Elem, Region};
use super::session::{AT_ONCE, Session};
use crate::model::Graph;
use crate::{Error, Result};

/// Bytes of host memory that rows go through when all of them are copied.
const CHUNK: usize = 8 << 20;

/// Bytes that the pieces of a set take at the most, unless two batches take more.
const PIECES: usize = 256 << 20;

/// What a row of a set of data is made of, as a device has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Row {
    /// Elements of each input.
    pub(crate) inputs: Vec<usize>,
    /// Elements of the targets of each output, and whether these are classes.
    pub(crate) targets: Vec<(usize, bool)>,
    /// Whether it has a weight.
    pub(crate) weighted: bool,
    /// Elements of each output, if these come back.
    pub(crate) outputs: Vec<usize>,
}

impl Row {
    /// The inputs of a graph, and nothing else.
    pub(crate) fn of(graph: &Graph) -> Row {
        Row { inputs: graph.inputs.iter().map(|input| len(input.shape)).collect(), ..Row::default() }
    }

    /// Where its parts lie on the device, and how many elements each has. Each part of staged memory is behind the one before of
    /// the same type.
    pub(crate) fn parts(&self, data: Data) -> impl Iterator<Item = (Region, usize)> {
        let inputs = self.inputs.iter().enumerate().map(move |(i, len)| (Region::Input(data, i), *len));
        let target = move |(i, (len, classes)): (usize, &(usize, bool))| {
            (if *classes { Region::Class(data, i) } else { Region::Target(data, i) }, *len)
        };
        let weight = self.weighted.then_some((Region::SampleWeight(data), 1));
        inputs.chain(self.targets.iter().enumerate().map(target)).chain(weight)
    }

    /// How many floats it has, or words.
    pub(crate) fn elements(&self, elem: Elem) -> usize {
        self.parts(Data::Given).filter(|(region, _)| region.elem() == elem).map(|(_, len)| len).sum()
    }

    /// What it takes.
    pub(crate) fn bytes(&self) -> usize {
        let parts: usize = self.parts(Data::Given).map(|(_, len)| len).sum();
        (parts + self.outputs.iter().sum::<usize>()) * Elem::F32.size()
    }
}

/// Room for rows in staged memory, part by part: that for the first part of all of them, then that for the next.
pub(crate) struct Room<'a> {
    pub(super) row: &'a Row,
    pub(super) floats: &'a mut [f32],
    pub(super) words: &'a mut [u32],
    /// How many rows there are in all.
    pub(super) of: usize,
    /// Which are to be filled.
    pub(super) rows: Range<usize>,
}

impl Room<'_> {
    /// How many rows are to be filled.
    pub(crate) fn rows(&self) -> usize {
        self.rows.len()
    }

    /// Where a part is among those of its type.
    fn part(&self, wanted: Region) -> Range<usize> {
        let alike = self.row.parts(Data::Given).filter(|(region, _)| region.elem() == wanted.elem());
        let mut at = 0;
        for (region, len) in alike {
            if region == wanted {
                return at + self.rows.start * len..at + self.rows.end * len;
            }
            at += self.of * len;
        }
        0..0
    }

    /// That for input `i`.
    pub(crate) fn input(&mut self, i: usize) -> &mut [f32] {
        let part = self.part(Region::Input(Data::Given, i));
        &mut self.floats[part]
    }

    /// That for the targets of output `i`, which are numbers.
    pub(crate) fn numbers(&mut self, i: usize) -> &mut [f32] {
        let part = self.part(Region::Target(Data::Given, i));
        &mut self.floats[part]
    }

    /// That for the targets of output `i`, which are classes.
    pub(crate) fn classes(&mut self, i: usize) -> &mut [u32] {
        let part = self.part(Region::Class(Data::Given, i));
        &mut self.words[part]
    }

    /// That for weights.
    pub(crate) fn weights(&mut self) -> &mut [f32] {
        let part = self.part(Region::SampleWeight(Data::Given));
        &mut self.floats[part]
    }
}

/// What fills the rows of a step, or rows from one on.
pub(crate) type Fill<'a> = dyn FnMut(usize, &mut Room<'_>) -> Result<()> + 'a;

/// A set of data of a call.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    pub(crate) data: Data,
    pub(crate) row: Row,
    /// How many rows it has.
    pub(crate) rows: usize,
    /// How many of them a batch has at the most.
    pub(crate) batch: usize,
}

impl Wanted {
    /// What two batches take.
    fn least(&self) -> usize {
        TURNS * self.batch * self.row.bytes()
    }

    /// How many rows there is room for where they come in pieces, of executions of so many steps, within so many bytes.
    fn in_pieces(&self, steps: usize, room: usize) -> Placed {
        let rows = TURNS * self.batch * together(self.least(), steps, room);
        Placed { row: self.row.clone(), rows, in_pieces: true }
    }

    /// All of it at once.
    fn at_once(&self) -> Placed {
        Placed { row: self.row.clone(), rows: self.rows, in_pieces: false }
    }
}

/// How many steps have their rows in a piece, of executions of so many, where the rows of two batches take `least` bytes: at least one.
fn together(least: usize, steps: usize, room: usize) -> usize {
    (room.min(PIECES) / least.max(1)).clamp(1, steps.clamp(1, AT_ONCE))
}

/// What data take in pieces, of executions of so many steps: batches of so many rows, of so many bytes.
pub(super) fn bytes_in_pieces([rows, row]: [usize; 2], steps: usize, limit: Option<usize>) -> usize {
    let least = TURNS * rows * row;
    least * together(least, steps, limit.unwrap_or(usize::MAX))
}

/// A set of data on the device.
#[derive(Clone, Debug)]
pub(crate) struct Placed {
    pub(super) row: Row,
    /// How many rows there is room for.
    pub(super) rows: usize,
    /// Whether they come in pieces, each turn's in its share of the room.
    pub(super) in_pieces: bool,
}

impl Placed {
    /// Whether a set can lie where another one did, of which no more than so many bytes may be there.
    fn has(&self, wanted: &Placed, share: usize) -> bool {
        let alike = self.row == wanted.row && self.in_pieces == wanted.in_pieces;
        alike && self.rows >= wanted.rows && self.rows * self.row.bytes() <= share
    }
}

impl Session {
    /// Makes room for the data of a call, all at once if they fit, in pieces otherwise; for executions of so many steps. `model` says
    /// what the model takes, if that has to be known.
    pub(crate) fn place(
        &mut self,
        sets: &[Wanted],
        steps: usize,
        model: impl FnOnce(&Session) -> Result<Usage>,
    ) -> Result<()> {
        let all: usize = sets.iter().map(|set| set.rows * set.row.bytes()).sum();
        let limit = self.data_limit.unwrap_or(usize::MAX);
        // Those of other calls stay as long as the limit lets them.
        let is_other = |region: &Region| region.data().is_some_and(|data| sets.iter().all(|set| set.data != data));
        if self.held(is_other).saturating_add(all.min(limit)) > limit {
            self.free_data()?;
        }
        if all <= limit && sets.iter().all(|set| self.fits(set)) {
            return sets.iter().try_for_each(|set| self.put(set.data, set.at_once(), usize::MAX));
        }
        let usage = model(self)?;
        let model = self.missing(&usage);
        let room = usage
            .space
            .map_or(limit, |space| limit.min((free(space) + self.held(Region::is_data)).saturating_sub(model)));
        if all <= room {
            self.make_way(all + model, usage.space)?;
            // There may be less room than was thought: memory has gaps, and other programs take some.
            if sets.iter().try_for_each(|set| self.put(set.data, set.at_once(), usize::MAX)).is_ok() {
                return Ok(());
            }
        }
        let [share, room] = [limit, room].map(|bytes| bytes / sets.len().max(1));
        if let Some(set) = sets.iter().find(|set| set.least() > share) {
            return Err(too_little(limit, sets, set));
        }
        let wanted = |set: &Wanted| (set.data, set.in_pieces(steps, room));
        let stays = |(data, wanted)| self.placed.get(&data).is_some_and(|placed| placed.has(&wanted, share));
        if !sets.iter().map(wanted).all(stays) {
            self.make_way(usize::MAX, usage.space)?;
        }
        sets.iter().map(wanted).try_for_each(|(data, wanted)| self.put(data, wanted, share))
    }

    /// What regions of a kind take, in bytes.
    fn held(&self, is: impl Fn(&Region) -> bool) -> usize {
        self.lens.iter().filter(|(region, _)| is(region)).map(|(region, len)| len * region.elem().size()).sum()
    }

    /// What the model will take besides what it has, in bytes.
    fn missing(&self, usage: &Usage) -> usize {
        let of_model = |region: &Region| matches!(region, Region::Weights | Region::Grads | Region::Slot(_));
        usage.total(0).saturating_sub(self.held(of_model) + self.work)
    }

    /// Frees the data that are there, if there is no room for so many bytes beside them.
    fn make_way(&mut self, bytes: usize, space: Option<Space>) -> Result<()> {
        if space.is_some_and(|space| bytes > free(space)) { self.free_data() } else { Ok(()) }
    }

    /// Frees the data that are there.
    fn free_data(&mut self) -> Result<()> {
        self.forget();
        self.placed.clear();
        for region in self.lens.keys().copied().filter(Region::is_data).collect::<Vec<_>>() {
            self.lens.remove(&region);
            self.engine.allocate(region, 0)?;
        }
        Ok(())
    }

    /// Whether there is room for all rows of a set.
    fn fits(&self, set: &Wanted) -> bool {
        let has = |(region, len)| self.lens.get(&region).is_some_and(|has| *has >= set.rows * len);
        set.row.parts(set.data).all(has)
    }

    /// Makes room for a set of data, unless it can lie where it was.
    fn put(&mut self, data: Data, wanted: Placed, share: usize) -> Result<()> {
        if self.placed.get(&data).is_some_and(|placed| placed.has(&wanted, share)) {
            return Ok(());
        }
        // Programs know how many rows there are. Those of turns must not lie elsewhere while steps may read them.
        self.forget();
        self.placed.remove(&data);
        wanted.row.parts(data).try_for_each(|(region, len)| self.reserve(region, wanted.rows * len))?;
        self.placed.insert(data, wanted);
        Ok(())
    }

    /// Copies all rows of a set to the device, unless they come in pieces. `fill` is told which row is the first.
    pub(crate) fn give(&mut self, data: Data, rows: usize, fill: &mut Fill<'_>) -> Result<()> {
        let Some(Placed { row, in_pieces: false, .. }) = self.placed.get(&data).cloned() else { return Ok(()) };
        let chunk = (CHUNK / row.bytes().max(1)).clamp(1, rows.max(1));
        for first in (0..rows).step_by(chunk) {
            let of = chunk.min(rows - first);
            let staged = self.engine.stage(self.turn, of * row.elements(Elem::F32), of * row.elements(Elem::U32))?;
            fill(first, &mut Room { row: &row, floats: staged.floats, words: staged.words, of, rows: 0..of })?;
            self.spans.clear();
            self.spans.extend(row.parts(data).map(|(region, len)| region.span(first * len, of * len)));
            self.engine.send(self.turn, &[], &self.spans)?;
            self.turn = (self.turn + 1) % TURNS;
        }
        Ok(())
    }
}

/// What may be taken of a device's memory, in bytes: a sixteenth of all stays free, since kernels and captured graphs take some, and
/// memory has gaps.
fn free(space: Space) -> usize {
    space.free.saturating_sub(space.total / 16)
}

/// The error of a limit that leaves no room for two batches of each set.
fn too_little(limit: usize, sets: &[Wanted], set: &Wanted) -> Error {
    let of = if sets.len() > 1 { " of the data to train on and of those to validate with" } else { "" };
    let reason = format!(
        "a batch of {} rows takes {} bytes, and room is needed for two{of}; allow more, or try a smaller batch",
        set.batch,
        set.row.bytes() * set.batch
    );
    Error::Argument { argument: "data_limit", value: limit.to_string(), reason }
}
