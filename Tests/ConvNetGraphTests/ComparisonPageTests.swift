import Foundation
import TestSupport
import Testing

@testable import ConvNetGraph

#if canImport(FoundationXML)
import FoundationXML
#endif

@Suite struct ComparisonPageTests {
    private func network(classes: Int = 10) throws -> Network {
        try Network(input: [1, 12, 12]) {
            Conv2D(8, kernel: 5).named("conv")
            ReLU()
            Flatten()
            Dense(classes).named("head")
        }
    }

    private func accuracy(_ top1: Double?, dataset: String = "ImageNet") -> PublishedAccuracy {
        PublishedAccuracy(
            top1: top1, dataset: dataset, evaluation: "validation", source: "Somebody <& others>, 2017",
            url: "https://example.org/?a=1&b=2")
    }

    /// One of each kind: in the chart, and left out for each reason.
    private func page() throws -> String {
        let network = try network()
        return ComparisonPage(
            NetworkComparison([
                .init("first", network, accuracy: accuracy(0.625)), .init("second", network, accuracy: accuracy(0.75)),
                .init("<script>alert('&')</script>\u{1B}", network),
                .init("other", network, accuracy: accuracy(0.99, dataset: "MNIST")),
                .init("five", network, accuracy: accuracy(nil)),
            ])
        ).html
    }

    private final class Elements: NSObject, XMLParserDelegate {
        var names: [String] = []
        var attributes: [(element: String, name: String, value: String)] = []

        func parser(
            _ parser: XMLParser, didStartElement element: String, namespaceURI: String?, qualifiedName: String?,
            attributes found: [String: String]
        ) {
            names.append(element)
            for (name, value) in found { attributes.append((element, name, value)) }
        }
    }

    private func elements(of page: String) throws -> Elements {
        let parser = XMLParser(data: Data(page.utf8))
        let elements = Elements()
        parser.delegate = elements
        #expect(parser.parse(), "\(parser.parserError.map { "\($0)" } ?? "") in line \(parser.lineNumber)")
        return elements
    }

    @Test func isWellFormedAndNeedsNothingElse() throws {
        let elements = try elements(of: page())
        #expect(elements.names.first == "html")
        #expect(Set(elements.names).isDisjoint(with: ["link", "img", "iframe", "object", "use"]))
        // The one that shows what stands under the pointer, which the page's policy allows by its digest.
        #expect(elements.names.count { $0 == "script" } == 1)
        for attribute in elements.attributes where attribute.value.contains("//") {
            // Citations are followed by people, not by the page.
            #expect(attribute.element == "a" && attribute.name == "href", "\(attribute)")
        }
        #expect(elements.attributes.allSatisfy { $0.name != "src" && !$0.name.hasPrefix("on") })
        #expect(try !page().contains("url(") && !page().contains("@import"))
    }

    @Test func namesAndCitationsAreText() throws {
        let page = try page()
        #expect(page.contains("&lt;script&gt;alert(&#39;&amp;&#39;)&lt;/script&gt;\\u{1b}</th>"))
        #expect(page.contains("Somebody &lt;&amp; others&gt;, 2017: ImageNet, validation"))
        #expect(page.contains(#"<a href="https://example.org/?a=1&amp;b=2">https://example.org/?a=1&amp;b=2</a>"#))
    }

    /// Only what was measured on the same images is compared.
    @Test func whatIsNotInTheChartIsSaid() throws {
        let page = try page()
        #expect(
            page.contains(
                "Not in the chart: &lt;script&gt;alert(&#39;&amp;&#39;)&lt;/script&gt;\\u{1b} (no published accuracy is known), "
                    + "other (measured on MNIST), five (no top-1 accuracy was published)."))
        // Wide and narrow.
        #expect(page.split(separator: #"<circle class="bubble" cx="#).count - 1 == 2 * (2 + 2))
        #expect(page.contains("<title>second: 75.0 % top-1, 17,920 multiply-adds, 5,338 parameters</title>"))
    }

    @Test func numbers() throws {
        let page = try page()
        // conv: 8·26 and 8·64·25; head: 10·513 and 5120.
        #expect(page.contains("<td title=\"5,338\">5.34 k</td>\n<td title=\"17,920\">17.9 k</td>"))
        #expect(page.contains(#"<td title="conv: 208 parameters, 3.9 % of the network&#39;s">"#))
        #expect(page.contains(#"<td title="head: 5,120 multiply-adds, 28.6 % of the network&#39;s">"#))
        #expect(page.contains(#"<rect class="second" width="4.1%" height="100%" rx="1"/>"#))
        #expect(page.contains(#"<div class="number">2.0 KiB</div>"#))
        #expect(page.contains(#"<th scope="row">conv <span>Conv2D 5×5</span></th>"#))
    }

    @Test func withoutAccuraciesThereIsNoChart() throws {
        let page = ComparisonPage(NetworkComparison([.init("first", try network())])).html
        _ = try elements(of: page)
        #expect(!page.contains("<circle"))
        #expect(page.contains("Not in the chart: first (no published accuracy is known)."))
    }

    /// Nothing to divide by, and numbers that are none.
    @Test func extremes() throws {
        let nothing = try Network(input: [1, 1, 1]) { ReLU() }
        let page = ComparisonPage(
            NetworkComparison([
                .init("nothing", nothing, accuracy: accuracy(0)), .init("again", nothing, accuracy: accuracy(0)),
                .init("nan", nothing, accuracy: accuracy(.nan)), .init("percent", nothing, accuracy: accuracy(76)),
            ])
        ).html
        _ = try elements(of: page)
        #expect(page.contains("<title>nothing: 0.0 % top-1, 0 multiply-adds, 0 parameters</title>"))
        #expect(
            page.contains("nan (its top-1 accuracy is no fraction), percent (its top-1 accuracy is no fraction)."))
        #expect(!page.contains("\"nan\"") && !page.contains("\"inf\""))
        _ = try elements(of: ComparisonPage(NetworkComparison([])).html)
    }

    @Test func isWrittenWholeOrNotAtAll() throws {
        let directory = try ScratchDirectory()
        let page = ComparisonPage(NetworkComparison([.init("first", try network())]))
        try page.write(to: directory.file("page.html"))
        #expect(try String(contentsOf: directory.file("page.html"), encoding: .utf8) == page.html)
        #expect(throws: FileWriteError.self) { try page.write(to: directory.file("none/page.html")) }
    }

    // MARK: Groups of layers

    private func labels(_ network: Network, limit: Int) -> [String] {
        LayerProfile(network.summary(), limit: limit).parts.map { "\($0.label) \($0.layers) \($0.parameters)" }
    }

    @Test func layersAreGroupedWhereTheyAreMany() throws {
        let network = try Network(input: [4]) {
            Dense(4).named("stem")
            for stage in 1...2 {
                Sequential {
                    for _ in 0..<2 {
                        Sequential {
                            Dense(4).named("a")
                            ReLU().named("b")
                        }
                    }
                }
                .named("stage\(stage)")
            }
        }
        #expect(labels(network, limit: 9).count == 9)
        #expect(
            labels(network, limit: 8) == [
                "stem 1 20", "stage1.0 2 20", "stage1.1 2 20", "stage2.0 2 20", "stage2.1 2 20",
            ])
        #expect(labels(network, limit: 4) == ["stem 1 20", "stage1 4 40", "stage2 4 40"])
        #expect(labels(network, limit: 2) == ["stem – stage1 5 60", "stage2 4 40"])
    }
}
