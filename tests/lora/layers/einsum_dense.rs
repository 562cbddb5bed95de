use keras::{model, sequential};

use crate::layer_test;

const N: usize = 3;

layer_test!(
    last,
    sequential!(Input((3, 4)), EinsumDense("abc,cd->abd", (None, 5), tanh, bias_axes = "d", lora_rank = 2)),
    ["einsum_lora"]
);
layer_test!(
    alpha,
    sequential!(
        Input((N, 4)),
        EinsumDense("abc,cde->abde", (None, 2, N), lora_rank = N, lora_alpha = 1.5, kernel_regularizer = L2(0.1))
    ),
    ["einsum_lora_alpha"]
);
layer_test!(
    summed,
    sequential!(Input((3, 4)), EinsumDense("abc,dc->abd", (3, 5), bias_axes = "d", lora_rank = 2, lora_alpha = 4)),
    ["einsum_lora_summed"]
);
layer_test!(
    shared,
    sequential!(Input((3, 4)), EinsumDense("abc,cb->ab", 3, bias_axes = "b", lora_rank = 2, lora_alpha = 5)),
    ["einsum_lora_shared"]
);
layer_test!(
    groups,
    sequential!(Input((3, 2, 4)), EinsumDense("abcd,dbe->aceb", (2, 5, 3), lora_rank = 2, lora_alpha = 1)),
    ["einsum_lora_groups"]
);
layer_test!(
    dots,
    sequential!(Input((2, 3, 4)), EinsumDense("...x,xy->...y", 3, bias_axes = "y", lora_rank = 1, lora_alpha = 2)),
    ["einsum_lora_dots"]
);
layer_test!(
    twice,
    model!(|a: [2, 4], b: [2, 4]| {
        let mix = EinsumDense("abc,bdc->abd", (2, 4), lora_rank = 2);
        mix(mix(a)) + mix(b)
    })
);
