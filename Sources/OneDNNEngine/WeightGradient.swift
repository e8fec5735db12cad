#if CONVNET_ONEDNN
import COneDNN
import ConvNetGraph

/// The gradient of the weight of a convolution or a dense layer, by oneDNN's primitives.
///
/// Made for several threads, such a primitive divides the samples among them and then has them wait for one another, in a
/// loop that does not sleep, to add up what each has. Beside a program that keeps a processor busy that costs a time slice,
/// a hundred times what the gradient of a small weight takes. So the samples are divided here, where the weight is small:
/// each thread runs a primitive made for one, and the sums are added in a parallel region of their own.
struct WeightGradient {
    /// Of the arrays of the whole batch, and of the gradient.
    let input, outputGradient, weight: Layout
    private let purpose: String
    private let operations: Double
    /// For all samples, or for those of each part.
    private let primitives: [Primitive]
    /// The first sample of each part.
    private let starts: [Int]
    private let samples: Int

    /// - Parameters:
    ///   - purpose: what messages and profiles call it.
    ///   - weightCount: the elements of the weight.
    ///   - operations: additions and multiplications, as the layer's definition counts them.
    ///   - input, outputGradient: what it is computed from, as it lies.
    ///   - threads: those of the plan.
    ///   - make: makes a primitive for such arrays, of all samples or of some.
    init(
        _ purpose: String, weightCount: Int, operations: Double, input: PlanArray, outputGradient: PlanArray,
        threads: Int, make: (_ input: PlanArray, _ outputGradient: PlanArray) throws -> Primitive
    ) throws {
        self.purpose = purpose
        self.operations = operations
        samples = input.sizes[0]
        let parts = ThreadRule.parts(weightCount: weightCount, samples: samples, of: threads)
        if parts > 1, let divided = try Divided(input, outputGradient, parts: parts, threads: threads, make) {
            self.input = divided.input
            self.outputGradient = divided.outputGradient
            weight = divided.weight
            primitives = divided.primitives
            starts = divided.starts
        } else {
            let primitive = try make(input, outputGradient)
            self.input = try primitive.requiredLayout(cdnn_source)
            self.outputGradient = try primitive.requiredLayout(cdnn_output_gradient)
            weight = try primitive.requiredLayout(cdnn_weights_gradient)
            primitives = [primitive]
            starts = [0]
        }
    }

    /// The call that computes it, from arrays in the layouts asked for.
    func planned(_ input: PlanMemory, _ outputGradient: PlanMemory, to weight: PlanMemory) throws -> PlannedCall {
        let sums = [weight] + primitives.dropFirst().map { _ in PlanMemory(bytes: self.weight.bytes) }
        for ((primitive, start), sum) in zip(zip(primitives, starts), sums) {
            primitive.bind(cdnn_source, to: input, at: self.input.bytes / samples * start)
            primitive.bind(cdnn_output_gradient, to: outputGradient, at: self.outputGradient.bytes / samples * start)
            primitive.bind(cdnn_weights_gradient, to: sum)
            try primitive.bindScratchpad()
        }
        let make: () throws -> any PlanCall = { [primitives] in
            for primitive in primitives { try primitive.prepare() }
            return primitives.count == 1 ? primitives[0] : DividedGradientCall(primitives, sums)
        }
        return PlannedCall(
            purpose: purpose, operations: operations, memory: { [primitives] in primitives.flatMap(\.memory) },
            make: make)
    }

    /// The call on memory of its own, to be timed.
    func trial() throws -> PlannedCall {
        try planned(
            PlanMemory(bytes: input.bytes), PlanMemory(bytes: outputGradient.bytes),
            to: PlanMemory(bytes: weight.bytes))
    }
}

/// Primitives for parts of the batch, and how the arrays of the whole batch lie then.
private struct Divided {
    let input, outputGradient, weight: Layout
    let primitives: [Primitive]
    let starts: [Int]

    /// nil where the samples of an array do not lie one after the other, or a part would be slow.
    init?(
        _ input: PlanArray, _ outputGradient: PlanArray, parts: Int, threads: Int,
        _ make: (PlanArray, PlanArray) throws -> Primitive
    ) throws {
        cdnn_set_threads(1)
        defer { cdnn_set_threads(CInt(threads)) }
        let ranges = (0..<parts).map { (0..<input.sizes[0]).part($0, of: parts) }
        var primitives: [Primitive] = []
        var layouts: [[Layout]] = []
        for range in ranges {
            guard let input = try input.samples(range.count),
                let outputGradient = try outputGradient.samples(range.count)
            else { return nil }
            guard let primitive = try? make(input, outputGradient), !primitive.isSlow,
                let wholeInput = try primitive.requiredLayout(cdnn_source)
                    .resized(from: input.sizes, samples: ranges.last!.upperBound),
                let wholeGradient = try primitive.requiredLayout(cdnn_output_gradient)
                    .resized(from: outputGradient.sizes, samples: ranges.last!.upperBound)
            else { return nil }
            primitives.append(primitive)
            layouts.append([wholeInput, wholeGradient, try primitive.requiredLayout(cdnn_weights_gradient)])
        }
        guard layouts.allSatisfy({ $0 == layouts[0] }) else { return nil }
        self.primitives = primitives
        (self.input, self.outputGradient, weight) = (layouts[0][0], layouts[0][1], layouts[0][2])
        starts = ranges.map(\.lowerBound)
    }
}

extension PlanArray {
    /// An array of the first samples; nil where they do not lie one after the other.
    fileprivate func samples(_ count: Int) throws -> PlanArray? {
        try layout.resized(from: sizes, samples: count).map {
            PlanArray(sizes: [count] + sizes.dropFirst(), layout: $0, memory: memory)
        }
    }
}

extension Layout {
    /// The same for another number of samples; nil where they do not lie one after the other, row-major or in blocks of
    /// channels.
    fileprivate func resized(from sizes: [Int], samples: Int) throws -> Layout? {
        let others = [samples] + sizes.dropFirst()
        let layout: Layout
        if sizes.count == 4, let block = channelBlock {
            layout = try .blocked(others, by: block, type)
        } else if try self == .plain(sizes, type) {
            layout = try .plain(others, type)
        } else {
            return nil
        }
        return layout.bytes * sizes[0] == bytes * samples ? layout : nil
    }
}

/// Computes the gradient of each part's samples, then adds them up, in order.
final class DividedGradientCall: ParallelCall {
    private enum Phase { case gradients, sum }

    private let primitives: [Primitive]
    private let sums: [PlanMemory]
    private let statuses: AlignedBuffer<CInt>
    private var phase = Phase.gradients

    init(_ primitives: [Primitive], _ sums: [PlanMemory]) {
        self.primitives = primitives
        self.sums = sums
        statuses = AlignedBuffer(count: primitives.count)
    }

    var threads: Int { primitives.count }
    var implementation: String { primitives[0].implementation }

    func run() throws {
        phase = .gradients
        runInParallel()
        for (primitive, status) in zip(primitives, statuses.elements) { try Library.check(status, primitive.purpose) }
        phase = .sum
        runInParallel()
    }

    func run(part: Int, of parts: Int) {
        switch phase {
        case .gradients: statuses.pointer[part] = cdnn_primitive_run(primitives[part].pointer)
        case .sum:
            let total = sums[0].floats
            let range = (0..<sums[0].bytes / MemoryLayout<Float>.stride).part(part, of: parts)
            for sum in sums.dropFirst() {
                let addend = sum.floats
                for index in range { total[index] += addend[index] }
            }
        }
    }
}
#endif
