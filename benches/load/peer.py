"""The other side of benches/load: SimpleITK and pydicom, timed in a process that stays.

peer.py THREADS        answers on standard output, one line per line of standard input (arguments end at a tab):
    versions                    -> SimpleITK's version, pydicom's version ("-" where one is missing)
    check    FOLDER             -> columns rows slices sum-of-values
    read     FOLDER             -> seconds for sorting the files, seconds for reading them
    convert  FOLDER OUT.nii     -> seconds for reading the folder and writing the file
    headers  FOLDER             -> seconds for reading every header below the folder
    peak                        -> largest resident memory so far in kB (Linux)
    quit
"""

import os
import sys
import time

try:
    import SimpleITK as sitk
except ImportError:
    sitk = None
try:
    import pydicom
except ImportError:
    pydicom = None

# What a list of series shows; pydicom decodes a value when it is asked for.
SHOWN = (
    "PatientName PatientID PatientBirthDate PatientSex StudyInstanceUID StudyDate StudyTime StudyDescription "
    "AccessionNumber SeriesInstanceUID SeriesNumber SeriesDescription Modality SOPInstanceUID SOPClassUID "
    "InstanceNumber Rows Columns ImagePositionPatient ImageOrientationPatient PixelSpacing"
).split()


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


def convert(folder, out):
    """From the folder to an uncompressed NIfTI file, by the shortest way that SimpleITK offers."""
    start = time.perf_counter()
    names = sitk.ImageSeriesReader.GetGDCMSeriesFileNames(folder)
    sitk.WriteImage(sitk.ReadImage(names), out)
    return time.perf_counter() - start


def headers(folder):
    """Every file's header below a folder, with the values that a list of series shows."""
    start = time.perf_counter()
    seen = 0
    for place, _, names in os.walk(folder):
        for name in names:
            data = pydicom.dcmread(os.path.join(place, name), stop_before_pixels=True)
            seen += sum(data.get(keyword) is not None for keyword in SHOWN)
    assert seen > 0
    return time.perf_counter() - start


def peak_kb():
    with open("/proc/self/status", encoding="ascii") as status:
        return next(line.split()[1] for line in status if line.startswith("VmHWM:"))


def answer(command, *arguments):
    if command == "versions":
        number = sitk.Version.VersionString() if sitk else "-"
        return f"{number} {pydicom.__version__ if pydicom else '-'}"
    if command == "check":
        image, _, _ = read(*arguments)
        statistics = sitk.StatisticsImageFilter()
        statistics.Execute(image)
        return " ".join(map(str, [*image.GetSize(), round(statistics.GetSum())]))
    if command == "read":
        _, sorting, reading = read(*arguments)
        return f"{sorting:.6f} {reading:.6f}"
    if command == "convert":
        return f"{convert(*arguments):.6f}"
    if command == "headers":
        return f"{headers(*arguments):.6f}"
    return peak_kb()


def main():
    if sitk:
        sitk.ProcessObject.SetGlobalDefaultNumberOfThreads(int(sys.argv[1]))
    for line in sys.stdin:
        command = line.rstrip("\n").split("\t")
        if command[0] == "quit":
            return
        print(answer(*command), flush=True)


main()
