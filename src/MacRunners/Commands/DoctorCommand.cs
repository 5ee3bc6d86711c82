using System.CommandLine;
using MacRunners.Diagnosis;
using MacRunners.Hosting;
using MacRunners.Hosting.Configuration;
using Microsoft.Extensions.Logging.Abstractions;

namespace MacRunners.Commands;

/// <summary>Verb <c>doctor</c>: what is wrong with this machine, and what to do about it.</summary>
internal static class DoctorCommand
{
    /// <summary>The verb.</summary>
    public static Command Create()
    {
        var flags = new ConfigurationFlags();
        var json = new Option<bool>("--json") { Description = "Write {failed, warnings, findings:[{check, status, what, remedy}]}" };
        var noProbe = new Option<bool>("--no-probe") { Description = "Make and delete no account" };
        var command = new Command(
            "doctor",
            "Examines this machine before the first start, or when something is wrong: rights, configuration, paths, agent, token, Buildkite, clock, accounts, "
                + "disk, memory, port, service, leftovers of jobs. While no daemon runs it also makes an account, runs the agent's --version in it, and deletes it again. "
                + "Nothing is registered at Buildkite. Every finding that is not ok says what to do. Exit codes: 0 no failure (there may be warnings), 1 failures.")
        {
            json, noProbe,
        };
        flags.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var tokenFromEnvironment = AgentTokenVariable.Take();
            var audit = flags.Audit(parsed, tokenFromEnvironment is not null);
            var token = Token(audit, tokenFromEnvironment);
            await using var services = OfflineServices.Build(audit, token);
            var examinations = Examinations.All(audit, token, services, withProbe: !parsed.GetValue(noProbe));
            var report = DoctorReport.Of(await new Doctor(examinations, TimeProvider.System).ExamineAsync(cancellation));
            Console.WriteLine(parsed.GetValue(json) ? report.Json() : report.Table().TrimEnd());
            return report.Failed == 0 ? ExitCodes.Success : ExitCodes.Failure;
        });
        return command;
    }

    private static IAgentToken Token(ConfigurationAudit audit, string? fromEnvironment) =>
        audit.Settings.Buildkite.TokenFile is { Length: > 0 } file
            ? new AgentTokenFile(file, audit.Platform.Files, TimeProvider.System, NullLogger<AgentTokenFile>.Instance)
            : fromEnvironment is not null ? new FixedAgentToken(fromEnvironment, TimeProvider.System)
            : new NoAgentToken();
}
