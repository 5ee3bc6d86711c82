using System.Text.RegularExpressions;
using MacRunners.Simulator.Agent.Processes;

namespace MacRunners.Simulator.Agent.Bootstrap;

/// <summary>Brings the job's commit into the working folder with real git, as the agent's default checkout does.</summary>
internal sealed partial class GitCheckout(JobShell shell, BootstrapSettings settings)
{
    private const string Git = "git";
    private const string BadObject = "fatal: bad object";
    private const string BadReference = "fatal: couldn't find remote ref";
    private const int GitFatal = 128;

    /// <summary>Whether the last failure may come from a broken working folder, so that a fresh one is worth a try.</summary>
    public bool FolderSuspect { get; private set; }

    public async Task RunAsync(CancellationToken cancel)
    {
        FolderSuspect = false;
        var repository = shell.Changeable("BUILDKITE_REPO");
        if (Path.Exists(Path.Combine(shell.Folder, ".git")))
        {
            await UpdateRemoteAsync(repository, cancel);
        }
        else
        {
            await SuspectingAsync("cloning git repository", ["clone", .. Flags("CLONE"), "--", repository, "."], cancel);
        }

        await CleanAsync("cleaning git repository", cancel);
        await FetchAsync(cancel);
        await CheckoutAsync(settings.Commit == "HEAD" ? "FETCH_HEAD" : settings.Commit, cancel);
        await UpdateSubmodulesAsync(cancel);
        shell.Log.Comment("Cleaning again to catch any post-checkout changes");
        await CleanAsync("cleaning repository post-checkout", cancel);
    }

    /// <summary>Tells the server about the commit, unless another job of the build has.</summary>
    public async Task SendCommitAsync(CancellationToken cancel)
    {
        const string Key = "buildkite:git:commit";
        shell.Log.Comment("Checking to see if git commit information needs to be sent to Buildkite...");
        try
        {
            await shell.RunAsync(AgentSelf.Name, ["meta-data", "exists", Key], cancel);
            shell.Log.Comment("Git commit information has already been sent to Buildkite");
            return;
        }
        catch (JobFailureException)
        {
            // Absent, or not to be had: the agent sends it in both cases.
            shell.Log.Comment("Sending Git commit information back to Buildkite");
        }

        var commit = await During("getting git commit information", shell.CaptureAsync(
            Git,
            ["--no-pager", "log", "-1", settings.Commit, "-s", "--no-color", "--format=commit %H%nabbrev-commit %h%nAuthor: %an <%ae>%n%n%w(0,4,4)%B"],
            cancel));
        await During("sending git commit information to Buildkite", FeedAsync());

        async Task<bool> FeedAsync()
        {
            await shell.FeedAsync(AgentSelf.Name, ["meta-data", "set", Key], commit, cancel);
            return true;
        }
    }

    private static async Task<T> During<T>(string context, Task<T> work)
    {
        try
        {
            return await work;
        }
        catch (JobFailureException e)
        {
            throw e.During(context);
        }
    }

    private IReadOnlyList<string> Flags(string command) => ShellWords.Split(shell.Changeable($"BUILDKITE_GIT_{command}_FLAGS"));

    private async Task UpdateRemoteAsync(string repository, CancellationToken cancel)
    {
        var known = await During("setting origin", shell.CaptureAsync(Git, ["remote", "get-url", "origin"], cancel));
        if (known != repository)
        {
            shell.Log.Comment($"Remote URL for git directory {shell.Folder} has changed ({known} -> {repository})!");
            await PlainAsync("setting origin", ["remote", "set-url", "origin", repository], cancel);
        }
    }

    private async Task CleanAsync(string context, CancellationToken cancel)
    {
        await SuspectingAsync(context, ["clean", .. Flags("CLEAN")], cancel);
        if (Path.Exists(Path.Combine(shell.Folder, ".gitmodules")))
        {
            await SuspectingAsync(context, ["submodule", "foreach", "--recursive", $"git clean {string.Join(' ', Flags("CLEAN"))}"], cancel);
        }
    }

    private async Task FetchAsync(CancellationToken cancel)
    {
        var pullRequest = settings.Flags.Text("pullrequest");
        if (shell.Changeable("BUILDKITE_REFSPEC") is { Length: > 0 } refspec)
        {
            shell.Log.Comment("Fetch and checkout custom refspec");
            await FetchRefsAsync($"fetching refspec \"{refspec}\"", ShellWords.Split(refspec), cancel);
        }
        else if (pullRequest != "false" && settings.Flags.Text("pipeline-provider").Contains("github", StringComparison.Ordinal))
        {
            shell.Log.Comment("Fetch and checkout pull request head from GitHub");
            await FetchRefsAsync("fetching PR refspec", [$"refs/pull/{pullRequest}/head"], cancel);
            if (settings.Commit != "HEAD")
            {
                await FetchCommitAsync(cancel);
            }
        }
        else if (settings.Commit == "HEAD")
        {
            shell.Log.Comment("Fetch and checkout remote branch HEAD commit");
            await FetchRefsAsync($"fetching branch \"{settings.Branch}\"", ShellWords.Split(settings.Branch), cancel);
        }
        else
        {
            await FetchCommitAsync(cancel);
        }
    }

    private async Task FetchCommitAsync(CancellationToken cancel)
    {
        try
        {
            await FetchRefsAsync($"fetching commit \"{settings.Commit}\"", ShellWords.Split(settings.Commit), cancel);
        }
        catch (JobFailureException) when (!FolderSuspect)
        {
            // A short hash, for one, cannot be asked for.
            shell.Log.Comment("Commit fetch failed, trying to fetch all heads and tags");
            var all = await During("getting remote.origin.fetch", shell.CaptureAsync(Git, ["config", "remote.origin.fetch"], cancel));
            await FetchRefsAsync($"fetching commit \"{settings.Commit}\"", [all, "+refs/tags/*:refs/tags/*"], cancel);
        }
    }

    private async Task FetchRefsAsync(string context, IReadOnlyList<string> refs, CancellationToken cancel)
    {
        var (state, search) = await shell.RunSearchedAsync(
            Git, ["fetch", .. Flags("FETCH"), "--", "origin", .. refs], [BadObject, BadReference], cancel);
        if (!state.Success)
        {
            FolderSuspect = search.Saw(BadObject) || (!search.Saw(BadReference) && state.Status == GitFatal);
            throw JobFailureException.From(state, context);
        }
    }

    private async Task CheckoutAsync(string reference, CancellationToken cancel)
    {
        const string NoTree = "fatal: reference is not a tree";
        var context = $"checking out commit \"{reference}\"";
        if (BadReferenceName().IsMatch(reference))
        {
            throw new JobFailureException($"{context}: \"{reference}\" is not a valid git ref format");
        }

        var (state, search) = await shell.RunSearchedAsync(Git, ["checkout", .. Flags("CHECKOUT"), reference], [NoTree], cancel);
        if (!state.Success)
        {
            FolderSuspect = !search.Saw(NoTree) && state.Status == GitFatal;
            throw JobFailureException.From(state, context);
        }
    }

    private async Task UpdateSubmodulesAsync(CancellationToken cancel)
    {
        if (!Path.Exists(Path.Combine(shell.Folder, ".gitmodules")))
        {
            return;
        }

        if (!settings.Flags.On("git-submodules"))
        {
            shell.Log.OptionalWarning("submodules-disabled", "This repository has submodules, but submodules are disabled at an agent level");
            return;
        }

        shell.Log.Comment("Git submodules detected");
        await PlainAsync("syncing submodules", ["submodule", "sync", "--recursive"], cancel);
        await PlainAsync("updating submodules", ["submodule", "update", "--init", "--recursive", "--force"], cancel);
        await PlainAsync("resetting submodules", ["submodule", "foreach", "--recursive", "git reset --hard"], cancel);
    }

    private async Task SuspectingAsync(string context, IReadOnlyList<string> arguments, CancellationToken cancel)
    {
        FolderSuspect = true;
        await PlainAsync(context, arguments, cancel);
        FolderSuspect = false;
    }

    private async Task PlainAsync(string context, IReadOnlyList<string> arguments, CancellationToken cancel)
    {
        try
        {
            await shell.RunAsync(Git, arguments, cancel);
        }
        catch (JobFailureException e)
        {
            throw e.During(context);
        }
    }

    [GeneratedRegex(@"\.\.|[\x00-\x1f\x7f]|[ ~^:]|\.$|^@$|\\|^-")]
    private static partial Regex BadReferenceName();
}
