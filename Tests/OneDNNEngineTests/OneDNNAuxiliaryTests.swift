#if CONVNET_ONEDNN
import OneDNNEngine
import TestSupport
import Testing

@Suite struct OneDNNAuxiliaryTests {
    /// Convolutions are fused with the activations that follow them, where only auxiliary classifiers read what lies between.
    @Test func evaluationTakesNoMemoryForThem() throws {
        try expectEvaluationWithoutThem(OneDNNEngine(threads: 1))
    }
}
#endif
