import ConvNetPages

extension DatasetCheck.Finding {
    /// What is left aside, and where files are.
    static func layout(of images: DatasetParts, mostExamples: Int) -> [Self] {
        let parts = images.parts.map(\.part)
        let unrecognized = images.unrecognizedPictures
        func finding(_ kind: DatasetCheck.Kind, _ paths: [String], _ headline: String, _ advice: String) -> Self? {
            guard !paths.isEmpty else { return nil }
            return Self(
                kind, parts, count: paths.count,
                "\(paths.count.counted("file")) \(paths.count == 1 ? "is" : "are") \(headline)", advice,
                paths.prefix(mostExamples).map { DatasetCheck.Example(count: 1, path: $0, note: quoted($0)) })
        }
        return images.notices.map { Self(.leftAside, parts, count: 1, $0.headline, $0.advice, []) }
            + [
                finding(
                    .unrecognizedFiles, unrecognized,
                    "not looked at, though by content \(unrecognized.count == 1 ? "it is a picture" : "they are pictures")",
                    "Their names do not end as pictures' do. Rename them: .jpg, .png."),
                finding(
                    .unlistedFiles, images.unlistedFiles, "in no row of \(ImageTable.fileName), and not used",
                    "Where there is such a table, it alone says what the dataset is. Add rows, or remove the table."),
                finding(
                    .outsideFiles, images.outsideFiles, "outside the table's own directory",
                    "A table may name pictures anywhere. See that these are meant: exports and pages of mistakes show them."
                ),
            ].compactMap { $0 }
    }
}

extension DatasetParts {
    /// The files that have no picture's name, and a picture's content.
    fileprivate var unrecognizedPictures: [String] {
        guard let files = unrecognizedFiles else { return [] }
        return (0..<files.count).filter { hasPictureContent(files.url(at: $0)) }.map(files.imageName)
    }

    /// The pictures beside a table that it does not name.
    fileprivate var unlistedFiles: [String] {
        guard let directory = tableDirectory, let walk = try? DirectoryWalk(directory.path) else { return [] }
        let names = PictureNames(directory.path)
        var listed: Set<ExactText> = []
        for (_, images) in parts {
            for index in 0..<images.count { listed.insert(names.canonical(images.imageName(at: index))) }
        }
        return walk.pictures.filter { !listed.contains(names.canonical($0)) }
    }

    /// The pictures that are not below the dataset's directory.
    fileprivate var outsideFiles: [String] {
        parts.compactMap { $0.images as? ImageFileDataset }.flatMap { files in
            let names = PictureNames(files.directory.path)
            return (0..<files.count).map(files.imageName).filter(names.isOutside)
        }
    }
}
