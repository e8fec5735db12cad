import CKernels
import Foundation
import Testing

/// The passes over feature maps compute what loops in double precision do, whatever the shape, the type, the strides and
/// the number of parts.
@Suite(.enabled(if: cker_available()))
struct PassKernelTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var samples, channels, area: Int
        var parts = 2
        var isHalf = false
        var isSlice = false
        var mean: Float = 0.5
        var relu = false
        var adds = false
        var affine = true

        var testDescription: String {
            "\(samples)×\(channels)×\(area) in \(parts) parts\(isHalf ? ", bfloat16" : "")\(isSlice ? ", slice" : "")"
                + "\(relu ? ", relu" : "")\(adds ? ", adding" : "")\(affine ? "" : ", not affine"), mean \(mean)"
        }

        var shape: cker_map_shape {
            cker_map_shape(
                type: isHalf ? cker_bfloat16 : cker_float32, samples: Int64(samples), channels: Int64(channels),
                area: Int64(area))
        }
        var blocks: Int { (channels + 15) / 16 }
        var count: Int { samples * area }
        var maskCount: Int { samples * blocks * area }
        var tolerance: Double { isHalf ? 0.02 : mean == 1000 ? 2e-4 : 1e-5 }

        /// What `body` computes for each element, N×C×area.
        func map(_ body: (_ sample: Int, _ channel: Int, _ index: Int) -> Double) -> [Double] {
            (0..<samples * channels * area).map { index in
                body(index / (channels * area), index / area % channels, index)
            }
        }

        /// Sums over each channel.
        func sums(_ values: [Double]) -> [Double] {
            var sums = [Double](repeating: 0, count: channels)
            for (index, value) in values.enumerated() { sums[index / area % channels] += value }
            return sums
        }

        /// The bits of a mask, N×C×area.
        func bits(_ mask: [UInt16]) -> [Bool] {
            map { sample, channel, index in
                Double(mask[(sample * blocks + channel / 16) * area + index % area] >> (channel % 16) & 1)
            }.map { $0 == 1 }
        }
    }

    static let cases = [
        Case(samples: 2, channels: 3, area: 20),
        Case(samples: 1, channels: 1, area: 7, parts: 3, relu: true),
        Case(samples: 5, channels: 40, area: 1, parts: 2, adds: true),
        Case(samples: 3, channels: 17, area: 35, parts: 1, relu: true, affine: false),
        Case(samples: 4, channels: 64, area: 49, isSlice: true, relu: true, adds: true),
        Case(samples: 4, channels: 80, area: 12, parts: 3, isHalf: true, relu: true, adds: true),
        Case(samples: 2, channels: 20, area: 9, parts: 3, isHalf: true, isSlice: true),
        Case(samples: 3, channels: 33, area: 100, mean: 1000),
        Case(samples: 2, channels: 20, area: 20000, relu: true, adds: true),  // too large for the cache
    ]

    // MARK: Batch normalization

    @Test(arguments: cases)
    func batchNorm(_ of: Case) {
        let source = Map(of, seed: 1, mean: of.mean)
        let (addend, output, again) = (Map(of, seed: 2), Map(of), Map(of))
        let (scale, shift) = (numbers(of.channels, 3), numbers(of.channels, 4))
        let (startMean, startVariance) = (numbers(of.channels, 5), numbers(of.channels, 6).map(abs))
        var (runningMean, runningVariance) = (startMean, startVariance)
        var mean = [Float](repeating: 0, count: of.channels)
        var variance = mean
        var mask = [UInt16](repeating: 0, count: of.maskCount)
        var results: [[Double]] = []
        for _ in 0..<2 {
            (runningMean, runningVariance) = (startMean, startVariance)
            forward(
                of, source, addend, output, scale, shift, &mean, &variance, &runningMean, &runningVariance, &mask)
            results.append(output.values)
        }
        #expect(results[0] == results[1], "bit for bit")
        expect(output, isCleanFor: of)

        let values = source.values
        let means = of.sums(values).map { $0 / Double(of.count) }
        let variances = of.sums(of.map { pow(values[$2] - means[$1], 2) }).map { $0 / Double(of.count) }
        expect(mean.map(Double.init), means, 1e-6, "mean")
        expect(variance.map(Double.init), variances, 1e-5, "variance")
        let unbiased = Double(of.count) / Double(of.count - 1)
        expect(
            runningMean.map(Double.init), zip(startMean, means).map { 0.9 * Double($0) + 0.1 * $1 }, 1e-6,
            "running mean")
        expect(
            runningVariance.map(Double.init),
            zip(startVariance, variances).map { 0.9 * Double($0) + 0.1 * unbiased * $1 }, 1e-5, "running variance")

        let addends = addend.values
        let expected = of.map { _, channel, index in
            var value = (values[index] - means[channel]) / (variances[channel] + 1e-5).squareRoot()
            if of.affine { value = value * Double(scale[channel]) + Double(shift[channel]) }
            return value + (of.adds ? addends[index] : 0)
        }
        expect(output.values, expected.map { of.relu ? max($0, 0) : $0 }, of.tolerance, "output")
        if of.relu {
            for (bit, value) in zip(of.bits(mask), expected) where abs(value) > 0.01 && bit != (value > 0) {
                Issue.record("mask of \(value): \(bit)")
            }
        }

        forward(of, source, addend, again, scale, shift, &mean, &variance, mask: &mask)
        expect(again.values, results[0], of.tolerance, "by given statistics")
        expect(again, isCleanFor: of)
    }

    @Test(arguments: cases, [false, true])
    func batchNormBackward(_ of: Case, isFrozen: Bool) {
        let source = Map(of, seed: 1, mean: of.mean)
        let (gradient, second, masked) = (Map(of, seed: 2), Map(of, seed: 3), Map(of))
        let scale = numbers(of.channels, 4)
        let mask = (0..<of.maskCount).map { UInt16(truncatingIfNeeded: $0 &* 40503) }
        let (values, gradients, others) = (source.values, gradient.values, second.values)
        let means = of.sums(values).map { Float($0 / Double(of.count)) }
        let variances = of.sums(of.map { pow(values[$2] - Double(means[$1]), 2) }).map { Float($0) / Float(of.count) }
        var (scaleGradient, shiftGradient) = (means, means)

        let scratch = Scratch(of)
        means.withUnsafeBufferPointer { means in
            variances.withUnsafeBufferPointer { variances in
                var arguments = cker_batch_norm_backward_arguments()
                arguments.shape = of.shape
                arguments.source = source.map
                arguments.gradient = gradient.map
                if of.adds {
                    arguments.second_gradient = second.map
                    arguments.masked_gradient = masked.map
                }
                arguments.source_gradient = gradient.map
                arguments.mean = means.baseAddress
                arguments.variance = variances.baseAddress
                arguments.epsilon = 1e-5
                arguments.statistics_are_given = isFrozen
                arguments.scratch = scratch.memory
                mask.withUnsafeBufferPointer { mask in
                    scale.withUnsafeBufferPointer { scale in
                        if of.relu { arguments.mask = mask.baseAddress }
                        if of.affine { arguments.scale = scale.baseAddress }
                        scaleGradient.withUnsafeMutableBufferPointer { scaleGradient in
                            shiftGradient.withUnsafeMutableBufferPointer { shiftGradient in
                                arguments.scale_gradient = scaleGradient.baseAddress
                                arguments.shift_gradient = shiftGradient.baseAddress
                                scratch.run { cker_batch_norm_backward(&arguments, $0, $1, $2) }
                            }
                        }
                    }
                }
            }
        }

        let bits = of.bits(mask)
        let passed = of.map { !of.relu || bits[$2] ? gradients[$2] + (of.adds ? others[$2] : 0) : 0 }
        let inverses = variances.map { 1 / (Double($0) + 1e-5).squareRoot() }
        let normalized = of.map { (values[$2] - Double(means[$1])) * inverses[$1] }
        let sums = of.sums(passed)
        let products = of.sums(of.map { passed[$2] * normalized[$2] })
        let expected = of.map { _, channel, index in
            let factor = (of.affine ? Double(scale[channel]) : 1) * inverses[channel]
            if isFrozen { return factor * passed[index] }
            let count = Double(of.count)
            return factor * (passed[index] - sums[channel] / count - normalized[index] * products[channel] / count)
        }
        expect(gradient.values, expected, 2 * of.tolerance, "source gradient")
        expect(gradient, isCleanFor: of)
        expect(scaleGradient.map(Double.init), products, 2e-5, "scale gradient")
        expect(shiftGradient.map(Double.init), sums, 2e-5, "shift gradient")
        if of.adds {
            expect(masked.values, passed, of.isHalf ? 0.01 : 1e-6, "masked gradient")
            expect(masked, isCleanFor: of)
        }
    }

    // MARK: Sums

    @Test(arguments: cases, 1...4)
    func sum(_ of: Case, count: Int) {
        let addends = (0..<count).map { Map(of, seed: 1 + UInt64($0)) }
        let values = addends.map(\.values)
        let total = of.map { _, _, index in values.reduce(0) { $0 + $1[index] } }
        let isMasked = !of.relu
        var mask = (0..<of.maskCount).map { UInt16(truncatingIfNeeded: $0 &* 40503) }
        let bits = of.bits(mask)

        var arguments = cker_sum_arguments()
        arguments.shape = of.shape
        arguments.count = Int32(count)
        let maps = addends.map(\.map) + Array(repeating: cker_map(), count: 4 - count)
        arguments.addends = (maps[0], maps[1], maps[2], maps[3])
        arguments.output = maps[count - 1]
        arguments.relu = of.relu
        mask.withUnsafeMutableBufferPointer { mask in
            if isMasked { arguments.gradient_mask = UnsafePointer(mask.baseAddress) }
            if of.relu { arguments.relu_mask = mask.baseAddress }
            for part in 0..<of.parts { cker_sum(&arguments, Int32(part), Int32(of.parts)) }
        }
        let expected = of.map { _, _, index in
            isMasked && !bits[index] || of.relu && total[index] < 0 ? 0 : total[index]
        }
        expect(addends[count - 1].values, expected, of.isHalf ? 0.01 : 1e-6, "sum")
        expect(addends[count - 1], isCleanFor: of)
        if of.relu {
            for (bit, value) in zip(of.bits(mask), total) where abs(value) > 1e-3 && bit != (value > 0) {
                Issue.record("mask of \(value): \(bit)")
            }
        }
    }

    // MARK: Helpers

    /// A blocked feature map with NaN in all places that are not its channels'.
    final class Map {
        let map: cker_map
        private let of: Case
        private let memory: UnsafeMutableRawBufferPointer
        private let start, sampleStride, blockStride: Int

        init(_ of: Case, seed: UInt64 = 0, mean: Float = 0) {
            self.of = of
            let around = of.isSlice ? 1 : 0
            blockStride = of.area * 16
            sampleStride = blockStride * (of.blocks + 2 * around)
            start = blockStride * around
            let size = of.isHalf ? 2 : 4
            memory = .allocate(byteCount: of.samples * sampleStride * size, alignment: 64)
            memory.initializeMemory(as: UInt8.self, repeating: 0xff)
            map = cker_map(
                elements: memory.baseAddress! + start * size, sample_stride: Int64(sampleStride),
                block_stride: Int64(blockStride))
            if seed == 0 { return }
            for (index, value) in numbers(of.samples * of.channels * of.area, seed).enumerated() {
                let place = place(index / (of.channels * of.area), index / of.area % of.channels, index % of.area)
                if of.isHalf {
                    let half = UInt16(truncatingIfNeeded: (value + mean).bitPattern >> 16)
                    memory.storeBytes(of: half, toByteOffset: 2 * place, as: UInt16.self)
                } else {
                    memory.storeBytes(of: value + mean, toByteOffset: 4 * place, as: Float.self)
                }
            }
        }

        deinit { memory.deallocate() }

        private func place(_ sample: Int, _ channel: Int, _ pixel: Int) -> Int {
            start + sample * sampleStride + channel / 16 * blockStride + pixel * 16 + channel % 16
        }

        private func element(_ place: Int) -> Float {
            if !of.isHalf { return memory.load(fromByteOffset: 4 * place, as: Float.self) }
            return Float(bitPattern: UInt32(memory.load(fromByteOffset: 2 * place, as: UInt16.self)) << 16)
        }

        /// N×C×area.
        var values: [Double] {
            of.map { sample, channel, index in Double(element(place(sample, channel, index % of.area))) }
        }

        /// Whether channels that fill up the last block are zeros, and nothing beside the map was written.
        var isClean: Bool {
            (0..<of.samples * sampleStride).allSatisfy { index in
                let block = index % sampleStride / blockStride - start / blockStride
                if !(0..<of.blocks).contains(block) { return element(index).isNaN }
                return block * 16 + index % 16 < of.channels || element(index) == 0
            }
        }
    }

    /// The memory between phases, and running them.
    private final class Scratch {
        let memory: UnsafeMutableRawPointer
        private let phases, parts: Int32

        init(_ of: Case) {
            var shape = of.shape
            parts = Int32(of.parts)
            phases = cker_batch_norm_phases(&shape, parts)
            memory = .allocate(byteCount: cker_batch_norm_scratch(&shape, parts), alignment: 64)
        }

        deinit { memory.deallocate() }

        /// In an order of parts that no kernel may rely on.
        func run(_ body: (_ phase: Int32, _ part: Int32, _ parts: Int32) -> Void) {
            for phase in 0..<phases {
                for part in (0..<parts).reversed() { body(phase, part, parts) }
            }
        }
    }

    /// In training.
    private func forward(
        _ of: Case, _ source: Map, _ addend: Map, _ output: Map, _ scale: [Float], _ shift: [Float],
        _ mean: inout [Float], _ variance: inout [Float], _ runningMean: inout [Float],
        _ runningVariance: inout [Float], _ mask: inout [UInt16]
    ) {
        let scratch = Scratch(of)
        runningMean.withUnsafeMutableBufferPointer { runningMean in
            runningVariance.withUnsafeMutableBufferPointer { runningVariance in
                withArguments(of, source, addend, output, scale, shift, &mean, &variance, &mask) { arguments in
                    arguments.running_mean = runningMean.baseAddress
                    arguments.running_variance = runningVariance.baseAddress
                    arguments.momentum = 0.1
                    arguments.scratch = scratch.memory
                    scratch.run { cker_batch_norm_forward(&arguments, $0, $1, $2) }
                }
            }
        }
    }

    /// By given statistics.
    private func forward(
        _ of: Case, _ source: Map, _ addend: Map, _ output: Map, _ scale: [Float], _ shift: [Float],
        _ mean: inout [Float], _ variance: inout [Float], mask: inout [UInt16]
    ) {
        withArguments(of, source, addend, output, scale, shift, &mean, &variance, &mask) { arguments in
            for part in 0..<of.parts { cker_batch_norm_by_given(&arguments, Int32(part), Int32(of.parts)) }
        }
    }

    private func withArguments(
        _ of: Case, _ source: Map, _ addend: Map, _ output: Map, _ scale: [Float], _ shift: [Float],
        _ mean: inout [Float], _ variance: inout [Float], _ mask: inout [UInt16],
        _ body: (inout cker_batch_norm_forward_arguments) -> Void
    ) {
        var arguments = cker_batch_norm_forward_arguments()
        arguments.shape = of.shape
        arguments.source = source.map
        arguments.output = output.map
        if of.adds { arguments.addend = addend.map }
        arguments.epsilon = 1e-5
        arguments.relu = of.relu
        mean.withUnsafeMutableBufferPointer { mean in
            variance.withUnsafeMutableBufferPointer { variance in
                mask.withUnsafeMutableBufferPointer { mask in
                    scale.withUnsafeBufferPointer { scale in
                        shift.withUnsafeBufferPointer { shift in
                            arguments.mean = mean.baseAddress
                            arguments.variance = variance.baseAddress
                            if of.relu { arguments.mask = mask.baseAddress }
                            if of.affine {
                                arguments.scale = scale.baseAddress
                                arguments.shift = shift.baseAddress
                            }
                            body(&arguments)
                        }
                    }
                }
            }
        }
    }

    private func expect(
        _ values: [Double], _ expected: [Double], _ tolerance: Double, _ what: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let worst = zip(values, expected).map { abs($0 - $1) / (1 + abs($1)) }
            .reduce(0) { $1.isNaN ? .infinity : max($0, $1) }
        #expect(worst <= tolerance, "\(what)", sourceLocation: sourceLocation)
    }

    private func expect(_ map: Map, isCleanFor of: Case, sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(map.isClean, "padding and surroundings", sourceLocation: sourceLocation)
    }
}
