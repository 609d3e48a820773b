/// The names of a core's files in its folder.
public enum FileName: Hashable, Sendable {
    /// A segment of the log.
    case segment(UInt32)
    /// A snapshot.
    case snapshot(UInt32)
    /// The manifest.
    case manifest
    /// What an interrupted step left: to be deleted.
    case leftover(String)
    /// Nothing of ours.
    case unknown(String)

    /// What a file of this name is.
    public init(_ text: String) {
        if text == "MANIFEST" {
            self = .manifest
        } else if text.hasSuffix(".new") {
            self = .leftover(text)
        } else if let number = Self.number(text, suffix: ".log") {
            self = .segment(number)
        } else if let number = Self.number(text, suffix: ".snap") {
            self = .snapshot(number)
        } else {
            self = .unknown(text)
        }
    }

    /// The name in the folder.
    public var text: String {
        switch self {
        case .segment(let number): Self.digits(number) + ".log"
        case .snapshot(let number): Self.digits(number) + ".snap"
        case .manifest: "MANIFEST"
        case .leftover(let text), .unknown(let text): text
        }
    }

    private static func digits(_ number: UInt32) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 8 - digits.count)) + digits
    }

    private static func number(_ text: String, suffix: String) -> UInt32? {
        guard text.hasSuffix(suffix) else { return nil }
        let digits = text.dropLast(suffix.count)
        guard let number = UInt32(digits), number > 0, self.digits(number) == digits else {
            return nil
        }
        return number
    }
}

/// The names of folders and files in the data directory.
public enum DirectoryName {
    /// Held by the process that uses the directory.
    public static let lock = "LOCK"
    /// Whose the directory is.
    public static let identity = "IDENTITY"

    /// The folder of a layout.
    public static func layout(_ number: UInt32) -> String { "layout-\(number)" }

    /// The number of the layout whose folder has this name; nil for another name.
    public static func layoutNumber(_ name: some StringProtocol) -> UInt32? {
        guard let digits = name.split(separator: "-").last else { return nil }
        guard let number = UInt32(digits), number > 0 else { return nil }
        return layout(number) == name ? number : nil
    }

    /// The empty file in a layout's folder which says that it took another one's place.
    public static func replaces(_ layout: UInt32) -> String { "replaces-\(layout)" }

    /// The layout that a file of this name says was replaced; nil for another name.
    public static func replacedLayout(_ name: String) -> UInt32? {
        guard let number = name.split(separator: "-").last.flatMap({ UInt32($0) }) else {
            return nil
        }
        return replaces(number) == name ? number : nil
    }

    /// A core's folder, from the data directory on.
    public static func core(_ core: UInt16, layout: UInt32) -> String {
        "\(self.layout(layout))/core-\(core)"
    }
}
