extension Entry {
    /// The value's type, as TYPE and SCAN's TYPE name it.
    package var typeName: StaticString {
        switch form {
        case .integer, .inline, .long: "string"
        }
    }
}
