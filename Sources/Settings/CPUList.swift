/// The text form of a set of CPUs, as the kernel and `taskset -c` write it: `0,2-5`.
public enum CPUList {
    /// The highest CPU number that a list may name; the kernel's own limit is 8,191.
    static let cpuMax = 8_191

    /// The CPUs that `text` names, in the order of the text, or nil when it is malformed, empty,
    /// names a CPU twice, or has a range that runs backwards.
    public static func parse(_ text: String) -> [Int]? {
        var cpus: [Int] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let range = parseRange(part) else { return nil }
            cpus.append(contentsOf: range)
        }
        return Set(cpus).count == cpus.count ? cpus : nil
    }

    /// The shortest text for `cpus`: ascending runs become ranges, and the order is kept.
    public static func format(_ cpus: [Int]) -> String {
        var runs: [ClosedRange<Int>] = []
        for cpu in cpus {
            if let last = runs.last, last.upperBound + 1 == cpu {
                runs[runs.count - 1] = last.lowerBound...cpu
            } else {
                runs.append(cpu...cpu)
            }
        }
        let texts = runs.map {
            $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)"
        }
        return texts.joined(separator: ",")
    }

    private static func parseRange(_ part: Substring) -> ClosedRange<Int>? {
        let bounds = part.split(separator: "-", omittingEmptySubsequences: false).map(String.init)
        guard let first = SettingType.parseCount(bounds[0], in: 0...cpuMax) else { return nil }
        guard bounds.count > 1 else { return first...first }
        guard bounds.count == 2 else { return nil }
        guard let last = SettingType.parseCount(bounds[1], in: first...max(first, cpuMax)) else {
            return nil
        }
        return first...last
    }
}
