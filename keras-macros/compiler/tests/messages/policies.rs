//! `dtype = …` of layers and `#[dtype = …]` of models.

use crate::{chain, graph};

const WORDS: &str = "available: float32, mixed_float16, mixed_bfloat16";

#[test]
fn policies_of_layers() {
    for right in ["mixed_bfloat16", "mixed_float16", "\"mixed_bfloat16\"", "float32", "None"] {
        chain(&format!("Input(4), Dense(3, dtype = {right})"), &[]);
    }
    chain(
        "Input(4), Dense(3, dtype = mixed_bfloat), Dense(2, dtype = 16)",
        &[
            (
                "mixed_bfloat",
                &format!("`Dense`: `dtype` is no policy: `mixed_bfloat`; did you mean `mixed_bfloat16`?\n{WORDS}"),
            ),
            ("16", &format!("`Dense`: `dtype` is no policy: `16`\n{WORDS}")),
        ],
    );
    chain(
        "Input(4), Dense(3, dtype = \"float64\")",
        &[("\"float64\"", &format!("`Dense`: `dtype` is `float64`, and there is no float64 here\n{WORDS}"))],
    );
    chain(
        "Input(4), Dense(3, dtype = bfloat16)",
        &[(
            "bfloat16",
            "`Dense`: `dtype` is `bfloat16`, and weights are always f32: `mixed_bfloat16` computes in bfloat16 and keeps its \
             weights in f32",
        )],
    );
}

#[test]
fn policies_of_models() {
    let of = |what: &str| format!("#[dtype = {what}] Input(4), Dense(3)");
    chain(&of("mixed_bfloat16"), &[]);
    chain("#[dtype = \"float32\"] pub struct M< Input(4), Dense(3) >;", &[]);
    graph("#[dtype = \"mixed_bfloat16\"] |x: [4]| Dense(3)(x)", &[]);
    chain(
        &of("mixed_bfloat8"),
        &[(
            "mixed_bfloat8",
            &format!("the model's `dtype` is no policy: `mixed_bfloat8`; did you mean `mixed_bfloat16`?\n{WORDS}"),
        )],
    );
    graph(
        "#[dtype(float32)] #[dtype = float32] struct M(x: [4]) { Dense(3)(x) }",
        &[
            ("dtype(float32)", "the model's `dtype` is written `#[dtype = \"mixed_bfloat16\"]`"),
            ("#[dtype = float32]", "the model's `dtype` is given twice"),
        ],
    );
}

#[test]
fn layers_that_follow_no_policy() {
    chain(
        "Input(4), self::Scale(2, dtype = mixed_bfloat16), Dense(3)",
        &[(
            "self::Scale",
            "`Scale`: a layer of one's own computes in float32, and its policy here is `mixed_bfloat16`: write \
             `Scale(…, dtype = \"float32\")`",
        )],
    );
    chain("#[dtype = mixed_bfloat16] Input(4), self::Scale(2, dtype = float32), self::Base, Dense(3)", &[]);
    chain(
        "Input(4), self::Base(dtype = mixed_bfloat16)",
        &[(
            "mixed_bfloat16",
            "`Base` is a model, whose layers compute as it says itself: write `#[dtype = \"…\"]` before its `struct Base`",
        )],
    );
    chain(
        "Input(4, 3), Bidirectional(LSTM(2, dtype = mixed_bfloat16))",
        &[(
            "mixed_bfloat16",
            "`LSTM`: a layer within another one computes as that does: give `dtype` to the layer around it",
        )],
    );
}
