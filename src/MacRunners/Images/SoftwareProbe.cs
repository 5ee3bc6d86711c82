using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace MacRunners.Images;

/// <summary>Is it there, in the version of the manifest, made for this processor?</summary>
internal sealed class SoftwareProbe(SoftwareItem item, VersionProbe probe, JobPrograms programs) : ImageProbe(item.Name)
{
    /// <inheritdoc/>
    public override async Task<ProbeFinding> RunAsync(CancellationToken cancellationToken)
    {
        var name = item.Expand(probe.Program);
        var expected = item.Version ?? $"a line like {probe.Expects}";
        if (programs.Find(name) is not { } program)
        {
            return Failed(expected, $"no {name} in {(name.StartsWith('/') ? "place" : $"the PATH of jobs ({string.Join(':', programs.Folders)})")}");
        }

        var real = JobPrograms.Target(program);
        if (ExecutableArchitecture.Of(real) is { Count: > 0 } made && !made.Contains(RuntimeInformation.OSArchitecture))
        {
            return Failed($"a program for {RuntimeInformation.OSArchitecture}", $"one for {string.Join(", ", made)}: it would need Rosetta", real);
        }

        var result = await programs.RunAsync(program, [.. probe.Arguments.Select(item.Expand)], [], "", cancellationToken);
        var line = $"{result.Output}\n{result.Error}".Split('\n').Select(text => text.TrimEnd('\r')).FirstOrDefault(text => text.Trim().Length > 0) ?? "no output";
        return result.ExitCode != 0 ? Failed(expected, result.Summary, real)
            : Regex.IsMatch(line, item.ExpandPattern(probe.Expects), RegexOptions.None, TimeSpan.FromSeconds(1)) ? Ok(line.Trim(), real)
            : Failed(expected, line.Trim(), real);
    }
}
