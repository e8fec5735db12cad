import ConvNetVision
import Foundation

extension RunConfiguration {
    /// With files named so that a run can go on from another working directory.
    var withAbsolutePaths: RunConfiguration {
        var result = self
        result.dataset = self.dataset.map(DatasetCatalog.location)
        result.split = self.split.map { FileManager.default.fileExists(atPath: $0) ? absolutePath($0) : $0 }
        return result
    }

    /// The path of the dataset from a directory; nil of one that has a name.
    func pathOfDataset(from directory: URL) -> String? {
        guard let dataset = self.dataset, dataset.hasPrefix("/") else { return nil }
        let target = URL(filePath: dataset).standardizedFileURL.pathComponents
        let start = directory.absoluteURL.standardizedFileURL.pathComponents.filter { $0 != "." }
        let common = zip(target, start).prefix { $0 == $1 }.count
        let steps = Array(repeating: "..", count: start.count - common) + target.dropFirst(common)
        return steps.isEmpty ? "." : steps.joined(separator: "/")
    }

    /// Where the dataset of a run may be: at its own path and, where run and dataset have been moved together, as seen from the
    /// run's directory. Those that are there, each once; both paths where none is.
    func datasetCandidates(in directory: RunDirectory) -> (found: [String], all: [String]) {
        guard let dataset = self.dataset, dataset.hasPrefix("/"), let path = datasetFromRun else {
            return ([], [self.dataset].compactMap { $0 })
        }
        let seen = directory.url.absoluteURL.appending(path: path).standardizedFileURL.path
        let all = seen.utf8.elementsEqual(dataset.utf8) ? [dataset] : [dataset, seen]
        var found = all.filter { (try? URL(filePath: $0).isThere()) == true }
        if found.count == 2, DatasetCatalog.areSame(found[0], found[1]) { found.removeLast() }
        return (found, all)
    }

    /// With the dataset where it is now.
    ///
    /// - Parameter isRight: whether the dataset at a path is the run's, asked where there are two of them.
    /// - Throws: ``ConfigurationFileError`` where it is at neither path, or where neither is the run's.
    func locatingDataset(
        in directory: RunDirectory, isRight: (RunConfiguration) throws -> Bool = { _ in true }
    ) throws -> RunConfiguration {
        let (found, all) = datasetCandidates(in: directory)
        func failure(_ problem: String) -> ConfigurationFileError {
            ConfigurationFileError(file: directory.configurationFile, problem: problem)
        }
        guard all.count == 2 else { return self }
        guard !found.isEmpty else {
            throw failure("the dataset is neither at '\(all[0])' nor, as seen from the run, at '\(all[1])'")
        }
        for path in found {
            var result = self
            result.dataset = path
            if try found.count == 1 || isRight(result) { return result }
        }
        throw failure("neither '\(all[0])' nor '\(all[1])' is the dataset that the run was begun with")
    }
}
