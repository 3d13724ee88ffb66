//! What objects beside images hold, for `fovea info`.

use crate::codes::Code;
use crate::io::content_tree::ObjectReference;
use crate::io::objects::{self, Object};
use crate::io::presentation::{Drawing, Place, PresentationState, Shape, Window};
use crate::io::real_world::{MapFunction, RealWorldMap};
use crate::io::registration::{RegisteredFrame, SpatialRegistration};
use crate::io::structures::{ContourShape, Roi, StructureSet};
use crate::study::{Catalog, Instance, Series, Warnings};
use serde_json::{Value, json};

/// The object of an instance; `None` for images.
pub(super) fn as_json(catalog: &Catalog, instance: &Instance) -> Option<Value> {
    if !objects::is_beside_images(&instance.sop_class_uid, instance.rows > 0) {
        return None;
    }
    let mut warnings = Warnings::default();
    let object = objects::read(&catalog.path(instance), &mut warnings);
    let mut value = object_json(&object);
    value["summary"] = object.summary().into();
    value["warnings"] = warnings.iter().collect::<Vec<_>>().into();
    Some(value)
}

/// One line for people; `None` for images.
pub(super) fn line(catalog: &Catalog, instance: &Instance) -> Option<String> {
    if !objects::is_beside_images(&instance.sop_class_uid, instance.rows > 0) {
        return None;
    }
    let summary = objects::read(&catalog.path(instance), &mut Warnings::default()).summary();
    let name = objects::class_name(&instance.sop_class_uid);
    Some(if summary.is_empty() { name } else { format!("{name}: {summary}") })
}

/// Real-world values that the first image of a series carries; `null` without any.
pub(super) fn real_world_values(catalog: &Catalog, series: &Series) -> Option<Value> {
    let first = series.instances.iter().find(|i| i.rows > 0 && !i.sop_class_uid.is_empty())?;
    let maps = objects::maps_of_image(&catalog.path(first));
    (!maps.is_empty()).then(|| maps.iter().map(real_world_map).collect())
}

fn object_json(object: &Object) -> Value {
    match object {
        Object::Structures(set) => structures(set),
        Object::Dose(dose) => json!({
            "kind": "dose", "units": dose.units, "type": dose.kind, "summation": dose.summation, "comment": dose.comment,
        }),
        Object::Presentation(state) => presentation(state),
        Object::KeyObjects(keys) => json!({
            "kind": "key_objects",
            "title": keys.title.as_ref().map(code),
            "modifiers": keys.modifiers.iter().map(code).collect::<Vec<_>>(),
            "description": keys.description,
            "references": keys.references.iter().map(|key| {
                let mut value = reference(&key.object);
                value["series_uid"] = key.series_uid.as_str().into();
                value["study_uid"] = key.study_uid.as_str().into();
                value
            }).collect::<Vec<_>>(),
        }),
        Object::Report(document) => json!({
            "kind": "report",
            "title": document.root.concept.as_ref().map(code),
            "template": document.template,
            "completion": document.completion,
            "verification": document.verification,
            "verified_by": document.verified_by,
            "items": document.root.lines().len(),
        }),
        Object::Document(document) => json!({
            "kind": "document",
            "title": document.title,
            "mime_type": document.mime_type,
            "what": document.kind.as_str(),
            "bytes": document.bytes.len(),
            "pages": document.page_count().ok(),
        }),
        Object::RealWorldMaps(groups) => json!({
            "kind": "real_world_maps",
            "groups": groups.iter().map(|group| json!({
                "images": group.images.iter().map(reference).collect::<Vec<_>>(),
                "maps": group.maps.iter().map(real_world_map).collect::<Vec<_>>(),
            })).collect::<Vec<_>>(),
        }),
        Object::Registration(map) => registration(map),
        Object::Waveform(groups) => json!({
            "kind": "waveform",
            "groups": groups.iter().map(|group| json!({
                "channels": group.channels, "samples": group.samples, "frequency_hz": group.frequency_hz,
            })).collect::<Vec<_>>(),
        }),
        Object::Plan(plan) => json!({
            "kind": "plan", "label": plan.label, "beams": plan.beams, "fraction_groups": plan.fraction_groups,
        }),
        Object::Other => json!({"kind": "other"}),
    }
}

fn registration(map: &SpatialRegistration) -> Value {
    let item = |item: &RegisteredFrame| {
        json!({
            "frame_of_reference_uid": item.frame_of_reference_uid,
            "images": item.images.len(),
            "registered_from_own": crate::cli::register::matrix_json(&item.registered_from_own),
            "method": item.method.as_ref().map(code),
            "comment": item.comment,
        })
    };
    json!({
        "kind": "registration",
        "label": map.label,
        "description": map.description,
        "frame_of_reference_uid": map.frame_of_reference_uid,
        "items": map.items.iter().map(item).collect::<Vec<_>>(),
    })
}

fn code(code: &Code) -> Value {
    json!({"value": code.value, "scheme": code.scheme, "meaning": code.meaning})
}

fn reference(object: &ObjectReference) -> Value {
    json!({"sop_class": object.sop_class_uid, "sop_instance_uid": object.sop_instance_uid, "frames": object.frames})
}

fn structures(set: &StructureSet) -> Value {
    let roi = |roi: &Roi| {
        let count = |shape: &ContourShape| roi.contours.iter().filter(|c| c.shape == *shape).count();
        json!({
            "number": roi.number,
            "name": roi.name,
            "type": roi.interpreted_type,
            "algorithm": roi.algorithm,
            "color_rgb": roi.color_rgb,
            "code": roi.code.as_ref().map(code),
            "contours": count(&ContourShape::Closed),
            "lines": count(&ContourShape::Line),
            "points": count(&ContourShape::Point),
        })
    };
    json!({
        "kind": "structures",
        "label": set.label,
        "frame_of_reference_uids": set.belonging.frame_of_reference_uids,
        "referenced_series_uids": set.belonging.series_uids,
        "regions": set.rois.iter().map(roi).collect::<Vec<_>>(),
    })
}

/// Pixel coordinates have their centers at integers.
fn presentation(state: &PresentationState) -> Value {
    let window = |w: &Window| json!({"center": w.voi.center, "width": w.voi.width, "table": !w.tables.is_empty()});
    json!({
        "kind": "presentation",
        "label": state.label,
        "description": state.description,
        "creator": state.creator,
        "images": state.images.iter().map(reference).collect::<Vec<_>>(),
        "windows": state.windows.iter().map(|(_, w)| window(w)).collect::<Vec<_>>(),
        "inverse": state.inverse,
        "rotation_degrees": u32::from(state.quarter_turns) * 90,
        "flipped": state.flipped,
        "shutter": state.shutter.is_some(),
        "layers": state.layers.iter().map(|layer| &layer.name).collect::<Vec<_>>(),
        "annotations": state.drawings.iter().map(drawing).collect::<Vec<_>>(),
    })
}

fn drawing(drawing: &Drawing) -> Value {
    let place = |place: &Place| match place {
        Place::Pixel(at) => json!({"px": at.to_array()}),
        Place::Display(at) => json!({"display": at.to_array()}),
    };
    let mut value = match &drawing.what {
        Shape::Line { kind, given, filled, .. } => {
            json!({"kind": kind, "points": given.iter().map(place).collect::<Vec<_>>(), "filled": filled})
        }
        Shape::Point(at) => json!({"kind": "POINT", "points": [place(at)]}),
        Shape::Text(text) => json!({
            "kind": "TEXT",
            "text": text.text,
            "box": text.corners.as_ref().map(|corners| corners.iter().map(place).collect::<Vec<_>>()),
            "anchor": text.anchor.as_ref().map(place),
        }),
    };
    value["layer"] = drawing.layer.as_str().into();
    value
}

fn real_world_map(map: &RealWorldMap) -> Value {
    let function = match &map.function {
        MapFunction::Linear(rescale) => json!({"slope": rescale.slope, "intercept": rescale.intercept}),
        MapFunction::Table(entries) => json!({"entries": entries.len()}),
    };
    json!({
        "label": map.label,
        "explanation": map.explanation,
        "unit": map.unit.as_ref().map(code),
        "quantity": map.quantity.as_ref().map(code),
        "stored": map.stored,
        "function": function,
    })
}
