import ConvNetPages
import Foundation

extension ContactSheet {
    /// The sheet as a page: one HTML file without scripts that fetches nothing, in which the browser writes captions in any
    /// script.
    ///
    /// - Throws: ``ImageError`` where a picture is too large to be encoded.
    public func html() throws -> String {
        let width = max(columns.count, rows.map(\.images.count).max() ?? 0)
        let headings: [HTML] = columns.enumerated().map { index, heading in
            let span = index + 1 == columns.count ? max(1, width - index) : 1
            return "<th scope=\"col\" colspan=\"\(span)\">\(heading)</th>"
        }
        let lines: [HTML] = try rows.map { row in
            let cells: [HTML] = try row.images.map { image in
                guard image.height > 0, image.width > 0 else { return "<td></td>" }
                let picture = try PNG.encode(image.fitted(toSquare: cell)).base64EncodedString()
                return "<td><img alt=\"\" src=\"data:image/png;base64,\(picture)\"/></td>"
            }
            return "<tr><th scope=\"row\">\(printable(row.caption))</th>\(cells)</tr>"
        }
        let body: HTML = """
            <style>
            table.sheet { width: auto; }
            table.sheet th { text-align: left; white-space: normal; overflow-wrap: anywhere; max-width: 12rem; }
            table.sheet td { padding: .25rem; text-align: center; vertical-align: middle; }
            table.sheet td:nth-child(2) { padding-right: 1.5rem; }
            table.sheet tbody th { vertical-align: middle; }
            table.sheet img { display: block; max-width: none; image-rendering: pixelated; border: 1px solid var(--rule); }
            </style>
            <div class="scroll"><table class="sheet"><thead><tr><th scope="col">class</th>\(headings)</tr></thead>
            <tbody>
            \(lines)
            </tbody></table></div>
            """
        return Page(title: printable(title), body: body).html.description
    }
}
