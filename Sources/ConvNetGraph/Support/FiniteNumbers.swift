extension Collection<Float> where Index == Int {
    /// Where the first value is that is no number, or infinite; nil where there is none.
    package var firstNotFinite: Int? {
        let isFinite = withContiguousStorageIfAvailable { values in
            // Bits by bits, which every processor's vectors do, as they do not a question that may end the loop.
            let exponent = Float.infinity.bitPattern
            var found: UInt32 = 0
            for value in values { found |= value.bitPattern & exponent == exponent ? 1 : 0 }
            return found == 0
        }
        if isFinite == true { return nil }
        return firstIndex { !$0.isFinite }
    }
}
