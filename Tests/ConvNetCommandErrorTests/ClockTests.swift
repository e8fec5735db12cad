#if os(Linux)
import CommandTestSupport
import ConvNet
import Foundation
import Testing

/// A clock that stands still, as in some emulators and debuggers.
@Suite struct ClockTests {
    @Test(arguments: Engines.names) func benchmarksEnd(engine: String) async throws {
        let place = try Workplace()
        try place.write(
            """
            #include <time.h>
            int clock_gettime(clockid_t clock, struct timespec *time) {
                *time = (struct timespec){1000000, 0};
                return 0;
            }
            """, to: "clock.c")
        #expect(try await place.shell("clang -shared -fPIC -o clock.so clock.c").ending == .exit(0))
        let outcome = try await place.shell(
            """
            LD_PRELOAD=$PWD/clock.so convnet benchmark mlp --input 1x8x8 --batch-size 1 --threads 1 --no-autotune \\
                --engine \(engine) --seconds 1 --json
            """)
        #expect(outcome.ending == .exit(0), "\(outcome.errors)")
        #expect(outcome.output.contains("\"images_per_second\""))
    }
}
#endif
