using System.Text.Json.Nodes;

namespace MacRunners.Tests.Packaging;

/// <summary>Settings of the runtime that decide how much memory a program takes. The web SDK has others as its default.</summary>
public class MemoryTests
{
    [Theory]
    [InlineData("macrunners")]
    [InlineData("macrunners-sim")]
    public void There_is_one_heap_not_one_per_core(string program)
    {
        var settings = JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, $"{program}.runtimeconfig.json")))!["runtimeOptions"]!["configProperties"]!;

        Assert.Equal((false, false), (settings["System.GC.Server"]!.GetValue<bool>(), settings["System.GC.Concurrent"]!.GetValue<bool>()));
    }
}
