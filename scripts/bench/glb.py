"""Reads what `make bench-render` writes: one .glb with triangle meshes, metal-rough materials and one perspective camera.

No general glTF reader: textures, sparse accessors, hierarchies and animation are absent because the benchmark's scenes have none.
"""

import json
import struct
from dataclasses import dataclass

import numpy as np

_COMPONENTS = {5121: np.uint8, 5123: np.uint16, 5125: np.uint32, 5126: np.float32}
_WIDTHS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4}


@dataclass
class Material:
    """A glTF metal-rough material, with defaults filled in."""

    name: str
    base_color: list[float]
    metallic: float
    roughness: float
    ior: float
    radiance: list[float]

    @property
    def emits(self) -> bool:
        return any(channel > 0.0 for channel in self.radiance)


@dataclass
class Part:
    """Triangles of one material in world space."""

    positions: np.ndarray
    normals: np.ndarray
    faces: np.ndarray
    material: Material


@dataclass
class Scene:
    parts: list[Part]
    camera_to_world: np.ndarray
    """4 × 4; the camera looks along −Z, +Y up."""
    fov_y_rad: float

    @property
    def triangles(self) -> int:
        return sum(len(part.faces) for part in self.parts)


def read(path: str) -> Scene:
    with open(path, "rb") as file:
        data = file.read()
    magic, version, length = struct.unpack_from("<4sII", data)
    if magic != b"glTF" or version != 2 or length != len(data):
        raise ValueError(f"{path} is no binary glTF 2.0 file")
    json_length, _ = struct.unpack_from("<I4s", data, 12)
    document = json.loads(data[20 : 20 + json_length])
    binary = memoryview(data)[20 + json_length + 8 :]

    materials = [_material(entry) for entry in document["materials"]]
    parts, camera = [], None
    for node in document["nodes"]:
        to_world = _matrix(node)
        if "camera" in node and camera is None:
            camera = to_world, document["cameras"][node["camera"]]["perspective"]["yfov"]
        if "mesh" in node:
            for primitive in document["meshes"][node["mesh"]]["primitives"]:
                parts.append(_part(document, binary, primitive, to_world, materials))
    if camera is None:
        raise ValueError(f"{path} has no camera")
    return Scene(parts, *camera)


def _material(entry: dict) -> Material:
    surface = entry.get("pbrMetallicRoughness", {})
    extensions = entry.get("extensions", {})
    strength = extensions.get("KHR_materials_emissive_strength", {}).get("emissiveStrength", 1.0)
    return Material(
        name=entry.get("name", ""),
        base_color=surface.get("baseColorFactor", [1.0] * 4)[:3],
        metallic=surface.get("metallicFactor", 1.0),
        roughness=surface.get("roughnessFactor", 1.0),
        ior=extensions.get("KHR_materials_ior", {}).get("ior", 1.5),
        radiance=[channel * strength for channel in entry.get("emissiveFactor", [0.0] * 3)],
    )


def _matrix(node: dict) -> np.ndarray:
    x, y, z, w = node.get("rotation", [0.0, 0.0, 0.0, 1.0])
    rotation = np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    )
    matrix = np.eye(4)
    matrix[:3, :3] = rotation * np.array(node.get("scale", [1.0] * 3))
    matrix[:3, 3] = node.get("translation", [0.0] * 3)
    return matrix


def _part(document: dict, binary: memoryview, primitive: dict, to_world: np.ndarray, materials: list[Material]) -> Part:
    def accessor(index: int) -> np.ndarray:
        entry = document["accessors"][index]
        view = document["bufferViews"][entry["bufferView"]]
        dtype, width = np.dtype(_COMPONENTS[entry["componentType"]]), _WIDTHS[entry["type"]]
        start = view["byteOffset"] + entry.get("byteOffset", 0)
        flat = np.frombuffer(binary, dtype.newbyteorder("<"), entry["count"] * width, start)
        return flat.reshape(-1, width)

    attributes = primitive["attributes"]
    linear = to_world[:3, :3]
    positions = accessor(attributes["POSITION"]) @ linear.T + to_world[:3, 3]
    normals = accessor(attributes["NORMAL"]) @ np.linalg.inv(linear)
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    faces = accessor(primitive["indices"]).reshape(-1, 3).astype(np.int32)
    return Part(positions.astype(np.float32), normals.astype(np.float32), faces, materials[primitive["material"]])
