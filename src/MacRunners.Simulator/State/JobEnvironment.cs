using System.Globalization;

namespace MacRunners.Simulator.State;

/// <summary>
/// The environment a job gets from the service. The pipeline's own variables may replace the describing ones (branch, message …), never
/// those that say which job, build and agent this is.
/// </summary>
internal static class JobEnvironment
{
    private const string BranchVariable = "BUILDKITE_BRANCH";
    private const string DefaultBranch = "main";
    private const string Label = "demo";

    public static string Branch(Job job) => job.Spec.Env.GetValueOrDefault(BranchVariable, DefaultBranch);

    /// <summary>Everything known before an agent has the job.</summary>
    public static Dictionary<string, string> Of(Job job, string organization, string pipeline, string address)
    {
        var number = job.Build.Number.ToString(CultureInfo.InvariantCulture);
        var env = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["CI"] = "true",
            [BranchVariable] = DefaultBranch,
            ["BUILDKITE_COMMIT"] = "HEAD",
            ["BUILDKITE_MESSAGE"] = $"Job {number}",
            ["BUILDKITE_LABEL"] = Label,
            ["BUILDKITE_PIPELINE_NAME"] = pipeline,
            ["BUILDKITE_PIPELINE_PROVIDER"] = "git",
            ["BUILDKITE_PULL_REQUEST"] = "false",
            ["BUILDKITE_SOURCE"] = "api",
            ["BUILDKITE_TAG"] = "",
        };
        foreach (var (name, value) in job.Spec.Env)
        {
            env[name] = value;
        }

        env["BUILDKITE"] = "true";
        env["BUILDKITE_JOB_ID"] = job.Id;
        env["BUILDKITE_BUILD_ID"] = job.Build.Id;
        env["BUILDKITE_BUILD_NUMBER"] = number;
        env["BUILDKITE_BUILD_URL"] = $"{address}/{organization}/{pipeline}/builds/{number}";
        env["BUILDKITE_COMMAND"] = job.Spec.Command;
        env["BUILDKITE_ORGANIZATION_SLUG"] = organization;
        env["BUILDKITE_PIPELINE_SLUG"] = pipeline;
        env["BUILDKITE_REPO"] = job.Repo;
        env["BUILDKITE_STEP_ID"] = job.StepId;
        env["BUILDKITE_STEP_KEY"] = job.Spec.StepKey ?? "";
        env["BUILDKITE_TIMEOUT"] = job.Spec.TimeoutSeconds is { } seconds
            ? Math.Ceiling(seconds / 60.0).ToString(CultureInfo.InvariantCulture)
            : "false";
        return env;
    }

    /// <summary>Adds what depends on the agent: its id, its name, and its tags.</summary>
    public static Dictionary<string, string> WithAgent(Dictionary<string, string> env, RegisteredAgent agent)
    {
        env["BUILDKITE_AGENT_ID"] = agent.Id;
        env["BUILDKITE_AGENT_NAME"] = agent.Name;
        foreach (var tag in agent.Registration.MetaData)
        {
            var parts = tag.Split('=', 2);
            env["BUILDKITE_AGENT_META_DATA_" + VariableName(parts[0])] = parts.Length > 1 ? parts[1] : "";
        }

        env["BUILDKITE_AGENT_META_DATA_QUEUE"] = agent.QueueKey;
        return env;
    }

    private static string VariableName(string tag) =>
        string.Concat(tag.Select(letter => char.IsAsciiLetterOrDigit(letter) ? char.ToUpperInvariant(letter) : '_'));
}
