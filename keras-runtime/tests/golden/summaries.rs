use keras_runtime::model::graph::{Call, Graph, Head, Init, Input, Layer, Output, Param, Precision, Value};
use keras_runtime::optimizer::{Adam, Optimizer, Sgd};
use keras_runtime::summary::{Summary, text};

/// A layer: name, class, whether it is trained, the shapes of its parameters, and for each call inputs and outputs.
type Sketch =
    (&'static str, &'static str, bool, &'static [&'static [usize]], &'static [(&'static [usize], &'static [usize])]);

/// A graph with what a summary reads of it.
fn graph(
    name: &'static str,
    sequential: bool,
    inputs: &[&'static str],
    shapes: &[&'static [usize]],
    layers: &[Sketch],
    outputs: &[usize],
) -> Graph {
    fn leak<T>(items: impl IntoIterator<Item = T>) -> &'static [T] {
        Vec::leak(items.into_iter().collect())
    }
    let mut at = 0;
    let mut params = Vec::new();
    for (layer, (.., of_layer, _)) in layers.iter().enumerate() {
        for shape in of_layer.iter().copied() {
            params.push(Param {
                name: "w",
                layer,
                at,
                shape,
                trainable: true,
                init: Init::Zeros,
                regularizer: None,
                constraint: None,
                precision: Precision::Float32,
            });
            at += shape.iter().product::<usize>();
        }
    }
    Graph {
        name,
        sequential,
        inputs: leak(inputs.iter().enumerate().map(|(i, name)| Input { name, shape: shapes[i], dtype: "float32" })),
        layers: leak(layers.iter().map(|&(name, class, trainable, _, calls)| Layer {
            parent: None,
            name,
            class,
            calls: leak(calls.iter().map(|&(inputs, outputs)| Call { inputs, outputs })),
            trainable,
        })),
        params: params.leak(),
        values: leak(shapes.iter().map(|shape| Value { shape, alias: None })),
        outputs: leak(outputs.iter().map(|&value| Output {
            name: "output",
            value,
            logits: value,
            head: Head::Linear,
            mask: None,
        })),
        ..Graph::EMPTY
    }
}

fn mlp(name: &'static str) -> Graph {
    let layers: &[Sketch] = &[
        ("dense", "Dense", true, &[&[784, 64], &[64]], &[(&[0], &[1])]),
        ("dense_1", "Dense", true, &[&[64, 10], &[10]], &[(&[1], &[2])]),
    ];
    graph(name, true, &["input_layer"], &[&[784], &[64], &[10]], layers, &[2])
}

fn mixed() -> Graph {
    let layers: &[Sketch] = &[
        ("flatten", "Flatten", true, &[], &[(&[0], &[1])]),
        ("dense", "Dense", false, &[&[24, 1200], &[1200]], &[(&[1], &[2])]),
        ("dropout", "Dropout", true, &[], &[(&[2], &[3])]),
        ("reshape", "Reshape", true, &[], &[(&[3], &[4])]),
        ("activation", "Activation", true, &[], &[(&[4], &[5])]),
        ("a_layer_with_quite_a_long_name_of_its_own", "Dense", true, &[&[40, 3]], &[(&[5], &[6])]),
    ];
    let shapes: &[&[usize]] = &[&[4, 6], &[24], &[1200], &[1200], &[30, 40], &[30, 40], &[30, 3]];
    graph("mixed", true, &["input_layer"], shapes, layers, &[6])
}

fn two_towers() -> Graph {
    let layers: &[Sketch] = &[
        ("shared", "Dense", true, &[&[64, 32], &[32]], &[(&[0], &[2]), (&[1], &[3])]),
        ("add", "Add", true, &[], &[(&[2, 3], &[4])]),
        ("concatenate", "Concatenate", true, &[], &[(&[2, 4], &[5])]),
        ("first", "Dense", true, &[&[64, 3], &[3]], &[(&[5], &[6])]),
        ("second", "Dense", true, &[&[32, 1], &[1]], &[(&[4], &[7])]),
    ];
    let shapes: &[&[usize]] = &[&[64], &[64], &[32], &[32], &[32], &[64], &[3], &[1]];
    graph("two_towers", false, &["a", "b"], shapes, layers, &[6, 7])
}

fn chain() -> Graph {
    let layers: &[Sketch] = &[
        ("dense", "Dense", true, &[&[8, 4], &[4]], &[(&[0], &[1])]),
        ("dense_1", "Dense", true, &[&[4, 2], &[2]], &[(&[1], &[2])]),
    ];
    graph("chain", false, &["input_layer"], &[&[8], &[4], &[2]], layers, &[2])
}

fn check(file: &str, graph: &Graph, options: Summary<'_>) {
    let path = format!("{}/../tests/golden/summary_{file}.txt", env!("CARGO_MANIFEST_DIR"));
    let expected = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{path}: {e}"));
    let found = text(graph, &options);
    assert!(found == expected, "{file}\nexpected\n{expected}\nfound\n{found}");
}

#[test]
fn the_text_is_that_of_keras() {
    let plain = Summary::new;
    check("mlp", &mlp("mlp"), plain());
    check("mlp_88", &mlp("mlp"), plain().line_length(88));
    check("mlp_70", &mlp("mlp"), plain().line_length(70));
    check("mlp_show_trainable", &mlp("mlp"), plain().show_trainable(true));
    check("mixed", &mixed(), plain());
    check("mixed_88", &mixed(), plain().line_length(88));
    check("mixed_show_trainable", &mixed(), plain().show_trainable(true));
    check("mixed_show_trainable", &mixed(), plain().show_trainable(true).frozen(&[true, true, false]));
    check("two_towers", &two_towers(), plain());
    check("two_towers_88", &two_towers(), plain().line_length(88));
    check("two_towers_120", &two_towers(), plain().line_length(120));
    check("two_towers_show_trainable", &two_towers(), plain().show_trainable(true));
    check("chain", &chain(), plain());
    check("trained", &mlp("trained"), plain().optimizer(&Adam::default()));
}

#[test]
fn state_of_optimizers_is_counted() {
    let line = |optimizer: &dyn Optimizer, frozen: &[bool]| {
        let text = text(&chain(), &Summary::new().optimizer(optimizer).frozen(frozen));
        text.lines().last().unwrap().trim().to_owned()
    };
    assert_eq!(line(&Sgd::default(), &[]), "Optimizer params: 2 (8.00 B)");
    assert_eq!(line(&Sgd::new(|_: u64| 0.1).momentum(0.9), &[]), "Optimizer params: 47 (188.00 B)");
    assert_eq!(line(&Adam::default(), &[true, true, false, false]), "Optimizer params: 22 (88.00 B)");
}

#[test]
fn a_narrow_table_is_still_a_table() {
    let text = text(&two_towers(), &Summary::new().line_length(1).show_trainable(true));
    assert!(text.lines().skip(1).take_while(|line| !line.starts_with(' ')).all(|line| line.chars().count() == 50));
}
