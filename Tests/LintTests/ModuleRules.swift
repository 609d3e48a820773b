import Foundation

/// Rules about what a module may use.
enum ModuleRules {
    /// What each module may import of ours and of others: the arrow of docs/ARCHITECTURE.md. The C
    /// library is listed too; pure modules have it for memory only (memcpy, malloc).
    static let allowedImports: [String: Set<String>] = [
        "Base": ["CIntrinsics", "Glibc"],
        "Settings": ["Base", "Glibc"],
        "Log": ["Base", "CIntrinsics", "CXXHash", "CLZ4"],
        "Layouts": ["Base", "Log"],
        "Raft": ["Base", "Log"],
        "RDB": ["Base"],
        "Gossip": ["Base"],
        "Placement": ["Base", "CXXHash"],
        "Engine": [
            "Base", "RDB", "Placement", "Log", "CIntrinsics", "CXXHash", "CLZ4", "Glibc",
        ],
        "Wire": ["Base", "CXXHash", "Crypto"],
        "Node": ["Base", "Placement", "Log", "Engine"],
        "Uring": ["Base", "CUring", "Glibc"],
        "Runtime": [
            "Base", "Settings", "Placement", "Log", "Layouts", "Engine", "Node", "Uring", "Glibc",
            "Synchronization",
        ],
        "Simulator": ["Base", "Placement", "Engine", "Node"],
        "gyre": [
            "Base", "Log", "Layouts", "RDB", "Settings", "Uring", "Runtime", "ArgumentParser",
            "Logging", "Yams", "Foundation", "Glibc",
        ],
    ]

    static func checkImports(_ file: SourceText) -> [Violation] {
        guard file.isSwift, let module = file.module else { return [] }
        guard let allowed = allowedImports[module] else {
            let rule = "imports: module \(module) has no row in the table of allowed imports"
            return [Violation(path: file.path, line: 1, rule: rule)]
        }
        return file.code.enumerated().compactMap { index, line in
            guard let imported = findImport(line), !allowed.contains(imported) else { return nil }
            return Violation(
                path: file.path, line: index + 1, rule: "imports: \(module) may not use \(imported)"
            )
        }
    }

    /// `print` belongs to programs; a library returns, throws or logs.
    static func checkPrint(_ file: SourceText) -> [Violation] {
        guard file.isSwift, let module = file.module, module != "gyre" else { return [] }
        return file.code.enumerated().filter { callsPrint($0.element) }.map {
            Violation(path: file.path, line: $0.offset + 1, rule: "print: not in a library")
        }
    }

    /// - Parameter allowed: lines `path or folder/: reason` with `#` before a remark.
    static func checkPointers(_ file: SourceText, allowed: [String]) -> [Violation] {
        guard file.isSwift, file.module != nil else { return [] }
        let mayUse = allowed.contains {
            $0.hasSuffix("/") ? file.path.hasPrefix($0) : file.path == $0
        }
        guard !mayUse else { return [] }
        return file.code.enumerated().filter { namesPointer($0.element) }.map {
            Violation(
                path: file.path, line: $0.offset + 1,
                rule: "pointers: list the file with its reason in Tests/LintTests/pointer-files.txt"
            )
        }
    }

    /// The paths of an allow-list, or nil when a line has no reason.
    static func parsePointerFiles(_ text: String) -> [String]? {
        var paths: [String] = []
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2, parts[1].contains(where: \.isLetter) else { return nil }
            paths.append(String(parts[0]))
        }
        return paths
    }

    private static func findImport(_ line: String) -> String? {
        let words = line.split(separator: " ").map(String.init)
        guard let place = words.firstIndex(of: "import"), words.count > place + 1 else {
            return nil
        }
        let modifiers = words[..<place]
        let areModifiers = modifiers.allSatisfy {
            $0.hasPrefix("@") || ["public", "package", "internal", "private"].contains($0)
        }
        guard areModifiers else { return nil }
        let kinds = ["struct", "class", "enum", "protocol", "func", "var", "let", "typealias"]
        let name = kinds.contains(words[place + 1]) ? words.last : words[place + 1]
        return name?.split(separator: ".").first.map(String.init)
    }

    private static func callsPrint(_ line: String) -> Bool {
        let calls = ["print(", "debugPrint(", "dump("]
        return calls.contains { call in
            line.ranges(of: call).contains { range in
                guard range.lowerBound > line.startIndex else { return true }
                let before = line[line.index(before: range.lowerBound)]
                return !(before.isLetter || before.isNumber || before == "_" || before == ".")
            }
        }
    }

    private static func namesPointer(_ line: String) -> Bool {
        let words = line.split { !($0.isLetter || $0.isNumber || $0 == "_") }
        return words.contains {
            ($0.hasPrefix("Unsafe") && $0.hasSuffix("Pointer")) || $0 == "OpaquePointer"
        }
    }
}
