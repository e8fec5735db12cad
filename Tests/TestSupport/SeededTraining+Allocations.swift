import ConvNetCore

extension SeededTraining {
    /// What a number of steps allocates, after a few that may set up what all later ones use: threads, caches.
    public func allocations(inSteps count: Int) throws -> AllocationCount {
        for _ in 1...3 { try step() }
        let plan = plan
        return try AllocationCount {
            for epoch in 0..<count { _ = try plan.step(TrainingStep(learningRate: 0.01, epoch: epoch)) }
        }
    }
}
