using System.CommandLine;
using System.Text.Json;
using MacRunners.Fleet.Images;
using MacRunners.Fleet.Pipeline;
using MacRunners.Fleet.Versions;

namespace MacRunners.Fleet.Commands;

/// <summary>Verb <c>image due</c>.</summary>
internal static class DueCommand
{
    private const string Step = "due";

    private static readonly TimeSpan DefaultMaxAge = TimeSpan.FromHours(20);

    /// <summary>The verb.</summary>
    public static Command Create(FleetContext context)
    {
        var orka = new OrkaFlags(context);
        var (family, manifest, repository, json) = (ImageFlags.Family(), ImageFlags.Manifest(), ImageFlags.Repository(), ImageFlags.AsJson());
        var macOs = ImageFlags.MacOs();
        var maxAge = ImageFlags.Duration("--max-age", "From this age on an image is rebuilt.", DefaultMaxAge);
        var force = new Option<bool>("--force") { Description = "Everything is due." };
        var gitHub = new Option<bool>("--github-output") { Description = "Also write matrix=[...] and any=true|false to the file that GITHUB_OUTPUT names." };
        var notify = new Option<bool>("--notify") { Description = "Send a message for each image that is not due, and one when it cannot be found out." };
        var testHost = NotifyCommand.TestHost();
        var command = orka.AddTo(new Command(
            Step, "Says which images have to be built: there is none, its inputs changed, it is too old, or --force. The newest promoted image counts; what is unknown counts as due.")
        {
            macOs, maxAge, force, gitHub, notify, family, manifest, repository, json, testHost,
        });
        command.SetAction(async (parsed, cancellation) =>
        {
            var start = context.Time.GetTimestamp();
            try
            {
                var decisions = await DecideAsync(parsed, cancellation);
                await context.Output.WriteLineAsync(parsed.GetValue(json)
                    ? JsonSerializer.Serialize(decisions, ImageFlags.Json)
                    : string.Join('\n', decisions.Select(decision => $"macOS {decision.MacOs}: {(decision.IsDue ? "due" : "not due")}: {decision.Reason}")));
                if (parsed.GetValue(gitHub))
                {
                    await WriteOutputAsync(context, decisions, cancellation);
                }

                foreach (var decision in decisions.Where(decision => parsed.GetValue(notify) && !decision.IsDue))
                {
                    await NotifyCommand.SendAsync(
                        context, $"macOS {decision.MacOs}", [new StepResult(Step, StepOutcome.Skipped, 0, decision.Reason, decision.Newest)], parsed.GetValue(testHost), cancellation);
                }

                return ExitCodes.Success;
            }
            catch (Exception e) when (parsed.GetValue(notify) && (e is OperationCanceledException || FleetCommandLine.Code(e) is not null))
            {
                // No image has a run that could tell of it: the night would pass in silence.
                var step = new StepResult(Step, StepOutcome.Failed, Math.Round(context.Time.GetElapsedTime(start).TotalSeconds, 1), e is OperationCanceledException ? "interrupted" : e.Message, Image: null);
                await NotifyCommand.SendAsync(context, "All images", [step], parsed.GetValue(testHost), CancellationToken.None);
                throw;
            }
        });
        return command;

        async Task<IReadOnlyList<RebuildDecision>> DecideAsync(ParseResult parsed, CancellationToken cancellation)
        {
            var wanted = ManifestFile.Read(parsed.GetValue(manifest)!).Select(Numbers(parsed.GetValue(macOs) ?? []));
            using var cluster = await orka.ConnectAsync(parsed, cancellation);
            var promoted = Promotions.Of(parsed.GetValue(family)!, await cluster.ListVmConfigsAsync(cancellation));
            var changes = new Dictionary<string, IReadOnlyList<string>?>();
            foreach (var commit in promoted.Select(image => image.Commit).Distinct())
            {
                changes[commit] = parsed.GetValue(force) ? null : await SourceChanges.SinceAsync(commit, parsed.GetValue(repository)!, cancellation);
            }

            return
            [
                .. wanted.Select(version => RebuildDecision.Make(
                    version, promoted, context.Time.GetUtcNow(), parsed.GetValue(maxAge), parsed.GetValue(force), commit => changes[commit])),
            ];
        }
    }

    /// <summary>Versions of macOS as people write them: 14,15 or one at a time.</summary>
    public static IReadOnlyList<int> Numbers(IReadOnlyList<string> given)
    {
        var words = given.SelectMany(text => text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)).ToList();
        var wrong = words.Where(word => !int.TryParse(word, out _)).ToList();
        return wrong.Count > 0 ? throw new InvalidDataException($"--macos {string.Join(", ", wrong)}: give numbers such as 14,15") : [.. words.Select(int.Parse)];
    }

    private static async Task WriteOutputAsync(FleetContext context, IReadOnlyList<RebuildDecision> decisions, CancellationToken cancellation)
    {
        var path = context.Variable("GITHUB_OUTPUT") is { Length: > 0 } name ? name : throw new InvalidDataException("--github-output: GITHUB_OUTPUT is not set, so this is no step of a workflow");
        var due = decisions.Where(decision => decision.IsDue).Select(decision => decision.MacOs).ToList();
        await File.AppendAllTextAsync(path, $"matrix=[{string.Join(',', due)}]\nany={(due.Count > 0 ? "true" : "false")}\n", cancellation);
    }
}
