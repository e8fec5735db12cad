import ConvNetTraining
import Foundation

/// Letters of 5×7 pixels, for captions within pictures: they need no font file, and look alike on every machine.
///
/// Lines are set by the tops of their capitals. All characters are equally wide.
enum BitmapFont {
    /// From the top of a capital to the baseline, in pixels at scale 1.
    static let height = 7

    /// How far letters such as "g" reach below the baseline, in pixels at scale 1.
    static let descent = 2

    /// From the left edge of a character to that of the next, in pixels at scale 1.
    static let advance = 6

    /// Where the pixels of a line of text are, in columns: no gap follows the last character.
    static func width(of text: String, scale: Int = 1) -> Int {
        max(text.count * advance - 1, 0) * scale
    }

    /// The most characters that are no wider than so many pixels; each but the last has a column of the font behind it.
    private static func capacity(ofWidth width: Int, scale: Int) -> Int {
        (width / scale + 1) / advance
    }

    /// The text where it is no wider than `width` pixels, else as much of its beginning as three dots leave room for.
    static func truncated(_ text: String, toWidth width: Int, scale: Int = 1) -> String {
        let capacity = capacity(ofWidth: width, scale: scale)
        if text.count <= capacity { return text }
        var kept = text.prefix(max(capacity - 3, 0))
        // Dots behind a space would look like a word of their own.
        while kept.last == " " { kept.removeLast() }
        return String(kept + "...".prefix(capacity))
    }

    /// The text broken at spaces into lines of at most `width` pixels; what `lineLimit` leaves no room for is left out.
    static func wrapped(_ text: String, toWidth width: Int, lineLimit: Int, scale: Int = 1) -> [String] {
        var lines: [String] = []
        var rest = text[...]
        let capacity = capacity(ofWidth: width, scale: scale)
        while rest.count > capacity, lines.count + 1 < lineLimit,
            let space = rest.prefix(capacity + 1).lastIndex(of: " ")
        {
            lines.append(String(rest[..<space]))
            rest = rest[space...].dropFirst()
        }
        return lines + [truncated(String(rest), toWidth: width, scale: scale)]
    }

    /// The rows of a character from the top, `height + descent` of them; the highest of their 5 bits is the left pixel.
    ///
    /// Letters lose their accents, which would not fit above capitals. What the font lacks is a hollow box.
    static func glyph(for character: Character) -> [UInt8] {
        glyphs[(code(of: character) ?? 0x7F) - 0x20]
    }

    /// Whether the font has all of these characters.
    static func has(_ text: String) -> Bool { text.allSatisfy { code(of: $0) != nil } }

    /// The place of a character's letter in ASCII; nil where the font lacks it.
    private static func code(of character: Character) -> Int? {
        let bare = String(substitutes[character] ?? character).decomposedStringWithCanonicalMapping
        let code = bare.unicodeScalars.first.map { Int($0.value) } ?? 0x7F
        return (0x20..<0x7F).contains(code) ? code : nil
    }

    /// What Unicode does not decompose, though a letter of the font is as good.
    private static let substitutes: [Character: Character] = [
        "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "ı": "i", "×": "x", "−": "-", "–": "-", "—": "-", "‘": "'", "’": "'",
        "“": "\"", "”": "\"", "\u{A0}": " ",
    ]

    private static let glyphs: [[UInt8]] = {
        let lines = drawing.split(separator: "\n").map { $0.utf8.map { $0 == UInt8(ascii: "#") ? 1 : 0 as UInt8 } }
        return (0..<96).map { index in
            let (first, left) = (index / 16 * (height + descent), index % 16 * advance)
            return lines[first..<first + height + descent].map { line in
                line[left..<left + 5].reduce(0) { $0 << 1 | $1 }
            }
        }
    }()

    /// ASCII from the space on, 16 characters in a band, and the box in the place of the last, which has no picture.
    private static let drawing = """
        ..... ..#.. .#.#. .#.#. ..#.. ##... .##.. ..#.. ...#. .#... ..... ..... ..... ..... ..... .....
        ..... ..#.. .#.#. .#.#. .#### ##..# #..#. ..#.. ..#.. ..#.. ..#.. ..#.. ..... ..... ..... ....#
        ..... ..#.. .#.#. ##### #.#.. ...#. #.#.. ..... .#... ...#. #.#.# ..#.. ..... ..... ..... ...#.
        ..... ..#.. ..... .#.#. .###. ..#.. .#... ..... .#... ...#. .###. ##### ..... ##### ..... ..#..
        ..... ..#.. ..... ##### ..#.# .#... #.#.# ..... .#... ...#. #.#.# ..#.. ..... ..... ..... .#...
        ..... ..... ..... .#.#. ####. #..## #..#. ..... ..#.. ..#.. ..#.. ..#.. ..##. ..... .##.. #....
        ..... ..#.. ..... .#.#. ..#.. ...## .##.# ..... ...#. .#... ..... ..... ..##. ..... .##.. .....
        ..... ..... ..... ..... ..... ..... ..... ..... ..... ..... ..... ..... ...#. ..... ..... .....
        ..... ..... ..... ..... ..... ..... ..... ..... ..... ..... ..... ..... ..#.. ..... ..... .....

        .###. ..#.. .###. ##### ...#. ##### ..##. ##### .###. .###. ..... ..... ...#. ..... .#... .###.
        #...# .##.. #...# ...#. ..##. #.... .#... ....# #...# #...# .##.. ..##. ..#.. ..... ..#.. #...#
        #..## ..#.. ....# ..#.. .#.#. ####. #.... ...#. #...# #...# .##.. ..##. .#... ##### ...#. ....#
        #.#.# ..#.. ...#. ...#. #..#. ....# ####. ..#.. .###. .#### ..... ..... #.... ..... ....# ...#.
        ##..# ..#.. ..#.. ....# ##### ....# #...# .#... #...# ....# ..... ..... .#... ##### ...#. ..#..
        #...# ..#.. .#... #...# ...#. #...# #...# .#... #...# ...#. .##.. ..##. ..#.. ..... ..#.. .....
        .###. .###. ##### .###. ...#. .###. .###. .#... .###. .##.. .##.. ..##. ...#. ..... .#... ..#..
        ..... ..... ..... ..... ..... ..... ..... ..... ..... ..... ..... ...#. ..... ..... ..... .....
        ..... ..... ..... ..... ..... ..... ..... ..... ..... ..... ..... ..#.. ..... ..... ..... .....

        .###. .###. ####. .###. ####. ##### ##### .###. #...# .###. ....# #...# #.... #...# #...# .###.
        #...# #...# #...# #...# #...# #.... #.... #...# #...# ..#.. ....# #..#. #.... ##.## #...# #...#
        #.### #...# #...# #.... #...# #.... #.... #.... #...# ..#.. ....# #.#.. #.... #.#.# ##..# #...#
        #.#.# ##### ####. #.... #...# ####. ####. #.### ##### ..#.. ....# ##... #.... #.#.# #.#.# #...#
        #.### #...# #...# #.... #...# #.... #.... #...# #...# ..#.. ....# #.#.. #.... #...# #..## #...#
        #.... #...# #...# #...# #...# #.... #.... #...# #...# ..#.. #...# #..#. #.... #...# #...# #...#
        .###. #...# ####. .###. ####. ##### #.... .#### #...# .###. .###. #...# ##### #...# #...# .###.
        ..... ..... ..... ..... ..... ..... ..... ..... ..... ..... ..... ..... ..... ..... ..... .....
        ..... ..... ..... ..... ..... ..... ..... ..... ..... ..... ..... ..... ..... ..... ..... .....

        ####. .###. ####. .#### ##### #...# #...# #...# #...# #...# ##### .###. ..... .###. ..#.. .....
        #...# #...# #...# #.... ..#.. #...# #...# #...# #...# #...# ....# .#... #.... ...#. .#.#. .....
        #...# #...# #...# #.... ..#.. #...# #...# #...# .#.#. .#.#. ...#. .#... .#... ...#. #...# .....
        ####. #...# ####. .###. ..#.. #...# #...# #.#.# ..#.. ..#.. ..#.. .#... ..#.. ...#. ..... .....
        #.... #.#.# #.#.. ....# ..#.. #...# #...# #.#.# .#.#. ..#.. .#... .#... ...#. ...#. ..... .....
        #.... #..#. #..#. ....# ..#.. #...# .#.#. ##.## #...# ..#.. #.... .#... ....# ...#. ..... .....
        #.... .##.# #...# ####. ..#.. .###. ..#.. #...# #...# ..#.. ##### .###. ..... .###. ..... .....
        ..... ..... ..... ..... ..... ..... ..... ..... ..... ..... ..... ..... ..... ..... ..... #####
        ..... ..... ..... ..... ..... ..... ..... ..... ..... ..... ..... ..... ..... ..... ..... .....

        .#... ..... #.... ..... ....# ..... ..##. ..... #.... ..#.. ...#. #.... .##.. ..... ..... .....
        ..#.. ..... #.... ..... ....# ..... .#..# ..... #.... ..... ..... #.... ..#.. ..... ..... .....
        ...#. .###. ####. .###. .#### .###. .#... .#### ####. .##.. ..##. #..#. ..#.. ##.#. ####. .###.
        ..... ....# #...# #.... #...# #...# ###.. #...# #...# ..#.. ...#. #.#.. ..#.. #.#.# #...# #...#
        ..... .#### #...# #.... #...# ##### .#... #...# #...# ..#.. ...#. ##... ..#.. #.#.# #...# #...#
        ..... #...# #...# #...# #...# #.... .#... #...# #...# ..#.. ...#. #.#.. ..#.. #.#.# #...# #...#
        ..... .#### ####. .###. .#### .###. .#... .#### #...# .###. ...#. #..#. .###. #.#.# #...# .###.
        ..... ..... ..... ..... ..... ..... ..... ....# ..... ..... #..#. ..... ..... ..... ..... .....
        ..... ..... ..... ..... ..... ..... ..... .###. ..... ..... .##.. ..... ..... ..... ..... .....

        ..... ..... ..... ..... .#... ..... ..... ..... ..... ..... ..... ...#. ..#.. .#... ..... #####
        ..... ..... ..... ..... .#... ..... ..... ..... ..... ..... ..... ..#.. ..#.. ..#.. ..... #...#
        ####. .#### #.##. .#### ####. #...# #...# #...# #...# #...# ##### ..#.. ..#.. ..#.. .#... #...#
        #...# #...# ##..# #.... .#... #...# #...# #...# .#.#. #...# ...#. .#... ..#.. ...#. #.#.# #...#
        #...# #...# #.... .###. .#... #...# #...# #.#.# ..#.. #...# ..#.. ..#.. ..#.. ..#.. ...#. #...#
        #...# #...# #.... ....# .#..# #...# .#.#. #.#.# .#.#. #...# .#... ..#.. ..#.. ..#.. ..... #...#
        ####. .#### #.... ####. ..##. .#### ..#.. .#.#. #...# .#### ##### ...#. ..#.. .#... ..... #####
        #.... ....# ..... ..... ..... ..... ..... ..... ..... ....# ..... ..... ..... ..... ..... .....
        #.... ....# ..... ..... ..... ..... ..... ..... ..... .###. ..... ..... ..... ..... ..... .....
        """
}

extension Image {
    /// Draws a line of text; what lies beyond the edges is left out.
    ///
    /// - Parameters:
    ///   - top: the row of the tops of capitals.
    ///   - left: the column where the text begins.
    ///   - scale: the rows and columns of the image that a pixel of the font takes.
    ///   - color: red, green and blue; a grey image gets their luma.
    mutating func draw(_ text: String, top: Int, left: Int, scale: Int = 1, color: (UInt8, UInt8, UInt8)) {
        for (position, character) in text.enumerated() {
            for (y, bits) in BitmapFont.glyph(for: character).enumerated() {
                for x in 0..<5 where bits & (0b10000 >> x) != 0 {
                    fill(
                        top: top + y * scale, left: left + (position * BitmapFont.advance + x) * scale,
                        height: scale, width: scale, color: color)
                }
            }
        }
    }

    /// Fills a rectangle; what lies beyond the edges is left out.
    mutating func fill(top: Int, left: Int, height: Int, width: Int, color: (UInt8, UInt8, UInt8)) {
        let rows = (top..<top + height).clamped(to: 0..<self.height)
        let columns = (left..<left + width).clamped(to: 0..<self.width)
        let grey = (299 * Int(color.0) + 587 * Int(color.1) + 114 * Int(color.2) + 500) / 1000
        let samples = channels == 1 ? [UInt8(grey)] : [color.0, color.1, color.2]
        for y in rows {
            for x in columns {
                for (channel, sample) in samples.enumerated() {
                    pixels[(y * self.width + x) * channels + channel] = sample
                }
            }
        }
    }
}
