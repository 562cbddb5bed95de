"""einsum.json: EinsumDense, and ReversibleEmbedding both ways."""

from .common import Random, randomize, run_code, write_cases
from .layers import evaluate, sequential

WORDS = 6
EINSUM = {
    "einsum_dense": ((3,), "'ab,bc->ac', output_shape=4, bias_axes='c'"),
    "einsum_dense_steps": ((3, 4), "'abc,cd->abd', output_shape=(None, 5), bias_axes='d', activation='tanh'"),
    "einsum_dense_dots": ((2, 3, 4), "'...x,xy->...y', output_shape=3, bias_axes='y'"),
    "einsum_dense_behind": ((3, 2, 4), "'abc...,bd->adc...', output_shape=(5, 2), bias_axes='d'"),
    "einsum_dense_heads": ((3, 4), "'abc,cde->abde', output_shape=(None, 2, 3), bias_axes='de'"),
    "einsum_dense_back": (
        (3, 2, 4),
        "'abcd,cde->abe', output_shape=(None, 5), bias_axes='e', kernel_regularizer=keras.regularizers.L2(0.1)",
    ),
    "einsum_dense_transposed": ((3, 4), "'abc,dc->abd', output_shape=(3, 5)"),
    "einsum_dense_middle": ((3, 4), "'abc,bd->adc', output_shape=(5, None), bias_axes='d'"),
    "einsum_dense_shared": ((3, 4), "'abc,bcd->abd', output_shape=(3, 2), bias_axes='bd'"),
    "einsum_dense_shared_between": ((3, 2, 4), "'abcd,dbe->aceb', output_shape=(2, 5, 3), bias_axes='e'"),
    "einsum_dense_shared_transposed": ((2, 3, 4), "'abcd,becd->abe', output_shape=(2, 3), bias_axes='b'"),
    "einsum_dense_each": ((3, 4), "'abc,c->abc', output_shape=(3, 4), bias_axes='b'"),
    "einsum_dense_alone": ((3, 4), "'abc,cd->ad', output_shape=5, bias_axes='d', activation='tanh'"),
    "einsum_dense_alone_all": ((3, 4), "'abc,d->ad', output_shape=5"),
    "einsum_dense_alone_dots": ((2, 3, 4), "'...xy,xz->...z', output_shape=3, bias_axes='z'"),
    "einsum_dense_summed_apart": ((3, 2, 4), "'abcd,ced->abe', output_shape=(None, 5), bias_axes='e'"),
    "einsum_dense_new_apart": ((3, 4), "'abc,dce->abde', output_shape=(None, 2, 3), bias_axes='de'"),
    "einsum_dense_shared_behind": ((3, 4), "'abc,cdb->adb', output_shape=(5, 3), bias_axes='b'"),
    "einsum_dense_shared_apart": ((3, 2, 4), "'abcd,befc->afbec', output_shape=(3, 3, 5, 2)"),
    "einsum_dense_mixed": ((2, 3, 4), "'abcd,becfd->aef', output_shape=(2, 3), bias_axes='e'"),
    "einsum_dense_mixed_lora": ((2, 3, 4), "'abcd,becf->afe', output_shape=(2, 3), lora_rank=2, lora_alpha=3"),
    "einsum_dense_alone_lora": ((2, 3, 4), "'abcd,ed->ae', output_shape=5, lora_rank=2, lora_alpha=1"),
    "einsum_dense_regularized": (
        (3, 4),
        "'abc,cd->abd', output_shape=(None, 2), bias_axes='d', bias_regularizer=keras.regularizers.L1(0.1), "
        "activity_regularizer=keras.regularizers.L2(0.05)",
    ),
}


def einsum(name, shape, arguments):
    code = sequential(shape, f"keras.layers.EinsumDense({arguments})")
    random = Random(name)
    model = run_code(code)["model"]
    randomize(model, random)
    x = random.normal((3, *shape))
    return evaluate(code, model, [x], [random.normal(model(x).shape)], None)


def reversible(arguments, middle="keras.layers.Dense(3, activation='tanh')(h)", dtype="int32"):
    return (
        f"x = keras.Input((4,), dtype='{dtype}'); table = keras.layers.ReversibleEmbedding(6, 3{arguments}); "
        f"h = table(x); model = keras.Model(x, table({middle}, reverse=True))"
    )


REVERSIBLE = {
    "reversible_embedding": reversible(""),
    "reversible_embedding_own": reversible(", tie_weights=False, embeddings_regularizer=keras.regularizers.L2(0.1)"),
    "reversible_embedding_cap": reversible(", logit_soft_cap=1.5, embeddings_regularizer=keras.regularizers.L2(0.1)"),
    "reversible_embedding_masked": reversible(", mask_zero=True", "keras.layers.LSTM(3, return_sequences=True)(h)"),
}


def words(name, code):
    random = Random(name)
    model = run_code(code)["model"]
    randomize(model, random)
    x = random.state.randint(0, WORDS, size=(3, 4)).astype("int64")
    # A step that counts is there in any sample.
    x[:, 0] = 1
    return evaluate(code, model, [x], [random.normal((3, *model.output_shape[1:]))], None)


def write(out):
    cases = {f"{name}_b3": einsum(name, *of) for name, of in EINSUM.items()}
    cases |= {f"{name}_b3": words(name, code) for name, code in REVERSIBLE.items()}
    write_cases(out / "einsum.json", cases)
