extension StringProtocol {
    /// How many columns of a terminal the text takes: two for wide letters (Han, Hangul, kana, full-width forms) and pictures,
    /// none for what joins the letter before it.
    ///
    /// The C library's `wcwidth` knows as much, but answers by the locale that the process was started in, and otherwise on
    /// each system.
    ///
    /// Source: Unicode Standard Annex 11, "East Asian Width", and UTS 51 for what a joiner or a selector makes of pictures.
    package var displayWidth: Int {
        utf8.count == unicodeScalars.count ? utf8.count : reduce(0) { $0 + $1.displayWidth }
    }
}

extension String {
    /// With blanks behind it until it is so many columns wide.
    package func padded(toWidth width: Int) -> String {
        self + String(repeating: " ", count: Swift.max(0, width - displayWidth))
    }

    /// As many whole characters from its beginning as have room in so many columns.
    package func prefix(ofWidth width: Int) -> String {
        // A letter takes two columns at most, so that most texts need not be measured.
        if utf8.count <= width { return self }
        var room = width
        return String(
            prefix { character in
                room -= character.displayWidth
                return room >= 0
            })
    }
}

extension Character {
    fileprivate var displayWidth: Int {
        var width = 0
        var before: Unicode.Scalar?
        for scalar in unicodeScalars {
            let joins = before == "\u{200D}" || scalar.properties.isEmojiModifier && before != nil
            if scalar == "\u{FE0F}", width == 1, before?.properties.isEmoji == true {
                // A sign that is both letter and picture, as a picture.
                width = 2
            } else if !joins || !scalar.properties.isEmoji {
                width += scalar.displayWidth
            }
            before = scalar
        }
        return width
    }
}

extension Unicode.Scalar {
    fileprivate var displayWidth: Int {
        if value < 0x300 { return 1 }
        switch properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format: return 0
        default: break
        }
        // Vowels and final consonants of Hangul, which stand in the square of the consonant before them.
        if (0x1160...0x11FF).contains(value) || (0xD7B0...0xD7FF).contains(value) { return 0 }
        // Of the letters that flags are made of, two make one.
        if properties.isEmojiPresentation, !(0x1F1E6...0x1F1FF).contains(value) { return 2 }
        return Self.wide.contains { $0.contains(value) } ? 2 : 1
    }

    /// Blocks of wide letters, with what is not assigned in them yet; pictures are known by a property of theirs.
    private static let wide: [ClosedRange<UInt32>] = [
        0x1100...0x115F,  // consonants of Hangul
        0x2329...0x232A, 0x2E80...0x303E,  // radicals, punctuation
        0x3041...0x4DBF, 0x4E00...0xA4CF,  // kana, Han, Yi
        0xA960...0xA97C, 0xAC00...0xD7A3,  // Hangul
        0xF900...0xFAFF, 0xFE10...0xFE19, 0xFE30...0xFE6B,  // compatibility forms
        0xFF01...0xFF60, 0xFFE0...0xFFE6,  // full-width forms
        0x16FE0...0x18D08, 0x1AFF0...0x1B2FB,  // Tangut, Khitan, more kana
        0x1F200...0x1F265, 0x20000...0x3FFFD,  // squared and further Han
    ]
}
