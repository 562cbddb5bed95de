//! Pinned memory, which the GPU copies from by itself, on a stream beside that of the kernels.

use std::ops::Range;
use std::sync::Arc;

use cudarc::driver::{CudaContext, CudaEvent, CudaStream, DeviceRepr, DriverError, PinnedHostSlice, ValidAsZeroBits};

use super::Cuda;
use crate::Result;
use crate::device::engine::{Staged, TURNS};
use crate::device::memory::{Elem, Span};

/// What copies ahead of kernels.
pub(super) struct Stage {
    /// Copies that kernels need not be waited for.
    pub(super) ahead: Arc<CudaStream>,
    turns: [Turn; TURNS],
    /// The turn that was sent last.
    last: Option<usize>,
}

/// A piece of pinned memory, and when what was done with it is over. An event that nobody has recorded is over.
struct Turn {
    floats: Option<PinnedHostSlice<f32>>,
    words: Option<PinnedHostSlice<u32>>,
    /// All kernels that may read what was sent.
    used: CudaEvent,
    /// The copies ahead of kernels.
    copied: CudaEvent,
    /// All copies.
    sent: CudaEvent,
}

impl Stage {
    pub(super) fn new(context: &Arc<CudaContext>) -> std::result::Result<Stage, DriverError> {
        let turn = || {
            let event = || context.new_event(None);
            Ok(Turn { floats: None, words: None, used: event()?, copied: event()?, sent: event()? })
        };
        Ok(Stage { ahead: context.new_stream()?, turns: [turn()?, turn()?], last: None })
    }
}

/// So much pinned memory, more of it if there is too little.
fn grown<'a, T: DeviceRepr + ValidAsZeroBits>(
    context: &Arc<CudaContext>,
    memory: &'a mut Option<PinnedHostSlice<T>>,
    len: usize,
) -> std::result::Result<&'a mut [T], DriverError> {
    if len == 0 {
        return Ok(&mut []);
    }
    if memory.as_ref().is_none_or(|memory| memory.len() < len) {
        // What was there goes first.
        *memory = None;
        // SAFETY: the memory is written before it is a slice, and zeros are a value of its type.
        *memory = Some(unsafe {
            let mut pinned = context.alloc_pinned_with_flags::<T>(len, 0)?;
            pinned.as_mut_ptr()?.write_bytes(0, len);
            pinned
        });
    }
    match memory {
        Some(memory) => Ok(&mut memory.as_mut_slice()?[..len]),
        None => Ok(&mut []),
    }
}

impl Cuda {
    /// Pinned memory of a turn, once the GPU has copied what was in it.
    pub(super) fn staged(&mut self, turn: usize, floats: usize, words: usize) -> Result<Staged<'_>> {
        let name = &self.name;
        let failed = |error| {
            let bytes = floats * Elem::F32.size() + words * Elem::U32.size();
            super::failed(name, &format!("there are no {bytes} bytes of pinned memory to copy from"), error)
        };
        let of = &mut self.stage.turns[turn];
        of.sent.synchronize().map_err(|error| super::failed(name, "data cannot be copied to the device", error))?;
        Ok(Staged {
            floats: grown(&self.context, &mut of.floats, floats).map_err(failed)?,
            words: grown(&self.context, &mut of.words, words).map_err(failed)?,
        })
    }

    /// Copies what is in the memory of a turn.
    pub(super) fn send_staged(&mut self, turn: usize, ahead: &[Span], then: &[Span]) -> Result<()> {
        let last = self.stage.last.replace(turn);
        let failed = |error| self.failed("data cannot be copied to the device", error);
        let Stage { ahead: beside, turns, .. } = &self.stage;
        let of = &turns[turn];
        let mut at = [0; 2];
        let mut copy = |span: Span, stream: &CudaStream| {
            let to = self.address(&[], span)?;
            let is_words = span.region.elem() == Elem::U32;
            let at = &mut at[usize::from(is_words)];
            let first = std::mem::replace(at, *at + span.len);
            match is_words {
                true => copy_of(of.words.as_ref(), first..*at, to, stream),
                false => copy_of(of.floats.as_ref(), first..*at, to, stream),
            }
            .map_err(failed)
        };
        // Kernels that have been launched since that turn was sent may read it.
        last.map_or(Ok(()), |last| turns[last].used.record(&self.stream)).map_err(failed)?;
        beside.wait(&of.used).map_err(failed)?;
        ahead.iter().try_for_each(|span| copy(*span, beside))?;
        of.copied.record(beside).map_err(failed)?;
        self.stream.wait(&of.copied).map_err(failed)?;
        then.iter().try_for_each(|span| copy(*span, &self.stream))?;
        of.sent.record(&self.stream).map_err(failed)
    }
}

/// Copies some of a turn's memory to an address.
fn copy_of<T: DeviceRepr + ValidAsZeroBits>(
    from: Option<&PinnedHostSlice<T>>,
    range: Range<usize>,
    to: u64,
    stream: &CudaStream,
) -> std::result::Result<(), DriverError> {
    let Some(from) = from.filter(|_| !range.is_empty()) else { return Ok(()) };
    let from = &from.as_slice()?[range];
    // SAFETY: `address` has checked that the region is as long as the span, which is as long as `from`. This memory is neither
    // written nor freed before the event `sent` is over, or all streams are done.
    unsafe { cudarc::driver::result::memcpy_htod_async(to, from, stream.cu_stream()) }
}
