import Testing

@testable import ConvNetGraph

@Suite struct WindowFitTests {
    private func summary(_ layer: any Layer, _ height: Int, _ width: Int? = nil) throws -> NetworkSummary.LayerSummary {
        let network = try Network(input: [1, height, width ?? height]) { layer }
        return try #require(network.summary().layers.first)
    }

    @Test func pixelsThatAreNeverSeen() throws {
        let alexNet = try summary(Conv2D(1, kernel: 11, stride: 4), 224)
        #expect(alexNet.note == "(224 − 11 + 2·0) / 4 = 53.25 is not whole: the last row and column are never seen")
        #expect((alexNet.unseenRows, alexNet.unseenColumns) == (1, 1))
        let pool = try summary(MaxPool2D(3), 32)
        #expect(pool.note == "(32 − 3 + 2·0) / 3 ≈ 9.667 is not whole: the last 2 rows and columns are never seen")
        #expect((pool.unseenRows, pool.unseenColumns) == (2, 2))
    }

    @Test func paddingThatIsLeftOut() throws {
        let resNet = try summary(Conv2D(1, kernel: 7, stride: 2, padding: 3), 224)
        #expect(
            resNet.note == "(224 − 7 + 2·3) / 2 = 111.5 is not whole: only a row and a column of padding are left out")
        #expect((resNet.unseenRows, resNet.unseenColumns) == (0, 0))
        #expect(
            try summary(Conv2D(1, kernel: 5, stride: 4, padding: 2), 8).note
                == "(8 − 5 + 2·2) / 4 = 1.75 is not whole: the last row and column are never seen")
        #expect(
            try summary(Conv2D(1, kernel: 5, stride: 4, padding: 2), 7).note
                == "(7 − 5 + 2·2) / 4 = 1.5 is not whole: only 2 rows and columns of padding are left out")
    }

    @Test func heightAndWidthOnTheirOwn() throws {
        let oblong = try summary(MaxPool2D(2), 7, 8)
        #expect(oblong.note == "height: (7 − 2 + 2·0) / 2 = 2.5 is not whole: the last row is never seen")
        #expect((oblong.unseenRows, oblong.unseenColumns) == (1, 0))
        let both = try summary(
            Conv2D(1, kernel: 3, stride: 3, padding: .asymmetric(top: 0, bottom: 1, left: 1, right: 1)), 10, 11)
        #expect(
            both.note == "height: (10 − 3 + 0 + 1) / 3 ≈ 2.667 is not whole: the last row is never seen; "
                + "width: (11 − 3 + 2·1) / 3 ≈ 3.333 is not whole: only a column of padding is left out")
        #expect((both.unseenRows, both.unseenColumns) == (1, 0))
        // Equal in number, unlike in where the padding is.
        let sides = try summary(
            Conv2D(1, kernel: 2, stride: 2, padding: .asymmetric(top: 1, bottom: 0, left: 0, right: 1)), 4)
        #expect(
            sides.note == "height: (4 − 2 + 1 + 0) / 2 = 1.5 is not whole: the last row is never seen; "
                + "width: (4 − 2 + 0 + 1) / 2 = 1.5 is not whole: only a column of padding is left out")
    }

    @Test func dilatedKernels() throws {
        #expect(
            try summary(Conv2D(1, kernel: 3, stride: 2, dilation: 2), 32).note
                == "(32 − (2·(3 − 1) + 1) + 2·0) / 2 = 13.5 is not whole: the last row and column are never seen")
    }

    /// Said once, without the border: as much falls between any two windows.
    @Test func stridesBeyondTheKernel() throws {
        let shortcut = try summary(Conv2D(1, kernel: 1, stride: 2), 56)
        #expect(
            shortcut.note == "the stride of 2 exceeds the kernel of 1: pixels between windows are never seen")
        #expect((shortcut.unseenRows, shortcut.unseenColumns) == (1, 1))
        #expect(
            try summary(Conv2D(1, kernel: Size(1, 3), stride: Size(2, 1)), 5).note
                == "height: the stride of 2 exceeds the kernel of 1: pixels between windows are never seen")
    }

    @Test(
        arguments: [
            Conv2D(1, kernel: 11, stride: 4, padding: 2), Conv2D(1, kernel: 5, stride: 4, padding: .same),
            MaxPool2D(3, stride: 2, ceilMode: true), AveragePool2D(3, stride: 2, ceilMode: true),
            AdaptiveAveragePool2D(5), GlobalAveragePool2D(), ZeroPadding2D(1), ReLU(), Flatten(),
        ] as [any Layer])
    func nothingIsSaidWhereAllIsEven(layer: any Layer) throws {
        let layer = try summary(layer, 223)
        #expect(layer.note == nil)
        #expect((layer.unseenRows, layer.unseenColumns) == (0, 0))
    }

    /// Sizes that a model file may hold.
    @Test func hugeSizes() throws {
        let largest = Graph.maximumElementCount
        let strides = try summary(MaxPool2D(1, stride: largest), 46_340)
        #expect(strides.unseenRows == 46_339)
        // Not whole, if only just.
        let padding = try summary(
            MaxPool2D(largest, stride: largest - 1, padding: .symmetric(largest - 1)), 2)
        #expect(
            padding.note?.contains(" / 2147483646 ≈ 1.001 is not whole: only a row and a column of padding") == true)
    }
}
