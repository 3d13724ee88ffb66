# Deutsch. Unvollständig: Was fehlt, erscheint auf Englisch. Noch von niemandem in der Befundung geprüft.

## Befehle

command-open-folder = Ordner öffnen …
command-open-files = Dateien öffnen …
command-open-demo = Vorführung öffnen
command-run-ai = Segmentieren, suchen und entwerfen
command-show-ai = KI-Entwurf zeigen oder verbergen
command-next-finding = Nächster ungeprüfter Befund
command-accept-finding = Befund annehmen
command-edit-finding = Befund ändern
command-reject-finding = Befund verwerfen
command-copy-report = Bericht als reinen Text kopieren
command-sign-report = Bericht unterschreiben …
command-export-all = Alles ausgeben …
command-undo = Rückgängig
command-redo = Wiederholen
command-tool-window = Fenster
command-tool-zoom = Vergrößern
command-tool-pan = Verschieben
command-tool-crosshair = Fadenkreuz
command-tool-brush = Pinsel
command-tool-eraser = Radierer
command-brush-shape = Pinsel: Scheibe oder Kugel
command-brush-smaller = Kleinerer Pinsel
command-brush-larger = Größerer Pinsel
command-next-slice = Nächste Schicht
command-previous-slice = Vorige Schicht
command-play = Abspielen oder anhalten
command-first-slice = Erste Schicht
command-last-slice = Letzte Schicht
command-maximize = Eine Ansicht oder alle
command-reset-view = Fenster, Größe und Lage zurücksetzen
command-fit-view = In die Ansicht einpassen
command-one-to-one = Ein Bildpunkt je Bildschirmpunkt
command-invert = Grauwerte umkehren
command-toggle-smooth = Zwischen Voxeln interpolieren
command-toggle-crosshair = Fadenkreuz zeigen oder verbergen
command-toggle-texts = Beschriftung zeigen oder verbergen
command-toggle-masks = Masken zeigen oder verbergen
command-toggle-panels = Seitenleisten zeigen oder verbergen
command-tags = Datenelemente (Tags)
command-palette = Befehle suchen
command-cheat-sheet = Tasten und Maus

## Einstellungen

settings-unknown =
    { $count ->
        [one] Eine unbekannte Einstellung bleibt unverändert: { $keys }.
       *[other] { $count } unbekannte Einstellungen bleiben unverändert: { $keys }.
    }

## Der leere Raum

empty-opening = Wird geöffnet …
empty-nothing-readable = Hier lässt sich nichts anzeigen
empty-choose = Links eine Serie wählen
empty-drop = Einen Ordner mit Bildern hierher ziehen oder die Vorführung öffnen.
empty-unreadable =
    { $count ->
        [one] Eine Datei gefunden, ohne lesbares Bild. „Info“ nennt den Grund.
       *[other] { $count } Dateien gefunden, keine mit lesbaren Bildern. „Info“ nennt die Gründe.
    }
empty-formats = DICOM (CT, MR, Röntgen), NIfTI, PNG und JPEG. Nichts verlässt diesen Rechner.
empty-open-folder = Ordner öffnen
empty-open-files = Dateien öffnen
empty-demonstration = Vorführung
empty-keys = Strg+K findet jeden Befehl · ? zeigt Tasten und Maus
empty-recent = Zuletzt geöffnet

## Die Leiste oben

top-not-clinical = Nicht für den klinischen Gebrauch
top-jobs =
    { $count ->
        [one] 1 Auftrag
       *[other] { $count } Aufträge
    }
top-several-patients = mehrere Patienten geöffnet
top-search = Befehle suchen
top-no-study = Keine Studie geöffnet
top-unnamed-study = Studie ohne Beschreibung

## Die Statuszeile

status-pixel = Spalte { $column }, Zeile { $row }
status-over = darüber { $modality } { $window }
status-ready = Bereit
status-zoom = Zoom { $percent } %
status-zoom-of-fit = Zoom { $percent } % der eingepassten Größe
status-saved = gespeichert
status-saved-ago = vor { $age } gespeichert
status-not-saved = nicht gespeichert
status-cancel = { $job }: abbrechen
status-left = { $job }, noch { $left }

## Befunde

findings-no-series = Zum Befunden eine Serie öffnen.
findings-nothing-searched = Noch wurde nichts gesucht. Ein lokales Modell kann Masken, Befunde und einen Berichtsentwurf vorschlagen; Sie nehmen jeden Vorschlag an, ändern oder verwerfen ihn.
findings-draw = Segment von Hand zeichnen
findings-hidden-title = Der KI-Entwurf ist verborgen
findings-hidden =
    { $count ->
        [one] 1 Vorschlag wartet, bis jedes Bild angezeigt wurde (bisher { $seen } von { $total }), damit Sie zuerst mit eigenen Augen sehen.
       *[other] { $count } Vorschläge warten, bis jedes Bild angezeigt wurde (bisher { $seen } von { $total }), damit Sie zuerst mit eigenen Augen sehen.
    }
findings-show-draft = KI-Entwurf jetzt zeigen
findings-title =
    { $count ->
        [one] 1 Befund · { $open } zu prüfen
       *[other] { $count } Befunde · { $open } zu prüfen
    }
findings-name = Befund { $label }
findings-field = Befund
findings-ai = KI
findings-score = Eigene Bewertung des Modells; keine Wahrscheinlichkeit
findings-see-first = { $command }: zuerst den Befund anklicken, um ihn zu sehen
findings-reject = { $label } verwerfen
findings-edit = { $label } ändern
findings-accept = { $label } annehmen
findings-no-measurement = nicht gemessen
findings-proposed = vorgeschlagen von { $model } { $version }
findings-proposed-by-rules = vorgeschlagen von { $model } { $version } (Regeln, kein neuronales Netz)
findings-ai-accepted = KI, angenommen von { $name }
findings-ai-edited = KI, geändert von { $name }
findings-ai-rejected = KI, verworfen von { $name }
findings-own = von { $name }
findings-own-rejected = von { $name }, verworfen von { $reviewer }
findings-reader = Befunder

## Segmente

segments-title =
    { $count ->
        [one] 1 Segment
       *[other] { $count } Segmente
    }
segments-add = Segment hinzufügen
segments-add-tip = Leeres Segment hinzufügen
segments-hidden =
    { $count ->
        [one] 1 Segment des KI-Entwurfs ist verborgen.
       *[other] { $count } Segmente des KI-Entwurfs sind verborgen.
    }
segments-show = { $label } zeigen
segments-show-tip = Dieses Segment zeigen oder verbergen
segments-ai = KI
segments-ai-edited = KI, geändert
segments-by-hand = von Hand
segments-choose = Für Pinsel und Radierer wählen
segments-name = Segment { $label }
segments-fill = Füllung
segments-outline = Umriss
segments-opacity = Segment

## Der Bericht

report-none = Noch kein Bericht.
report-no-series = Zum Befunden eine Serie öffnen.
report-copy = Als Text kopieren
report-remove-rejected = Verworfene entfernen
report-remove-rejected-tip = Entfernt jeden Satz, dessen Befund verworfen wurde oder nicht mehr da ist; Rückgängig holt sie zurück
report-sign = Unterschreiben …
report-draft = Entwurf
report-unsigned = nicht unterschrieben, nicht geprüft
report-signed = Unterschrieben von { $name }, { $time }
report-never-changes = Er ändert sich nie mehr; Berichtigungen sind Nachträge.
report-add = Satz hinzufügen: { $section }
report-hidden =
    { $count ->
        [one] 1 Satz des KI-Entwurfs ist verborgen
       *[other] { $count } Sätze des KI-Entwurfs sind verborgen
    }
report-nothing-written = noch nichts geschrieben
report-new-sentence = Neuer Satz
report-sentence = Satz
report-edit = Satz ändern
report-edit-tip = Satz ändern (Doppelklick)
report-save = Speichern
report-save-keys = Strg+Eingabe
report-cancel = Abbrechen
report-cancel-keys = Esc
report-remove = Entfernen
report-mark-rejected = Befund verworfen
report-mark-stale = Beleg fehlt
report-mark-draft = KI-Entwurf
report-mark-accepted = KI, angenommen von { $name }
report-mark-edited = KI, geändert von { $name }

## Info

info-elements = Alle Datenelemente
info-no-series = Keine Serie auf dem Bildschirm.
info-no-device = Fovea ist kein Medizinprodukt. Nicht für den klinischen Gebrauch.
info-facts = ANGABEN
info-warnings = WARNUNGEN
info-patient = Patient
info-id = ID
info-birth-date = Geburtsdatum
info-sex = Geschlecht
info-study = Studie
info-study-date = Studiendatum
info-accession = Anforderungsnr.
info-referred-by = Überwiesen von
info-series = Serie
info-modality = Modalität
info-body-part = Körperteil
info-protocol = Protokoll
info-kernel = Faltungskern
info-contrast = Kontrastmittel
info-voxels = Voxel
info-spacing = Voxelabstand
info-values = Werte
info-values-range = { $low } bis { $high } { $unit }
info-pictures = Bilder
info-transfer-syntax = Transfersyntax
info-steps = Schichtabstände
info-steps-even = { $mean } mm, gleichmäßig
info-steps-uneven = { $least } bis { $greatest } mm
info-tilt = Kippung
info-gaps = Lücken
info-gaps-missing =
    { $count ->
        [one] { $gaps }, etwa 1 Schicht fehlt
       *[other] { $gaps }, etwa { $count } Schichten fehlen
    }
info-copies = Kopien
info-copies-count =
    { $count ->
        [one] 1 Datei
       *[other] { $count } Dateien
    }
info-unreadable =
    { $count ->
        [one] 1 DATEI NICHT GELESEN
       *[other] { $count } DATEIEN NICHT GELESEN
    }
info-more = und { $count } weitere

## Unterschreiben

sign-title = Bericht unterschreiben
sign-check = Ein unterschriebener Bericht ändert sich nie mehr. Prüfen Sie, wessen Bericht es ist:
sign-unreviewed =
    { $count ->
        [one] 1 vorgeschlagener Befund wurde nicht geprüft; er bleibt ein Vorschlag.
       *[other] { $count } vorgeschlagene Befunde wurden nicht geprüft; sie bleiben Vorschläge.
    }
sign-your-name = Ihr Name
sign-sign = Unterschreiben
sign-cancel = Abbrechen
sign-needs-name = Eine Unterschrift braucht einen Namen.
sign-not-stated = in den Dateien nicht angegeben
sign-name = Name
sign-patient-id = Patienten-ID
sign-birth-date = Geburtsdatum
sign-accession = Anforderungsnr.
sign-study = Studie

## Tasten und Maus

keys-title = Tasten und Maus
keys-find = Suchen
keys-find-name = In den Tasten suchen
keys-default-all = Alle Tasten wie vorgegeben
keys-hint = Die Tasten eines Befehls anklicken, um andere zu vergeben; Entf nimmt sie weg, Esc lässt sie, wie sie sind.
keys-press = Tasten drücken …
keys-or = oder
keys-change = Andere Tasten vergeben
keys-of = Tasten: { $command }
keys-default-of = Vorgegebene Tasten: { $command }
mouse-left-drag = Links ziehen
mouse-left-drag-does = das Werkzeug in der Hand; zu Beginn das Fenster: nach rechts weiter, nach oben heller
mouse-left-click = Linksklick
mouse-left-click-does = Fadenkreuz dorthin; Sätze, die sich darauf stützen, leuchten auf
mouse-shift-move = Umschalt + bewegen
mouse-shift-move-does = 3D-Zeiger: Das Fadenkreuz folgt dem Zeiger in jeder Ansicht desselben Raums
mouse-wheel = Rad
mouse-wheel-does = Schichten: nach unten = nächste
mouse-ctrl-wheel = Strg + Rad
mouse-ctrl-wheel-does = vergrößern
mouse-shift-wheel = Umschalt + Rad
mouse-shift-wheel-does = Pinselgröße
mouse-middle-drag = Mit der mittleren Taste ziehen
mouse-middle-drag-does = verschieben
mouse-right-drag = Rechts ziehen
mouse-right-drag-does = vergrößern
mouse-right-click = Rechtsklick
mouse-right-click-does = Ansicht, Schichtdicke, Farben, Fusion, Fenster und mehr
mouse-double-click = Doppelklick
mouse-double-click-does = eine Ansicht oder alle
mouse-circles = Kreise am Fadenkreuz
mouse-circles-does = ziehen: die Ebenen darum drehen (Werkzeug Fadenkreuz)
mouse-series = Serie ziehen
mouse-series-does = aus der Liste in eine Ansicht

## Das Fenster der Einstellungen

settings-title = Einstellungen
settings-keys = Tasten und Maus …
settings-kept = In einer Datei dieses Benutzers auf diesem Rechner. Keine Patientennamen, außer oben erlaubt.
settings-text-size = Schriftgröße
settings-colors = Farben der Segmente
settings-colors-recommended = wie das Objekt sagt
settings-colors-safe = auch bei Farbfehlsichtigkeit unterscheidbar
settings-language = Sprache
settings-language-system = wie das System
settings-language-later = eine andere Sprache gilt ab dem nächsten Start
settings-proposals = Vorschläge der KI
settings-proposals-hidden = verborgen, bis jedes Bild angezeigt wurde
settings-recent = Zuletzt geöffnete Studien
settings-recent-names = mit Patientennamen
