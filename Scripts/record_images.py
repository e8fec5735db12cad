"""Writes Tests/Fixtures/images.safetensors: small image files, and the pixels that Pillow 13 gives for them.

  python Scripts/record_images.py        (needs Pillow, numpy and safetensors)

Files are under `file/NAME`; what `convert("RGB")` and `convert("L")` give, upright, under `rgb/NAME` and `grey/NAME`
(H×W×C and H×W). Under `resize/NAME` are results of `resize` on the images `resize/input-…`: NAME is
input-filter-height×width, with the box's left, upper, right, lower edges behind it where it is not the whole image.
"""
import io
import os

import numpy as np
from PIL import Image, ImageOps
from safetensors.numpy import save_file

rng = np.random.default_rng(0)
tensors = {}


def picture(width, height):
    """Smooth colours with noise: a photograph's mixture."""
    small = rng.uniform(0, 255, (5, 4, 3)).astype(np.uint8)
    smooth = np.asarray(Image.fromarray(small).resize((width, height), Image.BICUBIC), np.float32)
    return Image.fromarray((smooth + rng.normal(0, 12, (height, width, 3))).clip(0, 255).astype(np.uint8))


def record(name, data):
    tensors[f"file/{name}"] = np.frombuffer(data, np.uint8)
    with Image.open(io.BytesIO(data)) as image:
        upright = ImageOps.exif_transpose(image)
        tensors[f"rgb/{name}"] = np.asarray(upright.convert("RGB")).copy()
        tensors[f"grey/{name}"] = np.asarray(upright.convert("L")).copy()


def encoded(image, format, **options):
    buffer = io.BytesIO()
    image.save(buffer, format, **options)
    return buffer.getvalue()


def jpegs():
    image = picture(37, 29)
    for subsampling in ("4:4:4", "4:2:2", "4:2:0"):
        name = subsampling.replace(":", "")
        record(f"{name}.jpg", encoded(image, "JPEG", quality=88, subsampling=subsampling))
    record("progressive.jpg", encoded(image, "JPEG", quality=88, progressive=True))
    record("grey.jpg", encoded(image.convert("L"), "JPEG", quality=88))
    inks = encoded(image.convert("CMYK"), "JPEG", quality=88)
    record("cmyk.jpg", inks)
    # Adobe's marker with another colour transform: the same components, read as YCCK.
    marker = inks.index(b"Adobe")
    record("ycck.jpg", inks[:marker + 11] + b"\x02" + inks[marker + 12:])
    record("restart.jpg", encoded(image, "JPEG", quality=88, restart_marker_blocks=2))
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[0x0112] = orientation
        record(f"orientation-{orientation}.jpg", encoded(image.resize((13, 9)), "JPEG", quality=88, exif=exif))


def pngs():
    image = picture(11, 7)
    record("rgb.png", encoded(image, "PNG"))
    record("grey.png", encoded(image.convert("L"), "PNG"))
    record("palette.png", encoded(image.quantize(7), "PNG"))
    exif = Image.Exif()
    exif[0x0112] = 6
    record("turned.png", encoded(image, "PNG", exif=exif))
    # A gamma of 1, which Pillow leaves aside; zlib's CRC-32 is that of PNG's chunks.
    import zlib
    data = encoded(image, "PNG")
    chunk = b"gAMA" + (100000).to_bytes(4, "big")
    record("gamma.png", data[:33] + (4).to_bytes(4, "big") + chunk + zlib.crc32(chunk).to_bytes(4, "big") + data[33:])


def resizes():
    def record_resize(image, name, height, width, box=None):
        for filter_name, method in (("bilinear", Image.BILINEAR), ("bicubic", Image.BICUBIC)):
            result = image.resize((width, height), method, box=box)
            edges = "".join(f"-{edge}" for edge in box or ())
            tensors[f"resize/{name}-{filter_name}-{height}×{width}{edges}"] = np.asarray(result).copy()

    image = picture(31, 23)
    tensors["resize/input-colour"] = np.asarray(image).copy()
    # Pillow 13 changes the width first for these…
    for height, width in ((8, 8), (23, 31), (64, 5), (1, 1), (100, 90), (13, 26), (24, 70)):
        record_resize(image, "colour", height, width)
    for box in ((3, 2, 14, 21), (0.5, 1.25, 16.5, 22.75)):
        record_resize(image, "colour", 12, 9, box)
    # …and the height first for these: it loses more than twice as many pixels as the width does.
    for height, width in ((12, 26), (11, 62), (22, 40)):
        record_resize(image, "colour", height, width)
    record_resize(image, "colour", 12, 27, (2.5, 0, 9.3, 22.9))
    portrait = picture(13, 61)
    tensors["resize/input-portrait"] = np.asarray(portrait).copy()
    for height, width in ((8, 8), (30, 6), (40, 20), (1, 1)):
        record_resize(portrait, "portrait", height, width)
    for box in ((2, 30, 12, 50), (0.1, 7.7, 12.3, 55.9)):
        record_resize(portrait, "portrait", 12, 9, box)


if __name__ == "__main__":
    jpegs()
    pngs()
    resizes()
    path = os.path.join(os.path.dirname(__file__), "../Tests/Fixtures/images.safetensors")
    save_file(tensors, path)
    print(f"{len(tensors)} tensors, {os.path.getsize(path)} bytes")
