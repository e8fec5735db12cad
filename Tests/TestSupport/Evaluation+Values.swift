import ConvNetTraining

extension Evaluation {
    /// What a validation comes to that computes nothing but the usual.
    public init(loss: Double, accuracy: Double, top5Accuracy: Double, imageCount: Int) {
        self.init(["loss": loss, "accuracy": accuracy, "top5_accuracy": top5Accuracy], imageCount: imageCount)
    }
}
