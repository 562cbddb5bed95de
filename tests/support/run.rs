//! A compiled model on flat data, phase by phase, without a training loop, on one and on several threads.

use keras::__private::Weighed;
use keras::__private::kernels::Isa;
use keras::__private::kernels::memory::{Rows, Sink, Workspace};
use keras::__private::kernels::threads::Team;
use keras::__private::shares::{cuts, is_by_rows};
use keras::{Context, Graph, Model, Outputs, Samples};

use super::fill::Fill;

use super::interpret::{self, Random};

/// The results of a forward and a backward pass of generated code.
pub(crate) struct Ran {
    pub(crate) inferred: Vec<Vec<f32>>,
    pub(crate) outputs: Vec<Vec<f32>>,
    pub(crate) grads: Vec<f32>,
    /// The same as sums over blocks of rows, for models that can be trained so.
    pub(crate) by_blocks: Option<Vec<f32>>,
    pub(crate) input_grads: Vec<Vec<f32>>,
    /// The weights after the step, which stores gradients: as before but for state.
    #[allow(dead_code, reason = "not every binary has layers with state")]
    pub(crate) weights: Vec<f32>,
    /// What the rows carry to the next batch, after inference and after training.
    pub(crate) carried: [Vec<f32>; 2],
}

/// What the rows of a batch before have left.
fn carried(graph: &Graph, n: usize) -> Vec<f32> {
    interpret::carried(graph, n).iter().map(|&x| x as f32).collect()
}

/// Runs all phases of a model on `n` rows.
pub(crate) fn run<M: Model<Input: Fill>>(
    model: &M,
    x: &[Vec<f32>],
    dy: &[Vec<f32>],
    n: usize,
    isa: Isa,
    random: Random,
) -> Ran {
    let graph = M::GRAPH;
    let (given, inputs) = (x, M::Input::fill(x, n));
    let x = M::Input::batch(&inputs);
    let mut workspace = Workspace::new();
    let mut weighed = Weighed::new();
    let weighed = weighed.of(model);

    let mut inferring = carried(graph, n);
    let mut values = workspace.batch(graph.infer.layout, n, 1).carrying(&mut inferring, graph.carried);
    let mut rows = values.rows();
    weighed.infer(&Context::inference(isa), x, &mut rows);
    let inferred: Vec<Vec<f32>> = graph
        .outputs
        .iter()
        .map(|output| rows.step([], [graph.infer.values[output.value].unwrap()]).1[0].to_vec())
        .collect();

    // The pass of a tiny network gives the same bits.
    for row in 0..n {
        let of_row = |x: &Vec<f32>| x[row * (x.len() / n)..][..x.len() / n].to_vec();
        let sample = M::Input::first(&M::Input::fill(&given.iter().map(of_row).collect::<Vec<_>>(), 1));
        let Some(y) = model.infer_tiny(isa, &sample) else { break };
        let y = M::Output::part(M::Output::one(&y), 0);
        assert!(*y == inferred[0][row * y.len()..][..y.len()], "the pass of a tiny network gives other numbers");
    }

    let cx = Context {
        training: random.training,
        seed: random.seed,
        step: random.step,
        input_gradients: true,
        ..Context::inference(isa)
    };
    let whole = Order { threads: 1, block: usize::MAX, round: usize::MAX };
    let trained = train(model, x, dy, n, &cx, whole);
    for threads in [2, 7] {
        let shared = train(model, x, dy, n, &cx, Order { threads, ..whole });
        assert!(shared == trained, "{threads} threads give other numbers than one");
    }
    // Threads that meet have all of their rows done before.
    let by_blocks = is_by_rows(graph).then(|| {
        let one = train(model, x, dy, n, &cx, Order { threads: 1, block: 2, round: 2 });
        let two = train(model, x, dy, n, &cx, Order { threads: 2, block: 2, round: 4 });
        assert!(one == two, "two threads that take a block each give other numbers than one");
        let same = one.outputs == trained.outputs && one.input_grads == trained.input_grads;
        let same = same && one.carried == trained.carried;
        assert!(same, "blocks of two rows give other numbers than all rows");
        one.grads
    });
    let Trained { outputs, grads, input_grads, weights, carried } = trained;
    Ran { inferred, outputs, grads, by_blocks, input_grads, weights, carried: [inferring, carried] }
}

/// How a batch is shared out.
#[derive(Clone, Copy)]
struct Order {
    threads: usize,
    /// How many rows a thread works on at once.
    block: usize,
    /// How many rows go through the whole step before the next.
    round: usize,
}

/// What a forward and a backward pass in training give.
#[derive(PartialEq)]
struct Trained {
    outputs: Vec<Vec<f32>>,
    grads: Vec<f32>,
    input_grads: Vec<Vec<f32>>,
    weights: Vec<f32>,
    carried: Vec<f32>,
}

/// The phases of training.
fn train<M: Model<Input: Fill>>(
    model: &M,
    x: <M::Input as Samples>::Batch<'_>,
    dy: &[Vec<f32>],
    n: usize,
    cx: &Context,
    Order { threads, block, round }: Order,
) -> Trained {
    let graph = M::GRAPH;
    let mut workspace = Workspace::new();
    let mut weighed = Weighed::new();
    let weighed = weighed.of(model);
    let mut carried = carried(graph, n);
    let mut team = Team::new(threads).unwrap();
    let frozen: Vec<bool> =
        graph.params.iter().map(|param| !(param.trainable && graph.is_trainable(param.layer))).collect();
    let (mut weights, mut grads) = (model.as_slice().to_vec(), vec![0.0; model.as_slice().len()]);
    let floats: Vec<usize> = (0..graph.inputs.len()).filter(|&i| graph.inputs[i].dtype == "float32").collect();
    let (mut outputs, mut input_grads) = (vec![Vec::new(); graph.outputs.len()], vec![Vec::new(); floats.len()]);
    for first in (0..n).step_by(round) {
        let count = round.min(n - first);
        let values = workspace.batch(graph.train.layout_with_inputs, count, threads).frozen(&frozen);
        let mut values = values.within(first, n).carrying(&mut carried, graph.carried);
        // What an earlier batch left must not matter.
        for buf in graph.train.values.iter().chain(graph.train.grads).flatten() {
            values.rows().step([*buf], []).0[0].fill(f32::NAN);
        }
        let some = |ws: &Rows<'_>| M::Input::slice(x, ws.first()..ws.first() + ws.count());
        values.by_rows(&mut team, &|ws| ws.blocks(block, |ws| weighed.forward(cx, some(ws), ws)));
        for (i, output) in graph.outputs.iter().enumerate() {
            outputs[i].extend_from_slice(values.get(graph.train.values[output.value].unwrap()));
            let width = dy[i].len() / n;
            let dy = &dy[i][width * first..][..width * count];
            values.get_mut(graph.train.grads[output.value].unwrap()).copy_from_slice(dy);
        }
        values.by_rows(&mut team, &|ws| ws.blocks(block, |ws| weighed.backward_data(cx, some(ws), ws)));
        let mut sink = Sink::store(&mut weights, &mut grads, &frozen);
        values.by_weights(&mut team, &mut sink, &cuts(graph, threads), &|ws, sink| {
            ws.blocks(block, sink, |ws, sink| {
                M::backward_params(cx, M::Input::slice(x, ws.first()..ws.first() + ws.n()), ws, sink);
            });
        });
        for (grads, &i) in input_grads.iter_mut().zip(&floats) {
            grads.extend_from_slice(values.get(graph.train.grads[i].unwrap()));
        }
    }
    for param in graph.params.iter().filter(|param| param.trainable || !cx.training) {
        let range = param.at..param.at + param.shape.iter().product::<usize>();
        assert_eq!(weights[range.clone()], model.as_slice()[range], "stored gradients leave the weights alone");
    }
    Trained { outputs, grads, input_grads, weights, carried }
}
