import ConvNetGraph
import ConvNetTraining

extension Dataset {
    /// One image as a network that takes its own size gets it: C×H×W.
    public func values(at index: Int, epoch: Int? = nil) throws -> [Float] {
        let item = try epoch.map { try self.item(at: index, epoch: $0) } ?? self.item(at: index)
        return try Preprocessing.identity.values(of: item, shape: imageShape(at: index))
    }
}
