import ConvNetEngine

/// What a network should say of one image.
public enum Target: Hashable, Sendable {
    /// One of the classes, by its index.
    case label(Int)
    /// What each class counts, 0 or more; probabilities where they add up to 1.
    case distribution([Float])
    /// Any number of the classes, none among them, by their indices in ascending order.
    case labels([Int])

    /// The classes that are right: of a distribution the one that counts the most, the first of equal ones.
    public var classes: [Int] {
        switch self {
        case .label(let label): [label]
        case .distribution(let shares): [shares.firstIndex(of: shares.max() ?? 0) ?? 0]
        case .labels(let labels): labels
        }
    }

    /// The one class that is right, or the first of several; 0 where none is.
    package var label: Int {
        if case .label(let label) = self { return label }
        return classes.first ?? 0
    }

    /// Writes what each class counts: 1 and 0, or the distribution.
    ///
    /// - Parameter row: as many elements as there are classes.
    package func write(to row: UnsafeMutableBufferPointer<Float>) {
        if case .distribution(let shares) = self {
            _ = row.update(fromContentsOf: shares)
        } else {
            row.update(repeating: 0)
            for label in classes { row[label] = 1 }
        }
    }
}

/// Which kind of ``Target`` all images of a dataset have.
public enum TargetKind: String, CaseIterable, Codable, Sendable {
    /// Exactly one class: the outputs are made probabilities by a softmax.
    case label
    /// As ``label``, but training is told a probability of each class.
    case distribution
    /// Any number of classes: each output by itself is made a probability by a sigmoid.
    case labels

    /// What outputs have to stand for to answer such targets.
    public var outputs: OutputKind { self == .labels ? .independent : .exclusive }
}
