using System.CommandLine;
using MacRunners.Fleet.Orka;
using MacRunners.Fleet.Orka.Cli;

namespace MacRunners.Fleet.Commands;

/// <summary>The flags of every verb that talks to Orka. The token comes from the environment only.</summary>
internal sealed class OrkaFlags(FleetContext context)
{
    private const string Kubernetes = "kubernetes";
    private const string CommandLineTool = "orka3";
    private const string EndpointVariable = "ORKA_ENDPOINT";
    private readonly Option<string?> _endpoint = new("--orka-endpoint") { Description = $"Address of the Orka API (otherwise {EndpointVariable}). The token comes from ORKA_AUTH_TOKEN." };
    private readonly Option<string> _namespace = new("--namespace") { Description = "Namespace of the VMs.", DefaultValueFactory = _ => OrkaNames.SharedNamespace };
    private readonly Option<bool> _allowHttp = new("--allow-http") { Description = "Allow an address without encryption." };
    private readonly Option<string> _orka3 = new("--orka3") { Description = "Path of the orka3 program, logged in.", DefaultValueFactory = _ => CommandLineTool };
    private readonly Option<string> _driver = new("--driver")
    {
        Description = "kubernetes: custom resources, with ORKA_ENDPOINT and ORKA_AUTH_TOKEN. orka3: the command line tool with its own login.",
        DefaultValueFactory = _ => Kubernetes,
    };

    /// <summary>What names the address of the Orka API.</summary>
    public string EndpointSource(ParseResult parsed) => parsed.GetValue(_endpoint) is null ? EndpointVariable : _endpoint.Name;

    /// <summary>Adds them to a verb.</summary>
    public Command AddTo(Command command)
    {
        _driver.AcceptOnlyFromAmong(Kubernetes, CommandLineTool);
        foreach (var option in new Option[] { _endpoint, _namespace, _allowHttp, _driver, _orka3 })
        {
            command.Options.Add(option);
        }

        return command;
    }

    /// <summary>The namespace of the VMs.</summary>
    public string Namespace(ParseResult parsed) => parsed.GetValue(_namespace)!;

    /// <summary>The namespace that was asked for; null when none was.</summary>
    public string? GivenNamespace(ParseResult parsed) => parsed.GetResult(_namespace) is { Implicit: false } ? Namespace(parsed) : null;

    /// <summary>Connects by the driver that was asked for.</summary>
    /// <param name="parsed">The flags.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    /// <param name="inNamespace">Another namespace than that of the flags.</param>
    public async Task<IOrka> ConnectAsync(ParseResult parsed, CancellationToken cancellation, string? inNamespace = null) => parsed.GetValue(_driver) == CommandLineTool
        ? Tool(parsed, inNamespace)
        : await (Connection(parsed) with { Namespace = inNamespace ?? Namespace(parsed) }).ConnectAsync(context.Time, cancellation);

    /// <summary>The command line tool, whatever the driver.</summary>
    public Orka3 Tool(ParseResult parsed, string? inNamespace = null) => new(parsed.GetValue(_orka3)!, inNamespace ?? Namespace(parsed), context.Time);

    /// <summary>Checked settings of the Kubernetes driver.</summary>
    public OrkaConnection Connection(ParseResult parsed) => OrkaConnection.Create(
        parsed.GetValue(_endpoint) ?? context.Variable(EndpointVariable), context.Variable("ORKA_AUTH_TOKEN"), Namespace(parsed), parsed.GetValue(_allowHttp));
}
