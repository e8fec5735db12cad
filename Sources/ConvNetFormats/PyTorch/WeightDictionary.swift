import ConvNetPages

/// The dictionary of tensors in what a pickle describes.
struct WeightDictionary {
    /// By the names that the file has for them, in its order.
    let tensors: [(name: String, value: PickleTable.Index)]
    private(set) var notes: [String] = []
    private let prefix: String

    /// Where programs keep weights beside other things, as timm looks for them: averaged weights are the ones to use where there are any.
    private static let places = [
        ["state_dict_ema"], ["model_ema"], ["ema"], ["params_ema"], ["state_dict"], ["model_state_dict"],
        ["model", "state_dict"],
        ["model"], ["module"], ["net"], ["params"], ["weights"],
    ]

    /// - Throws: ``PyTorchFileError`` where there are no tensors.
    init(_ content: PyTorchContent, file: String) throws(PyTorchFileError) {
        let table = content.table
        func tensors(in value: PickleTable.Index) -> [(name: String, value: PickleTable.Index)] {
            (table.dictionary(value) ?? []).compactMap { key, value in
                guard let name = table.text(key), PyTorchTensor.isTensor(value, in: table) else { return nil }
                return (name, value)
            }
        }
        let unknown = Self.unknownGlobals(in: table)
        var found = (tensors: tensors(in: content.root), place: [] as [String])
        if found.tensors.isEmpty {
            for place in Self.places {
                let value = place.reduce(content.root as PickleTable.Index?) { value, key in
                    value.flatMap { table.value(of: key, in: $0) }
                }
                guard let value else { continue }
                found = (tensors(in: value), place)
                if !found.tensors.isEmpty { break }
            }
        }
        guard !found.tensors.isEmpty else {
            let objects =
                unknown.isEmpty
                ? ""
                : "; it has objects of \(Self.list(unknown)), none of which was made: of a whole module only Python can read the weights"
            throw PyTorchFileError(
                file: file,
                problem:
                    "no dictionary of tensors is in it\(objects); save the weights in Python with torch.save(model.state_dict(), "
                    + "'weights.pth')")
        }
        self.tensors = found.tensors
        let prefix = "module."
        self.prefix = found.tensors.allSatisfy { $0.name.hasPrefix(prefix) } ? prefix : ""
        if !found.place.isEmpty {
            notes.append("the weights are those under \(quoted(found.place.joined(separator: ".")))")
        }
        if !unknown.isEmpty {
            notes.append("beside them the file has objects of \(Self.list(unknown)), none of which was made")
        }
    }

    /// A tensor's name without what data-parallel training puts before all of them.
    func shortened(_ name: String) -> String { String(name.dropFirst(prefix.count)) }

    /// What a pickle would have called, but for what tensors are made of.
    private static func unknownGlobals(in table: PickleTable) -> [String] {
        var names: Set<String> = []
        for value in table.values {
            guard case .object(let callable, _) = value, let global = table.global(callable) else { continue }
            if !isUsual(global) { names.insert(global.description) }
        }
        return names.sorted()
    }

    /// Whether it is one of the values of PyTorch's own that stand beside weights.
    private static func isUsual(_ global: PickleGlobal) -> Bool {
        ["torch._utils", "torch.serialization"].contains(global.module) && global.name.hasPrefix("_")
            || global.module == "torch" && ["Size", "device"].contains(global.name)
    }

    private static func list(_ names: [String]) -> String {
        let shown = names.prefix(3).map { ConvNetPages.shortened($0) }.joined(separator: ", ")
        return names.count > 3 ? "\(shown) and \(names.count - 3) more" : shown
    }
}
