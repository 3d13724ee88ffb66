"""VTK's volume ray casting, one frame per line of input: the peer of `cargo bench --bench raycast`.

Started with one argument, a JSON file: raw (file of int16, x fastest), dims, spacing_mm, opacity [[value, opacity per mm]],
color [[value, r, g, b]], ambient, diffuse, specular, shininess, size_px, pixel_mm, threads. A line "cpu STEP_MM YAW FILE" or
"gpu STEP_MM YAW FILE" renders a frame (into FILE as raw RGB, unless it is "-") and prints its milliseconds.
"""

import json
import math
import os
import sys
import time

scene = json.load(open(sys.argv[1]))
os.environ["LP_NUM_THREADS"] = str(scene["threads"])

import numpy
import vtk
from vtk.util import numpy_support

vtk.vtkMultiThreader.SetGlobalMaximumNumberOfThreads(scene["threads"])
vtk.vtkMultiThreader.SetGlobalDefaultNumberOfThreads(scene["threads"])
vtk.vtkSMPTools.Initialize(scene["threads"])


def image():
    made = vtk.vtkImageData()
    made.SetDimensions(scene["dims"])
    made.SetSpacing(scene["spacing_mm"])
    values = numpy.fromfile(scene["raw"], dtype=numpy.int16)
    made.GetPointData().SetScalars(numpy_support.numpy_to_vtk(values, deep=True))
    return made


def looks():
    made = vtk.vtkVolumeProperty()
    opacity, color = vtk.vtkPiecewiseFunction(), vtk.vtkColorTransferFunction()
    for value, share in scene["opacity"]:
        opacity.AddPoint(value, share)
    for value, *rgb in scene["color"]:
        color.AddRGBPoint(value, *rgb)
    made.SetScalarOpacity(opacity)
    made.SetColor(color)
    made.SetScalarOpacityUnitDistance(1.0)
    made.SetInterpolationTypeToLinear()
    made.ShadeOn()
    made.SetAmbient(scene["ambient"])
    made.SetDiffuse(scene["diffuse"])
    made.SetSpecular(scene["specular"])
    made.SetSpecularPower(scene["shininess"])
    return made


class View:
    def __init__(self, mapper, volume):
        self.mapper = mapper
        mapper.SetInputData(volume)
        mapper.SetAutoAdjustSampleDistances(False)
        mapper.SetBlendModeToComposite()
        mapper.SetImageSampleDistance(1.0)
        actor = vtk.vtkVolume()
        actor.SetMapper(mapper)
        actor.SetProperty(looks())
        self.renderer = vtk.vtkRenderer()
        self.renderer.SetBackground(0, 0, 0)
        self.renderer.AddVolume(actor)
        self.window = vtk.vtkRenderWindow()
        self.window.SetOffScreenRendering(1)
        self.window.SetMultiSamples(0)
        self.window.SetSize(scene["size_px"])
        self.window.AddRenderer(self.renderer)
        self.middle = volume.GetCenter()

    def frame(self, step_mm, yaw, path):
        self.mapper.SetSampleDistance(step_mm)
        camera = self.renderer.GetActiveCamera()
        camera.ParallelProjectionOn()
        camera.SetParallelScale(scene["pixel_mm"] * scene["size_px"][1] / 2)
        x, y, z = self.middle
        angle = math.radians(yaw)
        camera.SetFocalPoint(x, y, z)
        camera.SetPosition(x + 1000 * math.sin(angle), y - 1000 * math.cos(angle), z)
        camera.SetViewUp(0, 0, 1)
        self.renderer.ResetCameraClippingRange()
        start = time.perf_counter()
        self.window.Render()
        self.window.WaitForCompletion()
        took = time.perf_counter() - start
        if path != "-":
            grab = vtk.vtkWindowToImageFilter()
            grab.SetInput(self.window)
            grab.ReadFrontBufferOff()
            grab.Update()
            shown = grab.GetOutput()
            width, height, _ = shown.GetDimensions()
            pixels = numpy_support.vtk_to_numpy(shown.GetPointData().GetScalars()).reshape(height, width, -1)
            pixels[::-1, :, :3].astype(numpy.uint8).tofile(path)
        return took * 1e3


VOLUME = image()
VIEWS = {}
for line in sys.stdin:
    kind, step_mm, yaw, path = line.split(maxsplit=3)
    if kind not in VIEWS:
        make = vtk.vtkFixedPointVolumeRayCastMapper if kind == "cpu" else vtk.vtkOpenGLGPUVolumeRayCastMapper
        mapper = make()
        if kind == "cpu":
            mapper.SetNumberOfThreads(scene["threads"])
        VIEWS[kind] = View(mapper, VOLUME)
    print(f"{VIEWS[kind].frame(float(step_mm), float(yaw), path.strip()):.3f}", flush=True)
