//! Memory of a device: what there is, and places in it.

/// What a piece of memory is for. A region is allocated as a whole, and grows by being allocated anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Region {
    /// The parameter block.
    Weights,
    /// Gradients, in the layout of the parameter block.
    Grads,
    /// One of the optimizer's slots, in the layout of the parameter block.
    Slot(usize),
    /// A buffer of a program: values of a batch, their gradients, what losses leave. Buffers whose lives do not meet share
    /// memory.
    Work(usize),
    /// Input `i` of a set of data: all rows, or two pieces of them.
    Input(Data, usize),
    /// Targets of output `i` of a set of data, as numbers.
    Target(Data, usize),
    /// Targets of output `i` of a set of data, as classes.
    Class(Data, usize),
    /// The classes of output `i` of a batch.
    Label(usize),
    /// Output `i` of the rows that are predicted, where [`Region::Order`] has them.
    Output(usize),
    /// The weight of each row of a set of data.
    SampleWeight(Data),
    /// The rows of the data that make up the batches to come, one behind the other; each turn's in a half.
    Order,
    /// [`Now`]: where the next step finds what changes from step to step.
    Now,
    /// What the optimizer needs to know of each step to come, [`Control::LEN`] numbers for each; each turn's in a half.
    Control,
    /// Pieces of the parameter block that are updated together.
    Pieces,
    /// By piece, the sum of the squares of its gradients.
    Squares,
    /// By piece, whether one of its gradients is infinite or no number.
    Infinite,
    /// What the loss is multiplied by.
    LossScale,
    /// What rows carry from batch to batch, those of a row side by side.
    Carried,
    /// Sums that make up the logs.
    Sums,
}

/// Which data rows are of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Data {
    /// Those to train on or to evaluate.
    Given,
    /// Those to validate with.
    Validation,
    /// Those to predict from.
    Asked,
}

/// The type of a region's elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Elem {
    /// `f32`, `float` on a device.
    F32,
    /// `u32`, `unsigned int` on a device.
    U32,
    /// `f64`, `double` on a device.
    F64,
}

impl Elem {
    /// How many bytes one takes.
    #[must_use]
    pub const fn size(self) -> usize {
        match self {
            Elem::F32 | Elem::U32 => 4,
            Elem::F64 => 8,
        }
    }

    /// Its name in C.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Elem::F32 => "float",
            Elem::U32 => "unsigned int",
            Elem::F64 => "double",
        }
    }
}

impl Region {
    /// The type of its elements.
    #[must_use]
    pub const fn elem(self) -> Elem {
        match self {
            Region::Class(..) | Region::Label(_) | Region::Order | Region::Now | Region::Pieces | Region::Infinite => {
                Elem::U32
            }
            Region::Squares | Region::Sums => Elem::F64,
            _ => Elem::F32,
        }
    }

    /// Whether it has rows of whole sets of data, or their predictions.
    #[must_use]
    pub const fn is_data(&self) -> bool {
        self.data().is_some()
    }

    /// The set of data that it has rows of.
    #[must_use]
    pub const fn data(&self) -> Option<Data> {
        use Region::{Class, Input, Output, SampleWeight, Target};
        match *self {
            Input(data, _) | Target(data, _) | Class(data, _) | SampleWeight(data) => Some(data),
            Output(_) => Some(Data::Asked),
            _ => None,
        }
    }

    /// So many of its elements, from one on.
    #[must_use]
    pub const fn span(self, at: usize, len: usize) -> Span {
        Span { region: self, at, len }
    }
}

/// Some elements of a region.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Span {
    /// The region.
    pub region: Region,
    /// The index of the first.
    pub at: usize,
    /// How many.
    pub len: usize,
}

impl Span {
    /// Whether two have an element in common.
    #[must_use]
    pub fn meets(self, other: Span) -> bool {
        self.region == other.region && self.at < other.at + other.len && other.at < self.at + self.len
    }
}

/// The words of [`Region::Now`].
pub enum Now {}

impl Now {
    /// Index in [`Region::Order`] of the first row of the batch.
    pub const ORDER: usize = 0;
    /// Which step of those in [`Region::Control`] it is. A step that is left out is none of them.
    pub const CONTROL: usize = 1;
    /// Low half of the count of steps, which random layers draw by.
    pub const STEP: usize = 2;
    /// 1 in a step that is left out since its gradients are infinite.
    pub const LEFT_OUT: usize = 4;
    /// How many steps there have been since a scale of the loss has changed.
    pub const SCALED: usize = 5;
    /// How many words there are; the high half of the count is behind the low one.
    pub const LEN: usize = 6;

    /// The words before the step with this number, which finds its rows and numbers there.
    pub(crate) const fn at([order, control]: [usize; 2], step: u64, scaled: u32) -> [u32; Now::LEN] {
        [order as u32, control as u32, step as u32, (step >> 32) as u32, 0, scaled]
    }
}

/// The numbers of a step in [`Region::Control`].
pub enum Control {}

impl Control {
    /// The learning rate, with what the optimizer corrects it by.
    pub const RATE: usize = 0;
    /// How much of each weight decays.
    pub const DECAY: usize = 1;
    /// How much of the moving average stays.
    pub const EMA: usize = 2;
    /// Whether the moving average takes the place of the weights: 1 or 0.
    pub const OVERWRITE: usize = 3;
    /// Whether weights are updated, and not gradients only accumulated: 1 or 0.
    pub const UPDATE: usize = 4;
    /// How many numbers there are.
    pub const LEN: usize = 5;
}
