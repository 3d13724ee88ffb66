//! What the interface may ask for. [`UiCommand`] has no fields: it gives menu, shortcut, palette and tooltip alike.

use super::fusion::Over;
use super::hung::HangingCommand;
use super::layout::{ViewKind, ViewportId};
use super::linking::LinkCommand;
use super::measures::MeasureCommand;
use super::object::ObjectCommand;
use super::pictures::PictureCommand;
use super::solid::SolidCommand;
use super::tags::Partner;
use super::view::{BrushTip, Player, SegmentLook, Tab, Tool};
use crate::findings::FindingId;
use crate::geometry::{DVec2, DVec3, SlicePlane};
use crate::io::mesh::MeshFormat;
use crate::jobs::JobId;
use crate::render::{ColorMap, DisplayFilter, Slab};
use crate::report::{SectionKind, SentenceId};
use crate::settings::Settings;
use crate::volume::Voi;
use std::path::PathBuf;

/// One request of the interface to the application.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// One of the fieldless commands.
    Ui(UiCommand),
    /// Open files and folders.
    Open(Vec<PathBuf>),
    /// Bring a series on screen.
    ShowSeries(String),
    /// Bring a series into one viewport; the others stay.
    ShowIn(ViewportId, String),
    /// Lay a series over the one in a viewport.
    LayOver(ViewportId, String),
    /// Show what is in a viewport otherwise.
    Change(ViewportId, Change),
    /// The user changed settings.
    Settings(Box<Settings>),
    /// Other keys for a command; none takes them away.
    SetKeys(UiCommand, Vec<String>),
    /// The default keys of a command, or of all.
    ResetKeys(Option<UiCommand>),
    /// Something with hanging protocols.
    Hanging(HangingCommand),
    /// A grid of so many rows and columns.
    SetGrid(u8, u8),
    /// Keys go to this viewport from now on.
    Activate(ViewportId),
    /// One viewport fills the middle, or all come back.
    ToggleMaximized(ViewportId),
    /// Move by slices or pictures; positive = next.
    Scroll {
        /// Where.
        viewport: ViewportId,
        /// How far.
        by: i64,
    },
    /// Show a slice (reading order) or picture.
    ScrollTo {
        /// Where.
        viewport: ViewportId,
        /// Which, from 0.
        slice: usize,
    },
    /// All planes pass through this point, which lies in the space of the viewport's series.
    Crosshair {
        /// Where it was pointed at.
        viewport: ViewportId,
        /// The point.
        lps: DVec3,
    },
    /// A point in the patient was clicked: crosshair there, and the sentences that rest on it are lit.
    Point {
        /// Where it was clicked.
        viewport: ViewportId,
        /// The point.
        lps: DVec3,
    },
    /// Turn the planes of the viewport's series about its normal through the crosshair, in radians; positive turns
    /// screen-right towards screen-down.
    TurnPlanes {
        /// Whose normal.
        viewport: ViewportId,
        /// How far.
        by_rad: f64,
    },
    /// Magnify around a point (displacement of the pointer from the viewport's middle, in the units of the framing's pan).
    Zoom {
        /// Where.
        viewport: ViewportId,
        /// Times.
        factor: f64,
        /// Stays where it is.
        around: DVec2,
    },
    /// Move the picture, in the units of the framing.
    Pan {
        /// Where.
        viewport: ViewportId,
        /// How far.
        by: DVec2,
    },
    /// Another magnification against fitting.
    SetZoom {
        /// Where.
        viewport: ViewportId,
        /// Against fitting.
        zoom: f64,
    },
    /// Another window of the viewport and those that share it.
    SetVoi(ViewportId, Voi),
    /// Turn a 3D view, degrees.
    Turn(ViewportId, [f64; 2]),
    /// A viewport shows this plane now.
    PlaneShown(ViewportId, SlicePlane),
    /// A viewport shows picture `n` now.
    PictureShown(ViewportId, usize),
    /// Choose a tool.
    SetTool(Tool),
    /// Change the brush.
    SetBrush(BrushTip),
    /// Paint or erase from one point to another on a plane.
    Dab {
        /// From.
        from_lps: DVec3,
        /// To.
        to_lps: DVec3,
        /// Unit normal of the plane that is painted on.
        normal_lps: DVec3,
    },
    /// The button was released: the stroke becomes one change.
    FinishStroke,
    /// Choose the segment that brush and eraser change.
    ActivateSegment(u8),
    /// Add an empty segment and choose it.
    AddSegment,
    /// How a segment is shown.
    SetLook(u8, SegmentLook),
    /// Common opacities: fill, outline.
    SetOpacity(f32, f32),
    /// Take a finding in hand and bring its evidence on screen.
    SelectFinding(FindingId),
    /// Change a finding.
    ChangeFinding(FindingId, FindingChange),
    /// Bring the evidence of a sentence on screen.
    SelectSentence(SentenceId),
    /// Change the report.
    ChangeSentence(SentenceChange),
    /// Sign the report.
    Sign {
        /// The reader.
        name: String,
    },
    /// Open a tab of the right panel.
    ShowTab(Tab),
    /// Show this picture of a loop, or this volume of a 4D group.
    StepTo(usize),
    /// How loops and 4D groups are played.
    SetPlayer(Player),
    /// Stop a job.
    CancelJob(JobId),
    /// A notice was read.
    DismissNotice(u64),
    /// Write files of this kind into a folder that is asked for.
    Export(ExportKind),
    /// Write files of this kind into this folder.
    ExportTo(ExportKind, PathBuf),
    /// What the tag browser compares the image on screen with.
    CompareTags(Partner),
    /// Something with an object that is no image.
    Object(ObjectCommand),
    /// Something with registrations and links.
    Link(LinkCommand),
    /// Something with measurements or key images.
    Measure(MeasureCommand),
    /// Something with volume rendering, a synthetic radiograph or surfaces.
    Solid(ViewportId, SolidCommand),
    /// Something with pictures of the screen, or paper.
    Picture(PictureCommand),
    /// Answer to the offer of a recovered case.
    Recover(bool),
}

/// How a viewport shows its series otherwise.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// Another view of it.
    Kind(ViewKind),
    /// A thick plane, or the plane alone.
    Slab(Option<Slab>),
    /// Colors of the gray levels.
    Colors(ColorMap),
    /// Smoothed or sharpened for looking.
    Filter(DisplayFilter),
    /// How what lies over it is shown; `None` takes it off.
    Over(Option<Over>),
}

/// What a person does with a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FindingChange {
    /// Agrees.
    Accept,
    /// Agrees after renaming it.
    Rename(String),
    /// Disagrees.
    Reject,
    /// Nobody has looked: back to proposed.
    Reopen,
}

/// What a person does with the report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SentenceChange {
    /// Other words.
    Rewrite(SentenceId, String),
    /// Gone.
    Remove(SentenceId),
    /// Every sentence that no longer stands goes.
    RemoveMarked,
    /// A sentence of one's own at the end of a section.
    Add(SectionKind, String),
}

/// What is written on export.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportKind {
    /// Everything that `fovea read` writes.
    All,
    /// DICOM SEG.
    Segmentation,
    /// Label map as NIfTI-1.
    Nifti,
    /// DICOM SR.
    StructuredReport,
    /// One HTML file.
    Html,
    /// PDF.
    Pdf,
    /// FHIR `DiagnosticReport`.
    Fhir,
    /// JSON.
    Json,
    /// PNG pictures.
    KeyImages,
    /// Surfaces of the visible segments.
    Surfaces(MeshFormat),
    /// A 3D view that turns once, as PNG frames.
    Rotation,
    /// A cine loop as PNG frames.
    Loop,
}

impl ExportKind {
    /// True for files (relative to the folder of a whole export) that belong to this kind.
    pub fn includes(self, file: &std::path::Path) -> bool {
        let name = file.to_string_lossy();
        match self {
            Self::All => true,
            Self::Segmentation => name == "segmentation.dcm",
            Self::Nifti => name == "segmentation.nii.gz",
            Self::StructuredReport => name == "report.sr.dcm",
            Self::Html => name == "report.html",
            Self::Pdf => name == "report.pdf",
            Self::Fhir => name == "report.fhir.json",
            Self::Json => name == "report.json" || name == "findings.json",
            Self::KeyImages => name.starts_with("key_images"),
            Self::Surfaces(_) | Self::Rotation | Self::Loop => false,
        }
    }

    /// True for what a viewport shows, which is no part of a whole export.
    pub fn is_of_view(self) -> bool {
        matches!(self, Self::Surfaces(_) | Self::Rotation | Self::Loop)
    }

    /// All, in the order of the menu.
    pub const ALL: [Self; 14] = [
        Self::All,
        Self::Html,
        Self::Pdf,
        Self::StructuredReport,
        Self::Segmentation,
        Self::Nifti,
        Self::Fhir,
        Self::Json,
        Self::KeyImages,
        Self::Surfaces(MeshFormat::Stl),
        Self::Surfaces(MeshFormat::Obj),
        Self::Surfaces(MeshFormat::Ply),
        Self::Rotation,
        Self::Loop,
    ];

    /// The menu entry.
    pub fn title(self) -> &'static str {
        match self {
            Self::All => "Everything, into a folder…",
            Self::Html => "Report as HTML…",
            Self::Pdf => "Report as PDF…",
            Self::StructuredReport => "Report as DICOM SR…",
            Self::Segmentation => "Masks as DICOM SEG…",
            Self::Nifti => "Masks as NIfTI…",
            Self::Fhir => "Report as FHIR…",
            Self::Json => "Report as JSON…",
            Self::KeyImages => "Key images as PNG…",
            Self::Surfaces(MeshFormat::Stl) => "Surfaces of segments as STL…",
            Self::Surfaces(MeshFormat::Obj) => "Surfaces of segments as OBJ…",
            Self::Surfaces(MeshFormat::Ply) => "Surfaces of segments as PLY…",
            Self::Rotation => "A rotation of the 3D view as PNG frames…",
            Self::Loop => "The loop as PNG frames…",
        }
    }
}

macro_rules! ui_commands {
    ($($name:ident, $title:literal, $keys:literal;)*) => {
        /// Commands without fields: one list for menu, shortcut, palette and tooltip.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum UiCommand {
            $(#[doc = $title] $name,)*
        }

        impl UiCommand {
            /// All, in the order of the palette.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// Its name in the source, by which settings and texts know it.
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)* }
            }

            /// What the palette, menus and tooltips say, in the user's language.
            pub fn title(self) -> &'static str {
                let english = match self { $(Self::$name => $title,)* };
                crate::words::command(self.name()).unwrap_or(english)
            }

            /// Keys that it has until the user gives it others, alternatives separated by spaces ("Ctrl+K").
            pub fn default_keys(self) -> &'static str {
                match self { $(Self::$name => $keys,)* }
            }
        }
    };
}

ui_commands! {
    OpenFolder, "Open a folder…", "Ctrl+O";
    OpenFiles, "Open files…", "Ctrl+Shift+O";
    OpenDemo, "Open the demonstration", "";
    RunAi, "Segment, detect and draft", "Ctrl+Enter";
    ShowAi, "Show or hide the AI draft", "V";
    NextFinding, "Next unreviewed finding", "Space";
    AcceptFinding, "Accept the finding", "A";
    EditFinding, "Edit the finding", "E";
    RejectFinding, "Reject the finding", "X";
    CopyReport, "Copy the report as plain text", "Y Ctrl+Shift+C";
    SignReport, "Sign the report…", "Ctrl+Shift+S";
    ExportAll, "Export everything…", "Ctrl+Shift+E";
    SavePicture, "Save the picture of this viewport…", "Ctrl+S";
    SavePictureTwice, "Save the picture of this viewport, twice as large…", "";
    SavePictureUnnamed, "Save the picture of this viewport without identity…", "";
    SaveWindowPicture, "Save the picture of the window…", "";
    CopyPicture, "Copy the picture of this viewport", "Shift+Y";
    Print, "Print to PDF…", "Ctrl+P";
    Undo, "Undo", "Ctrl+Z";
    Redo, "Redo", "Ctrl+Shift+Z Ctrl+Y";
    ToolWindow, "Window and level", "W";
    ToolZoom, "Zoom", "Z";
    ToolPan, "Pan", "H";
    ToolCrosshair, "Crosshair", "C";
    ToolMagnifier, "Magnifying glass", "G";
    ToolBrush, "Brush", "B";
    ToolEraser, "Eraser", "D";
    ToolLength, "Length", "L";
    ToolBidirectional, "Long and short axis", "Shift+L";
    ToolPolyline, "Length of a curve", "Shift+N";
    ToolAngle, "Angle", "Q";
    ToolCobb, "Cobb angle", "Shift+Q";
    ToolEllipse, "Ellipse", "U";
    ToolRectangle, "Rectangle", "Shift+U";
    ToolPolygon, "Polygon", "J";
    ToolFreehand, "Freehand region", "Shift+J";
    ToolSphere, "Sphere", "S";
    ToolBox, "Box", "Shift+S";
    ToolSuvPeak, "SUV peak", "Shift+K";
    ToolArrow, "Arrow with words", "Shift+A";
    ToolText, "Words", "Shift+E";
    ToolProbe, "Value at a point", "Shift+V";
    RemoveMeasurement, "Remove the selected measurement", "Delete";
    WindowFromRegion, "Window from the selected region", "Shift+W";
    KeyImage, "Key image: mark or unmark", "K";
    BrushShape, "Brush: disc or sphere", "Shift+B";
    BrushSmaller, "Smaller brush", "[";
    BrushLarger, "Larger brush", "]";
    NextSlice, "Next slice", "Down PageDown";
    PreviousSlice, "Previous slice", "Up PageUp";
    NextStep, "Next frame or volume of a series in time", "Right";
    PreviousStep, "Previous frame or volume of a series in time", "Left";
    Play, "Play or stop", "P";
    FirstSlice, "First slice", "Home";
    LastSlice, "Last slice", "End";
    Maximize, "One viewport or all", "F";
    ResetView, "Reset window, zoom and position", "R";
    FitView, "Fit to the viewport", "0";
    OneToOne, "One image pixel per screen pixel", "Shift+0";
    NextStage, "Next stage of the hanging protocol", ".";
    PreviousStage, "Previous stage of the hanging protocol", ",";
    TileViewports, "Tiles: consecutive slices in all viewports", "Shift+T";
    StraightPlanes, "Planes along the grid again", "Shift+R";
    Invert, "Invert gray", "I";
    ToggleSmooth, "Between voxels: linear, cubic, nearest", "N";
    SlabThicker, "Thicker slab", "Plus =";
    SlabThinner, "Thinner slab, then none", "Minus";
    SlabMode, "Slab: maximum, minimum, mean, sum", "Shift+Minus";
    ToggleCrosshair, "Show or hide the crosshair", "Shift+C";
    ToggleTexts, "Show or hide overlay texts", "O";
    ToggleOverlays, "Show or hide overlays and shutter of the file", "Shift+O";
    ToggleMasks, "Show or hide masks", "M";
    TogglePresentation, "Presentation state: on or off", "Shift+P";
    TogglePanels, "Show or hide side panels", "Tab";
    PriorHere, "Current or prior in this viewport", "Shift+D";
    PriorBeside, "Prior beside, at the same place", "Ctrl+Shift+D";
    RegisterWithActive, "Register with the series of the active viewport", "";
    LinkByPosition, "Link by position: what is side by side now", "";
    Unlink, "Unlink the series of the active viewport", "";
    LinkZoom, "Link zoom of this viewport", "Shift+Z";
    LinkScroll, "Scroll this series alone, or with its links", "Shift+H";
    PauseTurns, "Blinking: pause or go on", "Shift+I";
    VerifyView, "Verify this view against the CPU", "Ctrl+Shift+V";
    Tags, "Data elements (tags)", "T";
    Palette, "Command palette", "Ctrl+K";
    CheatSheet, "Keys and mouse", "?";
    Settings, "Settings…", "Ctrl+,";
    Preset1, "Window: header, then its next", "1";
    Preset2, "Window: abdomen 400/40", "2";
    Preset3, "Window: lung 1500/−600", "3";
    Preset4, "Window: mediastinum 350/50", "4";
    Preset5, "Window: bone 1800/400", "5";
    Preset6, "Window: brain 80/40", "6";
    Preset7, "Window: subdural 200/75", "7";
    Preset8, "Window: stroke 40/40", "8";
    Preset9, "Window: liver 150/30", "9";
}

impl UiCommand {
    /// The command that takes a tool in hand.
    pub fn of_tool(tool: Tool) -> Option<Self> {
        Some(match tool {
            Tool::Window => Self::ToolWindow,
            Tool::Zoom => Self::ToolZoom,
            Tool::Pan => Self::ToolPan,
            Tool::Crosshair => Self::ToolCrosshair,
            Tool::Magnifier => Self::ToolMagnifier,
            Tool::Brush => Self::ToolBrush,
            Tool::Eraser => Self::ToolEraser,
            Tool::Measure(_) => return None,
        })
    }

    /// True for tools of the left button.
    pub fn is_tool(self) -> bool {
        self.name().starts_with("Tool")
    }

    /// The preset it chooses, 1–9.
    pub fn preset(self) -> Option<u8> {
        const PRESETS: [UiCommand; 9] = [
            UiCommand::Preset1,
            UiCommand::Preset2,
            UiCommand::Preset3,
            UiCommand::Preset4,
            UiCommand::Preset5,
            UiCommand::Preset6,
            UiCommand::Preset7,
            UiCommand::Preset8,
            UiCommand::Preset9,
        ];
        PRESETS.iter().position(|c| *c == self).map(|n| n as u8 + 1)
    }
}
