/// The version of what the engines compute: of the order in which they add, and of their formulas.
///
/// It rises whenever the same settings, engine library, threads and algorithms come to give other bits than before. A
/// checkpoint records it, so that a run that is resumed by another version can be told from one that ends with the same bits.
package enum ArithmeticVersion {
    /// That of this library.
    ///
    /// 2: statistics and gradients of batch norms, gradients of biases and means over large windows are summed in double
    /// precision, or in pieces, on every processor.
    ///
    /// 3: the gradient of a small weight is computed for each thread's samples by themselves, and then added up.
    ///
    /// 4: processors of Intel's Haswell generation round each product in the passes over channels, as all others do.
    package static let current = 4
}
