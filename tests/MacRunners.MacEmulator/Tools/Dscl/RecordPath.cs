using MacRunners.MacEmulator.Accounts;

namespace MacRunners.MacEmulator.Tools.Dscl;

/// <summary>A path inside the node: <c>/</c>, <c>/Users</c> or <c>/Users/NAME</c>.</summary>
/// <param name="Type">Null for the node itself.</param>
/// <param name="Name">Null for a folder of records.</param>
internal sealed record RecordPath(RecordType? Type, string? Name)
{
    /// <exception cref="DirectoryServiceException">There is no such place.</exception>
    internal static RecordPath Parse(string path)
    {
        var parts = path.Split('/', 2 + 1, StringSplitOptions.RemoveEmptyEntries);
        return parts switch
        {
            [] => new RecordPath(null, null),
            [var type] when Enum.TryParse<RecordType>(type, out var parsed) && type == parsed.ToString() => new RecordPath(parsed, null),
            [var type, var name] when Enum.TryParse<RecordType>(type, out var parsed) && type == parsed.ToString() => new RecordPath(parsed, name),
            _ => throw new DirectoryServiceException(DirectoryStatus.UnknownNodeName),
        };
    }

    internal (RecordType Type, string Name) Record =>
        Type is { } type && Name is { } name ? (type, name) : throw new DirectoryServiceException(DirectoryStatus.UnknownNodeName);
}
