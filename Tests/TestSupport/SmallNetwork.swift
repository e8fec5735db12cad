import ConvNetCore

/// Networks like those that people start with, on images small enough for hundreds of steps.
public enum SmallNetwork: String, CaseIterable, Sendable {
    /// LeNet-5.
    case leNet

    /// Four convolutions, with dropout.
    case fourConvolutions

    public func graph() throws -> Graph {
        try Graph(input: [1, 16, 16], operations: operations)
    }

    private var operations: [any Operation] {
        switch self {
        case .leNet:
            [
                Conv2D(6, kernel: 5, padding: 2), Tanh(), AveragePool2D(2),
                Conv2D(16, kernel: 5), Tanh(), AveragePool2D(2),
                Flatten(), Dense(120), Tanh(), Dense(84), Tanh(), Dense(10),
            ]
        case .fourConvolutions:
            [
                Conv2D(8, kernel: 3, padding: 1), ReLU(), Conv2D(8, kernel: 3), ReLU(), MaxPool2D(2), Dropout(0.25),
                Conv2D(17, kernel: 3, padding: .same), ReLU(), Conv2D(17, kernel: 3), ReLU(), MaxPool2D(2),
                Dropout(0.25), Flatten(), Dense(64), ReLU(), Dropout(0.5), Dense(10),
            ]
        }
    }
}
