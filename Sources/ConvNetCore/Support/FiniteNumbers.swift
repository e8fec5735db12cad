extension Collection<Float> where Index == Int {
    /// Where the first value is that is no number, or infinite; nil where there is none.
    package var firstNotFinite: Int? {
        let largest = withContiguousStorageIfAvailable { values in
            // As an integer, for which a processor's vectors do it, as they do not for a question about each.
            var largest: UInt32 = 0
            for value in values { largest = Swift.max(largest, value.bitPattern & 0x7FFF_FFFF) }
            return largest
        }
        if let largest, largest < Float.infinity.bitPattern { return nil }
        return firstIndex { !$0.isFinite }
    }
}
