#if os(Linux)
import CommandTestSupport
import ConvNetGraph
import Foundation
import OneDNNEngine
import TestSupport
import Testing

/// The command where the oneDNN library, or the processor, is not what one would wish for.
@Suite(.enabled(if: (try? OneDNNEngine()) != nil)) struct OneDNNLibraryTests {
    /// The name of the file that this build looks for.
    private static func libraryName() throws -> String {
        "libdnnl.so.\(try OneDNNEngine().version.dropFirst("oneDNN ".count).prefix { $0 != "." })"
    }

    /// The library of one major version says that it is of another.
    @Test(arguments: [2, 3, 4])
    func otherMajorVersionIsRefused(major: Int) async throws {
        let name = try Self.libraryName()
        guard !name.hasSuffix(".\(major)") else { return }
        let place = try Workplace()
        try await place.makeLibrary(name, version: "\(major), 1, 0")
        let outcome = try await place.shell("export LD_LIBRARY_PATH=$PWD; convnet benchmark lenet5 --seconds 0")
        #expect(outcome.ending == .exit(1))
        #expect(outcome.output == "")
        #expect(outcome.errors.hasPrefix("Error: built for oneDNN "))
        #expect(outcome.errors.contains("but the library found at run time is \(major).1.0; rebuild, or install"))
    }

    /// The same where the library of the other version has the name that it has.
    @Test func anotherVersionInTheWrongPlaceIsNamed() async throws {
        let name = try Self.libraryName()
        let place = try Workplace()
        try place.write("", to: name)
        let other = name.hasSuffix(".2") ? 3 : 2
        try await place.makeLibrary("libdnnl.so.\(other)", version: "\(other), 7, 1")
        let outcome = try await place.shell("export LD_LIBRARY_PATH=$PWD; convnet benchmark lenet5 --seconds 0")
        #expect(outcome.ending == .exit(1))
        #expect(outcome.errors.contains("but the library found at run time is \(other).7.1; rebuild, or install"))
    }

    /// More threads than the machine grants are not used, and the same line goes on with the run.
    @Test func noMoreThreadsThanTheMachineGrants() async throws {
        let place = try Workplace.withDataset()
        let first = try await place.shell(
            "convnet train data --model lenet5 --epochs 1 --batch-size 8 --threads 99 --out run")
        #expect(first.ending == .exit(0), "\(first.errors)")
        #expect(first.errors.contains("Warning: 99 threads asked for, \(AvailableProcessors.count) used: "))
        #expect(try String(contentsOf: place.file("run/config.yaml"), encoding: .utf8).contains("threads: 99"))
        #expect(try await place.run("train", "--resume", "--out", "run", "--threads", "99").ending == .exit(0))
        #expect(try await place.run("train", "--resume", "--out", "run", "--threads", "98").ending != .exit(0))
    }

    /// A file that the loader refuses stands first where it looks: what a missing library comes to as well.
    @Test func withoutTheLibraryTheReferenceEngineComputes() async throws {
        let name = try Self.libraryName()
        let place = try Workplace()
        for major in 1..<10 { try place.write("", to: "libdnnl.so.\(major)") }
        let command = "export LD_LIBRARY_PATH=$PWD; convnet benchmark lenet5 --seconds 0 --batch 1"
        let standIn = try await place.shell(command)
        #expect(standIn.ending == .exit(0))
        #expect(standIn.output.contains("(reference 1, 1 threads"))
        #expect(standIn.errors.contains("Warning: the onednn engine needs \(name), which cannot be loaded ("))
        #expect(standIn.errors.contains("install it (Debian, Ubuntu: apt-get install libdnnl-dev"))
        let asked = try await place.shell(command + " --engine onednn")
        #expect(asked.ending == .exit(1))
        #expect(asked.output == "")
        #expect(asked.errors.hasPrefix("Error: the onednn engine needs \(name), which cannot be loaded ("))
    }

    /// A library of the right name and version that lacks the rest.
    @Test func libraryWithoutFunctionsIsNotUsed() async throws {
        let name = try Self.libraryName()
        let place = try Workplace()
        try await place.makeLibrary(name, version: "\(name.last!), 1, 0")
        let outcome = try await place.shell(
            "export LD_LIBRARY_PATH=$PWD; convnet benchmark lenet5 --seconds 0 --engine onednn")
        #expect(outcome.ending == .exit(1))
        #expect(outcome.errors.contains("(it has no function dnnl_"))
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

extension Workplace {
    /// Leaves a library of that name that says its version, as C writes the three numbers, and can nothing else.
    fileprivate func makeLibrary(_ name: String, version: String) async throws {
        try write(
            """
            static const struct { int major, minor, patch; const char *hash; unsigned cpu, gpu; }
                version = {\(version), "", 2, 0};
            const void *dnnl_version(void) { return &version; }
            """, to: "version.c")
        #expect(try await shell("clang -shared -fPIC -o \(name) version.c").ending == .exit(0))
    }
}
#endif
