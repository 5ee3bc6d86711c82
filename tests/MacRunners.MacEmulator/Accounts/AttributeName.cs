namespace MacRunners.MacEmulator.Accounts;

/// <summary>Names of attributes: short as people write them, and full with their prefix as they are stored.</summary>
internal static class AttributeName
{
    internal const string StandardPrefix = "dsAttrTypeStandard:";
    internal const string NativePrefix = "dsAttrTypeNative:";

    internal const string RecordName = StandardPrefix + "RecordName";
    internal const string UniqueId = StandardPrefix + "UniqueID";
    internal const string PrimaryGroupId = StandardPrefix + "PrimaryGroupID";
    internal const string Home = StandardPrefix + "NFSHomeDirectory";
    internal const string Shell = StandardPrefix + "UserShell";
    internal const string RealName = StandardPrefix + "RealName";
    internal const string Password = StandardPrefix + "Password";
    internal const string AuthenticationAuthority = StandardPrefix + "AuthenticationAuthority";
    internal const string GeneratedUid = StandardPrefix + "GeneratedUID";
    internal const string GroupMembership = StandardPrefix + "GroupMembership";
    internal const string RecordType = StandardPrefix + "RecordType";
    internal const string NodeLocation = StandardPrefix + "AppleMetaNodeLocation";

    // Without a prefix these are standard ones; whatever else is native.
    private static readonly HashSet<string> Standard = new(StringComparer.Ordinal)
    {
        "RecordName", "UniqueID", "PrimaryGroupID", "NFSHomeDirectory", "UserShell", "RealName", "Password", "GeneratedUID",
        "GroupMembership", "GroupMembers", "NestedGroups", "RecordType", "AppleMetaNodeLocation", "AuthenticationAuthority",
        "Comment", "FirstName", "LastName", "EMailAddress", "Picture", "JPEGPhoto", "AuthenticationHint", "HomeDirectory",
    };

    internal static string Full(string name) =>
        name.StartsWith(StandardPrefix, StringComparison.Ordinal) || name.StartsWith(NativePrefix, StringComparison.Ordinal) ? name
        : Standard.Contains(name) ? StandardPrefix + name
        : NativePrefix + name;

    /// <summary>As <c>dscl</c> prints it: standard ones without prefix.</summary>
    internal static string Display(string full) =>
        full.StartsWith(StandardPrefix, StringComparison.Ordinal) ? full[StandardPrefix.Length..] : full;
}
