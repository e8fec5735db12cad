#if CONVNET_ONEDNN
import ConvNetCore

/// Updates all parameters in one go: their elements, laid end to end, are divided evenly among the threads.
final class OptimizerCall: ParallelCall {
    let threads: Int
    var learningRate: Float = 0

    private let optimizer: any Optimizer
    private let parameters: [ParameterArrays]
    private let elementCount: Int
    /// Keeps alive what `parameters` points to.
    private let memory: [AlignedBuffer<UInt8>]

    private struct ParameterArrays {
        var weights: UnsafeMutablePointer<Float>
        var gradients: UnsafeMutablePointer<Float>
        var states: AlignedBuffer<UnsafeMutablePointer<Float>>
        /// Where the elements lie when all parameters are laid end to end.
        var range: Range<Int>
    }

    /// A thread with fewer elements than these would be done before the team is awake, which takes some microseconds.
    private static let elementsWorthAThread = 32_768

    /// - Parameters:
    ///   - gradients: by the parameter's index; one without a gradient stays as it is.
    ///   - states: for each of the optimizer's arrays, one buffer a parameter.
    init(
        _ optimizer: any Optimizer, parameters: [AlignedBuffer<UInt8>], gradients: [Int: AlignedBuffer<UInt8>],
        states: [[AlignedBuffer<UInt8>]], threads: Int
    ) {
        func floats(_ buffer: AlignedBuffer<UInt8>) -> UnsafeMutablePointer<Float> {
            UnsafeMutableRawPointer(buffer.pointer).assumingMemoryBound(to: Float.self)
        }
        var end = 0
        self.optimizer = optimizer
        self.parameters = parameters.indices.compactMap { index in
            guard let gradient = gradients[index] else { return nil }
            let pointers = AlignedBuffer<UnsafeMutablePointer<Float>>(count: states.count)
            for (slot, state) in states.enumerated() { pointers.elements[slot] = floats(state[index]) }
            let start = end
            end += parameters[index].bytes / MemoryLayout<Float>.stride
            return ParameterArrays(
                weights: floats(parameters[index]), gradients: floats(gradient), states: pointers,
                range: start..<end)
        }
        elementCount = end
        self.threads = max(1, min(threads, end / Self.elementsWorthAThread))
        memory = parameters + gradients.values + states.flatMap { $0 }
    }

    func run() {
        if threads == 1 { run(part: 0, of: 1) } else { runInParallel() }
    }

    func run(part: Int, of parts: Int) {
        let share = (0..<elementCount).part(part, of: parts)
        for parameter in parameters where parameter.range.overlaps(share) {
            let own = parameter.range.clamped(to: share)
            let start = parameter.range.lowerBound
            optimizer.update(
                weights: parameter.weights, gradients: parameter.gradients, state: parameter.states.pointer,
                range: own.lowerBound - start..<own.upperBound - start, learningRate: learningRate)
        }
    }
}
#endif
