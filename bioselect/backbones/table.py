"""The networks of `keras.applications` as rows of one table, and what their `params` may say.

Nothing is imported to read it: `check`, `components` and a configuration need the parameters, the
sizes and the costs of a network, never the network. A new network is one row and gets every test.

Operations count a multiply-add as two, in all convolutions and dense layers below the classifying
top, for an image of the row's input size; `bioselect.backbones.counting` counts them, and the
numbers here are its answers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from bioselect.backbones.engines import AUTO, F32, PRECISIONS, RUNTIMES
from bioselect.backbones.row import BackboneRow, Width
from bioselect.registry import Parameter

POOLINGS = ("avg", "max", "avg+max", "flatten")

#: Pixels a side; more is a typing error that would take all memory.
LARGEST_INPUT = 4096

_DOWNLOADS = "https://storage.googleapis.com/tensorflow/keras-applications/"
_KERNELS = "_weights_tf_dim_ordering_tf_kernels_notop.h5"


@dataclass(frozen=True)
class _Family:
    """What the networks of one publication share."""

    preprocessing: str
    downloads: str
    reference: str
    min_size: int = 32
    weights_sizes: tuple[int, ...] = ()


def _row(
    family: _Family,
    name: str,
    constructor: str,
    side: int,
    weights_file: str,
    *widths: Width,
    remote_file: str = "",
) -> BackboneRow:
    return BackboneRow(
        name=name,
        constructor=f"keras.applications:{constructor}",
        preprocessing=family.preprocessing,
        input_size=(side, side),
        min_size=family.min_size,
        widths=widths,
        weights_file=weights_file,
        weights_address=family.downloads + (remote_file or weights_file),
        reference=family.reference,
        weights_sizes=family.weights_sizes,
    )


_VGG16 = _Family("caffe", _DOWNLOADS + "vgg16/", "Simonyan and Zisserman 2015, arXiv:1409.1556")
_VGG19 = _Family("caffe", _DOWNLOADS + "vgg19/", "Simonyan and Zisserman 2015, arXiv:1409.1556")
_RESNET = _Family("caffe", _DOWNLOADS + "resnet/", "He et al. 2016, arXiv:1512.03385")
_RESNET_V2 = _Family("tf", _DOWNLOADS + "resnet/", "He et al. 2016, arXiv:1603.05027")
_INCEPTION = _Family(
    "tf", _DOWNLOADS + "inception_v3/", "Szegedy et al. 2016, arXiv:1512.00567", min_size=75
)
_INCEPTION_RESNET = _Family(
    "tf", _DOWNLOADS + "inception_resnet_v2/", "Szegedy et al. 2017, arXiv:1602.07261", min_size=75
)
_XCEPTION = _Family("tf", _DOWNLOADS + "xception/", "Chollet 2017, arXiv:1610.02357", min_size=71)
_DENSENET = _Family("torch", _DOWNLOADS + "densenet/", "Huang et al. 2017, arXiv:1608.06993")
_MOBILENET = _Family(
    "tf",
    _DOWNLOADS + "mobilenet/",
    "Howard et al. 2017, arXiv:1704.04861",
    weights_sizes=(128, 160, 192, 224),
)
_MOBILENET_V2 = _Family(
    "tf",
    _DOWNLOADS + "mobilenet_v2/",
    "Sandler et al. 2018, arXiv:1801.04381",
    weights_sizes=(96, 128, 160, 192, 224),
)
_MOBILENET_V3 = _Family(
    "none", _DOWNLOADS + "mobilenet_v3/", "Howard et al. 2019, arXiv:1905.02244"
)
_EFFICIENTNET = _Family(
    "none",
    "https://storage.googleapis.com/keras-applications/",
    "Tan and Le 2019, arXiv:1905.11946",
)
_EFFICIENTNET_V2 = _Family(
    "none", _DOWNLOADS + "efficientnet_v2/", "Tan and Le 2021, arXiv:2104.00298"
)
_NASNET = _Family("tf", _DOWNLOADS + "nasnet/", "Zoph et al. 2018, arXiv:1707.07012")
_CONVNEXT = _Family("none", _DOWNLOADS + "convnext/", "Liu et al. 2022, arXiv:2201.03545")

# Of each width: alpha, features, parameters, operations, values of the largest operation, checksum.
# fmt: off
_ALL = (
    _row(_VGG16, "vgg16", "VGG16", 224, "vgg16" + _KERNELS,
         Width(1.0, 512, 14_714_688, 30_693_261_312, 6_422_592,
               "6d6bbae143d832006294945121d1f1fc")),
    _row(_VGG19, "vgg19", "VGG19", 224, "vgg19" + _KERNELS,
         Width(1.0, 512, 20_024_384, 39_016_857_600, 6_422_592,
               "253f8cb515780f3b799900260a226db6")),
    _row(_RESNET, "resnet50", "ResNet50", 224, "resnet50" + _KERNELS,
         Width(1.0, 2048, 23_587_712, 7_711_850_496, 2_408_448,
               "4d473c1dd8becc155b73f8504c6f6626")),
    _row(_RESNET, "resnet101", "ResNet101", 224, "resnet101" + _KERNELS,
         Width(1.0, 2048, 42_658_176, 15_136_292_864, 2_408_448,
               "88cf7a10940856eca736dc7b7e228a21")),
    _row(_RESNET, "resnet152", "ResNet152", 224, "resnet152" + _KERNELS,
         Width(1.0, 2048, 58_370_944, 22_560_735_232, 2_408_448,
               "ee4c566cf9a93f14d82f913c2dc6dd0c")),
    _row(_RESNET_V2, "resnet50_v2", "ResNet50V2", 224, "resnet50v2" + _KERNELS,
         Width(1.0, 2048, 23_564_800, 6_960_414_720, 2_408_448,
               "fac2f116257151a9d068a22e544a4917")),
    _row(_RESNET_V2, "resnet101_v2", "ResNet101V2", 224, "resnet101v2" + _KERNELS,
         Width(1.0, 2048, 42_626_560, 14_384_857_088, 2_408_448,
               "c0ed64b8031c3730f411d2eb4eea35b5")),
    _row(_RESNET_V2, "resnet152_v2", "ResNet152V2", 224, "resnet152v2" + _KERNELS,
         Width(1.0, 2048, 58_331_648, 21_809_299_456, 2_408_448,
               "ed17cf2e0169df9d443503ef94b23b33")),
    _row(_INCEPTION, "inception_v3", "InceptionV3", 299, "inception_v3" + _KERNELS,
         Width(1.0, 2048, 21_802_784, 11_422_336_192, 2_766_016,
               "bcbd6486424b2319ff4ef7d526e38f63")),
    _row(_INCEPTION_RESNET, "inception_resnet_v2", "InceptionResNetV2", 299,
         "inception_resnet_v2" + _KERNELS,
         Width(1.0, 1536, 54_336_736, 26_308_516_032, 2_766_016,
               "d19885ff4a710c122648d3b5c3b684e4")),
    _row(_XCEPTION, "xception", "Xception", 299, "xception" + _KERNELS,
         Width(1.0, 2048, 20_861_480, 16_710_710_992, 5_532_032,
               "b0042744bf5b25fce3cb969f33bebb97")),
    _row(_DENSENET, "densenet121", "DenseNet121", 224, "densenet121" + _KERNELS,
         Width(1.0, 1024, 7_037_504, 5_666_275_328, 1_634_560, "30ee3e1110167f948a6b9946edeeb738")),
    _row(_DENSENET, "densenet169", "DenseNet169", 224, "densenet169" + _KERNELS,
         Width(1.0, 1664, 12_642_880, 6_716_358_656, 1_634_560,
               "b8c4d4c20dd625c148057b9ff1c1176b")),
    _row(_DENSENET, "densenet201", "DenseNet201", 224, "densenet201" + _KERNELS,
         Width(1.0, 1920, 18_321_984, 8_578_891_776, 1_634_560,
               "c13680b51ded0fb44dff2d8f86ac8bb1")),
    _row(_MOBILENET, "mobilenet", "MobileNet", 224, "mobilenet_{alpha}_{size}_tf_no_top.h5",
         Width(0.25, 256, 218_544, 81_548_544, 405_008, alpha_text="2_5"),
         Width(0.5, 512, 829_536, 297_970_176, 810_016, alpha_text="5_0"),
         Width(0.75, 768, 1_832_976, 649_264_896, 1_215_024, alpha_text="7_5"),
         Width(1.0, 1024, 3_228_864, 1_135_432_704, 1_620_032, alpha_text="1_0")),
    _row(_MOBILENET_V2, "mobilenet_v2", "MobileNetV2", 224,
         "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_{alpha}_{size}_no_top.h5",
         Width(0.35, 1280, 410_208, 116_011_616, 1_215_024),
         Width(0.5, 1280, 706_224, 191_703_680, 1_215_024),
         Width(0.75, 1280, 1_382_064, 415_579_584, 2_430_048),
         Width(1.0, 1280, 2_257_984, 598_988_544, 2_430_048),
         Width(1.3, 1664, 3_766_048, 1_015_421_120, 3_645_072),
         Width(1.4, 1792, 4_363_712, 1_160_807_648, 3_645_072)),
    _row(_MOBILENET_V3, "mobilenet_v3_small", "MobileNetV3Small", 224,
         "weights_mobilenet_v3_small_224_{alpha}_float_no_top_v2.h5",
         Width(0.75, 432, 583_160, 83_865_952, 602_112, "ebdb5cc8e0b497cd13a7c275d475c819"),
         Width(1.0, 576, 939_120, 109_793_152, 602_112, "d3e8ec802a04aa4fc771ee12a9a9b836")),
    _row(_MOBILENET_V3, "mobilenet_v3_large", "MobileNetV3Large", 224,
         "weights_mobilenet_v3_large_224_{alpha}_float_no_top_v2.h5",
         Width(0.75, 720, 1_808_736, 304_718_048, 1_620_032, "40af19a13ebea4e2ee0c676887f69a2e"),
         Width(1.0, 960, 2_996_352, 428_161_920, 1_620_032, "07fb09a5933dd0c8eaafa16978110389")),
    _row(_EFFICIENTNET, "efficientnet_b0", "EfficientNetB0", 224, "efficientnetb0_notop.h5",
         Width(1.0, 1280, 4_049_570, 769_069_504, 3_612_672, "50bc09e76180e00e4465e1a485ddc09d")),
    _row(_EFFICIENTNET, "efficientnet_b1", "EfficientNetB1", 240, "efficientnetb1_notop.h5",
         Width(1.0, 1280, 6_575_238, 1_371_045_664, 4_147_200, "74c4e6b3e1f6a1eea24c589628592432")),
    _row(_EFFICIENTNET, "efficientnet_b2", "EfficientNetB2", 260, "efficientnetb2_notop.h5",
         Width(1.0, 1408, 7_768_568, 1_984_307_744, 4_867_200, "111f8e2ac8aa800a7a99e3239f7bfb39")),
    _row(_EFFICIENTNET, "efficientnet_b3", "EfficientNetB3", 300, "efficientnetb3_notop.h5",
         Width(1.0, 1536, 10_783_534, 3_651_210_784, 9_720_000,
               "af6d107764bb5b1abb91932881670226")),
    _row(_EFFICIENTNET, "efficientnet_b4", "EfficientNetB4", 380, "efficientnetb4_notop.h5",
         Width(1.0, 1792, 17_673_822, 8_783_958_048, 15_595_200,
               "ebc24e6d6c33eaebbd558eafbeedf1ba")),
    _row(_EFFICIENTNET, "efficientnet_b5", "EfficientNetB5", 456, "efficientnetb5_notop.h5",
         Width(1.0, 2048, 28_513_526, 20_528_673_504, 22_457_088,
               "38879255a25d3c92d5e44e04ae6cec6f")),
    _row(_EFFICIENTNET, "efficientnet_b6", "EfficientNetB6", 528, "efficientnetb6_notop.h5",
         Width(1.0, 2304, 40_960_142, 38_130_579_072, 40_144_896,
               "9ecce42647a20130c1f39a5d4cb75743")),
    _row(_EFFICIENTNET, "efficientnet_b7", "EfficientNetB7", 600, "efficientnetb7_notop.h5",
         Width(1.0, 2560, 64_097_686, 75_486_648_384, 51_840_000,
               "cbcfe4450ddf6f3ad90b1b398090fe4a")),
    _row(_EFFICIENTNET_V2, "efficientnet_v2_b0", "EfficientNetV2B0", 224,
         "efficientnetv2-b0_notop.h5",
         Width(1.0, 1280, 5_919_312, 1_433_612_352, 1_204_224, "893217f2bb855e2983157299931e43ff")),
    _row(_EFFICIENTNET_V2, "efficientnet_v2_b1", "EfficientNetV2B1", 240,
         "efficientnetv2-b1_notop.h5",
         Width(1.0, 1280, 6_931_124, 2_391_078_720, 1_382_400, "0e80663031ca32d657f9caa404b6ec37")),
    _row(_EFFICIENTNET_V2, "efficientnet_v2_b2", "EfficientNetV2B2", 260,
         "efficientnetv2-b2_notop.h5",
         Width(1.0, 1408, 8_769_374, 3_392_269_664, 1_622_400, "1dfe2e7a5d45b6632553a8961ea609eb")),
    _row(_EFFICIENTNET_V2, "efficientnet_v2_b3", "EfficientNetV2B3", 300,
         "efficientnetv2-b3_notop.h5",
         Width(1.0, 1536, 12_930_622, 6_019_845_632, 2_700_000,
               "f6abf7b5849ac99a89b50dd3fd532856")),
    _row(_EFFICIENTNET_V2, "efficientnet_v2_s", "EfficientNetV2S", 384, "efficientnetv2-s_notop.h5",
         Width(1.0, 1280, 20_331_360, 16_728_674_304, 5_308_416,
               "af0682fb74e8c54910f2d4393339c070")),
    _row(_EFFICIENTNET_V2, "efficientnet_v2_m", "EfficientNetV2M", 480, "efficientnetv2-m_notop.h5",
         Width(1.0, 1280, 53_150_388, 49_162_360_768, 8_294_400,
               "1b8dc055df72dde80d614482840fe342")),
    _row(_EFFICIENTNET_V2, "efficientnet_v2_l", "EfficientNetV2L", 480, "efficientnetv2-l_notop.h5",
         Width(1.0, 1280, 117_746_848, 112_156_838_016, 11_059_200,
               "b0b66b5c863aef5b46e8608fe1711615")),
    _row(_NASNET, "nasnet_mobile", "NASNetMobile", 224, "nasnet_mobile_no_top.h5",
         Width(1.0, 1056, 4_269_716, 1_125_165_632, 832_320, "1ed92395b5b598bdda52abe5c0dbfd63"),
         remote_file="NASNet-mobile-no-top.h5"),
    _row(_NASNET, "nasnet_large", "NASNetLarge", 331, "nasnet_large_no_top.h5",
         Width(1.0, 4032, 84_916_818, 47_558_765_316, 5_420_736,
               "d81d89dc07e6e56530c4e77faddd61b5"),
         remote_file="NASNet-large-no-top.h5"),
    _row(_CONVNEXT, "convnext_tiny", "ConvNeXtTiny", 224, "convnext_tiny_notop.h5",
         Width(1.0, 768, 27_820_128, 8_909_526_528, 3_612_672,
               "d547c096cabd03329d7be5562c5e14798aa39ed24b474157cef5e85ab9e49ef1")),
    _row(_CONVNEXT, "convnext_small", "ConvNeXtSmall", 224, "convnext_small_notop.h5",
         Width(1.0, 768, 49_454_688, 17_365_888_512, 3_612_672,
               "6fc8009faa2f00c1c1dfce59feea9b0745eb260a7dd11bee65c8e20843da6eab")),
    _row(_CONVNEXT, "convnext_base", "ConvNeXtBase", 224, "convnext_base_notop.h5",
         Width(1.0, 1024, 87_566_464, 30_707_410_944, 4_816_896,
               "40a20c5548a5e9202f69735ecc06c990e6b7c9d2de39f0361e27baeb24cb7c45")),
    _row(_CONVNEXT, "convnext_large", "ConvNeXtLarge", 224, "convnext_large_notop.h5",
         Width(1.0, 1536, 196_230_336, 68_719_795_200, 7_225_344,
               "96f02b6f0753d4f543261bc9d09bed650f24dd6bc02ddde3066135b63d23a1cd")),
    _row(_CONVNEXT, "convnext_xlarge", "ConvNeXtXLarge", 224, "convnext_xlarge_notop.h5",
         Width(1.0, 2048, 348_147_968, 121_837_965_312, 9_633_792,
               "de3f8a54174130e0cecdc71583354753d557fcf1f4487331558e2a16ba0cfe05")),
)
# fmt: on

ROWS: Mapping[str, BackboneRow] = MappingProxyType({row.name: row for row in _ALL})


def parameters_of(row: BackboneRow) -> tuple[Parameter, ...]:
    """Return what can be written in the `params` of a network.

    Examples
    --------
    >>> [parameter.name for parameter in parameters_of(ROWS["resnet50"])]
    ['weights', 'layer', 'pooling', 'input_size', 'runtime', 'precision']
    >>> parameters_of(ROWS["mobilenet_v2"])[-1].choices
    (0.35, 0.5, 0.75, 1.0, 1.3, 1.4)
    """
    parameters = (
        Parameter(
            "weights",
            "imagenet",
            ("str",),
            summary="imagenet, none (random, always the same), or a Keras weights file (.h5)",
        ),
        *reading_parameters(),
        Parameter(
            "input_size",
            row.input_size[0],
            ("int", "list", "null"),
            minimum=row.min_size,
            maximum=LARGEST_INPUT,
            summary="what images are resized to: one number or [height, width], in pixels",
        ),
        *engine_parameters(),
    )
    if not row.has_alpha:
        return parameters
    width = Parameter("alpha", 1.0, choices=row.alphas, summary="how wide the network is")
    return (*parameters, width)


def reading_parameters() -> tuple[Parameter, ...]:
    """Return the parameters that say where in a network features are read."""
    return (
        Parameter(
            "layer",
            None,
            ("str", "null"),
            summary="the layer whose output is used; null is the last one",
        ),
        Parameter(
            "pooling",
            "avg",
            choices=POOLINGS,
            summary="how the layer's map becomes one row",
        ),
    )


def engine_parameters() -> tuple[Parameter, ...]:
    """Return the parameters that say what computes a network."""
    return (
        Parameter(
            "runtime",
            AUTO,
            choices=RUNTIMES,
            summary="what computes it; auto is openvino, or keras on a graphics processor",
        ),
        Parameter(
            "precision",
            F32,
            choices=PRECISIONS,
            summary="bf16 is faster and coarser, for openvino on processors that have it",
        ),
    )
