// budget: runs one command on one core's logic, without a kernel, so that callgrind can count its
// instructions. Started with N and with 2 N operations, the difference is what N operations cost.
//
// Tests/BudgetTests compares with thresholds.txt; docs/internals/request-path.md has the figures.

import Glibc

let words = CommandLine.arguments.dropFirst()
guard words.count == 3, let command = BudgetCommand(rawValue: words[1]),
    let pipeline = Int(words[2]), pipeline > 0, pipeline <= 1024,
    let operationCount = Int(words[3]), operationCount > 0
else {
    let names = BudgetCommand.allCases.map(\.rawValue).joined(separator: "|")
    print("usage: budget \(names) PIPELINE OPERATIONS")
    exit(2)
}
let isPlanted = unsafe getenv("GYRE_PLANT_ALLOCATION") != nil
var workload = Workload(command, pipeline: pipeline)
workload.run(operationCount: operationCount, isPlanted: isPlanted)
