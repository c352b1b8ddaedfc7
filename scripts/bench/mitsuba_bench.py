"""Renders a benchmark scene with Mitsuba 3 at two sample counts and prints the processor time of each.

Usage: mitsuba_bench.py SCENE.glb OUT.exr --variant llvm_ad_rgb|scalar_rgb --low N --high N --edge PX --depth N --seed N
"""

import argparse
import tempfile
from pathlib import Path

import numpy as np

import clock
import glb


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scene")
    parser.add_argument("picture")
    parser.add_argument("--variant", required=True)
    for name in ("low", "high", "edge", "depth", "seed"):
        parser.add_argument(f"--{name}", type=int, required=True)
    args = parser.parse_args()

    import mitsuba as mi

    mi.set_variant(args.variant)
    source = glb.read(args.scene)
    with tempfile.TemporaryDirectory() as folder:
        scene = mi.load_dict(scene_dict(mi, source, args, Path(folder)))

    def render(spp: int, seed: int):
        image = mi.render(scene, spp=spp, seed=seed)
        if args.variant.startswith("llvm"):
            # Rendering is only recorded until someone asks for the pixels.
            import drjit as dr

            dr.eval(image)
            dr.sync_thread()
        return image

    picture = None

    def high() -> None:
        nonlocal picture
        picture = render(args.high, args.seed)

    # Kernels are compiled for each sample count; the warm-up takes that out of the figures.
    if args.variant.startswith("llvm"):
        render(args.low, args.seed + 1000)
        render(args.high, args.seed + 1000)
    low_time = clock.timed(lambda: render(args.low, args.seed + 2000))
    high_time = clock.timed(high)

    pixels = np.array(picture, dtype=np.float32).reshape(args.edge, args.edge, 3)
    mi.Bitmap(pixels).write(args.picture)
    clock.report({"version": mi.__version__, "triangles": source.triangles, "low": low_time, "high": high_time})


def scene_dict(mi, source: glb.Scene, args: argparse.Namespace, folder: Path) -> dict:
    # glTF's cameras look along −Z, Mitsuba's along +Z.
    to_world = source.camera_to_world @ np.diag([-1.0, 1.0, -1.0, 1.0])
    scene = {
        "type": "scene",
        "integrator": {"type": "path", "max_depth": args.depth},
        "sensor": {
            "type": "perspective",
            "fov_axis": "y",
            "fov": float(np.degrees(source.fov_y_rad)),
            "to_world": mi.ScalarTransform4f(to_world),
            "near_clip": 0.01,
            "film": {
                "type": "hdrfilm",
                "width": args.edge,
                "height": args.edge,
                "rfilter": {"type": "box"},
                "pixel_format": "rgb",
                "component_format": "float32",
            },
            "sampler": {"type": "independent"},
        },
    }
    for number, part in enumerate(source.parts):
        path = folder / f"{number}.ply"
        write_ply(path, part)
        shape = {"type": "ply", "filename": str(path), "bsdf": bsdf(part.material)}
        if part.material.emits:
            shape["emitter"] = {"type": "area", "radiance": {"type": "rgb", "value": part.material.radiance}}
        scene[f"part{number}"] = shape
    return scene


def bsdf(material: glb.Material) -> dict:
    """The plainest of Mitsuba's models that shows this glTF material."""
    color = {"type": "rgb", "value": material.base_color}
    alpha = max(material.roughness**2, 1e-3)
    if material.metallic == 1.0:
        model = {"type": "roughconductor", "material": "none", "distribution": "ggx", "alpha": alpha, "specular_reflectance": color}
    elif material.ior == 1.0:
        model = {"type": "diffuse", "reflectance": color}
    else:
        model = {"type": "roughplastic", "distribution": "ggx", "alpha": alpha, "int_ior": material.ior, "diffuse_reflectance": color}
    return {"type": "twosided", "bsdf": model}


def write_ply(path: Path, part: glb.Part) -> None:
    header = (
        "ply\nformat binary_little_endian 1.0\n"
        f"element vertex {len(part.positions)}\n"
        + "".join(f"property float {name}\n" for name in ("x", "y", "z", "nx", "ny", "nz"))
        + f"element face {len(part.faces)}\nproperty list uchar int vertex_index\nend_header\n"
    )
    faces = np.empty(len(part.faces), dtype=[("count", "u1"), ("corners", "<i4", 3)])
    faces["count"], faces["corners"] = 3, part.faces
    with open(path, "wb") as file:
        file.write(header.encode())
        file.write(np.hstack([part.positions, part.normals]).astype("<f4").tobytes())
        file.write(faces.tobytes())


if __name__ == "__main__":
    main()
