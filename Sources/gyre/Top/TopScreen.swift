import Glibc

/// The terminal while `gyre top` has it: a screen of its own, which goes when it ends, whatever the
/// reason.
///
/// The signals that end the program, or tell of a new size, are blocked and waited for, so that
/// none can come while the terminal is half restored.
struct TopScreen {
    /// Why a wait was over.
    enum Wake {
        case due
        case resized
        case end
    }

    private let awaited: sigset_t
    private let settings: termios?

    /// Takes the terminal over.
    init() {
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        for number in [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGWINCH] {
            unsafe sigaddset(&signals, number)
        }
        unsafe sigprocmask(SIG_BLOCK, &signals, nil)
        awaited = signals
        settings = Self.silenceKeys()
        Self.write("\u{1B}[?1049h\u{1B}[?25l")
    }

    /// Gives the terminal back as it was.
    func close() {
        Self.write("\u{1B}[?25h\u{1B}[?1049l")
        if var settings { unsafe tcsetattr(STDIN_FILENO, TCSAFLUSH, &settings) }
    }

    /// Keys are not shown; nil where standard input is no terminal.
    private static func silenceKeys() -> termios? {
        var settings = termios()
        if unsafe tcgetattr(STDIN_FILENO, &settings) != 0 { return nil }
        var silent = settings
        silent.c_lflag &= ~tcflag_t(ECHO)
        unsafe tcsetattr(STDIN_FILENO, TCSANOW, &silent)
        return settings
    }

    /// Draws over what is there, so that nothing flickers; cut to the terminal's size.
    func show(_ lines: [String]) {
        let (width, height) = Self.size
        var text = "\u{1B}[H"
        for (index, line) in lines.prefix(height).enumerated() {
            if index > 0 { text += "\n" }
            text += String(line.prefix(width)) + "\u{1B}[K"
        }
        Self.write(text + "\u{1B}[J")
    }

    /// Waits for the time to pass or for a signal.
    func wait(seconds: Double) -> Wake {
        var signals = awaited
        var timeout = timespec(
            tv_sec: Int(seconds), tv_nsec: Int((seconds - seconds.rounded(.down)) * 1e9))
        switch unsafe sigtimedwait(&signals, nil, &timeout) {
        case SIGWINCH: return .resized
        case let number where number > 0: return .end
        default: return .due
        }
    }

    /// Columns and rows of the terminal.
    private static var size: (width: Int, height: Int) {
        var size = winsize()
        let isKnown = unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0
        if !isKnown || size.ws_col == 0 || size.ws_row == 0 { return (80, 24) }
        return (Int(size.ws_col), Int(size.ws_row))
    }

    private static func write(_ text: String) {
        let bytes = Array(text.utf8)
        _ = unsafe bytes.withUnsafeBytes {
            unsafe Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count)
        }
    }
}
