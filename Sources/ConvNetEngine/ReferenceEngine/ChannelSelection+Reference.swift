import ConvNetGraph

extension ChannelSlice: ReferenceChannelSelection {}
extension ChannelPadding: ReferenceChannelSelection {}
extension ChannelShuffle: ReferenceChannelSelection {}

/// What operations that only move channels share.
protocol ReferenceChannelSelection: ChannelSelection, ReferenceOperation {}

extension ReferenceChannelSelection {
    func forward<Scalar: ReferenceScalar>(_ node: ReferenceNode<Scalar>) {
        let (input, output) = (node.inputs[0], node.output)
        let area = output.height * output.width
        for n in 0..<output.samples {
            for c in 0..<output.channels {
                if let source = source(of: c, among: input.channels) {
                    output.row(n, c, 0).update(from: input.row(n, source, 0), count: area)
                } else {
                    output.fillMap(n, c, with: 0)
                }
            }
        }
    }

    func backward<Scalar: ReferenceScalar>(_ node: ReferenceNode<Scalar>) {
        guard let inputGradient = node.inputGradients[0] else { return }
        let gradient = node.outputGradient
        for n in 0..<gradient.samples {
            for c in 0..<gradient.channels {
                guard let source = source(of: c, among: inputGradient.channels) else { continue }
                let (sum, row) = (inputGradient.row(n, source, 0), gradient.row(n, c, 0))
                for i in 0..<gradient.height * gradient.width { sum[i] += row[i] }
            }
        }
    }
}
