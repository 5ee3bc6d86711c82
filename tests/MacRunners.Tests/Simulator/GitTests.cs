using System.IO.Compression;
using System.Net;
using System.Text;
using MacRunners.Simulator.Git;

namespace MacRunners.Tests.Simulator;

public class GitTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("0")]
    [InlineData("2")]
    public async Task The_demo_repository_is_cloned_over_http(string protocol)
    {
        using var folder = new TemporaryFolder();
        await using var service = await Service.StartAsync(options => options with { Repositories = folder.Path, DemoRepository = true });
        var repo = new Uri(service.Address, "/git/demo.git").ToString();

        await GitAsync("-c", $"protocol.version={protocol}", "clone", "--quiet", repo, folder.Below("clone"));

        Assert.Equal("42\n", await File.ReadAllTextAsync(folder.Below("clone/src/answer.txt"), Cancellation));
        Assert.StartsWith("100755", await GitAsync("-C", folder.Below("clone"), "ls-files", "--stage", "hello.sh"), StringComparison.Ordinal);
        Assert.Equal("main", await GitAsync("-C", folder.Below("clone"), "branch", "--show-current"));
    }

    [Fact]
    public async Task A_fetch_with_much_to_tell_sends_a_compressed_request()
    {
        using var folder = new TemporaryFolder();
        await DemoRepository.CreateAsync(folder.Path, Cancellation);
        await using var service = await Service.StartAsync(options => options with { Repositories = folder.Path });
        var head = await GitAsync("-C", folder.Below(DemoRepository.Name), "rev-parse", "main");
        var wants = $"0032want {head}\n00000009done\n";
        using var zipped = new MemoryStream();
        await using (var gzip = new GZipStream(zipped, CompressionMode.Compress, leaveOpen: true))
        {
            gzip.Write(Encoding.ASCII.GetBytes(wants));
        }

        using var http = new HttpClient();
        using var content = new ByteArrayContent(zipped.ToArray());
        content.Headers.ContentEncoding.Add("gzip");
        content.Headers.ContentType = new("application/x-git-upload-pack-request");
        using var response = await http.PostAsync(new Uri(service.Address, "/git/demo.git/git-upload-pack"), content, Cancellation);

        var pack = await response.Content.ReadAsStringAsync(Cancellation);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.StartsWith("0008NAK\nPACK", pack, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET", "/git/none.git/info/refs?service=git-upload-pack", HttpStatusCode.NotFound)]
    [InlineData("GET", "/git/..%2Foutside.git/info/refs?service=git-upload-pack", HttpStatusCode.NotFound)]
    [InlineData("GET", "/git/demo.git/info/refs?service=git-receive-pack", HttpStatusCode.Forbidden)]
    [InlineData("GET", "/git/demo.git/info/refs", HttpStatusCode.Forbidden)]
    [InlineData("POST", "/git/demo.git/git-receive-pack", HttpStatusCode.NotFound)]
    public async Task Only_fetching_from_the_folder_is_possible(string method, string path, HttpStatusCode status)
    {
        using var folder = new TemporaryFolder();
        await DemoRepository.CreateAsync(folder.Path, Cancellation, "outside.git");
        var served = Directory.CreateDirectory(folder.Below("served")).FullName;
        await using var service = await Service.StartAsync(options => options with { Repositories = served, DemoRepository = true });

        (await service.CallAsync(method, path)).Expect(status);
    }

    [Fact]
    public async Task A_job_without_a_repository_gets_the_demo_repository()
    {
        await using var service = await Service.StartWithStacksAsync();

        var detail = await service.StackAsync("GET", $"jobs/{service.AddJob()}");

        Assert.Equal(new Uri(service.Address, "/git/demo.git").ToString(), detail.Body!["env"]!["BUILDKITE_REPO"]!.GetValue<string>());
    }

    private static Task<string> GitAsync(params string[] arguments) => GitProcess.RunAsync(arguments, null, null, Cancellation);
}
