//! Every color, size and font of the interface (`look.md`, Tokens). No other module holds a literal color.

use egui::epaint::text::{FontData, FontDefinitions, FontInsert};
use egui::{Color32, Context, CornerRadius, FontFamily, FontId, Margin, Stroke, TextStyle, Vec2, vec2};
use std::sync::Arc;

/// Background of viewports.
pub const BLACK: Color32 = Color32::BLACK;
/// Panels.
pub const PANEL: Color32 = Color32::from_rgb(0x12, 0x14, 0x17);
/// Raised surfaces: buttons, rows under the pointer.
pub const RAISED: Color32 = Color32::from_rgb(0x1A, 0x1D, 0x21);
/// Raised surfaces under the pointer.
pub const RAISED_HOVER: Color32 = Color32::from_rgb(0x24, 0x28, 0x2E);
/// Lines.
pub const LINE: Color32 = Color32::from_rgb(0x2A, 0x2F, 0x36);
/// Text.
pub const TEXT: Color32 = Color32::from_rgb(0xE6, 0xE9, 0xED);
/// Second text, at least 4.5 : 1 on panels.
pub const TEXT_SECOND: Color32 = Color32::from_rgb(0x9A, 0xA4, 0xAF);
/// Text of what cannot be used now.
pub const TEXT_DISABLED: Color32 = Color32::from_rgb(0x5C, 0x65, 0x70);
/// Selection, focus, active viewport.
pub const ACCENT: Color32 = Color32::from_rgb(0x4C, 0xC2, 0xFF);
/// Fill of what is selected.
pub const ACCENT_FILL: Color32 = Color32::from_rgb(0x16, 0x32, 0x42);
/// What a machine proposes; always with the word "AI".
pub const AI: Color32 = Color32::from_rgb(0xB4, 0x8C, 0xFF);
/// Fill behind what a machine proposes.
pub const AI_FILL: Color32 = Color32::from_rgb(0x27, 0x20, 0x36);
/// Warnings.
pub const WARNING: Color32 = Color32::from_rgb(0xFF, 0xB0, 0x20);
/// Errors, rejection.
pub const DANGER: Color32 = Color32::from_rgb(0xFF, 0x5A, 0x5F);
/// Where the plane of the active viewport lies in others.
pub const REFERENCE: Color32 = Color32::from_rgb(0x7B, 0xD8, 0x8F);
/// Overlay text in viewports.
pub const OVERLAY: Color32 = Color32::from_rgb(0xD5, 0xDA, 0xE0);
/// Outline of overlay text and lines.
pub const OVERLAY_OUTLINE: Color32 = Color32::from_rgba_premultiplied(0, 0, 0, 210);
/// Veil behind dialogs.
pub const VEIL: Color32 = Color32::from_rgba_premultiplied(0, 0, 0, 150);

/// Body text in points.
pub const BODY_PT: f32 = 13.0;
/// Overlay and small text in points.
pub const SMALL_PT: f32 = 11.0;
/// Titles in points.
pub const TITLE_PT: f32 = 16.0;
/// Icons in points.
pub const ICON_PT: f32 = 17.0;
/// Rows.
pub const ROW: f32 = 24.0;
/// Smallest hit target.
pub const TARGET: f32 = 24.0;
/// One step of spacing.
pub const STEP: f32 = 4.0;

/// Family of bold text.
pub const BOLD: &str = "bold";
/// Family of icons.
pub const ICONS: &str = "icons";

/// Body font.
pub fn body() -> FontId {
    FontId::proportional(BODY_PT)
}

/// Small font.
pub fn small() -> FontId {
    FontId::proportional(SMALL_PT)
}

/// Bold font of a size.
pub fn bold(size: f32) -> FontId {
    FontId::new(size, FontFamily::Name(BOLD.into()))
}

/// Icon font of a size.
pub fn icons(size: f32) -> FontId {
    FontId::new(size, FontFamily::Name(ICONS.into()))
}

/// Color of a segment from its recommended color.
pub fn segment_color([r, g, b]: [u8; 3]) -> Color32 {
    Color32::from_rgb(r, g, b)
}

/// The same color, less opaque.
pub fn faded(color: Color32, opacity: f32) -> Color32 {
    color.gamma_multiply(opacity.clamp(0.0, 1.0))
}

/// Installs fonts and style. Called once, before the first frame.
pub fn install(ctx: &Context) {
    ctx.set_fonts(fonts());
    ctx.set_theme(egui::Theme::Dark);
    ctx.all_styles_mut(style);
}

fn fonts() -> FontDefinitions {
    let mut fonts = FontDefinitions::empty();
    let mut add = |name: &str, bytes: &'static [u8]| {
        fonts.font_data.insert(name.to_owned(), Arc::new(FontData::from_static(bytes)));
    };
    add("noto", include_bytes!("../../assets/fonts/NotoSans-Regular.ttf"));
    add("noto-bold", include_bytes!("../../assets/fonts/NotoSans-Bold.ttf"));
    add("phosphor", include_bytes!("../../assets/fonts/Phosphor.ttf"));
    let family = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
    fonts.families.insert(FontFamily::Proportional, family(&["noto", "phosphor"]));
    fonts.families.insert(FontFamily::Monospace, family(&["noto", "phosphor"]));
    fonts.families.insert(FontFamily::Name(BOLD.into()), family(&["noto-bold", "phosphor"]));
    fonts.families.insert(FontFamily::Name(ICONS.into()), family(&["phosphor", "noto"]));
    fonts
}

/// Adds the bytes of a system font as the last resort of every family (names in scripts that Noto Sans lacks).
pub fn add_fallback(ctx: &Context, bytes: Vec<u8>) {
    use egui::epaint::text::{FontPriority, InsertFontFamily};
    let families = [FontFamily::Proportional, FontFamily::Monospace, FontFamily::Name(BOLD.into())]
        .map(|family| InsertFontFamily { family, priority: FontPriority::Lowest });
    ctx.add_font(FontInsert::new("system-fallback", FontData::from_owned(bytes), families.to_vec()));
}

fn style(style: &mut egui::Style) {
    style.text_styles = [
        (TextStyle::Small, small()),
        (TextStyle::Body, body()),
        (TextStyle::Button, body()),
        (TextStyle::Monospace, body()),
        (TextStyle::Heading, bold(TITLE_PT)),
    ]
    .into();
    style.animation_time = 0.0;
    style.interaction.selectable_labels = false;
    style.interaction.tooltip_delay = 0.4;
    let spacing = &mut style.spacing;
    spacing.item_spacing = vec2(2.0 * STEP, STEP);
    spacing.button_padding = vec2(2.0 * STEP, STEP);
    spacing.interact_size = Vec2::splat(TARGET);
    spacing.menu_margin = Margin::same(4);
    spacing.window_margin = Margin::same(16);
    spacing.slider_width = 96.0;
    spacing.tooltip_width = 420.0;
    visuals(&mut style.visuals);
}

fn visuals(v: &mut egui::Visuals) {
    *v = egui::Visuals::dark();
    let radius = CornerRadius::same(4);
    v.panel_fill = PANEL;
    v.window_fill = PANEL;
    v.window_stroke = Stroke::new(1.0, LINE);
    v.window_corner_radius = CornerRadius::same(8);
    v.menu_corner_radius = radius;
    v.extreme_bg_color = BLACK;
    v.faint_bg_color = RAISED;
    v.code_bg_color = RAISED;
    v.hyperlink_color = ACCENT;
    v.warn_fg_color = WARNING;
    v.error_fg_color = DANGER;
    v.weak_text_color = Some(TEXT_SECOND);
    v.selection.bg_fill = ACCENT_FILL;
    v.selection.stroke = Stroke::new(1.0, ACCENT);
    v.text_cursor.blink = false;
    let set = |w: &mut egui::style::WidgetVisuals, fill: Color32, line: Color32, text: Color32| {
        w.bg_fill = fill;
        w.weak_bg_fill = fill;
        w.bg_stroke = Stroke::new(1.0, line);
        w.fg_stroke = Stroke::new(1.0, text);
        w.corner_radius = radius;
        w.expansion = 0.0;
    };
    set(&mut v.widgets.noninteractive, PANEL, LINE, TEXT);
    set(&mut v.widgets.inactive, RAISED, LINE, TEXT);
    set(&mut v.widgets.hovered, RAISED_HOVER, TEXT_DISABLED, TEXT);
    set(&mut v.widgets.active, ACCENT_FILL, ACCENT, TEXT);
    set(&mut v.widgets.open, RAISED_HOVER, LINE, TEXT);
}
