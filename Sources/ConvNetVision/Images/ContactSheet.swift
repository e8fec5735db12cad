import ConvNetGraph
import ConvNetPages
import ConvNetTraining

/// A page of pictures to look through: a row for each original, and behind it what has been made of it.
///
///     let row = ContactSheet.Row(caption: "ship", images: [original] + variants)
///     let sheet = ContactSheet(title: "CIFAR-10", columns: ["original", "augmented"], rows: [row])
///     try PNG.encode(sheet.render()).write(to: file)
public struct ContactSheet: Equatable, Sendable {
    /// An original and its variants.
    public struct Row: Equatable, Sendable {
        /// What stands to the left of the pictures, such as the name of their class. What three lines
        /// do not hold is left out, and one with letters that the sheet's font lacks is in ``ContactSheet/legend``.
        public var caption: String

        /// Grey or RGB, of any sizes: the original first. Rows need not be equally long.
        public var images: [Image]

        /// - Parameter images: the original, and then its variants.
        public init(caption: String, images: [Image]) {
            self.caption = caption
            self.images = images
        }
    }

    /// The line above everything. It is never cut off, but makes the sheet wider.
    public var title: String

    /// The headings of the columns from the left. The last goes for all columns from its own on.
    public var columns: [String]

    /// The rows from the top.
    public var rows: [Row]

    /// What the sheet cannot write: its font has the letters of Latin only. Rows with other captions are numbered from 1, and
    /// here is what the numbers stand for. ``html()`` writes everything.
    public var legend: [(row: Int, caption: String)] {
        rows.indices.filter { !BitmapFont.has(rows[$0].caption) }.map { ($0 + 1, rows[$0].caption) }
    }

    /// The rows with captions that can be drawn.
    private var drawnRows: [Row] {
        var rows = rows
        for (row, _) in legend { rows[row - 1].caption = "row \(row)" }
        return rows
    }

    /// The title, without what cannot be drawn.
    private var drawnTitle: String {
        title.split(separator: ", ").filter { BitmapFont.has(String($0)) }.joined(separator: ", ")
    }

    /// Height and width of the square that every picture is fitted into, in pixels.
    public var cell: Int

    /// - Parameters:
    ///   - columns: headings, such as "original" and "augmented".
    ///   - cell: height and width of the square that every picture is fitted into, in pixels, 1 or more.
    public init(title: String, columns: [String], rows: [Row], cell: Int = 112) {
        self.title = title
        self.columns = columns
        self.rows = rows
        self.cell = cell
    }

    /// The sheet as an RGB image.
    ///
    /// Pictures keep their proportions. Those larger than a cell are resized (bilinear); others are enlarged by the
    /// largest whole factor that fits, every pixel becoming a square, so that one sees what a network is given.
    public func render() -> Image {
        precondition(cell > 0, "A cell of \(cell) pixels has no room for a picture.")
        var drawn = self
        (drawn.title, drawn.rows) = (drawnTitle, drawnRows)
        return drawn.draw()
    }

    private func draw() -> Image {
        let layout = Layout(of: self)
        var sheet = Image(filledWith: Palette.page, height: layout.height, width: layout.width)
        // Once more a pixel to the right makes it bold.
        for left in [Layout.margin, Layout.margin + 1] {
            sheet.draw(title, top: Layout.margin, left: left, scale: Layout.titleScale, color: Palette.ink)
        }
        for (column, heading) in columns.enumerated() {
            let (left, width) = (layout.left(ofColumn: column), layout.headingWidth(column))
            let text = BitmapFont.truncated(heading, toWidth: width, scale: layout.textScale)
            sheet.draw(text, top: layout.headingTop, left: left, scale: layout.textScale, color: Palette.faint)
        }
        for (index, row) in rows.enumerated() {
            let top = layout.top(ofRow: index)
            for (line, lineTop) in layout.captionLines(row.caption, inRow: index) {
                sheet.draw(line, top: lineTop, left: Layout.margin, scale: layout.textScale, color: Palette.ink)
            }
            for (column, image) in row.images.enumerated() {
                sheet.frame(image, cell: cell, top: top, left: layout.left(ofColumn: column))
            }
        }
        return sheet
    }
}

private enum Palette {
    static let page: (UInt8, UInt8, UInt8) = (250, 250, 248)
    static let ink: (UInt8, UInt8, UInt8) = (34, 38, 44)
    static let faint: (UInt8, UInt8, UInt8) = (112, 117, 124)
    static let border: (UInt8, UInt8, UInt8) = (200, 203, 207)
    static let field: (UInt8, UInt8, UInt8) = (236, 237, 238)
}

/// Where things are on a sheet, in pixels.
private struct Layout {
    static let margin = 24
    static let titleScale = 2
    /// Between the frames of neighbouring pictures.
    static let gap = 8
    /// Between captions and pictures, and between originals and variants, which are to be told apart at a glance.
    static let separation = 24
    /// From the title's last row to what follows.
    static let titleGap = 22
    /// Of captions.
    static let charactersPerLine = 16

    let height: Int
    /// Height and width of a cell and the border around it.
    let frame: Int
    let textScale: Int
    let captionWidth: Int
    let headingTop: Int
    private let lineHeight: Int
    private let headingCount: Int
    private let firstLeft: Int
    private let firstTop: Int
    private var right = 0

    init(of sheet: ContactSheet) {
        frame = sheet.cell + 2
        // Letters are to go with the pictures: the smaller of the two sizes where they are small.
        textScale = sheet.cell < 96 ? 1 : 2
        lineHeight = (BitmapFont.height + BitmapFont.descent + 2) * textScale

        let captions = sheet.rows.map { BitmapFont.width(of: $0.caption) }
        captionWidth = min(captions.max() ?? 0, Self.charactersPerLine * BitmapFont.advance - 1) * textScale
        firstLeft = Self.margin + (captionWidth > 0 ? captionWidth + Self.separation : 0)

        let titleHeight = (BitmapFont.height + BitmapFont.descent) * Self.titleScale
        headingTop = Self.margin + (sheet.title.isEmpty ? 0 : titleHeight + Self.titleGap)
        firstTop = headingTop + (sheet.columns.isEmpty ? 0 : lineHeight)
        height = firstTop + max(sheet.rows.count * (frame + Self.gap) - Self.gap, 0) + Self.margin

        headingCount = sheet.columns.count
        let columnCount = max(headingCount, sheet.rows.map(\.images.count).max() ?? 0)
        right = max(firstLeft, Self.margin + BitmapFont.width(of: sheet.title, scale: Self.titleScale))
        if columnCount > 0 { right = max(right, left(ofColumn: columnCount - 1) + frame) }
        if let heading = sheet.columns.last {
            right = max(right, left(ofColumn: headingCount - 1) + BitmapFont.width(of: heading, scale: textScale))
        }
    }

    var width: Int { right + Self.margin }

    func left(ofColumn column: Int) -> Int {
        firstLeft + column * (frame + Self.gap) + (column > 0 ? Self.separation - Self.gap : 0)
    }

    func top(ofRow row: Int) -> Int {
        firstTop + row * (frame + Self.gap)
    }

    /// The lines of a caption and where they begin, for their capitals and baselines to be in the middle of the row.
    func captionLines(_ caption: String, inRow row: Int) -> [(line: String, top: Int)] {
        let limit = min(max(frame / lineHeight, 1), 3)
        let lines = BitmapFont.wrapped(caption, toWidth: captionWidth, lineLimit: limit, scale: textScale)
        let height = (lines.count - 1) * lineHeight + BitmapFont.height * textScale
        let top = top(ofRow: row) + (frame - height) / 2
        return lines.enumerated().map { ($1, top + $0 * lineHeight) }
    }

    /// The room for a heading, up to the next one or to the end of the sheet.
    func headingWidth(_ column: Int) -> Int {
        (column + 1 < headingCount ? left(ofColumn: column + 1) - Self.gap : right) - left(ofColumn: column)
    }
}

extension Image {
    /// An RGB image of one colour.
    fileprivate init(filledWith color: (UInt8, UInt8, UInt8), height: Int, width: Int) {
        self.init(
            channels: 3, height: height, width: width, pixels: [UInt8](repeating: 0, count: height * width * 3))
        fill(top: 0, left: 0, height: height, width: width, color: color)
    }

    /// Draws a border around a cell, and an image in the middle of the cell; the border's corner is at `top`, `left`.
    fileprivate mutating func frame(_ image: Image, cell: Int, top: Int, left: Int) {
        fill(top: top, left: left, height: cell + 2, width: cell + 2, color: Palette.border)
        fill(top: top + 1, left: left + 1, height: cell, width: cell, color: Palette.field)
        guard image.height > 0, image.width > 0 else { return }
        let picture = image.fitted(toSquare: cell)
        paste(
            picture, top: top + 1 + (cell - picture.height) / 2, left: left + 1 + (cell - picture.width) / 2)
    }

    /// Copies a grey or RGB image to where it lies wholly within this one, which is RGB.
    private mutating func paste(_ image: Image, top: Int, left: Int) {
        let last = image.channels - 1
        for y in 0..<image.height {
            for x in 0..<image.width {
                let source = (y * image.width + x) * image.channels
                let target = ((top + y) * width + left + x) * 3
                for channel in 0..<3 { pixels[target + channel] = image.pixels[source + min(channel, last)] }
            }
        }
    }

    /// As large as a square of `side` pixels has room for: resized, or enlarged by a whole factor.
    func fitted(toSquare side: Int) -> Image {
        let longest = max(height, width)
        if longest <= side { return enlarged(by: side / longest) }
        // Never nothing, however narrow the image.
        func scaled(_ length: Int) -> Int { max((length * side + longest / 2) / longest, 1) }
        return resized(to: Size(scaled(height), scaled(width)), interpolation: .bilinear)
    }

    /// Every pixel as a square of `factor` by `factor`.
    private func enlarged(by factor: Int) -> Image {
        if factor == 1 { return self }
        var result: [UInt8] = []
        result.reserveCapacity(pixels.count * factor * factor)
        for y in 0..<height {
            let start = result.count
            for x in 0..<width {
                let pixel = pixels[(y * width + x) * channels..<(y * width + x + 1) * channels]
                for _ in 0..<factor { result += pixel }
            }
            let row = result[start...]
            for _ in 1..<factor { result += row }
        }
        return Image(channels: channels, height: height * factor, width: width * factor, pixels: result)
    }
}
