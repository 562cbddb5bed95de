// Words that launches tell kernels apart by. They are one list, since some stand for several things: SIGMOID is an activation
// and a head.
#pragma once

enum Word {
    // Activations.
    LINEAR,
    RELU,
    SIGMOID,
    TANH,
    GELU,
    GELU_TANH,
    AFFINE,
    CLIP,
    LEAKY_RELU,
    ELU,
    EXPONENTIAL,
    SOFTPLUS,
    LOG_SIGMOID,
    SOFTSIGN,
    SQUAREPLUS,
    SPARSE_PLUS,
    SOFT_SHRINK,
    HARD_SHRINK,
    SILU,
    HARD_SILU,
    MISH,
    TANH_SHRINK,
    RAMP,
    THRESHOLD,
    // What an output is to a loss, besides SIGMOID: that of a softmax, logits themselves, or values of unknown origin.
    SOFTMAX,
    LOGITS,
    VALUES,
    // Losses, which are metrics as well.
    CATEGORICAL_CROSSENTROPY,
    SPARSE_CATEGORICAL_CROSSENTROPY,
    BINARY_CROSSENTROPY,
    KL_DIVERGENCE,
    MEAN_SQUARED_ERROR,
    MEAN_ABSOLUTE_ERROR,
    // Metrics.
    ACCURACY,
    BINARY_ACCURACY,
    CATEGORICAL_ACCURACY,
    TOP_K_CATEGORICAL_ACCURACY,
    // What the sum of a batch's losses is divided by.
    SUM_OVER_BATCH_SIZE,
    SUM,
    MEAN_WITH_SAMPLE_WEIGHT,
    // How inputs are merged.
    SUBTRACT,
    MULTIPLY,
    AVERAGE,
    MAXIMUM,
    MINIMUM,
    // What products multiply, and what numbers are rounded to.
    FLOAT32,
    TENSOR_FLOAT32,
    BFLOAT16,
    FLOAT16,
};
