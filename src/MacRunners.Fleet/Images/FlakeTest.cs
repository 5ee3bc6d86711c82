using System.Globalization;
using MacRunners.Fleet.Orka;

namespace MacRunners.Fleet.Images;

/// <summary>How an image is tested.</summary>
internal sealed record FlakeOptions
{
    /// <summary>How often, each time on a fresh VM.</summary>
    public int Iterations { get; init; } = 3;

    /// <summary>Percentage of iterations that must pass.</summary>
    public int Threshold { get; init; } = 80;

    /// <summary>Cores of the VMs.</summary>
    public int Cpu { get; init; } = 12;

    /// <summary>Their memory in GiB; null leaves it to Orka.</summary>
    public double? MemoryGib { get; init; } = 32;

    /// <summary>From the order to a running VM: the first deployment on a node copies the image.</summary>
    public TimeSpan BootLimit { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>From a running VM to an SSH server that answers.</summary>
    public TimeSpan NetworkLimit { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>For the verification itself.</summary>
    public TimeSpan VerifyLimit { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>From the name of a VM to its deletion.</summary>
    public TimeSpan LongestUse => BootLimit + NetworkLimit + VerifyLimit + FlakeTest.DeleteLimit;
}

/// <summary>One probe of one iteration.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Passed">How it ended.</param>
/// <param name="Seconds">How long it took; null when unknown.</param>
/// <param name="Detail">What is wrong: expected, found.</param>
internal sealed record ProbeResult(string Name, bool Passed, double? Seconds, string? Detail);

/// <summary>One iteration.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Vm">The VM's name.</param>
/// <param name="Passed">Whether it came up and all its probes passed.</param>
/// <param name="BootSeconds">From the order to a running VM.</param>
/// <param name="VerifySeconds">From there to the end of the verification.</param>
/// <param name="Probes">All probes; empty when it did not get so far.</param>
/// <param name="Fault">Why there are no probes; null when there are.</param>
internal sealed record FlakeIteration(int Number, string Vm, bool Passed, double BootSeconds, double VerifySeconds, IReadOnlyList<ProbeResult> Probes, string? Fault);

/// <summary>The result of a test.</summary>
/// <param name="Image">Which image.</param>
/// <param name="Threshold">Percentage that was asked for.</param>
/// <param name="Iterations">All iterations.</param>
/// <param name="NotDeleted">VMs that could not be deleted, with the reason.</param>
internal sealed record FlakeReport(string Image, int Threshold, IReadOnlyList<FlakeIteration> Iterations, IReadOnlyList<string> NotDeleted)
{
    /// <summary>Iterations that passed.</summary>
    public int PassedIterations => Iterations.Count(iteration => iteration.Passed);

    /// <summary>How many must pass.</summary>
    public int Needed => Enumerable.Range(0, Iterations.Count + 1).First(passed => IsEnough(passed, Iterations.Count, Threshold));

    /// <summary>The verdict.</summary>
    public bool Passed => IsEnough(PassedIterations, Iterations.Count, Threshold);

    /// <summary>The rule, in whole numbers so that nothing is rounded.</summary>
    public static bool IsEnough(int passed, int total, int threshold) => total > 0 && passed * 100 >= threshold * total;
}

/// <summary>Runs a verification on a VM.</summary>
internal interface IVmVerifier
{
    /// <summary>Waits for the VM's SSH server, then runs the verification there.</summary>
    /// <exception cref="VerificationException">It gave no report.</exception>
    Task<IReadOnlyList<ProbeResult>> VerifyAsync(OrkaVm vm, FlakeOptions options, CancellationToken cancellation);
}

/// <summary>A VM gave no report; the message says why.</summary>
internal sealed class VerificationException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>Deploys an image several times, verifies each VM, and deletes every one of them, however the test ends.</summary>
/// <param name="orka">The cluster.</param>
/// <param name="verifier">Verifies a VM.</param>
/// <param name="time">The clock.</param>
/// <param name="ordering">Hears the name of each VM before it is ordered.</param>
/// <param name="log">Hears what happens.</param>
internal sealed class FlakeTest(IOrka orka, IVmVerifier verifier, TimeProvider time, Action<string> ordering, Action<string> log)
{
    // Deleting goes on after a SIGTERM, but not for ever.
    internal static readonly TimeSpan DeleteLimit = TimeSpan.FromMinutes(1);

    /// <summary>Runs all iterations, one after another: two VMs of 12 cores rarely fit on a host.</summary>
    public async Task<FlakeReport> RunAsync(string image, FlakeOptions options, CancellationToken cancellation)
    {
        var run = RetentionPlan.NewRun();
        var iterations = new List<FlakeIteration>();
        var notDeleted = new List<string>();
        for (var number = 1; number <= options.Iterations; number++)
        {
            var name = RetentionPlan.TestVmName(time.GetUtcNow(), run, number);
            ordering(name);
            try
            {
                var iteration = await RunOneAsync(number, new VmOrder(name, image, options.Cpu, options.MemoryGib), options, cancellation);
                iterations.Add(iteration);
                log($"iteration {number} of {options.Iterations} on {name}: {(iteration.Passed ? "passed" : "failed")}{(iteration.Fault is { } fault ? $": {fault}" : "")}");
            }
            finally
            {
                // By name, also when the order itself failed: it may have arrived nevertheless.
                if (await DeleteAsync(name) is { } reason)
                {
                    notDeleted.Add($"{name}: {reason}");
                    log($"VM {name} could not be deleted: {reason} Delete it: orka3 vm delete {name}");
                }
            }
        }

        return new FlakeReport(image, options.Threshold, iterations, notDeleted);
    }

    private async Task<FlakeIteration> RunOneAsync(int number, VmOrder order, FlakeOptions options, CancellationToken cancellation)
    {
        var start = time.GetTimestamp();
        var booted = start;
        try
        {
            var vm = await orka.DeployAsync(order, options.BootLimit, cancellation);
            booted = time.GetTimestamp();
            var probes = await verifier.VerifyAsync(vm, options, cancellation);
            var passed = probes.Count > 0 && probes.All(probe => probe.Passed);
            return Result(passed, probes, probes.Count > 0 ? null : "the verification reports no probe");
        }
        catch (VerificationException e)
        {
            return Result(false, [], e.Message);
        }
        catch (OrkaException e) when (e.Fault is OrkaFault.Timeout or OrkaFault.Failed)
        {
            // The image's fault, or at least its problem. Everything else says nothing about the image and ends the test.
            booted = time.GetTimestamp();
            return Result(false, [], e.Message);
        }

        FlakeIteration Result(bool passed, IReadOnlyList<ProbeResult> probes, string? fault) => new(
            number,
            order.Name,
            passed,
            Math.Round(time.GetElapsedTime(start, booted).TotalSeconds, 1),
            Math.Round(time.GetElapsedTime(booted).TotalSeconds, 1),
            probes,
            fault);
    }

    private async Task<string?> DeleteAsync(string name)
    {
        using var limit = new CancellationTokenSource(DeleteLimit, time);
        try
        {
            await orka.DeleteVmAsync(name, limit.Token);
            return null;
        }
        catch (OrkaException e)
        {
            return e.Message;
        }
        catch (OperationCanceledException)
        {
            return string.Create(CultureInfo.InvariantCulture, $"no answer within {DeleteLimit.TotalSeconds} s.");
        }
    }
}
