using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;

namespace MacRunners.Tests.Simulator;

/// <summary>An answer of the service, read completely.</summary>
internal sealed record Answer(HttpStatusCode Status, JsonNode? Body, HttpResponseHeaders Headers)
{
    public string Text(string field) => Body![field]!.GetValue<string>();

    public string? Message => (Body as JsonObject)?["message"]?.GetValue<string>();

    public string Header(string name) => Headers.GetValues(name).Single();

    public Answer Expect(HttpStatusCode status)
    {
        Assert.True(status == Status, $"expected {status}, got {Status}: {Body?.ToJsonString()}");
        return this;
    }
}
