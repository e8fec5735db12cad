import ArgumentParser
import ConvNetPages
import ConvNetRuns

struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Says whether a run is whole: its files, their checksums, and its dataset.",
        discussion: """
            convnet check runs/resnet18-1
            convnet check runs/resnet18-1 --json

            Reads every file of the run to its end, and every picture of its dataset, and compares \
            them with what the run was begun with. Changes nothing. The exit status is 1 where \
            something is lost or wrong.
            """)

    @Argument(help: "A run's directory.")
    var directory: String

    @OptionGroup var output: OutputOptions

    private struct Report: Encodable {
        var run: String
        var isWhole: Bool
        var findings: [RunCheck.Finding]

        private enum CodingKeys: String, CodingKey {
            case run
            case isWhole = "whole"
            case findings
        }
    }

    func run() throws {
        let directory = try RunDirectory.open(self.directory)
        let check = RunCheck(directory)
        let findings = settingsAndData(of: directory, check.checkpoint) + check.findings
        let problems = findings.count { $0.status == .problem }
        if output.json {
            try Terminal.write(json: Report(run: directory.path, isWhole: problems == 0, findings: findings))
        } else {
            for finding in findings {
                Terminal.write(
                    "\(finding.status.rawValue.padded(toWidth: 7))  \(finding.subject): \(finding.text)")
            }
            Terminal.write(
                problems == 0
                    ? "\(directory.path) is whole" : "\(directory.path) has \(problems.counted("problem"))")
        }
        if problems > 0 { throw ExitCode.failure }
    }

    private func settingsAndData(
        of directory: RunDirectory, _ checkpoint: TrainingCheckpoint?
    ) -> [RunCheck.Finding] {
        var findings: [RunCheck.Finding] = []
        let settingsName = directory.configurationFile.lastPathComponent
        let settings: RunConfiguration
        let network: NetworkSource?
        do {
            settings = try RunConfiguration(of: directory)
            network = try settings.network()
            findings.append(
                .init(settingsName, .ok, "\(network?.name ?? settings.model ?? "") on \(settings.dataset ?? "")"))
            if network == nil {
                let text =
                    "the network '\(settings.model ?? "")' has no such name in the catalog: a program has to give it"
                findings.append(.init(settingsName, .note, text))
            }
        } catch {
            return [.init(settingsName, .problem, Self.message(for: error))]
        }
        let splitName = directory.splitFile.lastPathComponent
        var split: SplitFile?
        do {
            split = try directory.splitFile.isThere() ? SplitFile(contentsOf: directory.splitFile) : nil
        } catch {
            return findings + [.init(splitName, .problem, "\(error)")]
        }
        do {
            // A program's own network is known by the model alone.
            let own = Run.Own(
                network: network == nil ? try? ModelFile(contentsOf: directory.modelFile).network : nil)
            let data = try settings.locatingDataset(
                in: directory, of: checkpoint, split: split, own: own, progress: TrainingProgress()
            ).preparedData(split: split, own: own, progress: TrainingProgress())
            if let split {
                findings.append(
                    .init(
                        splitName, .ok, "training images: \(split.train.count), validation: \(split.validation.count)"))
            } else if data.split != nil {
                findings.append(.init(splitName, .problem, "is missing: without it the run cannot go on"))
            }
            findings.append(finding(on: data, checkpoint))
            if let network {
                findings +=
                    finding(on: network, settings, data, checkpoint).map { [.init(settingsName, .problem, $0)] } ?? []
            }
        } catch {
            findings.append(.init("the dataset", .problem, Self.message(for: error)))
        }
        return findings
    }

    /// What is wrong with the network that the settings make; nil where nothing is.
    private func finding(
        on network: NetworkSource, _ settings: RunConfiguration, _ data: PreparedData, _ checkpoint: TrainingCheckpoint?
    ) -> String? {
        do {
            let graph = try settings.adapted(
                network.network(for: data.imageShape, classes: data.training.classes.count)
            ).graph
            return checkpoint?.difference(of: graph).map { "the checkpoint is of another network: \($0)" }
        } catch {
            return Self.message(for: error)
        }
    }

    private func finding(on data: PreparedData, _ checkpoint: TrainingCheckpoint?) -> RunCheck.Finding {
        guard let recorded = checkpoint?.data else {
            return .init(
                "the dataset", .note,
                "it can be read; no checkpoint says what the run was begun with")
        }
        return DataFingerprint(data).difference(from: recorded).map {
            .init("the dataset", .problem, "the checkpoint is of other data: \($0)")
        }
            ?? .init("the dataset", .ok, "the same images, labels and classes as before")
    }
}
