using System.Globalization;

namespace MacRunners.Isolation;

/// <summary>An idea of what may be tried against a machine, and by what it is tried.</summary>
/// <param name="Number">With which scripts name it (<see cref="Attack.Cases"/>).</param>
/// <param name="Tried">What is tried, and what must hold.</param>
/// <param name="Scripts">Attacks of the catalogue that try it.</param>
/// <param name="Tests">Tests of the project that do, for what a script cannot bring about: project, type and method, without the product's name.</param>
/// <param name="NotTried">Why nothing tries it, or all of it; null when something does.</param>
internal sealed record AttackCase(int Number, string Tried, IReadOnlyList<string> Scripts, IReadOnlyList<string> Tests, string? NotTried)
{
    private const int Columns = 5;

    /// <summary>Why no attack that is made on a machine tries it; null when one does.</summary>
    public string? NoAttackBecause => Scripts.Count > 0 ? null : NotTried ?? "only the project's tests can bring it about";

    /// <summary>Reads a row of a table.</summary>
    /// <exception cref="InvalidDataException">It has other columns, no number, or names nothing that tries it and no reason.</exception>
    public static AttackCase Parse(string row)
    {
        string[] cells = [.. row.Trim().Trim('|').Split('|').Select(cell => cell.Trim())];
        if (cells.Length != Columns || !int.TryParse(cells[0], NumberStyles.None, CultureInfo.InvariantCulture, out var number) || cells[1].Length == 0 || cells[2..].All(cell => cell.Length == 0))
        {
            throw new InvalidDataException($"'{row}' is not '| number | what is tried | scripts | tests | not tried, because |'");
        }

        return new AttackCase(number, cells[1], Words(cells[2]), Words(cells[3]), cells[4].Length > 0 ? cells[4] : null);
    }

    private static string[] Words(string cell) => cell.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
