namespace MacRunners.Tests.Images;

/// <summary>A block of HCL: its labels, its attributes with their expressions as text, and the blocks in it. Anything else in the text is an error.</summary>
internal sealed class HclBlock
{
    private readonly Dictionary<string, string> _attributes = [];
    private readonly List<HclBlock> _blocks = [];

    private HclBlock(string type, IReadOnlyList<string> labels)
    {
        Type = type;
        Labels = labels;
    }

    internal string Type { get; }

    internal IReadOnlyList<string> Labels { get; }

    internal IReadOnlyDictionary<string, string> Attributes => _attributes;

    internal IReadOnlyList<HclBlock> Blocks => _blocks;

    /// <summary>All blocks of this type.</summary>
    internal IReadOnlyList<HclBlock> Of(string type) => [.. _blocks.Where(block => block.Type == type)];

    /// <summary>This block's expressions, and those of all below it.</summary>
    internal IEnumerable<string> Expressions => _attributes.Values.Concat(_blocks.SelectMany(block => block.Expressions));

    /// <summary>A whole file, as a block without a type.</summary>
    internal static HclBlock Parse(string text)
    {
        var root = new HclBlock("", []);
        var at = 0;
        Body(text, ref at, root);
        return at == text.Length ? root : throw new FormatException($"at {at}: a brace too many");
    }

    private static void Body(string text, ref int at, HclBlock block)
    {
        while (true)
        {
            Space(text, ref at);
            if (at == text.Length || text[at] == '}')
            {
                return;
            }

            var name = Name(text, ref at);
            Blank(text, ref at);
            if (text[at] == '=')
            {
                at++;
                var begin = at;
                Expression(text, ref at);
                if (!block._attributes.TryAdd(name, text[begin..at].Trim()))
                {
                    throw new FormatException($"{name} is there twice");
                }

                continue;
            }

            var labels = new List<string>();
            while (text[at] == '"')
            {
                var begin = at;
                Quoted(text, ref at);
                labels.Add(text[(begin + 1)..(at - 1)]);
                Blank(text, ref at);
            }

            if (text[at++] != '{')
            {
                throw new FormatException($"at {at}: after {name} there is neither = nor a block");
            }

            var inner = new HclBlock(name, labels);
            Body(text, ref at, inner);
            if (at == text.Length)
            {
                throw new FormatException($"{name} has no end");
            }

            at++;
            block._blocks.Add(inner);
        }
    }

    // To the end of the line, but for what brackets hold together.
    private static void Expression(string text, ref int at)
    {
        var depth = 0;
        while (at < text.Length && !(depth == 0 && text[at] is '\n' or '}'))
        {
            if (text[at] == '"')
            {
                Quoted(text, ref at);
                continue;
            }

            depth += text[at] switch { '(' or '[' or '{' => 1, ')' or ']' or '}' => -1, _ => 0 };
            at++;
        }
    }

    // With the templates in it, which may have quotes of their own.
    private static void Quoted(string text, ref int at)
    {
        at++;
        var depth = 0;
        while (depth > 0 || text[at] != '"')
        {
            if (text[at] == '\\')
            {
                at++;
            }
            else if (depth > 0 && text[at] == '"')
            {
                Quoted(text, ref at);
                continue;
            }
            else if (text[at] == '{' && (depth > 0 || text[at - 1] == '$'))
            {
                depth++;
            }
            else if (text[at] == '}' && depth > 0)
            {
                depth--;
            }

            at++;
        }

        at++;
    }

    private static string Name(string text, ref int at)
    {
        var begin = at;
        while (at < text.Length && (char.IsAsciiLetterOrDigit(text[at]) || text[at] is '_' or '-'))
        {
            at++;
        }

        return at > begin ? text[begin..at] : throw new FormatException($"at {at}: no name");
    }

    private static void Blank(string text, ref int at)
    {
        while (text[at] == ' ')
        {
            at++;
        }
    }

    private static void Space(string text, ref int at)
    {
        while (at < text.Length && (char.IsWhiteSpace(text[at]) || text[at] == '#'))
        {
            at = text[at] == '#' ? text.IndexOf('\n', at) : at + 1;
        }
    }
}
