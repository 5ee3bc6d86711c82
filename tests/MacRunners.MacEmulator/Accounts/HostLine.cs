using System.Globalization;

namespace MacRunners.MacEmulator.Accounts;

/// <summary>A line of <c>/etc/passwd</c> or <c>/etc/group</c>, as far as the emulator reads it.</summary>
/// <param name="Text">The whole line.</param>
/// <param name="Fields">Its fields.</param>
internal sealed record HostLine(string Text, string[] Fields)
{
    internal static HostLine Parse(string text) => new(text, text.Split(':'));

    internal string Name => Fields[0];

    /// <summary>The third field in both files; null for comments and NIS lines.</summary>
    internal uint? Id => Fields.Length > 2 && uint.TryParse(Fields[2], NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : null;
}
