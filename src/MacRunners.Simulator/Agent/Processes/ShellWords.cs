using System.Text;

namespace MacRunners.Simulator.Agent.Processes;

/// <summary>Splits a command line of the configuration (<c>--shell</c>, <c>--git-clone-flags</c>) into words, POSIX quoting.</summary>
internal static class ShellWords
{
    public static IReadOnlyList<string> Split(string line)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        var inWord = false;
        var quote = '\0';
        for (var i = 0; i < line.Length; i++)
        {
            var c = line[i];
            if (quote == '\0' && char.IsWhiteSpace(c))
            {
                Finish();
            }
            else if (c == '\\' && quote != '\'' && i + 1 < line.Length)
            {
                word.Append(line[++i]);
                inWord = true;
            }
            else if (quote == '\0' && c is '"' or '\'')
            {
                quote = c;
                inWord = true;
            }
            else if (c == quote && quote != '\0')
            {
                quote = '\0';
            }
            else
            {
                word.Append(c);
                inWord = true;
            }
        }

        if (quote != '\0')
        {
            throw new AgentFailureException($"unclosed {quote} in \"{line}\"");
        }

        Finish();
        return words;

        void Finish()
        {
            if (inWord)
            {
                words.Add(word.ToString());
                word.Clear();
                inWord = false;
            }
        }
    }

    /// <summary>One word of a POSIX shell, whatever it holds.</summary>
    public static string Quote(string word) =>
        word.Length > 0 && word.All(c => char.IsAsciiLetterOrDigit(c) || "_-./:=@%+,".Contains(c, StringComparison.Ordinal))
            ? word
            : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
