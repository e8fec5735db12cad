import Testing

@testable import ConvNetPages

@Suite struct NumberTextTests {
    @Test(arguments: [
        (0, "0"), (7, "7"), (999, "999"), (1000, "1,000"), (61_706, "61,706"), (1_234_567, "1,234,567"),
        (1_000_000_000, "1,000,000,000"), (-999, "-999"), (-1000, "-1,000"),
        (.max, "9,223,372,036,854,775,807"), (.min, "-9,223,372,036,854,775,808"),
    ])
    func groupedDigits(number: Int, text: String) {
        #expect(number.grouped == text)
    }

    @Test(arguments: [
        (0, "0 B"), (1, "1 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (1234, "1.2 KiB"), (1_048_524, "1023.9 KiB"),
        (1_048_525, "1.0 MiB"), (1 << 20, "1.0 MiB"), (4 * 64 * 56 * 56, "784.0 KiB"), (246_824, "241.0 KiB"),
        (3_565_158, "3.4 MiB"), (6_012_954_214, "5.6 GiB"), (7 << 40, "7.0 TiB"), (.max, "8388608.0 TiB"),
    ])
    func sizes(bytes: Int, text: String) {
        #expect(bytes.byteSize == text)
    }

    @Test(arguments: [
        (0, "0"), (999, "999"), (1000, "1.00 k"), (61_706, "61.7 k"), (999_499, "999 k"), (999_500, "1.00 M"),
        (61_100_840, "61.1 M"), (714_188_480, "714 M"), (15_470_264_320, "15.5 G"), (9_994_999, "9.99 M"),
        (9_995_000, "10.0 M"), (99_949_999, "99.9 M"), (99_950_000, "100 M"), (.max, "9.22 E"),
    ])
    func abbreviatedNumbers(number: Int, text: String) {
        #expect(number.abbreviated == text)
    }

    @Test func superscripts() {
        #expect([0, 7, 12, 340].map(\.superscript) == ["⁰", "⁷", "¹²", "³⁴⁰"])
    }
}
