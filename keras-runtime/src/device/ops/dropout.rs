//! Dropout, whose mask is drawn again in the backward pass.

use keras_kernels::dropout::Key;

use super::add;
use crate::device::builder::Site;
use crate::device::elementwise::{Chain, Step};
use crate::device::launch::{Arg, Launch};
use crate::device::memory::{Now, Region, Span};
use crate::device::reference::Memory;
use crate::model::graph::OpKind;

/// What random kernels are told of their stream: the seed in two words, the stream, and where the step is counted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::device) struct Stream {
    seed: u64,
    stream: u32,
}

impl Stream {
    pub(super) fn new(site: &Site<'_, '_>, seed: Option<u64>, stream: u32) -> Stream {
        Stream { seed: seed.unwrap_or(site.frame.seed), stream }
    }

    /// The seed in two words, low half first, and the stream.
    pub(in crate::device) fn words(self) -> [u32; 3] {
        [self.seed as u32, (self.seed >> 32) as u32, self.stream]
    }

    /// The arguments of a kernel that draws from the stream.
    pub(super) fn arguments(self, launch: Launch) -> Launch {
        let launch = self.words().into_iter().fold(launch, |launch, word| launch.arg(Arg::Word(word)));
        launch.reads(Region::Now.span(Now::STEP, 2))
    }

    /// The key of the step that is under way.
    pub(in crate::device) fn key(self, memory: &Memory) -> Key {
        let step = memory.u32(Region::Now.span(Now::STEP, 2));
        let step = u64::from(step[0]) | u64::from(step[1]) << 32;
        Key { seed: self.seed, step, stream: self.stream }
    }
}

fn draw(site: &mut Site<'_, '_>, y: Span, x: Span, acc: bool) {
    let OpKind::Dropout { rate, stream, seed } = site.kind() else { return };
    let stream = Stream::new(site, seed, stream);
    site.launch(Chain::giving(y, acc, |chain| {
        let (x, stream) = (chain.read(x), chain.stream(stream));
        chain.step(Step::Drop(rate, x, stream))
    }));
}

pub(super) fn forward(site: &mut Site<'_, '_>) {
    if !site.b.training {
        return add::forward(site);
    }
    let (y, x) = (site.y(), site.x(0));
    draw(site, y, x, false);
}

pub(super) fn backward(site: &mut Site<'_, '_>) {
    let dy = site.dy();
    if !site.b.training {
        return add::pass(site, 0, dy);
    }
    if let Some((dx, acc)) = site.dx(0) {
        draw(site, dx, dy, acc);
    }
}
