using System.Globalization;
using System.Text.RegularExpressions;
using MacRunners.Fleet.Orka;

namespace MacRunners.Fleet.Images;

/// <summary>What happens to one image or VM.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Delete">Whether it goes.</param>
/// <param name="Reason">Why.</param>
internal sealed record Retention(string Name, bool Delete, string Reason);

/// <summary>Which local images and left-over test VMs go. Anything that is not surely rubbish stays.</summary>
internal static partial class RetentionPlan
{
    /// <summary>Test VMs begin with this and a time.</summary>
    public const string TestVmPrefix = "flake";

    private const string TestVmTime = "yyyyMMdd-HHmmss";

    /// <summary>Fewer promoted images than this are never left.</summary>
    public const int FewestPromoted = 3;

    /// <summary>Age from which a test VM must be one whose test was killed.</summary>
    public static readonly TimeSpan TestVmAge = TimeSpan.FromHours(6);

    /// <summary>The name of a test VM.</summary>
    public static string TestVmName(DateTimeOffset now, string run, int iteration) =>
        string.Create(CultureInfo.InvariantCulture, $"{TestVmPrefix}-{now.UtcDateTime.ToString(TestVmTime, CultureInfo.InvariantCulture)}-{run}-{iteration}");

    /// <summary>Decides about every local image.</summary>
    /// <param name="family">The family whose images may go.</param>
    /// <param name="images">All local images.</param>
    /// <param name="configs">All templates.</param>
    /// <param name="vms">All VMs of all namespaces that deploy from these images.</param>
    /// <param name="pinned">Names that must stay.</param>
    /// <param name="keep">How many promoted images stay per macOS; at least <see cref="FewestPromoted"/> do.</param>
    /// <param name="candidateAge">From this age on a candidate that was never promoted goes.</param>
    /// <param name="now">The time.</param>
    public static IReadOnlyList<Retention> Images(
        string family, IReadOnlyList<OrkaImage> images, IReadOnlyList<VmConfig> configs, IReadOnlyList<OrkaVm> vms, IReadOnlySet<string> pinned, int keep, TimeSpan candidateAge, DateTimeOffset now)
    {
        var promoted = Promotions.Of(family, configs);
        var kept = promoted.GroupBy(image => image.MacOs).SelectMany(group => group.Take(Math.Max(keep, FewestPromoted))).Select(image => image.ToString()).ToHashSet();
        var former = promoted.Select(image => image.ToString()).ToHashSet();
        var otherTemplates = configs.Where(config => !Promotions.IsPromotion(config)).ToLookup(config => config.Image, config => config.Name);
        var users = vms.ToLookup(vm => vm.Image, vm => vm.Name);
        var withPromotion = promoted.Select(image => image.MacOs).ToHashSet();
        return [.. images.Select(Decide)];

        Retention Decide(OrkaImage image)
        {
            Retention Stay(string reason) => new(image.Name, false, reason);
            if (ImageName.TryParse(image.Name) is not { } name)
            {
                return Stay("its name is not one of ours");
            }

            var age = now - name.BuiltAt;
            return name.Family != family ? Stay($"belongs to {name.Family}")
                : pinned.Contains(image.Name) ? Stay("pinned")
                : users[image.Name].FirstOrDefault() is { } vm ? Stay($"in use by VM {vm}")
                : otherTemplates[image.Name].FirstOrDefault() is { } template ? Stay($"pinned by template {template}")
                : users[""].FirstOrDefault() is { } unknown ? Stay($"VM {unknown} does not say what it was deployed from")
                : kept.Contains(image.Name) ? Stay($"one of the last promoted of macOS {name.MacOs}")
                : age < -RebuildDecision.ClockTolerance ? Stay("built in the future: a clock is wrong, so its age is unknown")
                : image.State is not (null or "Ready" or "Failed") ? Stay($"is {image.State}")
                : former.Contains(image.Name) ? new Retention(image.Name, true, "promoted once, newer ones are kept")
                : !withPromotion.Contains(name.MacOs) ? Stay($"no image of macOS {name.MacOs} is promoted, so none is superfluous")
                : age < candidateAge ? Stay($"candidate, {age.TotalHours:0} h old: its pipeline may be at work")
                : new Retention(image.Name, true, $"candidate of {age.TotalDays:0.#} days ago that was never promoted");
        }
    }

    /// <summary>Decides about VMs that were deployed to test an image. VMs of other names are not even mentioned.</summary>
    public static IReadOnlyList<Retention> TestVms(IReadOnlyList<OrkaVm> vms, DateTimeOffset now) =>
    [
        .. from vm in vms
           let since = DeployedAt(vm.Name)
           where since is not null
           let age = now - since.Value
           select age >= TestVmAge
               ? new Retention(vm.Name, true, $"{age.TotalHours:0.#} h old: its test was killed")
               : new Retention(vm.Name, false, "its test may be running"),
    ];

    private static DateTimeOffset? DeployedAt(string vm) => TestVm().Match(vm) is { Success: true } match
        && DateTime.TryParseExact(match.Groups[1].Value, TestVmTime, CultureInfo.InvariantCulture, DateTimeStyles.None, out var time) ? new DateTimeOffset(time, TimeSpan.Zero) : null;

    [GeneratedRegex(@"^flake-([0-9]{8}-[0-9]{6})-[0-9a-f]{6}-[0-9]+\z")]
    private static partial Regex TestVm();
}
