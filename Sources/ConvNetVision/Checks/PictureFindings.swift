import ConvNetGraph
import ConvNetPages
import ConvNetTraining

extension DatasetCheck.Finding {
    /// What cannot be used; nil where all can.
    static func brokenFiles(of images: DatasetParts, _ survey: PictureSurvey, mostExamples: Int) -> Self? {
        let count = images.badFiles.count + survey.failureCounts.reduce(0, +)
        guard count > 0 else { return nil }
        // Which part the other bad files are in is not known.
        let parts = images.parts.indices.filter { !images.badFiles.isEmpty || survey.failureCounts[$0] > 0 }
        let them = count.isOne("it", "them")
        return Self(
            .brokenFiles, parts.map { images.parts[$0].part }, count: count, "\(count.counted("file")) cannot be used",
            "Mend or remove \(them), or go on without \(them) with 'train --skip-bad-images'.",
            (survey.failures + images.badFiles).prefix(mostExamples).map {
                DatasetCheck.Example(count: 1, path: $0.path, note: $0.problem)
            })
    }
}

extension Int {
    fileprivate func isOne(_ yes: String, _ no: String) -> String { self == 1 ? yes : no }
}

/// What the numbers of pictures of the classes mean.
struct ClassFindings {
    private(set) var findings: [DatasetCheck.Finding] = []
    private let names: [String]
    private let kind: TargetKind
    private let parts: [DatasetPart]
    /// By part and class.
    private let counts: [[Int]]
    private let mostExamples: Int

    init(_ names: [String], _ kind: TargetKind, parts: [DatasetPart], counts: [[Int]], mostExamples: Int) {
        self.names = names
        self.kind = kind
        self.parts = parts
        self.counts = counts
        self.mostExamples = mostExamples
        if names.count == 1, kind != .labels {
            add(
                .singleClass, in: 0, count: 1, "There is only one class, \(quoted(names[0]))",
                "There is nothing to tell apart. Give the directory that holds a sub-directory for each class.", [])
        }
        for part in parts.indices.dropFirst() { findMissing(in: part) }
        findSmall()
        findImbalance()
    }

    private mutating func add(
        _ kind: DatasetCheck.Kind, in part: Int, count: Int, _ headline: String, _ advice: String, _ labels: [Int]
    ) {
        let examples = labels.prefix(mostExamples).map {
            let count = counts[part][$0]
            return DatasetCheck.Example(
                count: count, note: "\(quoted(names[$0])): \(count.counted("picture"))")
        }
        findings.append(DatasetCheck.Finding(kind, [parts[part]], count: count, headline, advice, examples))
    }

    private mutating func findMissing(in part: Int) {
        let missing = names.indices.filter { counts[part][$0] == 0 && counts[0][$0] > 0 }
        guard !missing.isEmpty, missing.count < names.count else { return }
        let (what, has) = (missing.count.counted("class", plural: "classes"), missing.count.isOne("has", "have"))
        add(
            .missingClasses, in: part, count: missing.count, "\(what) \(has) no pictures in \(parts[part])",
            "What is measured says nothing of \(missing.count.isOne("it", "them")). Add some.", missing)
    }

    private mutating func findSmall() {
        let counts = counts[0]
        let small = names.indices.filter { counts[$0] < DatasetCheck.fewestPictures }
        guard !small.isEmpty else { return }
        let (what, has) = (small.count.counted("class", plural: "classes"), small.count.isOne("has", "have"))
        add(
            .smallClasses, in: 0, count: small.count,
            "\(what) \(has) fewer than \(DatasetCheck.fewestPictures) pictures in \(parts[0])",
            "A network learns so few by heart. Add more, merge classes, or start from a trained network.",
            small.sorted { (counts[$0], $0) < (counts[$1], $1) })
    }

    /// A class that nothing can be read of is small, and broken.
    private mutating func findImbalance() {
        let counts = counts[0]
        let filled = names.indices.filter { counts[$0] > 0 }
        guard let least = filled.min(by: { counts[$0] < counts[$1] }),
            let most = filled.max(by: { counts[$0] < counts[$1] }),
            counts[most] > DatasetCheck.mostImbalance * counts[least]
        else { return }
        add(
            .imbalance, in: 0, count: 2,
            "The largest class has \(counts[most] / counts[least]) times the pictures of the smallest",
            "Accuracy hides what happens to small classes. 'train --balance weights' "
                + (kind == .labels ? "makes up for it." : "or 'sampling' makes up for it."),
            [most, least])
    }
}

/// What single pictures are.
struct TraitFindings {
    private(set) var findings: [DatasetCheck.Finding] = []
    private let pictures: FindingPictures
    private let mostExamples: Int

    /// Where the shorter side of the median is above this, a side below ``tinySide`` is tiny.
    private static let largeSide = 64
    private static let tinySide = 32

    /// - Parameter median: the size of the training pictures.
    init(_ pictures: FindingPictures, median: Size?, mostExamples: Int) {
        self.pictures = pictures
        self.mostExamples = mostExamples
        find(.blank, "are all of one colour", "Nothing is to be seen there. Remove what is not meant to be so.") {
            $0.traits.contains(.blank)
        }
        if let median, min(median.height, median.width) > Self.largeSide {
            find(
                .tiny, "have a side below \(Self.tinySide) pixels",
                "Enlarged to the median, \(median), nothing is sharp. Look for the originals, or remove what is tiny.",
                notesSizes: true
            ) { $0.shorterSide < Self.tinySide }
        }
        findMixedColors()
        find(
            .cmyk, "have the colours of four inks (CMYK)",
            "Training converts them by a simple formula. For exact colours, convert to RGB first."
        ) { $0.traits.contains(.cmyk) }
        find(
            .sixteenBit, "have 16 bits a sample",
            "Training scales them to 8 bits. Where little of the range is used, stretch it first."
        ) { $0.traits.contains(.sixteenBit) }
        find(
            .transparent, "can be transparent",
            "What is transparent becomes white. Where it should be another colour, fill it in."
        ) { $0.traits.contains(.alpha) }
        find(
            .turned, "have to be turned, as EXIF says",
            "Training turns them upright. Tools that ignore EXIF do not, so their results can differ."
        ) { $0.traits.contains(.turned) }
    }

    /// - Parameter statement: of more than one picture.
    private mutating func find(
        _ kind: DatasetCheck.Kind, _ statement: String, _ advice: String,
        notesSizes: Bool = false, where matches: (CheckedPicture) -> Bool
    ) {
        let found = pictures.checked.indices.filter { matches(pictures.checked[$0]) }
        guard !found.isEmpty else { return }
        let (verb, rest) = (statement.prefix { $0 != " " }, statement.drop { $0 != " " })
        let singular = ["are": "is", "have": "has"][verb] ?? String(verb)
        let parts = Set(found.map(pictures.part)).sorted().map { pictures.parts[$0] }
        findings.append(
            DatasetCheck.Finding(
                kind, parts, count: found.count,
                "\(found.count.counted("picture")) \(found.count.isOne(singular, String(verb)))\(rest)", advice,
                found.prefix(mostExamples).map {
                    pictures.example([$0], note: notesSizes ? "\(pictures.checked[$0].size)" : nil)
                }))
    }

    /// Names those that are fewer.
    private mutating func findMixedColors() {
        // What is blank says nothing of the others.
        let shown = pictures.checked.filter { !$0.traits.contains(.blank) }
        let grey = shown.count { $0.traits.contains(.grey) }
        guard grey > 0, grey < shown.count else { return }
        let greyIsRare = 2 * grey <= shown.count
        find(
            .mixedColors, greyIsRare ? "are grey among others with colours" : "have colours among others that are grey",
            "See whether that goes with a class: a network would tell classes by it. If so, make all of them grey."
        ) { !$0.traits.contains(.blank) && $0.traits.contains(.grey) == greyIsRare }
    }
}
