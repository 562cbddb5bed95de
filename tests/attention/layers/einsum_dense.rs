use keras::{model, sequential};

use crate::layer_test;

const N: usize = 3;

layer_test!(
    plain,
    sequential!(Input(3), EinsumDense("ab,bc->ac", output_shape = 4, bias_axes = "c")),
    ["einsum_dense"]
);
layer_test!(
    steps,
    sequential!(Input((N, 4)), EinsumDense("abc,cd->abd", (None, 5), tanh, bias_axes = "d")),
    ["einsum_dense_steps"]
);
layer_test!(
    dots,
    sequential!(Input((2, 3, 4)), EinsumDense("...x,xy->...y", N, bias_axes = "y")),
    ["einsum_dense_dots"]
);
layer_test!(
    behind,
    sequential!(Input((3, N - 1, 4)), EinsumDense("abc...,bd->adc...", (5, 2), bias_axes = "d")),
    ["einsum_dense_behind"]
);
layer_test!(
    heads,
    sequential!(Input((3, 4)), EinsumDense("abc,cde->abde", (None, 2, 3), bias_axes = "de")),
    ["einsum_dense_heads"]
);
layer_test!(
    back,
    sequential!(
        Input((3, 2, 4)),
        EinsumDense("abcd,cde->abe", (None, 5), bias_axes = "e", kernel_regularizer = L2(0.1))
    ),
    ["einsum_dense_back"]
);
layer_test!(transposed, sequential!(Input((3, 4)), EinsumDense("abc,dc->abd", (3, 5))), ["einsum_dense_transposed"]);
layer_test!(
    middle,
    sequential!(Input((3, 4)), EinsumDense("abc,bd->adc", (5, None), bias_axes = "d")),
    ["einsum_dense_middle"]
);
layer_test!(
    shared_letter,
    sequential!(Input((3, 4)), EinsumDense("abc,bcd->abd", (3, 2), bias_axes = "bd")),
    ["einsum_dense_shared"]
);
layer_test!(
    shared_between,
    sequential!(Input((3, 2, 4)), EinsumDense("abcd,dbe->aceb", (2, 5, 3), bias_axes = "e")),
    ["einsum_dense_shared_between"]
);
layer_test!(
    shared_transposed,
    sequential!(Input((2, N, 4)), EinsumDense("abcd,becd->abe", (None, N), bias_axes = "b")),
    ["einsum_dense_shared_transposed"]
);
layer_test!(
    each,
    sequential!(Input((3, 4)), EinsumDense("abc,c->abc", (None, 4), bias_axes = "b")),
    ["einsum_dense_each"]
);
layer_test!(
    twice,
    model!(|a: [2, 4], b: [2, 4]| {
        let mix = EinsumDense("abc,bdc->abd", (2, 4));
        mix(mix(a)) + mix(b)
    })
);
layer_test!(
    alone,
    sequential!(Input((N, 4)), EinsumDense("abc,cd->ad", 5, tanh, bias_axes = "d")),
    ["einsum_dense_alone"]
);
layer_test!(alone_all, sequential!(Input((3, 4)), EinsumDense("abc,d->ad", 5)), ["einsum_dense_alone_all"]);
layer_test!(
    alone_dots,
    sequential!(Input((2, 3, 4)), EinsumDense("...xy,xz->...z", 3, bias_axes = "z")),
    ["einsum_dense_alone_dots"]
);
layer_test!(
    summed_apart,
    sequential!(Input((N, 2, 4)), EinsumDense("abcd,ced->abe", (None, 5), bias_axes = "e")),
    ["einsum_dense_summed_apart"]
);
layer_test!(
    new_apart,
    sequential!(Input((3, 4)), EinsumDense("abc,dce->abde", (None, 2, N), bias_axes = "de")),
    ["einsum_dense_new_apart"]
);
layer_test!(
    shared_behind,
    sequential!(Input((N, 4)), EinsumDense("abc,cdb->adb", (5, None), bias_axes = "b")),
    ["einsum_dense_shared_behind"]
);
layer_test!(
    shared_apart,
    sequential!(Input((3, 2, 4)), EinsumDense("abcd,befc->afbec", (3, None, 5, None))),
    ["einsum_dense_shared_apart"]
);
layer_test!(
    mixed,
    sequential!(Input((2, N, 4)), EinsumDense("abcd,becfd->aef", (2, N), bias_axes = "e")),
    ["einsum_dense_mixed"]
);
layer_test!(
    mixed_lora,
    sequential!(Input((2, 3, 4)), EinsumDense("abcd,becf->afe", (2, 3), lora_rank = 2, lora_alpha = 3)),
    ["einsum_dense_mixed_lora"]
);
layer_test!(
    alone_lora,
    sequential!(Input((2, 3, 4)), EinsumDense("abcd,ed->ae", 5, lora_rank = 2, lora_alpha = 1)),
    ["einsum_dense_alone_lora"]
);
layer_test!(
    regularized,
    sequential!(
        Input((3, 4)),
        EinsumDense(
            "abc,cd->abd",
            (None, 2),
            bias_axes = "d",
            bias_regularizer = L1(0.1),
            activity_regularizer = L2(0.05)
        )
    ),
    ["einsum_dense_regularized"]
);
