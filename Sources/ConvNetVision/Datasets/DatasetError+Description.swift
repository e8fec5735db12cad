import ConvNetGraph
import ConvNetPages
import Foundation

extension DatasetError: ErrorInLines {
    package var lines: [String] {
        guard case .badFiles(let dataset, let problems, let count) = self else { return [description] }
        return ["\(counted(count, "file")) of \(printable(dataset)) cannot be used:"]
            + problems.map { "  \(printable($0))" }
            + (count > problems.count ? ["  and \(count - problems.count) more."] : [])
            + ["Mend or remove them, or go on without them with --skip-bad-images."]
    }
}

extension DatasetError: CustomStringConvertible {
    /// One line, but for a list of files: what is wrong, where, and what to do about it.
    public var description: String {
        switch self {
        case .fileNotFound(let file):
            "There is no file '\(file)'. Check the path."
        case .notAFile(let file):
            "'\(file)' is not a regular file. Give the path of a file."
        case .unreadable(let file, let reason):
            "'\(file)' cannot be read: \(reason).\(readingAdvice(reason))"
        case .notEnoughMemory(let file, let needed, let available):
            "'\(printable(file))' would take \(needed.byteSize) of memory to read, and \(available.byteSize) are free. "
                + "Check that it is the right file."
        case .notWritten(let file, let reason):
            "'\(printable(file))' cannot be written: \(reason).\(writingAdvice(reason))"
        case .directoryInUse(let path):
            "'\(printable(path))' is not empty. Choose another directory."
        case .truncatedGzip(let file):
            "'\(file)' is truncated: its gzip data ends early. Download or copy it again."
        case .corruptGzip(let file, let reason):
            "'\(file)' is corrupt: its gzip data is invalid (\(reason)). Download or copy it again."
        case .tooLarge(let file, let limit):
            "'\(file)' decompresses to more than \(limit) bytes. Decompress it first if it is meant to be that large."
        case .wrongMagicNumber(let file, let found, let expected):
            "'\(file)' is not an IDX file of unsigned bytes: it starts with \(hexadecimal(found)) instead of "
                + "\(hexadecimal(expected)). Check that it is the right file."
        case .unexpectedRank(let file, let found, let expected):
            "'\(file)' has \(counted(found, "dimension")) instead of \(expected). "
                + "Check that images (3) and labels (1) are not mixed up."
        case .truncatedHeader(let file, let found, let expected):
            "'\(file)' is truncated: it holds \(counted(found, "byte")), its header takes \(expected). "
                + "Download or copy it again."
        case .noElements(let file, let sizes):
            "'\(file)' is empty: its header gives the sizes \(product(sizes)). Use a file that holds data."
        case .sizesOverflow(let file, let sizes):
            "'\(file)' is corrupt: its header gives the impossible sizes \(product(sizes)). Download or copy it again."
        case .missingBytes(let file, let promised, let held):
            "'\(file)' is truncated: its header promises \(counted(promised, "byte")) of data, it holds \(held). "
                + "Download or copy it again."
        case .trailingBytes(let file, let promised, let held):
            "'\(file)' is corrupt: its header promises \(counted(promised, "byte")) of data, it holds \(held). "
                + "Download or copy it again."
        case .notRecords(let file, let held, let record):
            "'\(file)' holds \(counted(held, "byte")), which is not one or more records of \(record). "
                + "Download or copy it again."
        case .countsDiffer(let imageFile, let images, let labelFile, let labels):
            "'\(imageFile)' holds \(counted(images, "image")), but '\(labelFile)' holds \(counted(labels, "label")). "
                + "Use files that belong together."
        case .labelOutOfRange(let file, let position, let label, let classCount):
            "'\(file)' has the label \(label) at position \(position), but there are only "
                + "\(counted(classCount, "class", plural: "classes")) (labels count from 0). "
                + "Correct the label or the list of classes."
        case .shapesDiffer(let dataset, let train, let test):
            "'\(dataset)' has training images of \(train) and test images of \(test). Use files that belong together."
        case .classNamesNotText(let file):
            "'\(file)' is not UTF-8 text. Write one class name per line."
        case .missingClassName(let file, let line):
            "'\(file)' has no class name in line \(line). Write one class name per line."
        case .repeatedClassName(let file, let line, let earlier, let name):
            "'\(printable(file))' has the class name '\(printable(name))' in line \(line) and in line \(earlier). Give every class "
                + "a name of its own."
        case .ambiguousFolder(let directory, let problem):
            "'\(printable(directory))' can be read in two ways: \(problem)."
        case .classesReadAlike(let directory, let one, let other):
            "'\(printable(directory))' has two classes whose names read alike, '\(ExactText(one).escaped)' and "
                + "'\(ExactText(other).escaped)', so that no model could tell them apart. Rename one, or put their pictures together."
        case .badClassName(let name):
            "a class is called '\(printable(name))', as a column of the table that it would be written to. Rename it."
        case .noDataset(let directory, let problem):
            "'\(printable(directory))' is not a dataset: \(problem)\(problem.hasSuffix(".") ? "" : ".")"
        case .noPictures(let directory):
            "'\(printable(directory))' has no pictures in sub-directories. Put JPEG or PNG files into a sub-directory for each class, at its top or "
                + "under 'train' and 'val'."
        case .emptyFolder(let directory):
            "'\(printable(directory))' holds no pictures. Check the path."
        case .noMatches(let pattern):
            "No file matches '\(printable(pattern))'. Check the pattern."
        case .noPictureMatches(let pattern, let count, let first):
            "'\(printable(pattern))' matches \(counted(count, "file")), "
                + "\(count == 1 ? "which is no picture" : "none of them a picture"): '\(printable(first))'. Check the pattern."
        case .badTable(let file, let line, let problem):
            "'\(printable(file))', line \(line): \(shortened(problem, to: 1000))."
        case .badSplit(let file, let problem):
            "'\(printable(file))' cannot be used: \(problem)."
        case .badFiles:
            lines.joined(separator: "\n")
        case .noSuchPart(let dataset, let part):
            "\(dataset) has no \(part) part."
        case .directoryNotFound(let path):
            "There is no directory '\(path)'. Check the path."
        case .notADirectory(let path):
            "'\(path)' is not a directory. Give the path of the directory that holds the dataset's files."
        case .missingFile(let directory, let file):
            "'\(directory)' holds no '\(file)', with or without '.gz'. A dataset consists of four such files: "
                + "training and test ('t10k'), images and labels."
        case .notInstalled(let name, let directory, let installation):
            "The dataset '\(name)' is not installed in '\(directory)'. \(installation)"
        case .unknownDataset(let name, let suggestion?):
            "Unknown dataset '\(name)'. Did you mean '\(suggestion)'?"
        case .unknownDataset(let name, nil):
            "Unknown dataset '\(name)'. Known: \(DatasetCatalog.all.map(\.name).joined(separator: ", ")); "
                + "the path of a directory works too."
        }
    }
}

/// What to do about a file that the system does not let be read, where its message tells; with a blank before it.
func readingAdvice(_ reason: String) -> String {
    switch reason {
    case systemReason(EACCES), systemReason(EPERM): " Check its permissions."
    case systemReason(EMFILE), systemReason(ENFILE): " Raise the limit on open files (ulimit -n)."
    case systemReason(EIO), systemReason(ESTALE): " Check the disk or the network that it is on."
    default: ""
    }
}

private func writingAdvice(_ reason: String) -> String {
    switch reason {
    case systemReason(ENOSPC), systemReason(EDQUOT), systemReason(EFBIG): " Make room on the disk."
    default: readingAdvice(reason)
    }
}

private func counted(_ count: Int, _ singular: String, plural: String? = nil) -> String {
    "\(count) \(count == 1 ? singular : plural ?? singular + "s")"
}

private func product(_ sizes: [Int]) -> String {
    sizes.map(String.init).joined(separator: "×")
}

private func hexadecimal(_ word: UInt32) -> String {
    let digits = String(word, radix: 16, uppercase: true)
    return "0x" + String(repeating: "0", count: 8 - digits.count) + digits
}
