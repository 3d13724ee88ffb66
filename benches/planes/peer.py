"""The other side of benches/planes: vtkImageReslice, timed in a process that stays.

peer.py RAW SIDE THREADS   reads SIDE x SIDE x SIDE signed 16-bit voxels of 1 mm, then answers line by line:
    version                              -> VTK's version
    reslice CX,CY,CZ UX..VZ PIXEL_MM PX  -> milliseconds, sum of the picture's values
    quit
"""

import sys
import time

import numpy as np
import vtk
from vtk.util import numpy_support


def volume(raw, side):
    voxels = np.fromfile(raw, dtype=np.int16)
    image = vtk.vtkImageData()
    image.SetDimensions(side, side, side)
    array = numpy_support.numpy_to_vtk(voxels, deep=True)
    image.GetPointData().SetScalars(array)
    return image


def filter_of(image, threads):
    reslice = vtk.vtkImageReslice()
    reslice.SetInputData(image)
    reslice.SetInterpolationModeToLinear()
    reslice.SetOutputDimensionality(2)
    # As many threads as ours, and the way of splitting that VTK uses by itself.
    vtk.vtkMultiThreader.SetGlobalMaximumNumberOfThreads(threads)
    reslice.SetNumberOfThreads(threads)
    return reslice


def run(reslice, center, axes, pixel_mm, px):
    u, v = np.array(axes[:3]), np.array(axes[3:])
    n = np.cross(u, v)
    cosines = [*u, *v, *n]
    reslice.SetResliceAxesDirectionCosines(cosines)
    reslice.SetResliceAxesOrigin(center)
    first = -(px - 1) / 2 * pixel_mm
    reslice.SetOutputSpacing(pixel_mm, pixel_mm, 1)
    reslice.SetOutputOrigin(first, first, 0)
    reslice.SetOutputExtent(0, px - 1, 0, px - 1, 0, 0)
    reslice.Modified()
    start = time.perf_counter()
    reslice.Update()
    ms = (time.perf_counter() - start) * 1e3
    values = numpy_support.vtk_to_numpy(reslice.GetOutput().GetPointData().GetScalars())
    return ms, float(values.astype(np.float64).sum())


def main():
    raw, side, threads = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    reslice = filter_of(volume(raw, side), threads)
    numbers = lambda text: [float(part) for part in text.split(",")]
    for line in sys.stdin:
        command = line.split()
        if command[0] == "quit":
            return
        if command[0] == "version":
            print(vtk.vtkVersion.GetVTKVersion(), flush=True)
            continue
        _, center, axes, pixel_mm, px = command
        ms, total = run(reslice, numbers(center), numbers(axes), float(pixel_mm), int(px))
        print(f"{ms:.4f} {total:.1f}", flush=True)


main()
