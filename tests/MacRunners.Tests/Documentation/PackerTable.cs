using System.Text;
using MacRunners.Tests.Images;
using MacRunners.Tests.Packaging;

namespace MacRunners.Tests.Documentation;

/// <summary>The documentation of the Packer template's variables, from the template.</summary>
internal static class PackerTable
{
    /// <summary>A Markdown table: variable, default, what it is.</summary>
    public static string Markdown()
    {
        var table = new StringBuilder("| Variable | Default | What |\n| --- | --- | --- |\n");
        foreach (var variable in HclBlock.Parse(File.ReadAllText(RepositoryRoot.PathOf("packaging", "packer", "variables.pkr.hcl"))).Of("variable"))
        {
            var value = variable.Attributes.TryGetValue("default", out var given) ? given == "\"\"" ? "empty" : $"`{given.Trim('"')}`" : "must be given";
            table.Append($"| `{variable.Labels.Single()}` | {value} | {variable.Attributes["description"].Trim('"')} |\n");
        }

        return table.ToString();
    }
}
