import Foundation

/// Pictures with a few lines beneath each, as many in a row as there is room for.
package struct PictureGrid {
    package struct Picture {
        /// A PNG file; nil where only the lines are known.
        package var png: Data?
        /// What it is, for those who do not see it.
        package var name: String
        package var lines: [HTML]

        package init(png: Data?, name: String, lines: [HTML]) {
            self.png = png
            self.name = name
            self.lines = lines
        }
    }

    package var pictures: [Picture]
    /// Whether they are thumbnails.
    package var isSmall: Bool

    package init(_ pictures: [Picture], isSmall: Bool = false) {
        self.pictures = pictures
        self.isSmall = isSmall
    }

    package static let style: HTML = """
        .pictures { display: grid; grid-template-columns: repeat(auto-fill, minmax(9rem, 1fr)); gap: 1.25rem 1rem; }
        .pictures figure { margin: 0; min-width: 0; }
        .pictures img { width: 100%; aspect-ratio: 1; object-fit: contain; background: var(--grid); border: 1px solid var(--rule);
          image-rendering: pixelated; }
        .pictures figcaption { overflow-wrap: anywhere; line-height: 1.35; margin-top: .3rem; }
        .pictures b { color: var(--ink); }
        img.filters { max-width: 100%; height: auto; image-rendering: pixelated; }
        .pictures.small { grid-template-columns: repeat(auto-fill, minmax(4.5rem, 1fr)); gap: .6rem; }
        """

    package var html: HTML {
        guard !pictures.isEmpty else { return "" }
        let figures: [HTML] = pictures.map { picture in
            let image: HTML =
                picture.png.map {
                    "<img alt=\"\(picture.name)\" title=\"\(picture.name)\" src=\"\(Self.source($0))\"/>\n"
                } ?? ""
            let lines: [HTML] = picture.lines.map { "\($0)<br/>" }
            return "<figure>\(image)<figcaption>\(lines)</figcaption></figure>"
        }
        return "<div class=\"pictures\(isSmall ? " small" : "")\">\(figures)</div>"
    }

    /// An address that holds the picture itself.
    package static func source(_ png: Data) -> HTML {
        HTML(verbatim: "data:image/png;base64,\(png.base64EncodedString())")
    }
}
