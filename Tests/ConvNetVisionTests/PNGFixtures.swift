import Foundation
import Testing

/// A small PNG file and the pixels it stands for.
struct PNGFixture: Sendable, CustomTestStringConvertible {
    let kind: String
    let height: Int
    let width: Int
    let base64: String

    /// The pixels composited on white, R, G, B interleaved.
    let rgb: [UInt8]

    /// The same in grey.
    let grey: [UInt8]

    var testDescription: String { kind }

    var data: Data {
        get throws { try #require(Data(base64Encoded: base64)) }
    }
}

extension PNGFixture {
    /// The 8-bit files without interlacing were written by Pillow 13, the others by hand; the pixels are Pillow's,
    /// except those of 16-bit files, which Pillow truncates: here they are rounded to nearest.
    static let all = [
        PNGFixture(
            kind: "8-bit grey", height: 2, width: 3,
            base64: "iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAAAAAC4HznGAAAAEElEQVR42mNkYKxjaPj3HwAHBwL+voGFmgAAAABJRU5ErkJg"
                + "gg==",
            rgb: [0, 0, 0, 1, 1, 1, 127, 127, 127, 128, 128, 128, 254, 254, 254, 255, 255, 255],
            grey: [0, 1, 127, 128, 254, 255]),
        PNGFixture(
            kind: "8-bit RGB", height: 2, width: 3,
            base64: "iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAIAAAASFvFNAAAAHElEQVR42mP4z8DA8J+BgeE/C++J5F+N/OxMLAA/MwXRB7t6"
                + "2AAAAABJRU5ErkJggg==",
            rgb: [255, 0, 0, 0, 255, 0, 0, 0, 255, 12, 200, 99, 250, 128, 114, 1, 2, 3],
            grey: [76, 150, 29, 132, 163, 2]),
        PNGFixture(
            kind: "palette of four colours, 2 bits per pixel", height: 2, width: 3,
            base64: "iVBORw0KGgoAAAANSUhEUgAAAAMAAAACAgMAAADgGo6JAAAADFBMVEUKFB7IZDIAAP///wBjba3hAAAADElEQVR42mOQYHgC"
                + "AAEwAP1oMM/fAAAAAElFTkSuQmCC",
            rgb: [10, 20, 30, 200, 100, 50, 0, 0, 255, 255, 255, 0, 0, 0, 255, 200, 100, 50],
            grey: [18, 124, 29, 226, 29, 124]),
        PNGFixture(
            kind: "palette whose colours have alpha 0, 128, 255", height: 2, width: 3,
            base64: "iVBORw0KGgoAAAANSUhEUgAAAAMAAAACAgMAAADgGo6JAAAADFBMVEUKFB7IZDIAAP///wBjba3hAAAAA3RSTlMAgP/s97MY"
                + "AAAADElEQVR42mOQYHgCAAEwAP1oMM/fAAAAAElFTkSuQmCC",
            rgb: [255, 255, 255, 227, 177, 152, 0, 0, 255, 255, 255, 0, 0, 0, 255, 227, 177, 152],
            grey: [255, 189, 29, 226, 29, 189]),
        PNGFixture(
            kind: "1-bit grey", height: 2, width: 3,
            base64: "iVBORw0KGgoAAAANSUhEUgAAAAMAAAACAQAAAAC1D1u3AAAADElEQVR42mNYwKAAAAIEAMEKPvsPAAAAAElFTkSuQmCC",
            rgb: [255, 255, 255, 0, 0, 0, 255, 255, 255, 0, 0, 0, 0, 0, 0, 255, 255, 255],
            grey: [255, 0, 255, 0, 0, 255]),
        PNGFixture(
            kind: "grey with alpha 0, 128, 255", height: 1, width: 3,
            base64: "iVBORw0KGgoAAAANSUhEUgAAAAMAAAABCAQAAACx6dw/AAAAD0lEQVR42mNMYWBoYKgHAARlAWX8NciyAAAAAElFTkSuQmCC",
            rgb: [255, 255, 255, 177, 177, 177, 100, 100, 100],
            grey: [255, 177, 100]),
        PNGFixture(
            kind: "RGB with alpha 64, 128, 254", height: 1, width: 3,
            base64: "iVBORw0KGgoAAAANSUhEUgAAAAMAAAABCAYAAAAb4BS0AAAAFUlEQVR42mP8z8DgwNjw34Hz8Yk6AB3rBTM83EtjAAAAAElF"
                + "TkSuQmCC",
            rgb: [255, 191, 191, 127, 191, 255, 10, 100, 199],
            grey: [210, 179, 84]),
        PNGFixture(
            kind: "16-bit grey: 0 1 128 129 256 32767 32768 65407 65535 12345", height: 1, width: 10,
            base64: "iVBORw0KGgoAAAANSUhEUgAAAAoAAAABEAAAAACSDrzhAAAAHUlEQVR42mNgYGBgZGhgaGRkqP/fwPC//v9/A0sAMDMG5xc3"
                + "5lQAAAAASUVORK5CYII=",
            rgb: [
                0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 127, 127, 127, 128, 128, 128, 255, 255, 255,
                255, 255, 255, 48, 48, 48,
            ],
            grey: [0, 0, 0, 1, 1, 127, 128, 255, 255, 48]),
        PNGFixture(
            kind: "16-bit RGB", height: 1, width: 2,
            base64: "iVBORw0KGgoAAAANSUhEUgAAAAIAAAABEAIAAAAr0DSeAAAAFUlEQVR42mP4/59Rp9SAgWGOw98XACOWBZLpG6mDAAAAAElF"
                + "TkSuQmCC",
            rgb: [255, 1, 117, 0, 156, 253],
            grey: [90, 120]),
        PNGFixture(
            kind: "8-bit RGB, Adam7 interlaced", height: 5, width: 5,
            base64: "iVBORw0KGgoAAAANSUhEUgAAAAUAAAAFCAIAAAF1CoEkAAAAU0lEQVR42hWIMQ3AMAzATGAERmB/1DMYhiJHCUwKklyFERA5"
                + "ByUQ1vmwLMOmfjXVL7bLeoJjPsonArGn+Bl+Iz2iFyiih+kZepUOSCQvyzvyqVwf+38akYusCqoAAAAASUVORK5CYII=",
            rgb: [
                0, 0, 0, 50, 0, 0, 100, 0, 0, 150, 0, 0, 200, 0, 0, 0, 60, 0, 50, 60, 13, 100, 60, 26, 150,
                60, 39, 200, 60, 52, 0, 120, 0, 50, 120, 26, 100, 120, 52, 150, 120, 78, 200, 120, 104, 0,
                180, 0, 50, 180, 39, 100, 180, 78, 150, 180, 117, 200, 180, 156, 0, 240, 0, 50, 240, 52,
                100, 240, 104, 150, 240, 156, 200, 240, 208,
            ],
            grey: [
                0, 15, 30, 45, 60, 35, 52, 68, 85, 101, 70, 88, 106, 124, 142, 106, 125, 144, 164, 183, 141,
                162, 183, 204, 224,
            ]),
        PNGFixture(
            kind: "RGB with one transparent colour", height: 1, width: 2,
            base64: "iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAIAAAB7QOjdAAAABnRSTlMAAQACAAPJS6v1AAAAD0lEQVR42mNgZGJmYWUDAAA/"
                + "ABaYwWgTAAAAAElFTkSuQmCC",
            rgb: [255, 255, 255, 4, 5, 6],
            grey: [255, 5]),
    ]
}
