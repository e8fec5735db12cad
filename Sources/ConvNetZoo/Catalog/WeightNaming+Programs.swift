import ConvNetGraph

/// How other programs call the parameters of networks that have torchvision's names here.
extension WeightNaming {
    /// timm's VGG, whose dense layers are convolutions.
    static let timmVGG = Self(
        "timm",
        beginnings: [
            ("pre_logits.fc1.", "classifier.0."), ("pre_logits.fc2.", "classifier.3."), ("head.fc.", "classifier.6."),
        ])

    /// `efficientnet_lite_pytorch`, and `efficientnet_pytorch` before it, which number blocks through.
    static let efficientNetPyTorch = Self("efficientnet_lite_pytorch") { name in
        if let rest = name.dropping("_conv_stem.") { return "features.0.0.\(rest)" }
        if let rest = name.dropping("_bn0.") { return "features.0.1.\(rest)" }
        if let rest = name.dropping("_conv_head.") { return "features.8.0.\(rest)" }
        if let rest = name.dropping("_bn1.") { return "features.8.1.\(rest)" }
        if let rest = name.dropping("_fc.") { return "classifier.1.\(rest)" }
        let parts = name.split(separator: ".")
        guard parts.count == 4, parts[0] == "_blocks", let number = Int(parts[1]),
            let (stage, block) = EfficientNetB0.place(ofBlock: number)
        else { return nil }
        let layers = ["_expand_conv", "_bn0", "_depthwise_conv", "_bn1", "_project_conv", "_bn2"]
        guard let layer = layers.firstIndex(of: String(parts[2])) else { return nil }
        return "features.\(stage + 1).\(block).block.\(layer / 2 - (stage == 0 ? 1 : 0)).\(layer % 2).\(parts[3])"
    }

    /// timm's `tf_efficientnet_lite0`, which numbers blocks within their stages.
    static let timmEfficientNetLite = Self("timm") { name in
        if let rest = name.dropping("conv_stem.") { return "features.0.0.\(rest)" }
        if let rest = name.dropping("bn1.") { return "features.0.1.\(rest)" }
        if let rest = name.dropping("conv_head.") { return "features.8.0.\(rest)" }
        if let rest = name.dropping("bn2.") { return "features.8.1.\(rest)" }
        if let rest = name.dropping("classifier.") { return "classifier.1.\(rest)" }
        let parts = name.split(separator: ".")
        guard parts.count == 5, parts[0] == "blocks", let stage = Int(parts[1]) else { return nil }
        let layers =
            stage == 0
            ? ["conv_dw", "bn1", "conv_pw", "bn2"] : ["conv_pw", "bn1", "conv_dw", "bn2", "conv_pwl", "bn3"]
        guard let layer = layers.firstIndex(of: String(parts[3])) else { return nil }
        return "features.\(stage + 1).\(parts[2]).block.\(layer / 2).\(layer % 2).\(parts[4])"
    }
}

extension String {
    fileprivate func dropping(_ beginning: String) -> Substring? {
        hasPrefix(beginning) ? dropFirst(beginning.count) : nil
    }
}
