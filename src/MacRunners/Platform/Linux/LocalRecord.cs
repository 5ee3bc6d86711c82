using System.Globalization;

namespace MacRunners.Platform.Linux;

/// <summary>A line of <c>/etc/passwd</c> or <c>/etc/group</c>.</summary>
internal sealed record LocalRecord(string Name, uint? Id, string? Home)
{
    private const int IdField = 2;
    private const int HomeField = 5;

    /// <summary>name:password:uid:gid:description:home:shell; null for a line that is no record.</summary>
    internal static LocalRecord? User(string line) => Parse(line, HomeField);

    /// <summary>name:password:gid:members; null for a line that is no record.</summary>
    internal static LocalRecord? Group(string line) => Parse(line, homeField: null);

    private static LocalRecord? Parse(string line, int? homeField)
    {
        var fields = line.Split(':');
        return fields.Length <= IdField || fields[0].Length == 0
            ? null
            : new LocalRecord(
                fields[0],
                uint.TryParse(fields[IdField], NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : null,
                homeField is { } index && fields.Length > index ? fields[index] : null);
    }
}
