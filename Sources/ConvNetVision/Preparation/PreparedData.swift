import ConvNetGraph
import ConvNetTraining

/// What a network is trained with and measured on. Made by ``DataPreparation``.
public struct PreparedData: Sendable {
    /// The dataset's name.
    public let name: String
    /// Augmented, where that was asked for.
    public internal(set) var training: any Dataset
    /// nil where epochs are not compared.
    public internal(set) var validation: (any Dataset)?
    /// nil where the dataset has no such part.
    public internal(set) var test: (any Dataset)?
    /// What is done to every image: decided, measured, or given.
    public internal(set) var preprocessing: Preprocessing
    /// C×H×W of the images as the network gets them.
    public let imageShape: Shape
    /// The files that cannot be used, and were left out.
    public let skipped: [BadFile]
    /// Which images are in which part; nil where the dataset came in its parts.
    public internal(set) var split: SplitFile?
    /// Images that a given split does not name.
    public internal(set) var unused = 0
    /// How the training images were grouped; nil where they were not.
    public internal(set) var groups: ImageGroups?
    /// What is left aside, and what may have been meant otherwise.
    public internal(set) var notices: [DatasetNotice] = []
}
