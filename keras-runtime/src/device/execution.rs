//! The steps of an execution: queued one by one, and then run.

use keras_kernels::memory::Floats;

use super::data::{Fill, Placed, Room};
use super::engine::TURNS;
use super::loss_scale::SCALE;
use super::memory::{Control, Data, Elem, Now, Region};
use super::session::{AT_ONCE, Run, Session};
use crate::Result;
use crate::model::Graph;
use crate::optimizer::LossScale;

/// Steps that are to run.
#[derive(Default)]
pub(super) struct Queue {
    /// By step, how many rows it has.
    rows: Vec<usize>,
    /// Which ones, where all rows of the data are there.
    order: Vec<u32>,
    /// [`Control::LEN`] numbers for each step.
    control: Vec<f32>,
}

impl Queue {
    fn clear(&mut self) {
        self.rows.clear();
        self.order.clear();
        self.control.clear();
    }
}

/// What all steps of an execution do, and the count of the first one.
#[derive(Clone, Copy)]
pub(crate) struct What {
    pub(crate) graph: &'static Graph,
    pub(crate) run: Run,
    pub(crate) data: Data,
    pub(crate) step: u64,
}

/// Steps that are sent together: the first of them, how many rows come before theirs, and the rows of each; how many steps before them
/// have been left out, and how many there have been since the scale of the loss has changed.
struct Piece<'a> {
    first: usize,
    before: usize,
    rows: &'a [usize],
    left_out: usize,
    scaled: u32,
}

impl Session {
    /// How many rows of the data, and how many steps, find room in what a turn has.
    fn most(&self, data: Data) -> [usize; 2] {
        let rows = self.placed.get(&data).filter(|placed| placed.in_pieces).map(|placed| placed.rows / TURNS);
        [rows.unwrap_or(usize::MAX).min(self.half[0]), self.half[1]]
    }

    /// How many batches of so many rows are sent together.
    pub(crate) fn at_once(&self, data: Data, batch: usize) -> usize {
        let [rows, steps] = self.most(data);
        (rows / batch.max(1)).clamp(1, steps.max(1))
    }

    /// Begins to note steps: none of those that an error has left behind are run.
    pub(crate) fn begin(&mut self) {
        self.queue.clear();
    }

    /// Notes a step with these rows, and what the optimizer needs to know of it.
    pub(crate) fn queue(&mut self, rows: impl ExactSizeIterator<Item = u32>, control: [f32; Control::LEN]) {
        self.queue.rows.push(rows.len());
        self.queue.order.extend(rows);
        self.queue.control.extend(control);
    }

    /// Copies weights and slots of the host to the device, if they are newer.
    pub(crate) fn send_weights(&mut self, weights: &[f32], slots: &[Floats]) -> Result<()> {
        if self.weights.host {
            self.engine.write_f32(Region::Weights.span(0, weights.len()), weights)?;
            for (i, slot) in slots.iter().enumerate() {
                self.engine.write_f32(Region::Slot(i).span(0, slot.len()), slot)?;
            }
            self.weights.host = false;
        }
        Ok(())
    }

    /// Runs what has been queued. `carried` is what rows have carried from batch to batch so far, if the host has it, and
    /// `loss_scale` what the loss is multiplied by, then and behind these steps. `fill` is told the step, counted within the queue, where
    /// rows come in pieces. Gives how many steps have been left out since gradients were infinite.
    pub(crate) fn flush(
        &mut self,
        what: What,
        carried: &[f32],
        loss_scale: Option<&mut LossScale>,
        fill: &mut Fill<'_>,
    ) -> Result<u64> {
        let mut queue = std::mem::take(&mut self.queue);
        let done = self.execute(what, &queue, carried, loss_scale, fill);
        // All of them, whatever fails: the next steps have rows and numbers of their own.
        queue.clear();
        self.queue = queue;
        done
    }

    fn execute(
        &mut self,
        what: What,
        queue: &Queue,
        carried: &[f32],
        mut loss_scale: Option<&mut LossScale>,
        fill: &mut Fill<'_>,
    ) -> Result<u64> {
        // A region that grows for one program makes those before it be built again: the second time there is room.
        for _ in 0..2 {
            for &rows in &queue.rows {
                self.program(what, rows)?;
            }
        }
        if self.states.host && !carried.is_empty() {
            self.engine.write_f32(Region::Carried.span(0, carried.len()), carried)?;
        }
        self.states.host = false;
        // One that stays is written once, since that waits for the steps before.
        if let Some(&mut LossScale { scale, .. }) = loss_scale.as_deref_mut()
            && self.scale != Some(scale)
        {
            self.engine.write_f32(SCALE, &[scale])?;
            self.scale = Some(scale);
        }
        let (mut rest, mut first, mut before, mut left_out) = (&queue.rows[..], 0, 0, 0);
        while !rest.is_empty() {
            let piece;
            (piece, rest) = rest.split_at(self.piece(what.data, rest));
            let scaled = loss_scale.as_deref().map_or(0, |scale| u32::try_from(scale.step_counter).unwrap_or(u32::MAX));
            let sent = self.send(what, &Piece { first, before, rows: piece, left_out, scaled }, queue, fill)?;
            for alike in piece.chunk_by(|a, b| a == b) {
                let program = self.program(what, alike[0])?;
                self.weights.device |= what.run == Run::Train;
                self.states.device = true;
                self.engine.run(program, alike.len())?;
            }
            if let Some(scale) = loss_scale.as_deref_mut().filter(|scale| scale.is_dynamic()) {
                left_out += piece.len() - self.made(sent, scale)?;
            }
            first += piece.len();
            before += piece.iter().sum::<usize>();
        }
        Ok(left_out as u64)
    }

    /// Waits for the steps whose first one found its numbers there, and takes over their scale. How many of them were made.
    fn made(&mut self, control_at: usize, loss_scale: &mut LossScale) -> Result<usize> {
        let (mut now, mut scale) = ([0; Now::LEN], [0.0]);
        self.engine.read_u32(Region::Now.span(0, Now::LEN), &mut now)?;
        self.engine.read_f32(SCALE, &mut scale)?;
        (loss_scale.scale, loss_scale.step_counter) = (scale[0], u64::from(now[Now::SCALED]));
        self.scale = Some(scale[0]);
        Ok(now[Now::CONTROL] as usize - control_at)
    }

    /// How many of the next steps are sent together: as many as find room, and no more than are one launch.
    fn piece(&self, data: Data, next: &[usize]) -> usize {
        let [most, steps] = self.most(data);
        let mut rows = 0;
        let fits = |&&of: &&usize| {
            rows += of;
            rows <= most
        };
        next.iter().take(steps.min(AT_ONCE)).take_while(fits).count().max(1)
    }

    /// Sends what steps read that changes from step to step: rows or their order, what the optimizer needs to know, and where they find
    /// it. Other steps may still be running; they read what was sent in another turn. Gives where the first step finds its numbers, of those
    /// in [`Region::Control`].
    fn send(&mut self, what: What, piece: &Piece<'_>, queue: &Queue, fill: &mut Fill<'_>) -> Result<usize> {
        let What { run, data, step, .. } = what;
        let (of, steps): (usize, usize) = (piece.rows.iter().sum(), piece.rows.len());
        let turn = self.turn;
        let [order_at, control_at] = self.half.map(|len| turn * len);
        let placed = self.placed.get(&data).filter(|placed| placed.in_pieces);
        let elements = |elem| placed.map_or(0, |placed| of * placed.row.elements(elem));

        let staged =
            self.engine.stage(turn, steps * Control::LEN + elements(Elem::F32), of + elements(Elem::U32) + Now::LEN)?;
        let (control, floats) = staged.floats.split_at_mut(steps * Control::LEN);
        // A step that is left out leaves its numbers to the next one.
        control.copy_from_slice(&queue.control[(piece.first - piece.left_out) * Control::LEN..][..control.len()]);
        let (order, words) = staged.words.split_at_mut(of);
        let (words, now) = words.split_at_mut(words.len() - Now::LEN);
        // Steps of a test count nothing.
        let step = step + if run == Run::Train { piece.first as u64 } else { 0 };
        now.copy_from_slice(&Now::at([order_at, control_at], step, piece.scaled));
        self.spans.clear();
        self.spans.push(Region::Control.span(control_at * Control::LEN, control.len()));
        self.spans.push(Region::Order.span(order_at, of));
        if let Some(Placed { row, rows, .. }) = placed {
            let at = turn * (rows / TURNS);
            order.iter_mut().zip(at as u32..).for_each(|(order, row)| *order = row);
            let mut room = Room { row, floats, words, of, rows: 0..0 };
            for (i, rows) in piece.rows.iter().enumerate() {
                room.rows = room.rows.end..room.rows.end + rows;
                fill(piece.first + i, &mut room)?;
            }
            self.spans.extend(row.parts(data).map(|(region, len)| region.span(at * len, of * len)));
        } else {
            order.copy_from_slice(&queue.order[piece.before..][..of]);
        }
        self.engine.send(turn, &self.spans, &[Region::Now.span(0, Now::LEN)])?;
        self.turn = (turn + 1) % TURNS;
        Ok(control_at)
    }

    /// Output `i` of the rows that were sent last, of which so many are predicted.
    pub(crate) fn output(&mut self, i: usize, rows: usize, len: usize) -> Result<Vec<f32>> {
        let mut numbers = vec![0.0; rows * len];
        self.engine.read_f32(Region::Output(i).span(0, numbers.len()), &mut numbers)?;
        Ok(numbers)
    }
}
