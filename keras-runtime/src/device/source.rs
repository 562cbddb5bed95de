//! What a program is compiled from: the files of its kernels, and behind them the sources of layers of one's own, each in a namespace.
//!
//! In front of such a source keras writes what its functions see of the layer's sizes, and behind it what calls them. The names of the
//! compiler's lines say which layer a mistake is in.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::hash::{DefaultHasher, Hash, Hasher};

use keras_shapes::Shape;

use super::launch::Launch;
use crate::Error;
use crate::layer::{Constant, Cuda};
use crate::model::graph::Param;

/// The source of a layer of one's own, with what keras writes around it.
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    /// Its namespace, which no other source has.
    pub name: String,
    /// The layer, as a model names it, and its class.
    pub layer: [String; 2],
    /// All of it.
    pub text: String,
}

/// The text that the kernels of launches are compiled from.
pub fn text<'a>(launches: impl IntoIterator<Item = &'a Launch> + Clone) -> String {
    let files: BTreeSet<&str> = launches.clone().into_iter().map(|launch| launch.file).collect();
    let mut text: String = files.into_iter().map(|file| format!("#include \"{file}.cu\"\n")).collect();
    sources(launches).into_iter().for_each(|source| text += &source.text);
    text
}

/// The sources of layers of one's own, each once.
fn sources<'a>(launches: impl IntoIterator<Item = &'a Launch>) -> Vec<&'a Source> {
    let all = launches.into_iter().filter_map(|launch| launch.source.as_deref());
    all.map(|source| (&source.name[..], source)).collect::<BTreeMap<_, _>>().into_values().collect()
}

/// What a compiler calls the source of a layer of this class, and what keras writes before and behind it.
fn lines(class: &str) -> [String; 3] {
    ["sizes", "source", "calls"].map(|part| format!("{part} of {class}"))
}

/// The error of a compiler's log, if that speaks of the source of a layer.
pub(super) fn mistake<'a>(launches: impl IntoIterator<Item = &'a Launch>, log: &str) -> Option<Error> {
    let is_told = |source: &&Source| {
        lines(&source.layer[1]).iter().any(|lines| log.lines().any(|line| line.starts_with(&format!("{lines}("))))
    };
    let Source { layer: [layer, class], .. } = sources(launches).into_iter().find(is_told)?;
    let reason = format!(
        "the CUDA source of the layer `{layer}` ({class}) cannot be compiled; `source of {class}` is what its `cuda` gives, `sizes of` and \
         `calls of {class}` are what keras writes before and behind it, for the functions that `keras::layer::Cuda` lists:\n{log}"
    );
    Some(Error::Device { device: "NVRTC".into(), reason })
}

/// A constant in C++.
fn constant(constant: Constant) -> String {
    match constant {
        Constant::Bool(x) => x.to_string(),
        Constant::Int(x) => x.to_string(),
        // As many digits as it takes to tell it from every other float.
        Constant::Float(x) if x.is_finite() => format!("{x:e}f"),
        // There is no literal for it.
        Constant::Float(x) => format!("__int_as_float({})", x.to_bits().cast_signed()),
    }
}

/// The brackets of an array with these dimensions. C++ has no arrays of nothing: they get an element that nobody reads.
fn brackets(dims: &[usize]) -> String {
    dims.iter().map(|dim| format!("[{}]", (*dim).max(1))).collect()
}

/// The function that an array of weights needs.
pub(super) fn function(param: &Param) -> String {
    format!("{}_{}", if param.trainable { "backward" } else { "update" }, param.name)
}

/// Its declaration, as it is called.
pub(super) fn declaration(param: &Param) -> String {
    let pass = if param.trainable { "Pass" } else { "Batch" };
    let indices = ", int".repeat(param.shape.len());
    format!("float {}(const Call&, const Weights&, const {pass}&{indices})", function(param))
}

/// Whether nothing is in an array.
pub(super) fn is_empty(param: &Param) -> bool {
    param.shape.contains(&0)
}

/// Whether a function of this name stands in a source: the word in front of a `(`, outside of comments of lines.
pub(super) fn has_function(source: &str, name: &str) -> bool {
    let code: Vec<&str> = source.lines().map(|line| line.split("//").next().unwrap_or_default()).collect();
    let code = code.join("\n");
    code.match_indices(name).any(|(at, _)| {
        let begins = !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
        begins && code[at + name.len()..].trim_start().starts_with('(')
    })
}

/// The keywords of C++17 and its words for operators. Those that are keywords of Rust too can be names there as `r#…`.
const KEYWORDS: &str = "alignas alignof and and_eq asm auto bitand bitor bool break case catch char char16_t char32_t class compl const \
    const_cast constexpr continue decltype default delete do double dynamic_cast else enum explicit export extern false float for friend \
    goto if inline int long mutable namespace new noexcept not not_eq nullptr operator or or_eq private protected public register \
    reinterpret_cast return short signed sizeof static static_assert static_cast struct switch template this thread_local throw true try \
    typedef typeid typename union unsigned using virtual void volatile wchar_t while xor xor_eq";

/// Whether a word is no name in C++.
pub(super) fn is_keyword(word: &str) -> bool {
    KEYWORDS.split_ascii_whitespace().any(|keyword| keyword == word)
}

impl Source {
    /// The source of a layer with these weights, for samples, outputs and kept arrays of these shapes.
    pub(super) fn new(layer: [String; 2], cuda: &Cuda, params: &[Param], shapes: &[Shape; 3]) -> Source {
        let params: Vec<&Param> = params.iter().filter(|param| !is_empty(param)).collect();
        let [sizes, source, calls] = lines(&layer[1]);
        let mut body = format!("#line 1 \"{sizes}\"\nusing own::Call;\nstruct Weights {{\n");
        for param in &params {
            let _ = writeln!(body, "    float {}{};", param.name, brackets(param.shape));
        }
        body += "};\n";
        for (name, shape) in ["Input", "Output", "Saved"].into_iter().zip(shapes) {
            let _ = writeln!(body, "using {name} = float{};", brackets(shape.dims()));
        }
        body += "using Pass = own::PassOf<Input, Output, Saved>;\nusing Batch = own::BatchOf<Input, Output, Saved>;\n";
        let mut end = String::new();
        for (name, value) in &cuda.constants {
            let text = constant(*value);
            if matches!(value, Constant::Float(x) if !x.is_finite()) {
                // What is no literal is no constant expression either.
                let _ = writeln!(body, "#define {name} {text}");
                let _ = writeln!(end, "#undef {name}");
            } else {
                let _ = writeln!(body, "constexpr auto {name} = {text};");
            }
        }
        let _ = writeln!(body, "#line 1 \"{source}\"\n{}\n#line 1 \"{calls}\"", cuda.source);

        // All that the text depends on.
        let mut hash = DefaultHasher::new();
        (&body, shapes.map(|shape| shape.len())).hash(&mut hash);
        params.iter().for_each(|param| param.trainable.hash(&mut hash));
        let name = format!("own_{:016x}", hash.finish());

        let (inputs, weighs, saves) = (shapes[0].len(), !params.is_empty(), !shapes[2].is_empty());
        let types = ["Weights", "Input", "Output", "Saved", "Pass", "Batch"];
        let types: String = types.iter().map(|of| format!("    using {of} = {name}::{of};\n")).collect();
        let layer_calls = format!(
            "struct Layer {{
{types}    static constexpr int INPUTS = {inputs};
    static constexpr bool WEIGHS = {weighs}, SAVES = {saves};
    static __device__ void call_forward(const Call& call, const Weights& w, const Input& x, Output& y, Saved& saved) {{
        forward(call, w, x, y, saved);
    }}
    static __device__ void call_backward_data(const Call& call, const Weights& w, const Pass& pass, Input& dx) {{
        backward_data(call, w, pass, dx);
    }}
}};
"
        );
        let calls: String = params.into_iter().map(calls_of).collect();
        let text = format!("namespace {name} {{\n{body}namespace calls {{\n{layer_calls}{calls}}}\n}}\n{end}");
        Source { name, layer, text }
    }

    /// The kernels' name of the layer.
    pub(super) fn layer(&self) -> String {
        format!("{}::calls::Layer", self.name)
    }

    /// The kernels' name of one of its arrays of weights.
    pub(super) fn param(&self, param: &Param) -> String {
        format!("{}::calls::{}", self.name, struct_of(param))
    }
}

/// The struct by which kernels call the function of an array of weights.
fn calls_of(param: &Param) -> String {
    let len: usize = param.shape.iter().product();
    let (function, pass) = (function(param), if param.trainable { "Pass" } else { "Batch" });
    let mut indices = String::new();
    for (i, dim) in param.shape.iter().enumerate() {
        let inner: usize = param.shape[i + 1..].iter().product();
        let _ = write!(indices, ", i / {inner} % {dim}");
    }
    let unused = if param.shape.is_empty() { "" } else { " i" };
    format!(
        "struct {} {{
    using Of = Layer;
    static constexpr int LEN = {len};
    static __device__ float call(const Call& call, const Weights& w, const {pass}& pass, int{unused}) {{
        return {function}(call, w, pass{indices});
    }}
}};
",
        struct_of(param)
    )
}

/// The name of that struct.
fn struct_of(param: &Param) -> String {
    format!("Of_{}", param.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constants_are_told_in_full() {
        let all: [(Constant, &str); 8] = [
            (0.1.into(), "1e-1f"),
            ((-0.0).into(), "-0e0f"),
            (f32::MAX.into(), "3.4028235e38f"),
            (f32::NEG_INFINITY.into(), "__int_as_float(-8388608)"),
            (f32::NAN.into(), "__int_as_float(2143289344)"),
            (3_usize.into(), "3"),
            ((-1).into(), "-1"),
            (true.into(), "true"),
        ];
        for (value, text) in all {
            assert_eq!(constant(value), text);
        }
    }

    #[test]
    fn functions_are_found_by_their_names() {
        let found = |source| has_function(source, "backward_gain");
        assert!(found("float backward_gain(int)"));
        assert!(found("// of rows\nfloat my_backward_gain(int); float backward_gain // of one\n (int)"));
        assert!(!found("float backward_gains(int) my_backward_gain(int)"));
        assert!(!found("float backward_gain = 1.0f; // not backward_gain(int)"));
        assert!(!found(""));
    }

    #[test]
    fn keywords_are_no_names() {
        for word in ["new", "class", "template", "int", "delete", "xor_eq", "alignas", "while", "const_cast"] {
            assert!(is_keyword(word), "{word}");
        }
        for word in ["gain", "kernel", "news", "classes", "type", "match", ""] {
            assert!(!is_keyword(word), "{word}");
        }
    }

    /// What a source is compiled to depends on all of it, and not on the layer's name.
    #[test]
    fn sources_are_told_apart() {
        let source = |name: &str, text: &'static str, factor: f32, n: usize| {
            let cuda = Cuda::new(text).constant("FACTOR", factor);
            let shape = Shape::new(&[n]);
            Source::new([name.to_owned(), "Scale".to_owned()], &cuda, &[], &[shape, shape, Shape::new(&[0])])
        };
        let one = source("scale", "a", 0.5, 3);
        assert_eq!(one.text, source("scale_1", "a", 0.5, 3).text);
        for other in [source("scale", "b", 0.5, 3), source("scale", "a", 0.25, 3), source("scale", "a", 0.5, 4)] {
            assert_ne!((&one.name, &one.text), (&other.name, &other.text));
        }
    }
}
