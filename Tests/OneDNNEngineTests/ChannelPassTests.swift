import CKernels
import ConvNetTesting
import Testing

/// The loops over channels compute what loops in double precision do, whatever the layout, the type and the number of parts.
@Suite struct ChannelPassTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var samples, channels, area, block: Int
        var parts = 2
        var isHalf = false
        /// Of the numbers in the source.
        var mean: Float = 0.5
        var spread: Float = 1
        var relu = false
        var affine = true

        var testDescription: String {
            "\(samples)×\(channels)×\(area) in blocks of \(block), \(parts) parts\(isHalf ? ", bfloat16" : "")"
                + "\(relu ? ", relu" : "")\(affine ? "" : ", not affine"), \(mean) ± \(spread)"
        }

        var shape: cker_channel_shape {
            cker_channel_shape(
                type: isHalf ? cker_bfloat16 : cker_float32, samples: Int64(samples), channels: Int64(channels),
                area: Int64(area), block: Int64(block))
        }
        var padded: Int { (channels + block - 1) / block * block }
        var elements: Int { samples * padded * area }
        /// Numbers of a channel.
        var count: Int { samples * area }

        /// Where number `index` of a channel lies.
        func place(_ channel: Int, _ index: Int) -> Int {
            let (sample, pixel) = (index / area, index % area)
            return ((sample * (padded / block) + channel / block) * area + pixel) * block + channel % block
        }

        /// A channel's numbers, sample after sample.
        func channel(_ channel: Int, of values: [Double]) -> [Double] { (0..<count).map { values[place(channel, $0)] } }

        /// Calls `body` for each part of each phase.
        func run(phases: Int32 = 2, _ body: (_ phase: Int32, _ part: Int32, _ parts: Int32) -> Void) {
            for phase in 0..<phases {
                for part in 0..<Int32(parts) { body(phase, part, Int32(parts)) }
            }
        }
    }

    static let cases = [
        Case(samples: 2, channels: 3, area: 20, block: 1),
        Case(samples: 3, channels: 5, area: 7, block: 1, parts: 3, relu: true),
        Case(samples: 4, channels: 5, area: 49, block: 1, parts: 1, relu: true, affine: false),
        Case(samples: 3, channels: 20, area: 9, block: 8, parts: 2, relu: true),
        Case(samples: 2, channels: 40, area: 30, block: 16, parts: 3),
        Case(samples: 2, channels: 6, area: 11, block: 4, parts: 3, relu: true),
        Case(samples: 2, channels: 13, area: 15, block: 13, parts: 2, relu: true),
        Case(samples: 1, channels: 37, area: 6, block: 37, parts: 4),
        Case(samples: 3, channels: 20, area: 25, block: 16, isHalf: true, relu: true),
        Case(samples: 3, channels: 7, area: 25, block: 1, isHalf: true),
        Case(samples: 2, channels: 3, area: 10000, block: 1, mean: 3.7, spread: 0),
        Case(samples: 2, channels: 8, area: 10000, block: 8, mean: 3.7, spread: 1e-3),
        Case(samples: 2, channels: 8, area: 10000, block: 8, mean: 10000, spread: 1),
    ]

    @Test(arguments: cases)
    func channelSums(_ of: Case) {
        let (values, sums, scratch) = (Map(of, seed: 1), KernelArray(count: of.channels), Scratch(of))
        var arguments = cker_channel_sum_arguments(
            shape: of.shape, values: values.start, sums: sums.start, scratch: scratch.start)
        of.run { cker_channel_sums(&arguments, $0, $1, $2) }
        for channel in 0..<of.channels {
            let exact = of.channel(channel, of: values.values).reduce(0, +)
            #expect(abs(Double(sums.values[channel]) - exact) <= Double(Float(exact).ulp), "channel \(channel)")
        }
    }

    @Test(arguments: cases)
    func batchNorm(_ of: Case) {
        let (source, output, scratch) = (Map(of, seed: 1), Map(of), Scratch(of))
        let (scale, shift) = (numbers(of.channels, 3), numbers(of.channels, 4))
        let (startMean, startVariance) = (numbers(of.channels, 5), numbers(of.channels, 6).map(abs))
        let (mean, variance) = (KernelArray(count: of.channels), KernelArray(count: of.channels))
        let (runningMean, runningVariance) = (KernelArray(startMean), KernelArray(startVariance))
        let (scales, shifts) = (KernelArray(scale), KernelArray(shift))
        let mask = KernelArray([UInt8](repeating: 7, count: of.elements))
        var arguments = cker_channel_norm_arguments(
            shape: of.shape, source: source.start, output: output.start, scale: of.affine ? scales.start : nil,
            shift: of.affine ? shifts.start : nil, epsilon: 1e-5, mean: mean.start, variance: variance.start,
            running_mean: runningMean.start, running_variance: runningVariance.start, momentum: 0.1, relu: of.relu,
            mask: mask.start, scratch: scratch.start)
        of.run { cker_channel_norm_forward(&arguments, $0, $1, $2) }
        let values = (source: source.values, output: output.values, mask: mask.values)

        for channel in 0..<of.channels {
            let x = of.channel(channel, of: values.source)
            let exactMean = x.reduce(0, +) / Double(of.count)
            let exactVariance = x.reduce(0) { $0 + ($1 - exactMean) * ($1 - exactMean) } / Double(of.count)
            let unbiased = exactVariance * Double(of.count) / Double(of.count - 1)
            let meanError = Double(Float(exactMean).ulp)
            let varianceError = 1e-6 * exactVariance + 1e-13 * exactMean * exactMean
            #expect(abs(Double(mean.values[channel]) - exactMean) <= meanError)
            #expect(abs(Double(variance.values[channel]) - exactVariance) <= varianceError)
            let followedMean = 0.9 * Double(startMean[channel]) + 0.1 * exactMean
            let followedVariance = 0.9 * Double(startVariance[channel]) + 0.1 * unbiased
            #expect(abs(Double(runningMean.values[channel]) - followedMean) <= 1e-6 + meanError)
            #expect(abs(Double(runningVariance.values[channel]) - followedVariance) <= 1e-6 + varianceError)

            // Of the mean no more is kept than single precision holds, which shows where it is large against the spread.
            let deviation = (exactVariance + 1e-5).squareRoot()
            let (gamma, beta) = of.affine ? (Double(scale[channel]), Double(shift[channel])) : (1, 0)
            let slack = (of.isHalf ? 0.02 : 2e-6) + abs(gamma) * meanError / deviation
            let y = of.channel(channel, of: values.output)
            let wrong = (0..<of.count).first { index in
                let exact = gamma * (x[index] - exactMean) / deviation + beta
                let isNear = abs(y[index] - (of.relu ? max(exact, 0) : exact)) <= slack * max(1, abs(exact))
                let isMasked = values.mask[of.place(channel, index)] == 0
                return !isNear || of.relu && abs(exact) > slack && isMasked != (exact < 0)
            }
            #expect(wrong == nil, "channel \(channel)")
        }
        #expect(output.hasCleanPadding)

        // By given statistics: those of the batch give the same bits.
        let again = Map(of)
        arguments.output = again.start
        of.run(phases: 1) { cker_channel_norm_by_given(&arguments, $1, $2) }
        #expect(again.values == values.output)
    }

    @Test(arguments: cases, [false, true])
    func batchNormBackward(_ of: Case, isFrozen: Bool) {
        let (source, gradient, result) = (Map(of, seed: 1), Map(of, seed: 2, mean: 0.1, spread: 1), Map(of))
        let (scratch, scale) = (Scratch(of), numbers(of.channels, 4))
        let mask = KernelArray((0..<of.elements).map { UInt8($0 * 7 % 3 == 0 ? 0 : 255) })
        let values = (source: source.values, gradient: gradient.values)
        let x = (0..<of.channels).map { of.channel($0, of: values.source) }
        let mean = x.map { Float($0.reduce(0, +) / Double(of.count)) }
        let variance = zip(x, mean).map { x, mean in
            Float(x.reduce(0) { $0 + ($1 - Double(mean)) * ($1 - Double(mean)) } / Double(of.count))
        }
        let (means, variances, scales) = (KernelArray(mean), KernelArray(variance), KernelArray(scale))
        let (scaleGradient, shiftGradient) = (KernelArray(count: of.channels), KernelArray(count: of.channels))
        var arguments = cker_channel_norm_gradient_arguments(
            shape: of.shape, source: source.start, gradient: gradient.start, source_gradient: result.start,
            mask: of.relu ? mask.start : nil, scale: of.affine ? scales.start : nil, mean: means.start,
            variance: variances.start, statistics_are_given: isFrozen, epsilon: 1e-5,
            scale_gradient: scaleGradient.start, shift_gradient: shiftGradient.start, scratch: scratch.start)
        of.run { cker_channel_norm_backward(&arguments, $0, $1, $2) }
        let results = result.values

        for channel in 0..<of.channels {
            let deviation = (Double(variance[channel]) + 1e-5).squareRoot()
            let gamma = of.affine ? Double(scale[channel]) : 1
            let normal = x[channel].map { ($0 - Double(mean[channel])) / deviation }
            let g = of.channel(channel, of: values.gradient).enumerated().map { index, g in
                of.relu && mask.values[of.place(channel, index)] == 0 ? 0 : g
            }
            let ofScale = zip(g, normal).reduce(0) { $0 + $1.0 * $1.1 }
            let ofShift = g.reduce(0, +)
            // What double precision leaves of the sums.
            let size = zip(g, normal).reduce(0) { $0 + abs($1.0) * max(1, abs($1.1)) }
            #expect(abs(Double(scaleGradient.values[channel]) - ofScale) <= 1e-6 * abs(ofScale) + 1e-13 * size)
            #expect(abs(Double(shiftGradient.values[channel]) - ofShift) <= 1e-6 * abs(ofShift) + 1e-13 * size)
            let count = Double(of.count)
            let dx = zip(g, normal).map {
                gamma / deviation * (isFrozen ? $0 : $0 - ofShift / count - $1 * ofScale / count)
            }
            let error = relativeError(of.channel(channel, of: results), dx, floor: 1e-3)
            #expect(error <= (of.isHalf ? 0.01 : 1e-6), "channel \(channel)")
        }
        #expect(result.hasCleanPadding)
    }

    /// Memory for sums.
    private final class Scratch {
        let start: UnsafeMutableRawPointer

        init(_ of: Case) {
            var shape = of.shape
            start = .allocate(byteCount: cker_channel_scratch(&shape, Int32(of.parts)), alignment: 64)
        }

        deinit { start.deallocate() }
    }

    /// A map of either type.
    private final class Map {
        private let of: Case
        private let floats: KernelArray<Float>
        private let halves: KernelArray<UInt16>

        /// Numbers that look random, and zeros where channels fill up a block; without a seed what is not a number.
        init(_ of: Case, seed: UInt64? = nil, mean: Float? = nil, spread: Float? = nil) {
            var values = [Float](repeating: .nan, count: of.elements)
            if let seed {
                values = numbers(of.elements, seed).map { (mean ?? of.mean) + (spread ?? of.spread) * $0 }
                for place in Self.padding(of) { values[place] = 0 }
            }
            self.of = of
            floats = KernelArray(of.isHalf ? [] : values)
            halves = KernelArray(of.isHalf ? values.map { UInt16($0.bitPattern >> 16) } : [])
        }

        var start: UnsafeMutableRawPointer {
            of.isHalf ? UnsafeMutableRawPointer(halves.start) : UnsafeMutableRawPointer(floats.start)
        }

        var values: [Double] {
            of.isHalf
                ? halves.values.map { Double(Float(bitPattern: UInt32($0) << 16)) } : floats.values.map(Double.init)
        }

        var hasCleanPadding: Bool {
            let values = values
            return Self.padding(of).allSatisfy { values[$0] == 0 }
        }

        private static func padding(_ of: Case) -> [Int] {
            (of.channels..<of.padded).flatMap { channel in (0..<of.count).map { of.place(channel, $0) } }
        }
    }
}
