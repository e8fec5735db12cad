#if os(Linux) && arch(x86_64)
import CommandTestSupport
import ConvNet
import Testing

/// bfloat16 on processors that have less than this one.
@Suite(.enabled(if: (try? Engines.makeDefault(precision: .bf16)) != nil)) struct Bfloat16CommandTests {
    private let command = "convnet benchmark lenet5 --precision bf16 --batch 2 --seconds 0 --threads 1 --engine onednn"

    @Test func isRefusedWithoutAVX512() async throws {
        let outcome = try await Workplace().shell("export ONEDNN_MAX_CPU_ISA=AVX2; \(command)")
        #expect(outcome.ending == .exit(1))
        #expect(outcome.output == "")
        #expect(
            outcome.errors
                == "Error: the onednn engine cannot compute with bf16 here: the processor has avx2, it takes AVX-512; "
                + "use fp32\n")
    }

    @Test func emulationIsWarnedAbout() async throws {
        let outcome = try await Workplace().shell("export ONEDNN_MAX_CPU_ISA=AVX512_CORE; \(command)")
        #expect(outcome.ending == .exit(0), "\(outcome.errors)")
        #expect(
            outcome.errors.hasPrefix(
                "Warning: this processor (avx512_core) does not multiply bf16 numbers, which is emulated: "))
    }
}
#endif
