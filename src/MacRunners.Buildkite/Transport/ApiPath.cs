namespace MacRunners.Buildkite;

/// <summary>Builds request addresses in which no value can change the shape of the path.</summary>
internal static class ApiPath
{
    /// <summary>Escapes one segment; a dot becomes %2E, as the service would take what follows it for a format suffix.</summary>
    public static string Segment(string value)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(value);
        return Uri.EscapeDataString(value).Replace(".", "%2E", StringComparison.Ordinal);
    }

    /// <summary>
    /// Joins the endpoint and a path of escaped segments. The usual constructor of <see cref="Uri"/> would turn %2E back into a dot
    /// (and then drop segments made of dots); everything here is escaped already, so that "improvement" is switched off.
    /// </summary>
    public static Uri Join(Uri endpoint, string path) =>
        new($"{endpoint.GetLeftPart(UriPartial.Path).TrimEnd('/')}/{path}", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
}
