import ConvNetEngine

extension SeededTraining {
    /// What a number of steps allocates, after a few that may set up what all later ones use: threads, caches.
    ///
    /// - Parameter parts: how many steps make up a batch.
    public func allocations(inSteps count: Int, parts: Int = 1) throws -> AllocationCount {
        for _ in 1...3 { try step() }
        let plan = plan
        return try AllocationCount {
            for number in 0..<count {
                let position = number % parts
                let part = BatchPart(
                    isFirst: position == 0, isLast: position == parts - 1,
                    weightBefore: Double(position * plan.batchSize))
                _ = try plan.step(
                    TrainingStep(learningRate: 0.01, epoch: number, update: number + 1, part: part))
            }
        }
    }
}

extension TrainingConfiguration {
    /// All that an update may do besides the optimizer's rule.
    public mutating func addEverything() {
        optimizer = AdamW()
        gradientClipping = .norm(0.5)
        averaging = WeightAveraging(decay: 0.9)
        accumulatesGradients = true
        usesSoftTargets = true
        loss = SoftmaxCrossEntropy(labelSmoothing: 0.1, classWeights: (0..<10).map { 0.5 + Double($0) / 5 })
    }
}
