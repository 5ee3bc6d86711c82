namespace MacRunners.Images;

/// <summary>Does it work? A script that uses it, built into this program: <c>Functions/NAME.sh</c> for the software of that name.</summary>
internal sealed class ScriptProbe(SoftwareItem item, string script, JobPrograms programs) : ImageProbe($"{item.Name} works")
{
    private const string Prefix = "Images/Functions/";

    /// <summary>The script for a software; null when there is none.</summary>
    public static string? ScriptOf(SoftwareItem item)
    {
        using var stream = typeof(ScriptProbe).Assembly.GetManifestResourceStream($"{Prefix}{item.Name}.sh");
        if (stream is null)
        {
            return null;
        }

        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    /// <inheritdoc/>
    public override async Task<ProbeFinding> RunAsync(CancellationToken cancellationToken)
    {
        var result = await programs.RunAsync("/bin/bash", ["-s"], [$"MAJOR={item.Expand("{major}")}"], script, cancellationToken);
        return result.ExitCode == 0 ? Ok(result.Output.Trim()) : Failed("a script that uses it to succeed", result.Summary);
    }
}
