//! Windows that move over samples: convolutions and pooling.
//!
//! There are always three spatial dimensions; those that a layer does not have come first and are 1 long.

use core::ops::Range;

/// Where the windows lie. Window `o` of a dimension reads the positions `o · stride + tap · dilation − before` for each tap
/// below `k`, as far as there are such positions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Windows {
    /// Positions of the input.
    pub n: [usize; 3],
    /// Taps of a window.
    pub k: [usize; 3],
    /// Positions from one window to the next. For pooling, 0 stands for adaptive windows: see [`Windows::bounds`].
    pub stride: [usize; 3],
    /// Positions from one tap to the next.
    pub dilation: [usize; 3],
    /// Positions that the first window begins before the input.
    pub before: [usize; 3],
    /// How many windows there are.
    pub out: [usize; 3],
}

impl Windows {
    /// Positions of the input.
    #[must_use]
    pub const fn positions(&self) -> usize {
        product(self.n)
    }

    /// How many windows there are.
    #[must_use]
    pub const fn count(&self) -> usize {
        product(self.out)
    }

    /// Where the positions that window `o` of dimension `i` sees begin and end, if its taps lie side by side. With a
    /// stride of 0 the windows are adaptive: so many that they cover the input, each as long as need be.
    #[must_use]
    pub const fn bounds(&self, i: usize, o: usize) -> [usize; 2] {
        let n = self.n[i];
        if self.stride[i] == 0 {
            return [o * n / self.out[i], ((o + 1) * n).div_ceil(self.out[i])];
        }
        let first = o * self.stride[i];
        let end = (first + self.k[i]).saturating_sub(self.before[i]);
        let end = if end < n { end } else { n };
        let start = first.saturating_sub(self.before[i]);
        [if start < end { start } else { end }, end]
    }

    /// Which taps of window `o` of dimension `i` lie within the input. The windows move.
    #[must_use]
    pub const fn inside(&self, i: usize, o: usize) -> Range<usize> {
        let (first, dilation) = (o * self.stride[i], if self.dilation[i] == 0 { 1 } else { self.dilation[i] });
        // Taps before a position, which is counted from the first that is padded.
        let start = self.before[i].saturating_sub(first).div_ceil(dilation);
        let end = (self.before[i] + self.n[i]).saturating_sub(first).div_ceil(dilation);
        let end = if end < self.k[i] { end } else { self.k[i] };
        if start < end { start..end } else { end..end }
    }

    /// Taps of a window.
    #[must_use]
    pub const fn taps(&self) -> usize {
        product(self.k)
    }
}

/// The sizes of a convolution: from `cin` to `cout` features, each of them from those of its group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Geometry {
    /// Its windows.
    pub windows: Windows,
    /// Features of the input.
    pub cin: usize,
    /// Features of the output.
    pub cout: usize,
    /// How many groups the features are divided into.
    pub groups: usize,
}

impl Geometry {
    /// Features of the input that a feature of the output is made of.
    #[must_use]
    pub const fn from_each(&self) -> usize {
        match self.cin.checked_div(self.groups) {
            Some(each) => each,
            None => 0,
        }
    }

    /// Features of the output in a group.
    #[must_use]
    pub const fn to_each(&self) -> usize {
        match self.cout.checked_div(self.groups) {
            Some(each) => each,
            None => 0,
        }
    }

    /// Whether each feature of the output is made of one of the input, of which there are several.
    #[must_use]
    pub const fn is_depthwise(&self) -> bool {
        self.groups > 1 && self.groups == self.cin && self.to_each() > 0
    }

    /// Rows of the kernel: taps, and for each the features of a group.
    #[must_use]
    pub const fn depth(&self) -> usize {
        self.windows.taps().saturating_mul(self.from_each())
    }
}

const fn product(x: [usize; 3]) -> usize {
    x[0].saturating_mul(x[1]).saturating_mul(x[2])
}

/// Positions that a window of `k` taps spans.
#[must_use]
pub const fn span(k: usize, dilation: usize) -> usize {
    k.saturating_sub(1).saturating_mul(dilation) + 1
}

/// How many windows of a span fit into `n` positions that are not padded.
#[must_use]
pub const fn valid(n: usize, span: usize, stride: usize) -> usize {
    if span > n || stride == 0 { 0 } else { (n - span) / stride + 1 }
}

/// How many windows there are if one begins at every stride.
#[must_use]
pub const fn same(n: usize, stride: usize) -> usize {
    if stride == 0 { 0 } else { n.div_ceil(stride) }
}

/// Positions that are put before `n` of them, so that there are [`same`] windows: half of what is missing, rounded down.
#[must_use]
pub const fn same_before(n: usize, span: usize, stride: usize) -> usize {
    (same(n, stride).saturating_sub(1).saturating_mul(stride).saturating_add(span)).saturating_sub(n) / 2
}

/// What stands for an output padding that is worked out.
pub const AUTO: usize = usize::MAX;

/// Zeros on both sides of a transposed convolution's input, spread out by its stride, and on its left side alone.
const fn transposed_pads(span: usize, stride: usize, more: usize, padded: bool) -> [usize; 2] {
    let longer = if span > stride { span } else { stride };
    let both = match (padded, more) {
        (false, AUTO) => span - 1 + (span - 1) + (longer - span),
        (false, more) => span - 1 + (span - 1) + more,
        (true, AUTO) => (stride + span).saturating_sub(2),
        (true, more) => (span + span % 2 + more).saturating_sub(2),
    };
    let left = if padded { both.div_ceil(2) } else { span - 1 };
    [both, if left < span - 1 { left } else { span - 1 }]
}

/// How many positions a transposed convolution gives for `n`, by Keras's rules. `more` is the output padding, or [`AUTO`].
#[must_use]
pub const fn transposed(n: usize, span: usize, stride: usize, more: usize, padded: bool) -> usize {
    let [both, _] = transposed_pads(span, stride, more, padded);
    (n.saturating_sub(1).saturating_mul(stride) + 1 + both).saturating_sub(span - 1)
}

/// Positions that the first window of the convolution begins before its input, whose transpose this is.
#[must_use]
pub const fn transposed_before(span: usize, stride: usize, more: usize, padded: bool) -> usize {
    let [_, left] = transposed_pads(span, stride, more, padded);
    span - 1 - left
}

/// The least floats of scratch for padded copies of samples.
const PANEL: usize = 1 << 14;

/// Floats of scratch for padded copies of the lines of a convolution's input, or of its output's gradient. A depthwise one
/// reads them where they lie, unless it makes several features of each.
#[must_use]
pub const fn conv_panel(g: &Geometry) -> usize {
    if g.is_depthwise() && g.to_each() == 1 {
        return 0;
    }
    let w = &g.windows;
    let lines = w.k[0].saturating_mul(span(w.k[1], w.dilation[1]));
    let reach = span(w.k[2], w.dilation[2]);
    // Whichever is longer: windows over the input, or windows over the output's gradient.
    let forward = (w.out[2].saturating_mul(w.stride[2]) + reach).saturating_mul(g.cin);
    let backward = (w.n[2] + reach).saturating_mul(g.cout);
    let least = lines.saturating_mul(if forward > backward { forward } else { backward });
    let panel = if least > PANEL { least } else { PANEL };
    panel.next_multiple_of(16)
}

/// Floats of scratch that each thread needs for a convolution: for a [`conv_panel`], and for the transposed kernel or its
/// gradient.
///
/// ```
/// use keras_shapes::windows::{Geometry, Windows, conv_scratch};
/// let windows = Windows {
///     n: [1, 28, 28],
///     k: [1, 3, 3],
///     stride: [1; 3],
///     dilation: [1; 3],
///     before: [0; 3],
///     out: [1, 26, 26],
/// };
/// let geometry = Geometry { windows, cin: 1, cout: 32, groups: 1 };
/// assert_eq!(conv_scratch(&geometry), 16384 + 9 * 32);
/// ```
#[must_use]
pub const fn conv_scratch(g: &Geometry) -> usize {
    conv_panel(g) + g.depth().saturating_mul(g.cout)
}

/// Floats of a convolution's kernel that stay in the second-level cache as a whole.
pub const CONV_NEAR: usize = 1 << 16;

/// The most taps, and the largest depth, of a convolution whose sums are each worked out at one go.
pub const CONV_ONCE: [usize; 2] = [32, 1024];

/// Whether the maxima of `pool` can be taken while a convolution is computed, so that its own output is never in memory as a
/// whole: where each position is seen by one window of the pool or by none, and the convolution finishes one line after the
/// other. Positions that no window sees are then not computed at all.
#[must_use]
pub const fn pools(g: &Geometry, pool: &Windows) -> bool {
    let (w, depth) = (&g.windows, g.depth());
    let near = depth.saturating_mul(g.cout) <= CONV_NEAR && w.taps() <= CONV_ONCE[0] && depth <= CONV_ONCE[1];
    near && w.out[0] == 1 && pool.k[0] == 1 && apart(w, pool, 0) && apart(w, pool, 1) && apart(w, pool, 2)
}

/// Whether windows of `pool` lie side by side in dimension `i` of what the windows `w` give.
const fn apart(w: &Windows, pool: &Windows, i: usize) -> bool {
    let whole = pool.n[i] == w.out[i] && pool.out[i].saturating_mul(pool.k[i]) <= pool.n[i];
    whole && pool.before[i] == 0 && pool.stride[i] == pool.k[i] && pool.k[i] > 0 && pool.out[i] > 0
}

/// Floats of scratch for a convolution and the pool behind it: for a [`conv_panel`], and for the lines that a line of the
/// pool's windows sees.
#[must_use]
pub const fn pooled_scratch(g: &Geometry, pool: &Windows) -> usize {
    let line = pool.out[2].saturating_mul(pool.k[2]).saturating_mul(g.cout);
    conv_panel(g) + line.saturating_mul(pool.k[1])
}
