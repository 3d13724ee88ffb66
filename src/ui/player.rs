//! The bar below the viewports that plays cine loops and 4D groups: back, play, on, where it stands, how fast.

use super::{icons, theme, widgets};
use crate::context::{AppContext, Command, Player, UiCommand};
use crate::study::Step;
use egui::{Align, DragValue, Frame, Layout, Margin, Rect, RichText, Slider, Ui, UiBuilder, vec2};

/// Height in points.
pub const HEIGHT: f32 = 34.0;
/// Below this width the slider and the words go.
const NARROW: f32 = 520.0;

/// What can be played.
struct Playable {
    index: usize,
    count: usize,
    /// "b-value 1000 s/mm²", or empty for frames.
    what: String,
    /// "step" or "frame".
    word: &'static str,
    /// Speed that the object states.
    recorded: Option<f64>,
}

/// True when the series on screen has something to play.
pub fn is_shown(ctx: &AppContext<'_>) -> bool {
    playable(ctx).is_some()
}

fn playable(ctx: &AppContext<'_>) -> Option<Playable> {
    let series = ctx.series.filter(|s| s.complete)?;
    let loaded = &series.loaded;
    if let Some(&Step { index, count, .. }) = loaded.series.step() {
        let (index, count) = (index as usize, count as usize);
        let what = loaded.series.part.as_ref().map_or_else(String::new, |part| part.what.clone());
        return Some(Playable { index, count, what, word: "step", recorded: None });
    }
    let count = loaded.pictures().len();
    let has_frames = loaded.series.instances.iter().any(|i| i.frames > 1 || !i.frame_times_ms.is_empty());
    if count < 2 || !has_frames {
        return None;
    }
    let index = ctx.view.reading_sight().map_or(0, |sight| sight.picture).min(count - 1);
    let recorded = loaded.frames_per_second(index);
    Some(Playable { index, count, what: String::new(), word: "frame", recorded })
}

/// Shows the bar.
pub fn show(ui: &mut Ui, ctx: &AppContext<'_>, rect: Rect, out: &mut Vec<Command>) {
    let Some(playable) = playable(ctx) else { return };
    ui.painter().rect_filled(rect, 0.0, theme::PANEL);
    let mut bar = ui.new_child(UiBuilder::new().max_rect(rect).layout(Layout::left_to_right(Align::Center)));
    Frame::new().inner_margin(Margin::symmetric(8, 0)).show(&mut bar, |ui| {
        ui.set_height(rect.height());
        ui.horizontal_centered(|ui| {
            buttons(ui, ctx, out);
            let at = format!("{} {} of {}", playable.word, playable.index + 1, playable.count);
            ui.label(RichText::new(at).font(theme::small()).color(theme::TEXT));
            if rect.width() > NARROW {
                slider(ui, &playable, rect.width(), out);
                widgets::elided(ui, widgets::small(playable.what.clone()));
            }
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| speed(ui, ctx.view.player, &playable, out));
        });
    });
}

fn buttons(ui: &mut Ui, ctx: &AppContext<'_>, out: &mut Vec<Command>) {
    let player = ctx.view.player;
    let play = if player.playing { icons::PAUSE } else { icons::PLAY };
    for (icon, command) in
        [(icons::STEP_BACK, UiCommand::PreviousStep), (play, UiCommand::Play), (icons::STEP_ON, UiCommand::NextStep)]
    {
        let selected = command == UiCommand::Play && player.playing;
        if widgets::icon_button(ui, icon, command.title(), &ctx.tooltip(command), selected).clicked() {
            out.push(Command::Ui(command));
        }
    }
}

fn slider(ui: &mut Ui, playable: &Playable, width: f32, out: &mut Vec<Command>) {
    let mut index = playable.index;
    ui.spacing_mut().slider_width = (width * 0.25).clamp(80.0, 320.0);
    let name = format!("{} slider", playable.word);
    let response = ui.add(Slider::new(&mut index, 0..=playable.count - 1).show_value(false)).on_hover_text(&name);
    response.widget_info(|| egui::WidgetInfo::slider(true, index as f64, &name));
    if response.changed() {
        out.push(Command::StepTo(index));
    }
}

fn speed(ui: &mut Ui, player: Player, playable: &Playable, out: &mut Vec<Command>) {
    let (icon, name) =
        if player.bounce { (icons::BOUNCE, "Forth and back") } else { (icons::REPEAT, "From the beginning again") };
    if widgets::icon_button(ui, icon, name, "Loop, or forth and back", player.bounce).clicked() {
        out.push(Command::SetPlayer(Player { bounce: !player.bounce, backwards: false, ..player }));
    }
    let mut per_second = player.speed(playable.recorded);
    let value = DragValue::new(&mut per_second).range(0.5..=120.0).speed(0.2).max_decimals(1).suffix(" /s");
    let response = ui.add_sized(vec2(58.0, 20.0), value);
    let source = match (player.frames_per_second, playable.recorded) {
        (None, Some(_)) => "Speed: as recorded",
        _ => "Speed",
    };
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::SpinButton, true, "Speed"));
    if response.on_hover_text(source).changed() {
        out.push(Command::SetPlayer(Player { frames_per_second: Some(per_second), ..player }));
    }
}
