/// What stands in a data directory beside the layout in use.
public struct DirectoryLeftovers: Equatable, Sendable {
    /// Layouts that an interruption left before they were whole.
    public private(set) var unfinished: [String] = []
    /// Whole layouts that are not wanted any more: one that an interruption kept from coming into
    /// use, and the one whose place the layout in use has taken. They go when that one has proved
    /// itself, before a core serves.
    public private(set) var unwanted: [String] = []
    /// What a repair has read and left as it was; the operator deletes it.
    public private(set) var evidence: [String] = []

    /// Looks at the names in a directory whose IDENTITY names `layout`.
    public init(_ storage: some DirectoryStorage, layout: UInt32) {
        var marks: [String] = []
        storage.list(DirectoryName.layout(layout), into: &marks)
        let replaced = marks.compactMap(DirectoryName.replacedLayout)
        var names: [String] = []
        storage.list("", into: &names)
        for name in Set(names).sorted() {
            if name.hasSuffix(".new") {
                if DirectoryName.layoutNumber(name.dropLast(4)) != nil { unfinished.append(name) }
            } else if let number = DirectoryName.layoutNumber(name), number != layout {
                if number > layout || replaced.contains(number) {
                    unwanted.append(name)
                } else {
                    evidence.append(name)
                }
            }
        }
    }
}
