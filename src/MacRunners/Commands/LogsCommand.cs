using System.CommandLine;
using System.Text;
using System.Text.Json;
using MacRunners.Hosting;
using MacRunners.Hosting.Logging;
using MacRunners.Settings;
using Microsoft.Win32.SafeHandles;

namespace MacRunners.Commands;

/// <summary>Verb <c>logs</c>: reads the files, so it works without a running daemon.</summary>
internal static class LogsCommand
{
    private const string AccountPrefix = "bk-";

    private static readonly FileStream StandardOutput = new(new SafeFileHandle(1, ownsHandle: false), FileAccess.Write, bufferSize: 0);

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LastLook = TimeSpan.FromSeconds(1);

    /// <summary>The verb.</summary>
    public static Command Create()
    {
        var job = new Option<string?>("--job")
        {
            Description = "The log of this job instead of the daemon's: what macrunners did for it (what the job itself printed is at Buildkite)",
            HelpName = "ID",
        };
        job.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string?>() is { } id && !TryParse(id, out _))
            {
                result.AddError($"--job '{id}' is no job id (a UUID, or the account's name bk-UUID)");
            }
        });
        var follow = new Option<bool>("--follow", "-f") { Description = "Go on with what is written from now on; with --job until the job is over" };
        var lines = new Option<int>("--lines", "-n") { Description = "Last lines to begin with; 0 for all", DefaultValueFactory = _ => 100, HelpName = "N" };
        lines.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < 0)
            {
                result.AddError("--lines must not be negative");
            }
        });
        var json = new Option<bool>("--json") { Description = "The daemon's log as it is kept: one JSON object per line" };
        var flags = new ConfigurationFlags();
        var command = new Command("logs", "Shows the daemon's log, or that of one job. Exit codes: 0 shown, 1 there is none, 77 not root.")
        {
            job, follow, lines, json,
        };
        flags.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            if (!Environment.IsPrivilegedProcess)
            {
                return ControlVerb.Complain("the logs are root's: run this as root.", ExitCodes.NotRoot);
            }

            var paths = flags.Audit(parsed, hasTokenInEnvironment: true).Settings.Paths;
            try
            {
                return parsed.GetValue(job) is { } id && TryParse(id, out var known)
                    ? await ShowJobAsync(paths, known, parsed.GetValue(lines), parsed.GetValue(follow), cancellation)
                    : await ShowDaemonAsync(paths, parsed.GetValue(lines), parsed.GetValue(follow), parsed.GetValue(json), cancellation);
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                return ExitCodes.Success;
            }
            catch (BrokenOutputException)
            {
                // Whoever read this has seen enough, as in "logs --follow | head".
                return ExitCodes.Success;
            }
        });
        return command;
    }

    /// <summary>One event of the daemon's log, for people.</summary>
    public static string Plain(string line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            var root = document.RootElement;
            var time = root.GetProperty("@t").GetString();
            var level = root.TryGetProperty("@l", out var named) ? named.GetString() : "Information";
            var text = $"{time} {level!.ToUpperInvariant()[..3]} {Visible.Text(root.GetProperty("@m").GetString()!)}";
            return root.TryGetProperty("@x", out var exception)
                ? string.Join('\n', [text, .. exception.GetString()!.Split('\n').Select(Visible.Text)])
                : text;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            // Torn by a crash: shown as far as it goes.
            return Visible.Text(line);
        }
    }

    private static bool TryParse(string id, out Guid job) =>
        Guid.TryParseExact(id.StartsWith(AccountPrefix, StringComparison.Ordinal) ? id[AccountPrefix.Length..] : id, "D", out job);

    private static async Task<int> ShowJobAsync(PathsOptions paths, Guid job, int lines, bool follow, CancellationToken cancellationToken)
    {
        var file = Path.Combine(paths.Logs, StateFolders.JobLogsName, $"{job:D}.log");
        var report = Path.ChangeExtension(file, ".json");
        while (follow && !File.Exists(file) && !File.Exists(report))
        {
            await Task.Delay(Look, TimeProvider.System, cancellationToken);
        }

        if (!File.Exists(file))
        {
            return ControlVerb.Complain($"there is no {file}: this machine never had the job, or its log was removed (Log:KeepJobs)", ExitCodes.Failure);
        }

        using var tail = new LogTail(file);
        Write(Last(tail.ReadLines(), lines), line => line);
        for (var isOver = false; follow && !isOver;)
        {
            // Looked at first, and then once more: the last lines come right behind the report.
            isOver = File.Exists(report);
            await Task.Delay(isOver ? LastLook : Look, TimeProvider.System, cancellationToken);
            Write(tail.ReadLines(), line => line);
        }

        return ExitCodes.Success;
    }

    private static async Task<int> ShowDaemonAsync(PathsOptions paths, int lines, bool follow, bool json, CancellationToken cancellationToken)
    {
        if (Newest(paths) is not { } file)
        {
            return ControlVerb.Complain($"there is no log in {paths.Logs}: the daemon was never started with this configuration", ExitCodes.Failure);
        }

        Func<string, string> shape = json ? line => line : Plain;
        var tail = new LogTail(file);
        try
        {
            Write(Last(tail.ReadLines(), lines), shape);
            while (follow)
            {
                // The rolled file's last lines come before the next file's first.
                var newest = Newest(paths);
                Write(tail.ReadLines(), shape);
                if (newest is not null && newest != file)
                {
                    tail.Dispose();
                    (file, tail) = (newest, new LogTail(newest));
                    continue;
                }

                await Task.Delay(Look, TimeProvider.System, cancellationToken);
            }
        }
        finally
        {
            tail.Dispose();
        }

        return ExitCodes.Success;
    }

    private static string? Newest(PathsOptions paths) => !Directory.Exists(paths.Logs)
        ? null
        : Directory.EnumerateFiles(paths.Logs, LoggingRegistration.DaemonFiles).Max(StringComparer.Ordinal);

    private static IEnumerable<string> Last(IEnumerable<string> lines, int count)
    {
        if (count == 0)
        {
            return lines;
        }

        var last = new Queue<string>(count);
        foreach (var line in lines)
        {
            if (last.Count == count)
            {
                _ = last.Dequeue();
            }

            last.Enqueue(line);
        }

        return last;
    }

    // Not Console: it hides from us that nobody reads any more.
    private static void Write(IEnumerable<string> lines, Func<string, string> shape)
    {
        foreach (var line in lines)
        {
            var bytes = Encoding.UTF8.GetBytes(shape(line) + "\n");
            try
            {
                StandardOutput.Write(bytes);
            }
            catch (IOException e)
            {
                throw new BrokenOutputException(e);
            }
        }
    }

    /// <summary>Nobody reads the standard output any more, or it cannot be written.</summary>
    private sealed class BrokenOutputException(Exception inner) : Exception(inner.Message, inner);
}
