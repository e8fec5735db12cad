import Foundation

/// Why a dataset could not be opened. Files are absolute paths; `path` is what the caller gave.
public enum DatasetError: Error, Equatable {
    // MARK: Files

    /// There is nothing at this path.
    case fileNotFound(file: String)

    /// A directory, pipe or device where a file was expected.
    case notAFile(file: String)

    /// The system refuses to read the file; `reason` is its message.
    case unreadable(file: String, reason: String)

    /// A file that takes more memory to read than there is, both in bytes.
    case notEnoughMemory(file: String, needed: Int, available: Int)

    /// The system refuses to write a file or directory; `reason` is its message.
    case notWritten(file: String, reason: String)

    // MARK: Gzip

    /// The compressed data ends early.
    case truncatedGzip(file: String)

    /// zlib rejects the compressed data; `reason` is its message.
    case corruptGzip(file: String, reason: String)

    /// The data would decompress to more than `limit` bytes.
    case tooLarge(file: String, limit: Int)

    // MARK: IDX

    /// The first four bytes are not those of an IDX file of unsigned bytes.
    case wrongMagicNumber(file: String, found: UInt32, expected: UInt32)

    /// An IDX file with another number of dimensions than wanted: 3 for images, 1 for labels.
    case unexpectedRank(file: String, found: Int, expected: Int)

    /// The file ends within its header, which takes `expected` bytes.
    case truncatedHeader(file: String, found: Int, expected: Int)

    /// A size in the header is zero.
    case noElements(file: String, sizes: [Int])

    /// The product of the sizes in the header exceeds 2⁶³ - 1.
    case sizesOverflow(file: String, sizes: [Int])

    /// The sizes in the header promise more bytes than the file holds.
    case missingBytes(file: String, promised: Int, held: Int)

    /// The file holds more bytes than the sizes in its header promise.
    case trailingBytes(file: String, promised: Int, held: Int)

    // MARK: CIFAR

    /// A file that does not consist of one or more whole records of `record` bytes.
    case notRecords(file: String, held: Int, record: Int)

    // MARK: Images and labels

    /// There are not as many labels as images.
    case countsDiffer(imageFile: String, images: Int, labelFile: String, labels: Int)

    /// A label that is not an index into the classes.
    case labelOutOfRange(file: String, position: Int, label: Int, classCount: Int)

    /// Training and test images differ in shape.
    case shapesDiffer(dataset: String, train: String, test: String)

    /// A list of class names that is not UTF-8 text.
    case classNamesNotText(file: String)

    /// A list of class names with an empty line, counted from 1, or none at all.
    case missingClassName(file: String, line: Int)

    /// A list of class names in which one reads like an earlier one; lines are counted from 1.
    case repeatedClassName(file: String, line: Int, earlier: Int, name: String)

    // MARK: Folders of pictures

    /// A directory that holds nothing that a dataset could be made of; `problem` says what it holds in its place.
    case noDataset(directory: String, problem: String)

    /// A directory without a picture in a sub-directory, which would tell its class.
    case noPictures(directory: String)

    /// A directory that can be read in two ways, by classes and by parts; `problem` says which.
    case ambiguousFolder(directory: String, problem: String)

    /// Two classes whose names are the same text, though perhaps not the same bytes.
    case classesReadAlike(directory: String, one: String, other: String)

    /// A class that would be taken for another column of the table that it is to be written to.
    case badClassName(String)

    /// A directory without a picture anywhere below it.
    case emptyFolder(directory: String)

    /// A pattern that no file's path matches.
    case noMatches(pattern: String)

    /// A pattern that matches files, of which none is a picture; `first` is one of them.
    case noPictureMatches(pattern: String, count: Int, first: String)

    /// A table that cannot be used; lines are counted from 1.
    case badTable(file: String, line: Int, problem: String)

    /// A division that does not fit the dataset.
    case badSplit(file: String, problem: String)

    /// Files that cannot be used, of which the first ones are listed.
    case badFiles(dataset: String, problems: [String], count: Int)

    /// A directory that is to be written into, and holds something.
    case directoryInUse(path: String)

    /// A part that the dataset does not have.
    case noSuchPart(dataset: String, part: DatasetPart)

    // MARK: Lookup

    /// There is nothing at the path of a directory.
    case directoryNotFound(path: String)

    /// A path to something other than a directory.
    case notADirectory(path: String)

    /// A directory that lacks one of the four files of a dataset.
    case missingFile(directory: String, file: String)

    /// A known dataset that is not on this machine.
    case notInstalled(name: String, directory: String, installation: String)

    /// Neither the name of a known dataset nor a directory; `suggestion` is the known name nearest to it.
    case unknownDataset(name: String, suggestion: String?)
}

extension DatasetError: LocalizedError {
    public var errorDescription: String? { description }
}
