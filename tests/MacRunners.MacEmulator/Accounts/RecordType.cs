namespace MacRunners.MacEmulator.Accounts;

/// <summary>Kinds of records; each is a folder of the node.</summary>
internal enum RecordType
{
    /// <summary><c>/Users</c>.</summary>
    Users,

    /// <summary><c>/Groups</c>.</summary>
    Groups,
}
