using MacRunners.Hosting.Configuration;
using Microsoft.Extensions.Logging.Abstractions;

namespace MacRunners.Tests.Hosting;

public sealed class ConfigurationAuditTests : IDisposable
{
    private readonly Audits _audits = new();

    public void Dispose() => _audits.Dispose();

    [Fact]
    public void The_defaults_have_no_fault() => Assert.Empty(_audits.Run(null).Faults);

    [Fact]
    public void One_configuration_with_a_fault_of_every_kind_reports_all_of_them_at_once()
    {
        _audits.Environment["MACRUNNERS_Http__Prt"] = "80";
        var audit = _audits.OfFile(
            """
            {
              // Comments are allowed, trailing commas too.
              "Buidkite": { "Queue": "x" },
              "Buildkite": {
                "Endpoint": "http://example.org/v3",
                "Queue": "no spaces please",
                "TokenFile": "relative/token",
                "Tags": ["os=macos", "queue=other", "notag"],
                "PollInterval": "10",
                "BusyPollInterval": "1.00:00:00",
              },
              "Jobs": { "Slots": "many", "CancelGrace": "00:00:10.5", "Timeout": ["01:00:00"], "TeardownBudget": "00:00:20" },
              "Agent": {
                "Flags": ["--no-plugins", "--token=hush-hush", "--acquire-job", "--build-path", "/x"],
                "Environment": { "GOOD": "1", "1BAD": "x", "DYLD_INSERT_LIBRARIES": "x", "LD_PRELOAD": "x", "BUILDKITE_AGENT_TOKEN": "hush-hush", "PATH": "/bin:." },
                "Path": "/nowhere/agent"
              },
              "Accounts": { "UidMin": 700000, "UidMax": 700010, "Shell": "" },
              "Network": {
                "Fence": "maybe", "Table": "filter",
                "Blocked": ["10.0.0.0/8", "10.0.0.1/8", "10.0.0.1", "fd00::/8", "::/0", "127.0.0.0/16", "fe80::%1/64", "somewhere"], "BlockedPorts": ["53", "0", "65536", "ssh"]
              },
              "Http": { "Addresses": ["localhost", "::1"], "ShowJobs": "perhaps", "Port": 70000 },
              "Health": "fine",
              "Log": { "Level": 3 },
              "Paths": { "State": "/var/lib/../lib/x", "Logs": "/var/log/same", "Run": "/var/log/same", "Homes": "/tmp/homes" },
              "Platform": { "Kind": "macos" },
              "Teardown": { "SharedPlaces": "/scratch" }
            }
            """,
            "nonsense");

        string[] expected =
        [
            "--set", "Accounts:Shell", "Accounts:UidMax", "Agent:Environment:1BAD", "Agent:Environment:BUILDKITE_AGENT_TOKEN",
            "Agent:Environment:DYLD_INSERT_LIBRARIES", "Agent:Environment:LD_PRELOAD", "Agent:Environment:PATH", "Agent:Flags:1",
            "Agent:Flags:2", "Agent:Flags:3", "Buidkite", "Buildkite:BusyPollInterval", "Buildkite:Endpoint",
            "Buildkite:PollInterval", "Buildkite:Queue", "Buildkite:Tags:1", "Buildkite:Tags:2", "Buildkite:TokenFile", "Health",
            "Http:Addresses:0", "Http:Port", "Http:Prt", "Http:ShowJobs", "Jobs:CancelGrace", "Jobs:Slots", "Jobs:TeardownBudget", "Jobs:Timeout", "Log:Level",
            "Network:Blocked:1", "Network:Blocked:2", "Network:Blocked:4", "Network:Blocked:5", "Network:Blocked:6", "Network:Blocked:7",
            "Network:BlockedPorts:1", "Network:BlockedPorts:2", "Network:BlockedPorts:3", "Network:Fence", "Network:Table",
            "Paths:Homes", "Paths:Logs", "Paths:Run", "Paths:State", "Platform:Kind", "Teardown:SharedPlaces",
        ];
        Assert.Equal(expected, audit.Faults.Select(fault => fault.Key).Distinct().Order(StringComparer.Ordinal));
        Assert.All(audit.Faults, fault => Assert.True(fault.Allowed.Length > 0 && fault.Remedy.Length > 0));
        Assert.DoesNotContain("hush-hush", Fault.Describe([.. audit.Faults]));
    }

    [Theory]
    [InlineData("00:02:30", "00:05:00", false)]
    [InlineData("00:02:30.001", "00:05:00", true)]
    [InlineData("00:04:59", "00:05:00", true)]
    public void Half_of_a_reservation_must_last_until_the_agent_has_taken_the_job(string deadline, string reservation, bool isFault)
    {
        var faults = _audits.OfFile($$"""{ "Jobs": { "StartDeadline": "{{deadline}}" }, "Buildkite": { "Reservation": "{{reservation}}" } }""").Faults;
        Assert.Equal(isFault ? ["Buildkite:Reservation"] : [], faults.Select(fault => fault.Key));
        Assert.All(faults, fault => Assert.Contains("at least twice Jobs:StartDeadline", fault.Allowed, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""{ "Jobs": { "Slotz": 1 } }""", "Jobs:Slotz", "Did you mean Jobs:Slots?")]
    [InlineData("""{ "Buildkite": { "Slots": 1 } }""", "Buildkite:Slots", "Did you mean Jobs:Slots?")]
    [InlineData("""{ "Teardown": { "KillBudget": "00:00:30" } }""", "Teardown:KillBudget", "Did you mean Jobs:KillBudget?")]
    [InlineData("""{ "Job": { "Slots": 1 } }""", "Job", "Did you mean Jobs?")]
    [InlineData("""{ "Jobs": { "Something": 1 } }""", "Jobs:Something", "Remove this key; nothing reads it.")]
    public void An_unknown_key_is_answered_with_what_was_probably_meant(string json, string key, string remedy)
    {
        var fault = Assert.Single(_audits.OfFile(json).Faults);
        Assert.Equal((key, remedy), (fault.Key, fault.Remedy));
    }

    [Fact]
    public void A_syntax_error_becomes_one_fault_that_names_the_line()
    {
        var fault = Assert.Single(_audits.OfFile("{\n  \"Jobs\": {\n    \"Slots\": 1 1\n  }\n}").Faults);
        Assert.Contains("line 3", fault.Remedy);
        Assert.EndsWith("macrunners.json", fault.Key);
    }

    [Fact]
    public void A_key_given_twice_is_a_fault() =>
        Assert.Contains("Jobs:slots", Assert.Single(_audits.OfFile("""{ "Jobs": { "Slots": 1, "slots": 2 } }""").Faults).Remedy);

    [Fact]
    public void A_file_that_is_named_must_exist() =>
        Assert.Equal(_audits["absent.json"], Assert.Single(_audits.Run(_audits["absent.json"]).Faults).Key);

    [Fact]
    public void The_environment_wins_over_the_file_and_the_command_line_over_both()
    {
        _audits.Environment["MACRUNNERS_Jobs__Slots"] = "3";
        _audits.Environment["MACRUNNERS_Accounts__Shell"] = "/bin/zsh";
        var audit = _audits.OfFile("""{ "Jobs": { "Slots": 2, "Timeout": "01:00:00" }, "Accounts": { "Shell": "/bin/sh" } }""", "Jobs:Slots=4", "Buildkite:Tags:0=os=linux");

        Assert.Empty(audit.Faults);
        Assert.Equal(4, audit.Settings.Jobs.Slots);
        Assert.Equal("/bin/zsh", audit.Settings.Accounts.Shell);
        Assert.Equal(TimeSpan.FromHours(1), audit.Settings.Jobs.Timeout);
        Assert.Equal(["os=linux"], audit.Settings.Buildkite.Tags);
        Assert.Equal("--set", audit.Configuration.SourceOf("Jobs:Slots"));
    }

    [Theory]
    [InlineData("Network:Blocked:0=203.0.113.0/24", "Buildkite:Endpoint=https://203.0.113.7/v3", "Network:Blocked:0")]
    [InlineData("Network:BlockedPorts:0=8443", "Buildkite:Endpoint=http://127.0.0.1:8443/v3", "Network:BlockedPorts:0")]
    public void What_would_keep_agents_from_Buildkite_is_a_fault(string setting, string endpoint, string key) =>
        Assert.Equal(key, Assert.Single(_audits.Run(null, setting, endpoint).Faults).Key);

    [Fact]
    public void A_fault_names_where_the_value_comes_from()
    {
        _audits.Environment["MACRUNNERS_Jobs__Slots"] = "none";
        Assert.Contains("environment", Assert.Single(_audits.Run(null).Faults).Source);
    }

    [Theory]
    [InlineData("Accounts:Home", "Volume", "folder on this system", "which only macOS has", "Accounts:Home=volume")]
    [InlineData("Accounts:Home", "Volume", "folder on this system", "which only macOS has", "Accounts:Home=volume", "Accounts:HomeQuotaBytes=5")]
    [InlineData("Accounts:HomeQuotaBytes", "5", "0, except with Accounts:Home volume", "nothing would limit a folder", "Accounts:HomeQuotaBytes=5")]
    public void Homes_that_this_system_cannot_have_are_a_fault(string key, string value, string allowed, string remedy, params string[] overrides)
    {
        var fault = Assert.Single(_audits.OfFile("{}", overrides).Faults, fault => fault.Key.StartsWith("Accounts:", StringComparison.Ordinal));

        Assert.Equal((key, value, allowed), (fault.Key, fault.Value, fault.Allowed));
        Assert.Contains(remedy, fault.Remedy);
    }

    [Fact]
    public void The_code_of_macOS_can_have_volumes_as_homes() => Assert.DoesNotContain(
        _audits.OfFile("{}", "Accounts:Home=volume", "Accounts:HomeQuotaBytes=5", "Platform:Kind=macos", "Platform:Root=/nowhere").Faults,
        fault => fault.Key.StartsWith("Accounts:", StringComparison.Ordinal));

    [Fact]
    public void Platform_defaults_fill_what_the_configuration_leaves_open()
    {
        var audit = _audits.Run(null, "Paths:State=/var/lib/macrunners-dev/mine");
        Assert.Equal("/var/lib/macrunners-dev/mine", audit.Settings.Paths.State);
        Assert.Equal(audit.Platform.Places.Logs, audit.Settings.Paths.Logs);
    }

    [Fact]
    public void Without_any_token_the_token_file_is_missing()
    {
        var audit = ConfigurationAudit.Run(
            new ConfigurationSources(null, _audits.Environment, []),
            _ => new MacRunners.Platform.Linux.LinuxPlatform(new MacRunners.Platform.Tool(TimeProvider.System), TimeSpan.FromSeconds(30), TimeProvider.System, NullLoggerFactory.Instance),
            hasTokenInEnvironment: false);
        Assert.Equal("Buildkite:TokenFile", Assert.Single(audit.Faults).Key);
    }

    [Fact]
    public void Effective_settings_hide_secrets()
    {
        var audit = _audits.Run(null, "Agent:Environment:SESAME=hush-hush", "Agent:Flags:0=--token", "Agent:Flags:1=hush-hush", "Agent:Flags:2=--token=hush-hush");
        var shown = new EffectiveSettings(audit);
        Assert.DoesNotContain("hush-hush", shown.Table() + shown.Json());
        Assert.Contains("SESAME", shown.Json());
    }

    [Fact]
    public void What_is_shown_as_json_is_a_valid_configuration()
    {
        var first = _audits.Run(null, "Jobs:Slots=7", "Buildkite:Tags:0=os=linux", "Buildkite:PollInterval=00:00:02.5");
        var second = _audits.OfFile(new EffectiveSettings(first).Json());
        Assert.Empty(second.Faults);
        Assert.Equal(7, second.Settings.Jobs.Slots);
        Assert.Equal(TimeSpan.FromSeconds(2.5), second.Settings.Buildkite.PollInterval);
    }
}
