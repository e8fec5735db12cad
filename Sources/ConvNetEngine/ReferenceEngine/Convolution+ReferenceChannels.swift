import ConvNetGraph

/// Maps of a few pixels and hundreds of channels, as the last stages of deep networks have them, have no rows worth a loop: here the
/// innermost loop goes along channels, in copies that have those innermost. Each sum adds the same products in the same order as
/// it does along rows, and so has the same bits.
extension Conv2D {
    @inline(__always)
    func hasShortRows<Scalar>(_ input: Tensor<Scalar>, _ output: Tensor<Scalar>) -> Bool {
        min(input.channels, filters) / groups >= 4 * output.width
    }

    /// Adds the products to an output that holds the bias.
    @inline(__always)
    func addAlongChannels<Scalar: ReferenceScalar>(_ node: ReferenceNode<Scalar>) {
        let (input, output) = (node.inputs[0], node.output)
        let (inputs, outputs) = (input.channels / groups, filters / groups)
        node.pass.withScratch(output.count + inputs * outputs) { (scratch: UnsafeMutablePointer<Scalar>) in
            let sums = ChannelsLast(output, in: scratch)
            let weights = TapWeights(node.parameters[0], inputs, outputs, in: scratch + output.count)
            sums.load()
            forEachTap(input, output) { tap in
                for group in 0..<groups {
                    weights.load(tap, group, isInputMajor: true)
                    for i in 0..<inputs {
                        let w = weights.pointer + i * outputs
                        for n in 0..<output.samples {
                            for y in tap.rows {
                                let from = input.row(n, group * inputs + i, tap.row(y))
                                for x in tap.columns {
                                    let (to, value) = (sums.pixel(n, y, x) + group * outputs, from[tap.column(x)])
                                    for o in 0..<outputs { to[o] += w[o] * value }
                                }
                            }
                        }
                    }
                }
            }
            sums.store()
        }
    }

    /// Adds the gradients with respect to weights and input.
    @inline(__always)
    func addGradientsAlongChannels<Scalar: ReferenceScalar>(_ node: ReferenceNode<Scalar>) {
        let (input, gradient) = (node.inputs[0], node.outputGradient)
        let (inputs, outputs) = (input.channels / groups, filters / groups)
        let count = inputs * outputs + gradient.count + (node.inputGradients[0]?.count ?? 0)
        node.pass.withScratch(count) { (scratch: UnsafeMutablePointer<Scalar>) in
            let gradients = ChannelsLast(gradient, in: scratch + inputs * outputs)
            gradients.load()
            let sums = TapWeights(node.parameterGradients[0], inputs, outputs, in: scratch)
            forEachTap(input, gradient) { tap in
                for group in 0..<groups {
                    sums.load(tap, group, isInputMajor: true)
                    for i in 0..<inputs {
                        let sum = sums.pointer + i * outputs
                        for n in 0..<gradient.samples {
                            for y in tap.rows {
                                let from = input.row(n, group * inputs + i, tap.row(y))
                                for x in tap.columns {
                                    let (g, value) = (gradients.pixel(n, y, x) + group * outputs, from[tap.column(x)])
                                    for o in 0..<outputs { sum[o] += g[o] * value }
                                }
                            }
                        }
                    }
                    sums.store(tap, group, isInputMajor: true)
                }
            }
            guard let inputGradient = node.inputGradients[0] else { return }
            let inputSums = ChannelsLast(inputGradient, in: scratch + inputs * outputs + gradient.count)
            let weights = TapWeights(node.parameters[0], inputs, outputs, in: scratch)
            inputSums.load()
            forEachTap(input, gradient) { tap in
                for group in 0..<groups {
                    weights.load(tap, group, isInputMajor: false)
                    for o in 0..<outputs {
                        let w = weights.pointer + o * inputs
                        for n in 0..<gradient.samples {
                            for y in tap.rows {
                                let g = gradient.row(n, group * outputs + o, y)
                                for x in tap.columns {
                                    let to = inputSums.pixel(n, tap.row(y), tap.column(x)) + group * inputs
                                    let value = g[x]
                                    for i in 0..<inputs { to[i] += value * w[i] }
                                }
                            }
                        }
                    }
                }
            }
            inputSums.store()
        }
    }
}

/// A copy of feature maps in which the channels of a pixel lie side by side.
private struct ChannelsLast<Scalar: ReferenceScalar> {
    private let maps: Tensor<Scalar>
    private let pointer: UnsafeMutablePointer<Scalar>

    /// - Parameter scratch: room for as many elements as the maps have.
    init(_ maps: Tensor<Scalar>, in scratch: UnsafeMutablePointer<Scalar>) {
        self.maps = maps
        pointer = scratch
    }

    @inline(__always)
    func pixel(_ n: Int, _ y: Int, _ x: Int) -> UnsafeMutablePointer<Scalar> {
        pointer + ((n * maps.height + y) * maps.width + x) * maps.channels
    }

    @inline(__always)
    func load() { forEach { $0.pointee = $1.pointee } }

    @inline(__always)
    func store() { forEach { $1.pointee = $0.pointee } }

    @inline(__always)
    private func forEach(_ body: (_ copy: UnsafeMutablePointer<Scalar>, _ own: UnsafeMutablePointer<Scalar>) -> Void) {
        for n in 0..<maps.samples {
            for c in 0..<maps.channels {
                for y in 0..<maps.height {
                    for x in 0..<maps.width { body(pixel(n, y, x) + c, maps.row(n, c, y) + x) }
                }
            }
        }
    }
}

/// A copy of one kernel element's weights in a group, a matrix.
private struct TapWeights<Scalar: ReferenceScalar> {
    let pointer: UnsafeMutablePointer<Scalar>
    private let weights: Tensor<Scalar>
    private let inputs, outputs: Int

    /// - Parameter scratch: room for inputs × outputs elements.
    init(_ weights: Tensor<Scalar>, _ inputs: Int, _ outputs: Int, in scratch: UnsafeMutablePointer<Scalar>) {
        self.weights = weights
        (self.inputs, self.outputs) = (inputs, outputs)
        pointer = scratch
    }

    /// - Parameter isInputMajor: whether the weights of an input channel lie side by side; else those of an output channel do.
    @inline(__always)
    func load(_ tap: Conv2D.Tap, _ group: Int, isInputMajor: Bool) {
        forEach(tap, group, isInputMajor) { $0.pointee = $1.pointee }
    }

    @inline(__always)
    func store(_ tap: Conv2D.Tap, _ group: Int, isInputMajor: Bool) {
        forEach(tap, group, isInputMajor) { $1.pointee = $0.pointee }
    }

    @inline(__always)
    private func forEach(
        _ tap: Conv2D.Tap, _ group: Int, _ isInputMajor: Bool,
        _ body: (_ copy: UnsafeMutablePointer<Scalar>, _ own: UnsafeMutablePointer<Scalar>) -> Void
    ) {
        for o in 0..<outputs {
            for i in 0..<inputs {
                let place = isInputMajor ? i * outputs + o : o * inputs + i
                body(pointer + place, weights.row(group * outputs + o, i, tap.ky) + tap.kx)
            }
        }
    }
}
