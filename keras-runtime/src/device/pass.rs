//! A forward and a backward pass by themselves, for tests of devices, and to see what a batch takes.

use super::build::{self, backward, gather_floats};
use super::builder::{Builder, Frame, Place, len};
use super::memory::{Data, Now, Region, Span};
use super::program::Program;
use super::{Device, objectives, ops, update};
use crate::Result;
use crate::model::Graph;

/// What a pass is given.
#[derive(Clone, Copy, Debug)]
pub struct Pass<'a> {
    /// Rows of the batch.
    pub rows: usize,
    /// Whether layers behave as while training.
    pub training: bool,
    /// What random layers draw by.
    pub seed: u64,
    /// Which step it is.
    pub step: u64,
    /// The parameter block.
    pub weights: &'a [f32],
    /// By input.
    pub inputs: &'a [Vec<f32>],
    /// The gradient of each output.
    pub grads: &'a [Vec<f32>],
    /// What an earlier batch has left of each row.
    pub carried: &'a [f32],
}

/// What a pass gives.
#[derive(Clone, Debug)]
pub struct Passed {
    /// By output.
    pub outputs: Vec<Vec<f32>>,
    /// Of the parameter block, with those of penalties.
    pub grads: Vec<f32>,
    /// By input; empty where there is none.
    pub input_grads: Vec<Vec<f32>>,
    /// The parameter block, with new state.
    pub weights: Vec<f32>,
    /// What rows leave for the next batch.
    pub carried: Vec<f32>,
}

/// A program of both passes, and where its results lie.
pub(super) struct Passes {
    pub(super) program: Program,
    outputs: Vec<Span>,
    input_grads: Vec<Option<Span>>,
}

impl Passes {
    /// The program for the gradients of outputs that are given as targets are, and the places of the gradients of inputs too if
    /// these are wanted.
    pub(super) fn new(mut b: Builder<'_>, graph: &'static Graph, seed: u64, of_inputs: bool) -> Passes {
        let rows = b.rows;
        b.gradients = true;
        b.weigh(graph);
        let x = build::inputs(&mut b, graph, Data::Given, rows);
        let mut frame = Frame::new(&b, graph, seed, Place::OUTERMOST, &x, &vec![of_inputs; x.len()]);
        frame.forward(&mut b);
        for (i, output) in graph.outputs.iter().enumerate() {
            let shape = graph.values[output.value].shape;
            let dy = gather_floats(&mut b, Region::Target(Data::Given, i), len(shape), rows);
            let (to, acc) = frame.grad_mut(&mut b, output.value);
            ops::copy(&mut b, to, dy, acc);
        }
        objectives::activities(&mut b, &mut frame);
        backward(&mut b, &mut frame);
        let outputs: Vec<Span> = graph.outputs.iter().map(|output| frame.value(output.value)).collect();
        let input_grads: Vec<Option<Span>> = (0..x.len()).map(|i| frame.grad(i)).collect();
        outputs.iter().chain(input_grads.iter().flatten()).for_each(|span| b.keep(*span));
        Passes { program: b.finish(), outputs, input_grads }
    }
}

impl Pass<'_> {
    /// Runs the pass on a device; nothing if that has no kernels for the model.
    ///
    /// # Errors
    /// What the device says.
    pub fn run(self, device: Device, graph: &'static Graph) -> Result<Option<Passed>> {
        if !ops::refused(graph).is_empty() {
            return Ok(None);
        }
        let Pass { rows, training, seed, step, weights, inputs, grads, carried } = self;
        let frozen: Vec<bool> = crate::compile::frozen(graph);
        let b = Builder::new(rows, training, &frozen, device.products());
        let Passes { program, outputs, input_grads } = Passes::new(b, graph, seed, true);

        let mut engine = device.engine;
        let floats = update::weights(graph);
        for region in [Region::Weights, Region::Grads] {
            engine.allocate(region, floats)?;
        }
        engine.allocate(Region::Sums, 1)?;
        engine.allocate(Region::Now, Now::LEN)?;
        engine.allocate(Region::Order, rows)?;
        engine.write_f32(Region::Weights.span(0, floats), weights)?;
        let states = Region::Carried.span(0, carried.len());
        if !carried.is_empty() {
            engine.allocate(states.region, states.len)?;
            engine.write_f32(states, carried)?;
        }
        engine.write_u32(Region::Now.span(0, Now::LEN), &Now::at([0, 0], step, 0))?;
        engine.write_u32(Region::Order.span(0, rows), &(0..rows as u32).collect::<Vec<_>>())?;
        let input = |i| Region::Input(Data::Given, i);
        let target = |i| Region::Target(Data::Given, i);
        let given = (0..).map(input).zip(inputs).chain((0..).map(target).zip(grads));
        for (region, numbers) in given {
            engine.allocate(region, numbers.len())?;
            engine.write_f32(region.span(0, numbers.len()), numbers)?;
        }
        let program = engine.load(program)?;
        engine.run(program, 1)?;
        let mut read = |span: Span| {
            let mut numbers = vec![0.0; span.len];
            engine.read_f32(span, &mut numbers)?;
            Ok(numbers)
        };
        Ok(Some(Passed {
            outputs: outputs.into_iter().map(&mut read).collect::<Result<_>>()?,
            grads: read(Region::Grads.span(0, floats))?,
            input_grads: input_grads
                .into_iter()
                .map(|span| span.map_or(Ok(Vec::new()), &mut read))
                .collect::<Result<_>>()?,
            weights: read(Region::Weights.span(0, floats))?,
            carried: if carried.is_empty() { Vec::new() } else { read(states)? },
        }))
    }
}
