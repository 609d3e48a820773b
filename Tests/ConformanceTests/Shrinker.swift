import TestSupport

/// Makes a script that shows a difference smaller: drops ever shorter runs of steps while any
/// difference remains.
///
/// Source: Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", 2002.
struct Shrinker {
    let replayer: Replayer
    /// The time spent at most: a difference that is a time-out would take forever.
    var secondsMax = 20.0

    func shrink(_ script: Script, showing first: Difference) throws -> (Script, Difference) {
        var smallest = script
        var difference = first
        let deadline = Deadline(seconds: secondsMax)
        var run = max(1, script.steps.count / 2)
        while run >= 1 {
            var start = 0
            while start < smallest.steps.count, !deadline.hasPassed {
                var candidate = smallest
                candidate.steps.removeSubrange(start..<min(start + run, smallest.steps.count))
                if let found = try replayer.firstDifference(candidate) {
                    smallest = candidate
                    difference = found
                } else {
                    start += run
                }
            }
            run /= 2
        }
        return (smallest, difference)
    }
}
