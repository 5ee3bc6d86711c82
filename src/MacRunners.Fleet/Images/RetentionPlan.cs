using System.Globalization;
using System.Security.Cryptography;
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
    private const string TestVm = "flake";
    private const string BuilderVm = "build";
    private const string VmTime = "yyyyMMdd-HHmmss";

    /// <summary>Fewer promoted images than this are never left.</summary>
    public const int FewestPromoted = 3;

    /// <summary>Longest time from a VM's name to its deletion: verbs refuse limits that add up to more.</summary>
    public static readonly TimeSpan LongestUse = TimeSpan.FromHours(6);

    /// <summary>Age from which a VM of ours must be one whose test or build was killed: far more, since clocks differ and clusters are slow.</summary>
    public static readonly TimeSpan AbandonedAge = 2 * LongestUse;

    /// <summary>The name of a test VM.</summary>
    public static string TestVmName(DateTimeOffset now, string run, int iteration) => string.Create(CultureInfo.InvariantCulture, $"{TestVm}-{Stamp(now)}-{run}-{iteration}");

    /// <summary>The name of a VM that an image is built in.</summary>
    public static string BuilderVmName(DateTimeOffset now, string run) => $"{BuilderVm}-{Stamp(now)}-{run}";

    /// <summary>What tells the VMs of one run from those of another that began in the same second.</summary>
    public static string NewRun() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(3));

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

    /// <summary>Decides about the templates of promoted images in a registry. The images themselves are the registry's own affair.</summary>
    /// <param name="family">The family whose templates may go.</param>
    /// <param name="configs">All templates.</param>
    /// <param name="vms">All VMs of all namespaces that deploy from these templates.</param>
    /// <param name="pinned">Names of images that must stay.</param>
    /// <param name="keep">How many promoted images stay per macOS; at least <see cref="FewestPromoted"/> do.</param>
    public static IReadOnlyList<Retention> RegistryTemplates(
        string family, IReadOnlyList<VmConfig> configs, IReadOnlyList<OrkaVm> vms, IReadOnlySet<string> pinned, int keep)
    {
        var users = vms.ToLookup(vm => vm.Image, vm => vm.Name);
        return
        [
            .. from ofMacOs in Promotions.Of(family, configs).GroupBy(image => image.MacOs)
               from ranked in ofMacOs.Select((image, index) => (Image: image, IsKept: index < Math.Max(keep, FewestPromoted)))
               where ranked.Image.Repository is not null
               select Decide(ranked.Image, ranked.IsKept),
        ];

        Retention Decide(ImageName image, bool isKept)
        {
            Retention Stay(string reason) => new(image.Template, false, reason);
            return pinned.Contains(image.ToString()) ? Stay("pinned")
                : users[image.ToString()].FirstOrDefault() is { } vm ? Stay($"in use by VM {vm}")
                : users[""].FirstOrDefault() is { } unknown ? Stay($"VM {unknown} does not say what it was deployed from")
                : isKept ? Stay($"one of the last promoted of macOS {image.MacOs}")
                : new Retention(image.Template, true, "promoted once, newer ones are kept; the image stays in its registry");
        }
    }

    /// <summary>Decides about VMs that were deployed to build or test an image. VMs of other names are not even mentioned.</summary>
    public static IReadOnlyList<Retention> AbandonedVms(IReadOnlyList<OrkaVm> vms, DateTimeOffset now) =>
    [
        .. from vm in vms
           let match = OurVm().Match(vm.Name)
           let since = DeployedAt(match)
           where since is not null
           let age = now - since.Value
           let work = match.Groups["work"].Value == BuilderVm ? "build" : "test"
           select age >= AbandonedAge
               ? new Retention(vm.Name, true, $"{age.TotalHours:0.#} h old: its {work} was killed")
               : new Retention(vm.Name, false, $"its {work} may be running"),
    ];

    private static string Stamp(DateTimeOffset now) => now.UtcDateTime.ToString(VmTime, CultureInfo.InvariantCulture);

    private static DateTimeOffset? DeployedAt(Match vm) => vm.Success
        && DateTime.TryParseExact(vm.Groups["time"].Value, VmTime, CultureInfo.InvariantCulture, DateTimeStyles.None, out var time) ? new DateTimeOffset(time, TimeSpan.Zero) : null;

    [GeneratedRegex(@"^((?<work>flake)-(?<time>[0-9]{8}-[0-9]{6})-[0-9a-f]{6}-[0-9]+|(?<work>build)-(?<time>[0-9]{8}-[0-9]{6})-[0-9a-f]{6})\z")]
    private static partial Regex OurVm();
}
