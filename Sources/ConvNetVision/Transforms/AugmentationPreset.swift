import ConvNetGraph
import ConvNetTraining

/// Augmentations that are known by name.
public enum AugmentationPreset: String, CaseIterable, Codable, Sendable {
    /// Nothing: training sees what evaluation sees.
    case none
    /// Resized to 256/227 of the network's size, crops from anywhere, mirrored, AlexNet's lighting (Krizhevsky et al., 2012,
    /// section 4.1).
    case alexnet
    /// Rectangles of random area and proportion, mirrored (Szegedy et al., 2015): the usual one for photographs.
    case imagenet
    /// Shifted by up to an eighth of the size, mirrored (He et al., 2016, section 4.2): the usual one for small images.
    case cifar
    /// Mirrored, cut by a little, and of slightly other brightness: for little data that must not change much.
    case light
    /// TrivialAugment on top of crops and mirroring, and a rectangle erased: for long runs.
    case strong

    /// The transforms for a network that takes images of `fitting.size`.
    public func augmentation(for fitting: ImageFitting) -> Augmentation? {
        let size = fitting.size
        let interpolation = fitting.interpolation
        // Small images lose too much of what they show in crops of their area.
        let isSmall = min(size.height, size.width) <= 64
        let shift = max(1, min(size.height, size.width) / 8)
        switch self {
        case .none:
            return nil
        case .alexnet:
            let shorterSide = min(size.height, size.width) * 256 / 227
            let larger = Size(max(shorterSide, size.height), max(shorterSide, size.width))
            return Augmentation {
                FittingTransform(
                    fitting: ImageFitting(size: larger, shorterSide: shorterSide, interpolation: interpolation))
                RandomCrop(size)
                HorizontalFlip()
                Lighting()
            }
        case .imagenet:
            return Augmentation {
                RandomResizedCrop(size, interpolation: interpolation)
                HorizontalFlip()
            }
        case .cifar:
            return Augmentation {
                FittingTransform(fitting: fitting)
                RandomCrop(size, padding: shift)
                HorizontalFlip()
            }
        case .light:
            return Augmentation {
                RandomResizedCrop(size, area: 0.75...1, ratio: 0.9...1.1, interpolation: interpolation)
                HorizontalFlip()
                ColorJitter(brightness: 0.1, contrast: 0.1)
            }
        case .strong:
            return Augmentation {
                if isSmall {
                    FittingTransform(fitting: fitting)
                    RandomCrop(size, padding: shift)
                } else {
                    RandomResizedCrop(size, interpolation: interpolation)
                }
                HorizontalFlip()
                // A translation by 32 pixels would move small images out of the picture.
                TrivialAugment(translation: min(32, Double(min(size.height, size.width)) / 4))
                RandomErasing(probability: 0.25)
            }
        }
    }
}

/// What evaluation does to a picture, as the first of several transforms.
private struct FittingTransform: ImageTransform {
    let fitting: ImageFitting

    func apply(to image: Image, random: inout SampleRandom) -> Image { fitting.fit(image) }
}
