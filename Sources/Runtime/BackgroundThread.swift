import Glibc
import Synchronization
import Uring

/// A thread beside the loops, for what waits on disks.
@safe
struct BackgroundThread {
    private var handle = pthread_t()
    private var isRunning = false

    /// Starts `body` in a thread, or runs it here where there is none to be had.
    init(name: String, _ body: @escaping @Sendable () -> Void) {
        let job = ThreadJob(name: name, body)
        let argument = unsafe Unmanaged.passRetained(job).toOpaque()
        let code = unsafe pthread_create(
            &handle, nil,
            { argument in
                guard let argument = unsafe argument else { return nil }
                unsafe Unmanaged<ThreadJob>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            }, argument)
        isRunning = code == 0
        if !isRunning {
            unsafe Unmanaged<ThreadJob>.fromOpaque(argument).release()
            body()
        }
    }

    /// Waits for its end.
    func join() {
        if isRunning { pthread_join(handle, nil) }
    }

    /// Lets it end by itself.
    func detach() {
        if isRunning { pthread_detach(handle) }
    }
}

/// What a thread is started with.
private final class ThreadJob: Sendable {
    private let name: String
    private let body: @Sendable () -> Void

    init(name: String, _ body: @escaping @Sendable () -> Void) {
        self.name = name
        self.body = body
    }

    func run() {
        CurrentThread.setName(name)
        body()
    }
}

/// What threads beside a loop have brought about and the loop has not heard of yet.
final class Outcomes<Value: Sendable>: Sendable {
    private let values = Mutex<[Value]>([])

    init() {}

    func append(_ value: Value) {
        values.withLock { $0.append(value) }
    }

    /// Takes the oldest out.
    func take() -> Value? {
        values.withLock { $0.isEmpty ? nil : $0.removeFirst() }
    }
}
