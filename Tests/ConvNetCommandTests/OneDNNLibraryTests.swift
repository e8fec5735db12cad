#if os(Linux)
import ConvNet
import Foundation
import TestSupport
import Testing

/// The command where the oneDNN library, or the processor, is not what one would wish for.
@Suite(.enabled(if: Engines.names.contains("onednn"))) struct OneDNNLibraryTests {
    /// The library of one major version says that it is of another.
    @Test(arguments: [2, 3, 4])
    func otherMajorVersionIsRefused(major: Int) async throws {
        let engine = try OneDNNEngine()
        guard !engine.version.hasPrefix("oneDNN \(major).") else { return }
        let place = try Workplace()
        try place.write(
            """
            static const struct { int major, minor, patch; const char *hash; unsigned cpu, gpu; }
                version = {\(major), 1, 0, "", 2, 0};
            const void *dnnl_version(void) { return &version; }
            """, to: "version.c")
        let outcome = try await place.shell(
            "clang -shared -fPIC -o version.so version.c && export LD_PRELOAD=$PWD/version.so && "
                + "convnet benchmark lenet5 --seconds 0")
        #expect(outcome.ending == .exit(1))
        #expect(outcome.output == "")
        #expect(outcome.errors.hasPrefix("Error: built for oneDNN "))
        #expect(outcome.errors.contains("but the library found at run time is \(major).1.0; rebuild, or install"))
    }

    /// A processor of before 2013 is slow, is said to be, and computes the same numbers.
    @Test func trainingWithoutAVX2() async throws {
        let place = try Workplace.withDataset()
        let arguments = ["--dataset", "data", "--model", "lenet5", "--epochs", "1", "--batch-size", "16"]
            .joined(separator: " ")
        let old = try await place.shell(
            "export ONEDNN_MAX_CPU_ISA=SSE41; convnet train \(arguments) --engine onednn --out old")
        let reference = try await place.shell("convnet train \(arguments) --engine reference --out reference")
        #expect(old.ending == .exit(0), "\(old.errors)")
        #expect(old.errors.contains("Warning: oneDNN has no AVX2 instructions here, only sse41: expect"))
        #expect(!reference.errors.contains("Warning"))
        let metrics = try ["old", "reference"].map { try RunResult($0, in: place).metrics[0] }
        #expect(metrics[0].keys == metrics[1].keys)
        for (key, value) in metrics[0] {
            #expect(relativeError([value], [try #require(metrics[1][key])]) < 1e-5, "\(key)")
        }
    }
}
#endif
