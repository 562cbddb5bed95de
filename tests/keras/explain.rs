//! `explain` says what the compiler decided.

use keras::prelude::*;

#[test]
fn decisions_in_words() {
    let text = model!(|a: [8], b: [8]| {
        let e = Dense(4, relu, name = "e");
        let z = Concatenate()(e(a), e(b));
        let h = Dense(8, tanh, trainable = false)(z) + z;
        (Dense(3, softmax)(h), Dropout(0.5)(h))
    })
    .explain();
    for line in [
        "functional: 6 layers, 8 ops, 135 weights",
        "Dense 8 x 4, Relu",
        "a crossentropy is computed from the logits before its softmax",
        "gradient of `add` is added to what is there",
        "only if the gradients of the inputs are asked for",
        "e/kernel                 [8, 4] from float 0, used 2 times",
        "frozen until `set_trainable`",
    ] {
        assert!(text.contains(line), "{line:?} in\n{text}");
    }
}
