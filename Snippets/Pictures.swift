import ConvNet
import Foundation

// A folder with a sub-folder of PNG files for each of two classes, dark and light ones of several sizes.
let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
defer { try? FileManager.default.removeItem(at: folder) }
for (name, level) in [("dark", 40), ("light", 180)] {
    let directory = folder.appending(path: name)
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    for number in 0..<20 {
        let (height, width) = (70 + number, 90 - number)
        let pixels = (0..<height * width * 3).map { UInt8(level + $0 * 7919 % 61) }
        let image = Image(channels: 3, height: height, width: width, pixels: pixels)
        try PNG.encode(image).write(to: directory.appending(path: "\(number).png"))
    }
}

// snippet.prepare
var preparation = DataPreparation()
preparation.size = Size(64)
preparation.augmentation = .imagenet
preparation.validationFraction = 0.2
preparation.seed = 1
let photos = try DatasetCatalog.open(folder.path)
let data = try preparation.prepare(photos, networkInput: [3, 224, 224])
// snippet.end

// snippet.train
let network = try Network(input: data.imageShape) {
    Conv2D(8, kernel: 3, stride: 2)
    ReLU()
    GlobalAveragePool2D()
    Dense(data.training.classes.count)
}
let model = try Model(network, classes: data.training.classes, preprocessing: data.preprocessing)
let trainer = Trainer(epochs: 2, batchSize: 8, learningRate: 0.05, mixing: BatchMixing(mixup: 0.2), seed: 1)
try await trainer.train(model, on: data.training, validation: data.validation)
print(try await model.predict(imageAt: folder.appending(path: "dark/0.png"), top: 1))
// snippet.end

// snippet.transforms
struct Negative: ImageTransform {
    func apply(to image: Image, random: inout SampleRandom) -> Image {
        guard random.chance(0.1) else { return image }
        var negative = image
        negative.pixels = image.pixels.map { 255 - $0 }
        return negative
    }
}

let augmentation = Augmentation {
    RandomResizedCrop(64, area: 0.5...1)
    HorizontalFlip()
    ColorJitter(brightness: 0.4, contrast: 0.4, saturation: 0.4)
    Negative()
}
let training = PreparedDataset(
    photos.train, preparedBy: Preprocessing(fitting: ImageFitting(size: Size(64))), augmentation: augmentation, seed: 1)
// snippet.end

// snippet.report
if let validation = data.validation {
    let report = try await model.report(on: validation)
    print(report.scoreTable)
    print(report.confusionText(width: 80))
}
// snippet.end
print(training.count)  // 40
