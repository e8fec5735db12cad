extension Schedule {
    /// - Parameter epochs: the length of the run.
    /// - Throws: ``SettingError`` where a number is out of its range, or where the run is over before the
    ///   schedule has changed anything.
    package func validate(epochs: Int) throws {
        guard warmup >= 0, warmup.isFinite else {
            throw SettingError("the warm-up must be 0 epochs or more, received \(warmup)")
        }
        try shape.validate()
        guard warmup < Double(epochs) else {
            throw SettingError(
                "the warm-up must be shorter than the run of \(epochs) epochs, received \(warmup) epochs")
        }
        switch shape {
        case .step(let every, _) where warmup + Double(every) >= Double(epochs):
            throw SettingError(
                "the step schedule would step first after \((warmup + Double(every)).shortest) epochs, but the run has "
                    + "\(epochs); step earlier, or choose the constant schedule")
        case .inverseSquareRoot where warmup == 0:
            throw SettingError(
                "the inverse square root schedule needs a warm-up, whose length its fall is measured by")
        case .reduceOnPlateau(_, let patience, _) where epochs - 2 <= patience:
            // The first epoch is the best so far, patience more are borne, the next one reduces.
            throw SettingError(
                "the plateau schedule with a patience of \(patience) epochs could reduce the learning rate first after "
                    + "epoch \((Double(patience) + 2).shortest), but the run has \(epochs)")
        default: break
        }
    }
}

extension Schedule.Shape {
    fileprivate func validate() throws {
        switch self {
        case .step(let every, let factor):
            guard every > 0 else {
                throw SettingError("the step schedule must step every 1 epoch or more, received \(every)")
            }
            guard factor > 0, factor.isFinite else {
                throw SettingError("the step schedule's factor must be above 0, received \(factor)")
            }
        case .cosine(let final):
            guard final >= 0, final <= 1 else {
                throw SettingError("the cosine schedule's final factor must be 0 to 1, received \(final)")
            }
        case .linear(let final):
            guard final >= 0, final <= 1 else {
                throw SettingError("the linear schedule's final factor must be 0 to 1, received \(final)")
            }
        case .reduceOnPlateau(let factor, let patience, let threshold):
            guard factor > 0, factor < 1 else {
                throw SettingError("the plateau schedule's factor must be between 0 and 1, received \(factor)")
            }
            guard patience >= 0 else {
                throw SettingError(
                    "the plateau schedule's patience must be 0 epochs or more, received \(patience)")
            }
            guard threshold >= 0, threshold < 1 else {
                throw SettingError(
                    "the plateau schedule's threshold must be at least 0 and below 1, received \(threshold)")
            }
        case .constant, .oneCycle, .inverseSquareRoot:
            break
        }
    }
}

extension Double {
    /// Without a fraction where there is none.
    fileprivate var shortest: String { Int(exactly: self).map(String.init) ?? "\(self)" }
}
