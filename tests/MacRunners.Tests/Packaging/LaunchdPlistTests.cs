using System.Xml;
using System.Xml.Linq;
using MacRunners.Hosting.Http;
using MacRunners.Jobs;
using MacRunners.MacEmulator.Launchd;
using MacRunners.Settings;
using MacRunners.Tests.Platform;

namespace MacRunners.Tests.Packaging;

/// <summary>What launchd would only say on a Mac, or not at all.</summary>
public class LaunchdPlistTests
{
    // Every key launchd.plist(5) knows among those a daemon may use; a misspelt key is silently ignored by launchd.
    private static readonly Dictionary<string, string> Types = new()
    {
        ["Label"] = "string",
        ["ProgramArguments"] = "array",
        ["RunAtLoad"] = "bool",
        ["KeepAlive"] = "dict",
        ["ThrottleInterval"] = "integer",
        ["ExitTimeOut"] = "integer",
        ["AbandonProcessGroup"] = "bool",
        ["ProcessType"] = "string",
        ["SessionCreate"] = "bool",
        ["EnvironmentVariables"] = "dict",
        ["Sockets"] = "dict",
        ["SoftResourceLimits"] = "dict",
        ["HardResourceLimits"] = "dict",
        ["StandardOutPath"] = "string",
        ["StandardErrorPath"] = "string",
        ["WorkingDirectory"] = "string",
        ["Umask"] = "integer",
    };

    private static readonly string File = RepositoryRoot.PathOf("launchd", "com.macrunners.daemon.plist");
    private static readonly Dictionary<string, XElement> Keys = Read();

    [Fact]
    public void Every_key_is_known_and_of_its_type() => Assert.All(Keys, pair =>
    {
        var type = pair.Value.Name.LocalName is "true" or "false" ? "bool" : pair.Value.Name.LocalName;
        Assert.Equal(Types[pair.Key], type);
    });

    [Fact]
    public void The_label_is_the_files_name() => Assert.Equal(Path.GetFileNameWithoutExtension(File), Keys["Label"].Value);

    [Fact]
    public void It_runs_the_installed_daemon_by_absolute_path() =>
        Assert.Equal(["/opt/macrunners/bin/macrunners", "run"], Keys["ProgramArguments"].Elements().Select(argument => argument.Value));

    [Fact]
    public void It_starts_at_boot_and_again_after_every_end_that_is_no_success()
    {
        Assert.Equal("true", Keys["RunAtLoad"].Name.LocalName);
        Assert.Equal("false", Dictionary(Keys["KeepAlive"])["SuccessfulExit"].Name.LocalName);
    }

    [Fact]
    public void A_stop_leaves_time_for_draining_and_cancelling()
    {
        var granted = TimeSpan.FromSeconds(int.Parse(Keys["ExitTimeOut"].Value, System.Globalization.CultureInfo.InvariantCulture));

        Assert.True(granted > JobServices.LongestStop(new LifecycleOptions(), new JobsOptions()));
    }

    [Fact]
    public void Output_goes_to_absolute_paths_in_the_log_folder() => Assert.All(
        (string[])["StandardOutPath", "StandardErrorPath"],
        key => Assert.StartsWith("/private/var/log/macrunners/", Keys[key].Value, StringComparison.Ordinal));

    [Fact]
    public void Both_address_families_are_held_under_the_name_that_the_daemon_asks_for()
    {
        var (name, sockets) = Assert.Single(Dictionary(Keys["Sockets"]));

        Assert.Equal(HttpSockets.HeldName, name);
        var held = sockets.Elements().Select(socket => Dictionary(socket).ToDictionary(pair => pair.Key, pair => pair.Value.Name.LocalName == "true" ? "true" : pair.Value.Value)).ToList();
        Assert.Equal([("IPv4", "0.0.0.0"), ("IPv6", "::")], held.Select(socket => (socket["SockFamily"], socket["SockNodeName"])));
        Assert.All(held, socket => Assert.Equal(
            ($"{new HttpOptions().Port}", "stream", "true", 5), (socket["SockServiceName"], socket["SockType"], socket["SockPassive"], socket.Count)));
    }

    [Fact]
    public void The_emulated_launchd_understands_it()
    {
        // It must be root's, whoever's the clone is.
        using var folder = new Scratch();
        System.IO.File.Copy(File, folder["com.macrunners.daemon.plist"]);
        var service = PropertyListFile.Read(folder["com.macrunners.daemon.plist"]);

        Assert.Equal("com.macrunners.daemon", service.Label);
        Assert.Equal(2, service.Sockets[HttpSockets.HeldName].Count);
        Assert.True(service.AbandonProcessGroup);
    }

    [Fact]
    public void It_holds_no_secret_and_no_path_a_job_could_write_to()
    {
        var text = System.IO.File.ReadAllText(File);

        Assert.DoesNotContain("TOKEN", text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("bkct_", text, StringComparison.Ordinal);
        Assert.DoesNotContain("/usr/local", text, StringComparison.Ordinal);
        Assert.DoesNotContain("/tmp", text, StringComparison.Ordinal);
    }

    private static Dictionary<string, XElement> Read()
    {
        using var reader = XmlReader.Create(File, new XmlReaderSettings { DtdProcessing = DtdProcessing.Ignore });
        return Dictionary(XDocument.Load(reader).Root!.Elements().Single());
    }

    private static Dictionary<string, XElement> Dictionary(XElement dictionary)
    {
        Assert.Equal("dict", dictionary.Name.LocalName);
        var nodes = dictionary.Elements().ToList();
        Assert.Equal(0, nodes.Count % 2);
        return nodes.Chunk(2).ToDictionary(
            pair =>
            {
                Assert.Equal("key", pair[0].Name.LocalName);
                return pair[0].Value;
            },
            pair => pair[1]);
    }
}
