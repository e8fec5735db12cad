import ConvNetTraining
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
    ///
    /// - Throws: `FilePresenceError`.
    func datasetCandidates(in directory: RunDirectory) throws -> (found: [String], all: [String]) {
        guard let dataset = self.dataset, dataset.hasPrefix("/"), let path = datasetFromRun else {
            return ([], [self.dataset].compactMap { $0 })
        }
        let seen = directory.url.absoluteURL.appending(path: path).standardizedFileURL.path
        let all = seen.utf8.elementsEqual(dataset.utf8) ? [dataset] : [dataset, seen]
        var found = try all.filter { try URL(filePath: $0).isThere() }
        if found.count == 2, DatasetCatalog.areSame(found[0], found[1]) { found.removeLast() }
        return (found, all)
    }

    /// With the dataset where it is now. Where there is one at both paths, both are read.
    ///
    /// - Parameter checkpoint: what knows the run's data.
    /// - Throws: ``ConfigurationFileError`` where it is at neither path, or where neither is the run's.
    package func locatingDataset(
        in directory: RunDirectory, of checkpoint: TrainingCheckpoint?, split: SplitFile?, own: Run.Own = Run.Own(),
        progress: any RunProgress
    ) throws -> RunConfiguration {
        guard own.images == nil else { return self }
        func isRight(_ candidate: RunConfiguration) throws -> Bool {
            guard let data = checkpoint?.data else { return true }
            do {
                let prepared = try candidate.preparedData(split: split, own: own, progress: progress)
                return DataFingerprint(prepared).difference(from: data) == nil
            } catch DatasetError.badSplit {
                // One that cannot even be divided as the run's is another one.
                return false
            }
        }
        let (found, all) = try datasetCandidates(in: directory)
        func failure(_ problem: String) -> ConfigurationFileError {
            ConfigurationFileError(file: directory.configurationFile, problem: problem)
        }
        guard all.count == 2 else { return self }
        guard !found.isEmpty else {
            throw failure("the dataset is neither at '\(all[0])' nor, as seen from the run, at '\(all[1])'")
        }
        var problem: (any Error)?
        for path in found {
            var result = self
            result.dataset = path
            do {
                if try found.count == 1 || isRight(result) { return result }
            } catch {
                problem = problem ?? error
            }
        }
        // Of one that cannot be read it is not known whether it is the run's.
        throw problem ?? failure("neither '\(all[0])' nor '\(all[1])' is the dataset that the run was begun with")
    }
}
