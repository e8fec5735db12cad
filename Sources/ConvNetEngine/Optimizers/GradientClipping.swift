/// A limit on gradients, which holds them back where a few steps would otherwise throw the weights far away.
///
/// It applies to the gradient of the whole batch, before the update, over the parameters that the optimizer changes.
public enum GradientClipping: Hashable, Codable, Sendable {
    /// Each element at least −limit and at most limit, as PyTorch's `clip_grad_value_` has it.
    case value(Float)

    /// All gradients of the network scaled by limit / (norm + 10⁻⁶) where that is below 1, the norm being the root of the
    /// sum of all their squares: PyTorch's `clip_grad_norm_`. Pascanu, Mikolov and Bengio, "On the difficulty of training
    /// recurrent neural networks", 2013, algorithm 1.
    case norm(Float)

    package func validate() throws {
        switch self {
        case .value(let limit), .norm(let limit):
            guard limit > 0, limit.isFinite else {
                throw SettingError("the limit of gradient clipping must be above 0, received \(limit)")
            }
        }
    }
}

extension GradientClipping: CustomStringConvertible {
    public var description: String {
        switch self {
        case .value(let limit): "to values of \(limit)"
        case .norm(let limit): "to a norm of \(limit)"
        }
    }
}
