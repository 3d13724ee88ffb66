# The texts of the interface, English: complete, and what other languages fall back to.
# Ids: words of lower case joined by hyphens, the first one names the group.

## Commands (menu, palette, tooltips, cheat sheet)

command-open-folder = Open a folder…
command-open-files = Open files…
command-open-demo = Open the demonstration
command-run-ai = Segment, detect and draft
command-show-ai = Show or hide the AI draft
command-next-finding = Next unreviewed finding
command-accept-finding = Accept the finding
command-edit-finding = Edit the finding
command-reject-finding = Reject the finding
command-copy-report = Copy the report as plain text
command-sign-report = Sign the report…
command-export-all = Export everything…
command-save-picture = Save the picture of this viewport…
command-save-picture-twice = Save the picture of this viewport, twice as large…
command-save-picture-unnamed = Save the picture of this viewport without identity…
command-save-window-picture = Save the picture of the window…
command-copy-picture = Copy the picture of this viewport
command-print = Print to PDF…
command-undo = Undo
command-redo = Redo
command-tool-window = Window and level
command-tool-zoom = Zoom
command-tool-pan = Pan
command-tool-crosshair = Crosshair
command-tool-brush = Brush
command-tool-eraser = Eraser
command-brush-shape = Brush: disc or sphere
command-brush-smaller = Smaller brush
command-brush-larger = Larger brush
command-next-slice = Next slice
command-previous-slice = Previous slice
command-next-step = Next frame or volume of a series in time
command-previous-step = Previous frame or volume of a series in time
command-play = Play or stop
command-first-slice = First slice
command-last-slice = Last slice
command-maximize = One viewport or all
command-reset-view = Reset window, zoom and position
command-fit-view = Fit to the viewport
command-one-to-one = One image pixel per screen pixel
command-straight-planes = Planes along the grid again
command-invert = Invert gray
command-toggle-smooth = Between voxels: linear, cubic, nearest
command-toggle-crosshair = Show or hide the crosshair
command-toggle-texts = Show or hide overlay texts
command-toggle-overlays = Show or hide overlays and shutter of the file
command-toggle-masks = Show or hide masks
command-toggle-presentation = Presentation state: on or off
command-toggle-panels = Show or hide side panels
command-prior-here = Current or prior in this viewport
command-prior-beside = Prior beside, at the same place
command-register-with-active = Register with the series of the active viewport
command-link-by-position = Link by position: what is side by side now
command-unlink = Unlink the series of the active viewport
command-link-zoom = Link zoom of this viewport
command-link-scroll = Scroll this series alone, or with its links
command-pause-turns = Blinking: pause or go on
command-verify-view = Verify this view against the CPU
command-tags = Data elements (tags)
command-palette = Command palette
command-cheat-sheet = Keys and mouse
command-preset1 = Window: header, then its next
command-preset2 = Window: abdomen 400/40
command-preset3 = Window: lung 1500/−600
command-preset4 = Window: mediastinum 350/50
command-preset5 = Window: bone 1800/400
command-preset6 = Window: brain 80/40
command-preset7 = Window: subdural 200/75
command-preset8 = Window: stroke 40/40
command-preset9 = Window: liver 150/30
command-tool-magnifier = Magnifying glass
command-tool-length = Length
command-tool-bidirectional = Long and short axis
command-tool-polyline = Length of a curve
command-tool-angle = Angle
command-tool-cobb = Cobb angle
command-tool-ellipse = Ellipse
command-tool-rectangle = Rectangle
command-tool-polygon = Polygon
command-tool-freehand = Freehand region
command-tool-sphere = Sphere
command-tool-box = Box
command-tool-suv-peak = SUVpeak
command-tool-arrow = Arrow with words
command-tool-text = Words
command-tool-probe = Value at a point
command-remove-measurement = Remove the selected measurement
command-window-from-region = Window from the selected region
command-key-image = Key image: mark or unmark
command-next-stage = Next stage of the hanging protocol
command-previous-stage = Previous stage of the hanging protocol
command-tile-viewports = Tiles: consecutive slices in all viewports
command-slab-thicker = Thicker slab
command-slab-thinner = Thinner slab, then none
command-slab-mode = Slab: maximum, minimum, mean, sum
command-settings = Settings…

## Kinds of export (menu)

export-all = Everything, into a folder…
export-html = Report as HTML…
export-pdf = Report as PDF…
export-structured-report = Report as DICOM SR…
export-segmentation = Masks as DICOM SEG…
export-nifti = Masks as NIfTI…
export-fhir = Report as FHIR…
export-json = Report as JSON…
export-key-images = Key images as PNG…

## Settings

settings-newer = The settings were written by a newer version of the program (format { $version }); what is changed now is not kept.
settings-damaged = The settings cannot be read ({ $why }); defaults are used, and the old file is set aside when they are saved.
settings-unknown =
    { $count ->
        [one] A setting that is not known is left as it is: { $keys }.
       *[other] { $count } settings that are not known are left as they are: { $keys }.
    }
settings-value-damaged = The setting { $key } cannot be read ({ $why }); its default is used.
settings-entries-damaged =
    { $count ->
        [one] An entry of the setting { $key } cannot be read and is left out.
       *[other] { $count } entries of the setting { $key } cannot be read and are left out.
    }
settings-name-unknown = { $name } is not known
