/// A rule that changes each parameter element by its gradient and its own memory of earlier ones.
///
/// The rule knows nothing of layouts: engines apply it to their arrays as they lie in memory, split among threads.
public protocol Optimizer: Hashable, Codable, Sendable {
    /// The name in configurations and checkpoints, e.g. `sgd`.
    static var kind: String { get }

    /// The weight decay of the parameters that no ``ParameterGroup`` gives another; 0 or more.
    var weightDecay: Float { get }

    /// The arrays, one element for each of a parameter's, that the rule remembers; all zero at first.
    var stateNames: [String] { get }

    /// - Throws: ``SettingError`` where a number is out of its range.
    func validate() throws

    /// Updates the elements `range` of one parameter.
    ///
    /// Called from several threads at once, for ranges that do not overlap. An element whose weight, gradient and state
    /// are all zero must stay so: engines pad their arrays with such elements.
    ///
    /// - Parameters:
    ///   - state: the arrays in the order of ``stateNames``.
    ///   - step: rates and counts of this update and this parameter.
    func update(
        weights: UnsafeMutablePointer<Float>, gradients: UnsafePointer<Float>,
        state: UnsafePointer<UnsafeMutablePointer<Float>>, range: Range<Int>, step: OptimizerStep)
}

/// What an update of one parameter depends on besides its arrays.
public struct OptimizerStep: Hashable, Sendable {
    /// The schedule's for this step, times the factor of the parameter's group.
    public var learningRate: Float

    /// That of the parameter's group, or the optimizer's own.
    public var weightDecay: Float

    /// The updates of the run up to this one: 1 in the first.
    public var number: Int

    /// - Parameter number: 1 or more.
    public init(learningRate: Float, weightDecay: Float, number: Int) {
        self.learningRate = learningRate
        self.weightDecay = weightDecay
        self.number = number
    }
}

// MARK: - Ranges that several optimizers share

func validate(weightDecay: Float) throws {
    guard weightDecay >= 0, weightDecay.isFinite else {
        throw SettingError("weight decay must be 0 or more, received \(weightDecay)")
    }
}

/// - Parameter name: what messages call the number, e.g. `momentum`.
func validate(_ name: String, share: some BinaryFloatingPoint) throws {
    guard share >= 0, share < 1 else {
        throw SettingError("\(name) must be at least 0 and below 1, received \(share)")
    }
}

/// Zero would make 0 / 0 of an element that has not changed yet.
func validate(epsilon: Double) throws {
    guard Float(epsilon) > 0, Float(epsilon).isFinite else {
        throw SettingError("epsilon must be above 0, received \(epsilon)")
    }
}
