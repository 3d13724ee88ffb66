"""SimpleITK reading a folder, timed; the other side of benches/load.rs.

load_peer.py FOLDER THREADS        answers on standard output, one line per line of standard input:
    check -> columns rows slices sum-of-values
    read  -> seconds for sorting the files, seconds for reading them
    quit
load_peer.py FOLDER THREADS once   reads once and prints the peak memory in kB (Linux)
"""

import sys
import time

import SimpleITK as sitk


def read(folder):
    """The longest series of a folder as an image, with the seconds for sorting and for reading."""
    start = time.perf_counter()
    series = sitk.ImageSeriesReader.GetGDCMSeriesIDs(folder)
    if len(series) == 1:
        # The shortest way that SimpleITK offers; asking for a series by name sorts the folder once more.
        start = time.perf_counter()
        names = sitk.ImageSeriesReader.GetGDCMSeriesFileNames(folder)
    else:
        names = max((sitk.ImageSeriesReader.GetGDCMSeriesFileNames(folder, uid) for uid in series), key=len)
    middle = time.perf_counter()
    image = sitk.ReadImage(names)
    return image, middle - start, time.perf_counter() - middle


def main():
    folder = sys.argv[1]
    sitk.ProcessObject.SetGlobalDefaultNumberOfThreads(int(sys.argv[2]))
    if sys.argv[3:] == ["once"]:
        read(folder)
        with open("/proc/self/status", encoding="ascii") as status:
            print(next(line.split()[1] for line in status if line.startswith("VmHWM:")))
        return
    for line in sys.stdin:
        command = line.strip()
        if command == "quit":
            return
        image, sorting, reading = read(folder)
        if command == "check":
            statistics = sitk.StatisticsImageFilter()
            statistics.Execute(image)
            print(*image.GetSize(), round(statistics.GetSum()), flush=True)
        else:
            print(f"{sorting:.6f} {reading:.6f}", flush=True)
        del image


main()
