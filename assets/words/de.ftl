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
