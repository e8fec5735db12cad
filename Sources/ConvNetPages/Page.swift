/// The frame of every page that the library writes: one file that needs no other, for screens light and dark, wide and
/// narrow, and for paper.
package struct Page {
    package var title: String
    package var body: HTML
    /// After how many seconds a browser reads the page again; nil for one that is finished.
    package var refreshSeconds: Int?

    package init(title: String, body: HTML, refreshSeconds: Int? = nil) {
        self.title = title
        self.body = body
        self.refreshSeconds = refreshSeconds
    }

    package var html: HTML {
        // The policy makes browsers refuse whatever would have to be fetched, and every script but the page's own.
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8"/>
        <meta name="viewport" content="width=device-width, initial-scale=1"/>
        <meta name="color-scheme" content="light dark"/>
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:; \
        script-src '\(Tooltips.digest)'"/>
        \(refresh)<title>\(title)</title>
        <style>
        \(Self.style)
        </style>
        </head>
        <body>
        <main>
        <h1>\(title)</h1>
        \(body)
        </main>
        <script>\(Tooltips.script)</script>
        </body>
        </html>

        """
    }

    private var refresh: HTML {
        refreshSeconds.map { "<meta http-equiv=\"refresh\" content=\"\($0)\"/>\n" } ?? ""
    }

    /// Text has a contrast of at least 4.5 to its background, marks of at least 3 (WCAG 2.2, 1.4.3 and 1.4.11).
    private static let style: HTML = """
        :root {
          color-scheme: light dark;
          --paper: #ffffff; --ink: #1b1f24; --muted: #57606a; --rule: #d0d7de; --grid: #e6eaee; --link: #0a58b0;
          \(ChartColor.declarations(ChartColor.light))
        }
        @media (prefers-color-scheme: dark) {
          :root {
            --paper: #14171b; --ink: #e6e8eb; --muted: #a2abb5; --rule: #3a424b; --grid: #272d34; --link: #7db8f5;
            \(ChartColor.declarations(ChartColor.dark))
          }
        }
        * { box-sizing: border-box; }
        body { margin: 0; background: var(--paper); color: var(--ink);
          font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif; }
        main { max-width: 64rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; }
        h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .5rem; }
        h2 { font-size: 1.2rem; margin: 2.5rem 0 .5rem; }
        h3 { font-size: 1rem; margin: 2rem 0 .25rem; overflow-wrap: anywhere; }
        p { margin: .25rem 0 .75rem; max-width: 46rem; }
        a { color: var(--link); overflow-wrap: anywhere; }
        .note, figcaption, ol.sources { color: var(--muted); font-size: .87rem; }
        ol.sources { padding-left: 1.5rem; overflow-wrap: anywhere; }
        .scroll { overflow-x: auto; }
        .scroll th:first-child { position: sticky; left: 0; background: var(--paper); }
        table { border-collapse: collapse; width: 100%; font-size: .87rem; font-variant-numeric: tabular-nums; }
        th, td { text-align: right; padding: .3rem .5rem; white-space: nowrap; vertical-align: baseline; }
        thead th { color: var(--muted); font-weight: 600; border-bottom: 1px solid var(--rule); vertical-align: bottom; }
        tbody th { font-weight: 600; }
        tbody tr + tr > * { border-top: 1px solid var(--grid); }
        th:first-child { text-align: left; padding-left: 0; }
        th:last-child, td:last-child { padding-right: 0; }
        figure { margin: .5rem 0 0; }
        svg { display: block; font: 13px system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif; }
        svg text { fill: var(--ink); }
        svg .muted { fill: var(--muted); }
        svg .grid { stroke: var(--grid); }
        svg .axis { stroke: var(--rule); }
        .narrow { display: none; }
        details { margin: .75rem 0; }
        summary { cursor: pointer; color: var(--link); }
        code { font: .92em ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; overflow-wrap: anywhere; }
        :target { outline: 2px solid var(--link); outline-offset: 3px; }
        \(ChartColor.style)
        @media (max-width: 44rem) {
          .wide { display: none; }
          .narrow { display: block; }
        }
        @media print {
          :root { color-scheme: light;
            --paper: #ffffff; --ink: #000000; --muted: #444b53; --rule: #b0b8c0; --grid: #dde2e7; --link: #000000;
            \(ChartColor.declarations(ChartColor.light)) }
          * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
          html { font-size: 8.5pt; }
          body { font-size: 1rem; }
          th, td { padding: .25rem .4rem; }
          main { max-width: none; padding: 0; }
          h2, h3 { break-after: avoid; }
          tr, figure { break-inside: avoid; }
          .scroll { overflow: visible; }
          .wide { display: block; }
          .narrow { display: none; }
        }
        \(BarTable.style)
        \(BubbleChart.style)
        \(LineChart.style)
        \(ScatterChart.style)
        \(HeatMap.style)
        \(ParallelCoordinates.style)
        \(SmallMultiples.style)
        \(FactTable.style)
        \(PictureGrid.style)
        \(Tooltips.style)
        """
}
