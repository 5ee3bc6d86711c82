using System.Runtime.CompilerServices;
using YamlDotNet.RepresentationModel;

namespace MacRunners.Fleet.Tests.Workflows;

/// <summary>A workflow, read as YAML.</summary>
internal sealed class Workflow
{
    private readonly YamlMappingNode _root;

    private Workflow(string path)
    {
        Name = System.IO.Path.GetFileName(path);
        Text = File.ReadAllText(path);
        var yaml = new YamlStream();
        yaml.Load(new StringReader(Text));
        _root = (YamlMappingNode)yaml.Documents.Single().RootNode;
    }

    public static IReadOnlyList<Workflow> All { get; } = [.. Directory.EnumerateFiles(Path.Combine(RepositoryRoot(), ".github", "workflows"), "*.yml").Order().Select(path => new Workflow(path))];

    public string Name { get; }

    public string Text { get; }

    public YamlNode? this[string key] => Get(_root, key);

    public IEnumerable<KeyValuePair<string, YamlMappingNode>> Jobs =>
        ((YamlMappingNode)this["jobs"]!).Children.Select(job => KeyValuePair.Create(((YamlScalarNode)job.Key).Value!, (YamlMappingNode)job.Value));

    /// <summary>Jobs that run here, and are not another workflow.</summary>
    public IEnumerable<KeyValuePair<string, YamlMappingNode>> OwnJobs => Jobs.Where(job => Get(job.Value, "uses") is null);

    public IEnumerable<YamlMappingNode> Steps => OwnJobs.SelectMany(job => ((YamlSequenceNode)Get(job.Value, "steps")!).Children.Cast<YamlMappingNode>());

    public IEnumerable<string> Scripts => Steps.Select(step => TextOf(step, "run")).OfType<string>();

    public static Workflow Of(string name) => All.Single(workflow => workflow.Name == name);

    public static YamlNode? Get(YamlNode? node, string key) => node is YamlMappingNode mapping && mapping.Children.TryGetValue(new YamlScalarNode(key), out var value) ? value : null;

    public static string? TextOf(YamlNode? node, string key) => (Get(node, key) as YamlScalarNode)?.Value;

    public static string RepositoryRoot([CallerFilePath] string here = "")
    {
        var folder = new DirectoryInfo(Path.GetDirectoryName(here)!);
        while (!File.Exists(Path.Combine(folder.FullName, "MacRunners.sln")))
        {
            folder = folder.Parent ?? throw new DirectoryNotFoundException("MacRunners.sln is in no folder above the tests");
        }

        return folder.FullName;
    }
}
