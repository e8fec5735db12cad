#if CONVNET_ONEDNN
import CKernels
import COneDNN
import ConvNetGraph

/// The choice among the algorithms that can compute a pass.
extension PlannedConvolution {
    /// The algorithm for a pass that reads such arrays.
    func algorithm(
        _ pass: Pass, for arrays: [PlanArray], _ epilogue: ConvolutionEpilogue = ConvolutionEpilogue()
    ) throws -> ConvolutionAlgorithm {
        var candidates: [ConvolutionAlgorithm] = [.direct]
        if suitsNarrow(pass, arrays, epilogue) { candidates.append(.narrow) }
        if try suitsWinograd(arrays, epilogue) { candidates.append(.winograd) }
        // As many samples as make a few milliseconds' work: more of them take proportionally longer.
        var shape = shape
        let enough = max(Int64(4e9 * Double(shape.samples) / shape.operations), Int64(compiler.session.threads), 2)
        shape.samples = min(shape.samples, enough)
        let channels = min(shape.input_channels, shape.output_channels)
        let estimate: ConvolutionAlgorithm =
            candidates.contains(.narrow) ? .narrow : channels >= 32 ? .winograd : .direct
        return try compiler.session.tuner.algorithm(key(pass, shape, candidates), candidates, estimate: estimate) {
            algorithm in
            switch algorithm {
            case .direct: try directTrial(pass, shape)
            case .winograd: try WinogradConvolution(shape, compiler.session.threads).trial(pass, compiler.precision)
            case .narrow: try NarrowConvolution(shape, compiler.session.threads).trial(pass)
            }
        }
    }

    /// Whether Winograd's algorithm can compute this convolution from or to such arrays, and what follows it.
    private func suitsWinograd(_ arrays: [PlanArray], _ epilogue: ConvolutionEpilogue) throws -> Bool {
        guard WinogradConvolution.supports(shape), compiler.source(node) != 0,
            try arrays.allSatisfy({ try $0.layout(of: compiler.precision).map != nil }),
            epilogue.activation == nil || epilogue.isRectified
        else { return false }
        guard let addition = epilogue.addition else { return true }
        let addend = compiler.output(addition.addend).layout
        return addend.map != nil && addend.type == compiler.precision
    }

    /// Whether blocks of 16 channels would be more than half empty. Arrays are row-major then: images are so anyway; others
    /// are small where the channels are few on both sides of the convolution. They are of single precision always, which
    /// for few channels is faster than what oneDNN does with half of it.
    private func suitsNarrow(_ pass: Pass, _ arrays: [PlanArray], _ epilogue: ConvolutionEpilogue) -> Bool {
        // The gradient of a weight with few inputs is computed from blocks.
        let areNarrow = arrays.allSatisfy { $0.layout.channelBlock == 1 || $0.sizes[1] <= 16 }
        let isFromBlocks = pass == .backwardWeights && shape.output_channels > 8
        guard NarrowConvolution.supports(shape), epilogue.addition == nil, areNarrow || isFromBlocks else {
            return false
        }
        let (fewInputs, fewOutputs) = (shape.input_channels <= 8, shape.output_channels <= 8)
        return switch pass {
        case .forward: fewOutputs
        case .backwardData: fewInputs
        case .backwardWeights: fewOutputs || (fewInputs && compiler.source(node) != 0)
        }
    }

    /// The array in the plan's precision.
    func converted(_ array: PlanArray, _ what: String) throws -> PlanArray {
        try compiler.array(array, as: array.layout(of: compiler.precision), compiler.purpose(node, what))
    }

    /// The array row-major.
    func plain(_ array: PlanArray, _ what: String) throws -> PlanArray {
        try compiler.array(array, as: .plain(array.sizes), compiler.purpose(node, what))
    }

    /// The array in blocks of 16 channels.
    func blocked(_ array: PlanArray, _ what: String) throws -> PlanArray {
        if array.isMap, array.layout.type == cdnn_float32 { return array }
        return try compiler.array(array, as: .blocked(array.sizes, by: 16), compiler.purpose(node, what))
    }

    /// The weight's own sizes, O×I×H×W.
    var weightSizes: [Int] { layer.weightSizes(graph: compiler.graph, node: node) }

    /// All that the choice depends on, but the machine.
    private func key(
        _ pass: Pass, _ shape: cdnn_window_shape, _ candidates: [ConvolutionAlgorithm]
    ) -> String {
        func text(_ pair: (Int64, Int64)) -> String { "\(pair.0)x\(pair.1)" }
        return "\(pass.rawValue) \(shape.samples)x\(shape.input_channels)x\(text(shape.input_size)) to "
            + "\(shape.output_channels)x\(text(shape.output_size)) kernel \(text(shape.kernel)) padding "
            + "\(text(shape.padding_before)) \(compiler.precision == cdnn_bfloat16 ? "bf16" : "fp32"): "
            + candidates.map(\.rawValue).joined(separator: ", ")
    }

    /// A direct pass on memory of its own.
    private func directTrial(_ pass: Pass, _ shape: cdnn_window_shape) throws -> PlannedCall {
        func array(_ channels: Int64, _ size: (Int64, Int64)) throws -> PlanArray {
            let sizes = [shape.samples, channels, size.0, size.1].map(Int.init)
            return PlanArray(
                sizes: sizes, layout: try .blocked(sizes, by: 16, compiler.precision), memory: PlanMemory(bytes: 0))
        }
        let input = try array(shape.input_channels, shape.input_size)
        let output = try array(shape.output_channels, shape.output_size)
        let forward = try directForward(shape, input, ConvolutionEpilogue())
        switch pass {
        case .forward: return try forward.planned(onMemoryFor: [cdnn_source, cdnn_weights, cdnn_bias, cdnn_output])
        case .backwardData:
            return try directBackwardData(shape, input, output, forward: forward)
                .planned(onMemoryFor: [cdnn_source_gradient, cdnn_weights, cdnn_output_gradient])
        case .backwardWeights:
            return try directBackwardWeights(shape, input, output, forward: forward).trial()
        }
    }
}
#endif
