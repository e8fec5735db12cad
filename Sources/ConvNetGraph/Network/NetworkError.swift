import Foundation

/// What is wrong with one layer, in numbers. ``NetworkError`` adds where.
public enum ShapeError: Error, Hashable, Sendable {
    /// A window that is larger than its padded input.
    case kernelDoesNotFit(kernel: Size, dilation: Size, input: Size, padding: Edges)
    /// A window of more channels than the input has.
    case channelWindowDoesNotFit(kernel: Int, channels: Int)
    /// Channels that an input does not have.
    case channelsOutOfRange(first: Int, count: Int, channels: Int)
    /// Input channels or filters that the groups do not divide.
    case channelsNotDivisible(what: String, channels: Int, groups: Int)
    /// A flat vector where C×H×W is expected.
    case needsFeatureMap(received: Shape)
    /// A feature map where a flat vector is expected.
    case needsFlatInput(received: Shape)
    /// A size below 1, and what it is the size of.
    case notPositive(String, Int)
    /// A side of a border below 0.
    case negativePadding(Int)
    /// A size above 2³¹ − 1.
    case sizeTooLarge(Int)
    /// A pooling with a window that would see padding only.
    case paddingExceedsKernel(kernel: Size, padding: Edges)
    /// A rate outside 0 ..< 1.
    case dropoutRate(Double)
    /// An operation that reads fewer nodes than it needs.
    case tooFewInputs(expected: Int, received: Int)
    /// An operation that reads more or fewer nodes than it takes.
    case wrongInputCount(expected: Int, received: Int)
    /// An array of more than 2³¹ − 1 elements.
    case tooManyElements(what: String, Shape)
    /// A setting outside its range.
    case outOfRange(String, received: Double, allowed: String)
    /// Shapes of unlike numbers of elements.
    case cannotReshape(from: Shape, to: Shape)
    /// A ``Residual`` whose two ways end in unlike shapes.
    case unlikeSummands(body: Shape, shortcut: Shape)
    /// ``Branches`` that differ in more than channels, or a sum of several whose shapes differ.
    case unlikeBranches(first: Shape, other: Shape, index: Int, operation: String)
    /// A product of shapes that do not go together.
    case unlikeFactors(Shape, Shape)
    /// ``Branches`` without any.
    case noBranches
    /// An output that is neither C×H×W nor flat.
    case unsupportedRank(Shape)
    /// An input that is neither C×H×W nor flat.
    case unreadableRank(Shape)
    /// Two parameters of a network with one name, which is the associated value.
    case duplicateParameter(String)
    /// A ``CustomLayer`` of a kind that the library has itself.
    case reservedKind(String)
    /// What a ``CustomLayer`` finds wrong.
    case custom(String)
    /// Two layers of one name in one container.
    case duplicateName(String)
    /// A name that is empty or has a dot.
    case invalidName(String)
    /// A parameter's name, the path to it included, of more bytes in UTF-8 than files may have.
    case nameTooLong(bytes: Int)
    /// A graph of more nodes than files may have.
    case tooManyNodes(Int)
    /// A graph in which a node's shape is not what its operation makes.
    case wrongShape(expected: Shape, received: Shape)
    /// A graph whose input is not its first node, or not the only one.
    case inputNotFirst
    /// A node that reads one which does not come before it.
    case inputNotBefore(Int)
    /// A node that no other reads, and that is neither the last nor an auxiliary output.
    case outputNotUsed
    /// An ``AuxiliaryClassifier`` whose logits have another shape than the network's output.
    case unlikeAuxiliaryOutput(output: Shape, received: Shape)
    /// An ``AuxiliaryClassifier`` with nothing behind it.
    case auxiliaryOutputLast
    /// A graph in which a node reads an auxiliary output.
    case readsAuxiliaryOutput(Int)
    /// A network without layers.
    case empty
}

/// A network that cannot work: which layer, and why. Thrown when the network is built, never later.
public struct NetworkError: Error, Hashable, Sendable {
    /// Where the layer stands.
    public var path: LayerPath
    /// What is wrong with it.
    public var problem: ShapeError
    /// The line of the text in which the layer is written, counted from 1; nil where it is in none.
    public var line: Int?

    /// A problem and its place.
    public init(path: LayerPath, problem: ShapeError) {
        self.path = path
        self.problem = problem
    }
}

extension NetworkError: CustomStringConvertible, LocalizedError {
    public var description: String { "\(path)\(line.map { " (line \($0))" } ?? ""): \(problem)" }
    public var errorDescription: String? { description }
}

extension ShapeError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .kernelDoesNotFit(let kernel, let dilation, let input, let padding):
            let dilated =
                dilation == Size(1)
                ? ""
                : " (dilated by \(dilation) it covers \(Window(kernel: kernel, dilation: dilation).extent))"
            return "\(article(kernel.height)) \(kernel) kernel\(dilated) does not fit "
                + "\(article(input.height)) \(input) input with padding \(padding)"
        case .channelWindowDoesNotFit(let kernel, let channels):
            return "a window of \(kernel) channels does not fit an input of \(channels)"
        case .channelsOutOfRange(let first, let count, let channels):
            return "an input of \(channels) channels, counted from 0, does not have \(count) from channel \(first) on"
        case .channelsNotDivisible(let what, let channels, let groups):
            return "\(channels) \(what) cannot be divided into \(groups) groups (\(channels) / \(groups) is not whole)"
        case .needsFeatureMap(let received):
            return "expects a feature map C×H×W, received a shape of \(received)"
        case .needsFlatInput(let received):
            return "expects a flat input, received a feature map \(received); put Flatten() before it"
        case .notPositive(let name, let value):
            return "\(name) must be at least 1, received \(value)"
        case .negativePadding(let value):
            return "padding must not be negative, received \(value)"
        case .sizeTooLarge(let value):
            return "\(value) is more than the largest size, \(Graph.maximumElementCount)"
        case .paddingExceedsKernel(let kernel, let padding):
            return "padding \(padding) must be smaller than the \(kernel) kernel, or a window would see no pixel"
        case .dropoutRate(let rate):
            return "the dropout rate must be at least 0 and below 1, received \(rate)"
        case .tooFewInputs(let expected, let received):
            return "takes at least \(expected) inputs, received \(received)"
        case .wrongInputCount(let expected, let received):
            return "takes \(expected) input\(expected == 1 ? "" : "s"), received \(received)"
        case .tooManyElements(let what, let shape):
            return "\(what) \(shape) has more than \(Graph.maximumElementCount) elements (2³¹ − 1)"
        case .outOfRange(let name, let received, let allowed):
            return "\(name) must be \(allowed), received \(received)"
        case .cannotReshape(let from, let to):
            return "cannot turn \(from) (\(from.count) elements) into \(to) (\(to.elementCount))"
        case .unlikeSummands(let body, let shortcut):
            return "the body makes \(body) and the shortcut \(shortcut), which cannot be added; "
                + "give the residual a shortcut that makes \(body)"
        case .unlikeBranches(let first, let other, let index, Add.kind):
            return "branch \(index) makes \(other), which cannot be added to the \(first) of branch 0"
        case .unlikeBranches(let first, let other, let index, _):
            return "branch \(index) makes \(other), which cannot be put behind the \(first) of branch 0; "
                + "only the channels may differ"
        case .unlikeFactors(let first, let second):
            return
                "\(first) and \(second) cannot be multiplied: the shapes are equal, or one of them is C×1×1 with the "
                + "other's channels"
        case .noBranches:
            return "has no branches"
        case .unsupportedRank(let shape):
            return "makes a shape of \(shape); shapes are C×H×W, or one size for a flat vector"
        case .unreadableRank(let shape):
            return "cannot read a shape of \(shape); shapes are C×H×W, or one size for a flat vector"
        case .duplicateParameter(let name):
            return "the parameter name \(name) is already taken; every name must be unique in the network"
        case .reservedKind(let kind):
            return "a custom layer cannot be of the kind \"\(kind)\", which is taken"
        case .custom(let problem):
            return problem
        case .duplicateName(let name):
            return "the name \"\(name)\" is already taken by another layer here; every name must be unique"
        case .invalidName(let name):
            return "\"\(name)\" cannot be a layer's name; a name is not empty and contains no dot"
        case .nameTooLong(let bytes):
            return
                "a name of \(bytes) bytes, the containers around it included, is too long; at most \(Limits.nameBytes) are allowed"
        case .tooManyNodes(let count):
            return "has \(count) layers; at most \(Limits.nodes) are allowed"
        case .wrongShape(let expected, let received):
            return "makes a shape of \(expected), but the graph says \(received)"
        case .inputNotFirst:
            return "the first layer of a graph, and no other, is its input"
        case .inputNotBefore(let input):
            return "reads layer \(input), which does not come before it"
        case .outputNotUsed:
            return "its output goes nowhere; every layer but the last feeds another"
        case .unlikeAuxiliaryOutput(let output, let received):
            return "makes \(received), but the network's output is \(output); an auxiliary classifier ends with logits "
                + "of that shape"
        case .auxiliaryOutputLast:
            return "an auxiliary classifier cannot come last; it passes its input on to layers that make the "
                + "network's output"
        case .readsAuxiliaryOutput(let input):
            return "reads layer \(input), which is an auxiliary output; only the loss reads those"
        case .empty:
            return "has no layers"
        }
    }
}

extension Shape {
    /// The number of elements in words, for shapes that were not checked.
    fileprivate var elementCount: String {
        count(notExceeding: Graph.maximumElementCount).map { "\($0) elements" } ?? "more than 2³¹ − 1 elements"
    }
}

/// "a" or "an", by how the number is spoken.
private func article(_ number: Int) -> String {
    var leading = number
    while leading >= 1000 { leading /= 1000 }
    let startsWithVowel =
        [8, 11, 18].contains(leading) || (80...89).contains(leading) || (800...899).contains(leading)
    return startsWithVowel ? "an" : "a"
}
