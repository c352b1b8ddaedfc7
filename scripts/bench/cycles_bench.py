"""Renders a benchmark scene with Blender Cycles on the CPU at two sample counts and prints the processor time of each.

Usage: cycles_bench.py SCENE.glb OUT.exr --low N --high N --edge PX --depth N --seed N
"""

import argparse

import bpy

import clock
import glb


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scene")
    parser.add_argument("picture")
    for name in ("low", "high", "edge", "depth", "seed"):
        parser.add_argument(f"--{name}", type=int, required=True)
    args = parser.parse_args()

    bpy.ops.wm.read_factory_settings(use_empty=True)
    bpy.ops.import_scene.gltf(filepath=args.scene)
    source = glb.read(args.scene)
    scene = bpy.context.scene
    aim(scene, source)
    settings(scene, args)

    def render(spp: int, seed: int) -> None:
        scene.cycles.samples = spp
        scene.cycles.seed = seed
        bpy.ops.render.render(write_still=False)

    # The first render loads the kernels and builds textures of colour management.
    render(1, args.seed + 1000)
    low_time = clock.timed(lambda: render(args.low, args.seed + 2000))
    high_time = clock.timed(lambda: render(args.high, args.seed))

    bpy.data.images["Render Result"].save_render(args.picture, scene=scene)
    triangles = sum(len(mesh.polygons) for mesh in bpy.data.meshes)
    clock.report({"version": bpy.app.version_string, "triangles": triangles, "low": low_time, "high": high_time})


def aim(scene: bpy.types.Scene, source: glb.Scene) -> None:
    camera = next(thing for thing in scene.objects if thing.type == "CAMERA")
    scene.camera = camera
    # The importer takes the field of view for that of a wide picture.
    camera.data.sensor_fit = "VERTICAL"
    camera.data.angle = source.fov_y_rad


def settings(scene: bpy.types.Scene, args: argparse.Namespace) -> None:
    scene.render.engine = "CYCLES"
    scene.render.resolution_x = scene.render.resolution_y = args.edge
    scene.render.resolution_percentage = 100
    scene.render.image_settings.file_format = "OPEN_EXR"
    scene.render.image_settings.color_depth = "32"
    scene.render.image_settings.color_mode = "RGB"
    scene.render.use_persistent_data = False

    cycles = scene.cycles
    cycles.device = "CPU"
    cycles.use_adaptive_sampling = False
    cycles.use_denoising = False
    # `depth` counts path segments, Cycles the bounces between the first and the last one.
    bounces = args.depth - 2
    cycles.max_bounces = bounces
    cycles.diffuse_bounces = cycles.glossy_bounces = cycles.transmission_bounces = bounces
    # What would change the picture's mean, or its filter.
    cycles.sample_clamp_direct = cycles.sample_clamp_indirect = 0.0
    cycles.blur_glossy = 0.0
    cycles.light_sampling_threshold = 0.0
    cycles.pixel_filter_type = "BOX"
    cycles.filter_width = 1.0


if __name__ == "__main__":
    main()
