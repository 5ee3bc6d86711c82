using System.Net;
using System.Net.Sockets;
using MacRunners.Isolation;
using MacRunners.Platform;
using MacRunners.Tests.Platform;
using MacRunners.Tests.Teardown;

namespace MacRunners.Tests.Isolation;

/// <summary>A search that does not find what is there proves nothing by finding nothing.</summary>
public sealed class IsolationOracleTests : IDisposable
{
    private readonly Scratch _scratch = new();
    private readonly uint _id = TestNumbers.Next();
    private readonly string _mark = $"mr-test-{Guid.NewGuid():N}";
    private readonly IsolationOracle _oracle = new(new Tool(TimeProvider.System), TimeProvider.System);

    public void Dispose()
    {
        JobProcess.KillAll(_id);
        _scratch.Dispose();
    }

    [Fact]
    public async Task Of_somebody_who_never_was_nothing_is_left() => Assert.Empty(await LookAsync());

    [Fact]
    public async Task A_process_is_found_whatever_its_name()
    {
        using var process = JobProcess.Sleeping(_id);

        Assert.Contains(await LookAsync(), left => left.StartsWith($"process {process.Id} ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("install -o \"$1\" /dev/null \"$2/file\"", "file")]
    [InlineData("mkdir -p \"$2/root/closed\" && install -m 0 -o \"$1\" /dev/null \"$2/root/closed/file\" && chmod 0 \"$2/root/closed\"", "root/closed/file")]
    [InlineData("ln -s / \"$2/link\" && chown -h \"$1\" \"$2/link\"", "link")]
    [InlineData("touch \"$2/$3-left\"", "-left")]
    [InlineData("mkdir \"$2/bk-nobody\"", "bk-nobody")]
    public async Task A_file_is_found_by_owner_mark_and_name(string plant, string found)
    {
        Scratch.Shell(plant, $"{_id}", _scratch.Folder, _mark);

        Assert.EndsWith(found, Assert.Single(await LookAsync()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mount_is_found()
    {
        var folder = Directory.CreateDirectory(_scratch[$"bk-nobody-{_mark}"]).FullName;
        Scratch.Shell("mount -t tmpfs none \"$1\"", folder);
        try
        {
            Assert.Contains(await LookAsync(), left => left.StartsWith("mount ", StringComparison.Ordinal));
        }
        finally
        {
            Scratch.Shell("umount \"$1\"", folder);
        }
    }

    [Theory]
    [InlineData("-M 4096", "m")]
    [InlineData("-S 1", "s")]
    [InlineData("-Q", "q")]
    public async Task A_System_V_object_is_found(string kind, string letter)
    {
        var made = Scratch.Shell("setpriv --reuid \"$1\" --regid \"$1\" --clear-groups ipcmk $2", $"{_id}", kind).Split(':')[^1].Trim();
        try
        {
            Assert.StartsWith($"System V object (ipcs -{letter}", Assert.Single(await LookAsync()), StringComparison.Ordinal);
        }
        finally
        {
            Scratch.Shell("ipcrm \"-$1\" \"$2\"", letter, made);
        }
    }

    [Fact]
    public async Task A_port_that_somebody_holds_is_found()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;

        Assert.StartsWith($"port {port} is not free", Assert.Single(await LookAsync(port)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_secret_is_found_in_whatever_was_written_since()
    {
        var ground = Directory.CreateDirectory(_scratch["ground"]).FullName;
        var secret = Path.Combine(ground, "secret");
        await File.WriteAllTextAsync(_scratch["before"], $"{_mark}\n", TestContext.Current.CancellationToken);
        Scratch.Shell("printf %s \"$2\" >\"$1/ground/secret\"; touch -d -1minute \"$1/before\"; sleep 0.01; printf 'a\\0%s\\n' \"$2\" >\"$1/after\"; cp \"$1/after\" \"$1/ground/copy\"", _scratch.Folder, _mark);

        Assert.Equal([$"the job's secret is in {_scratch["after"]}"], await _oracle.SecretsAsync(secret, [_scratch.Folder], TestContext.Current.CancellationToken));
    }

    private Task<IReadOnlyList<string>> LookAsync(int? port = null) =>
        _oracle.LookAsync(new Suspect("bk-nobody", _id, _mark, port, [_scratch.Folder]), TestContext.Current.CancellationToken);
}
