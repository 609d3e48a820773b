/// Turns a draft into settings, or into the sentence that says why its parts cannot all hold.
struct ContradictionCheck {
    let draft: SettingsDraft
    /// Where each given setting was written, by its name.
    let origins: [String: SettingOrigin]

    func resolve(inheritedCPUs: [Int]) throws(SettingsError) -> ServerSettings {
        try checkCPUs(inheritedCPUs: inheritedCPUs)
        let cpus = draft.cpus ?? inheritedCPUs
        var settings = ServerSettings(
            addresses: draft.addresses,
            port: draft.port,
            nodePort: draft.nodePort,
            corePortFirst: draft.corePortFirst,
            coreCount: draft.coreCount ?? min(max(cpus.count, 1), ServerSettings.coreCountMax),
            cpus: cpus,
            password: draft.password,
            isProtected: draft.isProtected,
            clientCountMax: draft.clientCountMax,
            logLevel: draft.logLevel)
        settings.dataDirectory = draft.isPersistent ? draft.dataDirectory : nil
        settings.syncPolicy = draft.syncPolicy
        settings.compressedOver = draft.compressedOver
        try checkPorts(of: settings)
        try checkReach(of: settings)
        return settings
    }

    private func checkCPUs(inheritedCPUs: [Int]) throws(SettingsError) {
        guard let cpus = draft.cpus else { return }
        let missing = cpus.filter { !inheritedCPUs.contains($0) }
        guard missing.isEmpty else {
            throw contradiction(
                [.cpus],
                "\(name(.cpus)) asks for CPU \(CPUList.format(missing)), but this process may only "
                    + "run on \(CPUList.format(inheritedCPUs)): choose among those.")
        }
        guard let coreCount = draft.coreCount, coreCount > cpus.count else { return }
        throw contradiction(
            [.cores, .cpus],
            "\(name(.cores)) asks for \(coreCount) cores, but \(name(.cpus)) gives only "
                + "\(cpus.count): lower the one or lengthen the other.")
    }

    private func checkPorts(of settings: ServerSettings) throws(SettingsError) {
        guard settings.port != settings.nodePort else {
            throw contradiction(
                [.port, .nodePort],
                "\(name(.port)) and \(name(.nodePort)) are both \(settings.port): "
                    + "give each a port of its own.")
        }
        guard let first = settings.corePortFirst.map({ Int($0) }) else { return }
        let last = first + settings.coreCount - 1
        guard last <= 65_535 else {
            throw contradiction(
                [.corePorts, .cores],
                "\(name(.corePorts)) is \(first), so the last of \(settings.coreCount) cores would "
                    + "need port \(last): give \(65_536 - settings.coreCount) or less.")
        }
        let others = [(Setting.port, settings.port), (Setting.nodePort, settings.nodePort)]
        for (setting, port) in others where (first...last).contains(Int(port)) {
            throw contradiction(
                [.corePorts, setting],
                "\(name(.corePorts)) takes the ports \(first) to \(last), and \(name(setting)) is "
                    + "\(port): move one of them.")
        }
    }

    private func checkReach(of settings: ServerSettings) throws(SettingsError) {
        guard settings.isProtected, settings.password == nil else { return }
        guard let open = settings.addresses.first(where: { !$0.isLoopback }) else { return }
        throw contradiction(
            [.host],
            "\(name(.host)) opens \(open.text) to other machines without a password: set "
                + "requirepass, or protected-mode to no where only trusted machines can connect.")
    }

    private func name(_ setting: Setting) -> String {
        origins[setting.name]?.describe(setting) ?? "the default of \(setting.name)"
    }

    private func contradiction(_ settings: [Setting], _ sentence: String) -> SettingsError {
        let first = sentence.prefix(1).uppercased()
        let isFromFlag = settings.contains { origins[$0.name] == .flag }
        return .contradiction(first + sentence.dropFirst(), isFromFlag: isFromFlag)
    }
}
