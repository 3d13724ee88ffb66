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

## The empty room

empty-opening = Opening…
empty-nothing-readable = Nothing here can be shown
empty-choose = Choose a series on the left
empty-drop = Drop a folder of images here, or open the demonstration.
empty-unreadable =
    { $count ->
        [one] One file was found, without a readable image. Info says why.
       *[other] { $count } files were found, none with readable images. Info lists why.
    }
empty-formats = DICOM (CT, MR, X-ray), NIfTI, PNG and JPEG. Nothing leaves this machine.
empty-open-folder = Open a folder
empty-open-files = Open files
empty-demonstration = Demonstration
empty-keys = Ctrl+K finds every command · ? shows keys and mouse
empty-recent = Recent

## The bar on top

top-not-clinical = Not for clinical use
top-jobs =
    { $count ->
        [one] 1 job
       *[other] { $count } jobs
    }
top-several-patients = several patients open
top-search = Search commands
top-no-study = No study open
top-unnamed-study = Study without description

## The status line

status-pixel = column { $column }, row { $row }
status-over = { $modality } over it { $window }
status-ready = Ready
status-zoom = zoom { $percent } %
status-zoom-of-fit = zoom { $percent } % of fit
status-saved = saved
status-saved-ago = saved { $age } ago
status-not-saved = not saved
status-cancel = Cancel { $job }
status-left = { $job }, { $left } left

## Findings

findings-no-series = Open a series to read it.
findings-nothing-searched = Nothing was searched yet. A local model can propose masks, findings and a draft report; you accept, correct or reject each of them.
findings-draw = Draw a segment by hand
findings-hidden-title = The AI draft is hidden
findings-hidden =
    { $count ->
        [one] 1 proposal waits until every image was on screen ({ $seen } of { $total } so far), so that you see first with your own eyes.
       *[other] { $count } proposals wait until every image was on screen ({ $seen } of { $total } so far), so that you see first with your own eyes.
    }
findings-show-draft = Show AI draft now
findings-title =
    { $count ->
        [one] 1 finding · { $open } to review
       *[other] { $count } findings · { $open } to review
    }
findings-name = Finding { $label }
findings-field = Finding
findings-ai = AI
findings-score = The model's own score; not a probability
findings-see-first = { $command }: first click the finding to see it
findings-reject = Reject { $label }
findings-edit = Edit { $label }
findings-accept = Accept { $label }
findings-no-measurement = no measurement
findings-proposed = proposed by { $model } { $version }
findings-proposed-by-rules = proposed by { $model } { $version } (rules, no network)
findings-ai-accepted = AI, accepted by { $name }
findings-ai-edited = AI, edited by { $name }
findings-ai-rejected = AI, rejected by { $name }
findings-own = by { $name }
findings-own-rejected = by { $name }, rejected by { $reviewer }
findings-reader = the reader
