import ConvNetGraph
import Foundation

/// The files in `Tests/Fixtures`: tables of cases as JSON, and what PyTorch computed for them, which
/// `Scripts/record_fixtures.py` records.
public enum Fixtures {
    public static func json(_ name: String) throws -> Data {
        try Data(contentsOf: url("\(name).json"))
    }

    public static func tensors(_ name: String) throws -> SafetensorsFile {
        try SafetensorsFile(contentsOf: url("\(name).safetensors"))
    }

    public static func url(_ file: String) -> URL {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Fixtures").appendingPathComponent(file)
    }
}
