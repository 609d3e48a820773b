import CUring

/// The thread that calls.
public enum CurrentThread {
    /// Names it for ps, top and perf.
    ///
    /// - Parameter name: its first 15 bytes count.
    public static func setName(_ name: String) {
        unsafe name.withCString { unsafe gyre_name_thread($0) }
    }
}
