import ConvNetGraph

extension ReLU: ReferenceOperation {
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    func forward<Scalar: ReferenceScalar>(_ node: ReferenceNode<Scalar>) {
        for i in 0..<node.output.count {
            let x = node.inputs[0][i]
            // Not "above 0": what is not a number is passed on, here and below.
            node.output[i] = x <= 0 ? 0 : x
        }
    }

    /// The derivative at 0 is taken to be 0.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    func backward<Scalar: ReferenceScalar>(_ node: ReferenceNode<Scalar>) {
        guard let inputGradient = node.inputGradients[0] else { return }
        for i in 0..<inputGradient.count where !(node.output[i] <= 0) { inputGradient[i] += node.outputGradient[i] }
    }
}

extension ReLU6: ReferenceOperation {
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    func forward<Scalar: ReferenceScalar>(_ node: ReferenceNode<Scalar>) {
        for i in 0..<node.output.count {
            let x = node.inputs[0][i]
            node.output[i] = x <= 0 ? 0 : x >= 6 ? 6 : x
        }
    }

    /// The derivatives at 0 and at 6 are taken to be 0.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    func backward<Scalar: ReferenceScalar>(_ node: ReferenceNode<Scalar>) {
        guard let inputGradient = node.inputGradients[0] else { return }
        for i in 0..<inputGradient.count where !(node.output[i] <= 0 || node.output[i] >= 6) {
            inputGradient[i] += node.outputGradient[i]
        }
    }
}

extension Tanh: ReferenceOperation {
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    func forward<Scalar: ReferenceScalar>(_ node: ReferenceNode<Scalar>) {
        for i in 0..<node.output.count { node.output[i] = Scalar.tanh(node.inputs[0][i]) }
    }

    /// tanh′ = 1 − tanh²
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    func backward<Scalar: ReferenceScalar>(_ node: ReferenceNode<Scalar>) {
        guard let inputGradient = node.inputGradients[0] else { return }
        for i in 0..<inputGradient.count {
            inputGradient[i] += node.outputGradient[i] * (1 - node.output[i] * node.output[i])
        }
    }
}

extension Sigmoid: ReferenceOperation {
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    func forward<Scalar: ReferenceScalar>(_ node: ReferenceNode<Scalar>) {
        for i in 0..<node.output.count { node.output[i] = 1 / (1 + Scalar.exp(-node.inputs[0][i])) }
    }

    /// σ′ = σ · (1 − σ)
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    func backward<Scalar: ReferenceScalar>(_ node: ReferenceNode<Scalar>) {
        guard let inputGradient = node.inputGradients[0] else { return }
        for i in 0..<inputGradient.count {
            inputGradient[i] += node.outputGradient[i] * node.output[i] * (1 - node.output[i])
        }
    }
}

extension LeakyReLU: ReferenceOperation {
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    func forward<Scalar: ReferenceScalar>(_ node: ReferenceNode<Scalar>) {
        let slope = Scalar(slope)
        for i in 0..<node.output.count {
            let x = node.inputs[0][i]
            node.output[i] = x > 0 ? x : slope * x
        }
    }

    /// The derivative at 0 is taken to be the slope.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    func backward<Scalar: ReferenceScalar>(_ node: ReferenceNode<Scalar>) {
        guard let inputGradient = node.inputGradients[0] else { return }
        let slope = Scalar(slope)
        for i in 0..<inputGradient.count {
            let x = node.inputs[0][i]
            inputGradient[i] += node.outputGradient[i] * (x > 0 ? 1 : slope)
        }
    }
}

extension ELU: ReferenceOperation {
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    func forward<Scalar: ReferenceScalar>(_ node: ReferenceNode<Scalar>) {
        let alpha = Scalar(alpha)
        for i in 0..<node.output.count {
            let x = node.inputs[0][i]
            node.output[i] = x > 0 ? x : alpha * Scalar.expm1(x)
        }
    }

    /// alpha · eˣ for negative x
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    func backward<Scalar: ReferenceScalar>(_ node: ReferenceNode<Scalar>) {
        guard let inputGradient = node.inputGradients[0] else { return }
        let alpha = Scalar(alpha)
        for i in 0..<inputGradient.count {
            let x = node.inputs[0][i]
            inputGradient[i] += node.outputGradient[i] * (x > 0 ? 1 : alpha * Scalar.exp(x))
        }
    }
}

extension SiLU: ReferenceOperation {
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    func forward<Scalar: ReferenceScalar>(_ node: ReferenceNode<Scalar>) {
        for i in 0..<node.output.count {
            let x = node.inputs[0][i]
            node.output[i] = x / (1 + Scalar.exp(-x))
        }
    }

    /// (x · σ)′ = σ · (1 + x · (1 − σ))
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    func backward<Scalar: ReferenceScalar>(_ node: ReferenceNode<Scalar>) {
        guard let inputGradient = node.inputGradients[0] else { return }
        for i in 0..<inputGradient.count {
            let x = node.inputs[0][i]
            inputGradient[i] += node.outputGradient[i] * Self.derivative(x)
        }
    }

    @inline(__always)
    private static func derivative<Scalar: ReferenceScalar>(_ x: Scalar) -> Scalar {
        let sigmoid = 1 / (1 + Scalar.exp(-x))
        return sigmoid * (1 + x * (1 - sigmoid))
    }
}

extension GELU: ReferenceOperation {
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    func forward<Scalar: ReferenceScalar>(_ node: ReferenceNode<Scalar>) {
        for i in 0..<node.output.count {
            let x = node.inputs[0][i]
            node.output[i] = x * phi(x).value
        }
    }

    /// (x · Φ)′ = Φ + x · Φ′
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    func backward<Scalar: ReferenceScalar>(_ node: ReferenceNode<Scalar>) {
        guard let inputGradient = node.inputGradients[0] else { return }
        for i in 0..<inputGradient.count {
            let x = node.inputs[0][i]
            inputGradient[i] += node.outputGradient[i] * derivative(x)
        }
    }

    /// Φ, exact or approximated, and its derivative.
    @inline(__always)
    private func phi<Scalar: ReferenceScalar>(_ x: Scalar) -> (value: Scalar, slope: Scalar) {
        switch formula {
        case .exact:
            let density = Scalar.exp(-x * x / 2) / (2 * Scalar.pi).squareRoot()
            return ((1 + Scalar.erf(x / Scalar(2).squareRoot())) / 2, density)
        case .tanh:
            let scale = (2 / Scalar.pi).squareRoot()
            let cubic = Scalar(0.044715)
            let tanh = Scalar.tanh(scale * (x + cubic * x * x * x))
            return ((1 + tanh) / 2, (1 - tanh * tanh) / 2 * scale * (1 + 3 * cubic * x * x))
        }
    }

    @inline(__always)
    private func derivative<Scalar: ReferenceScalar>(_ x: Scalar) -> Scalar {
        let phi = phi(x)
        return phi.value + x * phi.slope
    }
}

/// x where it lies between the limits, else the one that it is beyond; what is not a number stays so.
@inline(__always)
private func clipped<Scalar: ReferenceScalar>(_ x: Scalar, _ low: Scalar, _ high: Scalar) -> Scalar {
    x < low ? low : x > high ? high : x
}

extension Clip: ReferenceOperation {
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    func forward<Scalar: ReferenceScalar>(_ node: ReferenceNode<Scalar>) {
        let (low, high) = (Scalar(low), Scalar(high))
        for i in 0..<node.output.count { node.output[i] = clipped(node.inputs[0][i], low, high) }
    }

    /// The derivatives at the limits are taken to be 0.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    func backward<Scalar: ReferenceScalar>(_ node: ReferenceNode<Scalar>) {
        guard let inputGradient = node.inputGradients[0] else { return }
        let (low, high) = (Scalar(low), Scalar(high))
        for i in 0..<inputGradient.count where node.output[i] > low && node.output[i] < high {
            inputGradient[i] += node.outputGradient[i]
        }
    }
}

extension HardSigmoid: ReferenceOperation {
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    func forward<Scalar: ReferenceScalar>(_ node: ReferenceNode<Scalar>) {
        for i in 0..<node.output.count { node.output[i] = clipped(node.inputs[0][i] / 6 + 0.5, 0, 1) }
    }

    /// The derivatives at −3 and at 3 are taken to be 0.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    func backward<Scalar: ReferenceScalar>(_ node: ReferenceNode<Scalar>) {
        guard let inputGradient = node.inputGradients[0] else { return }
        for i in 0..<inputGradient.count where node.output[i] > 0 && node.output[i] < 1 {
            inputGradient[i] += node.outputGradient[i] / 6
        }
    }
}

extension HardSwish: ReferenceOperation {
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    func forward<Scalar: ReferenceScalar>(_ node: ReferenceNode<Scalar>) {
        for i in 0..<node.output.count {
            let x = node.inputs[0][i]
            node.output[i] = x * clipped(x / 6 + 0.5, 0, 1)
        }
    }

    /// x / 3 + 1/2 between −3 and 3
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    func backward<Scalar: ReferenceScalar>(_ node: ReferenceNode<Scalar>) {
        guard let inputGradient = node.inputGradients[0] else { return }
        for i in 0..<inputGradient.count {
            let x = node.inputs[0][i]
            inputGradient[i] += node.outputGradient[i] * (x <= -3 ? 0 : x >= 3 ? 1 : x / 3 + 0.5)
        }
    }
}
