#if os(Linux)
import CommandTestSupport
import ConvNet
import Foundation
import Testing

/// Commands on a system that does not grant all the threads that they want.
@Suite struct ThreadLimitTests {
    /// A place with pictures in `photos`, a model of them in `run`, and a library that refuses threads by number: those from
    /// the environment's FIRST up to its LAST, counted from 1. It leaves how many were asked for in `threads`.
    private func place() async throws -> Workplace {
        let place = try Workplace()
        for label in 0..<2 {
            for number in 0..<10 {
                let pixels = (0..<3 * 12 * 12).map { UInt8(truncatingIfNeeded: ($0 * number) % 40 + 80 * label) }
                try place.write(
                    PNG.encode(Image(channels: 3, height: 12, width: 12, pixels: pixels)),
                    to: "photos/\(label)/\(number).png")
            }
        }
        try place.write(
            #"""
            #define _GNU_SOURCE
            #include <dlfcn.h>
            #include <errno.h>
            #include <pthread.h>
            #include <stdio.h>
            #include <stdlib.h>

            static int count;

            static int limit(const char *name) { return getenv(name) ? atoi(getenv(name)) : 0; }

            int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*body)(void *), void *argument) {
                const int number = __atomic_add_fetch(&count, 1, __ATOMIC_RELAXED);
                if (number >= limit("FIRST") && number <= limit("LAST")) return EAGAIN;
                return ((__typeof__(&pthread_create))dlsym(RTLD_NEXT, "pthread_create"))(thread, attributes, body, argument);
            }

            __attribute__((destructor)) static void write_count(void) {
                FILE *file = count ? fopen("threads", "w") : NULL;
                if (file) fprintf(file, "%d", count), fclose(file);
            }
            """#, to: "threads.c")
        #expect(try await place.shell("clang -shared -fPIC -o threads.so threads.c").ending == .exit(0))
        return place
    }

    private static func training(threads: Int) -> String {
        "train photos --model lenet5 --epochs 2 --batch-size 4 --threads \(threads) --no-autotune"
    }

    private func run(_ line: String, refusing range: ClosedRange<Int>? = nil, in place: Workplace) async throws
        -> Workplace.Outcome
    {
        let limits = range.map { "FIRST=\($0.lowerBound) LAST=\($0.upperBound) " } ?? ""
        // A second run would be refused the directory.
        return try await place.shell("rm -rf out threads; \(limits)LD_PRELOAD=$PWD/threads.so convnet \(line)")
    }

    /// Runs `line` with each thread refused that it asks for, once and from then on: it does what it does otherwise, or says in a
    /// line that it cannot.
    private func refuseEach(
        _ line: String, in place: Workplace, result: (Workplace.Outcome) throws -> [Data]
    ) async throws {
        let expected = try await run(line, in: place)
        try #require(expected.ending == .exit(0), "\(expected.errors)")
        let files = try result(expected)
        let count = try #require(Int(place.text("threads")))
        #expect(count > 1)
        for first in 1...count {
            for last in [first, .max >> 33] {
                let outcome = try await run(line, refusing: first...last, in: place)
                if outcome.ending == .exit(0) {
                    #expect(try result(outcome) == files, "\(line), \(first)...\(last)")
                } else {
                    #expect(outcome.ending == .exit(1), "\(line), \(first)...\(last)")
                    let message = outcome.errors.split(separator: "\n").last ?? ""
                    #expect(
                        message.hasPrefix("Error: the system grants "), "\(line), \(first)...\(last): \(outcome.errors)"
                    )
                }
            }
        }
    }

    @Test(arguments: [1, 3]) func training(threads: Int) async throws {
        let place = try await place()
        try await refuseEach(Self.training(threads: threads) + " --out out", in: place) { _ in
            let result = try RunResult("out", in: place)
            return [result.model, result.checkpoint]
        }
    }

    @Test func whatIsDoneWithModelsAndPictures() async throws {
        let place = try await place()
        let trained = try await place.run(
            Self.training(threads: 1).split(separator: " ").map(String.init) + ["--out", "run"])
        try #require(trained.ending == .exit(0), "\(trained.errors)")
        for line in [
            "predict run photos/0/1.png photos/1/2.png --threads 2", "evaluate run --dataset photos --threads 2",
            "datasets check photos", "verify run/model.safetensors",
        ] {
            try await refuseEach(line, in: place) { [Data($0.output.utf8)] }
        }
    }
}
#endif
