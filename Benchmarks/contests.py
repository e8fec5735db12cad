"""The sections of the report in which ours and theirs take turns: what competes with what."""

from contest import Contest, Contestant
from processes import BUILD, Failure, benchmark, output, peer
from report import memory_table, paragraph, speed_table

IMAGENET = ["alexnet", "googlenet", "resnet18", "resnet50", "vgg16"]
BF16 = ["--precision", "bf16"]


def training(settings):
    batch = settings.batch(16)
    contests = [
        Contest(
            network, batch, ours(network, "train", batch, settings), pytorch_layouts(network, batch, settings)
        ).hold(settings.rounds)
        for network in IMAGENET
    ]
    introduction = paragraph(f"""
        Batch {batch}, images of 3×224×224, fp32: forward, cross-entropy, backward, SGD with momentum. GoogLeNet trains
        with its auxiliary classifiers on both sides. PyTorch trains torchvision's models in both layouts.""")
    memory = "The most memory that these processes had, beside the rival's in the layout that needs less:"
    return "\n\n".join([introduction, speed_table(contests), memory, memory_table(contests)])


def training_bf16(settings):
    batch = settings.batch(16)
    contests = [
        Contest(
            network, batch, ours(network, "train", batch, settings, *BF16),
            [pytorch_channels_last(network, batch, settings, *BF16)]
        ).hold(settings.rounds)
        for network in IMAGENET if network != "googlenet"
    ]
    introduction = f"Batch {batch}, images of 3×224×224. PyTorch computes in bf16 by autocast, channels last."
    return f"{introduction}\n\n{speed_table(contests)}"


def training_small(settings):
    batch = settings.batch(64)
    contests = [
        Contest(
            network, batch, ours(network, "train", batch, settings, "--input", "1x28x28"),
            pytorch_layouts(network, batch, settings)
        ).hold(settings.rounds)
        for network in ("lenet5", "convnet4", "resnet20")
    ]
    introduction = f"Batch {batch}, images of 1×28×28, fp32. PyTorch trains in both layouts."
    return f"{introduction}\n\n{speed_table(contests)}"


def inference(settings):
    contests = inference_contests(settings, {"ONNX Runtime": "onnxruntime", "OpenVINO": "openvino"})
    introduction = (f"Batch {settings.batch(16)}, images of 3×224×224. The rivals read torchvision's models from ONNX "
                    "files.")
    return f"{introduction}\n\n{speed_table(contests)}"


def inference_bf16(settings):
    contests = inference_contests(settings, {"OpenVINO": "openvino"}, *BF16)
    introduction = (f"Batch {settings.batch(16)}, images of 3×224×224. ONNX Runtime does not compute in bf16 on "
                    "processors.")
    return f"{introduction}\n\n{speed_table(contests)}"


def inference_contests(settings, rivals, *options):
    return [
        inference_contest(network, settings.batch(16), settings, rivals, *options).hold(settings.rounds)
        for network in IMAGENET
    ]


def ours(network, mode, batch, settings, *options):
    return Contestant("convnet", benchmark(network, mode, batch, settings, *options))


def pytorch_layouts(network, batch, settings):
    default = Contestant("PyTorch", peer("training.py", network, *settings.arguments(batch)))
    return [default, pytorch_channels_last(network, batch, settings)]


def pytorch_channels_last(network, batch, settings, *options):
    command = peer("training.py", network, *settings.arguments(batch), "--channels-last", *options)
    return Contestant("PyTorch, channels last", command)


def inference_contest(network, batch, settings, rivals, *options):
    """A contest with rivals that read ONNX files: their modules, by what they are called."""
    file = BUILD / "benchmark" / f"{network}-{batch}.onnx"
    contest = Contest(network, batch, ours(network, "infer", batch, settings, *options), [
        Contestant(name, peer("inference.py", module, file, *settings.arguments(batch), *options))
        for name, module in rivals.items()
    ])
    try:
        export(network, batch, file)
    except Failure as failure:
        contest.withdraw(f"export to ONNX: {failure}")
    return contest


def export(network, batch, file):
    """Writes the file, unless a run before has."""
    if file.exists():
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_suffix(".unfinished")
    output(peer("onnx_export.py", network, "--batch", batch, "--out", unfinished))
    unfinished.rename(file)
