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
