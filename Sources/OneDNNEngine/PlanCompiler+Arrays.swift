#if CONVNET_ONEDNN
import CKernels
import COneDNN
import ConvNetGraph

/// Arrays in the layouts that calls want: memory for them, conversions, sums.
extension PlanCompiler {
    /// Adds a call that sums arrays of equal layout, one of which may be the target: two of them or, where they are feature
    /// maps that kernels take, up to four.
    ///
    /// - Parameters:
    ///   - mask: takes down where ReLU lets pass.
    ///   - gradientMask: what lets the sum pass, if anything is to hold it back.
    func appendSum(
        _ arrays: [PlanArray], into target: PlanArray, relu: Bool = false, mask: PlanMemory? = nil,
        gradientMask: PlanMemory? = nil, _ purpose: String
    ) throws {
        if target.isMap, arrays.allSatisfy({ $0.isMap && $0.layout.type == target.layout.type }) {
            return append(purpose, using: (arrays + [target]).map(\.memory) + [mask, gradientMask].compactMap { $0 }) {
                [threads = session.threads] in
                var arguments = cker_sum_arguments()
                arguments.shape = target.mapShape
                arguments.count = CInt(arrays.count)
                withUnsafeMutableBytes(of: &arguments.addends) { bytes in
                    let maps = bytes.bindMemory(to: cker_map.self)
                    for (index, array) in arrays.enumerated() { maps[index] = array.map }
                }
                arguments.output = target.map
                arguments.relu = relu
                arguments.relu_mask = mask?.bits
                arguments.gradient_mask = UnsafePointer(gradientMask?.bits)
                let complete = arguments
                return KernelCall(threads: threads, phases: 1) { _, part, parts in
                    withUnsafePointer(to: complete) { cker_sum($0, CInt(part), CInt(parts)) }
                }
            }
        }
        let (first, second) = (arrays[0], arrays[1])
        let context = context
        let primitive = try Primitive(purpose) {
            cdnn_add(context, first.layout.pointer, second.layout.pointer, target.layout.pointer, relu, $0)
        }
        primitive.bind(cdnn_source, to: first.memory)
        primitive.bind(cdnn_second_source, to: second.memory)
        primitive.bind(cdnn_output, to: target.memory)
        try append(primitive)
    }

    /// Adds calls that sum any number of arrays, at least two, of equal layout: as ``appendSum(_:into:relu:mask:gradientMask:_:)``,
    /// which takes a few.
    func appendSum(
        ofAll arrays: [PlanArray], into target: PlanArray, relu: Bool, mask: PlanMemory?, _ purpose: String
    ) throws {
        let isKernel = target.isMap && arrays.allSatisfy { $0.isMap && $0.layout.type == target.layout.type }
        let most = isKernel ? Int(cker_maximum_addends) : 2
        var first = Array(arrays.prefix(most))
        var rest = arrays.dropFirst(most)
        while !rest.isEmpty {
            try appendSum(first, into: target, purpose)
            first = [target] + rest.prefix(most - 1)
            rest = rest.dropFirst(most - 1)
        }
        try appendSum(first, into: target, relu: relu, mask: mask, purpose)
    }

    func allocate(
        _ sizes: [Int], _ layout: Layout? = nil, lifetime: PlanMemory.Lifetime = .used
    ) throws -> PlanArray {
        let layout = try layout ?? .plain(sizes)
        return PlanArray(sizes: sizes, layout: layout, memory: PlanMemory(bytes: layout.bytes, lifetime: lifetime))
    }

    /// The array itself where it lies in `layout`, else a copy that does.
    func array(_ array: PlanArray, as layout: Layout, _ purpose: String) throws -> PlanArray {
        guard array.layout != layout else { return array }
        let copy = try allocate(array.sizes, layout)
        calls += try conversion(array, to: copy, "\(purpose): conversion")
        return copy
    }

    /// The array itself where it has the sizes and the layout of `other`, else a copy that does. Sizes may differ where one
    /// of the two is a flattened feature map.
    func array(_ array: PlanArray, like other: PlanArray, _ purpose: String) throws -> PlanArray {
        var array = array
        if array.sizes != other.sizes {
            array = try self.array(array, as: .plain(array.sizes, array.layout.type), purpose)
            array = try array.described(as: other.sizes)
        }
        return try self.array(array, as: other.layout, purpose)
    }

    /// A row-major array of the sizes that the node's shape says: what flattened it lies as now where need be.
    func plainArray(_ array: PlanArray, of node: Int, _ what: String) throws -> PlanArray {
        let plain = try self.array(array, as: .plain(array.sizes), purpose(node, what))
        return try plain.described(as: sizes(node))
    }

    /// A node's output as kernels that go by columns take it: dense, N×C×H×W, a flat vector being so many channels of one pixel.
    func columns(_ array: PlanArray, of node: Int, _ what: String) throws -> PlanArray {
        try channelArray(map(array, of: node, what), purpose(node, what))
    }

    /// A node's output as N×C×H×W, a flat vector being so many channels of one pixel.
    func map(_ array: PlanArray, of node: Int, _ what: String) throws -> PlanArray {
        if graph.nodes[node].shape.isFeatureMap { return array }
        let flat = try plainArray(array, of: node, what)
        return try flat.described(as: flat.sizes + [1, 1])
    }

    /// What was made of it, with the sizes that the node's own shape says.
    func shaped(_ array: PlanArray, as node: Int) throws -> PlanArray {
        graph.nodes[node].shape.isFeatureMap ? array : try array.described(as: sizes(node))
    }

    /// The array itself if its elements are of single precision and can be told apart by sample, channel, row and column,
    /// else a copy in which they are.
    func readableArray(_ array: PlanArray, of node: Int, _ what: String) throws -> PlanArray {
        try self.array(
            array, as: array.layout.channelBlock.map { try .blocked(array.sizes, by: $0) } ?? .plain(array.sizes),
            purpose(node, what))
    }

    /// Adds a call that copies an array into part of another, or part of one into an array.
    func appendCopy(_ from: PlanArray, to: PlanArray, _ purpose: String) throws {
        calls += try conversion(from, to: to, purpose)
    }

    /// The calls that copy an array into another layout.
    func conversion(_ from: PlanArray, to: PlanArray, _ purpose: String) throws -> [PlannedCall] {
        guard let detour = try from.layout.detour(to: to.layout) else {
            return [try reorder(from, to: to, purpose)]
        }
        let between = try allocate(from.sizes, detour)
        return [try reorder(from, to: between, purpose), try reorder(between, to: to, purpose)]
    }

    private func reorder(_ from: PlanArray, to: PlanArray, _ purpose: String) throws -> PlannedCall {
        let context = context
        let primitive = try Primitive(purpose) {
            cdnn_reorder(context, from.layout.pointer, to.layout.pointer, $0)
        }
        primitive.bind(cdnn_source, to: from.memory)
        primitive.bind(cdnn_output, to: to.memory)
        var call = try primitive.planned()
        call.bytes = from.bytes + to.bytes
        return call
    }
}
#endif
