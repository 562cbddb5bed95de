//! Layers of one's own that have a body for CUDA. What a launch means is what the layer does in Rust.

use std::sync::Arc;

use keras_kernels::Isa;

use super::dropout::Stream;
use super::{add, put};
use crate::device::builder::{Site, len};
use crate::device::launch::Launch;
use crate::device::memory::{Region, Span};
use crate::device::reference::Memory;
use crate::device::source::{self, Source};
use crate::layer::{Call, Flat, OnDevice};
use crate::model::Graph;
use crate::model::graph::{Op, OpKind, Param};

/// A layer at its place: its source, and where its numbers lie.
#[derive(Clone)]
struct At {
    body: &'static OnDevice,
    source: Arc<Source>,
    rows: usize,
    training: bool,
    stream: Stream,
    /// All of its weights; nothing if it has none.
    w: Option<Span>,
    x: Span,
    y: Span,
    saved: Option<Span>,
}

/// What of its numbers a launch reads.
struct Found {
    call: Call,
    w: Vec<f32>,
    x: Vec<f32>,
    y: Vec<f32>,
    saved: Vec<f32>,
    dy: Vec<f32>,
}

impl Found {
    fn flat(&self) -> Flat<'_> {
        Flat { w: &self.w, x: &self.x, y: &self.y, saved: &self.saved, dy: &self.dy }
    }
}

/// The weights of a layer of one's own, as the model's description has them.
fn params<'a>(graph: &'a Graph, op: &Op) -> &'a [Param] {
    &graph.params[graph.own(op)]
}

/// The layer by its path, and its class.
fn names(graph: &Graph, op: &Op) -> [String; 2] {
    [graph.path(op.layer), graph.layers[op.layer].class.to_owned()]
}

/// The first weight of a layer that cannot have its name in C++, or the first function that its source lacks.
pub(super) fn mistake(graph: &Graph, op: &Op, body: &OnDevice) -> Option<String> {
    let cuda = (body.cuda)()?;
    let params = || params(graph, op).iter().filter(|param| !source::is_empty(param));
    if let Some(Param { name, .. }) = params().find(|param| source::is_keyword(param.name)) {
        let [layer, class] = names(graph, op);
        return Some(format!(
            "the weights of the layer `{layer}` ({class}) have a field `{name}`, which is a keyword of C++, where `Weights` has the same \
             fields; give it another name"
        ));
    }
    let of_params = params().map(|param| (source::function(param), source::declaration(param)));
    let forward = "void forward(const Call&, const Weights&, const Input&, Output&, Saved&)";
    let data = "void backward_data(const Call&, const Weights&, const Pass&, Input&)";
    let phases = [("forward", forward), ("backward_data", data)].map(|(name, is)| (name.to_owned(), is.to_owned()));
    let (name, declaration) =
        phases.into_iter().chain(of_params).find(|(name, _)| !source::has_function(cuda.source, name))?;
    let [layer, class] = names(graph, op);
    Some(format!(
        "the CUDA source of the layer `{layer}` ({class}) has no function `{name}`; write `__device__ {declaration}`, of which \
         `keras::layer::Cuda` says what it does"
    ))
}

impl At {
    fn new(site: &mut Site<'_, '_>) -> Option<At> {
        let OpKind::Own { times, stream, body: Some(body), .. } = site.kind() else { return None };
        let cuda = (body.cuda)()?;
        let (graph, rows) = (site.frame.graph, site.b.rows * times);
        let op = &graph.ops[site.op];
        let params = params(graph, op);
        let source = Source::new(names(graph, op), &cuda, params, &body.shapes);
        let floats: usize = params.iter().map(|param| len(param.shape)).sum();
        let begin = graph.own(op).next().map(|first| site.frame.param(Region::Weights, first));
        let w = begin.map(|first| Span { len: floats, ..first }).filter(|w| w.len > 0);
        let kept = rows * body.shapes[2].len();
        let saved = (kept > 0).then(|| site.own(0, kept));
        let stream = Stream::new(site, None, stream);
        let (x, y, training) = (site.x(0), site.y(), site.b.training);
        Some(At { body, source: Arc::new(source), rows, training, stream, w, x, y, saved })
    }

    /// A launch, whose arguments begin with where it writes.
    fn launch(&self, name: &'static str, [blocks, threads]: [usize; 2]) -> Launch {
        Launch::new("own", name).with(&self.source).grid([blocks, 1, 1], threads as u32)
    }

    /// A block for each row.
    fn by_rows(&self, name: &'static str) -> Launch {
        let most = self.body.shapes.iter().map(|shape| shape.len()).max().unwrap_or(0);
        self.launch(name, [self.rows, most.next_multiple_of(32).clamp(32, 256)])
    }

    /// The arguments of kernels of the backward pass behind where they write.
    fn backward(&self, launch: Launch, dy: Span) -> Launch {
        let launch = launch.reads_if(self.w).reads(self.x).reads(self.y).reads_if(self.saved).reads(dy);
        self.stream.arguments(launch.int(self.rows))
    }

    /// What it finds in memory, once the forward pass has been there if there is `dy`.
    fn find(&self, memory: &Memory, dy: Option<Span>) -> Found {
        let key = self.stream.key(memory);
        let call = Call { isa: Isa::SCALAR, training: self.training, first: 0, batch: self.rows, key };
        let kept = |span: Option<Span>| memory.f32_if(span.filter(|_| dy.is_some())).unwrap_or_default();
        let (w, dy) = (memory.f32_if(self.w).unwrap_or_default(), memory.f32_if(dy).unwrap_or_default());
        Found { call, w, x: memory.f32(self.x), y: kept(Some(self.y)), saved: kept(self.saved), dy }
    }
}

pub(super) fn forward(site: &mut Site<'_, '_>) {
    let Some(at) = At::new(site) else { return };
    let launch = at.by_rows("own_forward").of([at.source.layer()]).of([at.training]);
    let launch = launch.out(at.y).out_if(at.saved).reads_if(at.w).reads(at.x).int(at.rows);
    site.launch(at.stream.arguments(launch).means(move |memory| {
        let found = at.find(memory, None);
        let mut saved = vec![0.0; at.saved.map_or(0, |saved| saved.len)];
        (at.body.forward)(&found.call, found.flat(), memory.f32_mut(at.y), &mut saved, at.rows);
        if let Some(to) = at.saved {
            memory.f32_mut(to).copy_from_slice(&saved);
        }
    }));
}

pub(super) fn backward(site: &mut Site<'_, '_>) {
    let Some(at) = At::new(site) else { return };
    let dy = site.dy();
    if let Some((dx, acc)) = site.dx(0) {
        let launch = at.by_rows("own_data").of([at.source.layer()]).of([at.training, acc]).out(dx);
        let (launch, at) = (at.backward(launch, dy), at.clone());
        site.launch(launch.means(move |memory| {
            let (found, mut sum) = (at.find(memory, Some(dy)), vec![0.0; dx.len]);
            (at.body.backward_data)(&found.call, found.flat(), &mut sum, at.rows);
            put(memory.f32_mut(dx), &sum, acc);
        }));
    }
    gradients(site, &at, dy);
    let op = &site.frame.graph.ops[site.op];
    if at.training && site.frame.sets_state(op) {
        state(site, &at, dy);
    }
}

/// The gradients of the weights that are trained.
fn gradients(site: &mut Site<'_, '_>, at: &At, dy: Span) {
    let graph = site.frame.graph;
    for param in graph.own(&graph.ops[site.op]) {
        let of = &graph.params[param];
        let Some((dw, acc)) = site.dw_of(param) else { continue };
        if dw.len == 0 {
            continue;
        }
        let together = dw.len.next_power_of_two().min(32);
        let launch = at.launch("own_params", [dw.len.div_ceil(together), 256]).of([at.source.param(of)]);
        let launch = at.backward(launch.of([at.training]).of([together]).of([acc]).out(dw), dy);
        let from = within(graph, &graph.ops[site.op], param);
        let at = at.clone();
        site.launch(launch.means(move |memory| {
            let found = at.find(memory, Some(dy));
            let mut sums = vec![0.0; found.w.len()];
            (at.body.backward_params)(&found.call, found.flat(), &mut sums, at.rows);
            put(memory.f32_mut(dw), &sums[from..][..dw.len], acc);
        }));
    }
}

/// Where an array begins in the weights of its layer.
fn within(graph: &Graph, op: &Op, param: usize) -> usize {
    graph.params[param].at - params(graph, op).first().map_or(0, |first| first.at)
}

/// The new state, which takes the place of the old one behind all that reads this.
fn state(site: &mut Site<'_, '_>, at: &At, dy: Span) {
    let graph = site.frame.graph;
    let op = &graph.ops[site.op];
    let (mut updates, mut copies, mut outermost) = (Vec::new(), Vec::new(), None);
    for param in graph.own(op) {
        let of = &graph.params[param];
        outermost = outermost.or(Some(site.frame.place.params + param));
        if of.trainable || source::is_empty(of) {
            continue;
        }
        let (to, from) = (site.frame.param(Region::Weights, param), within(graph, op, param));
        let next = site.b.buffer(to.len);
        let launch = at.launch("own_state", [to.len, 256]).of([at.source.param(of)]).out(next);
        let (launch, at) = (at.backward(launch, dy), at.clone());
        updates.push(launch.means(move |memory| {
            let found = at.find(memory, Some(dy));
            let mut w = found.w.clone();
            (at.body.update_state)(&found.call, Flat { w: &[], ..found.flat() }, &mut w, at.rows);
            memory.f32_mut(next).copy_from_slice(&w[from..][..next.len]);
        }));
        copies.push(add::copying(to, next, false));
    }
    if let Some(first) = outermost {
        updates.append(&mut copies);
        site.b.launch_state(first, updates);
    }
}
