/// Some channels that lie one behind the other.
///
///     ChannelSlice(0, count: 58)
///
/// - Input: a feature map C×H×W, or a flat vector (C).
/// - Output: the same with `count` channels.
/// - Errors when the network is built: channels that the input does not have.
public struct ChannelSlice: Layer, ChannelSelection {
    public typealias Body = Never
    public static let kind = "channel_slice"

    /// The first channel, counted from 0.
    public var first: Int
    /// The number of channels.
    public var count: Int

    /// - Parameters:
    ///   - first: counted from 0.
    ///   - count: at least 1.
    public init(_ first: Int, count: Int) {
        self.first = first
        self.count = count
    }

    public func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
        let input = try inputs.single()
        guard count > 0 else { throw .notPositive("the number of channels", count) }
        guard first >= 0, first.saturatingSum(count) <= input.channels else {
            throw .channelsOutOfRange(first: first, count: count, channels: input.channels)
        }
        return input.with(channels: count)
    }

    package func source(of channel: Int, among channels: Int) -> Int? { first + channel }
    public var description: String { "ChannelSlice(\(first), count: \(count))" }
}

/// Channels of zeros in front of the input's and behind them: how a shortcut without parameters comes to more channels. He et
/// al., "Deep Residual Learning for Image Recognition", 2016, section 3.3, option A.
///
/// - Input: a feature map C×H×W, or a flat vector (C).
/// - Output: the same with `before` + C + `after` channels.
/// - Errors when the network is built: negative numbers, and more channels than arrays may have.
public struct ChannelPadding: Layer, ChannelSelection {
    public typealias Body = Never
    public static let kind = "channel_padding"

    /// How many come before the input's.
    public var before: Int
    /// How many come after the input's.
    public var after: Int

    /// Channels on both sides.
    public init(before: Int = 0, after: Int) {
        self.before = before
        self.after = after
    }

    public func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
        let input = try inputs.single()
        for side in [before, after] where side < 0 { throw .negativePadding(side) }
        return input.with(channels: before.saturatingSum(input.channels).saturatingSum(after))
    }

    package func source(of channel: Int, among channels: Int) -> Int? {
        (0..<channels).contains(channel - before) ? channel - before : nil
    }

    public var description: String {
        before == 0 ? "ChannelPadding(after: \(after))" : "ChannelPadding(before: \(before), after: \(after))"
    }
}

/// The channels of several groups in turn: the first of each group, then the second of each, and so on, so that what later
/// convolutions in groups see comes from all groups. Zhang et al., "ShuffleNet", 2018, section 3.1.
///
/// - Input and output: a feature map C×H×W, or a flat vector (C).
/// - Errors when the network is built: channels that the groups do not divide.
public struct ChannelShuffle: Layer, ChannelSelection {
    public typealias Body = Never
    public static let kind = "channel_shuffle"

    /// The number of groups that the input's channels lie in.
    public var groups: Int

    /// - Parameter groups: that the input's channels lie in.
    public init(_ groups: Int) {
        self.groups = groups
    }

    public func outputShape(for inputs: [Shape]) throws(ShapeError) -> Shape {
        let input = try inputs.single()
        guard groups > 0 else { throw .notPositive("groups", groups) }
        guard input.channels.isMultiple(of: groups) else {
            throw .channelsNotDivisible(what: "channels", channels: input.channels, groups: groups)
        }
        return input
    }

    package func source(of channel: Int, among channels: Int) -> Int? {
        channel % groups * (channels / groups) + channel / groups
    }

    public var description: String { "ChannelShuffle(\(groups))" }
}

/// An operation whose output's channels are the input's, each as it is and at most once, or zeros.
package protocol ChannelSelection: GraphOperation, CustomStringConvertible {
    /// Which of the input's channels a channel of the output is; nil for zeros.
    ///
    /// - Parameter channels: of the input.
    func source(of channel: Int, among channels: Int) -> Int?
}

extension Shape {
    fileprivate func with(channels: Int) -> Shape { Shape([channels] + dimensions.dropFirst()) }
}
