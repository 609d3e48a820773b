import Glibc

// Parsing and running are apart from exiting, so that every way to fail passes one place that
// chooses the words and the exit code.
exit(CommandLineRun.run(Array(CommandLine.arguments.dropFirst())))
