//! One launch of a kernel: what a device runs, and what it means.

use std::fmt;
use std::sync::Arc;

use super::elementwise::Chain;
use super::math::Gives;
use super::memory::Span;
use super::reference::Memory;
use super::source::Source;

/// An argument of a kernel.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Arg {
    /// Memory that it reads.
    In(Span),
    /// Memory that it writes, all of it or after reading it.
    Out(Span),
    /// A pointer to nothing: what the kernel's constants say is not there.
    Null,
    /// `int`.
    Int(i32),
    /// `unsigned int`.
    Word(u32),
    /// `float`.
    Float(f32),
}

/// A launch: a kernel by its file, its name and its constants, where it works, and with what.
///
/// Kernels are templates in the folder `cuda` of keras-kernels. Sizes that belong to the model are constants of the template,
/// so that a compiler knows them; the number of rows is an argument.
#[derive(Clone)]
pub struct Launch {
    /// The file that has the kernel, without its ending.
    pub file: &'static str,
    /// The kernel's name.
    pub name: &'static str,
    /// The arguments of the template, in C.
    pub constants: Vec<String>,
    /// Blocks in each dimension of the grid.
    pub blocks: [u32; 3],
    /// Threads of a block.
    pub threads: u32,
    /// Arguments.
    pub args: Vec<Arg>,
    /// What the kernel needs besides its file: the source of a layer of one's own.
    pub source: Option<Arc<Source>>,
    /// The elementwise work that it is, if it is nothing else.
    pub(crate) chain: Option<Arc<Chain>>,
    /// What is known of the numbers that it writes.
    pub(crate) gives: Gives,
    /// What it does, on the host.
    pub(crate) meaning: Arc<Meaning>,
}

/// What a launch does, in plain Rust.
pub(crate) type Meaning = dyn Fn(&mut Memory) + Send + Sync;

/// Threads of a block, where nothing says otherwise.
pub(crate) const THREADS: u32 = 256;

impl Launch {
    /// A launch of one block, without constants and arguments, that means nothing yet.
    pub(crate) fn new(file: &'static str, name: &'static str) -> Launch {
        let meaning = Arc::new(|_: &mut Memory| {});
        Launch {
            file,
            name,
            constants: Vec::new(),
            blocks: [1; 3],
            threads: THREADS,
            args: Vec::new(),
            source: None,
            chain: None,
            gives: Gives::default(),
            meaning,
        }
    }

    /// The next constants of the template.
    pub(crate) fn of<C: fmt::Display>(mut self, constants: impl IntoIterator<Item = C>) -> Launch {
        self.constants.extend(constants.into_iter().map(|constant| constant.to_string()));
        self
    }

    /// A thread for each of so many elements.
    pub(crate) fn over(mut self, elements: usize) -> Launch {
        self.blocks = [elements.div_ceil(THREADS as usize).max(1) as u32, 1, 1];
        self
    }

    /// A thread for each four of so many elements that numbers are drawn for: `elementwise.cu` says which four.
    pub(crate) fn drawing(self, elements: usize) -> Launch {
        self.over(elements.div_ceil(64) * 16)
    }

    /// Blocks of so many threads.
    pub(crate) fn grid(mut self, blocks: [usize; 3], threads: u32) -> Launch {
        self.blocks = blocks.map(|n| n.max(1) as u32);
        self.threads = threads;
        self
    }

    /// The next argument: memory that it writes.
    pub(crate) fn out(self, span: Span) -> Launch {
        self.arg(Arg::Out(span))
    }

    /// The next argument: memory that it reads.
    pub(crate) fn reads(self, span: Span) -> Launch {
        self.arg(Arg::In(span))
    }

    /// The next argument: memory that it reads, if there is any.
    pub(crate) fn reads_if(self, span: Option<Span>) -> Launch {
        self.arg(span.map_or(Arg::Null, Arg::In))
    }

    /// The next argument: memory that it writes, if there is any.
    pub(crate) fn out_if(self, span: Option<Span>) -> Launch {
        self.arg(span.map_or(Arg::Null, Arg::Out))
    }

    /// The next argument: a size or a count.
    pub(crate) fn int(self, n: usize) -> Launch {
        self.arg(Arg::Int(n as i32))
    }

    /// The next argument: a number.
    pub(crate) fn float(self, x: f32) -> Launch {
        self.arg(Arg::Float(x))
    }

    /// The next argument.
    pub(crate) fn arg(mut self, arg: Arg) -> Launch {
        self.args.push(arg);
        self
    }

    /// The source of the layer that it is a launch of.
    pub(crate) fn with(mut self, source: &Arc<Source>) -> Launch {
        self.source = Some(Arc::clone(source));
        self
    }

    /// The elementwise work that it is.
    pub(crate) fn chained(mut self, chain: Chain) -> Launch {
        self.chain = Some(Arc::new(chain));
        self
    }

    /// What it does.
    pub(crate) fn means(mut self, meaning: impl Fn(&mut Memory) + Send + Sync + 'static) -> Launch {
        self.meaning = Arc::new(meaning);
        self
    }

    /// Does on the host what it means.
    #[doc(hidden)]
    pub fn run(&self, memory: &mut Memory) {
        (self.meaning)(memory);
    }

    /// Whether threads and elements can be counted by the kernels' integers, and the grid is one that CUDA takes.
    pub(crate) fn fits(&self) -> bool {
        let [x, y, z] = self.blocks.map(u64::from);
        let most = i32::MAX as u64;
        // Kernels find the rows of whole sets of data by longer integers.
        let mut spans = self.inputs().chain(self.outputs()).filter(|span| !span.region.is_data());
        let spans = spans.all(|span| span.len as u64 <= most);
        x * u64::from(self.threads) <= most && y.max(z) <= 65_535 && x * y * z <= most && spans
    }

    /// The kernel in C: its name and its constants.
    #[must_use]
    pub fn expression(&self) -> String {
        match &self.constants[..] {
            [] => self.name.to_owned(),
            constants => format!("{}<{}>", self.name, constants.join(", ")),
        }
    }

    /// Memory that it reads and does not write.
    pub fn inputs(&self) -> impl Iterator<Item = Span> {
        self.args.iter().filter_map(|arg| if let Arg::In(span) = arg { Some(*span) } else { None })
    }

    /// Memory that it writes.
    pub fn outputs(&self) -> impl Iterator<Item = Span> {
        self.args.iter().filter_map(|arg| if let Arg::Out(span) = arg { Some(*span) } else { None })
    }
}

impl fmt::Debug for Launch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Launch { blocks: [x, y, z], threads, args, .. } = self;
        write!(f, "{}<<<({x}, {y}, {z}), {threads}>>>{args:?}", self.expression())
    }
}
