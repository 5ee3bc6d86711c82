using System.Globalization;
using System.Runtime.InteropServices;
using static MacRunners.Platform.MacOS.MacUserImports;

namespace MacRunners.Platform.MacOS;

/// <summary>
/// The proof's view on accounts: asks the look-ups and searches the directory itself, so that a mistake in
/// <see cref="MacAccounts"/> cannot hide what it forgot.
/// </summary>
internal sealed class MacAccountTraces(Dscl dscl)
{
    private const int Buffer = 256 * 1024;
    private const string Standard = "dsAttrTypeStandard:";
    private const string Native = "dsAttrTypeNative:";
    private const string RecordName = "RecordName";
    private const string UniqueId = "UniqueID";
    private const string PrimaryGroupId = "PrimaryGroupID";
    private const string Members = "GroupMembership";
    private const string MembersById = "GroupMembers";

    internal async Task<IReadOnlyList<string>> FindAsync(string name, uint id, Guid? generatedUid, CancellationToken cancellationToken)
    {
        // Two runs at once: each costs up to 100 ms, and none of them searches, so no rule of how values are compared hides anything.
        var users = dscl.ReadAllAsync("/Users", cancellationToken, RecordName, UniqueId);
        var groups = await dscl.ReadAllAsync("/Groups", cancellationToken, RecordName, PrimaryGroupId, Members, MembersById);
        var number = id.ToString(CultureInfo.InvariantCulture);
        var uuid = generatedUid?.ToString("D", CultureInfo.InvariantCulture);
        return
        [
            .. Hits("/Users", await users, (RecordName, name), (UniqueId, number)),

            // By the UUID is what counts for the system, whatever the names beside it say.
            .. Hits("/Groups", groups, (RecordName, name), (PrimaryGroupId, number), (Members, name), (MembersById, uuid)),
            .. Visible(name, id),
        ];
    }

    private static IEnumerable<string> Hits(
        string folder, IReadOnlyList<IReadOnlyDictionary<string, IReadOnlyList<string>>> records, params (string Key, string? Value)[] wanted) =>
        from record in records
        from look in wanted
        where look.Value is { } value && Values(record, look.Key).Contains(value, StringComparer.OrdinalIgnoreCase)
        select $"{folder}/{string.Join(' ', Values(record, RecordName))}{(look.Key == RecordName ? "" : $" by {look.Key}")}";

    private static IReadOnlyList<string> Values(IReadOnlyDictionary<string, IReadOnlyList<string>> record, string key) =>
        record.GetValueOrDefault(Standard + key) ?? record.GetValueOrDefault(Native + key) ?? [];

    private static unsafe List<string> Visible(string name, uint id)
    {
        var traces = new List<string>();
        var buffer = (byte*)NativeMemory.Alloc(Buffer);
        try
        {
            if (getpwnam_r(name, out _, buffer, Buffer, out var found) == 0 && found != 0)
            {
                traces.Add($"{name} by getpwnam");
            }

            if (getpwuid_r(id, out _, buffer, Buffer, out found) == 0 && found != 0)
            {
                traces.Add($"user {id} by getpwuid");
            }

            if (getgrnam_r(name, out _, buffer, Buffer, out found) == 0 && found != 0)
            {
                traces.Add($"{name} by getgrnam");
            }

            if (getgrgid_r(id, out _, buffer, Buffer, out found) == 0 && found != 0)
            {
                traces.Add($"group {id} by getgrgid");
            }
        }
        finally
        {
            NativeMemory.Free(buffer);
        }

        return traces;
    }
}
