"""convolution.json: convolutions and pooling, as layers.json has other layers."""

import numpy as np

from .common import MARGIN, attempts, randomize, relu_probe, run_code, write_cases
from .layers import evaluate, sequential

CONVOLUTIONS = {
    "conv1d": ((5, 2), "Conv1D(3, 2)"),
    "conv1d_causal": ((6, 2), "Conv1D(3, 3, padding='causal', dilation_rate=2)"),
    "conv1d_same": ((7, 3), "Conv1D(4, 4, strides=2, padding='same', activation='tanh')"),
    "conv1d_first": ((3, 6), "Conv1D(2, 3, 2, 'same', 'channels_first', use_bias=False)"),
    "conv1d_one": ((4, 5), "Conv1D(3, 1, activation='relu')"),
    "conv2d": ((4, 5, 2), "Conv2D(3, 2)"),
    "conv2d_relu": ((5, 4, 1), "Conv2D(4, (3, 2), activation='relu')"),
    "conv2d_same": ((5, 4, 2), "Conv2D(3, 3, strides=(2, 1), padding='same')"),
    "conv2d_stride": ((7, 5, 2), "Conv2D(3, (1, 2), strides=(3, 3), padding='valid')"),
    "conv2d_dilated": ((5, 6, 2), "Conv2D(2, (2, 3), dilation_rate=(3, 2), padding='same')"),
    "conv2d_groups": ((4, 4, 4), "Conv2D(6, 3, groups=2, activation='sigmoid')"),
    "conv2d_first": ((2, 4, 5), "Conv2D(3, 2, data_format='channels_first', activation='softmax', use_bias=False)"),
    "conv2d_no_bias": ((3, 3, 2), "Conv2D(2, 2, use_bias=False)"),
    "conv2d_one": ((3, 2, 3), "Conv2D(4, 1)"),
    "conv2d_regularized": (
        (3, 4, 2),
        "Conv2D(3, 2, activation='tanh', kernel_regularizer=keras.regularizers.L2(0.1), "
        "bias_regularizer=keras.regularizers.L1(0.1), activity_regularizer=keras.regularizers.L2(0.05))",
    ),
    "conv2d_wide": ((2, 13, 3), "Conv2D(35, (2, 3), padding='same')"),
    "conv3d": ((3, 3, 4, 2), "Conv3D(2, 2)"),
    "conv3d_same": ((3, 2, 3, 1), "Conv3D(2, (2, 3, 2), strides=(2, 1, 2), padding='same')"),
    "conv3d_dilated": (
        (4, 3, 3, 2),
        "Conv3D(2, (2, 1, 2), dilation_rate=(2, 1, 2), groups=2, activation='relu')",
    ),
    "conv3d_first": ((2, 2, 3, 3), "Conv3D(2, 2, data_format='channels_first', padding='same')"),
    "conv1d_transpose": ((4, 2), "Conv1DTranspose(3, 2)"),
    "conv1d_transpose_same": ((4, 3), "Conv1DTranspose(2, 4, strides=3, padding='same', activation='tanh')"),
    "conv1d_transpose_more": ((3, 2), "Conv1DTranspose(2, 3, 2, 'valid', 1)"),
    "conv1d_transpose_more_same": ((3, 2), "Conv1DTranspose(2, 3, 2, 'same', 0, use_bias=False)"),
    "conv1d_transpose_stride": ((3, 2), "Conv1DTranspose(2, 2, strides=3)"),
    "conv1d_transpose_dilated": ((4, 2), "Conv1DTranspose(2, 3, dilation_rate=2, padding='same')"),
    "conv2d_transpose": ((2, 3, 2), "Conv2DTranspose(3, 2)"),
    "conv2d_transpose_same": ((3, 2, 3), "Conv2DTranspose(2, 3, strides=2, padding='same', activation='sigmoid')"),
    "conv2d_transpose_more": ((2, 3, 2), "Conv2DTranspose(2, (2, 3), (3, 2), padding='same', output_padding=(2, 0))"),
    "conv2d_transpose_first": ((2, 3, 2), "Conv2DTranspose(2, 2, strides=(1, 2), data_format='channels_first')"),
    "conv3d_transpose": ((2, 2, 3, 2), "Conv3DTranspose(2, 2)"),
    "conv3d_transpose_same": ((2, 3, 2, 1), "Conv3DTranspose(2, (1, 2, 3), strides=(2, 1, 2), padding='same')"),
    "conv3d_transpose_first": ((2, 2, 1, 2), "Conv3DTranspose(1, 2, 2, 'valid', 'channels_first', 1)"),
    "depthwise_conv1d": ((4, 3), "DepthwiseConv1D(2)"),
    "depthwise_conv1d_same": ((5, 2), "DepthwiseConv1D(3, 2, 'same', 2, activation='tanh')"),
    "depthwise_conv1d_first": ((2, 5), "DepthwiseConv1D(2, data_format='channels_first', dilation_rate=2, use_bias=False)"),
    "depthwise_conv2d": ((3, 4, 3), "DepthwiseConv2D(2)"),
    "depthwise_conv2d_same": ((4, 5, 2), "DepthwiseConv2D((3, 2), (2, 2), 'same', 2, depthwise_regularizer=keras.regularizers.L2(0.1))"),
    "depthwise_conv2d_wide": ((2, 4, 37), "DepthwiseConv2D((2, 3), padding='same', activation='sigmoid')"),
    "separable_conv1d": ((4, 2), "SeparableConv1D(3, 2)"),
    "separable_conv1d_deep": ((4, 2), "SeparableConv1D(2, 3, padding='same', depth_multiplier=2, activation='tanh')"),
    "separable_conv1d_same": ((5, 2), "SeparableConv1D(3, 2, 2, 'same', use_bias=False)"),
    "separable_conv2d": ((3, 4, 2), "SeparableConv2D(3, 2)"),
    "separable_conv2d_same": ((3, 4, 2), "SeparableConv2D(2, (3, 2), (2, 2), 'same', depth_multiplier=2, pointwise_regularizer=keras.regularizers.L1(0.1))"),
    "separable_conv2d_first": ((2, 4, 3), "SeparableConv2D(2, 2, data_format='channels_first', dilation_rate=2, activation='tanh')"),
    "conv1d_regularized": (
        (5, 2),
        "Conv1D(3, 2, groups=1, kernel_regularizer=keras.regularizers.L2(0.1), "
        "bias_regularizer=keras.regularizers.L1(0.1), activity_regularizer=keras.regularizers.L2(0.05))",
    ),
    "conv3d_regularized": (
        (2, 3, 2, 2),
        "Conv3D(2, (1, 2, 2), activation='tanh', kernel_regularizer=keras.regularizers.L2(0.1), "
        "bias_regularizer=keras.regularizers.L1(0.1), activity_regularizer=keras.regularizers.L2(0.05))",
    ),
    "conv3d_no_bias": ((3, 2, 2, 1), "Conv3D(3, 2, padding='same', use_bias=False)"),
    "conv1d_transpose_first": (
        (2, 4),
        "Conv1DTranspose(3, 3, 2, 'same', data_format='channels_first', "
        "activation='sigmoid')",
    ),
    "conv1d_transpose_regularized": (
        (3, 2),
        "Conv1DTranspose(2, 2, kernel_regularizer=keras.regularizers.L2(0.1), "
        "bias_regularizer=keras.regularizers.L1(0.1), activity_regularizer=keras.regularizers.L2(0.05))",
    ),
    "conv2d_transpose_dilated": (
        (3, 4, 2),
        "Conv2DTranspose(2, (3, 2), dilation_rate=(2, 1), padding='same', "
        "use_bias=False)",
    ),
    "conv2d_transpose_regularized": (
        (2, 3, 2),
        "Conv2DTranspose(2, 2, 2, activation='tanh', kernel_regularizer=keras.regularizers.L2(0.1), "
        "bias_regularizer=keras.regularizers.L1(0.1), activity_regularizer=keras.regularizers.L2(0.05))",
    ),
    "conv3d_transpose_dilated": (
        (3, 2, 3, 1),
        "Conv3DTranspose(2, 2, dilation_rate=(2, 1, 2), padding='same', activation='tanh', "
        "use_bias=False)",
    ),
    "conv3d_transpose_regularized": (
        (1, 2, 2, 2),
        "Conv3DTranspose(2, (1, 2, 2), kernel_regularizer=keras.regularizers.L2(0.1), "
        "bias_regularizer=keras.regularizers.L1(0.1), activity_regularizer=keras.regularizers.L2(0.05))",
    ),
    "depthwise_conv1d_regularized": (
        (4, 2),
        "DepthwiseConv1D(2, depth_multiplier=3, activation='softplus', "
        "depthwise_regularizer=keras.regularizers.L2(0.1), bias_regularizer=keras.regularizers.L1(0.1), "
        "activity_regularizer=keras.regularizers.L2(0.05))",
    ),
    "depthwise_conv2d_first": (
        (2, 4, 5),
        "DepthwiseConv2D((2, 3), depth_multiplier=2, data_format='channels_first', dilation_rate=(2, 1), "
        "use_bias=False)",
    ),
    "depthwise_conv2d_regularized": (
        (3, 3, 2),
        "DepthwiseConv2D(2, activation='tanh', bias_regularizer=keras.regularizers.L1(0.1), "
        "activity_regularizer=keras.regularizers.L2(0.05))",
    ),
    "separable_conv1d_first": (
        (2, 6),
        "SeparableConv1D(3, 2, data_format='channels_first', dilation_rate=2, "
        "padding='same')",
    ),
    "separable_conv1d_regularized": (
        (4, 2),
        "SeparableConv1D(3, 2, pointwise_regularizer=keras.regularizers.L1(0.1), "
        "depthwise_regularizer=keras.regularizers.L2(0.1), bias_regularizer=keras.regularizers.L1(0.1), "
        "activity_regularizer=keras.regularizers.L2(0.05))",
    ),
    "separable_conv2d_no_bias": (
        (3, 3, 2),
        "SeparableConv2D(3, 2, padding='same', activation='sigmoid', "
        "use_bias=False)",
    ),
    "separable_conv2d_regularized": (
        (2, 3, 2),
        "SeparableConv2D(2, 2, depthwise_regularizer=keras.regularizers.L2(0.1), "
        "bias_regularizer=keras.regularizers.L1(0.1), activity_regularizer=keras.regularizers.L2(0.05))",
    ),
}

POOLS = {
    "max_pooling1d": ((5, 2), "MaxPooling1D()"),
    "max_pooling1d_same": ((6, 2), "MaxPooling1D(3, 2, 'same')"),
    "max_pooling1d_first": ((2, 4), "MaxPooling1D(2, strides=1, data_format='channels_first')"),
    "max_pooling2d": ((5, 4, 3), "MaxPooling2D()"),
    "max_pooling2d_same": ((4, 5, 2), "MaxPooling2D((3, 2), strides=(2, 1), padding='same')"),
    "max_pooling2d_first": ((2, 5, 6), "MaxPooling2D(2, 3, data_format='channels_first')"),
    "max_pooling2d_wide": ((2, 3, 37), "MaxPooling2D((1, 2))"),
    "max_pooling3d": ((2, 5, 4, 2), "MaxPooling3D()"),
    "max_pooling3d_same": ((3, 2, 4, 1), "MaxPooling3D((1, 2, 3), strides=(2, 1, 2), padding='same')"),
    "max_pooling3d_first": ((2, 3, 2, 3), "MaxPooling3D(2, 1, data_format='channels_first')"),
    "average_pooling1d": ((5, 2), "AveragePooling1D(2)"),
    "average_pooling1d_same": ((6, 2), "AveragePooling1D(3, 2, 'same')"),
    "average_pooling1d_first": ((2, 4), "AveragePooling1D(2, strides=1, data_format='channels_first')"),
    "average_pooling2d": ((5, 4, 3), "AveragePooling2D(2)"),
    "average_pooling2d_same": ((4, 5, 2), "AveragePooling2D((3, 2), strides=(2, 1), padding='same')"),
    "average_pooling2d_first": ((2, 5, 6), "AveragePooling2D(2, 3, data_format='channels_first')"),
    "average_pooling2d_wide": ((2, 3, 37), "AveragePooling2D((1, 2))"),
    "average_pooling3d": ((2, 5, 4, 2), "AveragePooling3D(2)"),
    "average_pooling3d_same": ((3, 2, 4, 1), "AveragePooling3D((1, 2, 3), strides=(2, 1, 2), padding='same')"),
    "average_pooling3d_first": ((2, 3, 2, 3), "AveragePooling3D(2, 1, data_format='channels_first')"),
    "global_max_pooling1d": ((3, 2), "GlobalMaxPooling1D()"),
    "global_max_pooling1d_kept": ((3, 2), "GlobalMaxPooling1D(keepdims=True)"),
    "global_max_pooling1d_first": ((3, 2), "GlobalMaxPooling1D('channels_first', True)"),
    "adaptive_max_pooling1d": ((7, 2), "AdaptiveMaxPooling1D(3)"),
    "adaptive_max_pooling1d_one": ((7, 2), "AdaptiveMaxPooling1D(1)"),
    "adaptive_max_pooling1d_first": ((2, 5), "AdaptiveMaxPooling1D(2, data_format='channels_first')"),
    "global_average_pooling1d": ((3, 2), "GlobalAveragePooling1D()"),
    "global_average_pooling1d_kept": ((3, 2), "GlobalAveragePooling1D(keepdims=True)"),
    "global_average_pooling1d_first": ((3, 2), "GlobalAveragePooling1D('channels_first', True)"),
    "adaptive_average_pooling1d": ((7, 2), "AdaptiveAveragePooling1D(3)"),
    "adaptive_average_pooling1d_one": ((7, 2), "AdaptiveAveragePooling1D(1)"),
    "adaptive_average_pooling1d_first": ((2, 5), "AdaptiveAveragePooling1D(2, data_format='channels_first')"),
    "global_max_pooling2d": ((3, 2, 3), "GlobalMaxPooling2D()"),
    "global_max_pooling2d_kept": ((3, 2, 3), "GlobalMaxPooling2D(keepdims=True)"),
    "global_max_pooling2d_first": ((3, 2, 3), "GlobalMaxPooling2D('channels_first', True)"),
    "adaptive_max_pooling2d": ((5, 7, 2), "AdaptiveMaxPooling2D((3, 4))"),
    "adaptive_max_pooling2d_one": ((5, 7, 2), "AdaptiveMaxPooling2D(1)"),
    "adaptive_max_pooling2d_first": ((2, 5, 4), "AdaptiveMaxPooling2D(2, data_format='channels_first')"),
    "global_average_pooling2d": ((3, 2, 3), "GlobalAveragePooling2D()"),
    "global_average_pooling2d_kept": ((3, 2, 3), "GlobalAveragePooling2D(keepdims=True)"),
    "global_average_pooling2d_first": ((3, 2, 3), "GlobalAveragePooling2D('channels_first', True)"),
    "adaptive_average_pooling2d": ((5, 7, 2), "AdaptiveAveragePooling2D((3, 4))"),
    "adaptive_average_pooling2d_one": ((5, 7, 2), "AdaptiveAveragePooling2D(1)"),
    "adaptive_average_pooling2d_first": ((2, 5, 4), "AdaptiveAveragePooling2D(2, data_format='channels_first')"),
    "global_max_pooling3d": ((2, 2, 3, 2), "GlobalMaxPooling3D()"),
    "global_max_pooling3d_kept": ((2, 2, 3, 2), "GlobalMaxPooling3D(keepdims=True)"),
    "global_max_pooling3d_first": ((2, 2, 3, 2), "GlobalMaxPooling3D('channels_first', True)"),
    "adaptive_max_pooling3d": ((3, 5, 4, 1), "AdaptiveMaxPooling3D((2, 3, 3))"),
    "adaptive_max_pooling3d_one": ((3, 5, 4, 1), "AdaptiveMaxPooling3D(1)"),
    "adaptive_max_pooling3d_first": ((1, 3, 4, 5), "AdaptiveMaxPooling3D(2, data_format='channels_first')"),
    "global_average_pooling3d": ((2, 2, 3, 2), "GlobalAveragePooling3D()"),
    "global_average_pooling3d_kept": ((2, 2, 3, 2), "GlobalAveragePooling3D(keepdims=True)"),
    "global_average_pooling3d_first": ((2, 2, 3, 2), "GlobalAveragePooling3D('channels_first', True)"),
    "adaptive_average_pooling3d": ((3, 5, 4, 1), "AdaptiveAveragePooling3D((2, 3, 3))"),
    "adaptive_average_pooling3d_one": ((3, 5, 4, 1), "AdaptiveAveragePooling3D(1)"),
    "adaptive_average_pooling3d_first": ((1, 3, 4, 5), "AdaptiveAveragePooling3D(2, data_format='channels_first')"),
}


def relus(model):
    """A function of the inputs that gives the smallest |pre-activation| in front of a relu of the model's layer."""
    layer = model.layers[-1]
    if getattr(getattr(layer, "activation", None), "__name__", "") != "relu":
        return relu_probe(model)

    def margin(inputs):
        activation, layer.activation = layer.activation, lambda x: x
        smallest = np.abs(np.array(layer(inputs[0]))).min()
        layer.activation = activation
        return smallest

    return margin


def case(name, code, batch, shape, distinct=False):
    for random in attempts(name):
        model = run_code(code)["model"]
        randomize(model, random)
        x = random.normal((batch, *shape))
        if distinct:
            x = (random.state.permutation(x.size).reshape(x.shape) - x.size // 2) / 64
            x = x.astype("float64")
        elif relus(model)([x]) < MARGIN:
            continue
        dy = random.normal((batch, *model.output_shape[1:]))
        return evaluate(code, model, [x], [dy], None)


def write(out):
    cases = {}
    for key, (shape, layer) in CONVOLUTIONS.items():
        name = f"{key}_b2"
        cases[name] = case(name, sequential(shape, f"keras.layers.{layer}"), 2, shape)
    code = (
        "x = keras.Input((4, 4, 2)); c = keras.layers.Conv2D(2, 3, padding='same', activation='tanh'); "
        "model = keras.Model(x, c(c(x)))"
    )
    cases["conv2d_shared_b2"] = case("conv2d_shared_b2", code, 2, (4, 4, 2))
    for key, (shape, layer) in POOLS.items():
        name = f"{key}_b2"
        cases[name] = case(name, sequential(shape, f"keras.layers.{layer}"), 2, shape, distinct=True)
    # A relu in front of a pool.
    pool = "keras.layers.MaxPooling2D(2)"
    code = sequential((5, 4, 2), "keras.layers.ReLU()", pool)
    cases["relu_pooled_b2"] = case("relu_pooled_b2", code, 2, (5, 4, 2), distinct=True)
    code = sequential((6, 5, 2), "keras.layers.Conv2D(3, 2, activation='relu')", pool)
    cases["conv2d_relu_pooled_b2"] = case("conv2d_relu_pooled_b2", code, 2, (6, 5, 2))
    write_cases(out / "convolution.json", cases)
