//! Codepoints of the bundled icon font (Phosphor). An icon never stands alone: every button that shows one has a name and
//! a tooltip.

/// Folder.
pub const FOLDER: char = '\u{e256}';
/// File.
pub const FILE: char = '\u{e230}';
/// Demonstration.
pub const DEMO: char = '\u{e58c}';
/// Window and level.
pub const WINDOW: char = '\u{e18c}';
/// Zoom.
pub const ZOOM: char = '\u{e30c}';
/// Pan.
pub const PAN: char = '\u{e298}';
/// Layout of viewports.
pub const LAYOUT: char = '\u{e464}';
/// Magnifying glass over the picture.
pub const MAGNIFIER: char = '\u{e310}';
/// Crosshair.
pub const CROSSHAIR: char = '\u{e1d6}';
/// Brush.
pub const BRUSH: char = '\u{e6f0}';
/// Eraser.
pub const ERASER: char = '\u{e21e}';
/// Brush shape: ball.
pub const SPHERE: char = '\u{ee66}';
/// Brush shape: disc.
pub const DISC: char = '\u{e18a}';
/// Length.
pub const LENGTH: char = '\u{e6b8}';
/// Angle.
pub const ANGLE: char = '\u{e7bc}';
/// Cobb angle.
pub const COBB: char = '\u{edac}';
/// Long and short axis.
pub const BIDIRECTIONAL: char = '\u{e09c}';
/// Ellipse.
pub const ELLIPSE: char = '\u{e18a}';
/// Rectangle.
pub const RECTANGLE: char = '\u{e3f0}';
/// Freehand region.
pub const FREEHAND: char = '\u{edc6}';
/// Curve.
pub const CURVE: char = '\u{e6d4}';
/// Box.
pub const BOX: char = '\u{e1da}';
/// Peak.
pub const PEAK: char = '\u{e242}';
/// Arrow.
pub const ARROW: char = '\u{e040}';
/// Words.
pub const WORDS: char = '\u{e48a}';
/// Value at a point.
pub const PROBE: char = '\u{e568}';
/// More of the kind.
pub const MORE: char = '\u{e136}';
/// Undo.
pub const UNDO: char = '\u{e038}';
/// Redo.
pub const REDO: char = '\u{e036}';
/// Accept.
pub const ACCEPT: char = '\u{e182}';
/// Edit.
pub const EDIT: char = '\u{e3b4}';
/// Reject, close, cancel.
pub const CLOSE: char = '\u{e4f6}';
/// Shown.
pub const SHOWN: char = '\u{e220}';
/// Hidden.
pub const HIDDEN: char = '\u{e224}';
/// Warning.
pub const WARNING: char = '\u{e4e0}';
/// Information.
pub const INFO: char = '\u{e2ce}';
/// Copy.
pub const COPY: char = '\u{e1ca}';
/// Export.
pub const EXPORT: char = '\u{eaf0}';
/// Sign.
pub const SIGN: char = '\u{ebac}';
/// Keys and mouse.
pub const KEYBOARD: char = '\u{e2d8}';
/// Side panels.
pub const PANELS: char = '\u{ec24}';
/// Fit.
pub const FIT: char = '\u{e626}';
/// Reset.
pub const RESET: char = '\u{e024}';
/// Add.
pub const ADD: char = '\u{e3d4}';
/// Remove.
pub const REMOVE: char = '\u{e4a6}';
/// Models.
pub const MODEL: char = '\u{e6a2}';
/// Saved.
pub const SAVED: char = '\u{e184}';
/// Signed.
pub const SIGNED: char = '\u{e606}';
/// A picture without thumbnail.
pub const PICTURE: char = '\u{e2ca}';
/// Next.
pub const NEXT: char = '\u{e06c}';
/// Play.
pub const PLAY: char = '\u{e3d0}';
/// Stop playing.
pub const PAUSE: char = '\u{e39e}';
/// One step back.
pub const STEP_BACK: char = '\u{e5a4}';
/// One step on.
pub const STEP_ON: char = '\u{e5a6}';
/// From the beginning again.
pub const REPEAT: char = '\u{e3f6}';
/// Forth and back.
pub const BOUNCE: char = '\u{eb06}';
/// Invert.
pub const INVERT: char = '\u{e18e}';
/// A structured report.
pub const REPORT: char = '\u{e23a}';
/// Key objects.
pub const KEY: char = '\u{e46a}';
/// A presentation state.
pub const PRESENTATION: char = '\u{e434}';
/// A document.
pub const DOCUMENT: char = '\u{e702}';
/// Contours.
pub const CONTOURS: char = '\u{e6d0}';
/// Masks.
pub const MASKS: char = '\u{eaf8}';
/// A treatment plan.
pub const PLAN: char = '\u{e9dc}';
/// A waveform.
pub const WAVEFORM: char = '\u{e2ac}';
/// Values of other images.
pub const VALUES: char = '\u{ebe4}';
/// A registration.
pub const REGISTRATION: char = '\u{e0a0}';
/// An object of which nothing is shown.
pub const OBJECT: char = '\u{e704}';
/// Back.
pub const BACK: char = '\u{e138}';
/// On.
pub const ON: char = '\u{e13a}';
/// Larger.
pub const LARGER: char = '\u{e310}';
/// Smaller.
pub const SMALLER: char = '\u{e30e}';
