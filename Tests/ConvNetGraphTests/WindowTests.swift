import Testing

@testable import ConvNetGraph

@Suite struct WindowTests {
    /// One axis: ⌊(input + 2·padding − dilation·(kernel − 1) − 1) / stride⌋ + 1.
    struct Case: Sendable {
        var input: Int
        var kernel: Int
        var stride = 1
        var dilation = 1
        var padding = 0
        var output: Int
    }

    @Test(arguments: [
        Case(input: 5, kernel: 1, output: 5),
        Case(input: 5, kernel: 5, output: 1),
        Case(input: 28, kernel: 5, output: 24),  // 28 − 5 + 1
        Case(input: 5, kernel: 3, padding: 1, output: 5),  // 5 + 2 − 3 + 1
        Case(input: 5, kernel: 3, padding: 2, output: 7),  // 5 + 4 − 3 + 1
        Case(input: 1, kernel: 3, padding: 1, output: 1),
        Case(input: 6, kernel: 2, stride: 2, output: 3),
        Case(input: 7, kernel: 2, stride: 2, output: 3),  // ⌊5 / 2⌋ + 1, the last column left out
        Case(input: 5, kernel: 3, stride: 2, padding: 1, output: 3),  // ⌊4 / 2⌋ + 1
        Case(input: 6, kernel: 3, stride: 2, padding: 1, output: 3),  // ⌊5 / 2⌋ + 1
        Case(input: 9, kernel: 1, stride: 3, output: 3),  // ⌊8 / 3⌋ + 1
        Case(input: 10, kernel: 1, stride: 3, output: 4),  // ⌊9 / 3⌋ + 1
        Case(input: 4, kernel: 3, stride: 100, output: 1),
        Case(input: 7, kernel: 3, dilation: 2, output: 3),  // covers 2·2 + 1 = 5; 7 − 5 + 1
        Case(input: 7, kernel: 3, dilation: 3, output: 1),  // covers 7
        Case(input: 12, kernel: 3, stride: 2, dilation: 2, padding: 2, output: 6),  // ⌊(12 + 4 − 5) / 2⌋ + 1
        Case(input: 9, kernel: 1, dilation: 50, output: 9),  // one pixel has no neighbours to spread
        Case(input: 224, kernel: 11, stride: 4, padding: 2, output: 55),  // AlexNet: ⌊217 / 4⌋ + 1
        Case(input: 227, kernel: 11, stride: 4, output: 55),  // AlexNet, as its paper meant it: 216 / 4 + 1
        Case(input: 224, kernel: 7, stride: 2, padding: 3, output: 112),  // ResNet: ⌊223 / 2⌋ + 1
        Case(input: 112, kernel: 3, stride: 2, padding: 1, output: 56),  // ⌊111 / 2⌋ + 1
    ])
    func outputSize(_ example: Case) {
        let window = Window(
            kernel: Size(example.kernel), stride: Size(example.stride), dilation: Size(example.dilation),
            padding: .symmetric(example.padding))
        #expect(window.outputSize(for: Size(example.input)) == Size(example.output))
    }

    @Test func axesAreIndependent() {
        let window = Window(
            kernel: Size(3, 1), stride: Size(2, 3), dilation: Size(2, 1),
            padding: .asymmetric(top: 1, bottom: 2, left: 0, right: 3))
        #expect(window.extent == Size(5, 1))
        #expect(window.paddedSize(of: Size(8, 10)) == Size(11, 13))
        #expect(window.outputSize(for: Size(8, 10)) == Size(4, 5))  // 6 / 2 + 1, 12 / 3 + 1
    }

    @Test func aWindowThatDoesNotFitHasNoPlace() {
        #expect(Window(kernel: Size(5)).outputSize(for: Size(4)) == Size(0))
        #expect(Window(kernel: Size(5), stride: Size(9)).outputSize(for: Size(4, 5)) == Size(0, 1))
    }

    /// `.same` along one axis: output ⌈input / stride⌉, border before and after.
    struct SameCase: Sendable {
        var input: Int
        var kernel: Int
        var stride = 1
        var dilation = 1
        var output: Int
        var before = 0
        var after = 0
    }

    @Test(arguments: [
        SameCase(input: 5, kernel: 1, output: 5),
        SameCase(input: 5, kernel: 3, output: 5, before: 1, after: 1),
        SameCase(input: 5, kernel: 2, output: 5, after: 1),
        SameCase(input: 6, kernel: 4, output: 6, before: 1, after: 2),
        SameCase(input: 6, kernel: 2, stride: 2, output: 3),
        SameCase(input: 5, kernel: 2, stride: 2, output: 3, after: 1),  // 2·2 + 2 − 5
        SameCase(input: 6, kernel: 3, stride: 2, output: 3, after: 1),  // 2·2 + 3 − 6
        SameCase(input: 5, kernel: 3, stride: 2, output: 3, before: 1, after: 1),  // 2·2 + 3 − 5
        SameCase(input: 7, kernel: 3, stride: 3, output: 3, before: 1, after: 1),  // 2·3 + 3 − 7
        SameCase(input: 8, kernel: 3, stride: 3, output: 3, after: 1),
        SameCase(input: 9, kernel: 3, stride: 3, output: 3),
        SameCase(input: 9, kernel: 2, stride: 3, output: 3),  // one pixel is left over, so no border
        SameCase(input: 11, kernel: 1, stride: 3, output: 4),
        SameCase(input: 13, kernel: 6, stride: 5, output: 3, before: 1, after: 2),  // TensorFlow's own example
        SameCase(input: 224, kernel: 7, stride: 2, output: 112, before: 2, after: 3),  // 111·2 + 7 − 224
        SameCase(input: 5, kernel: 3, dilation: 2, output: 5, before: 2, after: 2),
        SameCase(input: 8, kernel: 2, stride: 2, dilation: 3, output: 4, before: 1, after: 1),  // 3·2 + 4 − 8
        SameCase(input: 1, kernel: 9, output: 1, before: 4, after: 4),
    ])
    func samePadding(_ example: SameCase) {
        let window = Window(
            kernel: Size(example.kernel), stride: Size(example.stride), dilation: Size(example.dilation),
            padding: .same, input: Size(example.input))
        #expect(window.outputSize(for: Size(example.input)) == Size(example.output))
        #expect(
            window.edges
                == Edges(top: example.before, bottom: example.after, left: example.before, right: example.after))
    }

    @Test func samePaddingPerAxis() {
        let window = Window(kernel: Size(3, 2), stride: Size(1, 2), padding: .same, input: Size(4, 5))
        #expect(window.edges == Edges(top: 1, bottom: 1, left: 0, right: 1))
        #expect(window.outputSize(for: Size(4, 5)) == Size(4, 3))
    }
}
