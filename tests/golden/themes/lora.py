"""lora.json: layers whose kernel is frozen and has a low-rank update."""

from .common import Random, randomize, run_code, write_cases
from .layers import evaluate, sequential

WORDS = 6
L2 = "keras.regularizers.L2(0.1)"
FLOATS = {
    "dense_lora_regularized": ((4,), f"Dense(3, lora_rank=2, lora_alpha=3, kernel_regularizer={L2})"),
    "einsum_lora": ((3, 4), "EinsumDense('abc,cd->abd', (None, 5), bias_axes='d', activation='tanh', lora_rank=2)"),
    "einsum_lora_alpha": (
        (3, 4),
        f"EinsumDense('abc,cde->abde', (None, 2, 3), lora_rank=3, lora_alpha=1.5, kernel_regularizer={L2})",
    ),
    "einsum_lora_summed": ((3, 4), "EinsumDense('abc,dc->abd', (3, 5), bias_axes='d', lora_rank=2, lora_alpha=4)"),
    "einsum_lora_shared": ((3, 4), "EinsumDense('abc,cb->ab', 3, bias_axes='b', lora_rank=2, lora_alpha=5)"),
    "einsum_lora_groups": ((3, 2, 4), "EinsumDense('abcd,dbe->aceb', (2, 5, 3), lora_rank=2, lora_alpha=1)"),
    "einsum_lora_dots": ((2, 3, 4), "EinsumDense('...x,xy->...y', 3, bias_axes='y', lora_rank=1, lora_alpha=2)"),
    "conv1d_lora": ((6, 2), "Conv1D(3, 3, padding='causal', dilation_rate=2, lora_rank=2)"),
    "conv1d_lora_alpha": (
        (4, 7),
        f"Conv1D(6, 2, 2, 'same', 'channels_first', groups=2, lora_rank=3, lora_alpha=2, kernel_regularizer={L2})",
    ),
    "conv2d_lora": ((4, 5, 2), "Conv2D(3, (2, 3), activation='tanh', lora_rank=2, lora_alpha=1)"),
    "conv2d_lora_groups": ((4, 5, 4), "Conv2D(6, 3, (2, 1), 'same', groups=2, use_bias=False, lora_rank=2, lora_alpha=3)"),
    "conv2d_lora_one": ((2, 3, 4), "Conv2D(5, 1, lora_rank=2, lora_alpha=1)"),
    "conv3d_lora": ((3, 2, 4, 2), "Conv3D(2, (2, 1, 3), lora_rank=1)"),
    "conv3d_lora_groups": ((3, 2, 4, 4), "Conv3D(4, 2, 1, 'same', groups=2, lora_rank=2, lora_alpha=3)"),
}
TABLES = {
    "embedding_lora": "keras.layers.Embedding(6, 3, lora_rank=2)",
    "embedding_lora_alpha": f"keras.layers.Embedding(6, 4, lora_rank=1, lora_alpha=3, embeddings_regularizer={L2})",
    "embedding_lora_masked": "keras.layers.Embedding(6, 3, mask_zero=True, lora_rank=2), keras.layers.SimpleRNN(2)",
}
REVERSIBLE = {
    "reversible_lora": "lora_rank=2",
    "reversible_lora_cap": f"lora_rank=3, lora_alpha=6, logit_soft_cap=1.5, embeddings_regularizer={L2}",
}


def reversible(arguments):
    return (
        f"x = keras.Input((4,), dtype='int32'); table = keras.layers.ReversibleEmbedding(6, 3, {arguments}); "
        "h = keras.layers.Dense(3, activation='tanh')(table(x)); model = keras.Model(x, table(h, reverse=True))"
    )


def of_floats(name, shape, layer):
    code = sequential(shape, f"keras.layers.{layer}")
    random = Random(name)
    model = run_code(code)["model"]
    randomize(model, random)
    x = random.normal((3, *shape))
    return evaluate(code, model, [x], [random.normal(model(x).shape)], None)


def of_words(name, code):
    random = Random(name)
    model = run_code(code)["model"]
    randomize(model, random)
    x = random.state.randint(0, WORDS, size=(3, 4)).astype("int64")
    # A step that counts is there in any sample.
    x[:, 0] = 1
    return evaluate(code, model, [x], [random.normal((3, *model.output_shape[1:]))], None)


def write(out):
    cases = {f"{name}_b3": of_floats(name, *of) for name, of in FLOATS.items()}
    tables = {name: f"model = keras.Sequential([keras.Input((4,), dtype='int32'), {of}])" for name, of in TABLES.items()}
    tables |= {name: reversible(arguments) for name, arguments in REVERSIBLE.items()}
    cases |= {f"{name}_b3": of_words(name, code) for name, code in tables.items()}
    write_cases(out / "lora.json", cases)
