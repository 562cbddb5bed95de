//! A chain of steps.

use super::step::{Index, Step, Value};
use crate::device::launch::{Arg, Launch};
use crate::device::memory::{Now, Region, Span};
use crate::device::ops::Stream;
use crate::device::reference::Memory;
use crate::model::graph::Precision;

/// How many arrays the kernel reads, how many it writes, and how many streams it draws from.
const READS: usize = 10;
const WRITES: usize = 4;
const STREAMS: usize = 2;

/// More steps would be more numbers than a thread has registers for.
const STEPS: usize = 32;

/// Elementwise work: what is read, what is computed of that, what is written.
#[derive(Clone, Debug)]
pub(crate) struct Chain {
    /// Elements.
    len: usize,
    reads: Vec<Span>,
    streams: Vec<Stream>,
    steps: Vec<Step>,
    /// Where numbers go. No two places meet.
    writes: Vec<(Span, Value)>,
}

impl Chain {
    /// A chain for so many elements that does nothing yet.
    pub(crate) fn new(len: usize) -> Chain {
        Chain { len, reads: Vec::new(), streams: Vec::new(), steps: Vec::new(), writes: Vec::new() }
    }

    /// The launch of a chain that writes the elements of one array, or adds to those that are there.
    pub(crate) fn giving(to: Span, acc: bool, value: impl FnOnce(&mut Chain) -> Value) -> Launch {
        let mut chain = Chain::new(to.len);
        let value = value(&mut chain);
        chain.write(to, value, acc);
        chain.launch()
    }

    /// The elements of an array.
    pub(crate) fn read(&mut self, from: Span) -> Value {
        self.read_by(from, Index::Same)
    }

    /// The elements of an array that belong to those of the chain in this way.
    pub(crate) fn read_by(&mut self, from: Span, index: Index) -> Value {
        let array = position(&mut self.reads, from);
        let read = Step::Read(array, index);
        self.steps.iter().position(|step| *step == read).unwrap_or_else(|| self.step(read))
    }

    /// The next step.
    pub(crate) fn step(&mut self, step: Step) -> Value {
        self.steps.push(step);
        self.steps.len() - 1
    }

    /// The number by which steps draw from a stream.
    pub(in crate::device) fn stream(&mut self, stream: Stream) -> usize {
        position(&mut self.streams, stream)
    }

    /// Writes numbers, or adds them to those that are there.
    pub(crate) fn write(&mut self, to: Span, value: Value, acc: bool) {
        let value = match acc {
            true => {
                let before = self.read(to);
                self.step(Step::Sum([before, value]))
            }
            false => value,
        };
        self.writes.push((to, value));
    }

    /// What is known of the numbers that it writes, by what is known of those that it reads.
    pub(in crate::device) fn precisions(&self, of: impl Fn(Span) -> Precision) -> Vec<(Span, Precision)> {
        let mut known = Vec::with_capacity(self.steps.len());
        for step in &self.steps {
            known.push(match step {
                Step::Read(_, Index::Parts(_)) => Some(Precision::Float32),
                Step::Read(array, _) => Some(of(self.reads[*array])),
                step => step.precision(&known),
            });
        }
        self.writes.iter().map(|(to, value)| (*to, known[*value].unwrap_or(Precision::Float32))).collect()
    }

    /// What both do, this one first, if one launch can do that and they have an array in common.
    pub(super) fn join(&self, later: &Chain) -> Option<Chain> {
        if self.len != later.len {
            return None;
        }
        let mut all = self.clone();
        let mut common = false;
        let mut values = Vec::with_capacity(later.steps.len());
        for step in &later.steps {
            let value = match step {
                Step::Read(array, index) => {
                    let from = later.reads[*array];
                    common |= self.reads.contains(&from);
                    match self.writes.iter().find(|(to, _)| to.meets(from)) {
                        // Another thread may have written it.
                        Some((to, _)) if *to != from || *index != Index::Same => return None,
                        Some((_, value)) => {
                            common = true;
                            *value
                        }
                        None => all.read_by(from, *index),
                    }
                }
                step => {
                    let mut step = step.clone();
                    step.values().iter_mut().for_each(|value| *value = values[*value]);
                    if let Some(stream) = step.stream() {
                        *stream = all.stream(later.streams[*stream]);
                    }
                    all.step(step)
                }
            };
            values.push(value);
        }
        for &(to, value) in &later.writes {
            // What another thread has yet to read.
            if self.is_read_elsewhere(to) {
                return None;
            }
            match all.writes.iter_mut().find(|(other, _)| other.meets(to)) {
                Some((other, _)) if *other != to => return None,
                Some((_, other)) => *other = values[value],
                None => all.writes.push((to, values[value])),
            }
        }
        let fits = all.reads.len() <= READS && all.writes.len() <= WRITES && all.streams.len() <= STREAMS;
        (common && fits && all.steps.len() <= STEPS).then_some(all)
    }

    /// Whether another element of an array is read than the one of the same index.
    fn is_read_elsewhere(&self, to: Span) -> bool {
        self.steps.iter().any(|step| match step {
            Step::Read(array, index) => {
                self.reads[*array].meets(to) && (self.reads[*array] != to || *index != Index::Same)
            }
            _ => false,
        })
    }

    /// Leaves out what is written to places that nobody wants, and all that only this needs.
    pub(super) fn keep(&mut self, is_wanted: impl Fn(Span) -> bool) {
        let was = std::mem::replace(self, Chain::new(self.len));
        let writes = was.writes.iter().filter(|(to, _)| is_wanted(*to));
        let mut needed = vec![false; was.steps.len()];
        writes.clone().for_each(|(_, value)| needed[*value] = true);
        for (i, mut step) in was.steps.iter().cloned().enumerate().rev() {
            if needed[i] {
                step.values().iter().for_each(|value| needed[*value] = true);
            }
        }
        let mut values = vec![0; was.steps.len()];
        for (i, mut step) in was.steps.into_iter().enumerate().filter(|(i, _)| needed[*i]) {
            step.values().iter_mut().for_each(|value| *value = values[*value]);
            if let Some(stream) = step.stream() {
                *stream = self.stream(was.streams[*stream]);
            }
            values[i] = match step {
                Step::Read(array, index) => self.read_by(was.reads[array], index),
                step => self.step(step),
            };
        }
        self.writes =
            was.writes.iter().filter(|(to, _)| is_wanted(*to)).map(|(to, value)| (*to, values[*value])).collect();
    }

    /// Whether nothing is written.
    pub(super) fn is_empty(&self) -> bool {
        self.writes.is_empty()
    }

    /// The launch.
    pub(crate) fn launch(self) -> Launch {
        let writes = self.writes.iter().enumerate().map(|(i, (_, value))| format!("step::Write<{i}, {value}>"));
        let mut launch = Launch::new("elementwise", "elementwise").drawing(self.len);
        launch = launch.of(self.steps.iter().map(Step::constant).chain(writes));
        launch = (0..WRITES).fold(launch, |launch, i| launch.out_if(self.writes.get(i).map(|(to, _)| *to)));
        launch = (0..READS).fold(launch, |launch, i| launch.reads_if(self.reads.get(i).copied()));
        for i in 0..STREAMS {
            let words = self.streams.get(i).map_or([0; 3], |stream| stream.words());
            launch = words.into_iter().fold(launch, |launch, word| launch.arg(Arg::Word(word)));
        }
        launch = launch.reads_if((!self.streams.is_empty()).then(|| Region::Now.span(Now::STEP, 2))).int(self.len);
        let chain = self.clone();
        launch.chained(self).means(move |memory| chain.run(memory))
    }

    /// Does on the host what it means.
    fn run(&self, memory: &mut Memory) {
        let mut values: Vec<Vec<f32>> = Vec::with_capacity(self.steps.len());
        for step in &self.steps {
            values.push(match step {
                Step::Read(array, Index::Parts(_)) => {
                    let mut sum = vec![0.0; self.len];
                    for part in memory.f32(self.reads[*array]).chunks_exact(self.len.max(1)) {
                        sum.iter_mut().zip(part).for_each(|(sum, x)| *sum += x);
                    }
                    sum
                }
                Step::Read(array, _) => memory.f32(self.reads[*array]),
                step => step.compute(memory, &values, &self.streams, self.len),
            });
        }
        for (to, value) in &self.writes {
            memory.f32_mut(*to).copy_from_slice(&values[*value]);
        }
    }
}

/// Where a list has something, which is added unless it is there.
fn position<T: PartialEq>(all: &mut Vec<T>, one: T) -> usize {
    all.iter().position(|other| *other == one).unwrap_or_else(|| {
        all.push(one);
        all.len() - 1
    })
}
