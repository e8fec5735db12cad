import Foundation

/// One record of an event file.
public struct TensorBoardEvent: Sendable {
    /// What happened.
    public enum Content: Sendable {
        /// The first event of a file.
        case fileVersion
        /// Points of the directory that have this event's step, or a later one, are of a run that was gone on with from before them.
        case sessionStart
        /// Values with the event's step.
        case values([Value])
    }

    /// A value under a tag: curves of several directories share a chart where their tags are equal, and the part of a tag before its first
    /// slash is its group.
    public struct Value: Sendable {
        /// `accuracy`, `filters/conv1`.
        public var tag: String
        fileprivate var kind: Kind

        fileprivate enum Kind {
            case scalar(Float)
            case image(png: Data, height: Int, width: Int, channels: Int)
            case hyperparameters([UInt8])
        }

        /// A point of a curve.
        public static func scalar(_ tag: String, _ value: Float) -> Value { Value(tag: tag, kind: .scalar(value)) }

        /// A picture.
        ///
        /// - Parameters:
        ///   - png: a PNG file.
        ///   - channels: 1 where it is grey, 3 where it has colours.
        public static func image(_ tag: String, png: Data, height: Int, width: Int, channels: Int) -> Value {
            Value(tag: tag, kind: .image(png: png, height: height, width: width, channels: channels))
        }

        /// The settings of a run that begins, for the HParams tab.
        ///
        /// - Parameters:
        ///   - settings: by name.
        ///   - group: runs of one group are one row of the tab's table.
        public static func sessionStart(
            _ settings: [String: HyperparameterValue], group: String, at time: Date
        ) -> Value {
            let message = hyperparameterData { data in
                data.add(3) { start in
                    for (name, value) in settings.sorted(by: { $0.key < $1.key }) {
                        start.add(1) { entry in
                            entry.add(1, name)
                            entry.add(2) { value.write(to: &$0) }
                        }
                    }
                    start.add(4, group)
                    start.add(5, time.timeIntervalSince1970)
                }
            }
            return Value(tag: "_hparams_/session_start_info", kind: .hyperparameters(message))
        }

        /// How the run ended.
        public static func sessionEnd(_ status: SessionStatus, at time: Date) -> Value {
            let message = hyperparameterData { data in
                data.add(4) { end in
                    end.add(1, status.rawValue)
                    end.add(2, time.timeIntervalSince1970)
                }
            }
            return Value(tag: "_hparams_/session_end_info", kind: .hyperparameters(message))
        }
    }

    /// The value of a setting.
    public enum HyperparameterValue: Hashable, Sendable {
        /// One of a range, or of a few.
        case number(Double)
        /// One of a few.
        case text(String)
        /// On or off.
        case bool(Bool)

        /// A `google.protobuf.Value`.
        fileprivate func write(to message: inout ProtobufWriter) {
            switch self {
            case .number(let number): message.add(2, number)
            case .text(let text): message.add(3, text)
            case .bool(let bool): message.add(4, bool ? 1 : 0)
            }
        }
    }

    /// How a run of the HParams tab stands.
    public enum SessionStatus: Int, Sendable {
        /// It did what it was to do.
        case success = 1
        /// It ended with an error.
        case failure = 2
        /// It goes on.
        case running = 3
    }

    /// When it happened.
    public var time: Date
    /// Where along a curve; steps or epochs, as the writer counts.
    public var step: Int
    /// What happened.
    public var content: Content

    /// An event.
    public init(at time: Date, step: Int = 0, _ content: Content) {
        self.time = time
        self.step = step
        self.content = content
    }

    /// The record of a file: a TFRecord with a `tensorflow.Event`.
    ///
    /// Source: TensorFlow, `core/util/event.proto`, `core/framework/summary.proto`, `core/lib/io/record_writer.h`; TensorBoard,
    /// `plugins/hparams/plugin_data.proto`.
    public var record: Data {
        let message = message.bytes
        var length = ProtobufWriter.littleEndian(UInt64(message.count))
        length += ProtobufWriter.littleEndian(CRC32C.masked(length))
        return Data(length + message + ProtobufWriter.littleEndian(CRC32C.masked(message)))
    }

    private var message: ProtobufWriter {
        var event = ProtobufWriter()
        event.add(1, time.timeIntervalSince1970)
        // As Protocol Buffers write it: 0 is what is not there.
        if step != 0 { event.add(2, step) }
        switch content {
        case .fileVersion: event.add(3, "brain.Event:2")
        case .sessionStart: event.add(7) { $0.add(1, 1) }
        case .values(let values):
            event.add(5) { summary in
                for value in values { summary.add(1) { value.write(to: &$0) } }
            }
        }
        return event
    }
}

extension TensorBoardEvent.Value {
    fileprivate func write(to message: inout ProtobufWriter) {
        message.add(1, tag)
        switch kind {
        case .scalar(let value): message.add(2, value)
        case .image(let png, let height, let width, let channels):
            message.add(4) { image in
                image.add(1, height)
                image.add(2, width)
                image.add(3, channels)
                image.add(4, png)
            }
        case .hyperparameters(let content):
            // TensorBoard looks at values with a tensor only; this one holds a zero.
            message.add(8) { tensor in
                tensor.add(1, 1)
                tensor.add(2) { shape in shape.add(2) { $0.add(1, 1) } }
                tensor.add(5, [0, 0, 0, 0] as [UInt8])
            }
            message.add(9) { metadata in
                metadata.add(1) { plugin in
                    plugin.add(1, "hparams")
                    plugin.add(2, content)
                }
            }
        }
    }

    private static func hyperparameterData(_ body: (inout ProtobufWriter) -> Void) -> [UInt8] {
        var data = ProtobufWriter()
        body(&data)
        return data.bytes
    }
}
