/// Brings images from a dataset into a plan, preprocessed.
struct DataLoader {
    let dataset: any Dataset
    let preprocessing: Preprocessing

    /// Fills the plan's images with those at `indices`, of which there are as many as the plan's batch holds.
    func load(_ indices: ArraySlice<Int>, into plan: any Plan) throws {
        let shape = dataset.imageShape
        let images = plan.images
        for (position, index) in indices.enumerated() {
            let image = UnsafeMutableBufferPointer(
                rebasing: images[position * shape.count..<(position + 1) * shape.count])
            try dataset.copyImage(at: index, to: image)
            preprocessing.apply(to: image, shape: shape)
        }
    }

    /// Fills images, labels and positions, and soft targets where the plan takes them.
    func load(_ indices: ArraySlice<Int>, into plan: any TrainingPlan) throws {
        try load(indices, into: plan as any Plan)
        let (labels, samples) = (plan.labels, plan.samples)
        for (position, index) in indices.enumerated() {
            labels[position] = Int32(dataset.label(at: index))
            samples[position] = Int32(truncatingIfNeeded: index)
        }
        let (targets, classes) = (plan.softTargets, dataset.classes.count)
        guard !targets.isEmpty else { return }
        for (position, index) in indices.enumerated() {
            let row = targets[position * classes..<(position + 1) * classes]
            dataset.copySoftTarget(at: index, to: UnsafeMutableBufferPointer(rebasing: row))
        }
    }
}
