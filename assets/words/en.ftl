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
export-surfaces-stl = Surfaces of segments as STL…
export-surfaces-obj = Surfaces of segments as OBJ…
export-surfaces-ply = Surfaces of segments as PLY…
export-rotation = A rotation of the 3D view as PNG frames…
export-loop = The loop as PNG frames…

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

## Segments

segments-title =
    { $count ->
        [one] 1 segment
       *[other] { $count } segments
    }
segments-add = Add a segment
segments-add-tip = Add an empty segment
segments-hidden =
    { $count ->
        [one] 1 segment of the AI draft is hidden.
       *[other] { $count } segments of the AI draft are hidden.
    }
segments-show = Show { $label }
segments-show-tip = Show or hide this segment
segments-ai = AI
segments-ai-edited = AI, edited
segments-by-hand = by hand
segments-choose = Choose it for brush and eraser
segments-name = Segment { $label }
segments-fill = Fill
segments-outline = Outline
segments-opacity = Segment

## The report

report-none = No report yet.
report-no-series = Open a series to report on it.
report-copy = Copy as text
report-remove-rejected = Remove rejected
report-remove-rejected-tip = Removes every sentence whose finding was rejected or is gone; undo brings them back
report-sign = Sign…
report-draft = draft
report-unsigned = not signed, not verified
report-signed = Signed by { $name }, { $time }
report-never-changes = It never changes; corrections are addenda.
report-add = Add a sentence to { $section }
report-hidden =
    { $count ->
        [one] 1 sentence of the AI draft is hidden
       *[other] { $count } sentences of the AI draft are hidden
    }
report-nothing-written = nothing written
report-new-sentence = New sentence
report-sentence = Sentence
report-edit = Edit the sentence
report-edit-tip = Edit the sentence (double click)
report-save = Save
report-save-keys = Ctrl+Enter
report-cancel = Cancel
report-cancel-keys = Esc
report-remove = Remove
report-mark-rejected = finding rejected
report-mark-stale = evidence is gone
report-mark-draft = AI draft
report-mark-accepted = AI, accepted by { $name }
report-mark-edited = AI, edited by { $name }

## Info

info-elements = All data elements
info-no-series = No series on screen.
info-no-device = Fovea is not a medical device. Not for clinical use.
info-facts = FACTS
info-warnings = WARNINGS
info-patient = Patient
info-id = ID
info-birth-date = Birth date
info-sex = Sex
info-study = Study
info-study-date = Study date
info-accession = Accession
info-referred-by = Referred by
info-series = Series
info-modality = Modality
info-body-part = Body part
info-protocol = Protocol
info-kernel = Kernel
info-contrast = Contrast
info-voxels = Voxels
info-spacing = Spacing
info-values = Values
info-values-range = { $low } to { $high } { $unit }
info-pictures = Pictures
info-transfer-syntax = Transfer syntax
info-steps = Slice steps
info-steps-even = { $mean } mm, even
info-steps-uneven = { $least } to { $greatest } mm
info-tilt = Tilt
info-gaps = Gaps
info-gaps-missing =
    { $count ->
        [one] { $gaps }, about 1 slice missing
       *[other] { $gaps }, about { $count } slices missing
    }
info-copies = Copies
info-copies-count =
    { $count ->
        [one] 1 file
       *[other] { $count } files
    }
info-unreadable =
    { $count ->
        [one] 1 FILE NOT READ
       *[other] { $count } FILES NOT READ
    }
info-more = and { $count } more

## Signing

sign-title = Sign the report
sign-check = A signed report never changes. Check whose it is:
sign-unreviewed =
    { $count ->
        [one] 1 proposed finding was not reviewed; it stays a proposal.
       *[other] { $count } proposed findings were not reviewed; they stay proposals.
    }
sign-your-name = Your name
sign-sign = Sign
sign-cancel = Cancel
sign-needs-name = A signature needs a name.
sign-not-stated = not stated in the files
sign-name = Name
sign-patient-id = Patient ID
sign-birth-date = Birth date
sign-accession = Accession
sign-study = Study

## Keys and mouse

keys-title = Keys and mouse
keys-find = Find
keys-find-name = Find in keys
keys-default-all = Default keys for all
keys-hint = Click the keys of a command to give it others; Delete takes them away, Esc leaves them.
keys-press = press keys…
keys-or = or
keys-change = Give it other keys
keys-of = Keys of { $command }
keys-default-of = Default keys of { $command }
mouse-left-drag = Left drag
mouse-left-drag-does = the tool in hand; at first window and level: right is wider, up is brighter
mouse-left-click = Left click
mouse-left-click-does = crosshair there; sentences that rest on it light up
mouse-shift-move = Shift + move
mouse-shift-move-does = 3D cursor: the crosshair follows the pointer in every viewport of the same space
mouse-wheel = Wheel
mouse-wheel-does = slices: down = next
mouse-ctrl-wheel = Ctrl + wheel
mouse-ctrl-wheel-does = zoom
mouse-shift-wheel = Shift + wheel
mouse-shift-wheel-does = brush size
mouse-middle-drag = Middle drag
mouse-middle-drag-does = pan
mouse-right-drag = Right drag
mouse-right-drag-does = zoom
mouse-right-click = Right click
mouse-right-click-does = view, slab, colors, fusion, windows and more
mouse-double-click = Double click
mouse-double-click-does = one viewport or all
mouse-circles = Circles on the crosshair
mouse-circles-does = drag: turn the planes about it (crosshair tool)
mouse-series = Drag a series
mouse-series-does = from the list into a viewport

## The window of the settings

settings-title = Settings
settings-keys = Keys and mouse…
settings-kept = Kept in one file of this user on this machine. No patient names unless allowed above.
settings-text-size = Size of texts
settings-colors = Colors of segments
settings-colors-recommended = as the object says
settings-colors-safe = safe for color-blind eyes
settings-language = Language
settings-language-system = of the system
settings-language-later = another language holds from the next start on
settings-proposals = Proposals of machines
settings-proposals-hidden = hidden until every image was on screen
settings-recent = Recent studies
settings-recent-names = with patients' names
