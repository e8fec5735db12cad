import CommandTestSupport
import Testing

@testable import ConvNetCommand
@testable import ConvNetTraining

@Suite struct ProgressBarTests {
    private static func report(step: Int, of steps: Int = 100, dataShare: Double = 0) -> StepReport {
        StepReport(
            epoch: 3, step: step, stepsPerEpoch: steps, learningRate: 0.1, loss: 1.5, epochLoss: 0.25,
            epochAccuracy: 0.5, imageCount: step * 64, dataShare: dataShare)
    }

    private static let timing = StepTiming(
        RunStart(
            epochs: 10, stepsPerEpoch: 100, batchSize: 64, trainingImages: 6400, validationImages: 0, completedSteps: 0)
    )

    @Test(arguments: [
        (20, "epoch 3/10  50/100"),
        (30, "epoch 3/10  50/100"),
        (31, "epoch 3/10  50/100  loss 0.250"),
        (47, "epoch 3/10  50/100  loss 0.250"),
        (48, "epoch 3/10  50/100  loss 0.250  accuracy 50.0 %"),
        (80, "epoch 3/10  50/100  loss 0.250  accuracy 50.0 %"),
    ])
    func dropsWhatDoesNotFit(width: Int, line: String) {
        let parts = ProgressBar.line(Self.report(step: 50), Self.timing, width: width)
            .split(separator: "  ").filter { !$0.contains("─") && !$0.contains("━") }
        #expect(parts.joined(separator: "  ") == line)
    }

    @Test(arguments: [(0, 0), (50, 15), (100, 30)])
    func fillsTheBar(step: Int, filled: Int) {
        let line = ProgressBar.line(Self.report(step: step), Self.timing, width: 200)
        #expect(line.filter { $0 == "━" }.count == filled)
        #expect(line.filter { $0 == "─" }.count == 30 - filled)
    }

    /// Terminals are 80 columns wide unless somebody made them wider.
    @Test func everythingAndABarFitIntoEightyColumns() async throws {
        var timing = Self.timing
        timing.stepCompleted(Self.report(step: 1, of: 891))
        // Some ten thousand images a second, as people see them.
        try await Task.sleep(for: .milliseconds(60))
        timing.stepCompleted(Self.report(step: 50, of: 891))
        let line = ProgressBar.line(Self.report(step: 815, of: 891), timing, width: 80)
        #expect(line.contains("━━━━"))
        #expect(line.contains("/s  ") && line.hasSuffix(" left"))
    }

    /// Where there is room for it beside the bar.
    @Test func drawsTheLossesOfTheLastEpochs() {
        let losses = [9.0, 2.3, 2.0, 1.5, 1.0, .infinity, 0.9, 0.8, 0.7, 0.6]
        let wide = ProgressBar.line(Self.report(step: 50), Self.timing, losses: losses, width: 120)
        #expect(wide.hasSuffix("  █▆▃ ▃▂▁▁") && wide.contains("━"))
        #expect(!ProgressBar.line(Self.report(step: 50), Self.timing, losses: [1], width: 120).contains("▁"))
        for width in 0...150 {
            let line = ProgressBar.line(Self.report(step: 50), Self.timing, losses: losses, width: width)
            #expect(line.count <= max(0, width - 1))
        }
        #expect(Sparkline.text([], width: 5) == "" && Sparkline.text([.nan, .nan], width: 5) == "  ")
        #expect(Sparkline.text([3, 3], width: 5) == "▁▁" && Sparkline.text([1, 2, 3], width: 2) == "▁█")
    }

    /// The last column stays free: a terminal that wraps there could not draw over the line.
    @Test func fitsEveryWidth() {
        for width in 0...250 {
            for step in [1, 99, 100] {
                #expect(ProgressBar.line(Self.report(step: step), Self.timing, width: width).count <= max(0, width - 1))
            }
        }
    }

    @Test(arguments: [
        (0, "0:00"), (0.2, "0:01"), (59.5, "1:00"), (754, "12:34"), (3723, "1:02:03"), (360_000, "100:00:00"),
    ])
    func writesTimes(seconds: Double, text: String) {
        #expect(seconds.clock == text)
    }

    private static func epoch(seconds: Double, dataShare: Double) -> EpochReport {
        EpochReport(
            epoch: 1, trainingLoss: 1, trainingAccuracy: 0.5, validation: nil, learningRate: 0.1, seconds: seconds,
            imagesPerSecond: 10, dataShare: dataShare, validationSeconds: 0, isBest: false)
    }

    /// Also of a bad run; terminals of 80 columns wrap what is longer.
    @Test(arguments: [0.1234, 2.30258, 12.3, 1069.18, 1e5, 1e30, .infinity])
    func anEpochFitsIntoEightyColumns(loss: Double) {
        var report = Self.epoch(seconds: 60, dataShare: 0.4)
        (report.trainingLoss, report.trainingAccuracy, report.isBest) = (loss, 1, true)
        report.imagesPerSecond = 12_345
        report.validation = Evaluation(loss: loss, accuracy: 1, top5Accuracy: 1, imageCount: 9)
        #expect(ProgressLines.line(report, epochs: 100).count <= 80)
        #expect(ProgressLines.waiting(report.dataShare).count < 40)
    }

    /// What matters least goes first; nothing is cut in its middle.
    @Test(arguments: [
        (81, "epoch 1/10  loss 0.1234, 50.00 %  validation 0.2345, 25.00 % *  1,234/s"),
        (72, "epoch 1/10  loss 0.1234, 50.00 %  validation 0.2345, 25.00 % *  1,234/s"),
        (71, "epoch 1/10  loss 0.1234, 50.00 %  validation 0.2345, 25.00 % *"),
        (62, "epoch 1/10  loss 0.1234  validation 25.00 % *"),
        (45, "epoch 1/10  loss 0.1234  val 25.0 % *"), (40, "epoch 1/10  loss 0.1234  val 25.0 % *"),
        (37, "epoch 1/10  val 25.0 % *"), (20, "epoch 1/10  loss 0.1234"),
    ])
    func anEpochIsShortenedForANarrowTerminal(width: Int, line: String) {
        var report = Self.epoch(seconds: 60, dataShare: 0)
        (report.trainingLoss, report.isBest, report.imagesPerSecond) = (0.1234, true, 1234)
        report.validation = Evaluation(loss: 0.2345, accuracy: 0.25, top5Accuracy: 1, imageCount: 9)
        #expect(ProgressLines.line(report, epochs: 10, width: width) == line)
    }

    @Test(arguments: [
        (80, "epoch 100/100  loss 12.346, 100.00 %  12,345/s"), (45, "epoch 100/100  loss 12.346, 100.00 %"),
        (30, "epoch 100/100  loss 12.346"),
    ])
    func soIsOneWithoutValidation(width: Int, line: String) {
        var report = Self.epoch(seconds: 60, dataShare: 0)
        (report.epoch, report.trainingLoss, report.trainingAccuracy) = (100, 12.34567, 1)
        report.imagesPerSecond = 12_345
        #expect(ProgressLines.line(report, epochs: 100, width: width) == line)
    }

    @Test func anEpochIsOneLine() {
        var report = Self.epoch(seconds: 1, dataShare: 0)
        #expect(ProgressLines.line(report, epochs: 3) == "epoch 1/3  loss 1.0000, 50.00 %  10/s")
        report.validation = Evaluation(loss: 12.34567, accuracy: 0.25, top5Accuracy: 1, imageCount: 9)
        #expect(
            ProgressLines.line(report, epochs: 3)
                == "epoch 1/3  loss 1.0000, 50.00 %  validation 12.346, 25.00 %  10/s")
    }

    /// Little waiting is nobody's concern, and of a moment it says nothing.
    @Test(arguments: [(60, 0.1, false), (60, 0.4, true), (1, 0.4, false)])
    func saysWhenImagesAreWaitedFor(seconds: Double, share: Double, isSaid: Bool) {
        let said = ProgressLines.noteworthyWaiting(of: Self.epoch(seconds: seconds, dataShare: share))
        #expect(said == (isSaid ? "waiting for images 40 % of the time" : nil))
        #expect(!ProgressBar.line(Self.report(step: 50, dataShare: share), Self.timing, width: 120).contains("waiting"))
    }
}
