import ConvNetGraph
import ConvNetTraining

extension ContactSheet {
    /// Pictures of a dataset beside what training sees of them in its first epochs.
    ///
    /// The classes take turns; of each the first pictures that can be read are shown.
    ///
    /// - Parameters:
    ///   - shape: C×H×W that the network gets.
    ///   - rows: how many pictures.
    ///   - columns: how many epochs.
    /// - Throws: why the first picture cannot be read, where none can.
    public init(
        previewing dataset: PreparedDataset, shape: Shape, preset: AugmentationPreset, rows: Int, columns: Int
    ) throws {
        var failure: (any Error)?
        var shown: [Row] = []
        for index in Self.byTurns(dataset) where shown.count < rows {
            do {
                let picture = try dataset.base.picture(at: index)
                let original = try picture.decode(dataset.preprocessing.decoding(channels: 3))
                let variants = try (0..<columns).map { try dataset.image(of: picture, at: index, epoch: $0) }
                let caption = dataset.target(at: index).classes.map { dataset.classes[$0] }.joined(separator: ", ")
                shown.append(Row(caption: caption.isEmpty ? "no class" : caption, images: [original] + variants))
            } catch {
                failure = failure ?? error
            }
        }
        if shown.isEmpty, let failure { throw failure }
        self.init(
            title: "\(dataset.name), \(preset.rawValue), \(shape)",
            columns: ["original", preset == .none ? "as the network sees it" : "augmented"], rows: shown)
    }

    /// The dataset's positions: the first picture of each class, the second of each, and so on.
    private static func byTurns(_ dataset: some Dataset) -> [Int] {
        // Those without a class take turns as a class of their own.
        var turns = [Int](repeating: 0, count: dataset.classes.count + 1)
        return (0..<dataset.count).map { index in
            let label = dataset.target(at: index).classes.first ?? dataset.classes.count
            turns[label] += 1
            return (turn: turns[label], label: label, index: index)
        }.sorted { ($0.turn, $0.label, $0.index) < ($1.turn, $1.label, $1.index) }.map(\.index)
    }
}
