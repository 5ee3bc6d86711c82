using MacRunners.MacEmulator.Faults;
using MacRunners.Platform;
using MacRunners.Platform.MacOS;
using MacRunners.Tests.Buildkite;
using Microsoft.Extensions.Logging.Abstractions;
using NSubstitute;

namespace MacRunners.Tests.Platform.MacOS;

[Collection(AccountsCollection.Name)]
public sealed class ApfsVolumesTests : IClassFixture<EmulatedMac>, IDisposable
{
    private const string Diskutil = "/usr/sbin/diskutil";
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;
    private readonly EagerTime _time = new(TimeSpan.Zero);
    private readonly EmulatedMac _mac;
    private readonly ApfsVolumes _volumes;
    private readonly string _homes;
    private readonly string _name = $"bk-{Guid.NewGuid()}";
    private readonly ITool _tool = Substitute.For<ITool>();
    private readonly List<string> _asked = [];
    private readonly Dictionary<string, Func<ToolResult>> _answers = [];

    public ApfsVolumesTests(EmulatedMac mac)
    {
        _mac = mac;
        _mac.Control.Clear();
        _homes = _mac.Root + "/Users";
        _volumes = On(new Tool(TimeProvider.System), _mac.Root);
        Directory.CreateDirectory(Home);
        _tool.RunAsync(default!, default!, default, TestContext.Current.CancellationToken).ReturnsForAnyArgs(call =>
        {
            Assert.Equal(Diskutil, call.ArgAt<string>(0));
            _asked.Add(string.Join(' ', call.ArgAt<IReadOnlyList<string>>(1)));
            return _answers.OrderByDescending(answer => answer.Key.Length).FirstOrDefault(answer => _asked[^1].StartsWith(answer.Key, StringComparison.Ordinal)).Value?.Invoke() ?? new ToolResult(0, "", "");
        });
        _answers["info -plist /Users"] = () => new ToolResult(1, Plist("<key>Error</key><true/>"), "");
        _answers["info -plist /"] = () => new ToolResult(0, Plist("<key>APFSContainerReference</key><string>disk3</string>"), "");
        _answers["apfs list -plist"] = () => List(("Data", "0E5A4C11-2D0B-4A52-8A57-3B0F5C1D7E05", "disk3s5"));
    }

    private string Home => Path.Combine(_homes, _name);

    public void Dispose()
    {
        _mac.Control.Clear();
        Scratch.Shell("\"$1\" unmount force \"$2\"; \"$1\" apfs deleteVolume \"$2\"; rmdir \"$3\"", _mac.Root + Diskutil, _name, Home);
    }

    [Fact]
    public async Task A_volume_is_made_mounted_found_and_deleted_with_all_that_is_in_it()
    {
        var id = await _volumes.CreateAsync(_homes, _name, 1024 * 1024, Cancel);

        Assert.Equal(Home, Scratch.Shell("stat -c %m \"$1\"", Home).Trim());
        Assert.Contains("nosuid,nodev", Scratch.Shell("grep \" $1 \" /proc/self/mounts", Home));
        Assert.Matches($@"^volume disk3s\d+ \({_name}\)$", Assert.Single(await _volumes.FindAsync(_homes, _name, null, Cancel)));
        Assert.Single(await _volumes.FindAsync(_homes, "another", id, Cancel));
        Assert.Contains(_name, await _volumes.ListAsync(_homes, Cancel));
        Assert.InRange(long.Parse(Scratch.Shell("cat /dev/zero 2>/dev/null >\"$1/file\"; stat -c %s \"$1/file\"", Home)), 1, 1024 * 1024);

        await _volumes.DeleteAsync(_homes, _name, id, Cancel);
        await _volumes.DeleteAsync(_homes, _name, id, Cancel);

        Assert.Empty(await _volumes.FindAsync(_homes, _name, id, Cancel));
        Assert.Empty(Directory.EnumerateFileSystemEntries(Home));
    }

    [Fact]
    public async Task A_volume_in_use_is_deleted_all_the_same()
    {
        await _volumes.CreateAsync(_homes, _name, 0, Cancel);
        await using var open = File.Create(Path.Combine(Home, "open"));

        await _volumes.DeleteAsync(_homes, _name, null, Cancel);

        Assert.Empty(await _volumes.FindAsync(_homes, _name, null, Cancel));
    }

    [Fact]
    public async Task A_volume_that_the_system_mounted_elsewhere_is_deleted_too()
    {
        await _volumes.CreateAsync(_homes, _name, 0, Cancel);
        var elsewhere = $"{_mac.Root}/Volumes/{_name}";
        Scratch.Shell("\"$1\" unmount \"$2\" && \"$1\" mount \"$2\"", _mac.Root + Diskutil, _name);
        Assert.True(Directory.Exists(elsewhere));

        await _volumes.DeleteAsync(_homes, _name, null, Cancel);

        Assert.Empty(await _volumes.FindAsync(_homes, _name, null, Cancel));
        Assert.False(Directory.Exists(elsewhere));
    }

    [Fact]
    public async Task A_busy_volume_is_tried_again_after_half_a_second_each()
    {
        await _volumes.CreateAsync(_homes, _name, 0, Cancel);
        _mac.Control.Inject(new FaultRule { Tool = "diskutil", DeleteVolumeBusy = 9 });

        await _volumes.DeleteAsync(_homes, _name, null, Cancel);

        Assert.Equal(Enumerable.Repeat(0.5, 9), _time.Waits);
        Assert.Empty(await _volumes.FindAsync(_homes, _name, null, Cancel));
    }

    [Fact]
    public async Task A_volume_that_stays_busy_is_named_with_the_reason_and_a_remedy()
    {
        await _volumes.CreateAsync(_homes, _name, 0, Cancel);
        _mac.Control.Inject(new FaultRule { Tool = "diskutil", DeleteVolumeBusy = 10 });

        var failure = await Assert.ThrowsAsync<ToolException>(() => _volumes.DeleteAsync(_homes, _name, null, Cancel));

        Assert.Contains($"({_name}) could not be deleted in 10 attempts", failure.Message);
        Assert.Contains("in use", failure.Message);
        Assert.Contains("macrunners sweep", failure.Message);
        Assert.Single(await _volumes.FindAsync(_homes, _name, null, Cancel));
    }

    [Fact]
    public async Task The_disk_is_that_of_the_homes_and_takes_volumes() =>
        Assert.Matches(@"^container disk3 of \S+/Users has \d+ volumes, of 100 that it takes$", (await _volumes.LookAsync(_homes, Cancel)).What);

    [Fact]
    public async Task Where_diskutil_knows_the_path_of_the_homes_it_need_not_be_asked_for_those_above()
    {
        _answers["info -plist /Users"] = () => new ToolResult(0, Plist("<key>APFSContainerReference</key><string>disk1</string>"), "");

        Assert.StartsWith("container disk1 of /Users has 0 volumes", (await On(_tool).LookAsync("/Users", Cancel)).What);
        Assert.Equal(["info -plist /Users", "apfs list -plist disk1"], _asked);
    }

    [Fact]
    public async Task A_full_container_is_told_with_a_remedy()
    {
        _answers["apfs list -plist"] = () => List([.. Enumerable.Range(1, 100).Select(number => ($"v{number}", $"{Guid.NewGuid()}", $"disk3s{number}"))]);

        var condition = await On(_tool).LookAsync("/Users", Cancel);

        Assert.True(condition.IsFatal);
        Assert.Contains("has 100 volumes, of 100", condition.What);
        Assert.Contains("Delete what nobody needs", condition.Remedy);
    }

    [Fact]
    public async Task Homes_beside_which_there_can_be_no_volumes_are_told()
    {
        _answers["info -plist /"] = () => new ToolResult(0, Plist("<key>FilesystemType</key><string>exfat</string>"), "");

        Assert.Contains("is none of APFS", (await Assert.ThrowsAsync<ToolException>(() => On(_tool).LookAsync("/Users", Cancel))).Message);
    }

    [Theory]
    [InlineData("info -plist /", "knows no volume of /Users")]
    [InlineData("apfs list -plist", "failed with exit code 1")]
    [InlineData("apfs addVolume", "failed with exit code 1")]
    [InlineData("enableOwnership", "failed with exit code 1")]
    public async Task What_diskutil_refuses_is_told(string command, string what)
    {
        Lists(1);
        _answers["info -plist AAAAAAAA"] = () => new ToolResult(0, Plist("<key>GlobalPermissionsEnabled</key><false/>"), "");
        _answers[command] = () => new ToolResult(1, "", "it does not work");

        var failure = await Assert.ThrowsAsync<ToolException>(() => On(_tool).CreateAsync("/Users", _name, 0, Cancel));

        Assert.Contains(what, failure.Message);
        Assert.Contains("it does not work", failure.Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("<key>Containers</key><array/>")]
    [InlineData("<key>Containers</key><array><dict><key>ContainerReference</key><string>disk3</string><key>Volumes</key><array><dict/></array></dict></array>")]
    public async Task A_list_that_is_not_understood_is_no_empty_one(string content)
    {
        _answers["apfs list -plist"] = () => new ToolResult(0, Plist(content), "");

        Assert.Contains("is not understood", (await Assert.ThrowsAsync<ToolException>(() => On(_tool).FindAsync("/Users", _name, null, Cancel))).Message);
    }

    [Fact]
    public async Task A_system_that_refuses_the_options_of_the_mount_mounts_without_them()
    {
        Lists(1);
        _answers["info -plist AAAAAAAA"] = () => new ToolResult(0, Plist("<key>GlobalPermissionsEnabled</key><true/>"), "");
        _answers["mount nobrowse -mountOptions"] = () => new ToolResult(1, "", "unknown option");

        Assert.Equal(new Guid(VolumeId), await On(_tool).CreateAsync("/Users", _name, 5, Cancel));

        Assert.Equal(
            [
                "info -plist /Users", "info -plist /", $"apfs addVolume disk3 APFS {_name} -quota 5b -nomount", "apfs list -plist disk3",
                $"mount nobrowse -mountOptions nosuid,nodev -mountPoint /Users/{_name} {VolumeId}", $"mount nobrowse -mountPoint /Users/{_name} {VolumeId}",
                $"info -plist {VolumeId}",
            ],
            _asked);
    }

    [Theory]
    [InlineData("<key>GlobalPermissionsEnabled</key><false/>")]
    [InlineData("")]
    public async Task A_volume_whose_files_have_no_owners_is_no_home(string information)
    {
        Lists(1);
        _answers["info -plist AAAAAAAA"] = () => new ToolResult(0, Plist(information), "");

        Assert.Contains("have no owners", (await Assert.ThrowsAsync<ToolException>(() => On(_tool).CreateAsync("/Users", _name, 0, Cancel))).Message);
        Assert.Single(_asked, asked => asked.StartsWith("enableOwnership", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_volume_that_was_not_added_once_is_no_home()
    {
        Lists(2);

        Assert.Contains("not exactly one", (await Assert.ThrowsAsync<ToolException>(() => On(_tool).CreateAsync("/Users", _name, 0, Cancel))).Message);
    }

    [Fact]
    public async Task Each_attempt_deletes_by_the_device_that_was_listed_just_then()
    {
        ListsInTurn((_name, VolumeId, "disk3s7"), (_name, VolumeId, "disk3s7"), (_name, VolumeId, "disk3s8"), (_name, VolumeId, "disk3s8"), ("Data", OtherId, "disk3s7"));
        _answers["apfs deleteVolume disk3s7"] = () => new ToolResult(1, "", "busy");

        await On(_tool).DeleteAsync("/Users", _name, null, Cancel);

        Assert.Equal(["unmount force disk3s7", "apfs deleteVolume disk3s7", "unmount force disk3s8", "apfs deleteVolume disk3s8"], Changes());
    }

    [Fact]
    public async Task A_device_that_became_another_volumes_while_it_was_unmounted_is_not_deleted()
    {
        ListsInTurn((_name, VolumeId, "disk3s7"), ($"bk-{Guid.NewGuid()}", OtherId, "disk3s7"), ("Data", OtherId, "disk3s7"));

        await On(_tool).DeleteAsync("/Users", _name, null, Cancel);

        Assert.Equal(["unmount force disk3s7"], Changes());
    }

    [Fact]
    public async Task What_hangs_is_an_attempt_that_failed()
    {
        ListsInTurn((_name, VolumeId, "disk3s7"), (_name, VolumeId, "disk3s7"), ("Data", OtherId, "disk3s7"));
        _answers["unmount"] = () => throw new ToolException("unmount did not end within 90 s");

        await On(_tool).DeleteAsync("/Users", _name, null, Cancel);

        Assert.Equal(["unmount force disk3s7", "apfs deleteVolume disk3s7"], Changes());
    }

    [Fact]
    public async Task Homes_of_an_earlier_configuration_may_be_on_another_disk()
    {
        _answers["info -plist /Volumes/old"] = () => new ToolResult(0, Plist("<key>APFSContainerReference</key><string>disk1</string>"), "");
        var volumes = On(_tool);

        Assert.Empty(await volumes.FindAsync("/Volumes/old", _name, null, Cancel));
        Assert.Empty(await volumes.FindAsync("/Users", _name, null, Cancel));

        Assert.Equal(["apfs list -plist disk1", "apfs list -plist disk3"], _asked.Where(asked => asked.StartsWith("apfs", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Only_names_that_jobs_have_are_jobs()
    {
        _answers["apfs list -plist"] = () => List((_name, VolumeId, "disk3s7"), (_name, $"{Guid.NewGuid()}", "disk3s8"), ("bk-backup", $"{Guid.NewGuid()}", "disk3s9"), ("Data", $"{Guid.NewGuid()}", "disk3s5"));

        Assert.Equal([_name], await On(_tool).ListAsync("/Users", Cancel));
    }

    private const string VolumeId = "AAAAAAAA-0000-4000-8000-000000000001";

    private const string OtherId = "AAAAAAAA-0000-4000-8000-000000000002";

    private IEnumerable<string> Changes() => _asked.Where(asked => !asked.Contains("-plist", StringComparison.Ordinal));

    private void ListsInTurn(params (string Name, string Id, string Device)[] volumes)
    {
        var lists = new Queue<ToolResult>(volumes.Select(volume => List(volume)));
        _answers["apfs list -plist"] = lists.Dequeue;
    }

    private void Lists(int count) =>
        _answers["apfs list -plist"] = () => List([.. Enumerable.Range(1, count).Select(number => (_name, number == 1 ? VolumeId : $"{Guid.NewGuid()}", $"disk3s{6 + number}"))]);

    private ApfsVolumes On(ITool tool, string root = "") => new(tool, _time, root, NullLogger<ApfsVolumes>.Instance);

    private static ToolResult List(params (string Name, string Id, string Device)[] volumes) => new(
        0,
        Plist($"""
            <key>Containers</key><array>
            <dict><key>ContainerReference</key><string>disk1</string><key>Volumes</key><array/></dict>
            <dict><key>ContainerReference</key><string>disk3</string><key>Volumes</key><array>
            {string.Join('\n', volumes.Select(volume => $"<dict><key>APFSVolumeUUID</key><string>{volume.Id}</string><key>DeviceIdentifier</key><string>{volume.Device}</string><key>Name</key><string>{volume.Name}</string></dict>"))}
            </array></dict></array>
            """),
        "");

    private static string Plist(string content) => $"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<plist version=\"1.0\"><dict>{content}</dict></plist>\n";
}
