using MacRunners.Accounts;
using MacRunners.Agent;
using MacRunners.Health;
using MacRunners.Hosting;
using MacRunners.Isolation;
using MacRunners.Jobs.Journal;
using MacRunners.Platform;
using MacRunners.Settings;
using MacRunners.Teardown;
using Microsoft.Extensions.Options;

namespace MacRunners.Jobs;

/// <summary>The parts of a job's life, put together.</summary>
internal static class JobServices
{
    // Beyond the sum of all limits of a stop: the journal's last lines, the goodbye to Buildkite.
    private static readonly TimeSpan Reserve = TimeSpan.FromMinutes(1);

    /// <summary>Adds the network fence. First of all that is hosted, since it is to stand before anything else happens.</summary>
    /// <param name="services">Needs platform and settings.</param>
    /// <param name="plan">Who is kept from what.</param>
    public static IServiceCollection AddFence(this IServiceCollection services, FencePlan plan)
    {
        _ = services.AddSingleton(plan);
        _ = services.AddSingleton<FenceKeeper>();
        _ = services.AddSingleton<IFenceState>(provider => provider.GetRequiredService<FenceKeeper>());
        return services.AddHostedService(provider => provider.GetRequiredService<FenceKeeper>());
    }

    /// <summary>Adds everything from the job source to the proof. Needs platform, settings, metrics, job logs, the fence's state and the Buildkite client.</summary>
    public static IServiceCollection AddJobs(this IServiceCollection services)
    {
        _ = services.AddSingleton<ITool, Tool>();
        _ = services.AddSingleton<HelperCommand>();
        _ = services.AddSingleton(provider => provider.GetRequiredService<IPlatform>().Files);
        _ = services.AddSingleton(provider => JournalFile.Open(
            provider.GetRequiredService<IOptions<PathsOptions>>().Value.State,
            provider.GetRequiredService<IPlatform>().BootId,
            Environment.MachineName,
            (uint)provider.GetRequiredService<IOptions<AccountsOptions>>().Value.UidMax,
            provider.GetRequiredService<IPlatform>().Files,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<JournalFile>>(),
            provider.GetService<IJournalWitness>(),
            makeRoom: () => provider.GetRequiredService<Trash>().Empty(provider.GetRequiredService<SharedPlaces>().OfTrash, CancellationToken.None)));

        _ = services.AddSingleton(provider => new GuardedAccounts(
            provider.GetRequiredService<IPlatform>().Accounts,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<GuardedAccounts>>()));
        _ = services.AddSingleton<IAccountDirectory>(provider => provider.GetRequiredService<GuardedAccounts>());
        _ = services.AddSingleton<AccountRange>();
        _ = services.AddSingleton<JobAccounts>();
        _ = services.AddSingleton<AgentBinary>();
        _ = services.AddSingleton<AgentCredentials>();
        _ = services.AddSingleton<CurrentAgentLog>();
        _ = services.AddSingleton<AgentLauncher>();
        _ = services.AddSingleton<AgentSupervisor>();

        _ = services.AddSingleton<SharedPlaces>();
        _ = services.AddSingleton<Trash>();
        _ = services.AddSingleton<TrashBacklog>();
        _ = services.AddSingleton<Tripwire>();
        _ = services.AddSingleton<AccountRemains>();
        _ = services.AddSingleton<FileSweeper>();
        _ = services.AddSingleton<ProcessReaper>();
        _ = services.AddSingleton<StrayProcesses>();
        _ = services.AddSingleton<CleanlinessProof>();
        _ = services.AddSingleton<DirtyState>();
        _ = services.AddSingleton<IDirtyState>(provider => provider.GetRequiredService<DirtyState>());
        _ = services.AddSingleton<JobTeardown>();

        _ = services.AddSingleton<IJobSource, StacksJobSource>();
        _ = services.AddSingleton<JobBoard>();
        _ = services.AddSingleton<JobReports>();
        _ = services.AddSingleton<JobTruth>();
        _ = services.AddSingleton<JobClosing>();
        _ = services.AddSingleton<JobSession>();
        _ = services.AddSingleton<JobSessions>();
        _ = services.AddSingleton<Admission>();
        _ = services.AddSingleton<GrowthWatch>();
        _ = services.AddSingleton<Readiness>();
        _ = services.AddSingleton<ICanary, Canary>();
        _ = services.AddSingleton<SelfTest>();
        _ = services.AddSingleton<ISelfTestState>(provider => provider.GetRequiredService<SelfTest>());
        _ = services.AddSingleton<OrphanRecovery>();
        _ = services.AddSingleton<InterruptedJobs>();
        _ = services.AddSingleton<Pulse>();
        _ = services.AddSingleton<BootTime>();
        _ = services.AddSingleton<Dispatcher>();
        _ = services.AddSingleton<IDispatcherStatus>(provider => provider.GetRequiredService<Dispatcher>());

        _ = services.AddSingleton<QuietMachine>();
        _ = services.AddSingleton<Sweep>();
        _ = services.AddSingleton<IsolationTest>();
        _ = services.AddSingleton<AttacksWhileDrained>();
        _ = services.AddSingleton<Handover>();

        _ = services.AddHostedService(provider => provider.GetRequiredService<Dispatcher>());
        _ = services.AddHostedService<TrashEmptier>();
        _ = services.AddHostedService<DeepScan>();
        _ = services.AddHostedService<Watchdog>();
        _ = services.AddHostedService<IdleMemory>();
        _ = services.AddSingleton<IProcessEnd, ProcessEnd>();
        _ = services.AddSingleton<IHostLifetime, DrainingLifetime>();
        _ = services.AddOptions<HostOptions>().Configure<IOptions<LifecycleOptions>, IOptions<JobsOptions>>(
            (host, lifecycle, jobs) => host.ShutdownTimeout = LongestStop(lifecycle.Value, jobs.Value));
        return services;
    }

    /// <summary>From the first signal until the daemon has left in good order, at the most.</summary>
    public static TimeSpan LongestStop(LifecycleOptions lifecycle, JobsOptions jobs) =>
        lifecycle.StopTimeout + jobs.CancelGrace + jobs.UploadGrace + jobs.TeardownBudget + (JobTeardown.LateSteps * jobs.DirectoryTimeout) + Reserve;
}
